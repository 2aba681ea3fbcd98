package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"chohue/accounts"
	"chohue/cooperatives"
	"chohue/frontend/locale"
	"chohue/market"
	"chohue/store/sqlite"
)

// house is the hall with real rooms behind it and a few routes before it.
type house struct {
	*Hall
	accounts *accounts.Service
	sellers  *cooperatives.Service
	inbox    *accounts.Inbox
	log      *bytes.Buffer
	registry *prometheus.Registry

	mu  sync.Mutex
	now time.Time
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func open(t testing.TB, change func(*Config, *Deps)) *house {
	t.Helper()
	e, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "market.db"))
	must(t, err)
	t.Cleanup(func() { _ = e.Close() })
	h := &house{now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), log: &bytes.Buffer{}, registry: prometheus.NewRegistry()}
	env := market.NewEnv(h.clock)
	areas, err := market.LoadAreas()
	must(t, err)
	words, err := locale.Load()
	must(t, err)
	h.inbox, err = accounts.NewInbox(t.Context(), e, env)
	must(t, err)
	rules := accounts.DefaultRules()
	rules.Argon.Memory, rules.Argon.Iterations = 64, 1
	h.accounts, err = accounts.NewWithRules(t.Context(), e, env, h.inbox, rules)
	must(t, err)
	h.sellers, err = cooperatives.New(t.Context(), e, env, areas)
	must(t, err)
	cfg, deps := DefaultConfig(), Deps{
		Engine: e, Env: env, Log: slog.New(LogHandler(slog.NewJSONHandler(h.log, nil))), Metrics: h.registry,
		Words: words, Sessions: h.accounts, People: h.accounts, Sellers: h.sellers,
	}
	if change != nil {
		change(&cfg, &deps)
	}
	h.Hall, err = New(t.Context(), cfg, deps)
	must(t, err)
	h.routes()
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// routes are small doors through which tests look at the hall.
func (h *house) routes() {
	r := h.Router()
	Get(r, "/who", h.Handle(func(c *gin.Context) error {
		c.JSON(http.StatusOK, gin.H{"actor": Actor(c), "lang": Lang(c), "cart": Value(c, "cart")})
		return nil
	}))
	r.POST("/keep/:value", h.Handle(func(c *gin.Context) error { return SetValue(c, "cart", c.Param("value")) }))
	r.POST("/in", h.Handle(h.signIn))
	r.POST("/out", h.Handle(func(c *gin.Context) error { return SignOut(c) }))
	r.GET("/orders/:id", h.Handle(func(*gin.Context) error { return market.NotFound("store.missing") }))
	r.POST("/api/v1/payments/:provider/notices", func(c *gin.Context) { c.Status(http.StatusNoContent) })
}

func (h *house) signIn(c *gin.Context) error {
	session, token, err := h.accounts.SignIn(c, c.PostForm("phone"), c.PostForm("code"), Device(c))
	if err != nil {
		return err
	}
	return SignIn(c, session, token)
}

// browser keeps cookies as browsers do.
type browser struct {
	h       *house
	cookies map[string]string
	header  http.Header
}

func (h *house) browser() *browser {
	return &browser{h: h, cookies: map[string]string{}, header: http.Header{}}
}

func (b *browser) do(method, target, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.1:1234"
	r.Header = b.header.Clone()
	if body != "" && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.h.Router().ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		b.cookies[cookie.Name] = cookie.Value
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		}
	}
	return w
}

func (b *browser) signIn(t testing.TB, phone string) {
	t.Helper()
	b.h.pass(time.Millisecond) // so that this code is the newest
	must(t, b.h.accounts.RequestCode(t.Context(), phone, "vi", ""))
	messages, err := b.h.inbox.Messages(t.Context(), 1)
	must(t, err)
	if w := b.do("POST", "/in", "phone="+phone+"&code="+messages[0].Code); w.Code != http.StatusOK {
		t.Fatalf("sign in: %d %s", w.Code, w.Body)
	}
}

type who struct {
	Actor market.Actor
	Lang  string
	Cart  string
}

