package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/market"
)

// Collection is the typed door to the documents of one kind.
type Collection[T any] struct {
	engine Engine
	spec   Spec
	meta   func(*T) *Doc
	cache  *cache[T]
}

type document[T any] interface {
	*T
	doc() *Doc
}

// Open declares the collection on the engine and returns its door.
func Open[T any, P document[T]](ctx context.Context, e Engine, s Spec) (*Collection[T], error) {
	if err := e.Declare(ctx, s); err != nil {
		return nil, fmt.Errorf("declare %s: %w", s.Name, err)
	}
	meta := func(t *T) *Doc { return P(t).doc() }
	return &Collection[T]{engine: e, spec: s, meta: meta, cache: newCache[T](s.Cache)}, nil
}

// Insert writes a new document with its events and sets its revision to 1.
// ErrExists when the id is taken: the way to claim something only once.
func (c *Collection[T]) Insert(ctx context.Context, t *T, events ...market.Event) error {
	c.meta(t).Rev = 1
	body, err := bson.Marshal(t)
	if err != nil {
		return err
	}
	return c.engine.Insert(ctx, c.spec.Name, Write{Body: body, Events: events})
}

// Get returns the document, or ErrMissing. The value may be shared with other
// readers: do not change it.
func (c *Collection[T]) Get(ctx context.Context, id market.ID) (*T, error) {
	found, err := c.engine.Get(ctx, c.spec.Name, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, ErrMissing
	}
	return c.decode(found[0])
}

// GetMany returns the documents that exist among ids, by id.
func (c *Collection[T]) GetMany(ctx context.Context, ids ...market.ID) (map[market.ID]*T, error) {
	found, err := c.engine.Get(ctx, c.spec.Name, ids...)
	if err != nil {
		return nil, err
	}
	out := make(map[market.ID]*T, len(found))
	for _, raw := range found {
		t, err := c.decode(raw)
		if err != nil {
			return nil, err
		}
		out[c.meta(t).ID] = t
	}
	return out, nil
}

// Update changes one document atomically and returns its new state. change
// gets a private copy, may run more than once and must not call the store. An
// error from change leaves everything as it was. When change alters nothing
// and causes no event, nothing is written and the revision stays.
func (c *Collection[T]) Update(ctx context.Context, id market.ID, change func(*T) ([]market.Event, error)) (*T, error) {
	return c.apply(ctx, id, false, change)
}

// Upsert is Update that starts from the zero value, with the id set, when the
// document does not exist.
func (c *Collection[T]) Upsert(ctx context.Context, id market.ID, change func(*T) ([]market.Event, error)) (*T, error) {
	return c.apply(ctx, id, true, change)
}

func (c *Collection[T]) apply(ctx context.Context, id market.ID, create bool, change func(*T) ([]market.Event, error)) (*T, error) {
	var result *T
	err := c.engine.Update(ctx, c.spec.Name, id, create, func(old bson.Raw) (Write, error) {
		t := new(T)
		if old != nil {
			if err := bson.Unmarshal(old, t); err != nil {
				return Write{}, err
			}
		}
		c.meta(t).ID = id
		result = t
		return c.next(t, old, change)
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

// next keeps id and revision out of change's hands: a change that assigns a
// whole new value must not lose them.
func (c *Collection[T]) next(t *T, old bson.Raw, change func(*T) ([]market.Event, error)) (Write, error) {
	head := *c.meta(t)
	events, err := change(t)
	if err != nil {
		return Write{}, err
	}
	*c.meta(t) = head
	body, err := bson.Marshal(t)
	if err != nil || old != nil && len(events) == 0 && same(body, old) {
		return Write{}, err
	}
	c.meta(t).Rev++
	setRev(body, c.meta(t).Rev)
	return Write{Body: body, Events: events}, nil
}

// setRev changes the revision in an encoded document, so that it need not be
// encoded again.
func setRev(body bson.Raw, rev int64) {
	binary.LittleEndian.PutUint64(body.Lookup("_rev").Value, uint64(rev))
}

// Delete removes the document if it is there.
func (c *Collection[T]) Delete(ctx context.Context, id market.ID) error {
	return c.engine.Delete(ctx, c.spec.Name, id)
}

// Page is some documents in order and the place to continue from; Next is
// empty at the end.
type Page[T any] struct {
	Items []*T
	Next  Cursor
}

// Find returns one page of the query. A cursor that does not fit the query is
// an invalid error on the field "cursor".
func (c *Collection[T]) Find(ctx context.Context, q Query) (Page[T], error) {
	var page Page[T]
	plan, err := c.plan(&q)
	if err != nil {
		return page, err
	}
	found, more, err := c.find(ctx, q, plan.at)
	if err != nil {
		return page, err
	}
	page.Items = make([]*T, len(found))
	for i, raw := range found {
		if page.Items[i], err = c.decode(raw); err != nil {
			return page, err
		}
	}
	if more {
		page.Next, err = plan.cursor(found[len(found)-1])
	}
	return page, err
}

// find asks for one document beyond the page to know whether there are more.
func (c *Collection[T]) find(ctx context.Context, q Query, at []any) ([]bson.Raw, bool, error) {
	if q.In != nil && len(q.In) == 0 {
		return nil, false, nil
	}
	limit := q.Limit
	q.Limit++
	found, err := c.engine.Find(ctx, c.spec.Name, q, at)
	if len(found) > limit {
		return found[:limit], true, err
	}
	return found, false, err
}

// Each calls do with every document of the query, page by page, until do
// returns an error. Limit is ignored.
func (c *Collection[T]) Each(ctx context.Context, q Query, do func(*T) error) error {
	q.Limit = 0
	for {
		page, err := c.Find(ctx, q)
		if err != nil {
			return err
		}
		for _, t := range page.Items {
			if err := do(t); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}

// CursorAt returns the place just behind t in the query's order, for callers
// that stop in the middle of a page.
func (c *Collection[T]) CursorAt(q Query, t *T) (Cursor, error) {
	plan, err := c.plan(&q)
	if err != nil {
		return "", err
	}
	raw, err := bson.Marshal(t)
	if err != nil {
		return "", err
	}
	return plan.cursor(raw)
}

func (c *Collection[T]) decode(raw bson.Raw) (*T, error) {
	id := idOf(raw)
	if c.cache != nil {
		if t := c.cache.get(id, raw); t != nil {
			return t, nil
		}
	}
	t := new(T)
	if err := bson.Unmarshal(raw, t); err != nil {
		return nil, fmt.Errorf("%s: %w", c.spec.Name, err)
	}
	if c.cache != nil {
		c.cache.put(id, raw, t)
	}
	return t, nil
}

func idOf(raw bson.Raw) market.ID {
	id, _ := raw.Lookup("_id").StringValueOK()
	return market.ID(id)
}

// Missing reports whether err says that a document does not exist.
func Missing(err error) bool { return errors.Is(err, ErrMissing) }

// Exists reports whether err says that an id is taken.
func Exists(err error) bool { return errors.Is(err, ErrExists) }
