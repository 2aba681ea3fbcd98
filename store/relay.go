package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"chohue/market"
)

// Consumer is told of every event, at least once, in order per subject, beside
// the other consumers. It must be idempotent by event id. An error holds back
// the later events of the same subject until a retry succeeds.
type Consumer struct {
	Name   string
	Types  []string // event types wanted; empty for all
	Handle func(ctx context.Context, e market.Event) error
}

func (c Consumer) wants(kind string) bool {
	if len(c.Types) == 0 {
		return true
	}
	return slices.Contains(c.Types, kind)
}

// Relay carries events from the store to consumers.
type Relay struct {
	engine    Engine
	consumers []Consumer
	log       *slog.Logger
	workers   int
	retry     time.Duration
	observe   func(consumer string, lag time.Duration, err error)

	mu     sync.Mutex
	states map[delivery]state // of events not yet done
}

type delivery struct {
	consumer string
	event    market.ID
}

// state is how far one delivery has come.
type state struct {
	told  bool
	tries int
	again time.Time // not to be tried before
}

const (
	relayBatch = 512
	mostPause  = time.Minute // between two tries of one delivery
)

// errHeld marks events that wait for a consumer that failed.
var errHeld = errors.New("event held back")

// NewRelay returns a relay; observe, when not nil, hears of each delivery
// with the time from the change to its handling.
func NewRelay(e Engine, log *slog.Logger, observe func(consumer string, lag time.Duration, err error), consumers ...Consumer) *Relay {
	if observe == nil {
		observe = func(string, time.Duration, error) {}
	}
	return &Relay{
		engine: e, consumers: consumers, log: log, observe: observe,
		workers: 64, retry: time.Second, states: map[delivery]state{},
	}
}

// Run delivers until ctx ends. It wakes on writes of this process and looks
// every second for what other processes or a crash left behind. A delivery
// that failed is tried again after a second, then after two, to once a minute.
func (r *Relay) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if _, err := r.pass(ctx, true); err != nil && !errors.Is(err, errHeld) && ctx.Err() == nil {
			r.log.Error("relay", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-r.engine.Wake():
		case <-time.After(r.retry):
		}
	}
}

// Drain delivers until nothing is pending. For commands and tests; it returns
// the first error of a consumer and spares none that failed before.
func (r *Relay) Drain(ctx context.Context) error {
	for {
		delivered, err := r.Deliver(ctx)
		if err != nil || delivered == 0 {
			return err
		}
	}
}

// Deliver takes all pending events once through all consumers and returns how
// many are done, with the first error of a consumer. Subjects go side by side,
// the events of one in order; a subject that failed is left until the next
// call, and does not keep those behind it waiting.
func (r *Relay) Deliver(ctx context.Context) (int, error) { return r.pass(ctx, false) }

// pass is Deliver; patient leaves deliveries alone that failed a moment ago.
func (r *Relay) pass(ctx context.Context, patient bool) (int, error) {
	var (
		total int
		first error
		after any
		held  = map[market.ID]bool{}
	)
	for {
		pending, err := r.engine.Pending(ctx, after, relayBatch)
		if err != nil {
			return total, err
		}
		if len(pending) == 0 {
			if after == nil {
				r.forget()
			}
			return total, first
		}
		after = pending[len(pending)-1].Ref
		done, err := r.batch(ctx, pending, held, patient)
		if first == nil {
			first = err
		}
		if err := r.finish(ctx, done); err != nil {
			return total, err
		}
		total += len(done)
	}
}

// batch delivers what is not held and adds to held the subjects that failed.
func (r *Relay) batch(ctx context.Context, pending []Pending, held map[market.ID]bool, patient bool) ([]Pending, error) {
	var (
		mu    sync.Mutex
		done  []Pending
		first error
		wait  sync.WaitGroup
		slots = make(chan struct{}, r.workers)
	)
	for _, queue := range bySubject(pending, held) {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			ok, err := r.queue(ctx, queue, patient)
			mu.Lock()
			defer mu.Unlock()
			done = append(done, ok...)
			if err == nil {
				return
			}
			held[queue[0].Event.Subject] = true
			if first == nil {
				first = err
			}
		})
	}
	wait.Wait()
	return done, first
}

func (r *Relay) finish(ctx context.Context, done []Pending) error {
	if len(done) == 0 {
		return nil
	}
	if err := r.engine.Done(ctx, done); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range done {
		for _, c := range r.consumers {
			delete(r.states, delivery{c.Name, p.Event.ID})
		}
	}
	return nil
}

func bySubject(pending []Pending, held map[market.ID]bool) [][]Pending {
	at := map[market.ID]int{}
	var queues [][]Pending
	for _, p := range pending {
		if held[p.Event.Subject] {
			continue
		}
		i, ok := at[p.Event.Subject]
		if !ok {
			i = len(queues)
			at[p.Event.Subject] = i
			queues = append(queues, nil)
		}
		queues[i] = append(queues[i], p)
	}
	return queues
}

func (r *Relay) queue(ctx context.Context, queue []Pending, patient bool) ([]Pending, error) {
	for i, p := range queue {
		if err := r.tell(ctx, p.Event, patient); err != nil {
			return queue[:i], err
		}
	}
	return queue, nil
}

// tell hands the event to every consumer that has not handled it yet, side by
// side, so that their writes share commits and one that fails does not keep the
// others from hearing.
func (r *Relay) tell(ctx context.Context, e market.Event, patient bool) error {
	errs := make([]error, len(r.consumers))
	var wait sync.WaitGroup
	for i, c := range r.consumers {
		if !c.wants(e.Type) {
			continue
		}
		wait.Go(func() {
			if err := r.hand(ctx, c, e, patient); err != nil {
				errs[i] = fmt.Errorf("%w: %s: %w", errHeld, c.Name, err)
			}
		})
	}
	wait.Wait()
	return cmp.Or(errs...)
}

var errTooSoon = errors.New("failed a moment ago")

func (r *Relay) hand(ctx context.Context, c Consumer, e market.Event, patient bool) error {
	d := delivery{c.Name, e.ID}
	s := r.state(d)
	if s.told {
		return nil
	}
	if patient && time.Now().Before(s.again) {
		return errTooSoon
	}
	err := c.handle(ctx, e)
	r.observe(c.Name, time.Since(e.At), err)
	if err != nil {
		r.log.Error("consumer", "consumer", c.Name, "event", e.Type, "id", e.ID, "subject", e.Subject, "tries", s.tries+1, "error", err)
	}
	r.note(d, s.next(err, r.retry))
	return err
}

// handle turns a panic into an error: one event that a consumer cannot bear
// must not end the market again and again.
func (c Consumer) handle(ctx context.Context, e market.Event) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return c.Handle(ctx, e)
}

func (s state) next(err error, pause time.Duration) state {
	if err == nil {
		return state{told: true}
	}
	pause <<= min(s.tries, 10)
	return state{tries: s.tries + 1, again: time.Now().Add(min(pause, mostPause))}
}

// forget drops what is known of deliveries when none are pending here: another
// process may have ended them.
func (r *Relay) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.states)
}

func (r *Relay) state(d delivery) state {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.states[d]
}

func (r *Relay) note(d delivery, s state) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.states[d] = s
}
