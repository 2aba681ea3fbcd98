package embedded

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"

	"chohue/market"
	"chohue/search"
)

// index is a snapshot and the changes since. Products have numbers; those of
// the snapshot are in order, the newest first, later ones follow as they come.
// One writer changes it while no query looks.
type index struct {
	dicts   [kinds]dict
	rows    []*row   // by number; nil for what was replaced
	base    uint32   // numbers below are of the snapshot
	byPrice []priced // those of the snapshot, the cheapest first
	byID    map[market.ID]uint32
	gone    map[market.ID]int64 // versions at which products were taken out, so that older news is known as such

	live    *roaring.Bitmap
	stock   *roaring.Bitmap
	badged  *roaring.Bitmap
	sets    map[int]*roaring.Bitmap
	wards   map[string]*ward
	sellers map[market.ID]*vendor
	lengths map[int]*roaring.Bitmap // by the number of words in a name
	stars   atomic.Pointer[starred]
}

// priced is a product of the snapshot and what it cost then.
type priced struct {
	price  market.VND
	number uint32
}

// ward is where products come from.
type ward struct {
	name string
	at   search.Point
	docs *roaring.Bitmap
}

// vendor is who sells products.
type vendor struct {
	name, slug string
	docs       *roaring.Bitmap
}

// emptyIndex is for filling at once: its words are not looked up before it is
// frozen.
func emptyIndex() *index {
	x := &index{
		byID: map[market.ID]uint32{}, gone: map[market.ID]int64{},
		live: roaring.New(), stock: roaring.New(), badged: roaring.New(),
		sets: map[int]*roaring.Bitmap{}, wards: map[string]*ward{}, sellers: map[market.ID]*vendor{}, lengths: map[int]*roaring.Bitmap{},
	}
	for k := range x.dicts {
		x.dicts[k].bulk = true
	}
	return x
}

// newIndex begins with what a snapshot holds.
func newIndex(s *snapshot) *index {
	x := emptyIndex()
	for k := range x.dicts {
		x.dicts[k] = dict{base: s.words[k], begun: s.begun[k]}
	}
	maps.Copy(x.gone, s.gone)
	x.base = uint32(len(s.rows))
	for _, r := range s.rows {
		x.number(r)
	}
	x.byPrice = make([]priced, len(s.rows))
	for i, r := range s.rows {
		x.byPrice[i] = priced{r.Price, uint32(i)}
	}
	slices.SortStableFunc(x.byPrice, func(a, b priced) int { return cmp.Compare(a.price, b.price) })
	return x
}

// version returns what the index has seen of a product; 0 for nothing.
func (x *index) version(id market.ID) int64 {
	if n, ok := x.byID[id]; ok {
		return x.rows[n].Version
	}
	return x.gone[id]
}

// news leaves out what is not newer than what the index has seen.
func (x *index) news(changes []search.Change) []search.Change {
	seen := map[market.ID]int64{}
	var out []search.Change
	for _, c := range changes {
		id, version := c.Subject()
		if version > max(x.version(id), seen[id]) {
			seen[id] = version
			out = append(out, c)
		}
	}
	return out
}

func (x *index) apply(changes []search.Change) {
	for _, c := range changes {
		id, version := c.Subject()
		if version <= x.version(id) {
			continue
		}
		x.remove(id)
		if c.Document != nil {
			x.add(c.Document, version)
			continue
		}
		x.gone[id] = version
	}
}

func (x *index) add(d *search.Document, version int64) {
	r := rowOf(d, version)
	n := uint32(len(x.rows))
	reader{func(k kind, key string) { x.dicts[k].put(key, n) }}.read(d, r)
	x.number(r)
}

// number gives the row the next number and a place in every list.
func (x *index) number(r *row) {
	n := uint32(len(x.rows))
	x.rows = append(x.rows, r)
	x.byID[r.ID] = n
	delete(x.gone, r.ID)
	for _, docs := range x.places(r) {
		docs.Add(n)
	}
	if s := x.stars.Load(); s != nil && len(r.Badges) > 0 {
		x.stars.Store(nil)
	}
}

// remove takes a product out of every list but those of its words, which are
// looked at through live.
func (x *index) remove(id market.ID) {
	n, ok := x.byID[id]
	if !ok {
		return
	}
	r := x.rows[n]
	for _, docs := range x.places(r) {
		docs.Remove(n)
	}
	if len(r.Badges) > 0 {
		x.stars.Store(nil)
	}
	delete(x.byID, id)
	x.rows[n] = nil
}

// places are the lists that a row stands in.
func (x *index) places(r *row) []*roaring.Bitmap {
	places := append(make([]*roaring.Bitmap, 0, 8), x.live, under(x.sets, r.Set), x.ward(r).docs, x.vendor(r).docs)
	for _, n := range r.Lengths {
		if n > 0 {
			places = append(places, under(x.lengths, n))
		}
	}
	if r.InStock {
		places = append(places, x.stock)
	}
	if len(r.Badges) > 0 {
		places = append(places, x.badged)
	}
	return places
}

func under[K comparable](m map[K]*roaring.Bitmap, key K) *roaring.Bitmap {
	b := m[key]
	if b == nil {
		b = roaring.New()
		m[key] = b
	}
	return b
}

func (x *index) ward(r *row) *ward {
	w := x.wards[r.Ward]
	if w == nil {
		w = &ward{docs: roaring.New()}
		x.wards[r.Ward] = w
	}
	if r.WardName != "" {
		w.name, w.at = r.WardName, r.At
	}
	return w
}

func (x *index) vendor(r *row) *vendor {
	s := x.sellers[r.Seller]
	if s == nil {
		s = &vendor{docs: roaring.New()}
		x.sellers[r.Seller] = s
	}
	s.name, s.slug = r.SellerName, r.SellerSlug
	return s
}

// starred are the products with at least so many stars, for a while.
type starred struct {
	from, until int64
	atLeast     [6]*roaring.Bitmap // of 1 to 5
}

// starsAt counts badges at a moment. No badge begins or ends while the answer
// counts, so it is kept.
func (x *index) starsAt(now int64) *starred {
	if s := x.stars.Load(); s != nil && s.from <= now && now < s.until {
		return s
	}
	s := &starred{from: math.MinInt64, until: math.MaxInt64}
	for n := range s.atLeast {
		s.atLeast[n] = roaring.New()
	}
	x.badged.Iterate(func(number uint32) bool {
		for n := range s.count(x.rows[number], now) {
			s.atLeast[n+1].Add(number)
		}
		return true
	})
	x.stars.Store(s)
	return s
}

// count returns the stars of a row and narrows the span to where they count.
func (s *starred) count(r *row, now int64) int {
	stars := 0
	for _, b := range r.Badges {
		if b.From <= now && now < b.Until {
			stars = max(stars, min(b.Stars, len(s.atLeast)-1))
		}
		for _, edge := range [2]int64{b.From, b.Until} {
			if edge <= now {
				s.from = max(s.from, edge)
			} else {
				s.until = min(s.until, edge)
			}
		}
	}
	return stars
}

// order is the one that is left when nothing else decides: the newest first,
// then by id.
func order(a, b *row) int {
	return cmp.Or(cmp.Compare(b.Published, a.Published), -strings.Compare(string(a.ID), string(b.ID)))
}
