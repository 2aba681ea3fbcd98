package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"chohue/market"
)

var (
	_ huma.StatusError       = (*Problem)(nil)
	_ huma.HeadersError      = (*Problem)(nil)
	_ huma.ContentTypeFilter = (*Problem)(nil)
)

// failing answers err at /api/fail in the language and returns the problem.
func (h *house) failing(err error) {
	h.Router().GET("/api/fail", h.Handle(func(*gin.Context) error { return err }))
}

func TestKindsBecomeStatuses(t *testing.T) {
	for _, tt := range []struct {
		err    error
		status int
	}{
		{market.Invalid("phone.invalid", "phone"), 422},
		{market.NotFound("store.missing"), 404},
		{market.Conflict("store.exists"), 409},
		{market.Forbidden("accounts.operator_only"), 403},
		{market.Unauthenticated("signin.needed"), 401},
		{market.Unavailable("code.not_sent"), 503},
		{market.Unavailable("signin.too_many").With("wait", time.Minute), 429},
		{fmt.Errorf("deep: %w", market.NotFound("store.missing")), 404},
		{errors.New("disk is full of /secret/path"), 500},
		{&market.Error{Kind: market.KindInternal, Key: "x"}, 500},
		{&Problem{Status: 418, Type: "/problems/teapot"}, 418},
	} {
		h := open(t, nil)
		h.failing(tt.err)
		w := h.browser().do("GET", "/api/fail", "")
		if w.Code != tt.status || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%v: %d %s", tt.err, w.Code, w.Header().Get("Content-Type"))
		}
		if got := Status(tt.err); got != tt.status && tt.status != 418 {
			t.Errorf("%v: a form is shown with %d, want %d as the API says", tt.err, got, tt.status)
		}
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%v: shown as %s", tt.err, w.Body)
		}
		logged := strings.Contains(h.log.String(), "request failed")
		if logged != (tt.status >= 500) {
			t.Errorf("%v: logged %v", tt.err, logged)
		}
	}
}

func TestProblemInFull(t *testing.T) {
	h := open(t, nil)
	var c market.Checks
	c.That(false, "lines/2/quantity", "input.invalid")
	c.Add("password", market.Invalid("password.short", "").With("n", 8))
	h.failing(c.Err())
	b := h.browser()
	for lang, want := range map[string]string{
		"vi": `{
  "type": "/problems/input.invalid",
  "title": "Còn chỗ cần sửa",
  "status": 422,
  "detail": "Giá trị chưa đúng. Hãy kiểm tra lại.",
  "instance": "ID",
  "errors": [
    {
      "pointer": "/lines/2/quantity",
      "field": "lines/2/quantity",
      "detail": "Giá trị chưa đúng. Hãy kiểm tra lại."
    },
    {
      "pointer": "/password",
      "field": "password",
      "detail": "Mật khẩu cần ít nhất 8 ký tự."
    }
  ]
}`,
		"en": `{
  "type": "/problems/input.invalid",
  "title": "Something needs mending",
  "status": 422,
  "detail": "The value is not right. Please check it.",
  "instance": "ID",
  "errors": [
    {
      "pointer": "/lines/2/quantity",
      "field": "lines/2/quantity",
      "detail": "The value is not right. Please check it."
    },
    {
      "pointer": "/password",
      "field": "password",
      "detail": "The password needs at least 8 characters."
    }
  ]
}`,
	} {
		w := b.do("GET", "/api/fail?lang="+lang, "")
		var p Problem
		must(t, json.Unmarshal(w.Body.Bytes(), &p))
		pretty, err := json.MarshalIndent(p, "", "  ")
		must(t, err)
		got := strings.ReplaceAll(string(pretty), w.Header().Get("X-Request-Id"), "ID")
		diff(t, got, want)
	}
}

func TestWaitingIsSaidInSeconds(t *testing.T) {
	h := open(t, nil)
	h.failing(market.Unavailable("signin.too_many").With("wait", 90*time.Second+time.Millisecond).With("n", 2))
	w := h.browser().do("GET", "/api/fail", "")
	if got := w.Header().Get("Retry-After"); got != "91" {
		t.Errorf("Retry-After = %s, want 91", got)
	}
}

func TestEveryStatusHasATitleInBothLanguages(t *testing.T) {
	h := open(t, nil)
	for _, status := range []int{400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429, 500, 503} {
		for _, lang := range []string{"vi", "en"} {
			if !h.deps.Words.Has(lang, fmt.Sprint("problem.", status)) {
				t.Errorf("%d has no title in %s", status, lang)
			}
		}
		if http.StatusText(status) == "" {
			t.Errorf("%d is no status", status)
		}
	}
}

func TestProblemOutsideARequest(t *testing.T) {
	h := open(t, nil)
	p := h.Problem(t.Context(), market.Invalid("phone.invalid", "phone"))
	if p.Status != 422 || p.In("phone") == "" || p.In("other") != "" || p.Instance != "" {
		t.Errorf("problem = %+v", p)
	}
	if (*Problem)(nil).In("phone") != "" {
		t.Error("no problem says something")
	}
}