func (b *browser) who(t *testing.T) who {
	t.Helper()
	w := b.do("GET", "/who", "")
	var got who
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
		t.Fatalf("who: %d %s", w.Code, w.Body)
	}
	return got
}

func TestHeaders(t *testing.T) {
	for _, secure := range []bool{false, true} {
		h := open(t, func(c *Config, _ *Deps) { c.Secure = secure })
		for _, target := range []string{"/who", "/none", "/orders/1"} {
			got := h.browser().do("GET", target, "").Header()
			want := map[string]string{
				"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
				"Referrer-Policy":            "strict-origin-when-cross-origin",
				"Cross-Origin-Opener-Policy": "same-origin", "Strict-Transport-Security": "",
			}
			if secure {
				want["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
			}
			for name, value := range want {
				if got.Get(name) != value {
					t.Errorf("%s, secure %v: %s is %q, want %q", target, secure, name, got.Get(name), value)
				}
			}
			csp := got.Get("Content-Security-Policy")
			for _, part := range []string{"default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"} {
				if !strings.Contains(csp, part) {
					t.Errorf("%s: policy %q lacks %s", target, csp, part)
				}
			}
			if strings.Contains(csp, "unsafe") || len(got.Get("X-Request-Id")) != 26 {
				t.Errorf("%s: policy %q, request %q", target, csp, got.Get("X-Request-Id"))
			}
		}
	}
}

func TestFormsMayLeadToAWallet(t *testing.T) {
	h := open(t, func(c *Config, _ *Deps) { c.FormTargets = []string{"https://test-payment.momo.vn"} })
	csp := h.browser().do("GET", "/who", "").Header().Get("Content-Security-Policy")
	if !strings.Contains(csp, "form-action 'self' https://test-payment.momo.vn;") {
		t.Errorf("policy = %q", csp)
	}
}

func TestLanguage(t *testing.T) {
	h := open(t, nil)
	tests := []struct{ query, cookie, accept, want string }{
		{"", "", "", "vi"},
		{"", "", "en-GB,en;q=0.8", "en"},
		{"", "", "fr,en;q=0.5,vi;q=0.7", "vi"},
		{"", "", "vi;q=0,en;q=0.1", "en"},
		{"", "", "en;q=x,de", "vi"},
		{"", "", strings.Repeat(",", 10000) + "en", "vi"},
		{"", "en", "vi", "en"},
		{"", "fr", "en", "en"},
		{"?lang=vi", "en", "en", "vi"},
		{"?lang=<script>", "", "en", "en"},
	}
	for _, tt := range tests {
		b := h.browser()
		b.header.Set("Accept-Language", tt.accept)
		if tt.cookie != "" {
			b.cookies["lang"] = tt.cookie
		}
		var got who
		w := b.do("GET", "/who"+tt.query, "")
		must(t, json.Unmarshal(w.Body.Bytes(), &got))
		if got.Lang != tt.want {
			t.Errorf("%+v: %s", tt, got.Lang)
		}
	}
	b := h.browser()
	b.do("GET", "/who?lang=en", "")
	if got := b.who(t).Lang; got != "en" {
		t.Errorf("the next page is in %s, want en", got)
	}
}

func TestCrossOrigin(t *testing.T) {
	h := open(t, nil)
	tests := []struct {
		method, target, site, origin string
		want                         int
	}{
		{"POST", "/keep/1", "cross-site", "", http.StatusForbidden},
		{"POST", "/keep/1", "same-site", "", http.StatusForbidden},
		{"POST", "/keep/1", "", "https://evil.example", http.StatusForbidden},
		{"POST", "/keep/1", "", "null", http.StatusForbidden},
		{"POST", "/keep/1", "same-origin", "", http.StatusOK},
		{"POST", "/keep/1", "", "http://example.com", http.StatusOK},
		{"POST", "/keep/1", "", "", http.StatusOK},
		{"GET", "/who", "cross-site", "", http.StatusOK},
		{"POST", "/api/v1/payments/sandbox/notices", "cross-site", "https://wallet.example", http.StatusNoContent},
	}
	for _, tt := range tests {
		b := h.browser()
		b.header.Set("Sec-Fetch-Site", tt.site)
		b.header.Set("Origin", tt.origin)
		w := b.do(tt.method, tt.target, "")
		if w.Code != tt.want {
			t.Errorf("%+v: %d %s", tt, w.Code, w.Body)
		}
		if w.Code == http.StatusForbidden && len(b.cookies) != 0 {
			t.Errorf("%+v: a refused request kept something: %v", tt, b.cookies)
		}
	}
}

func TestBodiesAreLimited(t *testing.T) {
	h := open(t, func(c *Config, _ *Deps) { c.MaxBody, c.MaxUpload = 1<<20, 2<<20 })
	h.Router().POST("/read", h.Handle(func(c *gin.Context) error {
		_, err := io.Copy(io.Discard, c.Request.Body)
		return err
	}))
	send := func(size int, contentType string, told bool) int {
		r := httptest.NewRequest("POST", "/read", bytes.NewReader(make([]byte, size)))
		r.Header.Set("Content-Type", contentType)
		if !told {
			r.ContentLength = -1
		}
		w := httptest.NewRecorder()
		h.Router().ServeHTTP(w, r)
		return w.Code
	}
	for _, told := range []bool{true, false} {
		if got := send(1<<20, "application/json", told); got != http.StatusOK {
			t.Errorf("at the limit, length told %v: %d", told, got)
		}
		if got := send(1<<20+1, "application/json", told); got != http.StatusRequestEntityTooLarge {
			t.Errorf("over the limit, length told %v: %d", told, got)
		}
		if got := send(2<<20, "multipart/form-data; boundary=x", told); got != http.StatusOK {
			t.Errorf("upload, length told %v: %d", told, got)
		}
		if got := send(2<<20+1, "multipart/form-data; boundary=x", told); got != http.StatusRequestEntityTooLarge {
			t.Errorf("large upload, length told %v: %d", told, got)
		}
	}
}

func TestAPanicIsALogged500(t *testing.T) {
	h := open(t, nil)
	h.Router().GET("/api/panic", func(*gin.Context) { panic("mắm nêm") })
	w := h.browser().do("GET", "/api/panic", "")
	id := w.Header().Get("X-Request-Id")
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), id) || strings.Contains(w.Body.String(), "mắm") {
		t.Errorf("answer = %d %s", w.Code, w.Body)
	}
	if log := h.log.String(); !strings.Contains(log, "mắm nêm") || strings.Count(log, id) < 2 || !strings.Contains(log, `"status":500`) {
		t.Errorf("log = %s", log)
	}
}

