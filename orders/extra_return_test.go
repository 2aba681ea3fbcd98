package orders_test

import (
	"testing"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// What was paid for more weight goes back with the goods, and before the rest.
func TestReturnOfGoodsThatWerePaidTwiceComesOutOfBothPayments(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	fish := s.listed(seller, catalog.Keeping{}, weighedFish())
	o := s.place(guest, "wallet", want{fish, 2})
	s.notice(o, payments.NoticeCapture)
	s.drain()
	a := s.asked(o, 2_150, fish)
	_, _, err := s.orders.AnswerWeight(s.ctx, guest, o.ID, o.Key, a.ID, true, "")
	s.must(err)
	s.noticeOf(a.ID, a.More)
	s.drain()
	by, parcel := sellerActor(seller), o.Parcels[0].ID
	_, err = s.orders.PackWeighed(s.ctx, by, o.ID, parcel, orders.Weights{fish: 2_150})
	s.must(err)
	_, err = s.orders.Ship(s.ctx, by, o.ID, parcel, orders.Shipment{Carrier: "Xe khách"})
	s.must(err)
	_, err = s.orders.Deliver(s.ctx, by, o.ID, parcel)
	s.must(err)
	s.drain()
	o = s.order(o.ID)
	r := s.ask(o, orders.ReturnWish{Parcel: parcel, Reason: orders.ReasonDamaged, Lines: units(fish, 2), Keep: true, Text: "Cá ươn"})
	if r.Agreed != o.Total {
		t.Fatalf("%d agreed of %d paid", r.Agreed, o.Total)
	}
	_, err = s.orders.AcceptReturn(s.ctx, by, o.ID, r.ID, true, said("Xin lỗi chị"))
	s.must(err)
	s.drain()
	extra, err := s.payments.Intent(s.ctx, a.ID)
	s.must(err)
	first, err := s.payments.Intent(s.ctx, o.ID)
	s.must(err)
	if extra.Refunded != a.More || first.Refunded != o.Total-a.More {
		t.Errorf("%d of %d and %d of %d went back", extra.Refunded, a.More, first.Refunded, o.Total-a.More)
	}
	if got := s.ret(o, r.ID); got.State != orders.ReturnRefunded || got.Refunded != o.Total {
		t.Errorf("the return is %s with %d", got.State, got.Refunded)
	}
	s.must(s.payments.Check(s.ctx))
	if owed := s.balances()[payments.Payable(seller)]; owed != 0 {
		t.Errorf("the seller is still owed %d", owed)
	}
}

// Money for a question that the buyer has said no to after all goes back, and
// does not stand in the way of the next: seed 461 of the simulator.
func TestMoneyForARefusedQuestionGoesBack(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	fish := s.listed(seller, catalog.Keeping{}, weighedFish())
	o := s.place(guest, "wallet", want{fish, 2})
	s.notice(o, payments.NoticeCapture)
	s.drain()
	first := s.asked(o, 2_150, fish)
	for _, yes := range []bool{true, false} {
		_, _, err := s.orders.AnswerWeight(s.ctx, guest, o.ID, o.Key, first.ID, yes, "")
		s.must(err)
	}
	second := s.asked(o, 2_100, fish)
	_, _, err := s.orders.AnswerWeight(s.ctx, guest, o.ID, o.Key, second.ID, true, "")
	s.must(err)
	s.noticeOf(second.ID, second.More)
	s.noticeOf(first.ID, first.More)
	s.drain()
	got := s.order(o.ID)
	if e := got.Parcels[0].Extra; e == nil || e.Payment != second.ID || e.Goods != second.More {
		t.Fatalf("the parcel has %+v", e)
	}
	in, err := s.payments.Intent(s.ctx, first.ID)
	s.must(err)
	if in.Refunded != first.More {
		t.Errorf("of %d that nobody agreed to %d went back", first.More, in.Refunded)
	}
}

// A parcel that a carrier gave a price for keeps it when goods are taken out:
// the list has never been asked.
func TestEditKeepsTheCarriersPrice(t *testing.T) {
	r := newRoad(t)
	v := r.product(r.seller("HTX Thủy Biều"), "Thanh trà", 45_000, 100)
	o, _, err := r.orders.Place(r.ctx, guest, checkoutTo(r.cart(guest, want{v, 3}), hanoi))
	r.must(err)
	r.notice(o, payments.NoticeCapture)
	r.drain()
	p := r.order(o.ID).Parcels[0]
	if p.Quoted == nil || p.Quoted.Carrier != "ghn" || p.Quoted.Fee != p.Shipping {
		t.Fatalf("quoted %+v, charged %d", p.Quoted, p.Shipping)
	}
	got, err := r.orders.Edit(r.ctx, guest, o.ID, o.Key, p.ID, orders.Quantities{v: 2})
	r.must(err)
	if now := got.Parcels[0]; now.Shipping != p.Shipping || got.Total != o.Total-45_000 {
		t.Errorf("delivery %d, was %d; total %d, was %d", now.Shipping, p.Shipping, got.Total, o.Total)
	}
}

func checkoutTo(cart market.ID, to orders.Destination) orders.Checkout {
	c := checkout(cart, "wallet")
	c.Address.Province, c.Address.Ward = to.Province, to.Ward
	return c
}
