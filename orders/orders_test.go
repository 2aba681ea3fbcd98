package orders_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store/mongo"
	"chohue/store/mongo/mongotest"
)

var guest market.Actor

func TestWalletOrderOfTwoSellers(t *testing.T) {
	s := newShop(t)
	a, b := s.seller("HTX Thủy Biều"), s.seller("HTX An Lỗ")
	pomelo, rice := s.product(a, "Thanh trà", 45_000, 100), s.product(b, "Gạo hữu cơ", 30_000, 50)
	o := s.place(guest, "wallet", want{pomelo, 2}, want{rice, 5})
	if o.State != orders.StatePlaced || len(o.Parcels) != 2 || o.Goods != 240_000 || o.Total != o.Goods+o.Shipping {
		t.Fatalf("placed %s, %d parcels, goods %d of total %d", o.State, len(o.Parcels), o.Goods, o.Total)
	}
	if k := s.stock(pomelo); k.Held != 2 || k.Available != 98 {
		t.Fatalf("after placing: held %d, available %d", k.Held, k.Available)
	}
	s.notice(o, payments.NoticeCapture)
	s.notice(o, payments.NoticeCapture) // wallets repeat themselves
	s.drain()
	if got := s.order(o.ID); got.State != orders.StateConfirmed || got.Parcels[0].State != orders.ParcelNew || !got.Parcels[1].Paid {
		t.Fatalf("paid order is %s, parcels %s %v", got.State, got.Parcels[0].State, got.Parcels[1].Paid)
	}
	if k := s.stock(rice); k.Sold != 5 || k.Held != 0 || len(k.Holds) != 0 {
		t.Fatalf("after paying: sold %d, held %d, %d holds remembered", k.Sold, k.Held, len(k.Holds))
	}
	s.fulfil(o, a)
	if got := s.order(o.ID); got.State != orders.StateConfirmed {
		t.Fatalf("one of two parcels delivered: %s", got.State)
	}
	s.fulfil(o, b)
	if got := s.order(o.ID); got.State != orders.StateCompleted {
		t.Fatalf("both delivered: %s", got.State)
	}
}

// fulfil packs, ships and delivers the seller's parcel, saying each thing twice.
func (s *shop) fulfil(o *orders.Order, seller market.ID) {
	s.t.Helper()
	by := market.Actor{Person: "someone", Sellers: []market.ID{seller}}
	for _, p := range o.Parcels {
		if p.Seller != seller {
			continue
		}
		for range 2 {
			_, err := s.orders.Pack(s.ctx, by, o.ID, p.ID)
			s.must(err)
		}
		for range 2 {
			_, err := s.orders.Ship(s.ctx, by, o.ID, p.ID, orders.Shipment{Carrier: "Xe khách"})
			s.must(err)
		}
		for range 2 {
			_, err := s.orders.Deliver(s.ctx, by, o.ID, p.ID)
			s.must(err)
		}
	}
	s.drain()
}

func TestPlacingTwiceIsOneOrder(t *testing.T) {
	s := newShop(t)
	v := s.product(s.seller("HTX"), "Thanh trà", 45_000, 10)
	c := checkout(s.cart(guest, want{v, 3}), "wallet")
	first, step, err := s.orders.Place(s.ctx, guest, c)
	s.must(err)
	second, again, err := s.orders.Place(s.ctx, guest, c)
	s.must(err)
	if first.ID != second.ID || step.URL != again.URL || s.stock(v).Held != 3 {
		t.Errorf("placed twice: %s and %s, held %d", first.ID, second.ID, s.stock(v).Held)
	}
}

func TestShortLineHoldsNothing(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	plenty, few := s.product(seller, "Thanh trà", 45_000, 100), s.product(seller, "Bưởi cốm", 30_000, 5)
	cart := s.cart(guest, want{plenty, 2}, want{few, 5})
	s.place(guest, "wallet", want{few, 1}) // somebody is quicker
	_, _, err := s.orders.Place(s.ctx, guest, checkout(cart, "wallet"))
	var e *market.Error
	if !errors.As(err, &e) || e.Kind != market.KindConflict || e.Field != "lines/"+string(few) {
		t.Fatalf("got %v, want a conflict naming the short line", err)
	}
	if k := s.stock(plenty); k.Held != 0 {
		t.Errorf("the other line is still held: %d", k.Held)
	}
	_, err = s.orders.SetLine(s.ctx, guest, cart, few, 4, nil)
	s.must(err)
	_, _, err = s.orders.Place(s.ctx, guest, checkout(cart, "wallet"))
	s.must(err)
}

