package mongo_test

import (
	"path/filepath"
	"testing"

	"chohue/store"
	"chohue/store/mongo"
	"chohue/store/mongo/mongotest"
	"chohue/store/sqlite"
	"chohue/store/storetest"
)

func open(t *testing.T, uri, database string) *mongo.Engine {
	t.Helper()
	e, err := mongo.Open(t.Context(), uri, database)
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

func TestContract(t *testing.T) {
	mongotest.Run(t, func(t *testing.T, uri string) {
		storetest.Run(t, func(t *testing.T) store.Engine { return open(t, uri, mongotest.Database(t, uri)) })
	})
}

func TestReopen(t *testing.T) {
	mongotest.Run(t, func(t *testing.T, uri string) {
		storetest.RunReopen(t, func(t *testing.T) func() store.Engine {
			database := mongotest.Database(t, uri)
			return func() store.Engine { return open(t, uri, database) }
		})
	})
}

// TestModel does the same to both engines and expects the same of both.
func TestModel(t *testing.T) {
	mongotest.Run(t, func(t *testing.T, uri string) {
		embedded, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "market.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = embedded.Close() }()
		storetest.RunModel(t, open(t, uri, mongotest.Database(t, uri)), embedded)
	})
}
