package storetest

import (
	"encoding/base64"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"chohue/market"
	"chohue/store"
)

var cursorTests = []test{
	{"WalkWhileOthersWrite", testWalk},
	{"CursorOutlivesItsDocument", testCursorOutlives},
	{"HostileCursors", testHostileCursors},
}

// testWalk pages through an index while others insert and delete: what was
// there all the time is seen once, nothing is seen twice.
func testWalk(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	stable := manyIDs(200)
	inParallel(t, len(stable), func(i int) error {
		one := newThing(string(stable[i]))
		one.Count = int64(i / 3)
		return c.Insert(t.Context(), one)
	})
	for _, desc := range []bool{false, true} {
		stop := churn(t, c)
		found := ids(t, c, store.Query{Index: "state", Eq: []any{draft}, Desc: desc}, 7)
		stop()
		seen := map[market.ID]int{}
		for _, id := range found {
			seen[id]++
			if seen[id] > 1 {
				t.Errorf("%s was seen twice", id)
			}
		}
		for _, id := range stable {
			if seen[id] != 1 {
				t.Errorf("%s was seen %d times", id, seen[id])
			}
		}
	}
}

// churn inserts and deletes among the stable things until stop is called.
func churn(t *testing.T, c *store.Collection[thing]) (stop func()) {
	done := make(chan struct{})
	var wait sync.WaitGroup
	for w := range 4 {
		wait.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				one := newThing(fmt.Sprintf("%04d-%d", i*37%200, w))
				one.Count = int64(i * 37 % 70)
				if err := c.Insert(t.Context(), one); err != nil {
					t.Error(err)
					return
				}
				if err := c.Delete(t.Context(), one.ID); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	return func() { close(done); wait.Wait() }
}

func testCursorOutlives(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	insert(t, c, shelf()...)
	q := store.Query{Index: "count", Limit: 3}
	page, err := c.Find(t.Context(), q)
	must(t, err)
	for _, one := range page.Items {
		must(t, c.Delete(t.Context(), one.ID))
	}
	q.After = page.Next
	page, err = c.Find(t.Context(), q)
	must(t, err)
	wantEqual(t, page.Items[0].ID, market.ID("d"))
}

func testHostileCursors(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	insert(t, c, shelf()...)
	queries := []store.Query{{}, {Index: "state", Eq: []any{draft}}, {Index: "ward"}, {Index: "tag", Eq: []any{"ocop"}, Desc: true}}
	try := func(after store.Cursor) {
		for _, q := range queries {
			q.After = after
			page, err := c.Find(t.Context(), q)
			if err != nil && market.KindOf(err) != market.KindInvalid {
				t.Errorf("cursor %q of %+v: %v", after, q, err)
			}
			if err != nil && len(page.Items) > 0 {
				t.Errorf("cursor %q gave an error and %d things", after, len(page.Items))
			}
		}
	}
	for _, places := range hostilePlaces {
		try(encode(t, bson.M{"c": places}))
		try(encode(t, bson.M{"c": slices.Concat(places, places)}))
	}
	for _, text := range []store.Cursor{"!", "AAAA", "BQAAAAA", "BQAAAAB", encode(t, bson.M{}), encode(t, bson.M{"c": 1}), encode(t, bson.M{"c": bson.M{"0": "x"}})} {
		q := store.Query{After: text}
		if _, err := c.Find(t.Context(), q); market.KindOf(err) != market.KindInvalid {
			t.Errorf("cursor %q: %v, want an invalid error", text, err)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 0, 64).Draw(r, "raw")
		try(store.Cursor(base64.RawURLEncoding.EncodeToString(raw)))
		try(store.Cursor(rapid.String().Draw(r, "text")))
	})
}

var hostilePlaces = []bson.A{
	{},
	{"x"},
	{int64(1), "x"},
	{"x", int64(1)},
	{"x", "y"},
	{true, "x"},
	{bson.DateTime(1), "x"},
	{nil, "x"},
	{1.5, "x"},
	{bson.M{"$gt": ""}, "x"},
	{bson.A{"a"}, "x"},
	{bson.Regex{Pattern: ".*"}, "x"},
	{bson.MinKey{}, "x"},
	{"\xff", "x"},
	{"\x00", "\x00"},
	{bson.NewDateTimeFromTime(time.Time{}), "x"},
}

func encode(t *testing.T, v any) store.Cursor {
	t.Helper()
	raw, err := bson.Marshal(v)
	must(t, err)
	return store.Cursor(base64.RawURLEncoding.EncodeToString(raw))
}
