package salestest

import (
	"context"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/market"
	"chohue/store"
)

// line is our process's connection to the database. Every use is a place to
// stop at; every write is shown to the auditor; and after the write that was
// chosen for it the process is dead: the write is there, but nobody hears that
// it is.
type line struct {
	store.Engine
	dead   bool
	left   int // writes until death; 0 for never
	writes int
	mu     sync.Mutex // the market's proof of its books writes several at once
	wrote  func(collection string, old bson.Raw, w store.Write)

	// Planted faults: events that are not written, and a collection in which an
	// update may begin from what was there before the last.
	lose  func(market.Event) bool
	stale string
	olds  map[market.ID]bson.Raw
}

func (l *line) stop(ctx context.Context) {
	if l.dead {
		panic(killed{})
	}
	pause(ctx)
}

// written counts a write and dies of it if it was the last.
func (l *line) written(ctx context.Context, collection string, old bson.Raw, w store.Write) {
	l.mu.Lock()
	l.wrote(collection, old, w)
	l.mu.Unlock()
	l.count(ctx)
}

func (l *line) count(ctx context.Context) {
	if _, inside := ctx.Value(taskKey{}).(*task); !inside {
		return
	}
	if l.writes++; l.left == 0 {
		return
	}
	if l.left--; l.left == 0 {
		l.dead = true
		panic(killed{})
	}
}

func (l *line) kept(events []market.Event) []market.Event {
	if l.lose == nil {
		return events
	}
	var kept []market.Event
	for _, e := range events {
		if !l.lose(e) {
			kept = append(kept, e)
		}
	}
	return kept
}

// Get implements store.Engine.
func (l *line) Get(ctx context.Context, collection string, ids ...market.ID) ([]bson.Raw, error) {
	l.stop(ctx)
	return l.Engine.Get(ctx, collection, ids...)
}

// Find implements store.Engine.
func (l *line) Find(ctx context.Context, collection string, q store.Query, at []any) ([]bson.Raw, error) {
	l.stop(ctx)
	return l.Engine.Find(ctx, collection, q, at)
}

// Insert implements store.Engine.
func (l *line) Insert(ctx context.Context, collection string, w store.Write) error {
	l.stop(ctx)
	w.Events = l.kept(w.Events)
	if err := l.Engine.Insert(ctx, collection, w); err != nil {
		return err
	}
	l.written(ctx, collection, nil, w)
	return nil
}

// Update implements store.Engine.
func (l *line) Update(ctx context.Context, collection string, id market.ID, create bool, change store.Change) error {
	l.stop(ctx)
	var before bson.Raw
	var done store.Write
	err := l.Engine.Update(ctx, collection, id, create, func(old bson.Raw) (store.Write, error) {
		w, err := change(l.seen(collection, id, old))
		w.Events = l.kept(w.Events)
		before, done = old, w
		return w, err
	})
	if err != nil || done.Body == nil {
		return err
	}
	l.written(ctx, collection, before, done)
	return nil
}

// seen is what an update begins from: what is there, but for the planted fault.
func (l *line) seen(collection string, id market.ID, old bson.Raw) bson.Raw {
	if collection != l.stale || old == nil {
		return old
	}
	before := l.olds[id]
	l.olds[id] = old
	if before == nil || l.writes%3 > 0 {
		return old
	}
	return before
}

// Delete implements store.Engine.
func (l *line) Delete(ctx context.Context, collection string, id market.ID) error {
	l.stop(ctx)
	if err := l.Engine.Delete(ctx, collection, id); err != nil {
		return err
	}
	l.count(ctx)
	return nil
}

// Done implements store.Engine.
func (l *line) Done(ctx context.Context, delivered []store.Pending) error {
	l.stop(ctx)
	if err := l.Engine.Done(ctx, delivered); err != nil {
		return err
	}
	l.count(ctx)
	return nil
}
