package orders_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// listed publishes a product of one variant sold in its own way.
func (s *shop) listed(seller market.ID, keeping catalog.Keeping, v catalog.VariantDraft) market.ID {
	s.t.Helper()
	p, err := s.catalog.CreateDraft(s.ctx, market.System, catalog.Draft{
		Seller: seller, Set: 1, Name: market.Text{VI: "Gà kiến vườn"}, Keeping: keeping, Variants: []catalog.VariantDraft{v},
	})
	s.must(err)
	_, err = s.catalog.AddPhoto(s.ctx, market.System, p.ID, photo(s.t), market.Text{})
	s.must(err)
	_, err = s.catalog.Submit(s.ctx, market.System, p.ID)
	s.must(err)
	_, err = s.catalog.Approve(s.ctx, market.System, p.ID)
	s.must(err)
	return p.Variants[0].ID
}

// weighedFish is sold by the kilogram and weighed when packed.
func weighedFish() catalog.VariantDraft {
	return catalog.VariantDraft{
		Name: market.Text{VI: "Theo ký"}, Unit: "kg", Size: market.Size{Base: market.Grams, Amount: 1000}, Price: 90_001, Stock: 100,
		Terms: catalog.Terms{Catch: true},
	}
}

func sellerActor(id market.ID) market.Actor {
	return market.Actor{Person: "someone", Sellers: []market.ID{id}}
}

// balances are what the ledger says of a sale.
func (s *shop) balances() map[payments.Account]market.VND {
	s.t.Helper()
	s.drain()
	all, err := s.payments.Balances(s.ctx)
	s.must(err)
	var sum market.VND
	for _, v := range all {
		sum += v
	}
	if sum != 0 {
		s.t.Errorf("the ledger sums to %d", sum)
	}
	return all
}

func TestWhatWeighsLessIsPaidBack(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	fish := s.listed(seller, catalog.Keeping{}, weighedFish())
	o := s.place(guest, "wallet", want{fish, 2}, want{s.product(seller, "Gạo", 30_000, 50), 1})
	s.notice(o, payments.NoticeCapture)
	s.drain()
	parcel := o.Parcels[0]
	for range 2 {
		_, err := s.orders.PackWeighed(s.ctx, sellerActor(seller), o.ID, parcel.ID, orders.Weights{fish: 1_910})
		s.must(err)
	}
	books := s.balances()
	got := s.order(o.ID)
	p := got.Parcels[0]
	// 180.002 × 1910/2000 = 171.901,91 in the buyer's favour; 8.101 less.
	if p.Lines[0].Amount != 171_901 || p.Goods != 201_901 || got.Goods != p.Goods || got.Total != p.Goods+p.Shipping {
		t.Fatalf("line %d, goods %d, order %d of %d", p.Lines[0].Amount, p.Goods, got.Goods, got.Total)
	}
	in, err := s.payments.Intent(s.ctx, o.ID)
	s.must(err)
	if in.Refunded != o.Total-got.Total || in.State != payments.StatePartlyRefunded {
		t.Errorf("refunded %d of %d, %s", in.Refunded, o.Total-got.Total, in.State)
	}
	if books[payments.PlatformFees] != p.Fee || books[payments.Payable(seller)] != p.Goods+p.Shipping-p.Fee {
		t.Errorf("fees %d want %d, seller %d want %d", books[payments.PlatformFees], p.Fee, books[payments.Payable(seller)], p.Goods+p.Shipping-p.Fee)
	}
	if p.Fee >= parcel.Fee || p.Lines[0].BaseAmount() != 1_910 {
		t.Errorf("fee %d of %d, weight %d", p.Fee, parcel.Fee, p.Lines[0].BaseAmount())
	}
	told := slices.ContainsFunc(got.History, func(e orders.Entry) bool { return e.What == "corrected" && e.Parcel == p.ID })
	if !told {
		t.Errorf("the buyer is not told: %+v", got.History)
	}
}

