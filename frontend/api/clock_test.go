package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/market"
)

// starsSeen is the rank that each operation shows of one product.
type starsSeen struct{ detail, badge, list, filtered, found, facet, best int }

// glance asks as a client does that kept the answers of its last glance: a 304
// means that what it kept is still shown.
type glance struct {
	*visitor

	kept map[string]string // body by path
	tags map[string]string
}

func (g *glance) get(path string) string {
	g.t.Helper()
	var header []string
	if g.tags[path] != "" {
		header = []string{"If-None-Match", g.tags[path]}
	}
	got := g.do("GET", path, nil, header...)
	if cache := got.Header().Get("Cache-Control"); !strings.Contains(cache, "no-cache") {
		g.t.Errorf("%s may be kept: %q", path, cache)
	}
	if got.Code == http.StatusNotModified {
		return g.kept[path]
	}
	if got.Code != http.StatusOK {
		g.t.Fatalf("%s: %d %s", path, got.Code, got.Body)
	}
	g.kept[path], g.tags[path] = got.Body.String(), got.Header().Get("ETag")
	return g.kept[path]
}

func (g *glance) look(p *catalog.Product) starsSeen {
	g.t.Helper()
	whole := parsed[Product](g.t, g.get("/products/"+string(p.ID)))
	var seen starsSeen
	seen.detail = whole.Stars
	if whole.Badge != nil {
		seen.badge = whole.Badge.Stars
	}
	starsOf := func(cards []ProductCard) int {
		for _, c := range cards {
			if c.ID == p.ID {
				return c.Stars
			}
		}
		return 0
	}
	seen.list = starsOf(parsed[ProductPage](g.t, g.get("/products")).Items)
	seen.filtered = starsOf(parsed[ProductPage](g.t, g.get("/products?stars=3")).Items)
	seen.found = starsOf(parsed[SearchResult](g.t, g.get("/search?stars=3")).Items)
	all := parsed[SearchResult](g.t, g.get("/search?q=b%C6%B0%E1%BB%9Fi"))
	for _, f := range all.Facets["stars"] {
		if f.N > 0 && f.Value != "" {
			seen.facet = max(seen.facet, int(f.Value[0]-'0'))
		}
	}
	if len(all.Items) > 0 && all.Items[0].ID == p.ID {
		seen.best = 1
	}
	return seen
}

func parsed[T any](t testing.TB, body string) T {
	t.Helper()
	var out T
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return out
}

// TestClockOfTheBadge turns the clock over each end of a certificate, one
// millisecond before and at it, for a client that revalidates. Nothing is
// delivered and no job runs in between.
func TestClockOfTheBadge(t *testing.T) {
	everywhere := starsSeen{4, 4, 4, 4, 4, 4, 1}
	for _, test := range []struct {
		name  string
		turn  func(s *shop, p *catalog.Product)
		after starsSeen
	}{
		{"expiry", func(*shop, *catalog.Product) {}, starsSeen{}},
		{"revocation", func(s *shop, p *catalog.Product) {
			_, err := s.Catalog.Revoke(s.ctx, market.System, p.ID, p.Certificates[0].ID, catalog.Revocation{Reason: "dieu-8-3", Words: "Thu hồi", DecisionNo: "1/QĐ-UBND"})
			s.must(err)
		}, starsSeen{}},
		{"supersession", nil, starsSeen{3, 3, 3, 3, 3, 3, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := openShop(t)
			seller := s.seller("HTX Hương Thọ")
			p := s.product(seller, "Bưởi cốm", 45_000, 10)
			s.pass(time.Second)
			s.product(seller, "Bưởi da", 45_000, 10) // newer: without stars it comes first
			s.certify(p.ID, 240*time.Hour)
			wait := 240 * time.Hour
			if test.name == "revocation" {
				wait = 24 * time.Hour
			}
			if test.turn == nil {
				wait = 48 * time.Hour
				_, err := s.Catalog.Certify(s.ctx, market.System, p.ID, catalog.Certificate{
					DecisionNo: "2000/QĐ-UBND", DecisionDate: s.clock(), Issuer: "UBND thành phố Huế", IssuerLevel: "province",
					Stars: 3, ValidFrom: s.clock().Add(wait), Verification: catalog.ProofDecision,
				})
				s.must(err)
			}
			s.drain()
			p, err := s.Catalog.PublishedProduct(s.ctx, p.ID)
			s.must(err)
			g := &glance{s.guest(), map[string]string{}, map[string]string{}}
			s.pass(wait - time.Millisecond)
			for range 2 { // the second time from what was kept
				if got := g.look(p); got != everywhere {
					t.Errorf("a millisecond before: %+v", got)
				}
			}
			s.pass(time.Millisecond)
			if test.turn != nil {
				test.turn(s, p)
			}
			if got := g.look(p); got != test.after {
				t.Errorf("at the moment: %+v, want %+v", got, test.after)
			}
		})
	}
}
