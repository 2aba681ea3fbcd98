package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"chohue/market"
)

// statuses is the only table from kinds to HTTP.
var statuses = map[market.Kind]int{
	market.KindInternal:        http.StatusInternalServerError,
	market.KindInvalid:         http.StatusUnprocessableEntity,
	market.KindNotFound:        http.StatusNotFound,
	market.KindConflict:        http.StatusConflict,
	market.KindForbidden:       http.StatusForbidden,
	market.KindUnauthenticated: http.StatusUnauthorized,
	market.KindUnavailable:     http.StatusServiceUnavailable,
}

// Problem is an error as RFC 9457 writes it. Type is stable and names the
// error's key; Title and Detail are in the visitor's language; Instance is the
// request's id. It is a huma.StatusError.
type Problem struct {
	Type     string       `json:"type" doc:"Names the kind of problem; stable" example:"/problems/stock.short"`
	Title    string       `json:"title" doc:"What kind of problem this is, in the language asked for"`
	Status   int          `json:"status" doc:"HTTP status"`
	Detail   string       `json:"detail,omitempty" doc:"What happened and what to do"`
	Instance string       `json:"instance,omitempty" doc:"Id of the request, to quote when asking for help"`
	Errors   []FieldError `json:"errors,omitempty" doc:"What is wrong, input by input"`

	Key   string        `json:"-"` // the error's key, for pages
	Retry time.Duration `json:"-"` // when to come back; zero for not said
}

// FieldError is what is wrong with one input.
type FieldError struct {
	Pointer string `json:"pointer" doc:"JSON Pointer to the input" example:"/lines/2/quantity"`
	Field   string `json:"field" doc:"The same as forms name it" example:"lines/2/quantity"`
	Detail  string `json:"detail" doc:"What is wrong and what to do"`
}

// NewFieldError says what is wrong with the input at field.
func NewFieldError(field, detail string) FieldError {
	return FieldError{Pointer: "/" + field, Field: field, Detail: detail}
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.Retry > 0 {
		h.Set("Retry-After", strconv.Itoa(seconds(p.Retry)))
	}
	return h
}

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// Write answers with the problem, its headers apart.
func (p *Problem) Write(w http.ResponseWriter) {
	body, err := json.Marshal(p)
	if err != nil { // sentences are plain strings, so this cannot be
		body = []byte(`{"type":"about:blank","status":500}`)
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body)
}

// In returns what is wrong with the field, "" for nothing.
func (p *Problem) In(field string) string {
	if p == nil {
		return ""
	}
	for _, e := range p.Errors {
		if e.Field == field {
			return e.Detail
		}
	}
	return ""
}

// Problem says err in the visitor's language. ctx is a gin context or the
// context of its request. A *Problem among err's causes is returned as it is.
func (h *Hall) Problem(ctx context.Context, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return h.problem(ctx, http.StatusRequestEntityTooLarge, "web.too_large", market.Args{"n": large.Limit >> 20})
	}
	var e *market.Error
	if !errors.As(err, &e) || e.Kind == market.KindInternal {
		return h.problem(ctx, http.StatusInternalServerError, "web.internal", market.Args{"id": RequestID(ctx)})
	}
	status, retry := waited(e)
	p = h.problem(ctx, status, e.Key, e.Args)
	p.Errors, p.Retry = h.fields(ctx, e), retry
	return p
}

// StatusProblem is a problem outside the table of kinds, such as those that
// huma finds in a request before any room hears of it.
func (h *Hall) StatusProblem(ctx context.Context, status int, key string, fields ...FieldError) *Problem {
	p := h.problem(ctx, status, key, nil)
	p.Errors = fields
	return p
}

// soon is when to come back after an unavailable error that does not say.
const soon = 5 * time.Second

// waited reads how long to wait: an unavailable error that says so is not our
// weakness but the caller's haste, which HTTP calls 429.
func waited(e *market.Error) (status int, retry time.Duration) {
	if e.Kind != market.KindUnavailable {
		return statuses[e.Kind], 0
	}
	if wait, ok := e.Args["wait"].(time.Duration); ok {
		return http.StatusTooManyRequests, wait
	}
	return http.StatusServiceUnavailable, soon
}

func (h *Hall) problem(ctx context.Context, status int, key string, args market.Args) *Problem {
	lang := Lang(ctx)
	return &Problem{
		Type: "/problems/" + key, Key: key, Status: status, Instance: RequestID(ctx),
		Title:  h.deps.Words.Sentence(lang, "problem."+strconv.Itoa(status), nil),
		Detail: h.deps.Words.Sentence(lang, key, args),
	}
}

func (h *Hall) fields(ctx context.Context, e *market.Error) []FieldError {
	many := e.Many
	if len(many) == 0 && e.Field != "" {
		many = []*market.Error{e}
	}
	var fields []FieldError
	for _, one := range many {
		fields = append(fields, NewFieldError(one.Field, h.deps.Words.Sentence(Lang(ctx), one.Key, one.Args)))
	}
	return fields
}

// seconds rounds up, so that nobody comes back too early.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
