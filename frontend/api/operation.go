package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"chohue/frontend/web"
)

// operation is what there is to say of a route besides its types.
type operation struct {
	method, path, id string
	tag              string
	vi, en           string // what it does, in a few words
	about            string // what a caller should know
	status           int    // of success; 200 when not said
	returns          any    // a value of the type that is answered; nil for an empty answer
	media            string // of the answer; JSON when not said
	headers          []string
	errors           []int // beside those that every operation of its kind has
	signedIn         bool  // somebody must have signed in
	settings
}

// settings are what the adapter does before the operation.
type settings struct {
	limit int64  // largest body in bytes; 0 for operations without one
	pace  string // class of its rate limit besides "read" or "write"
	once  once   // what an Idempotency-Key means
}

type once int

const (
	never         once = iota
	onceForPeople      // for whoever has signed in
	onceForAll         // for guests too: the path holds a secret
	onceNeeded         // it is about an order or money: nobody goes without
)

// Largest bodies, in bytes.
const (
	smallBody   = 16 << 10
	listingBody = 128 << 10
)

const settingsKey = "settings"

func (op operation) metadata() map[string]any { return map[string]any{settingsKey: op.settings} }

func settingsOf(op *huma.Operation) settings {
	s, _ := op.Metadata[settingsKey].(settings)
	return s
}

// add mounts an operation. The handler's errors become problems.
func add[I any](d *Door, op operation, do func(context.Context, *I) (*answer, error)) {
	huma.Register(d.api, d.describe(op), func(ctx context.Context, in *I) (*answer, error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, d.problem(ctx, op, err)
		}
		if c, ok := any(in).(conditional); ok {
			return out.unlessKnown(c.known()), nil
		}
		return out, nil
	})
}

// addPlain mounts an operation that reads its request by itself.
func (d *Door) addPlain(op operation, params []*huma.Param, body *huma.RequestBody, do func(*gin.Context) error) {
	described := d.describe(op)
	described.Parameters, described.RequestBody = params, body
	d.api.OpenAPI().AddOperation(&described)
	if a, ok := d.api.Adapter().(*adapter); ok {
		a.handle(&described, d.hall.Handle(do))
	}
}

// problem says err in the visitor's language and logs our own mistakes.
func (d *Door) problem(ctx context.Context, op operation, err error) *web.Problem {
	p := d.hall.Problem(ctx, err)
	if p.Status >= http.StatusInternalServerError && ctx.Err() == nil {
		d.cfg.Log.ErrorContext(ctx, "request failed", "request", web.RequestID(ctx), "operation", op.id, "error", err)
	}
	return p
}

// describe writes the operation down for OpenAPI.
func (d *Door) describe(op operation) huma.Operation {
	if op.status == 0 {
		op.status = http.StatusOK
	}
	if op.once != never {
		op.headers = append(slices.Clone(op.headers), web.ReplayedHeader)
	}
	described := huma.Operation{
		Method: op.method, Path: op.path, OperationID: op.id, Tags: []string{op.tag},
		Summary: op.vi + " / " + op.en, Description: op.about,
		DefaultStatus: op.status, MaxBodyBytes: -1, // the adapter has read it
		Metadata:  op.metadata(),
		Responses: d.responses(op),
	}
	if op.signedIn {
		described.Security = []map[string][]string{{"session": {}}}
	}
	if op.once != never {
		described.Parameters = append(described.Parameters, d.onceParam(op.once))
	}
	return described
}

func (d *Door) onceParam(o once) *huma.Param {
	return &huma.Param{
		Name: web.KeyHeader, In: "header", Required: o == onceNeeded,
		Description: "Chosen by the client before the first try, and kept until there is an answer: the request happens once, and repeated under " +
			"the same key it gets the same answer again, with Idempotent-Replayed: true. 409 while the first is under way, 422 with another body. " +
			"Keys are remembered for " + strconv.Itoa(int(d.hall.KeysKept().Hours())) + " hours.",
		Schema: &huma.Schema{Type: huma.TypeString, MaxLength: new(255)},
	}
}

func (d *Door) responses(op operation) map[string]*huma.Response {
	all := map[string]*huma.Response{strconv.Itoa(op.status): d.success(op)}
	if op.method == http.MethodGet && slices.Contains(op.headers, "ETag") {
		all["304"] = &huma.Response{Description: "Unchanged since the ETag in If-None-Match"}
	}
	problem := &huma.MediaType{Schema: d.schema(web.Problem{})}
	for _, status := range d.statuses(op) {
		all[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{"application/problem+json": problem},
		}
	}
	return all
}

// statuses lists every way in which the operation may fail.
func (d *Door) statuses(op operation) []int {
	all := append([]int{http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable}, op.errors...)
	if op.method != http.MethodGet {
		all = append(all, http.StatusForbidden)
	}
	if op.limit > 0 {
		all = append(all, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity)
	}
	if op.once != never {
		all = append(all, http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity)
	}
	if strings.Contains(op.path, "{") {
		all = append(all, http.StatusNotFound, http.StatusUnprocessableEntity)
	}
	if op.signedIn {
		all = append(all, http.StatusUnauthorized)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (d *Door) success(op operation) *huma.Response {
	r := &huma.Response{Description: http.StatusText(op.status)}
	for _, name := range op.headers {
		if r.Headers == nil {
			r.Headers = map[string]*huma.Param{}
		}
		r.Headers[name] = &huma.Header{Schema: &huma.Schema{Type: huma.TypeString}}
	}
	if op.returns == nil {
		return r
	}
	if op.media == "" {
		op.media = "application/json"
	}
	r.Content = map[string]*huma.MediaType{op.media: {Schema: d.schema(op.returns)}}
	return r
}

func (d *Door) schema(of any) *huma.Schema {
	t := reflect.TypeOf(of)
	return d.api.OpenAPI().Components.Schemas.Schema(t, true, t.Name())
}
