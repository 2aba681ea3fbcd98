package market

import (
	"errors"
	"fmt"
	"maps"
)

// Kind is what a program can do about an error. frontend/web alone turns kinds
// into HTTP statuses.
type Kind uint8

// The kinds. An error that is not a *Error is Internal: logged with its
// request id, never shown.
const (
	KindInternal        Kind = iota
	KindInvalid              // the input is wrong; Field says where
	KindNotFound             // no such thing, or not yours to know of
	KindConflict             // right input at a wrong moment: sold out, stale, duplicate
	KindForbidden            // known, but not allowed
	KindUnauthenticated      // sign in first
	KindUnavailable          // try again later
)

// Error is the one error that crosses rooms. It carries a key and arguments;
// frontend/locale turns them into a sentence.
type Error struct {
	Kind  Kind
	Key   string // names the sentence: "stock.short"
	Field string // the input it is about: "lines/2/quantity", "phone"; may be empty
	Args  Args   // what the sentence needs to say
	Many  []*Error
}

// Args are the values a sentence needs, by name.
type Args map[string]any

func (e *Error) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("%s %v", e.Key, map[string]any(e.Args))
	}
	return fmt.Sprintf("%s (%s) %v", e.Key, e.Field, map[string]any(e.Args))
}

// With returns a copy with one more argument, or another value for it.
func (e *Error) With(name string, value any) *Error {
	c := *e
	c.Args = Args{}
	maps.Copy(c.Args, e.Args)
	c.Args[name] = value
	return &c
}

// At returns a copy about the given field.
func (e *Error) At(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// Invalid says that the input in field is wrong.
func Invalid(key, field string) *Error { return &Error{Kind: KindInvalid, Key: key, Field: field} }

// NotFound says that nothing of that name exists for this actor.
func NotFound(key string) *Error { return &Error{Kind: KindNotFound, Key: key} }

// Conflict says that the input is right but the moment is not.
func Conflict(key string) *Error { return &Error{Kind: KindConflict, Key: key} }

// Forbidden says that this actor may not do it.
func Forbidden(key string) *Error { return &Error{Kind: KindForbidden, Key: key} }

// Unauthenticated says that somebody must sign in first.
func Unauthenticated(key string) *Error { return &Error{Kind: KindUnauthenticated, Key: key} }

// Unavailable says that something we depend on does not answer now.
func Unavailable(key string) *Error { return &Error{Kind: KindUnavailable, Key: key} }

// KindOf returns the kind of err, KindInternal for errors that are not ours.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return KindInternal
}

// Checks gathers what is wrong with an input, so that a person hears of all
// mistakes at once.
type Checks struct{ found []*Error }

// Add notes err under field when err is not nil. An error that is not ours is
// noted as a plain invalid value.
func (c *Checks) Add(field string, err error) {
	if err == nil {
		return
	}
	var e *Error
	if !errors.As(err, &e) {
		e = Invalid("input.invalid", field)
	}
	if e.Field == "" {
		e = e.At(field)
	}
	c.found = append(c.found, e)
}

// That notes an invalid error when ok is false.
func (c *Checks) That(ok bool, field, key string) {
	if !ok {
		c.found = append(c.found, Invalid(key, field))
	}
}

// Err returns nil, the one error found, or the first with all in Many.
func (c *Checks) Err() error {
	if len(c.found) == 0 {
		return nil
	}
	first := *c.found[0]
	first.Many = c.found
	return &first
}
