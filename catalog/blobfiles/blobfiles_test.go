package blobfiles_test

import (
	"os"
	"path/filepath"
	"testing"

	"chohue/catalog"
	"chohue/catalog/blobfiles"
	"chohue/catalog/filestest"
	"chohue/market"
)

var _ catalog.Files = (*blobfiles.Files)(nil)

func TestFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "files")
	files, err := blobfiles.Open(t.Context(), "file://"+folder)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = files.Close() }()
	key := catalog.PhotoKey("0123456789abcdef0123456789abcdef", 320, catalog.PhotoJPEG)
	for _, want := range []string{"one", "two"} {
		if err := files.Put(t.Context(), key, "image/jpeg", []byte(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := files.Get(t.Context(), key); err != nil || string(got) != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	found, err := os.ReadDir(filepath.Join(folder, "photos"))
	if err != nil || len(found) != 1 {
		t.Errorf("the folder holds %v, %v; want the one file", found, err)
	}
	_, err = files.Get(t.Context(), "photos/none.jpg")
	if market.KindOf(err) != market.KindNotFound {
		t.Errorf("missing file: %v", err)
	}
}

func TestContract(t *testing.T) {
	filestest.Run(t, func(t *testing.T) catalog.Files {
		files, err := blobfiles.Open(t.Context(), "file://"+t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = files.Close() })
		return files
	})
}

func TestOpenRefuses(t *testing.T) {
	for _, address := range []string{"", "nowhere://x", "file://%zz"} {
		if _, err := blobfiles.Open(t.Context(), address); err == nil {
			t.Errorf("%q opened", address)
		}
	}
}
