// Package filestest is what every keeper of photo files must do.
package filestest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"

	"chohue/catalog"
	"chohue/market"
)

// Run holds what open opens, empty, against the contract of catalog.Files.
func Run(t *testing.T, open func(*testing.T) catalog.Files) {
	t.Run("what is put is got", func(t *testing.T) { putGet(t, open(t)) })
	t.Run("missing", func(t *testing.T) { missing(t, open(t)) })
	t.Run("keys are apart", func(t *testing.T) { apart(t, open(t)) })
	t.Run("many at once", func(t *testing.T) { crowd(t, open(t)) })
	t.Run("each is told", func(t *testing.T) { each(t, open(t)) })
	t.Run("given up", func(t *testing.T) { givenUp(t, open(t)) })
}

func key(name string, width int) string {
	return catalog.PhotoKey(name, width, catalog.PhotoWebP)
}

func put(t *testing.T, files catalog.Files, key string, data []byte) {
	t.Helper()
	if err := files.Put(t.Context(), key, "image/webp", data); err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, files catalog.Files, key string, data []byte) {
	t.Helper()
	got, err := files.Get(t.Context(), key)
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("%s: got %d bytes, %v; want %d", key, len(got), err, len(data))
	}
}

// noise is data that no store may shorten or mend: every byte there is.
func noise(n int) []byte {
	var out []byte
	for i := 0; len(out) < n; i++ {
		sum := sha256.Sum256([]byte(strconv.Itoa(i)))
		out = append(out, sum[:]...)
	}
	return out[:n]
}

func putGet(t *testing.T, files catalog.Files) {
	for _, n := range []int{1, 1000, 200_000, 6 << 20} {
		put(t, files, key("a", n), noise(n))
		want(t, files, key("a", n), noise(n))
	}
	put(t, files, key("a", 1), []byte("again"))
	want(t, files, key("a", 1), []byte("again"))
}

func missing(t *testing.T, files catalog.Files) {
	put(t, files, key("a", 320), []byte("a"))
	for _, name := range []string{key("b", 320), key("a", 32), key("a", 3200), "photos"} {
		if _, err := files.Get(t.Context(), name); market.KindOf(err) != market.KindNotFound {
			t.Errorf("%s: %v, want not found", name, err)
		}
	}
}

func apart(t *testing.T, files catalog.Files) {
	names := []string{key("a", 320), key("a", 640), catalog.PhotoKey("a", 320, catalog.PhotoJPEG), key("A", 320), "other/a-320.webp"}
	for _, name := range names {
		put(t, files, name, []byte(name))
	}
	for _, name := range names {
		want(t, files, name, []byte(name))
	}
}

// crowd writes the same and other keys at once: whoever reads gets one whole
// file.
func crowd(t *testing.T, files catalog.Files) {
	one, other := bytes.Repeat([]byte{1}, 50_000), bytes.Repeat([]byte{2}, 50_000)
	put(t, files, key("shared", 1), one)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			data := [][]byte{one, other}[i%2]
			if err := errors.Join(files.Put(t.Context(), key("shared", 1), "image/webp", data), files.Put(t.Context(), key("own", i), "image/webp", data)); err != nil {
				t.Error(err)
			}
			got, err := files.Get(t.Context(), key("shared", 1))
			if err != nil || !bytes.Equal(got, one) && !bytes.Equal(got, other) {
				t.Errorf("a torn file of %d bytes, %v", len(got), err)
			}
		})
	}
	all.Wait()
	for i := range 8 {
		want(t, files, key("own", i), [][]byte{one, other}[i%2])
	}
}

// givenUp stops before anything is written.
func givenUp(t *testing.T, files catalog.Files) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := files.Put(ctx, key("late", 1), "image/webp", []byte("late")); err == nil {
		t.Error("written after the caller had gone")
	}
	if _, err := files.Get(t.Context(), key("late", 1)); market.KindOf(err) != market.KindNotFound {
		t.Errorf("left behind: %v", err)
	}
}

// lister tells all keys, for backups.
type lister interface {
	Each(ctx context.Context, do func(key string) error) error
}

func each(t *testing.T, files catalog.Files) {
	all, ok := files.(lister)
	if !ok {
		t.Fatal("nobody can make a backup of it: it does not tell its keys")
	}
	var want, got []string
	for i := range 1100 { // more than one page of any listing
		name := key("many", i)
		put(t, files, name, []byte{byte(i)})
		want = append(want, name)
	}
	if err := all.Each(t.Context(), func(key string) error { got = append(got, key); return nil }); err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("told %d keys, want %d", len(got), len(want))
	}
	enough := errors.New("enough")
	if err := all.Each(t.Context(), func(string) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("went on after an error: %v", err)
	}
}
