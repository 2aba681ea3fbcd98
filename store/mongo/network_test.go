package mongo

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"chohue/market"
	"chohue/store"
	"chohue/store/mongo/mongotest"
)

// TestBrokenConnections cuts every connection again and again under writers.
// A write that was acknowledged is there; one that failed is there or not, but
// whole: each document has as many events as its count. It runs on the
// stand-in only, since a replica set tells clients to go round the proxy.
func TestBrokenConnections(t *testing.T) {
	uri := mongotest.Start(t)
	database := mongotest.Database(t, uri)
	through := newProxy(t, uri)
	a := start(t, through.uri(), database)
	const cuts, documents = 3, 8
	var acknowledged [documents]atomic.Int64
	var writes, failed atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wait sync.WaitGroup
	for w := range 2 * documents {
		wait.Go(func() {
			for ctx.Err() == nil {
				if err := sell(a, market.ID(fmt.Sprint(w%documents))); err != nil {
					failed.Add(1)
					continue
				}
				acknowledged[w%documents].Add(1)
				if writes.Add(1)%200 == 0 {
					through.cut()
				}
				if writes.Load() > 200*cuts {
					stop()
				}
			}
		})
	}
	wait.Wait()
	if through.broken.Load() == 0 || failed.Load() == 0 {
		t.Errorf("%d connections were cut and %d writes failed", through.broken.Load(), failed.Load())
	}
	b := start(t, uri, database)
	must(t, a.Close())
	told := map[market.ID]int64{}
	for _, p := range everything(t, b.Engine) {
		told[p.Event.Subject]++
	}
	for i := range documents {
		id := market.ID(fmt.Sprint(i))
		got, err := b.jars.Get(t.Context(), id)
		must(t, err)
		if got.Left < acknowledged[i].Load() || got.Left != told[id] || got.Rev != got.Left {
			t.Errorf("%s: count %d at revision %d with %d events, %d acknowledged", id, got.Left, got.Rev, told[id], acknowledged[i].Load())
		}
	}
}

func sell(p process, id market.ID) error {
	_, err := p.jars.Upsert(context.Background(), id, func(j *jar) ([]market.Event, error) {
		j.Left++
		return []market.Event{event(fmt.Sprintf("%s-%06d", id, j.Left), string(id))}, nil
	})
	return err
}

func everything(t *testing.T, e *Engine) []store.Pending {
	t.Helper()
	all, err := e.Pending(t.Context(), nil, 1<<20)
	must(t, err)
	return all
}

// proxy carries connections to a server and can cut them all.
type proxy struct {
	listener net.Listener
	server   string
	broken   atomic.Int64

	mu   sync.Mutex
	open map[net.Conn]bool
}

func newProxy(t *testing.T, uri string) *proxy {
	t.Helper()
	to, err := url.Parse(uri)
	must(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &proxy{listener: l, server: to.Host, open: map[net.Conn]bool{}}
	go p.serve()
	t.Cleanup(func() { must(t, l.Close()) })
	return p
}

func (p *proxy) uri() string { return "mongodb://" + p.listener.Addr().String() }

func (p *proxy) serve() {
	for {
		from, err := p.listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", p.server)
		if err != nil {
			_ = from.Close()
			continue
		}
		p.mu.Lock()
		p.open[from], p.open[to] = true, true
		p.mu.Unlock()
		go p.carry(from, to)
		go p.carry(to, from)
	}
}

func (p *proxy) carry(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	_, _ = from.Close(), to.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, from)
	delete(p.open, to)
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		p.broken.Add(1)
		_ = c.Close()
	}
}
