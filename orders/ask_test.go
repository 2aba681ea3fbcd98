package orders_test

import (
	"fmt"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

func (s *shop) asked(o *orders.Order, grams int64, fish market.ID) orders.Ask {
	s.t.Helper()
	got, err := s.orders.AskWeight(s.ctx, sellerActor(o.Parcels[0].Seller), o.ID, o.Parcels[0].ID, orders.Weights{fish: grams})
	s.must(err)
	return got.Asks[len(got.Asks)-1]
}

// One weight, and everything that follows from it: line, parcel, order, fee,
// payment, books, and what statistics hear.
func TestPain16EverythingFollowsFromTheWeight(t *testing.T) {
	for _, method := range []string{"cod", "wallet"} {
		for _, real := range []int64{1_950, 2_000, 2_100, 2_150, 2_300} { // asked for 2.150 of 2.000
			s := newShop(t)
			seller := s.seller("HTX")
			fish := s.listed(seller, catalog.Keeping{}, weighedFish())
			o := s.place(guest, method, want{fish, 2})
			if method == "wallet" {
				s.notice(o, payments.NoticeCapture)
			}
			s.drain()
			a := s.asked(o, 2_150, fish)
			if want := market.VND(180_002*2_150/2_000 - 180_002); a.More != want {
				t.Fatalf("asks for %d, want %d", a.More, want)
			}
			_, step, err := s.orders.AnswerWeight(s.ctx, guest, o.ID, o.Key, a.ID, true, "")
			s.must(err)
			if method == "wallet" {
				if step.URL == "" {
					t.Fatal("no way to pay the difference")
				}
				s.noticeOf(a.ID, a.More)
			}
			s.drain()
			parcel, by := o.Parcels[0].ID, sellerActor(seller)
			for range 2 {
				_, err = s.orders.PackWeighed(s.ctx, by, o.ID, parcel, orders.Weights{fish: real})
				s.must(err)
			}
			s.drain()
			_, err = s.orders.Ship(s.ctx, by, o.ID, parcel, orders.Shipment{Carrier: "Xe khách"})
			s.must(err)
			_, err = s.orders.Deliver(s.ctx, by, o.ID, parcel)
			s.must(err)
			books, got := s.balances(), s.order(o.ID)
			p := got.Parcels[0]
			goods := market.VND(180_002 * min(real, 2_150) / 2_000)
			source := map[string]payments.Account{"cod": payments.CarrierCOD, "wallet": payments.Clearing("wallet")}[method]
			if p.Lines[0].Amount != goods || p.Goods != goods || got.Total != goods+p.Shipping || p.Lines[0].BaseAmount() != real {
				t.Errorf("%s, %d g: line %d, goods %d, total %d", method, real, p.Lines[0].Amount, p.Goods, got.Total)
			}
			if books[source] != -got.Total || books[payments.PlatformFees] != p.Fee || books[payments.Payable(seller)] != got.Total-p.Fee {
				t.Errorf("%s, %d g: books %v for a total of %d and a fee of %d", method, real, books, got.Total, p.Fee)
			}
			if diff := p.Fee - market.Rate(300).Of(goods); diff < -1 || diff > 1 {
				t.Errorf("%s, %d g: fee %d of %d", method, real, p.Fee, goods)
			}
		}
	}
}

// noticeOf plays the wallet's word about a payment.
func (s *shop) noticeOf(payment market.ID, amount market.VND) {
	s.t.Helper()
	body := fmt.Sprintf("%s %s %d", payment, payments.NoticeCapture, int64(amount))
	_, err := s.payments.Notice(s.ctx, "wallet", payments.Raw{Body: []byte(body)})
	s.must(err)
}

// Nobody pays more without having said so: no answer, no, too late and too much
// leave the price as it was.
func TestMoreWeightNeedsConsent(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	fish := s.listed(seller, catalog.Keeping{}, weighedFish())
	by := sellerActor(seller)
	fresh := func() (*orders.Order, market.ID) {
		o := s.place(guest, "wallet", want{fish, 2})
		s.notice(o, payments.NoticeCapture)
		s.drain()
		return o, o.Parcels[0].ID
	}
	o, parcel := fresh()
	for grams, want := range map[int64]string{2_201: "ask.too_much", 2_000: "ask.nothing", 1_900: "ask.nothing"} {
		if _, err := s.orders.AskWeight(s.ctx, by, o.ID, parcel, orders.Weights{fish: grams}); key(err) != want {
			t.Errorf("%d g: %v, want %s", grams, err, want)
		}
	}
	if _, err := s.orders.AskWeight(s.ctx, sellerActor("x"), o.ID, parcel, orders.Weights{fish: 2_100}); market.KindOf(err) != market.KindNotFound {
		t.Errorf("another seller asks: %v", err)
	}
	a := s.asked(o, 2_200, fish)
	if again := s.asked(o, 2_200, fish); again.ID != a.ID {
		t.Errorf("the same question again is another: %s", again.ID)
	}
	if _, err := s.orders.AskWeight(s.ctx, by, o.ID, parcel, orders.Weights{fish: 2_100}); key(err) != "ask.open" {
		t.Errorf("asked twice: %v", err)
	}
	for _, stranger := range []market.Actor{guest, by} {
		if _, _, err := s.orders.AnswerWeight(s.ctx, stranger, o.ID, "", a.ID, true, ""); market.KindOf(err) != market.KindNotFound {
			t.Errorf("a stranger answers: %v", err)
		}
	}
	for range 2 {
		_, _, err := s.orders.AnswerWeight(s.ctx, guest, o.ID, o.Key, a.ID, false, "")
		s.must(err)
	}
	s.packed(o, 2_200, fish, o.Total)

	late, parcel := fresh()
	a = s.asked(late, 2_200, fish)
	_, _, err := s.orders.AnswerWeight(s.ctx, guest, late.ID, late.Key, a.ID, true, "")
	s.must(err)
	if _, err := s.orders.PackWeighed(s.ctx, by, late.ID, parcel, orders.Weights{fish: 2_200}); key(err) != "ask.paying" {
		t.Errorf("packed while the buyer pays: %v", err)
	}
	s.now = s.now.Add(3 * time.Hour)
	if _, _, err := s.orders.AnswerWeight(s.ctx, guest, late.ID, late.Key, a.ID, false, ""); key(err) != "ask.over" {
		t.Errorf("answered too late: %v", err)
	}
	s.packed(late, 2_200, fish, late.Total)
	s.noticeOf(a.ID, a.More) // paid after the parcel was packed: goes back
	s.drain()
	in, err := s.payments.Intent(s.ctx, a.ID)
	s.must(err)
	if in.Refunded != a.More || s.order(late.ID).Total != late.Total {
		t.Errorf("of %d that came too late %d went back", a.More, in.Refunded)
	}
}

func (s *shop) packed(o *orders.Order, grams int64, fish market.ID, total market.VND) {
	s.t.Helper()
	_, err := s.orders.PackWeighed(s.ctx, sellerActor(o.Parcels[0].Seller), o.ID, o.Parcels[0].ID, orders.Weights{fish: grams})
	s.must(err)
	s.drain()
	if got := s.order(o.ID); got.Total != total {
		s.t.Errorf("total %d, agreed %d", got.Total, total)
	}
}
