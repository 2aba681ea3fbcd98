package ui

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed all:dist
var built embed.FS

const staticPath = "/static/"

// Assets are the built stylesheet, scripts, fonts and drawings. They do not
// change after loading and may be used from many goroutines.
type Assets struct {
	files    fs.FS
	manifest map[string]string // logical name to hashed name
	names    map[string]bool   // the hashed names
}

// Load reads the assets that were built into the program. Without a build it
// fails and says what to run.
func Load() (*Assets, error) {
	dist, err := fs.Sub(built, "dist")
	if err != nil {
		return nil, err
	}
	return OpenAssets(dist)
}

// OpenAssets reads assets from a folder with a manifest.json, for tests and for
// serving a build from disk.
func OpenAssets(files fs.FS) (*Assets, error) {
	raw, err := fs.ReadFile(files, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("ui: dist is empty: run make assets")
	}
	if err != nil {
		return nil, err
	}
	a := &Assets{files: files, names: map[string]bool{}}
	if err := json.Unmarshal(raw, &a.manifest); err != nil {
		return nil, fmt.Errorf("ui: manifest.json: %w", err)
	}
	for _, hashed := range a.manifest {
		a.names[hashed] = true
	}
	return a, nil
}

// URL returns where the asset of a logical name ("app.css", "basket.svg") is
// served. A name that was not built gives a path that answers 404.
func (a *Assets) URL(name string) string {
	if hashed, ok := a.manifest[name]; ok {
		return staticPath + hashed
	}
	return staticPath + name
}

// Has reports whether an asset of that logical name was built.
func (a *Assets) Has(name string) bool { _, ok := a.manifest[name]; return ok }

// ServeHTTP answers requests below /static/. Names carry a hash of the content,
// so browsers may keep what they got forever.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, staticPath)
	if !a.names[name] {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Type", contentType(name))
	body, encoding, err := a.variant(name, r.Header.Get("Accept-Encoding"))
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	serve(w, r, name, encoding, body)
}

func serve(w http.ResponseWriter, r *http.Request, name, encoding string, body []byte) {
	h := w.Header()
	tag := `"` + name + `"`
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
		tag = `"` + name + "." + encoding + `"`
	}
	h.Set("ETag", tag)
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		// A client that went away is its own business.
		_, _ = w.Write(body)
	}
}

// variant returns the smallest form the client accepts and its encoding.
func (a *Assets) variant(name, accept string) (body []byte, encoding string, err error) {
	for _, v := range []struct{ encoding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if !accepts(accept, v.encoding) {
			continue
		}
		if body, err := fs.ReadFile(a.files, name+v.suffix); err == nil {
			return body, v.encoding, nil
		}
	}
	body, err = fs.ReadFile(a.files, name)
	return body, "", err
}

func accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(name, encoding) {
			return strings.ReplaceAll(params, " ", "") != "q=0"
		}
	}
	return false
}

func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".webmanifest":
		return "application/manifest+json"
	default:
		return mime.TypeByExtension(ext)
	}
}
