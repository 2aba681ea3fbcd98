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
	"time"
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
	cut    atomic.Bool  // the phone has no network: nothing may come
	cutAt  atomic.Int64 // milliseconds

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

// onItsWay is how long a look that was sent before the cut may take to arrive
// on a busy machine. What changes something gets no such grace.
const onItsWay = 2 * time.Second

// setCut says whether the network is cut from now on.
func (b *between) setCut(off bool) {
	b.cutAt.Store(time.Now().UnixMilli())
	b.cut.Store(off)
}

// ServeHTTP implements http.Handler.
func (b *between) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if b.cut.Load() && r.URL.Path == "/sw.js" {
		panic(http.ErrAbortHandler) // the browser itself looks for a new worker; tools for pages do not cut that
	}
	if b.cut.Load() && (r.Method != http.MethodGet || time.Since(time.UnixMilli(b.cutAt.Load())) > onItsWay) {
		b.t.Errorf("%s %s came over a network that is cut", r.Method, r.URL.Path)
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

func (b *between) count(r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.twice[r.Method+" "+r.URL.Path[:strings.LastIndexByte(r.URL.Path, '/')]]++
}
