package orders_test

import (
	"testing"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store"
)

// A refund that the provider refuses for good is no dead end: it stands in the
// operator's queue until it is paid or somebody says what became of it.
func TestRefusedRefundWaitsInTheQueueUntilItIsPaid(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	v := s.product(seller, "Thanh trà", 45_000, 100)
	o := s.place(guest, "wallet", want{v, 2})
	s.notice(o, payments.NoticeCapture)
	s.drain()
	s.wallet.refuse = true
	_, err := s.orders.CancelParcel(s.ctx, sellerActor(seller), o.ID, o.Parcels[0].ID, "", "hết hàng")
	s.must(err)
	s.drain()
	queue := s.refused(1)
	if m := queue[0]; m.Why != payments.WhyRefused || m.Payment != o.ID || m.Ours != o.Total || m.Action() != "recheck" {
		t.Fatalf("%+v", m)
	}
	if got := s.order(o.ID); got.State != orders.StateRefunding {
		t.Errorf("the order is %s", got.State)
	}
	_, err = s.payments.RecheckMismatch(s.ctx, market.System, queue[0].ID) // refused again: another entry, of the new try
	s.must(err)
	s.drain()
	again := s.refused(1)
	if again[0].ID == queue[0].ID {
		t.Errorf("the old try is still in the queue: %+v", again[0])
	}
	if _, err := s.payments.RetryRefund(s.ctx, sellerActor("x"), o.ID, "parcel:"+o.Parcels[0].ID); market.KindOf(err) != market.KindNotFound {
		t.Errorf("a stranger asks again: %v", err)
	}
	s.wallet.refuse = false
	for range 2 { // pressed twice
		_, err = s.payments.RecheckMismatch(s.ctx, market.System, again[0].ID)
		s.must(err)
	}
	s.drain()
	s.refused(0)
	in, err := s.payments.Intent(s.ctx, o.ID)
	s.must(err)
	if in.Refunded != o.Total || s.order(o.ID).State != orders.StateRefunded {
		t.Errorf("%d of %d went back, the order is %s", in.Refunded, o.Total, s.order(o.ID).State)
	}
	s.must(s.payments.Check(s.ctx))
}

func (s *shop) refused(n int) []*payments.Mismatch {
	s.t.Helper()
	page, err := s.payments.Mismatches(s.ctx, market.System, "", store.Cursor(""), 10)
	s.must(err)
	if len(page.Items) != n {
		s.t.Fatalf("%d in the queue, want %d", len(page.Items), n)
	}
	return page.Items
}
