package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// fault is what befalls one request of a phone.
type fault struct {
	method, path string // of the request: its path ends so
	unheard      bool   // the market is killed before it can have answered; else when it has, and the answer is lost
}

// between stands between a phone and the market. It sends every change twice,
// and kills the market when a fault says so.
type between struct {
	t      *testing.T
	config Config
	front  *httptest.Server
	proxy  *httputil.ReverseProxy
	cut    atomic.Bool // the phone has no network: nothing may come

	mu     sync.Mutex
	child  *exec.Cmd
	next   *fault
	struck chan struct{} // closed when the fault has happened
	twice  map[string]int
}

func standBetween(t *testing.T, config Config) *between {
	t.Helper()
	market, err := url.Parse(config.URL)
	if err != nil {
		t.Fatal(err)
	}
	b := &between{t: t, config: config, twice: map[string]int{}, proxy: &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(market); r.Out.Host = r.In.Host },
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}}
	b.front = httptest.NewServer(b)
	b.raise()
	t.Cleanup(func() {
		b.front.Close()
		b.kill()
	})
	return b
}

func (b *between) raise() {
	b.t.Helper()
	child := (&crash{t: b.t, config: b.config}).start()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.child = child
}

// kill ends the market as a lost power line does.
func (b *between) kill() {
	b.mu.Lock()
	child := b.child
	b.child = nil
	b.mu.Unlock()
	if child == nil {
		return
	}
	_ = child.Process.Kill()
	_ = child.Wait() // killed: its exit status says nothing
}

// expect prepares a fault and returns when it has happened.
func (b *between) expect(f fault) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next, b.struck = &f, make(chan struct{})
	return b.struck
}

// strikes reports whether the fault is for this request, and takes it.
func (b *between) strikes(r *http.Request) (*fault, chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.next
	if f == nil || r.Method != f.method || !strings.HasSuffix(r.URL.Path, f.path) && f.path != "*" {
		return nil, nil
	}
	b.next = nil
	return f, b.struck
}

// probePath is asked for by a phone whose network is cut. It must never come.
const probePath = "/is-it-cut"

// ServeHTTP implements http.Handler.
func (b *between) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if b.cut.Load() {
		b.swallow(r)
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead || !strings.HasPrefix(r.URL.Path, "/api/") {
		b.proxy.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	f, struck := b.strikes(r)
	again := func() *http.Request {
		r.Body = io.NopCloser(bytes.NewReader(body))
		return r
	}
	switch {
	case f != nil && f.unheard:
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			defer func() { _ = recover() }() // the answer never comes
			b.proxy.ServeHTTP(httptest.NewRecorder(), again())
		}()
		b.kill()
		<-sent
	case f != nil:
		b.proxy.ServeHTTP(httptest.NewRecorder(), again())
		b.kill()
	default:
		b.proxy.ServeHTTP(httptest.NewRecorder(), again())
		b.count(r)
		b.proxy.ServeHTTP(w, again())
		return
	}
	close(struck)
	panic(http.ErrAbortHandler)
}

// swallow ends a request that comes while the network is cut. A look that was
// sent before the cut may still be on its way, and the browser looks for a new
// worker by itself, which tools for pages do not cut: such a look is lost, as it
// would be on a mast. A change, or a probe, means that the cut does not hold.
func (b *between) swallow(r *http.Request) {
	if r.Method != http.MethodGet || r.URL.Path == probePath {
		b.t.Errorf("%s %s came over a network that is cut", r.Method, r.URL.Path)
	}
	panic(http.ErrAbortHandler)
}

func (b *between) count(r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.twice[r.Method+" "+r.URL.Path[:strings.LastIndexByte(r.URL.Path, '/')]]++
}