func TestDeliveryIsWeighedAgain(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	fish := s.listed(seller, catalog.Keeping{}, weighedFish())
	o := s.place(guest, "wallet", want{fish, 3})
	s.notice(o, payments.NoticeCapture)
	s.drain()
	_, err := s.orders.PackWeighed(s.ctx, sellerActor(seller), o.ID, o.Parcels[0].ID, orders.Weights{fish: 2_900})
	s.must(err)
	got := s.order(o.ID)
	if got.Shipping != o.Shipping { // 2.900 g are still in the step of 3.000 g
		t.Errorf("shipping %d, was %d", got.Shipping, o.Shipping)
	}
	near := s.place(guest, "wallet", want{fish, 20})
	s.notice(near, payments.NoticeCapture)
	s.drain()
	_, err = s.orders.PackWeighed(s.ctx, sellerActor(seller), near.ID, near.Parcels[0].ID, orders.Weights{fish: 19_400})
	s.must(err)
	books := s.balances()
	light := s.order(near.ID)
	if light.Shipping > near.Shipping || light.Total != light.Goods+light.Shipping {
		t.Errorf("shipping %d, was %d", light.Shipping, near.Shipping)
	}
	if want := -(light.Total + got.Total); books[payments.Clearing("wallet")] != want {
		t.Errorf("the wallet owes %d, want %d", books[payments.Clearing("wallet")], want)
	}
}

func TestWhatWeighsMoreIsAGift(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	fish := s.listed(seller, catalog.Keeping{}, weighedFish())
	o := s.place(guest, "wallet", want{fish, 2})
	s.notice(o, payments.NoticeCapture)
	s.drain()
	_, err := s.orders.PackWeighed(s.ctx, sellerActor(seller), o.ID, o.Parcels[0].ID, orders.Weights{fish: 2_300})
	s.must(err)
	books := s.balances()
	got := s.order(o.ID)
	if got.Total != o.Total || books[payments.Clearing("wallet")] != -o.Total || got.Parcels[0].Lines[0].BaseAmount() != 2_300 {
		t.Errorf("total %d, was %d; wallet %d", got.Total, o.Total, books[payments.Clearing("wallet")])
	}
}

func TestCashIsLoweredBeforeItIsCollected(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	fish := s.listed(seller, catalog.Keeping{}, weighedFish())
	o := s.place(guest, "cod", want{fish, 2})
	by, parcel := sellerActor(seller), o.Parcels[0].ID
	_, err := s.orders.PackWeighed(s.ctx, by, o.ID, parcel, orders.Weights{fish: 1_950})
	s.must(err)
	s.drain()
	_, err = s.orders.Ship(s.ctx, by, o.ID, parcel, orders.Shipment{Carrier: "Xe khách"})
	s.must(err)
	_, err = s.orders.Deliver(s.ctx, by, o.ID, parcel)
	s.must(err)
	books := s.balances()
	got := s.order(o.ID)
	p := got.Parcels[0]
	if got.Total >= o.Total || books[payments.CarrierCOD] != -got.Total || books[payments.PlatformFees] != p.Fee {
		t.Errorf("carrier owes %d of %d, fees %d of %d", books[payments.CarrierCOD], got.Total, books[payments.PlatformFees], p.Fee)
	}
	in, err := s.payments.Intent(s.ctx, parcel)
	s.must(err)
	if in.Captured != got.Total || in.Refunded != 0 || !p.Paid {
		t.Errorf("collected %d of %d, refunded %d", in.Captured, got.Total, in.Refunded)
	}
}

func TestWeightsAreChecked(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	fish := s.listed(seller, catalog.Keeping{}, weighedFish())
	o := s.place(guest, "cod", want{fish, 2})
	for _, test := range []struct {
		grams int64
		key   string
	}{
		{0, "order.weight_missing"},
		{-5, "order.weight_missing"},
		{1_899, "order.weight_short"}, // 5 % of 2.000 g may be lacking
		{4_001, "order.weight_odd"},
	} {
		_, err := s.orders.PackWeighed(s.ctx, sellerActor(seller), o.ID, o.Parcels[0].ID, orders.Weights{fish: test.grams})
		var e *market.Error
		if !errors.As(err, &e) || e.Key != test.key || e.Field != "lines/"+string(fish) {
			t.Errorf("%d g: got %v, want %s", test.grams, err, test.key)
		}
	}
	if _, err := s.orders.Pack(s.ctx, sellerActor(seller), o.ID, o.Parcels[0].ID); err == nil {
		t.Error("weighed goods were packed without a weight")
	}
	_, err := s.orders.PackWeighed(s.ctx, sellerActor("another"), o.ID, o.Parcels[0].ID, orders.Weights{fish: 2_000})
	if market.KindOf(err) != market.KindNotFound {
		t.Errorf("another seller packs: %v", err)
	}
	_, err = s.orders.PackWeighed(s.ctx, sellerActor(seller), o.ID, o.Parcels[0].ID, orders.Weights{fish: 1_900})
	s.must(err)
}

