package bleve

import (
	"context"
	"errors"
	"os"

	"chohue/market"
	"chohue/search"
)

const rebuildBatch = 1000

// Rebuild reports conflict when another rebuild runs.
func (e *Engine) Rebuild(ctx context.Context, each func(yield func(search.Document) error) error) error {
	if !e.rebuild.TryLock() {
		return market.Conflict("search.rebuilding")
	}
	defer e.rebuild.Unlock()
	next, err := e.begin()
	if err != nil {
		return err
	}
	if err := e.fill(ctx, next, each); err != nil {
		return errors.Join(err, e.abandon(next))
	}
	return e.swap(next)
}

// begin opens an empty generation that Apply fills from now on.
func (e *Engine) begin() (*generation, error) {
	e.write.Lock()
	defer e.write.Unlock()
	if e.live == nil {
		return nil, errClosed
	}
	number := e.live.number + 1
	if err := os.RemoveAll(e.folder(number)); err != nil { // of a rebuild that failed
		return nil, err
	}
	next, err := openGeneration(e.folder(number), number)
	if err != nil {
		return nil, err
	}
	e.next = next
	return next, nil
}

func (e *Engine) fill(ctx context.Context, next *generation, each func(func(search.Document) error) error) error {
	var batch []search.Change
	flush := func() error {
		e.write.Lock()
		defer e.write.Unlock()
		err := next.apply(batch)
		batch = batch[:0]
		return err
	}
	err := each(func(d search.Document) error {
		batch = append(batch, search.Change{Document: &d})
		if len(batch) < rebuildBatch {
			return ctx.Err()
		}
		return errors.Join(flush(), ctx.Err())
	})
	if err != nil {
		return err
	}
	return flush()
}

func (e *Engine) abandon(next *generation) error {
	e.write.Lock()
	defer e.write.Unlock()
	e.next = nil
	return errors.Join(next.close(), os.RemoveAll(e.folder(next.number)))
}

// swap puts the new generation in place, on disk first: after a crash the
// next opening finds one or the other, never neither.
func (e *Engine) swap(next *generation) error {
	e.write.Lock()
	defer e.write.Unlock()
	e.next = nil
	fresh, err := next.snapshot()
	if err != nil {
		return errors.Join(err, next.close())
	}
	err = errors.Join(next.view.close(), e.point(next.number))
	next.view = fresh
	if err != nil {
		return errors.Join(err, next.close())
	}
	e.look.Lock()
	old := e.live
	e.live = next
	e.look.Unlock()
	return errors.Join(old.close(), os.RemoveAll(e.folder(old.number)))
}
