package orders_test

import (
	"testing"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

func TestDeadlinesAreOfTheirDay(t *testing.T) {
	all, err := orders.LoadDeadlines()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := all.At(time.Date(2025, 12, 31, 16, 59, 59, 0, time.UTC)); err == nil {
		t.Error("deadlines before any were published")
	}
	if w, err := all.At(time.Date(2025, 12, 31, 17, 0, 0, 0, time.UTC)); err != nil || w.PayWallet != 15*time.Minute {
		t.Errorf("pay within %s, %v", w.PayWallet, err)
	}
}

// moment turns the clock to just before something is due, looks that it has not
// happened, and on to the moment.
func (s *shop) moment(at time.Time, happened func() bool) {
	s.t.Helper()
	s.now = at.Add(-time.Millisecond)
	s.keepTime()
	if happened() {
		s.t.Fatal("it happened a moment too early")
	}
	s.now = at
	s.keepTime()
	rev := s.revisions()
	s.keepTime()
	if again := s.revisions(); again != rev {
		s.t.Errorf("a second round changed something: %d, then %d", rev, again)
	}
	if !happened() {
		s.t.Fatal("it did not happen")
	}
}

// revisions sums what was ever written to the orders.
func (s *shop) revisions() int64 {
	s.t.Helper()
	sum := int64(0)
	s.must(s.orders.Each(s.ctx, func(o *orders.Order) error { sum += o.Rev; return nil }))
	return sum
}

func TestUnpackedParcelIsCancelledAfterAReminder(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	pomelo := s.product(a, "Thanh trà", 45_000, 10)
	o := s.paid("wallet", want{pomelo, 2})
	promised := *o.Parcels[0].ShipBy
	s.moment(promised.Add(-6*time.Hour), func() bool { return s.parcelOf(o.ID, a).RemindedAt != nil })
	s.moment(promised.Add(72*time.Hour), func() bool { return s.parcelOf(o.ID, a).State == orders.ParcelCancelled })
	if got := s.order(o.ID); got.State != orders.StateRefunded || s.intent(o.ID).Refunded != o.Total || s.stock(pomelo).Available != 10 {
		t.Errorf("order is %s, %d back, %d on the shelf", got.State, s.intent(o.ID).Refunded, s.stock(pomelo).Available)
	}
}

func TestBuyerMayGiveUpALateParcel(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	pomelo := s.product(a, "Thanh trà", 45_000, 10)
	o := s.paid("wallet", want{pomelo, 2})
	p := o.Parcels[0]
	_, err := s.orders.Pack(s.ctx, sellerActor(a), o.ID, p.ID)
	s.must(err)
	if _, err := s.orders.CancelParcel(s.ctx, guest, o.ID, p.ID, o.Key, ""); market.KindOf(err) != market.KindConflict {
		t.Errorf("packed and in time: %v", err)
	}
	s.now = p.ShipBy.Add(time.Millisecond)
	_, err = s.orders.CancelParcel(s.ctx, guest, o.ID, p.ID, o.Key, "trễ quá")
	s.must(err)
	s.drain()
	if got := s.order(o.ID); got.State != orders.StateRefunded {
		t.Errorf("order is %s", got.State)
	}
}

func TestPackedParcelThatIsNeverSent(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	o := s.paid("cod", want{s.product(a, "Thanh trà", 45_000, 10), 2})
	_, err := s.orders.Pack(s.ctx, sellerActor(a), o.ID, o.Parcels[0].ID)
	s.must(err)
	s.moment(o.Parcels[0].ShipBy.Add(120*time.Hour), func() bool { return s.order(o.ID).State == orders.StateCancelled })
}

func TestUncollectedParcelTurnsAround(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	o, p := s.sent("cod", a, want{s.product(a, "Thanh trà", 45_000, 10), 2})
	_, err := s.orders.MissDelivery(s.ctx, sellerActor(a), o.ID, p.ID, "vắng nhà")
	s.must(err)
	s.moment(s.now.Add(72*time.Hour), func() bool { return s.parcelOf(o.ID, a).State == orders.ParcelReturning })
}

func TestDeliveredParcelCloses(t *testing.T) {
	s := newShop(t)
	closed := 0
	s.relay = store.NewRelay(s.engine, quiet(), nil,
		store.Consumer{Name: "orders", Types: orders.Consumes(), Handle: s.orders.Consume},
		store.Consumer{Name: "ledger", Handle: s.payments.Consume},
		counter(orders.EventClosed, &closed))
	a := s.seller("HTX A")
	o, p := s.arrived("wallet", a, want{s.product(a, "Thanh trà", 45_000, 10), 2})
	s.moment(p.DeliveredAt.Add(168*time.Hour), func() bool { return s.parcelOf(o.ID, a).ClosedAt != nil })
	if closed != 1 {
		t.Errorf("told %d times that the parcel is closed", closed)
	}
	_, _, err := s.orders.AskReturn(s.ctx, guest, o.ID, o.Key, orders.ReturnWish{Parcel: p.ID, Reason: orders.ReasonDamaged, Text: "trễ", Lines: units(p.Lines[0].Variant, 1)})
	if market.KindOf(err) != market.KindConflict {
		t.Errorf("a return after the closing: %v", err)
	}
}

func TestOpenReturnKeepsAParcelFromClosing(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	pomelo := s.product(a, "Thanh trà", 45_000, 10)
	o, p := s.arrived("wallet", a, want{pomelo, 2})
	s.now = p.DeliveredAt.Add(167 * time.Hour)
	r := s.ask(o, orders.ReturnWish{Parcel: p.ID, Reason: orders.ReasonDamaged, Lines: units(pomelo, 1)})
	s.now = p.DeliveredAt.Add(169 * time.Hour)
	s.keepTime()
	if s.parcelOf(o.ID, a).ClosedAt != nil {
		t.Fatal("closed while a return is open")
	}
	_, err := s.orders.WithdrawReturn(s.ctx, guest, o.ID, r.ID, o.Key)
	s.must(err)
	s.keepTime()
	if s.parcelOf(o.ID, a).ClosedAt == nil {
		t.Error("not closed after the return was taken back")
	}
}
