package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
)

// RunReopen checks what must outlive a process. place picks a new place for
// documents and returns a function that opens an engine there; the caller
// closes it before opening the next.
func RunReopen(t *testing.T, place func(t *testing.T) (open func() store.Engine)) {
	for _, one := range []struct {
		name string
		run  func(*testing.T, func() store.Engine)
	}{
		{"DocumentsAndEventsStay", testReopen},
		{"NewIndexIsFilled", testNewIndex},
		{"ChangedIndexIsRebuilt", testChangedIndex},
		{"IndexLeftAndDeclaredAgain", testIndexAgain},
		{"Migrations", testMigrations},
	} {
		t.Run(one.name, func(t *testing.T) { one.run(t, place(t)) })
	}
}

// session opens the engine and a collection with the given indexes, and closes
// the engine after use.
func session(t *testing.T, open func() store.Engine, indexes []store.Index, use func(store.Engine, *store.Collection[thing])) {
	t.Helper()
	e := open()
	use(e, openSpec(t, e, store.Spec{Name: "things", Indexes: indexes}))
	must(t, e.Close())
}

func testReopen(t *testing.T, open func() store.Engine) {
	session(t, open, things.Indexes, func(_ store.Engine, c *store.Collection[thing]) {
		must(t, c.Insert(t.Context(), newThing("one"), event("e1", "one")))
		insert(t, c, newThing("two"))
		must(t, c.Delete(t.Context(), "two"))
	})
	session(t, open, things.Indexes, func(e store.Engine, c *store.Collection[thing]) {
		wantEqual(t, ids(t, c, store.Query{Index: "state", Eq: []any{draft}}, 10), []market.ID{"one"})
		all := pending(t, e)
		wantEqual(t, eventIDs(all), []market.ID{"e1"})
		must(t, e.Done(t.Context(), all))
		must(t, e.Close())
		must(t, e.Close())
		if err := c.Insert(t.Context(), newThing("late")); err == nil {
			t.Error("insert after Close: no error")
		}
	})
	session(t, open, things.Indexes, func(e store.Engine, _ *store.Collection[thing]) {
		wantEqual(t, eventIDs(pending(t, e)), []market.ID{})
	})
}

func testNewIndex(t *testing.T, open func() store.Engine) {
	const n = 1203
	session(t, open, nil, func(_ store.Engine, c *store.Collection[thing]) {
		inParallel(t, n, func(i int) error {
			one := newThing(fmt.Sprintf("%05d", i))
			one.Tags = []string{"all", fmt.Sprint(i)}
			return c.Insert(t.Context(), one)
		})
	})
	session(t, open, things.Indexes, func(_ store.Engine, c *store.Collection[thing]) {
		wantEqual(t, len(ids(t, c, store.Query{Index: "tag", Eq: []any{"all"}}, 500)), n)
		wantEqual(t, ids(t, c, store.Query{Index: "tag", Eq: []any{"777"}}, 10), []market.ID{"00777"})
	})
}

func testChangedIndex(t *testing.T, open func() store.Engine) {
	before := []store.Index{{Name: "by", Fields: []string{"count"}}}
	after := []store.Index{{Name: "by", Fields: []string{"shop", "count"}}}
	session(t, open, before, func(_ store.Engine, c *store.Collection[thing]) { insert(t, c, shelf()...) })
	session(t, open, after, func(_ store.Engine, c *store.Collection[thing]) {
		wantEqual(t, ids(t, c, store.Query{Index: "by", Eq: []any{"s1"}, From: 2}, 10), []market.ID{"d", "a"})
		must(t, c.Delete(t.Context(), "d"))
		wantEqual(t, ids(t, c, store.Query{Index: "by"}, 10), []market.ID{"b", "a", "c"})
	})
}

// testIndexAgain leaves an index undeclared for a while: what was written in
// the meantime must be in it afterwards, and what was deleted must not.
func testIndexAgain(t *testing.T, open func() store.Engine) {
	session(t, open, things.Indexes, func(_ store.Engine, c *store.Collection[thing]) { insert(t, c, shelf()...) })
	session(t, open, nil, func(_ store.Engine, c *store.Collection[thing]) {
		must(t, c.Delete(t.Context(), "a"))
		g := newThing("g")
		g.Tags = []string{"ocop"}
		insert(t, c, g)
	})
	session(t, open, things.Indexes, func(_ store.Engine, c *store.Collection[thing]) {
		wantEqual(t, ids(t, c, store.Query{Index: "tag", Eq: []any{"ocop"}}, 10), []market.ID{"g", "b", "f"})
	})
}

func testMigrations(t *testing.T, open func() store.Engine) {
	var ran []int
	step := func(n int) store.Migration {
		return store.Migration{Number: n, Name: fmt.Sprint("step ", n), Run: func(context.Context, store.Engine) error {
			ran = append(ran, n)
			if n == 3 && len(ran) == 3 {
				return errRefused
			}
			return nil
		}}
	}
	all := []store.Migration{step(1), step(2), step(3), step(4)}
	for _, want := range []struct {
		ran    int
		failed bool
	}{{2, true}, {2, false}, {0, false}} {
		e := open()
		n, err := store.Migrate(t.Context(), e, func() time.Time { return noon }, all)
		if n != want.ran || (err != nil) != want.failed {
			t.Errorf("%d ran, error %v; want %d, failed %v", n, err, want.ran, want.failed)
		}
		must(t, e.Close())
	}
	wantEqual(t, ran, []int{1, 2, 3, 3, 4})
}
