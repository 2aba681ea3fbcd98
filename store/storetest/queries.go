package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
)

var queryTests = []test{
	{"EveryQuery", testQueries},
	{"FollowsUpdates", testReindex},
	{"Limit", testLimit},
	{"Each", testEach},
}

func manyIDs(n int) []market.ID {
	out := make([]market.ID, n)
	for i := range out {
		out[i] = market.ID(fmt.Sprintf("%04d", i))
	}
	return out
}

func hour(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }

// shelf is six things that differ in every indexed field.
func shelf() []*thing {
	until := hour(9)
	a, b, c, d, e, f := newThing("a"), newThing("b"), newThing("c"), newThing("d"), newThing("e"), newThing("f")
	a.Count, a.Small, a.Price, a.At, a.Shop, a.Tags = 3, 1, 10_000, hour(0), "s1", []string{"mam", "ocop"}
	b.Count, b.Small, b.Price, b.At, b.Shop, b.Tags = 1, -2, 20_000, hour(1), "s1", []string{"ocop"}
	c.Count, c.Small, c.Price, c.At, c.Shop, c.State = 2, 3, 30_000, hour(2), "s2", sold
	d.Count, d.Small, d.Open, d.At, d.Shop, d.State = 2, 1<<30, true, hour(3), "s1", sold
	e.Count, e.Open, e.Price, e.At, e.Until = -4, true, 15_000, hour(4), &until
	f.Count, f.At, f.Place, f.Tags = 1<<40, hour(-100_000), place{Ward: "19789"}, []string{"ocop", "ocop", ""}
	a.Lines = []line{{"p1", 1}, {"p2", 1}, {"p1", 5}}
	b.Lines = []line{{"p2", 1}}
	c.Lines = []line{{"p1", 1}}
	return []*thing{d, a, f, c, e, b}
}

func testQueries(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	insert(t, c, shelf()...)
	for _, q := range []struct {
		name  string
		query store.Query
		want  string
	}{
		{"by id", store.Query{}, "abcdef"},
		{"by id, last first", store.Query{Desc: true}, "fedcba"},
		{"all of an index", store.Query{Index: "count"}, "ebcdaf"},
		{"all of an index, last first", store.Query{Index: "count", Desc: true}, "fadcbe"},
		{"equal", store.Query{Index: "count", Eq: []any{2}}, "cd"},
		{"equal to an int64", store.Query{Index: "count", Eq: []any{int64(2)}}, "cd"},
		{"equal, ties by id backwards", store.Query{Index: "count", Eq: []any{2}, Desc: true}, "dc"},
		{"equal to a named string", store.Query{Index: "state", Eq: []any{sold}}, "cd"},
		{"equal to a plain string", store.Query{Index: "state", Eq: []any{"draft"}}, "ebaf"},
		{"equal in both fields", store.Query{Index: "state", Eq: []any{draft, int64(3)}}, "a"},
		{"equal to nothing there", store.Query{Index: "state", Eq: []any{"gone"}}, ""},
		{"from", store.Query{Index: "count", From: 2}, "cdaf"},
		{"to is beyond", store.Query{Index: "count", To: int64(2)}, "eb"},
		{"from and to", store.Query{Index: "count", From: 1, To: 3}, "bcd"},
		{"from and to backwards", store.Query{Index: "count", From: 1, To: 3, Desc: true}, "dcb"},
		{"empty range", store.Query{Index: "count", From: 3, To: 3}, ""},
		{"equal, then range", store.Query{Index: "state", Eq: []any{draft}, From: 0, To: 4}, "ba"},
		{"in", store.Query{Index: "count", In: []any{3, 1, 99}}, "ba"},
		{"in backwards", store.Query{Index: "count", In: []any{3, 1, 2}, Desc: true}, "adcb"},
		{"in of named strings", store.Query{Index: "state", In: []any{sold, draft}}, "ebafcd"},
		{"in of ids", store.Query{Index: "shop", In: []any{market.ID("s1"), market.ID("s2")}}, "abdc"},
		{"in and from", store.Query{Index: "count", In: []any{3, 1}, From: 2}, "a"},
		{"in of nothing", store.Query{Index: "count", In: []any{}}, ""},
		{"small ints", store.Query{Index: "small", From: -2, To: 2}, "befa"},
		{"booleans", store.Query{Index: "open", Eq: []any{true}}, "de"},
		{"boolean and money", store.Query{Index: "open", Eq: []any{false}, From: market.VND(10_000), To: market.VND(30_000)}, "ab"},
		{"booleans in order", store.Query{Index: "open"}, "fabcde"},
		{"times", store.Query{Index: "at", From: hour(1), To: hour(4)}, "bcd"},
		{"times in another zone", store.Query{Index: "at", From: hour(1).In(market.HueZone), To: hour(4)}, "bcd"},
		{"a time long ago", store.Query{Index: "at", To: hour(0)}, "f"},
		{"one time", store.Query{Index: "at", Eq: []any{hour(2)}}, "c"},
		{"id, then time", store.Query{Index: "shop", Eq: []any{market.ID("s1")}, Desc: true}, "dba"},
		{"missing field is not in the index", store.Query{Index: "shop"}, "abdc"},
		{"missing field backwards", store.Query{Index: "shop", Desc: true}, "cdba"},
		{"missing pointer", store.Query{Index: "until"}, "e"},
		{"missing nested field", store.Query{Index: "ward"}, "f"},
		{"nested field", store.Query{Index: "ward", Eq: []any{"19789", draft}, From: 0}, "f"},
		{"array element", store.Query{Index: "tag", Eq: []any{"ocop"}}, "baf"},
		{"array element backwards", store.Query{Index: "tag", Eq: []any{"ocop"}, Desc: true}, "fab"},
		{"array element, then range", store.Query{Index: "tag", Eq: []any{"ocop"}, To: 3}, "b"},
		{"empty array element", store.Query{Index: "tag", Eq: []any{""}}, "f"},
		{"no such element", store.Query{Index: "tag", Eq: []any{"oco"}}, ""},
		{"array of documents, once each", store.Query{Index: "product", Eq: []any{market.ID("p1")}}, "ac"},
		{"array of documents backwards", store.Query{Index: "product", Eq: []any{"p2"}, Desc: true}, "ba"},
		{"another type", store.Query{Index: "count", Eq: []any{"2"}}, ""},
		{"quotes and dollars", store.Query{Index: "state", Eq: []any{`"'$gt;--`}}, ""},
	} {
		for _, size := range []int{1, 2, 3, 100} {
			t.Run(fmt.Sprintf("%s by %d", q.name, size), func(t *testing.T) {
				var got strings.Builder
				for _, id := range ids(t, c, q.query, size) {
					got.WriteString(string(id))
				}
				wantEqual(t, got.String(), q.want)
			})
		}
	}
}

