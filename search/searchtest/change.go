package searchtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	if err := e.Wait(context.Background()); err != nil {
		t.Fatalf("wait: %v", err)
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
			if err := errors.Join(e.Apply(context.Background(), changes), e.Wait(context.Background())); err != nil {
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

func rebuildsUnderLoad(t *testing.T, e search.Engine) { RebuildUnderLoad(t, e, 150, 2*time.Second) }

// RebuildUnderLoad makes the index anew again and again while products are
// changed and asked for, until so many queries are answered. No answer fails, is
// empty, or lacks a change that was handed over so long ago; at the end the
// index is what was written last.
func RebuildUnderLoad(t *testing.T, e search.Engine, queries int, stale time.Duration) {
	l := &load{engine: e, stale: stale, docs: map[market.ID]search.Document{}, left: int64(queries)}
	for _, d := range Products(min(queries, 1200), 3) {
		l.docs[d.ID] = d
	}
	l.docs[beacon] = *named(beacon, 1, "sentinel")
	if err := e.Rebuild(t.Context(), l.each); err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		work.Go(func() { l.ask(t) })
	}
	var writing sync.WaitGroup
	writing.Go(func() { l.write(t, stop) })
	rebuilds := 0
	for ; l.asking() || rebuilds < 2; rebuilds++ {
		err := e.Rebuild(t.Context(), l.each)
		if err != nil && market.KindOf(err) != market.KindConflict {
			t.Errorf("rebuild: %v", err)
			break
		}
	}
	work.Wait()
	close(stop)
	writing.Wait()
	l.equals(t)
	t.Logf("%d queries beside %d rebuilds and %d changes", queries, rebuilds, l.written)
}

const beacon = market.ID("beacon")

// load is a shop that changes while it is asked.
type load struct {
	engine  search.Engine
	stale   time.Duration
	left    int64
	written int

	mu    sync.Mutex
	docs  map[market.ID]search.Document
	shown []stamp // when each version of the beacon was handed over
}

type stamp struct {
	at      time.Time
	version int64
}

func (l *load) asking() bool { return atomic.LoadInt64(&l.left) > 0 }

// each yields the shop as it is now, as a catalogue does.
func (l *load) each(yield func(search.Document) error) error {
	l.mu.Lock()
	docs := slices.Collect(maps.Values(l.docs))
	l.mu.Unlock()
	for _, d := range docs {
		l.mu.Lock()
		now, ok := l.docs[d.ID]
		l.mu.Unlock()
		if !ok {
			continue
		}
		if err := yield(now); err != nil {
			return err
		}
	}
	return nil
}

// ask wants the beacon with a version that is not too old: its price is its
// version.
func (l *load) ask(t *testing.T) {
	for atomic.AddInt64(&l.left, -1) >= 0 {
		least := l.seen(time.Now().Add(-l.stale))
		r, err := l.engine.Query(context.Background(), search.Query{Text: "sentinel", PriceFrom: market.VND(least)})
		if err != nil || len(r.IDs) != 1 || r.IDs[0] != beacon {
			t.Errorf("while rebuilding: %v, %v; want the beacon of version %d", r.IDs, err, least)
			return
		}
	}
}

// seen is the version that was handed over by then.
func (l *load) seen(by time.Time) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.shown) - 1; i >= 0; i-- {
		if !l.shown[i].at.After(by) {
			return l.shown[i].version
		}
	}
	return 0
}

// write changes the beacon, and changes, takes out and brings back others.
func (l *load) write(t *testing.T, stop chan struct{}) {
	for ; running(stop); l.written++ {
		version := int64(2 + l.written)
		light := named(beacon, version, "sentinel")
		light.Price = market.VND(version)
		other := market.ID(fmt.Sprintf("P%09d", l.written%20))
		changes := []search.Change{{Document: light}, {Document: named(other, version, fmt.Sprintf("fresh%d", l.written))}}
		if l.written%3 == 2 {
			changes[1] = search.Change{Delete: other, Version: version}
		}
		l.mu.Lock()
		for _, c := range changes {
			if c.Document == nil {
				delete(l.docs, c.Delete)
				continue
			}
			l.docs[c.Document.ID] = *c.Document
		}
		l.mu.Unlock()
		if err := errors.Join(l.engine.Apply(context.Background(), changes), l.engine.Wait(context.Background())); err != nil {
			t.Errorf("apply while rebuilding: %v", err)
			return
		}
		l.mu.Lock()
		l.shown = append(l.shown, stamp{time.Now(), version})
		l.mu.Unlock()
	}
}

// equals compares the index with the shop, document by document.
func (l *load) equals(t *testing.T) {
	if err := l.engine.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	want := map[market.ID]int64{}
	for id, d := range l.docs {
		want[id] = d.Version
	}
	got, err := l.engine.Versions(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
	for id, d := range l.docs {
		if d.Version > 1 && id != beacon {
			same(t, d.Name.VI, query(t, l.engine, search.Query{Text: d.Name.VI, Limit: 1}).IDs, []market.ID{id})
		}
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
