package orders_test

import (
	"context"
	"errors"
	"sync/atomic"

	"chohue/market"
	"chohue/store"
)

var errCrash = errors.New("the process is gone")

// crashing is a store whose process dies at a write that the test names: that
// write and all later ones are lost until it is mended.
type crashing struct {
	store.Engine
	left atomic.Int64 // writes until the crash; none planned when zero
	dead atomic.Bool
}

func (c *crashing) mend() {
	c.left.Store(0)
	c.dead.Store(false)
}

func (c *crashing) gone() bool {
	if !c.dead.Load() && c.left.Load() > 0 && c.left.Add(-1) == 0 {
		c.dead.Store(true)
	}
	return c.dead.Load()
}

func (c *crashing) Insert(ctx context.Context, collection string, w store.Write) error {
	if c.gone() {
		return errCrash
	}
	return c.Engine.Insert(ctx, collection, w)
}

func (c *crashing) Update(ctx context.Context, collection string, id market.ID, create bool, change store.Change) error {
	if c.gone() {
		return errCrash
	}
	return c.Engine.Update(ctx, collection, id, create, change)
}
