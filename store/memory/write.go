package memory

import (
	"context"
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/market"
	"chohue/store"
)

// collection is the documents of one kind with their indexes.
type collection struct {
	bodies  map[market.ID]bson.Raw // never changed in place
	byID    *index
	indexes []*index
}

func newCollection() *collection {
	return &collection{bodies: map[market.ID]bson.Raw{}, byID: &index{}}
}

func (c *collection) clone() *collection {
	copied := &collection{bodies: maps.Clone(c.bodies), byID: c.byID.clone()}
	for _, ix := range c.indexes {
		copied.indexes = append(copied.indexes, ix.clone())
	}
	return copied
}

// declare keeps the indexes that stay as they are, fills those that are new or
// other than before, and forgets the rest.
func (c *collection) declare(wanted []store.Index) {
	before := c.indexes
	c.indexes = nil
	for _, w := range wanted {
		i := slices.IndexFunc(before, func(ix *index) bool { return ix.Name == w.Name && slices.Equal(ix.Fields, w.Fields) })
		if i >= 0 {
			c.indexes = append(c.indexes, before[i])
			continue
		}
		ix := &index{Index: w}
		for id, body := range c.bodies {
			ix.move(id, nil, body)
		}
		c.indexes = append(c.indexes, ix)
	}
}

// put replaces a document, or removes it with a nil body.
func (c *collection) put(id market.ID, body bson.Raw) {
	old := c.bodies[id]
	if body == nil {
		delete(c.bodies, id)
	} else {
		c.bodies[id] = body
	}
	c.byID.move(id, old, body)
	for _, ix := range c.indexes {
		ix.move(id, old, body)
	}
}

// Insert implements store.Engine.
func (e *Engine) Insert(ctx context.Context, name string, w store.Write) error {
	e.disk.mu.Lock()
	defer e.disk.mu.Unlock()
	c, err := e.open(ctx, name)
	if err != nil {
		return err
	}
	id := market.ID(w.Body.Lookup("_id").StringValue())
	if _, taken := c.bodies[id]; taken {
		return store.ErrExists
	}
	c.put(id, slices.Clone(w.Body))
	e.announce(w.Events)
	return nil
}

// Update implements store.Engine. One change runs at a time.
func (e *Engine) Update(ctx context.Context, name string, id market.ID, create bool, change store.Change) error {
	e.disk.mu.Lock()
	defer e.disk.mu.Unlock()
	c, err := e.open(ctx, name)
	if err != nil {
		return err
	}
	old := c.bodies[id]
	if old == nil && !create {
		return store.ErrMissing
	}
	w, err := change(slices.Clone(old))
	if err != nil || w.Body == nil {
		return err
	}
	c.put(id, slices.Clone(w.Body))
	e.announce(w.Events)
	return nil
}

// Delete implements store.Engine.
func (e *Engine) Delete(ctx context.Context, name string, id market.ID) error {
	e.disk.mu.Lock()
	defer e.disk.mu.Unlock()
	c, err := e.open(ctx, name)
	if err != nil {
		return err
	}
	c.put(id, nil)
	return nil
}
