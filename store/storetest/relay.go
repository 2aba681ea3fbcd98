package storetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
)

var relayTests = []test{
	{"TellsEveryConsumer", testTells},
	{"FailureHoldsBackOneSubject", testHoldsBack},
	{"FailuresStarveNobody", testStarvation},
	{"PanicIsAFailure", testConsumerPanics},
	{"PatienceWithFailures", testPatience},
	{"RunsBesideWriters", testRelayRuns},
}

var quiet = slog.New(slog.DiscardHandler)

// listener notes what it hears and fails when told to.
type listener struct {
	mu    sync.Mutex
	heard map[market.ID][]market.ID // events by subject
	fail  func(market.Event) bool
}

func newListener() *listener {
	return &listener{heard: map[market.ID][]market.ID{}, fail: func(market.Event) bool { return false }}
}

func (l *listener) consumer(name string, types ...string) store.Consumer {
	return store.Consumer{Name: name, Types: types, Handle: l.handle}
}

var errDeaf = errors.New("deaf")

func (l *listener) handle(_ context.Context, e market.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail(e) {
		return errDeaf
	}
	l.heard[e.Subject] = append(l.heard[e.Subject], e.ID)
	return nil
}

func (l *listener) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, events := range l.heard {
		n += len(events)
	}
	return n
}

func testTells(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	other := event("e2", "one")
	other.Type = "things.sold"
	must(t, c.Insert(t.Context(), newThing("one"), event("e1", "one"), other))
	all, some := newListener(), newListener()
	lags := map[string]int{}
	observe := func(name string, _ time.Duration, err error) {
		must(t, err)
		lags[name]++
	}
	relay := store.NewRelay(e, quiet, observe, all.consumer("all"), some.consumer("some", "things.sold"))
	must(t, relay.Drain(t.Context()))
	must(t, relay.Drain(t.Context()))
	wantEqual(t, all.heard["one"], []market.ID{"e1", "e2"})
	wantEqual(t, some.heard["one"], []market.ID{"e2"})
	wantEqual(t, lags, map[string]int{"all": 2, "some": 1})
	wantEqual(t, eventIDs(pending(t, e)), []market.ID{})
}

func testHoldsBack(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	must(t, c.Insert(t.Context(), newThing("bad"), event("b1", "bad"), event("b2", "bad")))
	must(t, c.Insert(t.Context(), newThing("good"), event("g1", "good"), event("g2", "good")))
	first, second := newListener(), newListener()
	first.fail = func(e market.Event) bool { return e.ID == "b1" }
	relay := store.NewRelay(e, quiet, nil, first.consumer("first"), second.consumer("second"))
	if err := relay.Drain(t.Context()); !errors.Is(err, errDeaf) {
		t.Fatalf("drain: %v, want the consumer's error", err)
	}
	wantEqual(t, first.heard, map[market.ID][]market.ID{"good": {"g1", "g2"}})
	wantEqual(t, second.heard, map[market.ID][]market.ID{"good": {"g1", "g2"}, "bad": {"b1"}})
	wantEqual(t, eventIDs(pending(t, e)), []market.ID{"b1", "b2"})

	first.fail = func(market.Event) bool { return false }
	must(t, relay.Drain(t.Context()))
	wantEqual(t, first.heard["bad"], []market.ID{"b1", "b2"})
	wantEqual(t, second.heard["bad"], []market.ID{"b1", "b2"})
	wantEqual(t, eventIDs(pending(t, e)), []market.ID{})
}

