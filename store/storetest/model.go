package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	compare "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"chohue/market"
	"chohue/store"
)

// RunModel does random operations on the engines, all the same, and compares
// each answer with that of a plain map.
func RunModel(t *testing.T, engines ...store.Engine) {
	var rounds atomic.Int64
	rapid.Check(t, func(r *rapid.T) {
		m := &model{docs: map[market.ID]thing{}}
		spec := things
		spec.Name = fmt.Sprintf("model-%d", rounds.Add(1))
		spec.Cache = 3
		for _, e := range engines {
			c, err := store.Open[thing](t.Context(), e, spec)
			if err != nil {
				r.Fatal(err)
			}
			m.doors = append(m.doors, c)
		}
		r.Repeat(map[string]func(*rapid.T){
			"insert": func(r *rapid.T) { m.insert(t, r) },
			"update": func(r *rapid.T) { m.update(t, r, false) },
			"upsert": func(r *rapid.T) { m.update(t, r, true) },
			"delete": func(r *rapid.T) { m.delete(t, r) },
			"get":    func(r *rapid.T) { m.get(t, r) },
			"find":   func(r *rapid.T) { m.find(t, r) },
		})
	})
}

type model struct {
	docs  map[market.ID]thing
	doors []*store.Collection[thing]
}

var (
	drawID    = rapid.Map(rapid.IntRange(0, 15), func(n int) market.ID { return market.ID(fmt.Sprintf("%02d", n)) })
	drawState = rapid.SampledFrom([]state{draft, sold, ""})
	drawTag   = rapid.SampledFrom([]string{"a", "b", "c", "ớt", ""})
	drawShop  = rapid.SampledFrom([]market.ID{"", "s1", "s2"})
	drawCount = rapid.Int64Range(-2, 3)
)

// drawThing fills every indexed field from few values, so that ties abound.
func drawThing(r *rapid.T) thing {
	one := thing{
		Name: rapid.String().Draw(r, "name"), State: drawState.Draw(r, "state"), Count: drawCount.Draw(r, "count"),
		Small: rapid.IntRange(-1, 1).Draw(r, "small"), Price: market.VND(drawCount.Draw(r, "price")) * 1000,
		Open: rapid.Bool().Draw(r, "open"), At: hour(rapid.IntRange(-2, 2).Draw(r, "at")), Shop: drawShop.Draw(r, "shop"),
	}
	one.Tags = rapid.SliceOfNDistinct(drawTag, 0, 3, rapid.ID).Draw(r, "tags")
	for _, p := range rapid.SliceOfN(rapid.SampledFrom([]market.ID{"p1", "p2"}), 0, 3).Draw(r, "lines") {
		one.Lines = append(one.Lines, line{Product: p, Amount: 1})
	}
	if len(one.Tags) == 0 {
		one.Tags = nil
	}
	return one
}

func (m *model) insert(t *testing.T, r *rapid.T) {
	id, one := drawID.Draw(r, "id"), drawThing(r)
	_, taken := m.docs[id]
	one.Doc = store.Doc{ID: id, Rev: 1}
	for _, c := range m.doors {
		private := one
		if err := c.Insert(t.Context(), &private); store.Exists(err) != taken || (err != nil && !taken) {
			r.Fatalf("insert %s: %v, taken %v", id, err, taken)
		}
	}
	if !taken {
		m.docs[id] = one
	}
}

func (m *model) update(t *testing.T, r *rapid.T, create bool) {
	id, next := drawID.Draw(r, "id"), drawThing(r)
	old, found := m.docs[id]
	fails := rapid.IntRange(0, 9).Draw(r, "fails") == 0
	idle := found && rapid.IntRange(0, 9).Draw(r, "idle") == 0
	if idle {
		next = old
	}
	for _, c := range m.doors {
		do := c.Update
		if create {
			do = c.Upsert
		}
		_, err := do(t.Context(), id, func(one *thing) ([]market.Event, error) {
			*one = next
			if fails {
				return nil, errRefused
			}
			return nil, nil
		})
		if want := updateError(found || create, fails); err != want {
			r.Fatalf("update %s: %v, want %v", id, err, want)
		}
	}
	if (found || create) && !fails && !idle && !same(next, old, found) {
		next.Doc = store.Doc{ID: id, Rev: old.Rev + 1}
		m.docs[id] = next
	}
}

// same reports whether next only repeats old.
func same(next, old thing, found bool) bool {
	next.Doc = old.Doc
	return found && compare.Equal(next, old)
}

func updateError(reached, fails bool) error {
	switch {
	case !reached:
		return store.ErrMissing
	case fails:
		return errRefused
	default:
		return nil
	}
}

func (m *model) delete(t *testing.T, r *rapid.T) {
	id := drawID.Draw(r, "id")
	for _, c := range m.doors {
		if err := c.Delete(t.Context(), id); err != nil {
			r.Fatal(err)
		}
	}
	delete(m.docs, id)
}

