package catalog

import (
	"testing"

	"chohue/market"
)

// TestARatingFollowsTheNewestNews: heard twice or late, it is what the newest
// news said, and is written once.
func TestARatingFollowsTheNewestNews(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	type news struct{ Count, Sum, Version int64 }
	for _, n := range []news{{1, 5, 1}, {3, 13, 3}, {2, 9, 2}, {3, 13, 3}} {
		e := market.NewEvent(s.env, eventRated, p.ID, map[string]int64{"count": n.Count, "sum": n.Sum, "version": n.Version})
		if err := s.Consume(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.PublishedProduct(t.Context(), p.ID)
	if err != nil || got.Rating != (Rating{Count: 3, Sum: 13, Version: 3}) || got.Rating.Tenths() != 43 || got.Rev != p.Rev+2 {
		t.Errorf("rating %+v, %d tenths, revision %d → %d, %v", got.Rating, got.Rating.Tenths(), p.Rev, got.Rev, err)
	}
	if err := s.Consume(t.Context(), market.NewEvent(s.env, eventRated, "unknown", map[string]int64{"count": 1, "version": 9})); err != nil {
		t.Errorf("a product not there: %v", err)
	}
}
