package embedded

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"chohue/search"
)

// rule splits a bucket of products into parts, the best first. Parts may be
// empty; together they are the bucket.
type rule func(bucket *roaring.Bitmap) iter.Seq[*roaring.Bitmap]

// rules are search.Criteria in their order; see there. A rule that cannot
// decide between the matches of this request is left out.
func (x *index) rules(r *request, m match) []rule {
	var rules []rule
	add := func(on bool, next rule) {
		if on {
			rules = append(rules, next)
		}
	}
	words := len(m.words) > 0
	add(words, most([]*roaring.Bitmap{m.inOne()}))
	add(words && m.stage >= respaced, most(m.lists(func(h heard) *roaring.Bitmap { return h.sure })))
	add(r.marked, most(m.lists(func(h heard) *roaring.Bitmap { return h.marked })))
	add(words, most(m.lists(heard.inName)))
	add(words, most(m.lists(func(h heard) *roaring.Bitmap { return roaring.FastOr(h.named, h.seller, h.place) })))
	add(words, most(m.lists(func(h heard) *roaring.Bitmap { return h.said })))
	if words {
		together := x.together(r, m)
		add(len(m.words) > 1, most([]*roaring.Bitmap{together}))
		add(true, most([]*roaring.Bitmap{x.entire(r, together)}))
	}
	stars := x.starsAt(r.now)
	return append(rules, most([]*roaring.Bitmap{x.stock}), most(stars.atLeast[1:]))
}

// inName is what has the word in the name: with its marks when it was typed
// with marks, unless all that the product has is the folded word.
func (h heard) inName() *roaring.Bitmap {
	if h.marked == nil {
		return h.named
	}
	return roaring.Or(h.titled, roaring.AndNot(h.named, h.marked))
}

func (m match) lists(of func(heard) *roaring.Bitmap) []*roaring.Bitmap {
	var out []*roaring.Bitmap
	for _, w := range m.words {
		if docs := of(w); docs != nil {
			out = append(out, docs)
		}
	}
	return out
}

// together is what has the words side by side and in order in a name.
func (x *index) together(r *request, m match) *roaring.Bitmap {
	docs := roaring.And(m.found, m.words[0].named)
	last := len(r.words) - 1
	for i := 1; i <= last && !docs.IsEmpty(); i++ {
		two := r.words[i-1].Folded + " " + r.words[i].Folded
		if i == last && m.stage >= begun {
			docs = roaring.And(docs, x.dicts[pair].starting(two, nil))
			continue
		}
		docs = roaring.And(docs, x.dicts[pair].get(two))
	}
	return docs
}

// entire is what has nothing but the words in a name.
func (x *index) entire(r *request, together *roaring.Bitmap) *roaring.Bitmap {
	docs := x.lengths[len(r.words)]
	if docs == nil {
		return none
	}
	return roaring.And(together, docs)
}

// most puts products first that are in most of the lists.
func most(lists []*roaring.Bitmap) rule {
	return func(bucket *roaring.Bitmap) iter.Seq[*roaring.Bitmap] {
		return func(yield func(*roaring.Bitmap) bool) {
			best := bucket
			for _, docs := range lists {
				best = roaring.And(best, docs)
			}
			if !best.IsEmpty() && !yield(best) {
				return
			}
			rest := roaring.AndNot(bucket, best)
			if rest.IsEmpty() {
				return
			}
			fewer(rest, lists, yield)
		}
	}
}

// fewer goes on with products that are in some of the lists: in one less than
// all, in two less, and so on.
func fewer(rest *roaring.Bitmap, lists []*roaring.Bitmap, yield func(*roaring.Bitmap) bool) {
	atLeast := []*roaring.Bitmap{rest} // in so many of the lists looked at so far
	for _, docs := range lists {
		next := make([]*roaring.Bitmap, len(atLeast)+1)
		next[0] = rest
		for n := 1; n < len(next); n++ {
			next[n] = roaring.And(atLeast[n-1], docs)
			if n < len(atLeast) {
				next[n].Or(atLeast[n])
			}
		}
		atLeast = next
	}
	for n := len(atLeast) - 1; n >= 0; n-- {
		part := atLeast[n]
		if n+1 < len(atLeast) {
			part = roaring.AndNot(part, atLeast[n+1])
		}
		if !part.IsEmpty() && !yield(part) {
			return
		}
	}
}

// page gathers one page of products.
type page struct {
	index *index
	skip  int
	want  int
	rows  []*row
}

func (p *page) full() bool { return len(p.rows) >= p.want }