// testStarvation leaves more failing subjects than one batch of the relay in
// front of a healthy one.
func testStarvation(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	const bad = 1100
	inParallel(t, bad, func(i int) error {
		id := fmt.Sprintf("bad-%04d", i)
		return c.Insert(t.Context(), newThing(id), event("e-"+id, id))
	})
	must(t, c.Insert(t.Context(), newThing("good"), event("f-good", "good")))
	must(t, c.Insert(t.Context(), newThing("bad-2000"), event("f-bad-2000", "bad-0000")))
	l := newListener()
	l.fail = func(e market.Event) bool { return e.Subject != "good" && e.ID != "f-bad-2000" }
	relay := store.NewRelay(e, quiet, nil, l.consumer("search"))
	delivered, err := relay.Deliver(t.Context())
	if delivered != 1 || !errors.Is(err, errDeaf) {
		t.Errorf("%d delivered, %v; want 1 and the consumer's error", delivered, err)
	}
	wantEqual(t, l.heard, map[market.ID][]market.ID{"good": {"f-good"}})
	wantEqual(t, len(pending(t, e)), bad+1)
}

// testRelayRuns delivers while others write to the same documents, with a
// consumer that fails now and then.
func testRelayRuns(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	const subjects, n = 5, 400
	l, tries := newListener(), 0
	heardAll := make(chan struct{})
	l.fail = func(market.Event) bool { tries++; return tries%150 == 0 }
	counted := func(ctx context.Context, ev market.Event) error {
		err := l.handle(ctx, ev)
		if err == nil && l.count() == n {
			close(heardAll)
		}
		return err
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	relay := store.NewRelay(e, quiet, nil, store.Consumer{Name: "counted", Handle: counted})
	wait.Go(func() { relay.Run(ctx) })
	inParallel(t, n, func(i int) error {
		id := market.ID(fmt.Sprint(i % subjects))
		_, err := c.Upsert(ctx, id, func(one *thing) ([]market.Event, error) {
			one.Count++
			return []market.Event{event(fmt.Sprintf("%s-%06d", id, one.Count), string(id))}, nil
		})
		return err
	})
	select {
	case <-heardAll:
	case <-time.After(time.Minute):
		t.Errorf("%d of %d events heard after a minute", l.count(), n)
	}
	cancel()
	wait.Wait()
	for subject, heard := range l.heard {
		for i, id := range heard {
			wantEqual(t, id, market.ID(fmt.Sprintf("%s-%06d", subject, i+1)))
		}
	}
}

func testConsumerPanics(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	must(t, c.Insert(t.Context(), newThing("bad"), event("e1", "bad")))
	must(t, c.Insert(t.Context(), newThing("good"), event("e2", "good")))
	l := newListener()
	panics := func(ctx context.Context, ev market.Event) error {
		if ev.Subject == "bad" {
			panic("boom")
		}
		return l.handle(ctx, ev)
	}
	relay := store.NewRelay(e, quiet, nil, store.Consumer{Name: "panics", Handle: panics})
	if delivered, err := relay.Deliver(t.Context()); delivered != 1 || err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("%d delivered, error %v; want 1 and the panic", delivered, err)
	}
	wantEqual(t, l.heard, map[market.ID][]market.ID{"good": {"e2"}})
	wantEqual(t, eventIDs(pending(t, e)), []market.ID{"e1"})
}

// testPatience runs the relay with a consumer that always fails on one event,
// while others are delivered at a rate at which it could be tried each time.
func testPatience(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	must(t, c.Insert(t.Context(), newThing("bad"), event("b", "bad")))
	var tries atomic.Int64
	heard := make(chan market.ID)
	relay := store.NewRelay(e, quiet, nil, store.Consumer{Name: "picky", Handle: func(_ context.Context, ev market.Event) error {
		if ev.Subject == "bad" {
			tries.Add(1)
			return errDeaf
		}
		heard <- ev.ID
		return nil
	}})
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() { relay.Run(ctx) })
	began := time.Now()
	for i := range 50 {
		id := fmt.Sprintf("good-%02d", i)
		must(t, c.Insert(t.Context(), newThing(id), event(id, id)))
		wantEqual(t, <-heard, market.ID(id))
	}
	cancel()
	wait.Wait()
	if most := 1 + int64(time.Since(began)/time.Second); tries.Load() > most || tries.Load() == 0 {
		t.Errorf("tried %d times, want 1 to %d", tries.Load(), most)
	}
}
