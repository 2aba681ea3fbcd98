package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/market"
	"chohue/store"
)

// index is a sorted list of places, and those of new documents that nobody has
// looked for yet, so that a million insertions need not move each other. The
// index without fields is by id.
type index struct {
	store.Index
	places []place
	fresh  []place
}

// place is one entry: values (see store.Index.Rows) and whose they are.
type place struct {
	values []any
	id     market.ID
}

func (ix *index) clone() *index {
	return &index{ix.Index, slices.Clone(ix.places), slices.Clone(ix.fresh)}
}

// settle puts the fresh places where they belong.
func (ix *index) settle() {
	if len(ix.fresh) == 0 {
		return
	}
	slices.SortFunc(ix.fresh, place.compare)
	old := ix.places
	ix.places = make([]place, 0, len(old)+len(ix.fresh))
	for _, p := range ix.fresh {
		i, _ := slices.BinarySearchFunc(old, p, place.compare)
		ix.places = append(append(ix.places, old[:i]...), p)
		old = old[i:]
	}
	ix.places, ix.fresh = append(ix.places, old...), nil
}

func (p place) compare(b place) int {
	return cmp.Or(compareAll(p.values, b.values), cmp.Compare(p.id, b.id))
}

// move takes a document from where its old body stands to where its next does.
func (ix *index) move(id market.ID, old, next bson.Raw) {
	before, after := ix.rows(old), ix.rows(next)
	if old == nil {
		for i, row := range after {
			if !has(after[:i], row) {
				ix.fresh = append(ix.fresh, place{row, id})
			}
		}
		return
	}
	ix.settle()
	for _, row := range before {
		if i, found := ix.seek(row, id); found && !has(after, row) {
			ix.places = slices.Delete(ix.places, i, i+1)
		}
	}
	for _, row := range after {
		if i, found := ix.seek(row, id); !found {
			ix.places = slices.Insert(ix.places, i, place{row, id})
		}
	}
}

func (ix *index) rows(body bson.Raw) [][]any {
	if body == nil {
		return nil
	}
	return ix.Rows(body)
}

func has(rows [][]any, row []any) bool {
	return slices.ContainsFunc(rows, func(other []any) bool { return slices.Equal(other, row) })
}

func (ix *index) seek(row []any, id market.ID) (int, bool) {
	return slices.BinarySearchFunc(ix.places, place{row, id}, place.compare)
}

// compareAll compares value by value, the shorter list's length deciding how
// many: a prefix is equal to all that begins with it.
func compareAll(a, b []any) int {
	for i := range min(len(a), len(b)) {
		if c := compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}

// compare orders integers before strings, as the other engines do.
func compare(a, b any) int {
	n, numberA := a.(int64)
	m, numberB := b.(int64)
	switch {
	case numberA && numberB:
		return cmp.Compare(n, m)
	case numberA:
		return -1
	case numberB:
		return 1
	}
	return strings.Compare(a.(string), b.(string))
}

// settle readies a collection for a walk. What comes in between is written at
// the same time as the walk, which need not see it.
func (d *Disk) settle(name string) {
	d.mu.RLock()
	c := d.collections[name]
	ready := c == nil || !c.unsettled()
	d.mu.RUnlock()
	if ready {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	c.byID.settle()
	for _, ix := range c.indexes {
		ix.settle()
	}
}

func (c *collection) unsettled() bool {
	return len(c.byID.fresh) > 0 || slices.ContainsFunc(c.indexes, func(ix *index) bool { return len(ix.fresh) > 0 })
}

// Find implements store.Engine.
func (e *Engine) Find(ctx context.Context, name string, q store.Query, at []any) ([]bson.Raw, error) {
	e.disk.settle(name)
	e.disk.mu.RLock()
	defer e.disk.mu.RUnlock()
	c, err := e.open(ctx, name)
	if err != nil {
		return nil, err
	}
	ix := c.byID
	if q.Index != "" {
		i := slices.IndexFunc(c.indexes, func(ix *index) bool { return ix.Name == q.Index })
		if i < 0 {
			return nil, fmt.Errorf("%s has no index %q", name, q.Index)
		}
		ix = c.indexes[i]
	}
	var found []bson.Raw
	for p := range ix.walk(q, at) {
		if len(found) == q.Limit {
			break
		}
		found = append(found, slices.Clone(c.bodies[p.id]))
	}
	return found, nil
}

// walk goes through the places that the query wants, in its order.
func (ix *index) walk(q store.Query, at []any) func(func(place) bool) {
	some := ix.between(q, at)
	in := binds(q.In)
	wanted := func(p place) bool { return q.In == nil || slices.Contains(in, p.values[len(q.Eq)]) }
	return func(yield func(place) bool) {
		for i := range some {
			if q.Desc {
				i = len(some) - 1 - i
			}
			if wanted(some[i]) && !yield(some[i]) {
				return
			}
		}
	}
}

// between cuts the list to what begins with Eq, lies in the range and comes
// behind the cursor.
func (ix *index) between(q store.Query, at []any) []place {
	eq := binds(q.Eq)
	lo := ix.first(func(p place) bool { return compareAll(p.values, eq) >= 0 })
	hi := ix.first(func(p place) bool { return compareAll(p.values, eq) > 0 })
	next := len(eq)
	if q.From != nil {
		from := bind(q.From)
		lo = max(lo, lo+first(ix.places[lo:hi], func(p place) bool { return compare(p.values[next], from) >= 0 }))
	}
	if q.To != nil {
		to := bind(q.To)
		hi = lo + first(ix.places[lo:hi], func(p place) bool { return compare(p.values[next], to) >= 0 })
	}
	if at == nil {
		return ix.places[lo:hi]
	}
	return behind(ix.places[lo:hi], next, binds(at), q.Desc)
}

func behind(places []place, next int, at []any, desc bool) []place {
	order := func(p place) int {
		rest := append(slices.Clone(p.values[next:]), string(p.id))
		return compareAll(rest, at)
	}
	if desc {
		return places[:first(places, func(p place) bool { return order(p) >= 0 })]
	}
	return places[first(places, func(p place) bool { return order(p) > 0 }):]
}

func (ix *index) first(holds func(place) bool) int { return first(ix.places, holds) }

// first is where the condition begins to hold.
func first(places []place, holds func(place) bool) int {
	i, _ := slices.BinarySearchFunc(places, true, func(p place, _ bool) int {
		if holds(p) {
			return 1
		}
		return -1
	})
	return i
}

func binds(values []any) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = bind(v)
	}
	return out
}

// bind turns a query value into what places hold (see store.Index.Rows):
// strings, and integers for all else.
func bind(v any) any {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return v
	case time.Time:
		return v.UnixMilli()
	}
	kind, raw, err := bson.MarshalValue(v)
	if err != nil {
		return ""
	}
	value, ok := store.Scalar(bson.RawValue{Type: kind, Value: raw})
	if !ok {
		return ""
	}
	return value
}
