package main

import (
	"fmt"
	"html"
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

const albumHead = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>%[1]s</title>
<style>body{font:16px system-ui;margin:24px;background:#ddd}ol{display:flex;flex-wrap:wrap;gap:24px;padding:0;list-style:none}
figure{margin:0}img{max-width:360px;border:1px solid #999;background:#fff}</style>
<h1>%[1]s</h1><ol>
`

const albumShot = `<li><figure><figcaption>%[2]s: %[3]s<br><small>%[4]s</small></figcaption><a href="%[1]s"><img src="%[1]s" alt="%[3]s" loading="lazy"></a></figure>
`

func (a *album) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	var page strings.Builder
	fmt.Fprintf(&page, albumHead, html.EscapeString(filepath.Base(a.folder)))
	for _, s := range a.shots {
		fmt.Fprintf(&page, albumShot, html.EscapeString(s.File), html.EscapeString(s.Who), html.EscapeString(s.Title), html.EscapeString(s.Path))
	}
	page.WriteString("</ol></html>\n")
	if err := os.WriteFile(filepath.Join(a.folder, "index.html"), []byte(page.String()), 0o600); err != nil {
		a.t.Error(err)
	}
}
