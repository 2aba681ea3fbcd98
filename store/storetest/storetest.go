// Package storetest is the contract of store.Engine as a suite. An engine's
// own tests open it and call Run, RunReopen and RunModel.
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
	"chohue/store"
)

// Run checks everything that one running engine promises. open must return an
// engine without documents and close it when its test ends.
func Run(t *testing.T, open func(t *testing.T) store.Engine) {
	groups := []struct {
		name  string
		tests []test
	}{
		{"Documents", documentTests},
		{"Queries", queryTests},
		{"Cursors", cursorTests},
		{"Concurrency", concurrencyTests},
		{"Events", eventTests},
		{"Relay", relayTests},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for _, one := range g.tests {
				t.Run(one.name, func(t *testing.T) { one.run(t, open(t)) })
			}
		})
	}
}

type test struct {
	name string
	run  func(*testing.T, store.Engine)
}

// state is a named string, as rooms have them.
type state string

const (
	draft state = "draft"
	sold  state = "sold"
)

// thing has a field of every sort that an index may hold.
type thing struct {
	store.Doc `bson:",inline"`
	Name      string            `bson:"name"`
	State     state             `bson:"state"`
	Count     int64             `bson:"count"`
	Small     int               `bson:"small"`
	Price     market.VND        `bson:"price"`
	Open      bool              `bson:"open"`
	At        time.Time         `bson:"at"`
	Shop      market.ID         `bson:"shop,omitempty"`
	Until     *time.Time        `bson:"until,omitempty"`
	Place     place             `bson:"place"`
	Tags      []string          `bson:"tags,omitempty"`
	Lines     []line            `bson:"lines,omitempty"`
	Notes     map[string]string `bson:"notes,omitempty"`
	Photo     []byte            `bson:"photo,omitempty"`
}

type place struct {
	Ward string `bson:"ward,omitempty"`
}

type line struct {
	Product market.ID `bson:"product"`
	Amount  int64     `bson:"amount"`
}

func (t *thing) id() market.ID { return t.ID }

var things = store.Spec{
	Name: "things",
	Indexes: []store.Index{
		{Name: "state", Fields: []string{"state", "count"}},
		{Name: "count", Fields: []string{"count"}},
		{Name: "small", Fields: []string{"small"}},
		{Name: "open", Fields: []string{"open", "price"}},
		{Name: "at", Fields: []string{"at"}},
		{Name: "shop", Fields: []string{"shop", "at"}},
		{Name: "until", Fields: []string{"until"}},
		{Name: "ward", Fields: []string{"place.ward", "state", "count"}},
		{Name: "tag", Fields: []string{"tags", "count"}},
		{Name: "product", Fields: []string{"lines.product", "at"}},
	},
}

var noon = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

func openThings(t *testing.T, e store.Engine) *store.Collection[thing] {
	t.Helper()
	return openSpec(t, e, things)
}

func openSpec(t *testing.T, e store.Engine, s store.Spec) *store.Collection[thing] {
	t.Helper()
	c, err := store.Open[thing](t.Context(), e, s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newThing(id string) *thing {
	return &thing{Doc: store.Doc{ID: market.ID(id)}, Name: "Mắm nêm " + id, State: draft, At: noon}
}

func insert(t *testing.T, c *store.Collection[thing], all ...*thing) {
	t.Helper()
	for _, one := range all {
		if err := c.Insert(t.Context(), one); err != nil {
			t.Fatalf("insert %s: %v", one.ID, err)
		}
	}
}

func get(t *testing.T, c *store.Collection[thing], id market.ID) *thing {
	t.Helper()
	got, err := c.Get(t.Context(), id)
	if err != nil {
		t.Fatalf("get %s: %v", id, err)
	}
	return got
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantEqual(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
}

// ids returns all ids of a query, in order, fetched in pages of the given size.
func ids(t *testing.T, c *store.Collection[thing], q store.Query, size int) []market.ID {
	t.Helper()
	found := []market.ID{}
	q.Limit = size
	for {
		page, err := c.Find(t.Context(), q)
		if err != nil {
			t.Fatalf("find %+v: %v", q, err)
		}
		if len(page.Items) > size || (len(page.Items) == 0 && page.Next != "") {
			t.Fatalf("page of %d with next %q, size is %d", len(page.Items), page.Next, size)
		}
		for _, one := range page.Items {
			found = append(found, one.id())
		}
		if page.Next == "" {
			return found
		}
		q.After = page.Next
	}
}

func event(id, subject string) market.Event {
	return market.Event{
		ID: market.ID(id), Type: "things.changed", Subject: market.ID(subject),
		At: noon, Data: fmt.Appendf(nil, `{"id":%q}`, id),
	}
}

// pending walks the whole outbox as the relay does.
func pending(t *testing.T, e store.Engine) []store.Pending {
	t.Helper()
	var all []store.Pending
	var after any
	for {
		some, err := e.Pending(context.WithoutCancel(t.Context()), after, 7)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			return all
		}
		all = append(all, some...)
		after = some[len(some)-1].Ref
	}
}

func eventIDs(all []store.Pending) []market.ID {
	out := []market.ID{}
	for _, p := range all {
		out = append(out, p.Event.ID)
	}
	return out
}