func TestUnpaidOrderIsGivenUp(t *testing.T) {
	s := newShop(t)
	v := s.product(s.seller("HTX"), "Thanh trà", 45_000, 10)
	o := s.place(guest, "wallet", want{v, 4})
	s.now = s.now.Add(time.Hour)
	_, err := s.orders.ExpireUnpaid(s.ctx)
	s.must(err)
	s.drain()
	if got := s.order(o.ID); got.State != orders.StateCancelled {
		t.Fatalf("order is %s", got.State)
	}
	if k := s.stock(v); k.Available != 10 || len(k.Holds) != 0 {
		t.Errorf("available %d with %d holds, want all 10 back", k.Available, len(k.Holds))
	}
}

func TestLostNoticeIsAskedFor(t *testing.T) {
	s := newShop(t)
	v := s.product(s.seller("HTX"), "Thanh trà", 45_000, 10)
	o := s.place(guest, "wallet", want{v, 4})
	s.wallet.answers[o.ID] = payments.NoticeCapture
	s.now = s.now.Add(20 * time.Minute)
	_, err := s.orders.ExpireUnpaid(s.ctx)
	s.must(err)
	s.drain()
	if got := s.order(o.ID); got.State != orders.StateConfirmed {
		t.Errorf("order is %s, want confirmed: the money was there", got.State)
	}
}

func TestLateCaptureGoesBack(t *testing.T) {
	s := newShop(t)
	v := s.product(s.seller("HTX"), "Thanh trà", 45_000, 10)
	o := s.place(guest, "wallet", want{v, 4})
	_, err := s.orders.Cancel(s.ctx, guest, o.ID, o.Key, "đổi ý")
	s.must(err)
	s.drain()
	s.notice(o, payments.NoticeCapture)
	s.drain()
	if got := s.order(o.ID); got.State != orders.StateRefunded {
		t.Errorf("order is %s, want refunded", got.State)
	}
	if k := s.stock(v); k.Available != 10 {
		t.Errorf("available %d, want 10", k.Available)
	}
	in, err := s.payments.Intent(s.ctx, o.ID)
	s.must(err)
	if in.Refunded != o.Total {
		t.Errorf("refunded %d of %d", in.Refunded, o.Total)
	}
}

func TestPaidButStockGoneTurnsBack(t *testing.T) {
	s := newShop(t)
	v := s.product(s.seller("HTX"), "Thanh trà", 45_000, 5)
	slow := s.place(guest, "wallet", want{v, 5})
	s.now = s.now.Add(26 * time.Minute) // the hold is over; the order has not been given up yet
	quick := s.place(guest, "cod", want{v, 3})
	s.notice(slow, payments.NoticeCapture)
	s.drain()
	if got := s.order(slow.ID); got.State != orders.StateRefunded || got.Reason != "stock_gone" {
		t.Errorf("slow buyer's order is %s (%s), want refunded", got.State, got.Reason)
	}
	if got := s.order(quick.ID); got.State != orders.StateConfirmed {
		t.Errorf("quick buyer's order is %s", got.State)
	}
	if k := s.stock(v); k.Sold != 3 || k.Available != 2 || k.Held != 0 {
		t.Errorf("sold %d, available %d, held %d", k.Sold, k.Available, k.Held)
	}
}

func TestPaidOrderCancelledBeforePacking(t *testing.T) {
	s := newShop(t)
	v := s.product(s.seller("HTX"), "Thanh trà", 45_000, 10)
	o := s.place(guest, "wallet", want{v, 4})
	s.notice(o, payments.NoticeCapture)
	s.drain()
	_, err := s.orders.Cancel(s.ctx, guest, o.ID, o.Key, "")
	s.must(err)
	s.drain()
	if got := s.order(o.ID); got.State != orders.StateRefunded {
		t.Errorf("order is %s, want refunded", got.State)
	}
	if k := s.stock(v); k.Available != 10 || k.Sold != 0 || k.Held != 0 {
		t.Errorf("available %d, sold %d, held %d", k.Available, k.Sold, k.Held)
	}
}

func TestCashOnDeliveryIsCollectedPerParcel(t *testing.T) {
	s := newShop(t)
	a, b := s.seller("HTX A"), s.seller("HTX B")
	o := s.place(guest, "cod", want{s.product(a, "Thanh trà", 45_000, 9), 1}, want{s.product(b, "Gạo", 30_000, 9), 1})
	if o.State != orders.StateConfirmed {
		t.Fatalf("order is %s", o.State)
	}
	s.fulfil(o, a)
	got := s.order(o.ID)
	if !got.Parcels[0].Paid || got.Parcels[1].Paid {
		t.Errorf("paid: %v %v, want the delivered parcel only", got.Parcels[0].Paid, got.Parcels[1].Paid)
	}
	due, err := s.payments.Balance(s.ctx, payments.CarrierCOD)
	s.must(err)
	if want := got.Parcels[0].Goods + got.Parcels[0].Shipping; due != -want {
		t.Errorf("carrier owes %d, want %d", -due, want)
	}
}

