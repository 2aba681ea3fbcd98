package api

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/store"
)

func TestReadersBesideSalesSeeOneShelf(t *testing.T) {
	s := openShop(t)
	p := s.product(s.seller("HTX Một"), "Bưởi", 30_000, 100)
	path := "/products/" + p.Slug
	seen := sync.Map{} // ETag to available
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 50 {
				w := s.guest().do("GET", path, nil)
				got := ok[Product](t, w).Variants[0].Available
				if before, known := seen.LoadOrStore(w.Header().Get("ETag"), got); known && before != got {
					t.Errorf("one ETag for %d and %d on the shelf", before, got)
				}
			}
		})
	}
	buyer := s.guest()
	for range 20 {
		buyer.buy("cod", p)
	}
	readers.Wait()
	if got := get[Product](s.guest(), path).Variants[0].Available; got != 60 {
		t.Errorf("%d on the shelf, want 60", got)
	}
}

func TestTheMemoForgets(t *testing.T) {
	m := newMemo(2)
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	products := make([]*catalog.Product, 3)
	for i := range products {
		products[i] = &catalog.Product{Doc: store.Doc{ID: market.ID(rune('a' + i))}}
		m.put(drawn{product: products[i], stock: 1, until: now.Add(time.Hour)})
	}
	if len(m.kept) != 2 {
		t.Errorf("%d kept, room for 2", len(m.kept))
	}
	last := products[2]
	changed := *last
	for what, found := range map[string]bool{
		"another state of the product": has(m, &changed, 1, now),
		"another stock":                has(m, last, 2, now),
		"a later time":                 has(m, last, 1, now.Add(time.Hour)),
	} {
		if found {
			t.Errorf("kept for %s", what)
		}
	}
	if !has(m, last, 1, now) {
		t.Error("nothing kept")
	}
}

func has(m *memo, p *catalog.Product, stock uint64, now time.Time) bool {
	_, ok := m.get(p, stock, now)
	return ok
}

func TestPrecondition(t *testing.T) {
	for header, want := range map[string]int{
		"": http.StatusPreconditionRequired, " ": http.StatusPreconditionRequired, "*": 0, `"7.abc"`: 0, `"7"`: 0,
		`"6.abc", "7.abc"`: 0, `"6.abc"`: http.StatusPreconditionFailed, `"77.abc"`: http.StatusPreconditionFailed,
		`W/"7.abc"`: http.StatusPreconditionFailed, "junk": http.StatusPreconditionFailed,
	} {
		if got, _ := precondition(header, 7); got != want {
			t.Errorf("If-Match %s: %d, want %d", header, got, want)
		}
	}
}
