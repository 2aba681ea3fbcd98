package orders_test

import (
	"testing"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// sent places an order of the wants, pays it unless it is cash on delivery, and
// sends the seller's parcel.
func (s *shop) sent(method string, seller market.ID, wants ...want) (*orders.Order, orders.Parcel) {
	s.t.Helper()
	o := s.paid(method, wants...)
	p := s.parcelOf(o.ID, seller)
	by := sellerActor(seller)
	_, err := s.orders.Pack(s.ctx, by, o.ID, p.ID)
	s.must(err)
	_, err = s.orders.Ship(s.ctx, by, o.ID, p.ID, orders.Shipment{Carrier: "Xe khách"})
	s.must(err)
	s.drain()
	return s.order(o.ID), s.parcelOf(o.ID, seller)
}

// paid places an order and, unless it is cash on delivery, pays it.
func (s *shop) paid(method string, wants ...want) *orders.Order {
	s.t.Helper()
	o := s.place(guest, method, wants...)
	if method == "wallet" {
		s.notice(o, payments.NoticeCapture)
	}
	s.drain()
	return s.order(o.ID)
}

func (s *shop) parcelOf(order, seller market.ID) orders.Parcel {
	s.t.Helper()
	for _, p := range s.order(order).Parcels {
		if p.Seller == seller {
			return p
		}
	}
	s.t.Fatalf("order %s has no parcel of %s", order, seller)
	return orders.Parcel{}
}

func (s *shop) intent(id market.ID) *payments.Intent {
	s.t.Helper()
	in, err := s.payments.Intent(s.ctx, id)
	s.must(err)
	return in
}

func TestLostParcelIsPaidBackAlone(t *testing.T) {
	s := newShop(t)
	a, b := s.seller("HTX A"), s.seller("HTX B")
	pomelo, rice := s.product(a, "Thanh trà", 45_000, 10), s.product(b, "Gạo", 30_000, 10)
	o, p := s.sent("wallet", a, want{pomelo, 2}, want{rice, 3})
	for range 2 {
		_, err := s.orders.LoseParcel(s.ctx, sellerActor(a), o.ID, p.ID, "xe lật")
		s.must(err)
	}
	s.drain()
	if in := s.intent(o.ID); in.Refunded != p.Goods+p.Shipping {
		t.Errorf("refunded %d, want %d", in.Refunded, p.Goods+p.Shipping)
	}
	if k := s.stock(pomelo); k.Lost != 2 || k.Sold != 0 || k.Available != 8 {
		t.Errorf("lost %d, sold %d, available %d", k.Lost, k.Sold, k.Available)
	}
	if got := s.order(o.ID).State; got != orders.StateConfirmed {
		t.Errorf("the other parcel's order is %s", got)
	}
	s.fulfil(o, b)
	if got := s.order(o.ID).State; got != orders.StateCompleted {
		t.Errorf("one lost, one delivered: %s", got)
	}
}

func TestUncollectedCashOrderComesBack(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	pomelo := s.product(a, "Thanh trà", 45_000, 10)
	o, p := s.sent("cod", a, want{pomelo, 3})
	by := sellerActor(a)
	steps := []func() error{
		func() error { _, err := s.orders.MissDelivery(s.ctx, by, o.ID, p.ID, "vắng nhà"); return err },
		func() error {
			_, err := s.orders.Ship(s.ctx, by, o.ID, p.ID, orders.Shipment{Carrier: "Xe khách"})
			return err
		},
		func() error { _, err := s.orders.MissDelivery(s.ctx, by, o.ID, p.ID, "không nghe máy"); return err },
		func() error { _, err := s.orders.TurnAround(s.ctx, by, o.ID, p.ID, "không nhận"); return err },
		func() error { _, err := s.orders.ComeBack(s.ctx, by, o.ID, p.ID, orders.Unfit{pomelo: 1}); return err },
	}
	for _, step := range steps {
		s.must(step())
		s.must(step()) // everybody says things twice
		s.drain()
	}
	if got := s.order(o.ID); got.State != orders.StateCancelled || got.Parcels[0].Paid {
		t.Errorf("order is %s, paid %v", got.State, got.Parcels[0].Paid)
	}
	if k := s.stock(pomelo); k.Available != 9 || k.Lost != 1 || k.Sold != 0 {
		t.Errorf("available %d, lost %d, sold %d", k.Available, k.Lost, k.Sold)
	}
	if in := s.intent(p.ID); in.State != payments.StateFailed || in.Captured != 0 {
		t.Errorf("payment is %s with %d captured", in.State, in.Captured)
	}
}

func TestSellerGivesUpOneParcel(t *testing.T) {
	s := newShop(t)
	a, b := s.seller("HTX A"), s.seller("HTX B")
	pomelo, rice := s.product(a, "Thanh trà", 45_000, 10), s.product(b, "Gạo", 30_000, 10)
	o := s.paid("wallet", want{pomelo, 2}, want{rice, 3})
	mine, theirs := s.parcelOf(o.ID, a), s.parcelOf(o.ID, b)
	if _, err := s.orders.CancelParcel(s.ctx, sellerActor(a), o.ID, theirs.ID, "", ""); market.KindOf(err) != market.KindNotFound {
		t.Errorf("another's parcel: %v", err)
	}
	_, err := s.orders.CancelParcel(s.ctx, sellerActor(a), o.ID, mine.ID, "", "hết hàng")
	s.must(err)
	s.drain()
	if in := s.intent(o.ID); in.Refunded != mine.Goods+mine.Shipping || s.stock(pomelo).Available != 10 {
		t.Errorf("refunded %d, available %d", in.Refunded, s.stock(pomelo).Available)
	}
	_, err = s.orders.CancelParcel(s.ctx, guest, o.ID, theirs.ID, o.Key, "thôi vậy")
	s.must(err)
	s.drain()
	if got := s.order(o.ID); got.State != orders.StateRefunded || s.intent(o.ID).Refunded != o.Total {
		t.Errorf("order is %s with %d of %d back", got.State, s.intent(o.ID).Refunded, o.Total)
	}
}
