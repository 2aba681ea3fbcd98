package storetest

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/market"
	"chohue/store"
)

var documentTests = []test{
	{"WhatIsWrittenIsRead", testRoundTrip},
	{"InsertTwice", testInsertTwice},
	{"Missing", testMissing},
	{"GetMany", testGetMany},
	{"Update", testUpdate},
	{"UpdateThatChangesNothing", testUnchanged},
	{"UpdateThatFails", testFailingChange},
	{"UpdateKeepsItsHead", testHead},
	{"Upsert", testUpsert},
	{"Delete", testDelete},
	{"Megabyte", testMegabyte},
	{"Cancelled", testCancelled},
	{"PanicInChange", testPanic},
	{"CacheIsNeverStale", testCache},
	{"CollectionsAreApart", testCollections},
	{"Undeclared", testUndeclared},
	{"Ping", testPing},
}

func testRoundTrip(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	until := noon.AddDate(0, 0, 1)
	want := &thing{
		Doc: store.Doc{ID: "one"}, Name: "Tôm chua Huế", State: sold, Count: -3, Small: 7, Price: 45_000, Open: true,
		At: noon, Shop: "shop", Until: &until, Place: place{Ward: "19789"}, Tags: []string{"mắm", "ocop"},
		Lines: []line{{"p1", 2}, {"p2", 3}}, Notes: map[string]string{"a.b": "$c", "": "empty"}, Photo: []byte{0, 255},
	}
	insert(t, c, want)
	if want.Rev != 1 {
		t.Errorf("revision %d after insert, want 1", want.Rev)
	}
	wantEqual(t, get(t, c, "one"), want)
	raw, err := e.Get(t.Context(), things.Name, "one")
	must(t, err)
	wantOnlyOwnFields(t, raw[0])
}

// wantOnlyOwnFields says that what the engine keeps for itself stays with it.
func wantOnlyOwnFields(t *testing.T, raw bson.Raw) {
	t.Helper()
	elements, err := raw.Elements()
	must(t, err)
	for i, el := range elements {
		if key := el.Key(); i > 1 && key[0] == '_' {
			t.Errorf("field %s of the engine is in the document", key)
		}
	}
	if elements[0].Key() != "_id" || elements[1].Key() != "_rev" {
		t.Errorf("document begins with %s, %s", elements[0].Key(), elements[1].Key())
	}
}

func testInsertTwice(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	insert(t, c, newThing("one"))
	again := newThing("one")
	again.Name = "another"
	if err := c.Insert(t.Context(), again); !store.Exists(err) || market.KindOf(err) != market.KindConflict {
		t.Errorf("second insert: %v, want ErrExists", err)
	}
	wantEqual(t, get(t, c, "one").Name, newThing("one").Name)
}

func testMissing(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	if _, err := c.Get(t.Context(), "none"); !store.Missing(err) || market.KindOf(err) != market.KindNotFound {
		t.Errorf("get: %v, want ErrMissing", err)
	}
	_, err := c.Update(t.Context(), "none", func(*thing) ([]market.Event, error) {
		t.Error("change was called for a missing document")
		return nil, nil
	})
	if !store.Missing(err) {
		t.Errorf("update: %v, want ErrMissing", err)
	}
	must(t, c.Delete(t.Context(), "none"))
}

func testGetMany(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	var wanted []market.ID
	for _, id := range manyIDs(250) {
		insert(t, c, newThing(string(id)))
		wanted = append(wanted, id, id+"-missing")
	}
	found, err := c.GetMany(t.Context(), wanted...)
	must(t, err)
	if len(found) != 250 || found["0007"].Name != newThing("0007").Name {
		t.Errorf("%d found, want 250", len(found))
	}
	none, err := c.GetMany(t.Context())
	must(t, err)
	wantEqual(t, len(none), 0)
}

func testUpdate(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	insert(t, c, newThing("one"))
	got, err := c.Update(t.Context(), "one", func(one *thing) ([]market.Event, error) {
		one.Count += 5
		one.Tags = []string{"new"}
		return nil, nil
	})
	must(t, err)
	if got.Count != 5 || got.Rev != 2 {
		t.Errorf("count %d revision %d, want 5 and 2", got.Count, got.Rev)
	}
	wantEqual(t, get(t, c, "one"), got)
}

