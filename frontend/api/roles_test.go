package api

import (
	"net/http"
	"regexp"
	"testing"

	"chohue/market"
)

var instance = regexp.MustCompile(`"instance":"[^"]*"`)

// TestForeignIsMissing: whoever asks for what belongs to another seller or
// buyer hears the very same as about what never was.
func TestForeignIsMissing(t *testing.T) {
	s := openShop(t)
	mine, theirs := s.seller("HTX Của Tôi"), s.seller("HTX Của Họ")
	placed := s.guest().buy("cod", s.product(theirs, "Cam", 20_000, 10))
	draft := s.draft(theirs, "Chưa bán")
	owner := s.person("0905000008", nil)
	cart := owner.fill()
	visitors := map[string]*visitor{
		"another seller": s.person("0905000001", nil, mine),
		"a buyer":        s.person("0905000002", nil),
		"an official":    s.person("0905000003", []market.Role{market.RoleOfficial}),
	}
	const none = "01JD0000000000000000000000"
	foreign := map[string]string{
		"{product}": string(draft.ID), "{seller}": string(theirs), "{order}": string(placed.Order.ID),
		"{parcel}": string(placed.Order.Parcels[0].ID), "{cart}": string(cart.ID),
		"{lot}": string(s.lot(draft).ID),
	}
	for _, r := range []struct {
		method, path string
		body         any
		officials    bool // they may read, so they are told
	}{
		{"GET", "/products/{product}", nil, true},
		{"PUT", "/products/{product}", listing("Tên khác"), false},
		{"POST", "/products/{product}/submit", nil, false},
		{"POST", "/products/{product}/withdraw", nil, true},
		{"POST", "/products/{product}/approve", nil, true},
		{"POST", "/products/{product}/reject", Rejection{Reason: "không"}, true},
		{"GET", "/sellers/{seller}/orders", nil, false},
		{"GET", "/sellers/{seller}/products", nil, true},
		{"GET", "/sellers/{seller}/links", nil, false},
		{"GET", "/sellers/{seller}/lots", nil, true},
		{"GET", "/lots/{lot}/orders", nil, false},
		{"POST", "/lots/{lot}/recall", Recalling{Reason: "x"}, true},
		{"POST", "/orders/{order}/parcels/{parcel}/pack", nil, false},
		{"POST", "/orders/{order}/parcels/{parcel}/ship", Shipment{Carrier: "X"}, false},
		{"POST", "/orders/{order}/parcels/{parcel}/deliver", nil, false},
		{"POST", "/orders/{order}/cancel", Cancellation{Reason: "x"}, false},
		{"GET", "/carts/{cart}", nil, false},
		{"GET", "/carts/{cart}/quote", nil, false},
		{"POST", "/carts/{cart}/checkout", Checkout{Address: home, Method: "cod"}, false},
	} {
		for name, v := range visitors {
			if r.officials && name == "an official" {
				continue
			}
			got := v.do(r.method, with(r.path, foreign), r.body, "If-Match", "*")
			want := v.do(r.method, with(r.path, missing(foreign, none)), r.body, "If-Match", "*")
			if got.Code != http.StatusNotFound && r.path != "/sellers/{seller}/links" { // forbidden, be there a seller or not
				t.Errorf("%s %s as %s: %d", r.method, r.path, name, got.Code)
			}
			if got.Code != want.Code || plain(got.Body.String()) != plain(want.Body.String()) {
				t.Errorf("%s %s as %s:\n%s\nbut of what never was:\n%s", r.method, r.path, name, got.Body, want.Body)
			}
		}
	}
}

func missing(names map[string]string, none string) map[string]string {
	out := map[string]string{}
	for name := range names {
		out[name] = none
	}
	return out
}

var gapName = regexp.MustCompile(`\{\w+\}`)

func with(path string, names map[string]string) string {
	return gapName.ReplaceAllStringFunc(path, func(gap string) string { return names[gap] })
}

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