// fill takes from the bucket by the rules; false when the page is full. Parts
// that lie before the page are counted only.
func (p *page) fill(bucket *roaring.Bitmap, rules []rule) bool {
	n := bucket.GetCardinality()
	if n <= uint64(p.skip) {
		p.skip -= int(n)
		return true
	}
	if n == 1 || len(rules) == 0 {
		p.take(bucket)
		return !p.full()
	}
	for part := range rules[0](bucket) {
		if !p.fill(part, rules[1:]) {
			return false
		}
	}
	return true
}

// take adds products that nothing but their age decides between. Those of the
// snapshot are in order already.
func (p *page) take(bucket *roaring.Bitmap) {
	late := p.index.late(bucket)
	early := bucket.Iterator()
	for !p.full() {
		fromBase := early.HasNext() && early.PeekNext() < p.index.base
		var r *row
		switch {
		case fromBase && (len(late) == 0 || order(p.index.rows[early.PeekNext()], late[0]) < 0):
			r = p.index.rows[early.Next()]
		case len(late) > 0:
			r, late = late[0], late[1:]
		default:
			return
		}
		p.put(r)
	}
}

func (p *page) put(r *row) {
	if p.skip > 0 {
		p.skip--
		return
	}
	p.rows = append(p.rows, r)
}

// late are the products of a bucket that came after the snapshot, in order.
func (x *index) late(bucket *roaring.Bitmap) []*row {
	if bucket.IsEmpty() || bucket.Maximum() < x.base {
		return nil
	}
	var rows []*row
	it := bucket.Iterator()
	for it.AdvanceIfNeeded(x.base); it.HasNext(); {
		rows = append(rows, x.rows[it.Next()])
	}
	slices.SortFunc(rows, order)
	return rows
}

// byPrice takes products by price. When most products match, walking the
// snapshot's own order finds the page soonest; otherwise sorting the matches.
func (p *page) byPrice(found *roaring.Bitmap, down bool) {
	n, total := float64(found.GetCardinality()), float64(len(p.index.rows))
	if n*math.Log2(n+1) < float64(p.skip+p.want)*total/max(n, 1) {
		p.sort(p.index.rowsOf(found), down)
		return
	}
	late := p.index.late(found)
	slices.SortStableFunc(late, func(a, b *row) int { return byPrice(a, b, down) })
	for early := range p.index.priced(found, down) {
		for len(late) > 0 && byPrice(late[0], early, down) < 0 && !p.full() {
			p.put(late[0])
			late = late[1:]
		}
		if p.full() {
			return
		}
		p.put(early)
	}
	for ; len(late) > 0 && !p.full(); late = late[1:] {
		p.put(late[0])
	}
}

func byPrice(a, b *row, down bool) int {
	c := cmp.Compare(a.Price, b.Price)
	if down {
		c = -c
	}
	return cmp.Or(c, order(a, b))
}

func (p *page) sort(rows []*row, down bool) {
	slices.SortFunc(rows, func(a, b *row) int { return byPrice(a, b, down) })
	for _, r := range rows {
		if p.full() {
			return
		}
		p.put(r)
	}
}

func (x *index) rowsOf(docs *roaring.Bitmap) []*row {
	rows := make([]*row, 0, docs.GetCardinality())
	docs.Iterate(func(n uint32) bool {
		rows = append(rows, x.rows[n])
		return true
	})
	return rows
}

// priced walks the found products of the snapshot by price. Down, products of
// one price still come in order.
func (x *index) priced(found *roaring.Bitmap, down bool) iter.Seq[*row] {
	return func(yield func(*row) bool) {
		if !down {
			for _, p := range x.byPrice {
				if found.Contains(p.number) && !yield(x.rows[p.number]) {
					return
				}
			}
			return
		}
		for end := len(x.byPrice); end > 0; {
			start := end - 1
			for start > 0 && x.byPrice[start-1].price == x.byPrice[end-1].price {
				start--
			}
			for _, p := range x.byPrice[start:end] {
				if found.Contains(p.number) && !yield(x.rows[p.number]) {
					return
				}
			}
			end = start
		}
	}
}

// nearest splits by the way to where the products come from.
func (x *index) nearest(from search.Point) rule {
	type distant struct {
		km   float64
		docs *roaring.Bitmap
	}
	wards := make([]distant, 0, len(x.wards))
	for _, w := range x.wards {
		wards = append(wards, distant{from.To(w.at), w.docs})
	}
	slices.SortFunc(wards, func(a, b distant) int { return cmp.Compare(a.km, b.km) })
	return func(bucket *roaring.Bitmap) iter.Seq[*roaring.Bitmap] {
		return func(yield func(*roaring.Bitmap) bool) {
			for _, w := range wards {
				if !yield(roaring.And(bucket, w.docs)) {
					return
				}
			}
		}
	}
}
