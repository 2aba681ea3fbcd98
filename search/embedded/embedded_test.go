package embedded

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chohue/market"
	"chohue/search"
	"chohue/search/searchtest"
)

func open(t testing.TB, dir string, now market.Clock) *Engine {
	t.Helper()
	synonyms, err := search.LoadSynonyms()
	if err != nil {
		t.Fatal(err)
	}
	e, err := Open(dir, now, synonyms)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func unmoved() time.Time { return searchtest.Now }

func TestEngine(t *testing.T) {
	searchtest.Run(t, func(t *testing.T, now market.Clock) search.Engine { return open(t, t.TempDir(), now) })
}

func apply(t *testing.T, e *Engine, changes ...search.Change) {
	t.Helper()
	if err := e.Apply(context.Background(), changes); err != nil {
		t.Fatal(err)
	}
}

func total(t *testing.T, e *Engine, text string) int {
	t.Helper()
	r, err := e.Query(context.Background(), search.Query{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return r.Total
}

func TestOpensAgainAsItWas(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, unmoved)
	docs := searchtest.Corpus()
	for i := range docs {
		apply(t, e, search.Change{Document: &docs[i]})
	}
	apply(t, e, search.Change{Delete: "tra", Version: 7})
	before, err := e.Query(context.Background(), search.Query{Facets: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open(t, dir, unmoved)
	defer func() { _ = e.Close() }()
	after, err := e.Query(context.Background(), search.Query{Facets: true})
	if err != nil || after.Total != before.Total || after.Total != len(docs)-1 {
		t.Errorf("after opening: %d, %v; before: %d", after.Total, err, before.Total)
	}
	old := docs[0]
	apply(t, e, search.Change{Document: &old})
	if n := total(t, e, ""); n != len(docs)-1 {
		t.Errorf("what was taken out comes back by older news: %d", n)
	}
}

// A crash in the middle of a rebuild leaves an unfinished folder, or a finished
// one that nothing points to.
func TestSweepsWhatACrashLeft(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, unmoved)
	apply(t, e, search.Change{Document: &searchtest.Corpus()[0]})
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	stray := filepath.Join(dir, "index-000002")
	if err := os.MkdirAll(stray, 0o755); err != nil {
		t.Fatal(err)
	}
	e = open(t, dir, unmoved)
	defer func() { _ = e.Close() }()
	if _, err := os.Stat(stray); !os.IsNotExist(err) {
		t.Errorf("stray folder: %v", err)
	}
	if n := total(t, e, "cung dinh"); n != 1 {
		t.Errorf("found %d, want 1", n)
	}
}

func TestDropsAnotherLayout(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, unmoved)
	apply(t, e, search.Change{Document: &searchtest.Corpus()[0]})
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "CURRENT"), []byte("999/1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	e = open(t, dir, unmoved)
	defer func() { _ = e.Close() }()
	if n, err := e.Count(context.Background()); n != 0 || err != nil {
		t.Errorf("count = %d, %v; want an empty index", n, err)
	}
}

func TestSaysWhenClosed(t *testing.T) {
	e := open(t, t.TempDir(), unmoved)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	_, queried := e.Query(ctx, search.Query{})
	_, suggested := e.Suggest(ctx, "a", 1)
	_, counted := e.Count(ctx)
	for _, err := range []error{queried, suggested, counted, e.Health(ctx), e.Apply(ctx, nil), e.Rebuild(ctx, nil)} {
		if market.KindOf(err) != market.KindUnavailable {
			t.Errorf("closed: %v, want unavailable", err)
		}
	}
	if err := e.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

func FuzzQuery(f *testing.F) {
	for _, text := range searchtest.Hostile() {
		f.Add(text)
	}
	synonyms, err := search.LoadSynonyms()
	if err != nil {
		f.Fatal(err)
	}
	e, err := Open(f.TempDir(), unmoved, synonyms)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = e.Close() })
	docs := searchtest.Corpus()
	for i := range docs {
		if err := e.Apply(context.Background(), []search.Change{{Document: &docs[i]}}); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := e.Query(context.Background(), search.Query{Text: text, Facets: true}); err != nil {
			t.Errorf("query %q: %v", text, err)
		}
		if _, err := e.Suggest(context.Background(), text, 5); err != nil {
			t.Errorf("suggest %q: %v", text, err)
		}
	})
}

func TestJudged(t *testing.T) {
	e := open(t, t.TempDir(), unmoved)
	defer func() { _ = e.Close() }()
	searchtest.JudgeEngine(t, e, asks(t, e))
}

// asks is what a visitor asks: the service, which reads Telex keys too.
func asks(t *testing.T, e search.Engine) func(context.Context, search.Query) (search.Result, error) {
	t.Helper()
	return func(ctx context.Context, q search.Query) (search.Result, error) { return search.Ask(ctx, e, q) }
}
