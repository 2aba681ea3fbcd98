package meili_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"chohue/market"
	"chohue/search"
	"chohue/search/meili"
	"chohue/search/meili/meilisim"
	"chohue/search/searchtest"
)

const key = "master-key-for-tests"

func config(t *testing.T, now market.Clock) meili.Config {
	t.Helper()
	synonyms, err := search.LoadSynonyms()
	if err != nil {
		t.Fatal(err)
	}
	return meili.Config{Key: key, Index: "products", Now: now, Synonyms: synonyms}
}

func open(t *testing.T, c meili.Config) *meili.Engine {
	t.Helper()
	e := meili.New(c)
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func played(t *testing.T, now market.Clock) (*meilisim.Server, meili.Config) {
	t.Helper()
	s := meilisim.New(key)
	t.Cleanup(s.Close)
	c := config(t, now)
	c.URL, c.Search = s.URL, meili.Search{Key: meilisim.SearchKey, UID: meilisim.SearchUID}
	return s, c
}

func moment() time.Time { return searchtest.Now }

// TestEngineOnThePlayedWire runs the suite against the server that tests play.
func TestEngineOnThePlayedWire(t *testing.T) {
	searchtest.RunFree(t, func(t *testing.T, now market.Clock) search.Engine {
		_, c := played(t, now)
		return open(t, c)
	})
}

// TestEngineOnARealServer runs the suite, and the judged queries, against the
// server that MARKET_TEST_MEILI_URL names, with the key of MARKET_TEST_MEILI_KEY.
func TestEngineOnARealServer(t *testing.T) {
	url := os.Getenv("MARKET_TEST_MEILI_URL")
	if url == "" {
		t.Skip("MARKET_TEST_MEILI_URL is not set")
	}
	n := 0
	real := func(t *testing.T, now market.Clock) search.Engine {
		n++
		c := config(t, now)
		c.URL, c.Key, c.Index = url, os.Getenv("MARKET_TEST_MEILI_KEY"), fmt.Sprintf("test_%d_%d", time.Now().UnixNano(), n)
		return open(t, c)
	}
	searchtest.RunFree(t, real)
	t.Run("judged", func(t *testing.T) {
		e := real(t, moment)
		searchtest.JudgeEngine(t, e, func(ctx context.Context, q search.Query) (search.Result, error) { return search.Ask(ctx, e, q) })
	})
}

func put(id market.ID, version int64, name string) search.Change {
	return search.Change{Document: &search.Document{ID: id, Version: version, Name: market.Text{VI: name}, InStock: true, Set: 1, PublishedAt: searchtest.Now}}
}

// A task that fails is an answer like any other for the client; it must not
// pass for a change that was made.
func TestAFailedTaskIsToldAgain(t *testing.T) {
	s, c := played(t, moment)
	e := open(t, c)
	s.Refuse("documentAdditionOrUpdate")
	err := e.Apply(t.Context(), []search.Change{put("p", 1, "mắm nêm")})
	if err == nil {
		err = e.Wait(t.Context())
	}
	if err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Fatalf("a failed task: %v", err)
	}
	if versions, err := e.Versions(t.Context()); err != nil || len(versions) != 0 {
		t.Errorf("versions after it: %v, %v", versions, err)
	}
	tell(t, e, put("p", 1, "mắm nêm"))
	found(t, e, "mam nem", 1)
}

func tell(t *testing.T, e search.Engine, changes ...search.Change) {
	t.Helper()
	if err := e.Apply(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	if err := e.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func found(t *testing.T, e search.Engine, text string, want int) {
	t.Helper()
	r, err := e.Query(t.Context(), search.Query{Text: text})
	if err != nil || r.Total != want {
		t.Errorf("%q: %d, %v; want %d", text, r.Total, err, want)
	}
}

func TestARebuildThatCannotSwapKeepsTheLiveIndex(t *testing.T) {
	s, c := played(t, moment)
	e := open(t, c)
	tell(t, e, put("p", 1, "mắm nêm"))
	s.Refuse("indexSwap")
	err := e.Rebuild(t.Context(), func(yield func(search.Document) error) error { return yield(*put("q", 1, "mè xửng").Document) })
	if err == nil {
		t.Fatal("a swap that failed passes for one that was done")
	}
	found(t, e, "mam nem", 1)
	if err := e.Rebuild(t.Context(), func(yield func(search.Document) error) error { return yield(*put("q", 1, "mè xửng").Document) }); err != nil {
		t.Fatal(err)
	}
	found(t, e, "mam nem", 0)
	found(t, e, "me xung", 1)
}

func TestOpensAgainAsItWas(t *testing.T) {
	_, c := played(t, moment)
	first := open(t, c)
	tell(t, first, put("p", 3, "mắm nêm"), put("q", 1, "mè xửng"))
	tell(t, first, search.Change{Delete: "q", Version: 2})
	again := open(t, c)
	tell(t, again, put("p", 2, "trà sen"), put("q", 1, "mè xửng"))
	found(t, again, "tra sen", 0)
	found(t, again, "me xung", 0)
	found(t, again, "mam nem", 1)
}

// The key that a query goes by cannot write, nor see what was taken out.
func TestQueriesGoByATenantToken(t *testing.T) {
	s, c := played(t, moment)
	seen := ""
	c.Client = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/multi-search" {
			seen = r.Header.Get("Authorization")
		}
		return http.DefaultTransport.RoundTrip(r)
	})}
	e := open(t, c)
	found(t, e, "x", 0)
	if seen == "" || strings.Contains(seen, key) || strings.Contains(seen, meilisim.SearchKey) {
		t.Fatalf("a query goes by %q", seen)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.URL+"/indexes/products", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", seen)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("deleting the index by a query's token: %d", answer.StatusCode)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSaysWhenTheServerIsDown(t *testing.T) {
	s, c := played(t, moment)
	e := open(t, c)
	s.Down(true)
	if _, err := e.Query(t.Context(), search.Query{Text: "mam"}); err == nil {
		t.Error("a query is answered")
	}
	if err := e.Health(t.Context()); err == nil {
		t.Error("it is well")
	}
	s.Down(false)
	found(t, e, "mam", 0)
}
