package api

import (
	"net/http"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
)

// harvest opens a crop of a product that is in the shop.
func (s *shop) harvest(p *catalog.Product) *catalog.Harvest {
	s.t.Helper()
	now := s.clock()
	h, err := s.Catalog.DeclareHarvest(s.ctx, market.System, catalog.HarvestDraft{
		Product: p.ID, Variant: p.Variants[0].ID, From: now.AddDate(0, 2, 0), To: now.AddDate(0, 3, 0), Closes: now.AddDate(0, 1, 0), Yield: 1000, Deposit: 2000,
	})
	s.must(err)
	return h
}

// preorderOf reserves units of the harvest for the person.
func (s *shop) preorderOf(person market.ID, h *catalog.Harvest) *orders.Preorder {
	s.t.Helper()
	p, _, err := s.Orders.Reserve(s.ctx, market.Actor{Person: person}, orders.Reserving{
		Harvest: h.ID, Quantity: 5, Method: "sandbox", Address: market.Address(home), BaseURL: s.url,
	})
	s.must(err)
	return p
}

// depositCame plays the payer of a deposit.
func (s *shop) depositCame(p *orders.Preorder) {
	s.t.Helper()
	in, err := s.Payments.Intent(s.ctx, p.DepositID())
	s.must(err)
	s.approve(in.Step.URL)
	_, err = s.Orders.LookAtPreorder(s.ctx, market.System, p.ID) // the wallet is asked, as when its page leads back
	s.must(err)
	s.drain()
}

// goodHarvest are values with which operations on harvests work.
func (s *shop) goodHarvest(values map[string]string, op, visitor string, shelf *catalog.Product) {
	s.t.Helper()
	h := s.harvest(shelf)
	now := s.clock()
	values["harvest"], values["preorder"] = string(h.ID), "01JD0000000000000000000000"
	if op == "listHarvests" { // of what is in the shop
		values["product"] = string(shelf.ID)
	}
	if op == "reserveHarvest" || op == "payBalance" {
		values["method"] = "sandbox"
	}
	values["from"], values["to"] = now.AddDate(0, 2, 0).Format(time.RFC3339), now.AddDate(0, 3, 0).Format(time.RFC3339)
	values["closes"] = now.AddDate(0, 1, 0).Format(time.RFC3339)
	phone := map[string]string{"seller": "0905000001", "staff": "0905000002", "buyer": "0905000008"}[visitor]
	if phone == "" {
		return
	}
	person, err := s.Accounts.ByPhone(s.ctx, market.System, phone)
	s.must(err)
	p := s.preorderOf(person.ID, h)
	values["preorder"] = string(p.ID)
	if op == "payBalance" {
		s.depositCame(p)
		_, err := s.Catalog.AllocateHarvest(s.ctx, market.System, h.ID, 100)
		s.must(err)
		s.drain()
	}
}

func TestPreordersThroughTheAPI(t *testing.T) {
	s := openShop(t)
	coop := s.seller("HTX Thủy Biều")
	p := s.product(coop, "Thanh trà", 45_000, 3)
	farmer, lan := s.person("0905000001", nil, coop), s.person("0905000002", nil)
	now := s.clock()
	body := NewHarvest{
		ID: "0123456789harvest", Product: string(p.ID), Variant: string(p.Variants[0].ID), From: now.AddDate(0, 2, 0), To: now.AddDate(0, 3, 0),
		Closes: now.AddDate(0, 1, 0), Yield: 100, Deposit: 2000,
	}
	for range 2 {
		if w := farmer.do("POST", "/harvests", body); w.Code != http.StatusCreated {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if got := get[HarvestPage](s.guest(), "/products/"+string(p.ID)+"/harvests"); len(got.Items) != 1 || got.Items[0].Left != 80 {
		t.Fatalf("a guest sees %+v", got)
	}
	path := "/harvests/" + body.ID
	problem(t, lan.do("POST", path+"/preorders", NewPreorder{Quantity: 10, Address: home, Method: "cod"}), http.StatusUnprocessableEntity)
	problem(t, s.guest().do("POST", path+"/preorders", NewPreorder{Quantity: 10, Address: home, Method: "sandbox"}), http.StatusUnauthorized)
	made := ok[ReservedShare](t, lan.do("POST", path+"/preorders", NewPreorder{Quantity: 10, Address: home, Method: "sandbox"}))
	if made.Payment.Kind != "redirect" || made.Preorder.Deposit.Amount != 90_000 || made.Preorder.State != "reserved" {
		t.Fatalf("%+v", made)
	}
	mine := "/preorders/" + string(made.Preorder.ID)
	problem(t, lan.do("POST", mine+"/balance", BalancePayment{Method: "sandbox"}), http.StatusConflict)
	changed := ok[Harvest](t, farmer.do("POST", path+"/change", HarvestChange{From: body.From, To: body.To.AddDate(0, 0, 5), Closes: body.Closes, Yield: 60}))
	if changed.Cap != 48 || len(changed.Notices) != 3 {
		t.Fatalf("%+v", changed)
	}
	s.drain()
	if got := get[Preorder](lan, mine); len(got.History) != 3 {
		t.Errorf("the buyer was told %+v", got.History)
	}
	if got := get[PreorderPage](lan, "/preorders"); len(got.Items) != 1 {
		t.Errorf("%d pre-orders", len(got.Items))
	}
	ok[Harvest](t, farmer.do("POST", path+"/cancel", Recalling{Reason: "Bão số 12"}))
	if got := ok[Preorder](t, lan.do("POST", mine+"/cancel", nil)); got.State != "lapsed" {
		t.Errorf("cancelled: %s", got.State)
	}
}