func testUnchanged(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	one := newThing("one")
	one.Notes = map[string]string{"a": "1", "b": "2", "c": "3", "d": "4", "e": "5", "f": "6", "g": "7"}
	insert(t, c, one)
	for range 10 {
		_, err := c.Update(t.Context(), "one", func(one *thing) ([]market.Event, error) {
			one.Name = newThing("one").Name
			return nil, nil
		})
		must(t, err)
	}
	wantEqual(t, get(t, c, "one").Rev, int64(1))
	_, err := c.Update(t.Context(), "one", func(*thing) ([]market.Event, error) {
		return []market.Event{event("e1", "one")}, nil
	})
	must(t, err)
	wantEqual(t, get(t, c, "one").Rev, int64(2))
}

var errRefused = market.Conflict("stock.short")

func testFailingChange(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	insert(t, c, newThing("one"))
	before := get(t, c, "one")
	fail := func(one *thing) ([]market.Event, error) {
		one.State, one.Tags, one.Count = sold, []string{"x"}, 9
		return []market.Event{event("e1", "one")}, errRefused
	}
	for _, change := range []func(context.Context, market.ID, func(*thing) ([]market.Event, error)) (*thing, error){c.Update, c.Upsert} {
		if _, err := change(t.Context(), "one", fail); !errors.Is(err, errRefused) {
			t.Errorf("error %v, want that of change", err)
		}
	}
	if _, err := c.Upsert(t.Context(), "two", fail); !errors.Is(err, errRefused) {
		t.Errorf("error %v, want that of change", err)
	}
	wantEqual(t, get(t, c, "one"), before)
	wantEqual(t, ids(t, c, store.Query{}, 10), []market.ID{"one"})
	wantEqual(t, ids(t, c, store.Query{Index: "state", Eq: []any{sold}}, 10), []market.ID{})
	wantEqual(t, ids(t, c, store.Query{Index: "tag", Eq: []any{"x"}}, 10), []market.ID{})
	wantEqual(t, eventIDs(pending(t, e)), []market.ID{})
}

func testHead(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	insert(t, c, newThing("one"))
	whole := func(one *thing) ([]market.Event, error) {
		*one = thing{Name: "whole", At: noon}
		return nil, nil
	}
	_, err := c.Update(t.Context(), "one", whole)
	must(t, err)
	_, err = c.Upsert(t.Context(), "two", whole)
	must(t, err)
	wantEqual(t, get(t, c, "one").Doc, store.Doc{ID: "one", Rev: 2})
	wantEqual(t, get(t, c, "two").Doc, store.Doc{ID: "two", Rev: 1})
}

func testUpsert(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	add := func(one *thing) ([]market.Event, error) {
		one.Count++
		return nil, nil
	}
	for range 3 {
		_, err := c.Upsert(t.Context(), "one", add)
		must(t, err)
	}
	got := get(t, c, "one")
	if got.Count != 3 || got.Rev != 3 {
		t.Errorf("count %d revision %d, want 3 and 3", got.Count, got.Rev)
	}
	wantEqual(t, ids(t, c, store.Query{Index: "count", Eq: []any{3}}, 10), []market.ID{"one"})
}

func testDelete(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	one := newThing("one")
	one.Tags = []string{"a", "b"}
	insert(t, c, one, newThing("two"))
	must(t, c.Delete(t.Context(), "one"))
	must(t, c.Delete(t.Context(), "one"))
	if _, err := c.Get(t.Context(), "one"); !store.Missing(err) {
		t.Errorf("get after delete: %v", err)
	}
	wantEqual(t, ids(t, c, store.Query{}, 10), []market.ID{"two"})
	wantEqual(t, ids(t, c, store.Query{Index: "tag", Eq: []any{"a"}}, 10), []market.ID{})
	insert(t, c, newThing("one"))
	wantEqual(t, get(t, c, "one").Rev, int64(1))
	wantEqual(t, ids(t, c, store.Query{Index: "tag", Eq: []any{"a"}}, 10), []market.ID{})
}

