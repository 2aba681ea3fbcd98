package embedded

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"chohue/search"
)

// Suggest looks at names only and takes the last word as begun: sellers and
// wards, those that say it whole and have most products first, then products,
// those that begin with it first and then as they rank.
func (e *Engine) Suggest(_ context.Context, text string, limit int) ([]search.Suggestion, error) {
	r := e.request(search.Query{Text: text, Limit: maxLimit})
	e.look.RLock()
	defer e.look.RUnlock()
	if e.live == nil {
		return nil, errClosed
	}
	if len(r.words) == 0 || limit <= 0 {
		return nil, nil
	}
	x := e.live
	m := (&matcher{e, x, r, begun}).match()
	kept := roaring.And(m.found, x.live)
	for _, w := range m.words {
		kept = roaring.And(kept, w.named)
	}
	out := x.placesFor(r)
	out = out[:min(len(out), limit)]
	seen := map[string]bool{}
	for _, row := range openingFirst(x.page(r, m, kept), r.words) {
		if n := row.Names[0]; len(out) < limit && !seen[n] {
			seen[n] = true
			out = append(out, search.Suggestion{Kind: search.SuggestProduct, Text: n})
		}
	}
	return out, nil
}

// openingFirst puts the products before the others whose names begin as typed,
// and leaves their order.
func openingFirst(rows []*row, typed []search.Word) []*row {
	var first, rest []*row
	for _, row := range rows {
		if opens(row.Names[0], typed) {
			first = append(first, row)
		} else {
			rest = append(rest, row)
		}
	}
	return append(first, rest...)
}

func opens(name string, typed []search.Word) bool {
	words := search.Words(name)
	if len(words) < len(typed) {
		return false
	}
	for i, t := range typed {
		if !says(words[i], t, i == len(typed)-1) {
			return false
		}
	}
	return true
}

// fewPlaces is how many sellers and how many wards are suggested at most.
const fewPlaces = 2

// placesFor are the sellers and wards that go on from what was typed.
func (x *index) placesFor(r *request) []search.Suggestion {
	type place struct {
		search.Suggestion
		n uint64
	}
	var sellers, wards []place
	for _, s := range x.sellers {
		if s.slug != "" && goesOn(s.name, r.words, true) {
			sellers = append(sellers, place{search.Suggestion{
				Kind: search.SuggestSeller, Text: s.name, Value: s.slug, Begun: !goesOn(s.name, r.words, false),
			}, s.docs.GetCardinality()})
		}
	}
	for code, w := range x.wards {
		if goesOn(w.name, r.words, true) {
			wards = append(wards, place{search.Suggestion{
				Kind: search.SuggestWard, Text: w.name, Value: code, Begun: !goesOn(w.name, r.words, false),
			}, w.docs.GetCardinality()})
		}
	}
	var out []search.Suggestion
	for _, list := range [2][]place{sellers, wards} {
		slices.SortFunc(list, func(a, b place) int {
			return cmp.Or(latter(a.Begun)-latter(b.Begun), cmp.Compare(b.n, a.n), strings.Compare(a.Value, b.Value))
		})
		for _, p := range list[:min(len(list), fewPlaces)] {
			if p.n > 0 {
				out = append(out, p.Suggestion)
			}
		}
	}
	return out
}

func latter(begun bool) int {
	if begun {
		return 1
	}
	return 0
}

// goesOn reports whether the text has the words, the last one whole or only
// begun, marks included where they were typed.
func goesOn(text string, typed []search.Word, begun bool) bool {
	words := search.Words(text)
	for i, t := range typed {
		last := begun && i == len(typed)-1
		if !slices.ContainsFunc(words, func(w search.Word) bool { return says(w, t, last) }) {
			return false
		}
	}
	return true
}

func says(w, typed search.Word, begun bool) bool {
	switch {
	case typed.Marked() && begun:
		return search.Begins(w.Exact, typed.Exact)
	case typed.Marked():
		return w.Exact == typed.Exact
	case begun:
		return strings.HasPrefix(w.Folded, typed.Folded)
	default:
		return w.Folded == typed.Folded
	}
}
