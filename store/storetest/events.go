package storetest

import (
	"fmt"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
)

var eventTests = []test{
	{"GoWithTheChange", testEventsWithChange},
	{"StayUntilDone", testEventsStay},
	{"InOrder", testEventsInOrder},
	{"OfManyCollections", testEventsOfMany},
	{"OutliveTheirDocument", testEventsOutlive},
	{"SurviveRewrites", testEventsSurvive},
	{"Wake", testWake},
}

func testEventsWithChange(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	want := event("e1", "one")
	want.Data = []byte(`{"name":"Nón lá","n":[1,2.5,null]}`)
	must(t, c.Insert(t.Context(), newThing("one"), want))
	_, err := c.Update(t.Context(), "one", func(*thing) ([]market.Event, error) {
		return []market.Event{{ID: "e2", Type: "things.bare", Subject: "one", At: noon}}, nil
	})
	must(t, err)
	all := pending(t, e)
	wantEqual(t, eventIDs(all), []market.ID{"e1", "e2"})
	wantEqual(t, all[0].Event, want)
	wantEqual(t, len(all[1].Event.Data), 0)
	if err := c.Insert(t.Context(), newThing("one"), event("e3", "one")); !store.Exists(err) {
		t.Errorf("insert: %v", err)
	}
	wantEqual(t, eventIDs(pending(t, e)), []market.ID{"e1", "e2"})
}

func testEventsStay(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	for i := range 20 {
		must(t, c.Insert(t.Context(), newThing(fmt.Sprint(i)), event(fmt.Sprintf("e%02d", i), fmt.Sprint(i))))
	}
	all := pending(t, e)
	wantEqual(t, len(all), 20)
	must(t, e.Done(t.Context(), all[5:10]))
	must(t, e.Done(t.Context(), all[5:10]))
	must(t, e.Done(t.Context(), nil))
	wantEqual(t, eventIDs(pending(t, e)), eventIDs(append(all[:5:5], all[10:]...)))
	must(t, e.Done(t.Context(), all))
	wantEqual(t, eventIDs(pending(t, e)), []market.ID{})
}

func testEventsInOrder(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	n := 0
	for i := range 30 {
		_, err := c.Upsert(t.Context(), market.ID(fmt.Sprint(i%4)), func(one *thing) ([]market.Event, error) {
			n += 2
			subject := string(one.ID)
			return []market.Event{event(fmt.Sprintf("e%06d", n), subject), event(fmt.Sprintf("e%06d", n+1), subject)}, nil
		})
		must(t, err)
	}
	all := pending(t, e)
	wantOrdered(t, all, 60)
	some, err := e.Pending(t.Context(), nil, 3)
	must(t, err)
	if len(some) < 3 || len(some) == len(all) || some[0].Event.ID != "e000002" {
		t.Errorf("%d pending, first %v; want about 3 and the oldest first", len(some), some[0].Event.ID)
	}
}

// testEventsOfMany walks the events of three collections, written in turn.
func testEventsOfMany(t *testing.T, e store.Engine) {
	var doors []*store.Collection[thing]
	for _, name := range []string{"things", "apples", "zebras"} {
		doors = append(doors, openSpec(t, e, store.Spec{Name: name}))
	}
	want := []market.ID{}
	for i := range 60 {
		id := fmt.Sprintf("%04d", i)
		must(t, doors[i%3].Insert(t.Context(), newThing(id), event("e-"+id, id)))
		want = append(want, market.ID("e-"+id))
	}
	wantEqual(t, eventIDs(pending(t, e)), want)
	relay := store.NewRelay(e, quiet, nil, newListener().consumer("all"))
	must(t, relay.Drain(t.Context()))
	wantEqual(t, eventIDs(pending(t, e)), []market.ID{})
}

func testEventsOutlive(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	must(t, c.Insert(t.Context(), newThing("one"), event("e1", "one")))
	must(t, c.Delete(t.Context(), "one"))
	must(t, c.Delete(t.Context(), "one"))
	if _, err := c.Get(t.Context(), "one"); !store.Missing(err) {
		t.Errorf("get after delete: %v", err)
	}
	_, err := c.Update(t.Context(), "one", func(*thing) ([]market.Event, error) { return nil, nil })
	if !store.Missing(err) {
		t.Errorf("update after delete: %v", err)
	}
	wantEqual(t, ids(t, c, store.Query{}, 10), []market.ID{})
	wantEqual(t, ids(t, c, store.Query{Index: "state"}, 10), []market.ID{})
	wantEqual(t, eventIDs(pending(t, e)), []market.ID{"e1"})

	must(t, c.Insert(t.Context(), newThing("one"), event("e2", "one")))
	if err := c.Insert(t.Context(), newThing("one")); !store.Exists(err) {
		t.Errorf("third insert: %v", err)
	}
	wantEqual(t, get(t, c, "one").Rev, int64(1))
	all := pending(t, e)
	wantEqual(t, eventIDs(all), []market.ID{"e1", "e2"})
	must(t, c.Delete(t.Context(), "one"))
	must(t, e.Done(t.Context(), all))
	wantEqual(t, eventIDs(pending(t, e)), []market.ID{})
	insert(t, c, newThing("one"))
	wantEqual(t, ids(t, c, store.Query{}, 10), []market.ID{"one"})
}

func testEventsSurvive(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	must(t, c.Insert(t.Context(), newThing("one"), event("e1", "one")))
	for i := range 3 {
		_, err := c.Update(t.Context(), "one", func(one *thing) ([]market.Event, error) {
			one.Count = int64(i + 1)
			return nil, nil
		})
		must(t, err)
	}
	wantEqual(t, eventIDs(pending(t, e)), []market.ID{"e1"})
	raw, err := e.Find(t.Context(), things.Name, store.Query{Index: "count", Limit: 10}, nil)
	must(t, err)
	wantOnlyOwnFields(t, raw[0])
	must(t, e.Done(t.Context(), pending(t, e)))
	got := get(t, c, "one")
	if got.Rev != 4 || got.Count != 3 {
		t.Errorf("revision %d count %d after Done, want 4 and 3", got.Rev, got.Count)
	}
}

func testWake(t *testing.T, e store.Engine) {
	c := openThings(t, e)
	insert(t, c, newThing("quiet"))
	select {
	case <-e.Wake():
		t.Error("woken without events")
	default:
	}
	must(t, c.Insert(t.Context(), newThing("one"), event("e1", "one")))
	select {
	case <-e.Wake():
	case <-time.After(time.Minute):
		t.Error("not woken by an event")
	}
}