func TestAPanicAfterTheAnswerBeganCutsIt(t *testing.T) {
	h := open(t, nil)
	h.Router().GET("/half", func(c *gin.Context) {
		c.String(http.StatusOK, "half a ")
		panic("the rest is missing")
	})
	server := httptest.NewServer(h.Router())
	defer server.Close()
	answer, err := http.Get(server.URL + "/half")
	if err == nil {
		_, err = io.ReadAll(answer.Body)
		_ = answer.Body.Close()
	}
	if err == nil {
		t.Error("half an answer passed for a whole one")
	}
}

func TestTheLogHoldsNoSecrets(t *testing.T) {
	h := open(t, nil)
	b := h.browser()
	b.signIn(t, "0905123012")
	b.do("GET", "/orders/SECRETCART?phone=0905123012&key=SECRETKEY", "")
	b.do("GET", "/SECRETPATH", "")
	log := h.log.String()
	for _, secret := range []string{"0905123012", "905123012", "SECRET", b.cookies["chohue"]} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q: %s", secret, log)
		}
	}
	for _, want := range []string{`"route":"/orders/:id"`, `"route":"unmatched"`, `"status":404`, `"person":"`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s: %s", want, log)
		}
	}
}

func TestRoomsLogUnderTheRequest(t *testing.T) {
	h := open(t, nil)
	h.Router().GET("/room", func(c *gin.Context) { h.deps.Log.InfoContext(c.Request.Context(), "deep inside") })
	id := h.browser().do("GET", "/room", "").Header().Get("X-Request-Id")
	first, _, _ := strings.Cut(h.log.String(), "\n")
	if !strings.Contains(first, "deep inside") || !strings.Contains(first, id) {
		t.Errorf("log = %s, want request %s", first, id)
	}
}

