package bleve

import (
	"cmp"
	"context"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"chohue/search"
)

const (
	defaultLimit = 24
	maxLimit     = 100
	maxOffset    = 10_000
)

// Query answers from memory and mapped files; it does not wait for changes.
func (e *Engine) Query(_ context.Context, q search.Query) (search.Result, error) {
	q = bounded(q)
	r := e.request(q)
	e.look.RLock()
	defer e.look.RUnlock()
	result := search.Result{Engine: "bleve"}
	if e.live == nil {
		return result, errClosed
	}
	if q.Text != "" && len(r.terms) == 0 {
		return result, nil // nothing but signs: nothing has them
	}
	matches, reached, err := e.matches(e.live.view, r)
	if err != nil {
		return result, err
	}
	c := newCollector(r, reached)
	for _, m := range matches {
		c.collect(m)
	}
	result.Total, result.IDs = c.total, c.page()
	if q.Facets {
		result.Facets = c.facets()
	}
	if reached == typo {
		result.Corrected = c.corrected()
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

// matches reads the words as freely as it takes to find enough. Filters have no
// say in that: choosing one must not bring other products.
func (e *Engine) matches(v *view, r *request) ([]match, stage, error) {
	matches := make([]match, len(v.parts))
	for s := whole; ; s++ {
		n := uint64(0)
		for i := range v.parts {
			var err error
			if matches[i], err = e.match(&v.parts[i], r, s); err != nil {
				return nil, s, err
			}
			if found := matches[i].found; found != nil {
				n += found.GetCardinality()
			}
		}
		if len(r.terms) == 0 || n >= needed[s] {
			return matches, s, nil
		}
	}
}

// hit is one product in its place: smaller keys come first.
type hit struct {
	first, second int64
	row           *row
}

func before(a, b hit) int {
	if c := cmp.Compare(a.first, b.first); c != 0 {
		return c
	}
	if c := cmp.Compare(a.second, b.second); c != 0 {
		return c
	}
	return -strings.Compare(string(a.row.ID), string(b.row.ID))
}

func (c *collector) hit(r *row, score int64) hit {
	switch c.request.query.Sort {
	case search.SortPrice:
		return hit{int64(r.Price), -score, r}
	case search.SortPriceDown:
		return hit{-int64(r.Price), -score, r}
	case search.SortNewest:
		return hit{-r.Published, -score, r}
	default:
		return hit{-score, -r.Published, r}
	}
}

// each visits the documents of a match in order.
func (m match) each(do func(number uint32)) {
	if m.found != nil {
		m.found.Iterate(func(n uint32) bool { do(n); return true })
		return
	}
	for n := range uint32(len(m.part.rows)) {
		if !gone(m.part.deleted, uint64(n)) {
			do(n)
		}
	}
}

// scores adds up what the words are worth, by document number.
func (m match) scores(into []int32) {
	if m.found == nil {
		return
	}
	for _, w := range m.words {
		roaring.And(w.docs, m.found).Iterate(func(n uint32) bool {
			into[n] += w.worth
			return true
		})
	}
}
