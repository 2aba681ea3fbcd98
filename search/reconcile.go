package search

import (
	"context"
	"errors"

	"chohue/catalog"
	"chohue/market"
)

// Reconciled is what was not as it should be, and is mended.
type Reconciled struct {
	Products int // in the shop
	Missing  int // were not in the index
	Stale    int // were of another version
	Gone     int // were in the index and not in the shop
}

// Reconcile compares every engine with the catalogue by id and version and tells
// it what it has missed: news are delivered at least once, and still a disk may
// be restored, a server emptied, a bug mended. It is meant for the night.
func (s *Service) Reconcile(ctx context.Context) (Reconciled, error) {
	var first Reconciled
	var failed error
	for i, e := range s.engines {
		r, err := s.reconcile(ctx, e)
		e.behind.Store(err != nil)
		failed = errors.Join(failed, err)
		if i == 0 {
			first = r
		}
	}
	return first, failed
}

const reconcileBatch = 500

func (s *Service) reconcile(ctx context.Context, e Engine) (Reconciled, error) {
	var r Reconciled
	has, err := e.Versions(ctx)
	if err != nil {
		return r, err
	}
	var batch []Change
	flush := func() error {
		err := tell(ctx, e, batch)
		batch = batch[:0]
		return err
	}
	err = s.source.EachPublished(ctx, func(p *catalog.Product) error {
		r.Products++
		version, known := has[p.ID]
		delete(has, p.ID)
		if known && version >= p.Rev {
			return nil
		}
		if r.Stale++; !known {
			r.Stale--
			r.Missing++
		}
		d := s.document(p)
		batch = append(batch, Change{Document: &d})
		if len(batch) < reconcileBatch {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return r, err
	}
	r.Gone, err = s.forget(ctx, e, has)
	return r, err
}

// forget takes out what the index has and the shop has not. A product that was
// published while the shop was walked is looked at once more.
func (s *Service) forget(ctx context.Context, e Engine, left map[market.ID]int64) (int, error) {
	gone := 0
	for id, version := range left {
		_, err := s.source.PublishedProduct(ctx, id)
		if err == nil {
			continue
		}
		if market.KindOf(err) != market.KindNotFound {
			return gone, err
		}
		gone++
		if err := tell(ctx, e, []Change{{Delete: id, Version: version + 1}}); err != nil {
			return gone, err
		}
	}
	return gone, nil
}

// tell hands changes over and waits until they are seen.
func tell(ctx context.Context, e Engine, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	if err := e.Apply(ctx, changes); err != nil {
		return err
	}
	return e.Wait(ctx)
}