func TestStrangersSeeNothing(t *testing.T) {
	s := newShop(t)
	a, b := s.seller("HTX A"), s.seller("HTX B")
	buyer := market.Actor{Person: "buyer"}
	o := s.place(buyer, "cod", want{s.product(a, "Thanh trà", 45_000, 9), 1}, want{s.product(b, "Gạo", 30_000, 9), 1})
	cases := []struct {
		name    string
		by      market.Actor
		key     string
		parcels int
	}{
		{"buyer", buyer, "", 2},
		{"guest with key", guest, o.Key, 2},
		{"guest", guest, "", 0},
		{"guest with wrong key", guest, "x", 0},
		{"other buyer", market.Actor{Person: "other", Roles: []market.Role{market.RoleBuyer}}, "", 0},
		{"official", market.Actor{Person: "official", Roles: []market.Role{market.RoleOfficial}}, "", 0},
		{"seller a", market.Actor{Person: "farmer", Sellers: []market.ID{a}}, "", 1},
		{"other seller", market.Actor{Person: "farmer", Sellers: []market.ID{"nobody"}}, "", 0},
	}
	for _, c := range cases {
		got, err := s.orders.Order(s.ctx, c.by, o.ID, c.key)
		if c.parcels == 0 {
			if market.KindOf(err) != market.KindNotFound {
				t.Errorf("%s: %v, want not found", c.name, err)
			}
			continue
		}
		if err != nil || len(got.Parcels) != c.parcels {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	stranger := market.Actor{Person: "farmer", Sellers: []market.ID{b}}
	_, err := s.orders.Pack(s.ctx, stranger, o.ID, o.Parcels[0].ID)
	_, missing := s.orders.Pack(s.ctx, stranger, "none", "none")
	if diff := cmp.Diff(missing.Error(), err.Error()); diff != "" || market.KindOf(err) != market.KindNotFound {
		t.Errorf("another seller's parcel answers otherwise than a missing one: %s", diff)
	}
}

// TestManyBuyersOneShelf: 64 buyers try 5,000 times for 1,000 pieces, on both
// engines.
func TestManyBuyersOneShelf(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of checkouts")
	}
	t.Run("sqlite", func(t *testing.T) { manyBuyers(newShop(t)) })
	t.Run("mongo", func(t *testing.T) {
		mongotest.Run(t, func(t *testing.T, uri string) {
			engine, err := mongo.Open(t.Context(), uri, mongotest.Database(t, uri))
			if err != nil {
				t.Fatal(err)
			}
			manyBuyers(newShopOn(t, engine))
		})
	})
}

func manyBuyers(s *shop) {
	s.t.Helper()
	v := s.product(s.seller("HTX"), "Thanh trà", 45_000, 1000)
	var sold, refused, tried atomic.Int64
	var wait sync.WaitGroup
	for range 64 {
		wait.Go(func() {
			for tried.Add(1) <= 5000 {
				switch err := s.buyOne(v); {
				case err == nil:
					sold.Add(1)
				case market.KindOf(err) == market.KindConflict:
					refused.Add(1)
				default:
					s.t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	s.drain()
	if k := s.stock(v); sold.Load() != 1000 || k.Sold != 1000 || k.Available != 0 || k.Held != 0 {
		s.t.Errorf("%d orders for 1000 pieces; sold %d, available %d, held %d", sold.Load(), k.Sold, k.Available, k.Held)
	}
	if refused.Load() != 4000 {
		s.t.Errorf("%d of 4000 refused", refused.Load())
	}
}

func (s *shop) buyOne(variant market.ID) error {
	c, err := s.orders.NewCart(s.ctx, guest)
	if err != nil {
		return err
	}
	if _, err := s.orders.SetLine(s.ctx, guest, c.ID, variant, 1, nil); err != nil {
		return err
	}
	_, _, err = s.orders.Place(s.ctx, guest, checkout(c.ID, "cod"))
	return err
}

func TestBadCheckout(t *testing.T) {
	s := newShop(t)
	v := s.product(s.seller("HTX"), "Thanh trà", 45_000, 10)
	good := checkout(s.cart(guest, want{v, 1}), "wallet")
	cases := []struct {
		field  string
		change func(*orders.Checkout)
	}{
		{"phone", func(c *orders.Checkout) { c.Address.Phone = "12" }},
		{"name", func(c *orders.Checkout) { c.Address.Name = " " }},
		{"street", func(c *orders.Checkout) { c.Address.Street = "" }},
		{"province", func(c *orders.Checkout) { c.Address.Province = "99" }},
		{"ward", func(c *orders.Checkout) { c.Address.Ward = "19813" }}, // of another province
		{"method", func(c *orders.Checkout) { c.Method = "gold" }},
		{"total", func(c *orders.Checkout) { c.Expect = 1 }},
	}
	for _, c := range cases {
		bad := good
		c.change(&bad)
		_, _, err := s.orders.Place(s.ctx, guest, bad)
		var e *market.Error
		if !errors.As(err, &e) || e.Field != c.field {
			t.Errorf("wrong %s: got %v", c.field, err)
		}
	}
	if s.stock(v).Held != 0 {
		t.Error("a refused checkout holds goods")
	}
	_, _, err := s.orders.Place(s.ctx, guest, good)
	s.must(err)
}

func TestMerge(t *testing.T) {
	early, late := &orders.Touch{Link: "e", At: time.Unix(1, 0)}, &orders.Touch{Link: "l", At: time.Unix(2, 0)}
	line := func(v string, q int64, touch *orders.Touch) orders.CartLine {
		return orders.CartLine{Variant: market.ID(v), Quantity: q, Touch: touch}
	}
	cases := []struct{ own, guest, want []orders.CartLine }{
		{nil, nil, []orders.CartLine{}},
		{nil, []orders.CartLine{line("a", 1, nil)}, []orders.CartLine{line("a", 1, nil)}},
		{[]orders.CartLine{line("a", 2, nil)}, nil, []orders.CartLine{line("a", 2, nil)}},
		{[]orders.CartLine{line("a", 2, early)}, []orders.CartLine{line("a", 3, nil)}, []orders.CartLine{line("a", 3, early)}},
		{[]orders.CartLine{line("a", 5, nil)}, []orders.CartLine{line("a", 3, late)}, []orders.CartLine{line("a", 5, late)}},
		{[]orders.CartLine{line("a", 1, late)}, []orders.CartLine{line("b", 1, early), line("a", 1, early)}, []orders.CartLine{line("a", 1, late), line("b", 1, early)}},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, orders.Merge(c.own, c.guest)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestCartIsItsOwners(t *testing.T) {
	s := newShop(t)
	v := s.product(s.seller("HTX"), "Thanh trà", 45_000, 10)
	me, you := market.Actor{Person: "me"}, market.Actor{Person: "you"}
	loose := s.cart(guest, want{v, 2})
	mine, err := s.orders.MergeCarts(s.ctx, me, loose, "")
	s.must(err)
	for name, by := range map[string]market.Actor{"guest": guest, "you": you} {
		if _, err := s.orders.Cart(s.ctx, by, mine.ID); market.KindOf(err) != market.KindNotFound {
			t.Errorf("%s opens my cart: %v", name, err)
		}
	}
	if _, err := s.orders.Cart(s.ctx, guest, loose); market.KindOf(err) != market.KindNotFound {
		t.Errorf("the guest cart is still there: %v", err)
	}
	got, err := s.orders.CartOf(s.ctx, me)
	s.must(err)
	if got.ID != mine.ID || len(got.Lines) != 1 {
		t.Errorf("found cart %s with %d lines", got.ID, len(got.Lines))
	}
}

func TestDeliveryPrice(t *testing.T) {
	rates, err := orders.LoadRates()
	if err != nil {
		t.Fatal(err)
	}
	rate, err := rates.At(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), orders.ZoneCountry)
	if err != nil {
		t.Fatal(err)
	}
	line := func(grams, quantity int64, amount market.VND) []orders.Line {
		return []orders.Line{{Size: market.Size{Base: market.Grams, Amount: grams}, Quantity: quantity, Amount: amount}}
	}
	for _, c := range []struct {
		lines []orders.Line
		want  market.VND
	}{
		{line(500, 1, 50_000), rate.First},
		{line(500, 2, 50_000), rate.First},
		{line(1001, 1, 50_000), rate.First + rate.Step},
		{line(1000, 3, 90_000), rate.First + 4*rate.Step},
		{line(1000, 9, rate.FreeFrom), 0},
	} {
		if got := rate.Price(c.lines); got != c.want {
			t.Errorf("%v: %d, want %d", c.lines, got, c.want)
		}
	}
}

func ExampleOrder() {
	fmt.Println(orders.StatePlaced, orders.ParcelWaiting)
	// Output: placed waiting
}
