package search

import (
	"context"
	"maps"
	"sync"
	"time"

	"chohue/catalog"
	"chohue/market"
)

// turned remembers which changes of certificates the engines have heard of.
type turned struct {
	mu     sync.Mutex
	looked time.Time // when all changes until then were heard
	heard  map[market.ID]heard
}

// heard is a change that the engines know.
type heard struct {
	rev int64
	at  time.Time
}

// turnedSlack is how far apart the clocks of two processes may be: changes of
// that time before the last look are looked for again. After so long even a
// list of hundreds of decisions, entered at once, costs the next query nothing.
const turnedSlack = 10 * time.Second

// catchUp tells the engines of certificates that were entered or revoked and
// whose news is still on its way. Without it a badge would stay in filters,
// facets and ranking until the relay has come round; with it a revocation
// counts in the very next query. It costs one look into an index that is
// almost always empty from there on.
func (s *Service) catchUp(ctx context.Context) error {
	var late []*catalog.Product
	looked, err := s.source.EachTurned(ctx, s.turned.from(), func(p *catalog.Product) error {
		if s.turned.isNew(p) {
			late = append(late, p)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(late) == 0 {
		s.turned.hear(looked, nil)
		return nil
	}
	changes := make([]Change, len(late))
	for i, p := range late {
		d := s.document(p)
		changes[i] = Change{Document: &d}
	}
	if s.apply(ctx, changes...) == nil {
		s.turned.hear(looked, late)
	}
	return nil // an engine that fails is told again; meanwhile another may answer
}

func (t *turned) from() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.looked.IsZero() {
		return t.looked
	}
	return t.looked.Add(-turnedSlack)
}

func (t *turned) isNew(p *catalog.Product) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.heard[p.ID].rev < p.Rev
}

// hear notes what the engines know now, and forgets what will not be asked for
// again.
func (t *turned) hear(looked time.Time, products []*catalog.Product) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.heard == nil {
		t.heard = map[market.ID]heard{}
	}
	for _, p := range products {
		t.heard[p.ID] = heard{max(t.heard[p.ID].rev, p.Rev), p.BadgeTurnedAt}
	}
	if looked.After(t.looked) {
		t.looked = looked
	}
	maps.DeleteFunc(t.heard, func(_ market.ID, h heard) bool { return h.at.Before(t.looked.Add(-turnedSlack)) })
}