func (m *model) get(t *testing.T, r *rapid.T) {
	id := drawID.Draw(r, "id")
	want, found := m.docs[id]
	for _, c := range m.doors {
		got, err := c.Get(t.Context(), id)
		if store.Missing(err) == found || (err != nil && found) {
			r.Fatalf("get %s: %v, there %v", id, err, found)
		}
		if found {
			if diff := compare.Diff(&want, got); diff != "" {
				r.Fatalf("get %s (-want +got)\n%s", id, diff)
			}
		}
	}
}

// shape is one way to ask, with the plain Go answer to what it asks.
type shape struct {
	index string
	eq    func(*rapid.T) []any
	in    func(thing, []any) bool                // the document is in the index and equals eq
	next  func(thing) any                        // the field after eq; nil for none
	order func(a, b thing) int                   // ids break ties
	value func(*rapid.T, string) any             // a value for next
	less  func(value any, field any) (order int) // compares as the field does
}

func compareInt(a, b any) int { return cmp.Compare(a.(int64), b.(int64)) }

func count(one thing) any { return one.Count }

func byCount(a, b thing) int { return cmp.Compare(a.Count, b.Count) }

func drawCountValue(r *rapid.T, name string) any { return drawCount.Draw(r, name) }

var shapes = []shape{
	{
		index: "", eq: func(*rapid.T) []any { return nil },
		in: func(thing, []any) bool { return true }, order: func(thing, thing) int { return 0 },
	},
	{
		index: "count", eq: func(*rapid.T) []any { return nil },
		in:   func(thing, []any) bool { return true },
		next: count, order: byCount, value: drawCountValue, less: compareInt,
	},
	{
		index: "state", eq: func(r *rapid.T) []any { return []any{drawState.Draw(r, "eq")} },
		in:   func(one thing, eq []any) bool { return any(one.State) == eq[0] },
		next: count, order: byCount, value: drawCountValue, less: compareInt,
	},
	{
		index: "tag", eq: func(r *rapid.T) []any { return []any{drawTag.Draw(r, "eq")} },
		in:   func(one thing, eq []any) bool { return slices.Contains(one.Tags, eq[0].(string)) },
		next: count, order: byCount, value: drawCountValue, less: compareInt,
	},
	{
		index: "open", eq: func(r *rapid.T) []any { return []any{rapid.Bool().Draw(r, "eq")} },
		in:    func(one thing, eq []any) bool { return any(one.Open) == eq[0] },
		order: func(a, b thing) int { return cmp.Compare(a.Price, b.Price) },
	},
	{
		index: "shop", eq: func(*rapid.T) []any { return nil },
		in: func(one thing, _ []any) bool { return one.Shop != "" },
		order: func(a, b thing) int {
			return cmp.Or(cmp.Compare(a.Shop, b.Shop), a.At.Compare(b.At))
		},
	},
	{
		index: "product", eq: func(*rapid.T) []any { return []any{market.ID("p1")} },
		in: func(one thing, eq []any) bool {
			return slices.ContainsFunc(one.Lines, func(l line) bool { return any(l.Product) == eq[0] })
		},
		order: func(a, b thing) int { return a.At.Compare(b.At) },
	},
}

func (m *model) find(t *testing.T, r *rapid.T) {
	s := rapid.SampledFrom(shapes).Draw(r, "shape")
	q := store.Query{Index: s.index, Eq: s.eq(r), Desc: rapid.Bool().Draw(r, "desc")}
	if s.next != nil {
		drawBounds(r, s, &q)
	}
	size := rapid.IntRange(1, 6).Draw(r, "size")
	want := m.answer(s, q)
	for _, c := range m.doors {
		if diff := compare.Diff(want, ids(t, c, q, size)); diff != "" {
			r.Fatalf("%+v by %d (-want +got)\n%s", q, size, diff)
		}
	}
}

func drawBounds(r *rapid.T, s shape, q *store.Query) {
	if rapid.Bool().Draw(r, "from") {
		q.From = s.value(r, "least")
	}
	if rapid.Bool().Draw(r, "to") {
		q.To = s.value(r, "beyond")
	}
	if rapid.IntRange(0, 3).Draw(r, "in") == 0 {
		q.In = []any{s.value(r, "one"), s.value(r, "other")}
	}
}

func (m *model) answer(s shape, q store.Query) []market.ID {
	var found []thing
	for _, one := range m.docs {
		if s.in(one, q.Eq) && (s.next == nil || within(s, q, s.next(one))) {
			found = append(found, one)
		}
	}
	slices.SortFunc(found, func(a, b thing) int { return cmp.Or(s.order(a, b), cmp.Compare(a.ID, b.ID)) })
	if q.Desc {
		slices.Reverse(found)
	}
	out := []market.ID{}
	for _, one := range found {
		out = append(out, one.ID)
	}
	return out
}

func within(s shape, q store.Query, field any) bool {
	return (q.From == nil || s.less(field, q.From) >= 0) &&
		(q.To == nil || s.less(field, q.To) < 0) &&
		(q.In == nil || slices.Contains(q.In, field))
}
