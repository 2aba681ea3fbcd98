package orders_test

import (
	"context"
	"errors"

	"chohue/market"
	"chohue/store"
	"chohue/store/memory"
)

// seasonEngine is a database that is used by more than one process, and that
// one process loses: what others do comes between two writes of ours, and after
// so many writes every write fails until somebody starts the process again.
type seasonEngine struct {
	store.Engine

	specs []store.Spec
	left  int    // writes until the crash; below zero for none
	wait  int    // writes until another process comes between
	other func() // what that process does; nil for nothing
}

var errCut = errors.New("cut off by a crash")

// swap goes on with another disk, for the same rooms.
func (e *seasonEngine) swap(ctx context.Context, disk *memory.Disk) error {
	e.Engine = memory.Open(disk)
	for _, s := range e.specs {
		if err := e.Engine.Declare(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// calm ends crashes and company.
func (e *seasonEngine) calm() { e.left, e.other = -1, nil }

func (e *seasonEngine) write() error {
	if e.other != nil && e.wait == 0 {
		other := e.other
		e.other = nil
		other()
	}
	e.wait--
	if e.left == 0 {
		return errCut
	}
	if e.left > 0 {
		e.left--
	}
	return nil
}

func (e *seasonEngine) Declare(ctx context.Context, s store.Spec) error {
	e.specs = append(e.specs, s)
	return e.Engine.Declare(ctx, s)
}

func (e *seasonEngine) Insert(ctx context.Context, collection string, w store.Write) error {
	if err := e.write(); err != nil {
		return err
	}
	return e.Engine.Insert(ctx, collection, w)
}

func (e *seasonEngine) Update(ctx context.Context, collection string, id market.ID, create bool, change store.Change) error {
	if err := e.write(); err != nil {
		return err
	}
	return e.Engine.Update(ctx, collection, id, create, change)
}
