package searchtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"chohue/market"
	"chohue/search"
)

func named(id market.ID, version int64, name string) *search.Document {
	return &search.Document{ID: id, Version: version, Name: vi(name, ""), InStock: true, Set: 1, PublishedAt: Now}
}

func apply(t *testing.T, e search.Engine, changes ...search.Change) {
	t.Helper()
	if err := e.Apply(context.Background(), changes); err != nil {
		t.Fatalf("apply: %v", err)
	}
}

func versions(t *testing.T, e search.Engine) {
	apply(t, e, search.Change{Document: named("p", 3, "cam")})
	apply(t, e, search.Change{Document: named("p", 2, "bưởi")})
	same(t, "an older version", query(t, e, search.Query{Text: "bưởi"}).IDs, nil)
	apply(t, e, search.Change{Document: named("p", 3, "cam")}, search.Change{Document: named("p", 3, "cam")})
	same(t, "the same again", query(t, e, search.Query{Text: "cam"}).IDs, ids("p"))
	apply(t, e, search.Change{Document: named("p", 5, "quýt")}, search.Change{Document: named("p", 4, "chanh")})
	same(t, "a newer one", query(t, e, search.Query{Text: "quýt"}).IDs, ids("p"))
	same(t, "an older one beside it", query(t, e, search.Query{Text: "chanh"}).IDs, nil)
	same(t, "what it was", query(t, e, search.Query{Text: "cam"}).IDs, nil)
	counts(t, e, 1)
}

// appliesSideBySide lets many callers write at once, some the same product:
// each finds its change when its call returns, and the newest version stays.
func appliesSideBySide(t *testing.T, e search.Engine) {
	var work sync.WaitGroup
	for i := range 32 {
		work.Go(func() {
			own := fmt.Sprintf("own%d", i)
			changes := []search.Change{
				{Document: named(market.ID(own), 1, own)}, {Document: named("shared", int64(1+i), fmt.Sprintf("shared%d", i))},
			}
			if err := e.Apply(context.Background(), changes); err != nil {
				t.Errorf("apply: %v", err)
			}
			if r, err := e.Query(context.Background(), search.Query{Text: own, Limit: 1}); err != nil || len(r.IDs) != 1 || r.IDs[0] != market.ID(own) {
				t.Errorf("%s is not there on return: %v, %v", own, r.IDs, err)
			}
		})
	}
	work.Wait()
	same(t, "the newest", query(t, e, search.Query{Text: "shared31", Limit: 1}).IDs, ids("shared"))
	counts(t, e, 33)
}

func deletes(t *testing.T, e search.Engine) {
	apply(t, e, search.Change{Document: named("p", 1, "cam")}, search.Change{Document: named("q", 1, "cam")})
	apply(t, e, search.Change{Delete: "p", Version: 2})
	same(t, "by word", query(t, e, search.Query{Text: "cam"}).IDs, ids("q"))
	same(t, "all", query(t, e, search.Query{}).IDs, ids("q"))
	counts(t, e, 1)
	apply(t, e, search.Change{Document: named("p", 1, "cam")})
	same(t, "older news after the end", query(t, e, search.Query{}).IDs, ids("q"))
	apply(t, e, search.Change{Delete: "p", Version: 2}, search.Change{Delete: "never", Version: 1})
	apply(t, e, search.Change{Document: named("p", 3, "cam")})
	same(t, "published again", query(t, e, search.Query{Text: "cam"}).IDs, ids("p", "q"))
	apply(t, e, search.Change{Delete: "q", Version: 1})
	counts(t, e, 2) // not newer than what the index has
}

func rebuild(e search.Engine, docs []search.Document) error {
	return e.Rebuild(context.Background(), func(yield func(search.Document) error) error {
		for _, d := range docs {
			if err := yield(d); err != nil {
				return err
			}
		}
		return nil
	})
}

func rebuilds(t *testing.T, e search.Engine) {
	apply(t, e, search.Change{Document: named("stray", 1, "sentinel")})
	docs := Products(2500, 2)
	if err := rebuild(e, docs); err != nil {
		t.Fatal(err)
	}
	counts(t, e, len(docs))
	same(t, "what was not yielded", query(t, e, search.Query{Text: "sentinel"}).IDs, nil)
	apply(t, e, search.Change{Delete: docs[0].ID, Version: 99})
	counts(t, e, len(docs)-1)
	if err := rebuild(e, nil); err != nil {
		t.Fatal(err)
	}
	counts(t, e, 0)
}

