package api

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"chohue/frontend/web"
	"chohue/market"
)

// mend turns what huma finds wrong with a request into the market's problem,
// in the visitor's language.
func (d *Door) mend(ctx huma.Context, _ string, v any) (any, error) {
	found, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	c := ctx.Context()
	key := "api.invalid"
	switch found.Status {
	case http.StatusBadRequest:
		if key = "api.json"; len(found.Errors) == 0 {
			key = "api.body_missing"
		}
		return d.hall.StatusProblem(c, found.Status, key), nil
	case http.StatusUnsupportedMediaType:
		return d.hall.StatusProblem(c, found.Status, "api.media"), nil
	}
	return d.hall.StatusProblem(c, found.Status, key, fields(c, found.Errors)...), nil
}

// mostFields bounds what a request full of mistakes gets back.
const mostFields = 50

func fields(ctx context.Context, found []*huma.ErrorDetail) []web.FieldError {
	say := web.T(ctx)
	var all []web.FieldError
	for _, e := range found[:min(len(found), mostFields)] {
		m := read(e.Message)
		one := web.NewFieldError(field(e.Location, m.name), say(m.key, "n", m.n))
		if one.Field == "" && e.Location == "body" {
			one.Pointer = "" // the whole body (RFC 6901)
		}
		all = append(all, one)
	}
	return all
}

// finding is one of huma's sentences, understood.
type finding struct {
	key  string
	n    string // the bound that was not kept
	name string // the input that is missing
}

// sentence is how huma says something, and what the market says for it.
type sentence struct {
	form *regexp.Regexp
	key  string
}

// sentences are built from the templates that huma itself uses.
var sentences = []sentence{
	template(validation.MsgExpectedRequiredProperty, "api.missing"),
	template("required query parameter is missing", "api.missing"),
	template("required header parameter is missing", "api.missing"),
	template("required path parameter is missing", "api.missing"),
	template(validation.MsgUnexpectedProperty, "api.unknown"),
	template(validation.MsgExpectedString, "api.want_text"),
	template(validation.MsgExpectedInteger, "api.want_integer"),
	template("invalid integer", "api.want_integer"),
	template(validation.MsgExpectedNumber, "api.want_integer"),
	template(validation.MsgExpectedBoolean, "api.want_boolean"),
	template("invalid boolean", "api.want_boolean"),
	template(validation.MsgExpectedArray, "api.want_array"),
	template(validation.MsgExpectedObject, "api.want_object"),
	template(validation.MsgExpectedMinimumNumber, "api.least"),
	template(validation.MsgExpectedMaximumNumber, "api.most"),
	template(validation.MsgExpectedMinLength, "api.short"),
	template(validation.MsgExpectedMaxLength, "api.long"),
	template(validation.MsgExpectedMinItems, "api.few"),
	template(validation.MsgExpectedMaxItems, "api.many"),
	template(validation.MsgExpectedOneOf, "api.one_of"),
	template(validation.MsgExpectedMatchPattern, "api.form"),
	template(validation.MsgExpectedBePattern, "api.form"),
}

var gap = regexp.MustCompile(`%[a-z]`)

func template(said, key string) sentence {
	return sentence{regexp.MustCompile("^" + gap.ReplaceAllString(regexp.QuoteMeta(said), "(.*)") + "$"), key}
}

func read(message string) finding {
	for _, s := range sentences {
		m := s.form.FindStringSubmatch(message)
		if m == nil {
			continue
		}
		f := finding{key: s.key}
		if len(m) > 1 {
			f.n = strings.ReplaceAll(m[1], `", "`, ", ")
		}
		if said := m[1:]; s.key == "api.missing" && len(said) > 0 {
			f.name = said[0]
		}
		return f
	}
	return finding{key: "input.invalid"}
}

const longestField = 120

// field turns huma's "body.variants[0].price" into "variants/0/price".
func field(location, missing string) string {
	_, path, _ := strings.Cut(location, ".")
	path = strings.NewReplacer("[", "/", "]", "", ".", "/").Replace(path)
	if missing != "" {
		path = strings.TrimPrefix(path+"/"+missing, "/")
	}
	if len(path) > longestField {
		path = strings.ToValidUTF8(path[:longestField], "")
	}
	return path
}

// relocate renames the fields of a room's error to those of the request.
func relocate(err error, rename func(string) string) error {
	var e *market.Error
	if !errors.As(err, &e) {
		return err
	}
	moved := *e
	if e.Field != "" {
		moved.Field = rename(e.Field)
	}
	moved.Many = make([]*market.Error, len(e.Many))
	for i, one := range e.Many {
		moved.Many[i] = one
		if one.Field != "" {
			moved.Many[i] = one.At(rename(one.Field))
		}
	}
	return &moved
}
