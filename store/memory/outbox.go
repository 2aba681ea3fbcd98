package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// announce numbers the events of one write; the caller holds the disk's lock.
func (e *Engine) announce(events []market.Event) {
	for _, ev := range events {
		e.disk.last++
		ev.Data = slices.Clone(ev.Data)
		ev.At = ev.At.UTC().Truncate(time.Millisecond) // the grain of the other engines
		e.disk.outbox = append(e.disk.outbox, store.Pending{Event: ev, Ref: e.disk.last})
	}
	if len(events) == 0 {
		return
	}
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

func number(p store.Pending) int64 {
	n, _ := p.Ref.(int64)
	return n
}

// Pending implements store.Engine: in the order of the writes.
func (e *Engine) Pending(ctx context.Context, after any, limit int) ([]store.Pending, error) {
	e.disk.mu.RLock()
	defer e.disk.mu.RUnlock()
	if err := e.ready(ctx); err != nil {
		return nil, err
	}
	place, _ := after.(int64) // nil is before the first number
	from, _ := slices.BinarySearchFunc(e.disk.outbox, place+1, func(p store.Pending, n int64) int { return cmp.Compare(number(p), n) })
	some := slices.Clone(e.disk.outbox[from:min(from+limit, len(e.disk.outbox))])
	for i := range some {
		some[i].Event.Data = slices.Clone(some[i].Event.Data)
	}
	return some, nil
}

// Done implements store.Engine.
func (e *Engine) Done(ctx context.Context, delivered []store.Pending) error {
	e.disk.mu.Lock()
	defer e.disk.mu.Unlock()
	if err := e.ready(ctx); err != nil {
		return err
	}
	done := map[int64]bool{}
	for _, p := range delivered {
		done[number(p)] = true
	}
	e.disk.outbox = slices.DeleteFunc(e.disk.outbox, func(p store.Pending) bool { return done[number(p)] })
	return nil
}
