package market_test

import (
	"errors"
	"fmt"
	"testing"

	"chohue/market"
)

// fieldsOf lists the fields that an error is about.
func fieldsOf(err error) []string {
	var e *market.Error
	if !errors.As(err, &e) {
		return nil
	}
	var fields []string
	for _, one := range e.Many {
		fields = append(fields, one.Field)
	}
	return fields
}

func TestKindOf(t *testing.T) {
	for want, err := range map[market.Kind]error{
		market.KindInvalid:         market.Invalid("a", "b"),
		market.KindNotFound:        fmt.Errorf("wrapped: %w", market.NotFound("a")),
		market.KindConflict:        errors.Join(errors.New("other"), market.Conflict("a")),
		market.KindForbidden:       market.Forbidden("a"),
		market.KindUnauthenticated: market.Unauthenticated("a"),
		market.KindUnavailable:     market.Unavailable("a"),
		market.KindInternal:        errors.New("disk full"),
	} {
		if got := market.KindOf(err); got != want {
			t.Errorf("%v has kind %d, want %d", err, got, want)
		}
	}
}

func TestErrorIsCopiedNotChanged(t *testing.T) {
	base := market.Conflict("stock.short")
	said := base.With("left", 3).With("wanted", 5).At("lines/2")
	if got, want := said.Error(), "stock.short (lines/2) map[left:3 wanted:5]"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if base.Args != nil || base.Field != "" {
		t.Errorf("the first error became %v", base)
	}
	if got := said.With("left", 2).Args["left"]; got != 2 {
		t.Errorf("left is %v, want the later 2", got)
	}
}

func TestChecks(t *testing.T) {
	var c market.Checks
	c.Add("a", nil)
	c.That(true, "b", "x")
	if err := c.Err(); err != nil {
		t.Fatalf("%v with nothing wrong", err)
	}
	c.That(false, "name", "name.short")
	c.Add("price", errors.New("strconv"))
	c.Add("line", market.Conflict("stock.short"))
	c.Add("other", market.Invalid("phone.form", "phone"))
	err := c.Err()
	if got := fmt.Sprint(fieldsOf(err)); got != "[name price line phone]" {
		t.Errorf("fields %s", got)
	}
	var first *market.Error
	if !errors.As(err, &first) || first.Key != "name.short" || first.Many[1].Key != "input.invalid" || first.Many[2].Kind != market.KindConflict {
		t.Errorf("error %+v", first)
	}
}
