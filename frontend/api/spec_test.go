package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// spec is what the tests read of the served description.
type spec struct {
	OpenAPI    string                       `json:"openapi"`
	Paths      map[string]map[string]specOp `json:"paths"`
	Components struct {
		Schemas map[string]*specSchema `json:"schemas"`
	} `json:"components"`
}

type specOp struct {
	ID          string `json:"operationId"`
	Summary     string `json:"summary"`
	Parameters  []specParam
	RequestBody *struct {
		Content map[string]struct{ Schema *specSchema }
	}
	Responses map[string]struct {
		Content map[string]struct{ Schema *specSchema }
	}

	method, path string
}

type specParam struct {
	Name, In string
	Required bool
	Schema   *specSchema
}

type specSchema struct {
	Ref        string `json:"$ref"`
	Type       any
	Properties map[string]*specSchema
	Required   []string
	Items      *specSchema
	Enum       []any
	Pattern    string
	Additional any `json:"additionalProperties"`
}

func (s *shop) served() spec {
	s.t.Helper()
	w := s.guest().do("GET", "/openapi.json", nil)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/openapi+json" {
		s.t.Fatalf("openapi: %d %s", w.Code, w.Header())
	}
	var out spec
	s.must(json.Unmarshal(w.Body.Bytes(), &out))
	return out
}

// operations lists them in a fixed order.
func (p spec) operations() []specOp {
	var all []specOp
	for _, path := range slices.Sorted(maps.Keys(p.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(p.Paths[path])) {
			op := p.Paths[path][method]
			op.method, op.path = strings.ToUpper(method), path
			all = append(all, op)
		}
	}
	return all
}

func (p spec) resolve(s *specSchema) *specSchema {
	for s != nil && s.Ref != "" {
		s = p.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	return s
}

func (s *specSchema) kind() string {
	switch t := s.Type.(type) {
	case string:
		return t
	case []any:
		for _, one := range t {
			if one != "null" {
				name, _ := one.(string)
				return name
			}
		}
	}
	return ""
}

func (op specOp) json() *specSchema {
	if op.RequestBody == nil {
		return nil
	}
	return op.RequestBody.Content[mediaJSON].Schema
}

func TestTheDescriptionIsWhole(t *testing.T) {
	s := openShop(t)
	served := s.served()
	if served.OpenAPI != "3.1.0" {
		t.Errorf("openapi %s", served.OpenAPI)
	}
	ids := map[string]bool{}
	for _, op := range served.operations() {
		if op.ID == "" || ids[op.ID] {
			t.Errorf("%s %s: operation id %q", op.method, op.path, op.ID)
		}
		ids[op.ID] = true
		if vi, en, found := strings.Cut(op.Summary, " / "); !found || vi == "" || en == "" {
			t.Errorf("%s says %q", op.ID, op.Summary)
		}
		for _, status := range []string{"429", "500", "503"} {
			if op.Responses[status].Content["application/problem+json"].Schema == nil {
				t.Errorf("%s does not describe %s", op.ID, status)
			}
		}
	}
	for _, kept := range []string{
		"GET /products", "GET /products/{product}", "GET /search", "POST /carts", "PUT /carts/{cart}/lines/{variant}",
		"POST /carts/{cart}/checkout", "GET /orders/{order}", "POST /payments/{provider}/notices",
	} {
		method, path, _ := strings.Cut(kept, " ")
		if served.Paths[path][strings.ToLower(method)].ID == "" {
			t.Errorf("%s is gone: others measure against it", kept)
		}
	}
	if w := s.guest().do("GET", "/openapi.yaml", nil); !strings.HasPrefix(w.Body.String(), "components:") && !strings.Contains(w.Body.String(), "openapi: 3.1.0") {
		t.Errorf("yaml: %.80s", w.Body)
	}
}

// TestEveryInputObjectIsClosed: a misspelt field is refused, not forgotten.
func TestEveryInputObjectIsClosed(t *testing.T) {
	s := openShop(t)
	served := s.served()
	for _, op := range served.operations() {
		if body := served.resolve(op.json()); body != nil {
			served.closed(t, op.ID, body)
		}
	}
}

func (p spec) closed(t *testing.T, at string, s *specSchema) {
	t.Helper()
	if s.kind() == "object" && s.Additional != false {
		t.Errorf("%s takes unknown fields", at)
	}
	for name, inner := range s.Properties {
		p.closed(t, at+"/"+name, p.resolve(inner))
	}
	if s.Items != nil {
		p.closed(t, at+"/0", p.resolve(s.Items))
	}
}

// conforms reports how an answer differs from what the operation says.
func (s *shop) conforms(op specOp, status string, body []byte) []error {
	described := s.api.OpenAPI().Paths[op.path]
	var found *huma.Operation
	switch op.method {
	case http.MethodGet:
		found = described.Get
	case http.MethodPost:
		found = described.Post
	case http.MethodPut:
		found = described.Put
	case http.MethodPatch:
		found = described.Patch
	case http.MethodDelete:
		found = described.Delete
	}
	media := found.Responses[status].Content[mediaJSON]
	if media == nil {
		return nil
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return []error{err}
	}
	res := &huma.ValidateResult{}
	huma.Validate(s.api.OpenAPI().Components.Schemas, media.Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, value, res)
	return res.Errors
}
