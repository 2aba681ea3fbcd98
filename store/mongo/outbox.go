package mongo

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"golang.org/x/sync/errgroup"

	"chohue/market"
	"chohue/store"
)

// waiting is an event in its document. The payload is kept as text, which
// people can read.
type waiting struct {
	ID      market.ID `bson:"id"`
	Type    string    `bson:"type"`
	Subject market.ID `bson:"subject"`
	At      time.Time `bson:"at"`
	Data    string    `bson:"data,omitempty"`
}

func wait(events []market.Event) []waiting {
	out := make([]waiting, len(events))
	for i, e := range events {
		out[i] = waiting{e.ID, e.Type, e.Subject, e.At, string(e.Data)}
	}
	return out
}

func (w waiting) event() market.Event {
	e := market.Event{ID: w.ID, Type: w.Type, Subject: w.Subject, At: w.At.UTC()}
	if w.Data != "" {
		e.Data = []byte(w.Data)
	}
	return e
}

// holder is a document with waiting events.
type holder struct {
	ID      market.ID `bson:"_id"`
	Pending market.ID `bson:"_pending"`
	Events  []waiting `bson:"_events"`
	in      *collection
}

// ref tells where an event waits, and up to which holder its batch reached.
type ref struct {
	in     *collection
	holder market.ID
	reach  market.ID
}

// Pending implements store.Engine. Holders are walked in the order of their
// first event's id, all collections side by side, limit of them at a time.
func (e *Engine) Pending(ctx context.Context, after any, limit int) ([]store.Pending, error) {
	leads, err := e.lease.hold(ctx)
	if err != nil || !leads {
		return nil, err
	}
	place, _ := after.(ref) // nil is before the first
	var mu sync.Mutex
	var all []holder
	group, ctx := errgroup.WithContext(ctx)
	for _, c := range e.all() {
		group.Go(func() error {
			some, err := c.holders(ctx, place.reach, limit)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, some...)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b holder) int { return cmp.Compare(a.Pending, b.Pending) })
	return flatten(all[:min(len(all), limit)]), nil
}

func (c *collection) holders(ctx context.Context, after market.ID, limit int) ([]holder, error) {
	cursor, err := c.docs.Find(ctx,
		bson.D{{Key: "_pending", Value: bson.D{{Key: "$gt", Value: after}}}},
		options.Find().
			SetSort(bson.D{{Key: "_pending", Value: 1}}).
			SetLimit(int64(limit)).
			SetProjection(bson.D{{Key: "_pending", Value: 1}, {Key: "_events", Value: 1}}))
	if err != nil {
		return nil, err
	}
	var found []holder
	if err := cursor.All(ctx, &found); err != nil {
		return nil, err
	}
	var empty []market.ID
	for i := range found {
		found[i].in = c
		if len(found[i].Events) == 0 {
			empty = append(empty, found[i].ID)
		}
	}
	return found, c.tidy(ctx, empty)
}

// flatten lists the events of all holders in the order of their ids, which is
// that of time, without changing the order within a holder.
func flatten(all []holder) []store.Pending {
	type placed struct {
		key market.ID
		store.Pending
	}
	var list []placed
	for _, h := range all {
		key := market.ID("")
		for _, w := range h.Events {
			key = max(key, w.ID)
			at := ref{in: h.in, holder: h.ID, reach: all[len(all)-1].Pending}
			list = append(list, placed{key, store.Pending{Event: w.event(), Ref: at}})
		}
	}
	slices.SortStableFunc(list, func(a, b placed) int { return cmp.Compare(a.key, b.key) })
	out := make([]store.Pending, len(list))
	for i, p := range list {
		out[i] = p.Pending
	}
	return out
}

// Done implements store.Engine. Taking events out gives the document a new
// version, so a write that read them before is done again and does not bring
// them back.
func (e *Engine) Done(ctx context.Context, delivered []store.Pending) error {
	type place struct {
		in *collection
		id market.ID
	}
	events := map[place][]market.ID{}
	for _, p := range delivered {
		at := p.Ref.(ref)
		events[place{at.in, at.holder}] = append(events[place{at.in, at.holder}], p.Event.ID)
	}
	pulls, holders := map[*collection][]mongo.WriteModel{}, map[*collection][]market.ID{}
	for at, ids := range events {
		pulls[at.in] = append(pulls[at.in], pull(at.id, ids))
		holders[at.in] = append(holders[at.in], at.id)
	}
	for c, models := range pulls {
		if _, err := c.docs.BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false)); err != nil {
			return err
		}
		if err := c.tidy(ctx, holders[c]); err != nil {
			return err
		}
	}
	return nil
}

func pull(holder market.ID, events []market.ID) mongo.WriteModel {
	these := bson.D{{Key: "id", Value: bson.D{{Key: "$in", Value: events}}}}
	return mongo.NewUpdateOneModel().
		SetFilter(bson.D{{Key: "_id", Value: holder}, {Key: "_events.id", Value: bson.D{{Key: "$in", Value: events}}}}).
		SetUpdate(bson.D{
			{Key: "$pull", Value: bson.D{{Key: "_events", Value: these}}},
			{Key: "$set", Value: bson.D{{Key: "_ver", Value: bson.NewObjectID()}}},
		})
}

// tidy takes the marks from documents without events left and removes those
// that were kept for their events only.
func (c *collection) tidy(ctx context.Context, ids []market.ID) error {
	if len(ids) == 0 {
		return nil
	}
	idle := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}, {Key: "_events", Value: bson.D{{Key: "$size", Value: 0}}}}
	_, err := c.docs.DeleteMany(ctx, append(idle[:2:2], bson.E{Key: "_deleted", Value: true}))
	if err != nil {
		return err
	}
	_, err = c.docs.UpdateMany(ctx, idle, bson.D{{Key: "$unset", Value: bson.D{{Key: "_events", Value: ""}, {Key: "_pending", Value: ""}}}})
	return err
}
