package api

import (
	"net/http"
	"slices"
	"testing"

	"chohue/catalog"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
)

// weighed publishes goods that are weighed when they are packed.
func (s *shop) weighed(seller market.ID) *catalog.Product {
	s.t.Helper()
	d := draft(seller, "Cá tươi", 90_000, 1000)
	d.Variants[0].Terms.Catch = true
	p, err := s.Catalog.CreateDraft(s.ctx, market.System, d)
	s.must(err)
	_, err = s.Catalog.AddPhoto(s.ctx, market.System, p.ID, picture(s.t, 2), market.Text{VI: "Cá"})
	s.must(err)
	_, err = s.Catalog.Submit(s.ctx, market.System, p.ID)
	s.must(err)
	p, err = s.Catalog.Approve(s.ctx, market.System, p.ID)
	s.must(err)
	return p
}

var edits = []string{"editParcel", "previewEdit", "changeReceiver", "askWeight", "answerWeight"}

// goodEdit makes an order of weighed goods that a person has placed, with a
// question about them when that is to be answered.
func (s *shop) goodEdit(values map[string]string, op, phone string, coop market.ID) {
	s.t.Helper()
	values["question"] = "01JD0000000000000000000000"
	if !slices.Contains(edits, op) {
		return
	}
	person, err := s.Accounts.ByPhone(s.ctx, market.System, phone)
	s.must(err)
	by := market.Actor{Person: person.ID}
	fish := s.weighed(coop)
	cart, err := s.Orders.NewCart(s.ctx, by)
	s.must(err)
	_, err = s.Orders.SetLine(s.ctx, by, cart.ID, fish.Variants[0].ID, 2, nil)
	s.must(err)
	o, _, err := s.Orders.Place(s.ctx, by, orders.Checkout{Cart: cart.ID, Address: market.Address(home), Method: "cod"})
	s.must(err)
	values["order"], values["parcel"], values["variant"] = string(o.ID), string(o.Parcels[0].ID), string(fish.Variants[0].ID)
	values["province"], values["ward"] = home.Province, home.Ward
	if op != "answerWeight" {
		return
	}
	o, err = s.Orders.AskWeight(s.ctx, market.Actor{Sellers: []market.ID{coop}}, o.ID, o.Parcels[0].ID, orders.Weights{fish.Variants[0].ID: 2_100})
	s.must(err)
	values["question"] = string(o.Asks[0].ID)
}

// What programs take out, ask and answer is what people see.
func TestEditsAndWeightsThroughTheAPI(t *testing.T) {
	s := openShop(t)
	coop := s.seller("HTX Một")
	farmer, guest := s.person("0905000001", nil, coop), s.guest()
	fish := s.weighed(coop)
	placed := guest.buy("cod", fish, s.product(coop, "Gạo", 30_000, 100)).Order
	parcel := "/orders/" + string(placed.ID) + "/parcels/" + string(placed.Parcels[0].ID)
	rice := placed.Parcels[0].Lines[1].Variant
	wish := EditWish{Key: placed.Key, Lines: []EditedLine{{rice, 1}}}
	seen := ok[Order](t, guest.do("POST", parcel+"/edit-preview", wish))
	if now := get[Order](guest, "/orders/"+string(placed.ID)+"?key="+placed.Key); now.Parcels[0].Edit != nil {
		t.Error("a preview changed the order")
	}
	done := ok[Order](t, guest.do("POST", parcel+"/edit", wish))
	if e := done.Parcels[0].Edit; e == nil || e.Cheaper.Amount != placed.Total.Amount-done.Total.Amount || done.Total != seen.Total || e.Bought[1].Quantity != 2 {
		t.Errorf("edit %+v, total %v, shown %v", e, done.Total, seen.Total)
	}
	problem(t, guest.do("POST", parcel+"/edit", EditWish{Lines: wish.Lines}), http.StatusNotFound)

	to := ReceiverWish{Key: placed.Key, Address: home, Note: "Gọi trước"}
	to.Address.Name = "Trần Văn Nhận"
	if got := ok[Order](t, guest.do("PUT", "/orders/"+string(placed.ID)+"/receiver", to, web.KeyHeader, "nguoi-nhan")); got.Address.Name != to.Address.Name || got.Note != to.Note {
		t.Errorf("goes to %+v", got.Address)
	}

	asked := ok[Order](t, farmer.do("POST", parcel+"/weight-question", WeightWish{[]RealWeight{{string(fish.Variants[0].ID), 2_100}}}))
	q := asked.Questions[0]
	if q.State != "open" || q.More.Amount != 9_000 {
		t.Errorf("asked %+v", q)
	}
	path := "/orders/" + string(placed.ID) + "/weight-questions/" + string(q.ID)
	problem(t, guest.do("POST", path, WeightAnswer{Yes: true}), http.StatusNotFound)
	if got := ok[Placed](t, guest.do("POST", path, WeightAnswer{Key: placed.Key, Yes: true})); got.Order.Questions[0].State != "agreed" || got.Payment.Kind != "none" {
		t.Errorf("answered %+v, %+v", got.Order.Questions, got.Payment)
	}
}