func TestQuantitiesGoByTheirTerms(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	dozen := weighedFish()
	dozen.Terms = catalog.Terms{Min: 6, Step: 3}
	v := s.listed(seller, catalog.Keeping{}, dozen)
	for quantity, key := range map[int64]string{5: "cart.min", 6: "", 7: "cart.step", 9: ""} {
		c, err := s.orders.NewCart(s.ctx, guest)
		s.must(err)
		_, err = s.orders.SetLine(s.ctx, guest, c.ID, v, quantity, nil)
		var e *market.Error
		if errors.As(err, &e); (key == "") != (err == nil) || err != nil && e.Key != key {
			t.Errorf("%d: got %v, want %q", quantity, err, key)
		}
	}
}

func TestTermsThatChangedStopTheCheckout(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	v := s.listed(seller, catalog.Keeping{}, weighedFish())
	cart := s.cart(guest, want{v, 4})
	p, err := s.catalog.ByVariant(s.ctx, v)
	s.must(err)
	d := p.Draft()
	d.Variants[0].Terms = catalog.Terms{Min: 6, Step: 3}
	_, err = s.catalog.Edit(s.ctx, market.System, p.ID, d)
	s.must(err)
	q, err := s.orders.Quote(s.ctx, guest, cart, orders.Destination{})
	s.must(err)
	if len(q.Problems) != 1 || q.Problems[0].Key != "cart.min" || q.Problems[0].Near != 6 {
		t.Errorf("problems %+v", q.Problems)
	}
	_, _, err = s.orders.Place(s.ctx, guest, checkout(cart, "cod"))
	var e *market.Error
	if !errors.As(err, &e) || e.Key != "cart.min" || e.Field != "lines/"+string(v) {
		t.Errorf("got %v, want a conflict naming the line", err)
	}
}

func TestWhatWouldSpoilOnTheWayIsNotSold(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	fresh := weighedFish()
	v := s.listed(seller, catalog.Keeping{MaxHours: 24}, fresh)
	cart := s.cart(guest, want{v, 1})
	far := checkout(cart, "cod") // to Hà Nội
	_, _, err := s.orders.Place(s.ctx, guest, far)
	var e *market.Error
	if !errors.As(err, &e) || e.Key != "cart.too_far" || e.Field != "lines/"+string(v) || e.Args["max"] != "24" || e.Args["hours"] != "72" {
		t.Fatalf("got %+v, want a conflict naming the line", e)
	}
	if k := s.stock(v); k.Held != 0 {
		t.Errorf("held %d for an order that was refused", k.Held)
	}
	near := far
	near.Address.Province, near.Address.Ward = market.HueProvince, "19813"
	o, _, err := s.orders.Place(s.ctx, guest, near)
	s.must(err)
	if o.Parcels[0].ShipBy == nil {
		t.Error("no day of sending was promised")
	}
}

func TestShipBy(t *testing.T) {
	leads, err := orders.LoadLeads()
	if err != nil {
		t.Fatal(err)
	}
	hue := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, market.HueZone) }
	lead, err := leads.At(hue(23, 9), orders.ZoneCountry)
	if err != nil {
		t.Fatal(err)
	}
	monday, friday := catalog.DaysOf(time.Monday), catalog.DaysOf(time.Friday)
	for _, test := range []struct {
		name string
		at   time.Time // 23 November 2026 is a Monday
		days []catalog.Days
		want int
	}{
		{"any day", hue(23, 9), nil, 23},
		{"after the cutoff", hue(23, 15), nil, 24},
		{"today is the day", hue(23, 9), []catalog.Days{monday}, 23},
		{"missed the day", hue(23, 15), []catalog.Days{monday}, 30},
		{"later this week", hue(23, 9), []catalog.Days{friday, 0}, 27},
		{"a common day", hue(24, 9), []catalog.Days{monday | friday, friday}, 27},
		{"no common day", hue(24, 9), []catalog.Days{monday, friday}, 30},
	} {
		got := lead.ShipBy(test.at, test.days...).In(market.HueZone)
		if got.Day() != test.want || got.Hour() != 23 {
			t.Errorf("%s: got %s, want the %d", test.name, got, test.want)
		}
	}
	if _, err := leads.At(hue(23, 9).AddDate(-3, 0, 0), orders.ZoneCountry); err == nil {
		t.Error("a lead time before there was one")
	}
}
