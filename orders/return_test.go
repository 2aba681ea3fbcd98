package orders_test

import (
	"errors"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// arrived is sent, and delivered.
func (s *shop) arrived(method string, seller market.ID, wants ...want) (*orders.Order, orders.Parcel) {
	s.t.Helper()
	o, p := s.sent(method, seller, wants...)
	_, err := s.orders.Deliver(s.ctx, sellerActor(seller), o.ID, p.ID)
	s.must(err)
	s.drain()
	return s.order(o.ID), s.parcelOf(o.ID, seller)
}

func (s *shop) ask(o *orders.Order, w orders.ReturnWish) *orders.Return {
	s.t.Helper()
	if w.Text == "" {
		w.Text = "Trái dập hết."
	}
	_, r, err := s.orders.AskReturn(s.ctx, guest, o.ID, o.Key, w)
	s.must(err)
	s.drain()
	return r
}

func (s *shop) ret(o *orders.Order, id market.ID) *orders.Return {
	s.t.Helper()
	r, err := s.order(o.ID).Return(id)
	s.must(err)
	return r
}

func units(variant market.ID, n int64) []orders.ReturnLine {
	return []orders.ReturnLine{{Variant: variant, Quantity: n}}
}

func said(text string) orders.Word { return orders.Word{Text: text} }

// step takes a step twice and lets the news run.
func (s *shop) twice(do func() error) {
	s.t.Helper()
	s.must(do())
	s.must(do())
	s.drain()
}

func TestReturnSentBackAndPaid(t *testing.T) {
	s := newShop(t)
	a, b := s.seller("HTX A"), s.seller("HTX B")
	pomelo, rice := s.product(a, "Thanh trà", 45_001, 10), s.product(b, "Gạo", 30_000, 10)
	o, p := s.arrived("wallet", a, want{pomelo, 3}, want{rice, 1})
	by := sellerActor(a)
	r := s.ask(o, orders.ReturnWish{ID: "r1", Parcel: p.ID, Reason: orders.ReasonDamaged, Lines: units(pomelo, 2)})
	s.ask(o, orders.ReturnWish{ID: "r1", Parcel: p.ID, Reason: orders.ReasonDamaged, Lines: units(pomelo, 2)})
	if r.Goods != 90_002 || r.Shipping != 0 || len(s.order(o.ID).Returns) != 1 {
		t.Fatalf("claimed %d and %d shipping in %d returns", r.Goods, r.Shipping, len(s.order(o.ID).Returns))
	}
	s.twice(func() error {
		_, err := s.orders.AcceptReturn(s.ctx, by, o.ID, r.ID, false, said("gửi lại nhé"))
		return err
	})
	s.twice(func() error {
		_, err := s.orders.SendReturn(s.ctx, guest, o.ID, r.ID, o.Key, orders.Shipment{Carrier: "Xe khách"}, orders.Word{})
		return err
	})
	s.twice(func() error {
		_, err := s.orders.ReceiveReturn(s.ctx, by, o.ID, r.ID, orders.Unfit{pomelo: 1}, orders.Word{})
		return err
	})
	if k := s.stock(pomelo); k.Sold != 1 || k.Lost != 1 || k.Available != 8 {
		t.Errorf("sold %d, lost %d, available %d", k.Sold, k.Lost, k.Available)
	}
	s.twice(func() error { _, err := s.orders.PayReturn(s.ctx, by, o.ID, r.ID, orders.Word{}); return err })
	in := s.intent(o.ID)
	if got := s.ret(o, r.ID); got.State != orders.ReturnRefunded || got.Refunded != 90_002 || in.Refunded != 90_002 {
		t.Errorf("return is %s with %d, payment gave back %d", got.State, got.Refunded, in.Refunded)
	}
	if part := in.Refunds[0].Parts; len(part) != 1 || part[0].Seller != a || part[0].Fee == 0 {
		t.Errorf("refund comes from %+v, want seller A alone with its part of the fee", part)
	}
	if len(s.ret(o, r.ID).Says) != 2 {
		t.Errorf("%d things were said", len(s.ret(o, r.ID).Says))
	}
}

func TestReturnsAddUpToTheLine(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	pomelo := s.product(a, "Thanh trà", 33_333, 10)
	o, p := s.arrived("wallet", a, want{pomelo, 3})
	var sum market.VND
	for i := range 3 {
		r := s.ask(o, orders.ReturnWish{Parcel: p.ID, Reason: orders.ReasonWrong, Lines: units(pomelo, 1), Keep: true})
		sum += r.Goods + r.Shipping
		if (r.Shipping > 0) != (i == 2) {
			t.Errorf("return %d claims %d for delivery", i, r.Shipping)
		}
		_, err := s.orders.AcceptReturn(s.ctx, sellerActor(a), o.ID, r.ID, true, orders.Word{})
		s.must(err)
		s.drain()
	}
	if sum != o.Total || s.intent(o.ID).State != payments.StateRefunded {
		t.Errorf("returned %d of %d, payment %s", sum, o.Total, s.intent(o.ID).State)
	}
	_, _, err := s.orders.AskReturn(s.ctx, guest, o.ID, o.Key, orders.ReturnWish{Parcel: p.ID, Reason: orders.ReasonWrong, Lines: units(pomelo, 1), Text: "nữa"})
	if market.KindOf(err) != market.KindConflict {
		t.Errorf("a fourth of three: %v", err)
	}
}

func TestReturnAfterPackingFoundLess(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	fish := s.listed(a, catalog.Keeping{}, weighedFish())
	o := s.paid("wallet", want{fish, 2})
	p := o.Parcels[0]
	_, err := s.orders.PackWeighed(s.ctx, sellerActor(a), o.ID, p.ID, orders.Weights{fish: 1_950})
	s.must(err)
	_, err = s.orders.Ship(s.ctx, sellerActor(a), o.ID, p.ID, orders.Shipment{Carrier: "Xe khách"})
	s.must(err)
	_, err = s.orders.Deliver(s.ctx, sellerActor(a), o.ID, p.ID)
	s.must(err)
	s.drain()
	line := s.order(o.ID).Parcels[0].Lines[0]
	r := s.ask(o, orders.ReturnWish{Parcel: p.ID, Reason: orders.ReasonWeight, Lines: []orders.ReturnLine{{Variant: fish, Grams: 150}}})
	want := line.Amount - line.Amount*1800/1950
	if r.Goods < want || r.Goods > want+1 {
		t.Errorf("150 g of 1950 g for %d is %d, want %d", line.Amount, r.Goods, want)
	}
	s.twice(func() error {
		_, err := s.orders.AcceptReturn(s.ctx, sellerActor(a), o.ID, r.ID, false, orders.Word{})
		return err
	})
	if got := s.ret(o, r.ID); got.State != orders.ReturnRefunded {
		t.Errorf("a lacking weight is not sent back; return is %s", got.State)
	}
	var back market.VND
	for _, m := range s.order(o.ID).Refunds {
		back += m.Amount
	}
	if in := s.intent(o.ID); in.Refunded != back || len(in.Refunds) != 2 {
		t.Errorf("payment gave back %d in %d, the order says %d", in.Refunded, len(in.Refunds), back)
	}
}

func TestDisputeIsDecidedInWriting(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	pomelo := s.product(a, "Thanh trà", 45_000, 10)
	o, p := s.arrived("wallet", a, want{pomelo, 2})
	by, judge := sellerActor(a), market.Actor{Person: "judge", Roles: []market.Role{market.RoleModerator}}
	r := s.ask(o, orders.ReturnWish{Parcel: p.ID, Reason: orders.ReasonDescribed, Lines: units(pomelo, 2)})
	if _, err := s.orders.RefuseReturn(s.ctx, by, o.ID, r.ID, orders.Word{}); market.KindOf(err) != market.KindInvalid {
		t.Errorf("a refusal without a reason: %v", err)
	}
	s.twice(func() error {
		_, err := s.orders.RefuseReturn(s.ctx, by, o.ID, r.ID, said("hàng đúng như hình"))
		return err
	})
	if _, err := s.orders.DecideReturn(s.ctx, judge, o.ID, r.ID, orders.Verdict{Amount: 1, Text: "x"}); market.KindOf(err) != market.KindConflict {
		t.Errorf("deciding without a dispute: %v", err)
	}
	s.twice(func() error {
		_, err := s.orders.DisputeReturn(s.ctx, guest, o.ID, r.ID, o.Key, said("không đúng"))
		return err
	})
	for name, who := range map[string]market.Actor{"seller": by, "guest": guest} {
		if _, err := s.orders.DecideReturn(s.ctx, who, o.ID, r.ID, orders.Verdict{Text: "x"}); market.KindOf(err) != market.KindNotFound {
			t.Errorf("%s decides: %v", name, err)
		}
	}
	if _, err := s.orders.DecideReturn(s.ctx, judge, o.ID, r.ID, orders.Verdict{Amount: o.Total + 1, Text: "x"}); market.KindOf(err) != market.KindInvalid {
		t.Errorf("more than was claimed: %v", err)
	}
	_, err := s.orders.DecideReturn(s.ctx, judge, o.ID, r.ID, orders.Verdict{Amount: 30_000, Text: "Một phần hàng không đúng mô tả."})
	s.must(err)
	s.drain()
	if got := s.ret(o, r.ID); got.State != orders.ReturnRefunded || got.Refunded != 30_000 || got.Decision == nil || got.Decision.By != "judge" {
		t.Errorf("return %+v", got)
	}
}

// Goods that came back and were argued about are on the shelf once, and nobody is
// told to send them a second time: seed 1807 of the simulator.
func TestReceivedGoodsThatAreArguedAboutComeBackOnce(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	pomelo := s.product(a, "Thanh trà", 45_000, 10)
	o, p := s.arrived("wallet", a, want{pomelo, 2})
	by, judge := sellerActor(a), market.Actor{Person: "judge", Roles: []market.Role{market.RoleModerator}}
	r := s.ask(o, orders.ReturnWish{Parcel: p.ID, Reason: orders.ReasonDamaged, Lines: units(pomelo, 2)})
	accept(s, o, r)
	receive(s, o, r)
	_, err := s.orders.ContestReturn(s.ctx, by, o.ID, r.ID, said("không phải hàng của tôi"))
	s.must(err)
	_, err = s.orders.DecideReturn(s.ctx, judge, o.ID, r.ID, orders.Verdict{Amount: 50_000, Back: true, Text: "Trả tiền khi hàng về."})
	s.must(err)
	s.drain()
	if got := s.ret(o, r.ID); got.State != orders.ReturnRefunded || got.Refunded != 50_000 {
		t.Errorf("the return is %s with %d", got.State, got.Refunded)
	}
	if k := s.stock(pomelo); k.Available+k.Lost != 10 || k.Sold != 0 {
		t.Errorf("%d on the shelf, %d lost, %d sold", k.Available, k.Lost, k.Sold)
	}
}

func TestCashIsPaidBackByHand(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	pomelo := s.product(a, "Thanh trà", 45_000, 10)
	o, p := s.arrived("cod", a, want{pomelo, 2})
	by := sellerActor(a)
	r := s.ask(o, orders.ReturnWish{Parcel: p.ID, Reason: orders.ReasonDamaged, Lines: units(pomelo, 1), Keep: true})
	s.twice(func() error { _, err := s.orders.AcceptReturn(s.ctx, by, o.ID, r.ID, true, orders.Word{}); return err })
	if got := s.ret(o, r.ID); got.State != orders.ReturnRefunding || s.intent(p.ID).Refunded != 0 {
		t.Fatalf("nobody has said that the cash is back; return is %s", got.State)
	}
	if err := s.orders.ConfirmReturnPaid(s.ctx, guest, o.ID, r.ID); market.KindOf(err) != market.KindNotFound {
		t.Errorf("a stranger says so: %v", err)
	}
	s.twice(func() error { return s.orders.ConfirmReturnPaid(s.ctx, by, o.ID, r.ID) })
	if got := s.ret(o, r.ID); got.State != orders.ReturnRefunded || s.intent(p.ID).Refunded != 45_000 {
		t.Errorf("return is %s, refunded %d", got.State, s.intent(p.ID).Refunded)
	}
}

func TestGoodwillNeedsNoGoods(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	pomelo := s.product(a, "Thanh trà", 45_000, 10)
	o, p := s.arrived("wallet", a, want{pomelo, 2})
	by := sellerActor(a)
	s.twice(func() error {
		_, err := s.orders.GiveGoodwill(s.ctx, by, o.ID, p.ID, "g1", 10_000, said("xin lỗi vì giao trễ"))
		return err
	})
	if in := s.intent(o.ID); in.Refunded != 10_000 || s.stock(pomelo).Sold != 2 {
		t.Errorf("refunded %d, sold %d", in.Refunded, s.stock(pomelo).Sold)
	}
	var e *market.Error
	_, err := s.orders.GiveGoodwill(s.ctx, by, o.ID, p.ID, "g2", o.Total+1, said("quá tay"))
	if !errors.As(err, &e) || e.Field != "amount" {
		t.Errorf("more than the parcel: %v", err)
	}
	_, err = s.orders.GiveGoodwill(s.ctx, by, o.ID, p.ID, "g3", o.Total-9_999, said("quá tay"))
	if !errors.As(err, &e) || e.Field != "amount" {
		t.Errorf("more than is left of the parcel: %v", err)
	}
}

func TestSellerSeesOwnReturnsOnly(t *testing.T) {
	s := newShop(t)
	a, b := s.seller("HTX A"), s.seller("HTX B")
	pomelo, rice := s.product(a, "Thanh trà", 45_000, 10), s.product(b, "Gạo", 30_000, 10)
	o, p := s.arrived("wallet", a, want{pomelo, 1}, want{rice, 1})
	photo, err := s.orders.AddEvidence(s.ctx, guest, o.ID, o.Key, photo(t))
	s.must(err)
	r := s.ask(o, orders.ReturnWish{Parcel: p.ID, Reason: orders.ReasonDamaged, Lines: units(pomelo, 1), Photos: []string{photo}})
	mine, err := s.orders.Order(s.ctx, sellerActor(a), o.ID, "")
	s.must(err)
	theirs, err := s.orders.Order(s.ctx, sellerActor(b), o.ID, "")
	s.must(err)
	if len(mine.Returns) != 1 || len(theirs.Returns) != 0 || len(theirs.History) >= len(mine.History) {
		t.Errorf("A sees %d returns, B %d; histories %d and %d", len(mine.Returns), len(theirs.Returns), len(mine.History), len(theirs.History))
	}
	if _, err := s.orders.AcceptReturn(s.ctx, sellerActor(b), o.ID, r.ID, true, orders.Word{}); market.KindOf(err) != market.KindNotFound {
		t.Errorf("B accepts A's return: %v", err)
	}
	for name, c := range map[string]struct {
		by   market.Actor
		key  string
		want market.Kind
	}{
		"buyer": {guest, o.Key, 0}, "seller": {sellerActor(a), "", 0},
		"other seller": {sellerActor(b), "", market.KindNotFound}, "stranger": {guest, "", market.KindNotFound},
	} {
		got, err := s.orders.Evidence(s.ctx, c.by, o.ID, c.key, photo)
		if c.want == 0 && (err != nil || len(got) == 0) || c.want != 0 && market.KindOf(err) != c.want {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

func TestReturnsKeepTime(t *testing.T) {
	waits := map[string]time.Duration{"answer": 48 * time.Hour, "send": 120 * time.Hour, "dispute": 72 * time.Hour, "arrive": 240 * time.Hour, "inspect": 72 * time.Hour}
	cases := []struct {
		name   string
		before []func(*shop, *orders.Order, *orders.Return)
		wait   string
		state  orders.ReturnState
		ends   string
	}{
		{"the seller does not answer", nil, "answer", orders.ReturnAccepted, ""},
		{"the buyer does not send", []func(*shop, *orders.Order, *orders.Return){accept}, "send", orders.ReturnClosed, orders.OutcomeNotSent},
		{"the refusal stands", []func(*shop, *orders.Order, *orders.Return){refuse}, "dispute", orders.ReturnClosed, orders.OutcomeStands},
		{"nothing arrives", []func(*shop, *orders.Order, *orders.Return){accept, send}, "arrive", orders.ReturnDisputed, ""},
		{"nobody looks", []func(*shop, *orders.Order, *orders.Return){accept, send, receive}, "inspect", orders.ReturnRefunded, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			a := s.seller("HTX A")
			pomelo := s.product(a, "Thanh trà", 45_000, 10)
			o, p := s.arrived("wallet", a, want{pomelo, 2})
			r := s.ask(o, orders.ReturnWish{Parcel: p.ID, Reason: orders.ReasonDamaged, Lines: units(pomelo, 1)})
			for _, do := range c.before {
				do(s, o, r)
				s.drain()
			}
			stood := s.ret(o, r.ID).State
			s.now = s.now.Add(waits[c.wait] - time.Millisecond)
			s.keepTime()
			if got := s.ret(o, r.ID).State; got != stood {
				t.Fatalf("a moment too early: %s", got)
			}
			s.now = s.now.Add(time.Millisecond)
			s.keepTime()
			s.keepTime()
			if got := s.ret(o, r.ID); got.State != c.state || got.Outcome != c.ends {
				t.Errorf("%s (%s), want %s (%s)", got.State, got.Outcome, c.state, c.ends)
			}
		})
	}
}

func (s *shop) keepTime() {
	s.t.Helper()
	_, err := s.orders.KeepTime(s.ctx)
	s.must(err)
	s.drain()
}

func accept(s *shop, o *orders.Order, r *orders.Return) {
	_, err := s.orders.AcceptReturn(s.ctx, sellerActor(r.Seller), o.ID, r.ID, false, orders.Word{})
	s.must(err)
}

func refuse(s *shop, o *orders.Order, r *orders.Return) {
	_, err := s.orders.RefuseReturn(s.ctx, sellerActor(r.Seller), o.ID, r.ID, said("không"))
	s.must(err)
}

func send(s *shop, o *orders.Order, r *orders.Return) {
	_, err := s.orders.SendReturn(s.ctx, guest, o.ID, r.ID, o.Key, orders.Shipment{Carrier: "Xe khách"}, orders.Word{})
	s.must(err)
}

func receive(s *shop, o *orders.Order, r *orders.Return) {
	_, err := s.orders.ReceiveReturn(s.ctx, sellerActor(r.Seller), o.ID, r.ID, nil, orders.Word{})
	s.must(err)
}