func rebuildFails(t *testing.T, e search.Engine) {
	apply(t, e, search.Change{Document: named("p", 1, "cam")})
	broken := errors.New("broken")
	err := e.Rebuild(context.Background(), func(yield func(search.Document) error) error {
		if err := yield(*named("q", 1, "quýt")); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("rebuild: %v, want %v", err, broken)
	}
	same(t, "live index", query(t, e, search.Query{}).IDs, ids("p"))
	if err := rebuild(e, []search.Document{*named("r", 1, "chanh")}); err != nil {
		t.Fatalf("rebuild after a failed one: %v", err)
	}
	same(t, "live index", query(t, e, search.Query{}).IDs, ids("r"))
}

// rebuildsUnderLoad writes and queries while the index is made anew: no answer
// fails or lacks the product that is always there, and afterwards the index
// holds exactly what was written last.
func rebuildsUnderLoad(t *testing.T, e search.Engine) {
	docs := Products(1200, 3)
	fill(t, e, docs)
	apply(t, e, search.Change{Document: named("always", 1, "sentinel")})
	stop := make(chan struct{})
	var work sync.WaitGroup
	for range 2 {
		work.Go(func() {
			for running(stop) {
				r, err := e.Query(context.Background(), search.Query{Text: "sentinel"})
				if err != nil || len(r.IDs) != 1 {
					t.Errorf("query while rebuilding: %v, %v", r.IDs, err)
					return
				}
			}
		})
	}
	written := 0
	work.Go(func() {
		for ; running(stop) || written < 40; written++ {
			id := docs[written%20].ID
			version := int64(2 + written)
			change := search.Change{Document: named(id, version, fmt.Sprintf("fresh%d", written))}
			if written%20 == 7 {
				change = search.Change{Delete: id, Version: version}
			}
			if err := e.Apply(context.Background(), []search.Change{change}); err != nil {
				t.Errorf("apply while rebuilding: %v", err)
				return
			}
		}
	})
	for range 2 {
		if err := rebuild(e, append(docs, *named("always", 1, "sentinel"))); err != nil {
			t.Errorf("rebuild: %v", err)
		}
	}
	close(stop)
	work.Wait()
	counts(t, e, len(docs)) // all, without the one taken out, with the sentinel
	for w := written - 20; w < written; w++ {
		var want []market.ID
		if w%20 != 7 {
			want = []market.ID{docs[w%20].ID}
		}
		same(t, "last write", query(t, e, search.Query{Text: fmt.Sprintf("fresh%d", w), Limit: 1}).IDs, want)
	}
}

func running(stop chan struct{}) bool {
	select {
	case <-stop:
		return false
	default:
		return true
	}
}

func hostile(t *testing.T, e search.Engine) {
	fill(t, e, Corpus())
	for _, text := range Hostile() {
		for _, sort := range []string{"", search.SortPrice, "no-such-sort"} {
			query(t, e, search.Query{Text: text, Sort: sort, Facets: true, Limit: -1, Offset: -1})
		}
		if _, err := e.Suggest(context.Background(), text, 5); err != nil {
			t.Errorf("suggest %q: %v", text, err)
		}
	}
}

// Hostile are texts that have broken searches elsewhere; also seeds for fuzzing.
func Hostile() []string {
	return []string{
		"\x00", "\xff\xfe", "\xc3\x28", "*", "?", "te*t", "name:mam", "+mam -nem", `"mam`, "mam~2", "mam^9",
		"(mam OR", "/.*/", "[a TO z]", "{", "\\", "' OR 1=1 --", "<script>alert(1)</script>", "%s%n%d",
		"\u0301\u0301\u0301", "a\u0301\u0301\u0301\u0301", "\u202e", "\ufeff", "\U0001f600", "ﷺ", "İ", "ß", "ﬁ",
		strings.Repeat("a", 100_000), strings.Repeat("a ", 50_000), strings.Repeat("\u0301", 10_000),
		strings.Repeat("mắm ", 1000), strings.Repeat("0", 1000), "١٢٣", "\U0010ffff", "đ", "Đ", "-", " ", "\n",
		"a|b", " | ", "500", "9999999999999999999999",
	}
}