func TestMetrics(t *testing.T) {
	h := open(t, nil)
	NewHealth(nil).Routes(h.Router(), h.registry)
	b := h.browser()
	b.do("GET", "/orders/1", "")
	b.do("GET", "/orders/2", "")
	b.do("BREW", "/orders/2", "")
	got := b.do("GET", "/metrics", "").Body.String()
	for _, want := range []string{
		`market_http_requests_total{method="GET",route="/orders/:id",status="404"} 2`,
		`market_http_requests_total{method="other",route="unmatched",status="405"} 1`,
		`market_http_request_seconds_count{route="/orders/:id"} 2`,
		`market_http_requests_open 1`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("metrics lack %s:\n%s", want, got)
		}
	}
}

type part struct{ err error }

func (p part) Ping(context.Context) error { return p.err }

func TestHealth(t *testing.T) {
	h := open(t, nil)
	database := &part{}
	health := NewHealth(map[string]Pinger{"database": database})
	health.Routes(h.Router(), h.registry)
	check := func(target string, want int, body string) {
		t.Helper()
		if w := h.browser().do("GET", target, ""); w.Code != want || strings.TrimSpace(w.Body.String()) != body {
			t.Errorf("%s: %d %s, want %d %s", target, w.Code, w.Body, want, body)
		}
	}
	check("/healthz", http.StatusOK, "ok")
	check("/readyz", http.StatusOK, `{"database":"ok"}`)
	database.err = errors.New("gone")
	check("/readyz", http.StatusServiceUnavailable, `{"database":"down"}`)
	check("/healthz", http.StatusOK, "ok")
	database.err = nil
	health.Leave()
	check("/readyz", http.StatusServiceUnavailable, `{"database":"ok","process":"leaving"}`)
}

func TestUnknownPathsAndMethods(t *testing.T) {
	h := open(t, nil)
	b := h.browser()
	if w := b.do("GET", "/no/such", ""); w.Code != http.StatusNotFound {
		t.Errorf("path: %d", w.Code)
	}
	w := b.do("DELETE", "/who", "")
	if w.Code != http.StatusMethodNotAllowed || !strings.Contains(w.Header().Get("Allow"), "GET") {
		t.Errorf("method: %d, allow %q", w.Code, w.Header().Get("Allow"))
	}
	if w := b.do("HEAD", "/who", ""); w.Code != http.StatusOK {
		t.Errorf("head: %d", w.Code)
	}
}

func TestPeopleGetPagesAndProgramsGetProblems(t *testing.T) {
	failing := false
	h := open(t, func(_ *Config, d *Deps) {
		d.ErrorPage = func(c *gin.Context, p *Problem) {
			if !failing {
				c.String(p.Status, "page: "+p.Detail)
			}
		}
	})
	kind := func(accept, target string) string {
		b := h.browser()
		b.header.Set("Accept", accept)
		return b.do("GET", target, "").Header().Get("Content-Type")
	}
	for _, tt := range [][3]string{
		{"text/html,application/xhtml+xml", "/no", "text/plain; charset=utf-8"},
		{"", "/no", "text/plain; charset=utf-8"},
		{"application/json", "/no", "application/problem+json"},
		{"text/html", "/api/v1/no", "application/problem+json"},
	} {
		if got := kind(tt[0], tt[1]); got != tt[2] {
			t.Errorf("%s for %q: %s, want %s", tt[1], tt[0], got, tt[2])
		}
	}
	failing = true
	if got := kind("text/html", "/no"); got != "application/problem+json" {
		t.Errorf("without a page: %s", got)
	}
}

func diff(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
