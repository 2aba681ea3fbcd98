package mongo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"chohue/market"
	"chohue/store"
	"chohue/store/mongo/mongotest"
)

type jar struct {
	store.Doc `bson:",inline"`
	Left      int64       `bson:"left"`
	Shop      string      `bson:"shop"`
	At        time.Time   `bson:"at"`
	Tags      []string    `bson:"tags,omitempty"`
	Sold      []market.ID `bson:"sold,omitempty"`
}

var jars = store.Spec{Name: "jars", Indexes: []store.Index{{Name: "shop", Fields: []string{"shop", "left"}}}}

// process is one engine as another process would have it, with its own
// connections, locks and lease.
type process struct {
	*Engine
	jars *store.Collection[jar]
}

func start(t *testing.T, uri, database string) process {
	t.Helper()
	e, err := Open(t.Context(), uri, database)
	must(t, err)
	t.Cleanup(func() { must(t, e.Close()) })
	c, err := store.Open[jar](t.Context(), e, jars)
	must(t, err)
	return process{e, c}
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

var noon = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

func event(id, subject string) market.Event {
	return market.Event{ID: market.ID(id), Type: "jars.sold", Subject: market.ID(subject), At: noon, Data: []byte(`{"n":1}`)}
}

func pending(t *testing.T, e *Engine) []store.Pending {
	t.Helper()
	all, err := e.Pending(t.Context(), nil, 100)
	must(t, err)
	return all
}

func eventIDs(all []store.Pending) []market.ID {
	out := []market.ID{}
	for _, p := range all {
		out = append(out, p.Event.ID)
	}
	return out
}

// TestProcesses runs what several processes on one database must bear.
func TestProcesses(t *testing.T) {
	mongotest.Run(t, func(t *testing.T, uri string) {
		for name, test := range map[string]func(*testing.T, process, process){
			"NothingIsSoldTwice":         testStock,
			"OneOfManyClaimsAnID":        testClaim,
			"OneDelivers":                testOneDelivers,
			"LeaseOfTheDeadEnds":         testDeadLeader,
			"DoneDuringUpdate":           testDoneDuringUpdate,
			"EventDuringDone":            testEventDuringDone,
			"DeletedAndBornAgain":        testBornAgain,
			"DeleteDuringUpdate":         testDeleteDuringUpdate,
			"InterruptedDone":            testInterruptedDone,
			"NaturalDocuments":           testNatural,
			"DocumentsOfOthers":          testForeign,
			"Indexes":                    testIndexes,
			"WaitForConflictEndsWithCtx": testEndlessConflict,
		} {
			t.Run(name, func(t *testing.T) {
				database := mongotest.Database(t, uri)
				test(t, start(t, uri, database), start(t, uri, database))
			})
		}
	})
}

func testStock(t *testing.T, a, b process) {
	must(t, a.jars.Insert(t.Context(), &jar{Doc: store.Doc{ID: "mam"}, Left: 200}))
	var sold, refused atomic.Int64
	empty := errors.New("empty")
	var wait sync.WaitGroup
	for w := range 32 {
		wait.Go(func() {
			for range 20 {
				c := []process{a, b}[w%2].jars
				_, err := c.Update(t.Context(), "mam", func(j *jar) ([]market.Event, error) {
					if j.Left == 0 {
						return nil, empty
					}
					j.Left--
					return []market.Event{event(fmt.Sprintf("e%04d", j.Left), "mam")}, nil
				})
				switch {
				case err == nil:
					sold.Add(1)
				case errors.Is(err, empty):
					refused.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	wantEqual(t, []int64{sold.Load(), refused.Load()}, []int64{200, 440})
	left, err := a.jars.Get(t.Context(), "mam")
	must(t, err)
	wantEqual(t, left, &jar{Doc: store.Doc{ID: "mam", Rev: 201}, At: left.At})
	all := pending(t, a.Engine)
	wantEqual(t, len(all), 200)
	for i, p := range all {
		wantEqual(t, p.Event.ID, market.ID(fmt.Sprintf("e%04d", 199-i)))
	}
}

func testClaim(t *testing.T, a, b process) {
	var won atomic.Int64
	var wait sync.WaitGroup
	for w := range 64 {
		wait.Go(func() {
			err := []process{a, b}[w%2].jars.Insert(t.Context(), &jar{Doc: store.Doc{ID: "phone"}, Left: int64(w)})
			if err == nil {
				won.Add(1)
			} else if !store.Exists(err) {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	wantEqual(t, won.Load(), int64(1))
}

func testOneDelivers(t *testing.T, a, b process) {
	must(t, a.jars.Insert(t.Context(), &jar{Doc: store.Doc{ID: "one"}}, event("e1", "one")))
	must(t, b.jars.Insert(t.Context(), &jar{Doc: store.Doc{ID: "two"}}, event("e2", "two")))
	wantEqual(t, eventIDs(pending(t, a.Engine)), []market.ID{"e1", "e2"})
	wantEqual(t, eventIDs(pending(t, b.Engine)), []market.ID{})
	must(t, a.Close())
	wantEqual(t, eventIDs(pending(t, b.Engine)), []market.ID{"e1", "e2"})
}

func testDeadLeader(t *testing.T, a, b process) {
	now := noon
	a.lease.now = func() time.Time { return now }
	b.lease.now = a.lease.now
	must(t, a.jars.Insert(t.Context(), &jar{Doc: store.Doc{ID: "one"}}, event("e1", "one")))
	for range 3 { // a is alive and renews
		wantEqual(t, len(pending(t, a.Engine)), 1)
		wantEqual(t, len(pending(t, b.Engine)), 0)
		now = now.Add(leaseTime - time.Second)
	}
	now = now.Add(2 * time.Second)
	wantEqual(t, len(pending(t, b.Engine)), 1)
	wantEqual(t, len(pending(t, a.Engine)), 0)
}

// testDoneDuringUpdate takes an event out between the read and the write of an
// update, which must neither bring it back nor lose the one it adds.
func testDoneDuringUpdate(t *testing.T, a, b process) {
	must(t, a.jars.Insert(t.Context(), &jar{Doc: store.Doc{ID: "one"}}, event("e1", "one")))
	delivered, calls := pending(t, b.Engine), 0
	_, err := a.jars.Update(t.Context(), "one", func(j *jar) ([]market.Event, error) {
		if calls++; calls == 1 {
			must(t, b.Done(t.Context(), delivered))
		}
		j.Left++
		return []market.Event{event("e2", "one")}, nil
	})
	must(t, err)
	wantEqual(t, eventIDs(pending(t, b.Engine)), []market.ID{"e2"})
	wantEqual(t, calls, 2)
}

// testEventDuringDone adds an event between a delivery and its end.
func testEventDuringDone(t *testing.T, a, b process) {
	must(t, a.jars.Insert(t.Context(), &jar{Doc: store.Doc{ID: "one"}}, event("e1", "one")))
	delivered := pending(t, b.Engine)
	_, err := a.jars.Update(t.Context(), "one", func(j *jar) ([]market.Event, error) {
		j.Left++
		return []market.Event{event("e2", "one")}, nil
	})
	must(t, err)
	must(t, b.Done(t.Context(), delivered))
	wantEqual(t, eventIDs(pending(t, b.Engine)), []market.ID{"e2"})
}

// testBornAgain replaces a document by a new one of the same id and revision
// while another process is changing the first.
func testBornAgain(t *testing.T, a, b process) {
	must(t, a.jars.Insert(t.Context(), &jar{Doc: store.Doc{ID: "one"}, Shop: "first"}))
	calls := 0
	got, err := a.jars.Update(t.Context(), "one", func(j *jar) ([]market.Event, error) {
		if calls++; calls == 1 {
			must(t, b.jars.Delete(t.Context(), "one"))
			must(t, b.jars.Insert(t.Context(), &jar{Doc: store.Doc{ID: "one"}, Shop: "second"}))
		}
		j.Left = 1
		return nil, nil
	})
	must(t, err)
	wantEqual(t, got.Shop, "second")
}

func testDeleteDuringUpdate(t *testing.T, a, b process) {
	must(t, a.jars.Insert(t.Context(), &jar{Doc: store.Doc{ID: "one"}}, event("e1", "one")))
	_, err := a.jars.Update(t.Context(), "one", func(j *jar) ([]market.Event, error) {
		must(t, b.jars.Delete(t.Context(), "one"))
		j.Left = 1
		return []market.Event{event("e2", "one")}, nil
	})
	if !store.Missing(err) {
		t.Errorf("update: %v, want ErrMissing", err)
	}
	wantEqual(t, eventIDs(pending(t, a.Engine)), []market.ID{"e1"})
}

// testInterruptedDone leaves documents as a process does that dies between the
// two steps of Done.
func testInterruptedDone(t *testing.T, a, _ process) {
	for _, id := range []market.ID{"one", "two"} {
		must(t, a.jars.Insert(t.Context(), &jar{Doc: store.Doc{ID: id}}, event("e-"+string(id), string(id))))
	}
	must(t, a.jars.Delete(t.Context(), "two"))
	docs := a.database.Collection("jars")
	_, err := docs.UpdateMany(t.Context(), bson.D{}, bson.D{{Key: "$set", Value: bson.D{{Key: "_events", Value: bson.A{}}}}})
	must(t, err)
	wantEqual(t, len(pending(t, a.Engine)), 0)
	var left []bson.M
	cursor, err := docs.Find(t.Context(), bson.D{})
	must(t, err)
	must(t, cursor.All(t.Context(), &left))
	if len(left) != 1 || left[0]["_id"] != "one" || left[0]["_pending"] != nil || left[0]["_events"] != nil {
		t.Errorf("left: %v", left)
	}
}

func testNatural(t *testing.T, a, _ process) {
	one := &jar{Doc: store.Doc{ID: "one"}, Left: 3, Shop: "Phong Điền", At: noon, Tags: []string{"ocop"}}
	must(t, a.jars.Insert(t.Context(), one, event("e1", "one")))
	raw := func() bson.M {
		var doc bson.M
		must(t, a.database.Collection("jars").FindOne(t.Context(), bson.D{}).Decode(&doc))
		delete(doc, "_ver")
		return doc
	}
	want := bson.M{
		"_id": "one", "_rev": int64(1), "left": int64(3), "shop": "Phong Điền",
		"at": bson.NewDateTimeFromTime(noon), "tags": bson.A{"ocop"}, "_pending": "e1",
		"_events": bson.A{bson.D{
			{Key: "id", Value: "e1"},
			{Key: "type", Value: "jars.sold"},
			{Key: "subject", Value: "one"},
			{Key: "at", Value: bson.NewDateTimeFromTime(noon)},
			{Key: "data", Value: `{"n":1}`},
		}},
	}
	wantEqual(t, raw(), want)
	must(t, a.Done(t.Context(), pending(t, a.Engine)))
	delete(want, "_pending")
	delete(want, "_events")
	wantEqual(t, raw(), want)
}

// testForeign changes a document that mongoimport or a person put there.
func testForeign(t *testing.T, a, _ process) {
	docs := a.database.Collection("jars")
	_, err := docs.InsertOne(t.Context(), bson.D{{Key: "_id", Value: "one"}, {Key: "_rev", Value: int64(4)}, {Key: "left", Value: int64(2)}})
	must(t, err)
	for want := range int64(3) {
		got, err := a.jars.Update(t.Context(), "one", func(j *jar) ([]market.Event, error) {
			j.Left++
			return nil, nil
		})
		must(t, err)
		wantEqual(t, []int64{got.Rev, got.Left}, []int64{5 + want, 3 + want})
	}
}

func testIndexes(t *testing.T, a, b process) {
	view := a.database.Collection("jars").Indexes()
	_, err := view.CreateOne(t.Context(), mongo.IndexModel{
		Keys: bson.D{{Key: "at", Value: 1}}, Options: options.Index().SetName("of-the-operator"),
	})
	must(t, err)
	names := func() map[string]string {
		found, err := view.ListSpecifications(t.Context())
		must(t, err)
		out := map[string]string{}
		for _, ix := range found {
			elements, err := ix.KeysDocument.Elements()
			must(t, err)
			for _, el := range elements {
				out[ix.Name] += el.Key() + " "
			}
		}
		return out
	}
	want := map[string]string{
		"_id_": "_id ", "store__pending": "_pending ", "of-the-operator": "at ", "store_shop": "shop left _id ",
	}
	wantEqual(t, names(), want)
	changed := store.Spec{Name: "jars", Indexes: []store.Index{
		{Name: "shop", Fields: []string{"shop"}}, {Name: "left", Fields: []string{"left"}},
	}}
	must(t, b.Declare(t.Context(), changed))
	must(t, b.Declare(t.Context(), changed))
	want["store_shop"], want["store_left"] = "shop _id ", "left _id "
	wantEqual(t, names(), want)
	must(t, b.Declare(t.Context(), store.Spec{Name: "jars"}))
	delete(want, "store_shop")
	delete(want, "store_left")
	wantEqual(t, names(), want)
}

// testEndlessConflict loses every round of an update until the caller gives up.
func testEndlessConflict(t *testing.T, a, b process) {
	must(t, a.jars.Insert(t.Context(), &jar{Doc: store.Doc{ID: "one"}}))
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	_, err := a.jars.Update(ctx, "one", func(j *jar) ([]market.Event, error) {
		if calls++; calls == 4 {
			cancel()
		}
		_, err := b.jars.Update(t.Context(), "one", func(other *jar) ([]market.Event, error) {
			other.Left++
			return nil, nil
		})
		j.Shop = "never"
		return nil, err
	})
	if err == nil || calls != 4 {
		t.Errorf("%v after %d calls, want an error after 4", err, calls)
	}
	got, err := b.jars.Get(t.Context(), "one")
	must(t, err)
	wantEqual(t, []any{got.Left, got.Shop}, []any{int64(4), ""})
}
