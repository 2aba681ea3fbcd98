package pages_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"chohue/catalog"
	"chohue/market"
)

// badgeShown is where the stars of the shop's fruit are seen at this moment.
type badgeShown struct {
	page, ld, home, list, filter, facet, seller, certificate bool
}

var everywhere = badgeShown{true, true, true, true, true, true, true, true}

// look reads the pages as somebody does who was here before: nothing may be
// answered from a cache without asking.
func (v *visitor) look(product *catalog.Product) badgeShown {
	v.t.Helper()
	const named = "Thanh trà Thủy Biều"
	stars := func(p page) bool {
		v.t.Helper()
		if cache := p.header.Get("Cache-Control"); !strings.Contains(cache, "no-cache") && !strings.Contains(cache, "no-store") {
			v.t.Errorf("%s may be kept: %q", p.at, cache)
		}
		for _, card := range p.all(".product") {
			if drawn := written(card); strings.Contains(drawn, named) {
				return strings.Contains(drawn, `class="stars"`)
			}
		}
		return false
	}
	item := v.get("/san-pham/" + product.Slug).is(200)
	filter := v.get("/tim?stars=3").is(200)
	return badgeShown{
		page: len(item.all(".stars")) > 0, ld: strings.Contains(item.body, "hasCertification"),
		home: stars(v.get("/").is(200)), list: stars(v.get("/tim").is(200)), filter: found(filter, named),
		facet: len(options(v.get("/tim").input("stars"))) > 1, seller: stars(v.get("/gian-hang/" + product.SellerSlug).is(200)),
		certificate: strings.Contains(item.body, `id="giay-cong-nhan"`),
	}
}

// found reports whether the product is among the results; a page without
// results shows other goods.
func found(p page, name string) bool {
	return len(p.all(".empty")) == 0 && strings.Contains(p.text(), name)
}

func options(choice *html.Node) []*html.Node {
	var out []*html.Node
	for n := range choice.Descendants() {
		if n.Data == "option" {
			out = append(out, n)
		}
	}
	return out
}

func written(n *html.Node) string {
	var b strings.Builder
	if err := html.Render(&b, n); err != nil {
		return err.Error()
	}
	return b.String()
}

// TestClockOfTheBadge turns the clock over each boundary of a certificate's
// life. No job runs and no news is delivered in between.
func TestClockOfTheBadge(t *testing.T) {
	start := market.SystemClock().Add(time.Hour)
	end := time.Date(2029, 6, 15, 0, 0, 0, 0, market.HueZone)
	for name, test := range map[string]struct {
		at    time.Time
		turn  func(s *shop, p *catalog.Product)
		after badgeShown
	}{
		"expiry": {at: end},
		"revocation": {at: start.Add(time.Hour), turn: func(s *shop, p *catalog.Product) {
			_, err := s.rooms.Catalog.Revoke(t.Context(), market.System, p.ID, p.Certificates[0].ID, catalog.Revocation{
				Reason: "dieu-8-1", Words: "Thu hồi", DecisionNo: "1/QĐ-UBND",
			})
			s.must(err)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			s.clock.Store(&start)
			p := s.onlyFruit()
			v := s.visitor()
			set := func(at time.Time) { at = at.UTC(); s.clock.Store(&at) }
			set(test.at.Add(-time.Millisecond))
			if got := v.look(p); got != everywhere {
				t.Errorf("a millisecond before: %+v", got)
			}
			set(test.at)
			if test.turn != nil {
				test.turn(s, p)
			}
			if got := v.look(p); got != test.after {
				t.Errorf("at the moment: %+v", got)
			}
		})
	}
}

// TestClockOfSupersession lets a lower rank take the place of a higher one.
func TestClockOfSupersession(t *testing.T) {
	start := market.SystemClock().Add(time.Hour)
	s := newShop(t)
	s.clock.Store(&start)
	p := s.onlyFruit()
	at := start.Add(48 * time.Hour)
	_, err := s.rooms.Catalog.Certify(t.Context(), market.System, p.ID, catalog.Certificate{
		ID: "next", DecisionNo: "2000/QĐ-UBND", DecisionDate: start.Add(-time.Hour), Issuer: "UBND thành phố Huế", IssuerLevel: "province",
		Score: 55, ValidFrom: at, Verification: catalog.ProofDecision,
	})
	s.must(err)
	v := s.visitor()
	for _, turn := range []struct {
		at       time.Time
		no       string
		four     bool
		describe string
	}{{at.Add(-time.Millisecond), "901/QĐ-UBND", true, "before"}, {at, "2000/QĐ-UBND", false, "after"}} {
		s.clock.Store(&turn.at)
		item := v.get("/san-pham/" + p.Slug).is(200)
		if ld := item.body; !strings.Contains(ld, `"certificationIdentification":"`+turn.no+`"`) {
			t.Errorf("%s: JSON-LD does not name %s", turn.describe, turn.no)
		}
		if got := found(v.get("/tim?stars=4"), "Thanh trà Thủy Biều"); got != turn.four {
			t.Errorf("%s: among four stars is %v", turn.describe, got)
		}
		if got := v.look(p); got != everywhere {
			t.Errorf("%s: %+v", turn.describe, got)
		}
	}
}

// TestTwoStarsAreNoBadge holds even when such a certificate is in the store.
func TestTwoStarsAreNoBadge(t *testing.T) {
	for stars := range 3 {
		p := &catalog.Product{Certificates: []catalog.Certificate{{
			ID: "c", Stars: stars, Verification: catalog.ProofDecision, ValidFrom: time.Unix(0, 0), ValidTo: time.Unix(1<<33, 0),
		}}}
		if badge, ok := p.Badge(time.Now()); ok || len(p.BadgeSpans()) > 0 {
			t.Errorf("%d stars: badge %+v, spans %v", stars, badge, p.BadgeSpans())
		}
	}
}

// onlyFruit leaves the fruit as the only thing with a badge.
func (s *shop) onlyFruit() *catalog.Product {
	s.t.Helper()
	var fruit *catalog.Product
	s.must(s.rooms.Catalog.EachPublished(s.t.Context(), func(p *catalog.Product) error {
		if p.Set == 1 {
			fruit = p
		} else if len(p.Certificates) > 0 {
			_, err := s.rooms.Catalog.Revoke(s.t.Context(), market.System, p.ID, p.Certificates[0].ID, catalog.Revocation{Reason: "nhap-nham", Words: "Nhầm"})
			return err
		}
		return nil
	}))
	s.drain()
	return fruit
}
