package api

import (
	"net/http"
	"regexp"
	"testing"

	"chohue/market"
)

var instance = regexp.MustCompile(`"instance":"[^"]*"`)

func plain(body string) string { return instance.ReplaceAllString(body, "") }

// TestAForeignBodyIsMissing is the same for ids inside bodies.
func TestAForeignBodyIsMissing(t *testing.T) {
	s := openShop(t)
	mine, theirs := s.seller("HTX Của Tôi"), s.seller("HTX Của Họ")
	farmer := s.person("0905000001", nil, mine)
	draft := s.draft(theirs, "Chưa bán")
	for _, ids := range [][2]string{{string(theirs), string(draft.ID)}, {"01JD0000000000000000000000", "01JD0000000000000000000001"}} {
		made := farmer.do("POST", "/products", NewListing{Seller: ids[0], Listing: listing("Cam")})
		linked := farmer.do("POST", "/links", LinkDraft{Product: ids[1], Channel: "zalo"})
		if got := problem(t, made, http.StatusNotFound); got.Type != "/problems/catalog.missing" {
			t.Errorf("a listing for %s: %s", ids[0], made.Body)
		}
		if got := problem(t, linked, http.StatusNotFound); got.Type != "/problems/catalog.missing" {
			t.Errorf("a link to %s: %s", ids[1], linked.Body)
		}
	}
	claimed := farmer.do("POST", "/products", NewListing{ID: string(draft.ID), Seller: string(mine), Listing: listing("Cam")})
	problem(t, claimed, http.StatusNotFound)
}

// TestWhoMayDoWhat is the matrix of what needs a role.
func TestWhoMayDoWhat(t *testing.T) {
	s := openShop(t)
	coop := s.seller("HTX Một")
	draft := s.draft(coop, "Chờ duyệt")
	_, err := s.Catalog.Submit(s.ctx, market.System, draft.ID)
	s.must(err)
	published := s.product(coop, "Đang bán", 20_000, 10)
	visitors := map[string]*visitor{
		"guest": s.guest(), "buyer": s.person("0905000001", nil), "seller": s.person("0905000002", nil, coop),
		"moderator": s.person("0905000003", []market.Role{market.RoleModerator}),
		"official":  s.person("0905000004", []market.Role{market.RoleOfficial}),
		"operator":  s.person("0905000005", []market.Role{market.RoleOperator}),
		"both":      s.person("0905000006", []market.Role{market.RoleModerator}, coop),
	}
	path := "/products/" + string(published.ID)
	for _, r := range []struct {
		method, path string
		body         any
		want         map[string]int // others are forbidden, guests sign in
	}{
		{"GET", "/moderation/products", nil, map[string]int{"moderator": 200, "operator": 200, "both": 200}},
		{"GET", "/statistics/trade", nil, map[string]int{"official": 200, "operator": 200}},
		{"GET", "/statistics/trade.csv", nil, map[string]int{"official": 200, "operator": 200}},
		{"GET", "/orders", nil, map[string]int{"buyer": 200, "seller": 200, "moderator": 200, "official": 200, "operator": 200, "both": 200}},
		{"POST", path + "/approve", nil, map[string]int{"moderator": 200, "operator": 200}},
		{"POST", path + "/reject", Rejection{Reason: "x"}, map[string]int{"moderator": 200, "operator": 200}},
	} {
		for name, v := range visitors {
			want := r.want[name]
			if want == 0 {
				want = http.StatusForbidden
			}
			if name == "guest" {
				want = http.StatusUnauthorized
			}
			if got := v.do(r.method, r.path, r.body); got.Code != want {
				t.Errorf("%s %s as %s: %d, want %d: %s", r.method, r.path, name, got.Code, want, got.Body)
			}
			if r.method == "POST" && want == http.StatusOK { // back in the shop for whoever comes next
				_, err := s.Catalog.Submit(s.ctx, market.System, published.ID)
				s.must(err)
				_, err = s.Catalog.Approve(s.ctx, market.System, published.ID)
				s.must(err)
			}
		}
	}
}
