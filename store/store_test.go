package store_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/market"
	"chohue/store"
	"chohue/store/sqlite"
)

var noon = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

func TestIndexRows(t *testing.T) {
	body, err := bson.Marshal(bson.M{
		"name": "mắm", "count": int32(3), "big": int64(1) << 40, "open": true, "shut": false, "at": noon,
		"nothing": nil, "half": 0.5, "empty": bson.A{}, "tags": bson.A{"b", "a", "b", nil, 1.5},
		"place": bson.M{"ward": "19753"},
		"lines": bson.A{bson.M{"product": "p1", "tags": bson.A{"x", "y"}}, bson.M{"product": "p2"}, "stray", bson.M{"product": "p1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		fields []string
		want   [][]any
	}{
		{"scalars", []string{"name", "count", "big"}, [][]any{{"mắm", int64(3), int64(1) << 40}}},
		{"booleans and times", []string{"open", "shut", "at"}, [][]any{{int64(1), int64(0), noon.UnixMilli()}}},
		{"nested", []string{"place.ward"}, [][]any{{"19753"}}},
		{"array, each value once", []string{"tags", "count"}, [][]any{{"b", int64(3)}, {"a", int64(3)}}},
		{"array of documents", []string{"count", "lines.product"}, [][]any{{int64(3), "p1"}, {int64(3), "p2"}}},
		{"array within an array", []string{"lines.tags"}, [][]any{{"x"}, {"y"}}},
		{"missing", []string{"name", "none"}, nil},
		{"missing under a scalar", []string{"name.none"}, nil},
		{"null", []string{"name", "nothing"}, nil},
		{"fractions are not indexed", []string{"half"}, nil},
		{"documents are not indexed", []string{"place"}, nil},
		{"empty array", []string{"empty", "name"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, store.Index{Fields: c.fields}.Rows(body)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// FuzzIndexRows: a broken body may lack rows but breaks nothing.
func FuzzIndexRows(f *testing.F) {
	body, err := bson.Marshal(bson.M{"a": bson.A{bson.M{"b": "c"}, "d"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(body), "a.b")
	f.Add([]byte{5, 0, 0, 0, 0}, "")
	f.Fuzz(func(_ *testing.T, body []byte, field string) {
		if bson.Raw(body).Validate() == nil {
			store.Index{Fields: []string{field, "a.b"}}.Rows(body)
		}
	})
}

type note struct {
	store.Doc `bson:",inline"`
	Count     int64 `bson:"count"`
}

func openEngine(t testing.TB) store.Engine {
	e, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "market.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// FuzzCursor: a cursor from outside gives a page or an invalid error.
func FuzzCursor(f *testing.F) {
	spec := store.Spec{Name: "notes", Indexes: []store.Index{{Name: "count", Fields: []string{"count"}}}}
	c, err := store.Open[note](f.Context(), openEngine(f), spec)
	if err != nil {
		f.Fatal(err)
	}
	for _, id := range []market.ID{"a", "b", "c"} {
		if err := c.Insert(f.Context(), &note{Doc: store.Doc{ID: id}, Count: 1}); err != nil {
			f.Fatal(err)
		}
	}
	for _, q := range []store.Query{{Limit: 1}, {Index: "count", Limit: 1}} {
		page, err := c.Find(f.Context(), q)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(page.Next))
	}
	f.Fuzz(func(t *testing.T, after string) {
		for _, q := range []store.Query{{}, {Index: "count"}, {Index: "count", Eq: []any{1}, Desc: true}} {
			q.After = store.Cursor(after)
			page, err := c.Find(context.Background(), q)
			if err != nil && (market.KindOf(err) != market.KindInvalid || len(page.Items) > 0) {
				t.Fatalf("cursor %q: %d found, %v", after, len(page.Items), err)
			}
		}
	})
}

func TestMigrationsAreNumberedInOrder(t *testing.T) {
	ran := false
	all := []store.Migration{{Number: 2, Name: "second", Run: func(context.Context, store.Engine) error { ran = true; return nil }}}
	if _, err := store.Migrate(t.Context(), openEngine(t), func() time.Time { return noon }, all); err == nil || ran {
		t.Errorf("migration 2 ran %v as the first, error %v", ran, err)
	}
}
