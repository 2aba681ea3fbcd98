package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"chohue/market"
	"chohue/store"
)

var concurrencyTests = []test{
	{"NothingIsSoldTwice", testStock},
	{"OneOfManyClaimsAnID", testClaim},
	{"CountersLoseNothing", testCounters},
	{"CreateAndDelete", testCreateAndDelete},
}

const writers = 64

// inParallel calls do(0..n-1) from many goroutines and fails on any error.
func inParallel(t *testing.T, n int, do func(i int) error) {
	t.Helper()
	var next atomic.Int64
	var wait sync.WaitGroup
	errs := make(chan error, n)
	for range min(writers, n) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					errs <- err
				}
			}
		})
	}
	wait.Wait()
	close(errs)
	for err := range errs {
		t.Fatal(err)
	}
}

func testStock(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	stock := newThing("mam-nem")
	stock.Count = 1000
	insert(t, c, stock)
	var won, lost atomic.Int64
	inParallel(t, 5000, func(int) error {
		_, err := c.Update(t.Context(), "mam-nem", func(one *thing) ([]market.Event, error) {
			if one.Count == 0 {
				return nil, errRefused
			}
			one.Count--
			return nil, nil
		})
		if errors.Is(err, errRefused) {
			lost.Add(1)
			return nil
		}
		won.Add(1)
		return err
	})
	got := get(t, c, "mam-nem")
	if won.Load() != 1000 || lost.Load() != 4000 || got.Count != 0 || got.Rev != 1001 {
		t.Errorf("%d sold, %d refused, %d left at revision %d; want 1000, 4000, 0, 1001", won.Load(), lost.Load(), got.Count, got.Rev)
	}
}

func testClaim(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	for round := range 5 {
		id := fmt.Sprintf("claim-%d", round)
		var won atomic.Int64
		inParallel(t, writers, func(i int) error {
			one := newThing(id)
			one.Count = int64(i)
			err := c.Insert(t.Context(), one, event(fmt.Sprintf("%s-%d", id, i), id))
			if err == nil {
				won.Add(1)
			}
			if store.Exists(err) {
				return nil
			}
			return err
		})
		wantEqual(t, won.Load(), int64(1))
	}
	wantEqual(t, len(pending(t, e)), 5)
}

func testCounters(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	const each, counters = 40, 8
	inParallel(t, each*counters, func(i int) error {
		id := market.ID(fmt.Sprintf("counter-%d", i%counters))
		_, err := c.Upsert(t.Context(), id, func(one *thing) ([]market.Event, error) {
			one.Count++
			return []market.Event{event(fmt.Sprintf("%s-%06d", id, one.Count), string(id))}, nil
		})
		return err
	})
	wantEqual(t, len(ids(t, c, store.Query{Index: "count", Eq: []any{each}}, 100)), counters)
	wantEqual(t, len(ids(t, c, store.Query{Index: "count"}, 100)), counters)
	wantOrdered(t, pending(t, e), each*counters)
}

// wantOrdered checks n events whose ids rise with the writes of their subject.
func wantOrdered(t *testing.T, all []store.Pending, n int) {
	t.Helper()
	last := map[market.ID]market.ID{}
	for _, p := range all {
		if p.Event.ID <= last[p.Event.Subject] {
			t.Errorf("event %s of %s came after %s", p.Event.ID, p.Event.Subject, last[p.Event.Subject])
		}
		last[p.Event.Subject] = p.Event.ID
	}
	wantEqual(t, len(all), n)
}

// testCreateAndDelete lets one id come and go: who updates sees the document
// whole or missing, and the revision of a new life starts at 1.
func testCreateAndDelete(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	inParallel(t, 600, func(i int) error {
		switch i % 3 {
		case 0:
			if err := c.Insert(t.Context(), newThing("one")); !store.Exists(err) {
				return err
			}
		case 1:
			_, err := c.Update(t.Context(), "one", func(one *thing) ([]market.Event, error) {
				if one.Count != one.Rev-1 {
					return nil, fmt.Errorf("count %d at revision %d", one.Count, one.Rev)
				}
				one.Count++
				return nil, nil
			})
			if !store.Missing(err) {
				return err
			}
		default:
			return c.Delete(t.Context(), "one")
		}
		return nil
	})
	must(t, c.Delete(t.Context(), "one"))
	wantEqual(t, ids(t, c, store.Query{Index: "count"}, 100), []market.ID{})
}
