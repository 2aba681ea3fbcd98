package ui

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func testAssets(t *testing.T) *Assets {
	t.Helper()
	a, err := OpenAssets(fstest.MapFS{
		"manifest.json":         {Data: []byte(`{"app.css": "app-AAAAAAAA.css", "font.woff2": "font-BBBBBBBB.woff2"}`)},
		"app-AAAAAAAA.css":      {Data: []byte("plain")},
		"app-AAAAAAAA.css.br":   {Data: []byte("brotli")},
		"app-AAAAAAAA.css.gz":   {Data: []byte("gzip")},
		"font-BBBBBBBB.woff2":   {Data: []byte("font")},
		"secret-not-listed.txt": {Data: []byte("secret")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func get(a *Assets, path string, header ...string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Result()
}

func TestEmptyDistSaysWhatToRun(t *testing.T) {
	_, err := OpenAssets(fstest.MapFS{".gitkeep": {}})
	if err == nil || !strings.Contains(err.Error(), "make assets") {
		t.Errorf("error = %v, want one that says make assets", err)
	}
}

func TestURLCarriesTheHash(t *testing.T) {
	if got, want := testAssets(t).URL("app.css"), "/static/app-AAAAAAAA.css"; got != want {
		t.Errorf("URL = %q, want %q", got, want)
	}
}

func TestAssetsServeTheSmallestFormAccepted(t *testing.T) {
	a := testAssets(t)
	for accept, want := range map[string]string{
		"gzip, deflate, br": "br", "gzip": "gzip", "br;q=0, gzip": "gzip", "": "", "identity": "",
	} {
		res := get(a, a.URL("app.css"), "Accept-Encoding", accept)
		if got := res.Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q is answered with %q, want %q", accept, got, want)
		}
	}
	if got := get(a, a.URL("font.woff2"), "Accept-Encoding", "br").Header.Get("Content-Encoding"); got != "" {
		t.Errorf("a font without a twin is sent as %q", got)
	}
}

func TestAssetsMayBeKept(t *testing.T) {
	a := testAssets(t)
	res := get(a, a.URL("app.css"))
	for name, want := range map[string]string{
		"Cache-Control": "public, max-age=31536000, immutable",
		"Content-Type":  "text/css; charset=utf-8",
		"Vary":          "Accept-Encoding",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	again := get(a, a.URL("app.css"), "If-None-Match", res.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("a known ETag is answered with %d, want 304", again.StatusCode)
	}
}

func TestOnlyListedFilesAreServed(t *testing.T) {
	a := testAssets(t)
	for _, path := range []string{"/static/manifest.json", "/static/secret-not-listed.txt", "/static/", "/static/../assets.go", "/static/app-AAAAAAAA.css.br"} {
		if got := get(a, path).StatusCode; got != http.StatusNotFound {
			t.Errorf("%s is answered with %d, want 404", path, got)
		}
	}
}
