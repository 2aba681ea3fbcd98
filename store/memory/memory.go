// Package memory is the engine for simulations: everything that a real engine
// promises but surviving the machine. Documents are kept encoded and copied in
// and out, so nothing is shared with callers; walks and events come in one
// fixed order, so that the same calls always give the same answers.
//
// What a [Disk] holds outlives the engine that is open on it. A simulation
// throws an engine away in the middle of its work, opens another on the same
// disk, and finds exactly the writes that had been acknowledged.
package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/market"
	"chohue/store"
)

// Disk is what was written. The zero Disk is empty.
type Disk struct {
	mu          sync.RWMutex
	collections map[string]*collection
	outbox      []store.Pending // by number, which is the Ref
	last        int64           // number of the latest event
}

// Clone returns a disk with the same content that goes its own way from here.
// It is cheap: what was written is never changed, only replaced.
func (d *Disk) Clone() *Disk {
	d.mu.RLock()
	defer d.mu.RUnlock()
	c := &Disk{collections: map[string]*collection{}, outbox: slices.Clone(d.outbox), last: d.last}
	for name, found := range d.collections {
		c.collections[name] = found.clone()
	}
	return c
}

// Engine implements store.Engine on a Disk.
type Engine struct {
	disk     *Disk
	declared sync.Map // names of collections
	wake     chan struct{}
	closed   atomic.Bool
}

var _ store.Engine = (*Engine)(nil)

// New returns an engine on an empty disk.
func New() *Engine { return Open(&Disk{}) }

// Open returns an engine on the disk. Several may be open at once, as several
// processes may work on one database.
func Open(d *Disk) *Engine { return &Engine{disk: d, wake: make(chan struct{}, 1)} }

var errClosed = market.Unavailable("store.closed")

// Close refuses all later calls. What was written stays on the disk.
func (e *Engine) Close() error {
	e.closed.Store(true)
	return nil
}

// Ping implements store.Engine.
func (e *Engine) Ping(ctx context.Context) error { return e.ready(ctx) }

// Wake implements store.Engine.
func (e *Engine) Wake() <-chan struct{} { return e.wake }

func (e *Engine) ready(ctx context.Context) error {
	if e.closed.Load() {
		return errClosed
	}
	return ctx.Err()
}

// Declare implements store.Engine.
func (e *Engine) Declare(ctx context.Context, s store.Spec) error {
	if strings.HasPrefix(s.Name, "_") || strings.Contains(s.Name, ".") {
		return fmt.Errorf("collection name %q", s.Name)
	}
	if err := e.ready(ctx); err != nil {
		return err
	}
	e.disk.mu.Lock()
	defer e.disk.mu.Unlock()
	if e.disk.collections == nil {
		e.disk.collections = map[string]*collection{}
	}
	c := e.disk.collections[s.Name]
	if c == nil {
		c = newCollection()
		e.disk.collections[s.Name] = c
	}
	c.declare(s.Indexes)
	e.declared.Store(s.Name, true)
	return nil
}

// open returns the collection; the caller holds the disk's lock.
func (e *Engine) open(ctx context.Context, name string) (*collection, error) {
	if err := e.ready(ctx); err != nil {
		return nil, err
	}
	if _, ok := e.declared.Load(name); !ok {
		return nil, fmt.Errorf("collection %q is not declared", name)
	}
	return e.disk.collections[name], nil
}

// Get implements store.Engine.
func (e *Engine) Get(ctx context.Context, name string, ids ...market.ID) ([]bson.Raw, error) {
	e.disk.mu.RLock()
	defer e.disk.mu.RUnlock()
	c, err := e.open(ctx, name)
	if err != nil {
		return nil, err
	}
	var found []bson.Raw
	for i, id := range ids {
		if body, ok := c.bodies[id]; ok && !slices.Contains(ids[:i], id) {
			found = append(found, slices.Clone(body))
		}
	}
	return found, nil
}

// Collections lists the names of all collections, in order.
func (d *Disk) Collections() []string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Sorted(maps.Keys(d.collections))
}
