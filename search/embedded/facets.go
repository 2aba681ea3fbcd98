package embedded

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"chohue/search"
)

// choice is the condition of one facet; nil docs for none.
type choice struct {
	facet string
	docs  *roaring.Bitmap
}

func (x *index) chosen(q search.Query, stars *starred) []choice {
	out := []choice{{facet: "set"}, {facet: "ward"}, {facet: "stars"}}
	if q.Set != 0 {
		out[0].docs = orNone(x.sets[q.Set])
	}
	if q.Ward != "" {
		out[1].docs = none
		if w := x.wards[q.Ward]; w != nil {
			out[1].docs = w.docs
		}
	}
	if q.Stars > 0 {
		out[2].docs = none
		if q.Stars < len(stars.atLeast) {
			out[2].docs = stars.atLeast[q.Stars]
		}
	}
	return out
}

func orNone(docs *roaring.Bitmap) *roaring.Bitmap {
	if docs == nil {
		return none
	}
	return docs
}

// facets counts each facet among what meets all conditions but its own.
func (x *index) facets(q search.Query, found *roaring.Bitmap, stars *starred) map[string][]search.Count {
	found = x.other(q, found)
	chosen := x.chosen(q, stars)
	among := func(facet string) *roaring.Bitmap {
		docs := found
		for _, c := range chosen {
			if c.facet != facet && c.docs != nil {
				docs = roaring.And(docs, c.docs)
			}
		}
		return docs
	}
	return map[string][]search.Count{
		"set": x.countSets(among("set")), "ward": x.countWards(among("ward")), "stars": countStars(among("stars"), stars),
	}
}

// fewProducts is up to how many products are counted one by one, which then
// costs less than crossing them with every list.
const fewProducts = 300

func (x *index) countSets(docs *roaring.Bitmap) []search.Count {
	counts := map[int]int{}
	if docs.GetCardinality() <= fewProducts {
		docs.Iterate(func(n uint32) bool { counts[x.rows[n].Set]++; return true })
	} else {
		for set, all := range x.sets {
			counts[set] = int(docs.AndCardinality(all))
		}
	}
	out := []search.Count{}
	for set, n := range counts {
		if n > 0 && set > 0 {
			out = append(out, search.Count{Value: strconv.Itoa(set), N: n})
		}
	}
	return byCount(out)
}

func (x *index) countWards(docs *roaring.Bitmap) []search.Count {
	counts := map[string]int{}
	if docs.GetCardinality() <= fewProducts {
		docs.Iterate(func(n uint32) bool { counts[x.rows[n].Ward]++; return true })
	} else {
		for code, w := range x.wards {
			counts[code] = int(docs.AndCardinality(w.docs))
		}
	}
	out := make([]search.Count, 0, len(counts))
	for code, n := range counts {
		if n > 0 {
			out = append(out, search.Count{Value: code, N: n})
		}
	}
	return byCount(out)
}

// countStars counts so many stars or more, where some product has exactly so
// many.
func countStars(docs *roaring.Bitmap, stars *starred) []search.Count {
	out := []search.Count{}
	above := 0
	for least := len(stars.atLeast) - 1; least > 0; least-- {
		n := int(docs.AndCardinality(stars.atLeast[least]))
		if n > above {
			out = append(out, search.Count{Value: strconv.Itoa(least), N: n})
		}
		above = n
	}
	return byCount(out)
}

func byCount(counts []search.Count) []search.Count {
	slices.SortFunc(counts, func(a, b search.Count) int {
		return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(a.Value, b.Value))
	})
	return counts
}
