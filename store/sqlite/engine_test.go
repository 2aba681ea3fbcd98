package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"chohue/market"
	"chohue/store"
)

func openParcels(t *testing.T, path string) (*Engine, *store.Collection[parcel]) {
	t.Helper()
	e, err := Open(t.Context(), path)
	must(t, err)
	t.Cleanup(func() { must(t, e.Close()) })
	c, err := store.Open[parcel](t.Context(), e, parcels)
	must(t, err)
	return e, c
}

// TestOneCannotFailItsNeighbours puts an op that breaks the transaction among
// others of its group.
func TestOneCannotFailItsNeighbours(t *testing.T) {
	e, c := openParcels(t, filepath.Join(t.TempDir(), "market.db"))
	entered, leave := make(chan struct{}), make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() { // keeps the writer busy while the group gathers
		must(t, e.submit(t.Context(), func(context.Context, *writer) error {
			close(entered)
			<-leave
			return nil
		}))
	})
	<-entered
	broken := make(chan error, 1)
	wait.Go(func() {
		broken <- e.submit(t.Context(), func(ctx context.Context, w *writer) error {
			if err := w.exec(ctx, `INSERT INTO parcels (id, body) VALUES ('half', x'00')`); err != nil {
				return err
			}
			return w.exec(ctx, "INSERT INTO nowhere VALUES (1)")
		})
	})
	for i := range 50 {
		wait.Go(func() { countUp(context.Background(), t, c, market.ID(fmt.Sprint(i))) })
	}
	for len(e.ops) < 51 {
		if t.Context().Err() != nil {
			t.Fatal("the group did not gather")
		}
	}
	close(leave)
	wait.Wait()
	if err := <-broken; err == nil {
		t.Error("the broken op succeeded")
	}
	found, err := e.Get(t.Context(), "parcels", "half")
	must(t, err)
	page, err := c.Find(t.Context(), store.Query{})
	must(t, err)
	if len(found) != 0 || len(page.Items) != 50 {
		t.Errorf("%d halves and %d neighbours, want 0 and 50", len(found), len(page.Items))
	}
	checkIndexes(t, e)
}

// TestBackupWhileWriting copies the file under writers: the copy is whole in
// itself and holds all that was acknowledged before it began.
func TestBackupWhileWriting(t *testing.T) {
	e, c := openParcels(t, filepath.Join(t.TempDir(), "market.db"))
	for i := range 100 {
		countUp(t.Context(), t, c, market.ID(fmt.Sprint(i)))
	}
	ctx, stop := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				countUp(context.Background(), t, c, market.ID(fmt.Sprint(i%200)))
			}
		})
	}
	path := filepath.Join(t.TempDir(), "it's a backup.db")
	err := e.Backup(t.Context(), path)
	stop()
	wait.Wait()
	must(t, err)
	copied, copies := openParcels(t, path)
	stored := map[market.ID]*parcel{}
	must(t, copies.Each(t.Context(), store.Query{}, func(p *parcel) error {
		stored[p.ID] = p
		return nil
	}))
	if len(stored) < 100 {
		t.Errorf("%d documents in the copy, want at least 100", len(stored))
	}
	checkEvents(t, copied, stored)
	checkIndexes(t, copied)
	if err := e.Backup(t.Context(), path); err == nil {
		t.Error("a second backup overwrote the first")
	}
}

// TestCloseWhileWriting: a write is either acknowledged, and then kept, or
// refused as closed.
func TestCloseWhileWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "market.db")
	e, c := openParcels(t, path)
	var mu sync.Mutex
	kept := map[market.ID]bool{}
	var wait, started sync.WaitGroup
	for w := range 16 {
		started.Add(1)
		wait.Go(func() {
			for i := 0; ; i++ {
				id := market.ID(fmt.Sprintf("%d-%d", w, i))
				err := c.Insert(context.Background(), &parcel{Doc: store.Doc{ID: id}})
				if i == 0 {
					started.Done()
				}
				if errors.Is(err, errClosed) {
					return
				}
				must(t, err)
				mu.Lock()
				kept[id] = true
				mu.Unlock()
			}
		})
	}
	started.Wait()
	must(t, e.Close())
	wait.Wait()
	_, again := openParcels(t, path)
	found := 0
	must(t, again.Each(t.Context(), store.Query{}, func(p *parcel) error {
		if !kept[p.ID] {
			t.Errorf("%s was refused and is there", p.ID)
		}
		found++
		return nil
	}))
	if found != len(kept) {
		t.Errorf("%d found, %d acknowledged", found, len(kept))
	}
}

func TestOpenNowhere(t *testing.T) {
	if e, err := Open(t.Context(), filepath.Join(t.TempDir(), "no", "such", "folder", "market.db")); err == nil {
		_ = e.Close()
		t.Error("opened a file in a folder that does not exist")
	}
}
