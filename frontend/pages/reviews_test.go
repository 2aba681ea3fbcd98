package pages_test

import (
	"strings"
	"testing"

	"chohue/cooperatives"
	"chohue/market"
	"chohue/orders"
)

// TestReviewsStandOnCardsAndAreFiltered: written after delivery only, counted on
// the card, sorted and filtered on their page, answered by the seller.
func TestReviewsStandOnCardsAndAreFiltered(t *testing.T) {
	s := newShop(t)
	path := "/san-pham/thanh-tra-thuy-bieu/danh-gia"
	s.visitor().get(path).is(200).says("Chưa có đánh giá")
	for i, stars := range []string{"5", "2"} {
		v := s.visitor()
		at := s.ordered(v, "cod", "thanh-tra-thuy-bieu", string(s.variant["kg"]), "1")
		o, key := s.orderAt(at), at.at.Query().Get("key")
		review := "/don-hang/" + string(o.ID) + "/danh-gia/" + string(s.variant["kg"])
		v.post(review, "key", key, "stars", stars, "text", "sớm quá").is(409).says("Chỉ đánh giá được sau khi nhận hàng")
		s.deliver(o)
		v.post(review, "key", key, "stars", stars, "text", []string{"Ngọt và thơm.", "Hơi khô."}[i]).is(200)
		s.drain()
	}
	v := s.visitor()
	card := v.get("/tim").is(200)
	if !strings.Contains(card.body, "Người mua chấm 3,5 trên 5, 2 đánh giá") {
		t.Error("the card does not say what buyers think")
	}
	v.get("/san-pham/thanh-tra-thuy-bieu").is(200).says("3,5/5 sao, 2 đánh giá", "Ngọt và thơm.")
	all := v.get(path).is(200)
	all.says("3,5", "2 đánh giá, chỉ của người đã nhận hàng", "Ngọt và thơm.", "Hơi khô.")
	two := v.get(path + "?sao=2").is(200)
	two.says("Chỉ những đánh giá 2 sao", "Hơi khô.")
	if strings.Contains(two.text(), "Ngọt và thơm.") {
		t.Error("reviews of five stars among those of two")
	}
	if best := v.get(path + "?xep=sao").is(200).text(); strings.Index(best, "Ngọt và thơm.") > strings.Index(best, "Hơi khô.") {
		t.Error("the best are not first")
	}
	seller := s.member("0905000301", "Chị Quản Lý", s.coop, cooperatives.MemberManager)
	list, err := s.rooms.Orders.ReviewsOf(t.Context(), market.System, s.coop, "", 10)
	s.must(err)
	seller.post("/hop-tac-xa/danh-gia/"+string(list.Items[0].ID), "text", "Xin lỗi, lứa sau mọng hơn.").is(200)
	v.get(path).is(200).says("Người bán trả lời", "Xin lỗi, lứa sau mọng hơn.")
}

func (s *shop) deliver(o *orders.Order) {
	s.t.Helper()
	ctx, parcel := s.t.Context(), o.Parcels[0].ID
	_, err := s.rooms.Orders.Pack(ctx, market.System, o.ID, parcel)
	s.must(err)
	_, err = s.rooms.Orders.Ship(ctx, market.System, o.ID, parcel, orders.Shipment{Carrier: "Xe khách"})
	s.must(err)
	_, err = s.rooms.Orders.Deliver(ctx, market.System, o.ID, parcel)
	s.must(err)
	s.drain()
}