func testMegabyte(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	one := newThing("one")
	one.Photo = bytes.Repeat([]byte("nón lá "), 1<<20/9)
	insert(t, c, one)
	_, err := c.Update(t.Context(), "one", func(one *thing) ([]market.Event, error) {
		one.Photo[0] = 'N'
		return nil, nil
	})
	must(t, err)
	got := get(t, c, "one")
	if got.Photo[0] != 'N' || !bytes.Equal(got.Photo[1:], one.Photo[1:]) {
		t.Error("the megabyte came back changed")
	}
}

func testCancelled(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	insert(t, c, newThing("one"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Insert(ctx, newThing("two")); !errors.Is(err, context.Canceled) {
		t.Errorf("insert: %v, want context.Canceled", err)
	}
	_, err := c.Update(ctx, "one", func(one *thing) ([]market.Event, error) {
		one.Count = 1
		return nil, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("update: %v, want context.Canceled", err)
	}
	if err := c.Delete(ctx, "one"); !errors.Is(err, context.Canceled) {
		t.Errorf("delete: %v, want context.Canceled", err)
	}
	wantEqual(t, get(t, c, "one").Count, int64(0))
	wantEqual(t, ids(t, c, store.Query{}, 10), []market.ID{"one"})
}

func testPanic(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	insert(t, c, newThing("one"))
	func() {
		defer func() {
			if got := recover(); got != "boom" {
				t.Errorf("recovered %v, want the panic of change", got)
			}
		}()
		_, _ = c.Update(t.Context(), "one", func(one *thing) ([]market.Event, error) {
			one.Count = 9
			panic("boom")
		})
	}()
	wantEqual(t, get(t, c, "one").Rev, int64(1))
	_, err := c.Update(t.Context(), "one", func(one *thing) ([]market.Event, error) {
		one.Count++
		return nil, nil
	})
	must(t, err)
	wantEqual(t, get(t, c, "one").Count, int64(1))
}

func testCache(t *testing.T, e store.Engine) {
	spec := things
	spec.Cache = 2
	cached, other := openSpec(t, e, spec), openSpec(t, e, spec)
	insert(t, other, newThing("one"), newThing("two"), newThing("three"))
	for _, id := range []market.ID{"one", "two", "three", "one"} {
		wantEqual(t, get(t, cached, id).ID, id)
	}
	_, err := other.Update(t.Context(), "one", func(one *thing) ([]market.Event, error) {
		one.Name = "changed elsewhere"
		return nil, nil
	})
	must(t, err)
	wantEqual(t, get(t, cached, "one").Name, "changed elsewhere")

	wantEqual(t, get(t, cached, "two").Rev, int64(1))
	must(t, other.Delete(t.Context(), "two"))
	again := newThing("two")
	again.Name = "Mắm ruốc 2" // as long as the first, and at revision 1 again
	insert(t, other, again)
	wantEqual(t, get(t, cached, "two").Name, again.Name)
}

func testCollections(t *testing.T, e store.Engine) {
	spec := things
	spec.Name = "things-2"
	a, b := openThings(t, e), openSpec(t, e, spec)
	insert(t, a, newThing("one"))
	if _, err := b.Get(t.Context(), "one"); !store.Missing(err) {
		t.Errorf("the other collection has it: %v", err)
	}
	insert(t, b, newThing("one"))
	must(t, a.Delete(t.Context(), "one"))
	wantEqual(t, ids(t, b, store.Query{Index: "state", Eq: []any{draft}}, 10), []market.ID{"one"})
}

func testUndeclared(t *testing.T, e store.Engine) {
	if _, err := e.Get(t.Context(), "nothing", "one"); err == nil {
		t.Error("get from an undeclared collection: no error")
	}
	for _, name := range []string{"_things", "a.b"} {
		if err := e.Declare(t.Context(), store.Spec{Name: name}); err == nil {
			t.Errorf("collection %q was accepted", name)
		}
	}
	c := openThings(t, e)
	for _, q := range []store.Query{
		{Index: "none"},
		{Index: "count", Eq: []any{1, 2}},
		{Index: "count", Eq: []any{1}, From: 2},
		{Eq: []any{"one"}},
		{From: "one"},
		{Index: "count", Eq: []any{nil}},
	} {
		if _, err := c.Find(t.Context(), q); err == nil || market.KindOf(err) != market.KindInternal {
			t.Errorf("%+v: %v, want an internal error", q, err)
		}
	}
}

func testPing(t *testing.T, e store.Engine) { must(t, e.Ping(t.Context())) }