func testReindex(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	insert(t, c, shelf()...)
	_, err := c.Update(t.Context(), "a", func(one *thing) ([]market.Event, error) {
		one.Tags = []string{"ocop", "mới"}
		one.Lines = one.Lines[:1]
		one.Count, one.Shop = 7, ""
		return nil, nil
	})
	must(t, err)
	for _, q := range []struct {
		query store.Query
		want  []market.ID
	}{
		{store.Query{Index: "tag", Eq: []any{"mam"}}, []market.ID{}},
		{store.Query{Index: "tag", Eq: []any{"mới"}}, []market.ID{"a"}},
		{store.Query{Index: "tag", Eq: []any{"ocop"}}, []market.ID{"b", "a", "f"}},
		{store.Query{Index: "product", Eq: []any{"p2"}}, []market.ID{"b"}},
		{store.Query{Index: "count", From: 3}, []market.ID{"a", "f"}},
		{store.Query{Index: "shop"}, []market.ID{"b", "d", "c"}},
	} {
		wantEqual(t, ids(t, c, q.query, 10), q.want)
	}
}

func testLimit(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	all := manyIDs(store.MaxLimit + 5)
	inParallel(t, len(all), func(i int) error { return c.Insert(t.Context(), newThing(string(all[i]))) })
	for _, l := range []struct{ limit, want int }{{0, store.MaxLimit}, {-1, store.MaxLimit}, {1 << 40, store.MaxLimit}, {3, 3}} {
		page, err := c.Find(t.Context(), store.Query{Index: "state", Eq: []any{draft}, Limit: l.limit})
		must(t, err)
		if len(page.Items) != l.want || page.Next == "" {
			t.Errorf("limit %d: %d found, next %q", l.limit, len(page.Items), page.Next)
		}
	}
	exact := store.Query{Limit: 5, After: cursorAt(t, c, store.Query{}, all[len(all)-6])}
	page, err := c.Find(t.Context(), exact)
	must(t, err)
	if len(page.Items) != 5 || page.Next != "" {
		t.Errorf("last page: %d found, next %q, want 5 and none", len(page.Items), page.Next)
	}
}

func cursorAt(t *testing.T, c *store.Collection[thing], q store.Query, id market.ID) store.Cursor {
	t.Helper()
	at, err := c.CursorAt(q, get(t, c, id))
	must(t, err)
	return at
}

func testEach(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	insert(t, c, shelf()...)
	var seen []market.ID
	must(t, c.Each(t.Context(), store.Query{Index: "count", Limit: 2}, func(one *thing) error {
		seen = append(seen, one.ID)
		return nil
	}))
	wantEqual(t, seen, []market.ID{"e", "b", "c", "d", "a", "f"})
	err := c.Each(t.Context(), store.Query{}, func(*thing) error { return errRefused })
	if !errors.Is(err, errRefused) {
		t.Errorf("error %v, want that of do", err)
	}
	for _, id := range slices.Backward(seen) {
		after := ids(t, c, store.Query{Index: "count", After: cursorAt(t, c, store.Query{Index: "count"}, id)}, 10)
		wantEqual(t, after, append([]market.ID{}, seen[slices.Index(seen, id)+1:]...))
	}
}
