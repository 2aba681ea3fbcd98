package sqlite_test

import (
	"path/filepath"
	"testing"

	"chohue/store"
	"chohue/store/sqlite"
	"chohue/store/storetest"
)

func open(t *testing.T, path string) store.Engine {
	t.Helper()
	e, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func fresh(t *testing.T) store.Engine {
	e := open(t, filepath.Join(t.TempDir(), "market.db"))
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestContract(t *testing.T) { storetest.Run(t, fresh) }

func TestReopen(t *testing.T) {
	storetest.RunReopen(t, func(t *testing.T) func() store.Engine {
		path := filepath.Join(t.TempDir(), "a#b %41?.db")
		return func() store.Engine { return open(t, path) }
	})
}

func TestModel(t *testing.T) { storetest.RunModel(t, fresh(t)) }
