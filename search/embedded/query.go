package embedded

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2"

	"chohue/market"
	"chohue/search"
)

// Name is what results say of who gave them.
const Name = "embedded"

const (
	defaultLimit = 24
	maxLimit     = 100
	maxOffset    = 10_000
)

// Query answers from memory; it waits only for the moment in which a change is
// put in place.
func (e *Engine) Query(_ context.Context, q search.Query) (search.Result, error) {
	q = bounded(q)
	r := e.request(q)
	result := search.Result{Engine: Name}
	e.look.RLock()
	defer e.look.RUnlock()
	if e.live == nil {
		return result, errClosed
	}
	if q.Text != "" && len(r.words) == 0 {
		return result, nil // nothing but signs: nothing has them
	}
	x, m := e.live, e.match(e.live, r)
	stars := x.starsAt(r.now)
	m.found = roaring.And(m.found, x.live)
	if q.Facets {
		result.Facets = x.facets(q, m.found, stars)
	}
	kept := x.filter(q, m.found, stars)
	result.Total = int(kept.GetCardinality())
	rows := x.page(r, m, kept)
	for _, row := range rows {
		result.IDs = append(result.IDs, row.ID)
	}
	if m.stage >= respaced && len(rows) > 0 {
		result.Corrected = e.corrected(x, r, m, rows[0])
	}
	return result, nil
}

func bounded(q search.Query) search.Query {
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	q.Limit = min(q.Limit, maxLimit)
	q.Offset = min(max(q.Offset, 0), maxOffset)
	return q
}

func (x *index) page(r *request, m match, kept *roaring.Bitmap) []*row {
	p := &page{index: x, skip: r.query.Offset, want: r.query.Limit, rows: make([]*row, 0, min(r.query.Limit, int(kept.GetCardinality())))}
	if kept.IsEmpty() {
		return nil
	}
	switch r.query.Sort {
	case search.SortPrice, search.SortPriceDown:
		p.byPrice(kept, r.query.Sort == search.SortPriceDown)
	case search.SortNewest:
		p.fill(kept, nil)
	case search.SortNear:
		p.fill(kept, append([]rule{x.nearest(r.query.Near)}, x.rules(r, m)...))
	default:
		p.fill(kept, x.rules(r, m))
	}
	return p.rows
}

// filter keeps what meets every condition of the query.
func (x *index) filter(q search.Query, found *roaring.Bitmap, stars *starred) *roaring.Bitmap {
	kept := x.other(q, found)
	for _, f := range x.chosen(q, stars) {
		if f.docs != nil {
			kept = roaring.And(kept, f.docs)
		}
	}
	return kept
}

// other keeps what meets the conditions that no facet shows.
func (x *index) other(q search.Query, found *roaring.Bitmap) *roaring.Bitmap {
	if q.Seller != "" {
		found = roaring.And(found, x.soldBy(q.Seller))
	}
	if q.InStock {
		found = roaring.And(found, x.stock)
	}
	if q.PriceFrom > 0 || q.PriceTo > 0 {
		found = x.costing(q.PriceFrom, q.PriceTo, found)
	}
	return found
}

func (x *index) soldBy(id market.ID) *roaring.Bitmap {
	if s := x.sellers[id]; s != nil {
		return s.docs
	}
	return none
}

func (x *index) costing(from, to market.VND, found *roaring.Bitmap) *roaring.Bitmap {
	kept := make([]uint32, 0, found.GetCardinality())
	found.Iterate(func(n uint32) bool {
		if p := x.rows[n].Price; p >= from && (to <= 0 || p <= to) {
			kept = append(kept, n)
		}
		return true
	})
	out := roaring.New()
	out.AddMany(kept)
	return out
}
