package main

import (
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// album keeps pictures of pages, with an index to look through them.
type album struct {
	t      *testing.T
	folder string

	mu    sync.Mutex
	shots []shot
}

type shot struct{ File, Who, Title, Path string }

// newAlbum opens an empty album under MARKET_TEST_SCREENSHOTS, or under
// screenshots in the repository's root.
func newAlbum(t *testing.T, name string) *album {
	t.Helper()
	root := os.Getenv("MARKET_TEST_SCREENSHOTS")
	if root == "" {
		root = filepath.FromSlash("../../screenshots")
	}
	a := &album{t: t, folder: filepath.Join(root, name)}
	if err := os.RemoveAll(a.folder); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(a.folder, 0o750); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.close)
	return a
}

func (a *album) add(v *visitor, title string, png []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	name := strings.Map(plainLetter, fmt.Sprintf("%02d-%s-%s", len(a.shots)+1, v.name, title)) + ".png"
	if err := os.WriteFile(filepath.Join(a.folder, name), png, 0o600); err != nil {
		a.t.Error(err)
	}
	a.shots = append(a.shots, shot{name, v.name, title, v.path()})
}

func plainLetter(r rune) rune {
	if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
		return r
	}
	return '-'
}

var albumPage = template.Must(template.New("album").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{{.Name}}</title>
<style>body{font:16px system-ui;margin:24px;background:#ddd}ol{display:flex;flex-wrap:wrap;gap:24px;padding:0;list-style:none}
figure{margin:0}img{max-width:360px;border:1px solid #999;background:#fff}</style>
<h1>{{.Name}}</h1><ol>{{range .Shots}}
<li><figure><figcaption>{{.Who}}: {{.Title}}<br><small>{{.Path}}</small></figcaption><a href="{{.File}}"><img src="{{.File}}" alt="{{.Title}}" loading="lazy"></a></figure>{{end}}
</ol></html>
`))

func (a *album) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	file, err := os.Create(filepath.Join(a.folder, "index.html"))
	if err != nil {
		a.t.Error(err)
		return
	}
	err = albumPage.Execute(file, struct {
		Name  string
		Shots []shot
	}{filepath.Base(a.folder), a.shots})
	if err != nil {
		a.t.Error(err)
	}
	if err := file.Close(); err != nil {
		a.t.Error(err)
	}
}
