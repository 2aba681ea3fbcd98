package store

import (
	"bytes"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/market"
)

// cache keeps decoded documents by id, each good only for the very bytes it
// was decoded from: a revision number would not do, since a document that is
// deleted and inserted again starts at 1 once more. When the cache is full an
// arbitrary entry goes: the map's random order is a fair and cheap choice, and
// a wrong guess costs one decoding.
type cache[T any] struct {
	mu   sync.RWMutex
	size int
	kept map[market.ID]decoded[T]
}

type decoded[T any] struct {
	from  bson.Raw
	value *T
}

func newCache[T any](size int) *cache[T] {
	if size <= 0 {
		return nil
	}
	return &cache[T]{size: size, kept: make(map[market.ID]decoded[T])}
}

func (c *cache[T]) get(id market.ID, raw bson.Raw) *T {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if e, ok := c.kept[id]; ok && bytes.Equal(e.from, raw) {
		return e.value
	}
	return nil
}

func (c *cache[T]) put(id market.ID, raw bson.Raw, t *T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.kept[id]; !ok && len(c.kept) >= c.size {
		for other := range c.kept {
			delete(c.kept, other)
			break
		}
	}
	c.kept[id] = decoded[T]{raw, t}
}
