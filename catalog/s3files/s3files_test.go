package s3files_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"chohue/catalog"
	"chohue/catalog/filestest"
	"chohue/catalog/s3files"
)

// stand starts an S3 server of others' making and returns its host.
func stand(t *testing.T, wrap func(http.Handler) http.Handler) string {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "market")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "of-the-test")
	backend := s3mem.New()
	if err := backend.CreateBucket("photos"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(wrap(gofakes3.New(backend).Server()))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func plain(h http.Handler) http.Handler { return h }

func address(host string) string {
	return "s3://photos/hue?region=us-east-1&insecure=true&endpoint=" + host
}

func open(t *testing.T, address string) *s3files.Files {
	t.Helper()
	files, err := s3files.Open(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	return files
}

func TestOverTheWire(t *testing.T) {
	filestest.Run(t, func(t *testing.T) catalog.Files { return open(t, address(stand(t, plain))) })
}

// TestOnYours runs on a server of the operator's: an empty bucket of its own,
// keys in the environment.
func TestOnYours(t *testing.T) {
	at := os.Getenv("MARKET_TEST_S3")
	if at == "" {
		t.Skip("MARKET_TEST_S3 names no bucket, such as s3://BUCKET?endpoint=HOST:PORT")
	}
	filestest.Run(t, func(t *testing.T) catalog.Files { return open(t, at) })
}

// TestWhatIsSent looks at the requests themselves: signed, typed, cacheable,
// in the folder.
func TestWhatIsSent(t *testing.T) {
	var sent []*http.Request
	host := stand(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sent = append(sent, r)
			h.ServeHTTP(w, r)
		})
	})
	files := open(t, address(host))
	if err := files.Put(t.Context(), "photos/a-320.webp", "image/webp", []byte("a")); err != nil {
		t.Fatal(err)
	}
	last := sent[len(sent)-1]
	if last.Method != http.MethodPut || last.URL.Path != "/photos/hue/photos/a-320.webp" {
		t.Errorf("%s %s", last.Method, last.URL.Path)
	}
	if !strings.HasPrefix(last.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=market/") {
		t.Errorf("not signed: %q", last.Header.Get("Authorization"))
	}
	if !strings.Contains(last.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("not to be kept: %q", last.Header.Get("Cache-Control"))
	}
	got, err := http.Get("http://" + host + last.URL.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	body, err := io.ReadAll(got.Body)
	if err != nil || string(body) != "a" || got.Header.Get("Content-Type") != "image/webp" {
		t.Errorf("served as %v: %q, %v", got.Header, body, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	host := stand(t, plain)
	for _, bad := range []string{"", "s3://", "file:///x", "s3://other?region=us-east-1&insecure=true&endpoint=" + host} {
		if _, err := s3files.Open(t.Context(), bad, nil); err == nil {
			t.Errorf("%q opened", bad)
		}
	}
}

// TestTrouble: a store that fails is our trouble, never a photo that is not
// there.
func TestTrouble(t *testing.T) {
	broken := false
	host := stand(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if broken {
				http.Error(w, "", http.StatusForbidden)
				return
			}
			h.ServeHTTP(w, r)
		})
	})
	files := open(t, address(host))
	broken = true
	if err := files.Put(context.Background(), "photos/a-320.webp", "image/webp", []byte("a")); err == nil {
		t.Error("a refused file counts as written")
	}
	if _, err := files.Get(t.Context(), "photos/a-320.webp"); err == nil || strings.Contains(err.Error(), "photo.missing") {
		t.Errorf("a refused file: %v", err)
	}
}
