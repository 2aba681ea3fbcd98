package orders_test

import (
	"errors"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
	"chohue/orders/carriersim"
)

// fresh publishes goods that bear so many hours on the way.
func (r *road) fresh(seller market.ID, hours int) market.ID {
	r.t.Helper()
	p, err := r.catalog.CreateDraft(r.ctx, market.System, catalog.Draft{
		Seller: seller, Set: 1, Name: market.Text{VI: "Rau má tươi"}, Description: market.Text{VI: "Cắt sáng sớm, gửi trong ngày, để lạnh."},
		Variants: []catalog.VariantDraft{{Name: market.Text{VI: "1 kg"}, Unit: "kg", Size: market.Size{Base: market.Grams, Amount: 1000}, Price: 30_000, Stock: 100}},
		Keeping:  catalog.Keeping{MaxHours: hours},
	})
	r.must(err)
	_, err = r.catalog.AddPhoto(r.ctx, market.System, p.ID, photo(r.t), market.Text{VI: "rau"})
	r.must(err)
	_, err = r.catalog.Submit(r.ctx, market.System, p.ID)
	r.must(err)
	_, err = r.catalog.Approve(r.ctx, market.System, p.ID)
	r.must(err)
	return p.Variants[0].ID
}

var hanoi = orders.Destination{Province: "01", Ward: "00004"}

// TestCheckoutShowsTheCarriersPrice: where a carrier has spoken its price is
// shown and charged, the same from cart to order; where it is silent the dated
// list stays.
func TestCheckoutShowsTheCarriersPrice(t *testing.T) {
	r := newRoad(t)
	v := r.product(r.seller("HTX Thủy Biều"), "Thanh trà", 45_000, 100)
	cart := r.cart(guest, want{v, 2})
	q, err := r.orders.Quote(r.ctx, guest, cart, hanoi)
	r.must(err)
	p := q.Parcels[0]
	if p.Carrier != "ghn" || p.Hours != 60 || p.Shipping != market.VND(carriersim.Freight(20_500, 5_000, 2000, 0, true)) || q.Total != q.Goods+p.Shipping {
		t.Errorf("quoted %s, %d hours, %d", p.Carrier, p.Hours, p.Shipping)
	}
	c := checkout(cart, "wallet")
	c.Expect = q.Total
	o, _, err := r.orders.Place(r.ctx, guest, c)
	r.must(err)
	if o.Parcels[0].Shipping != p.Shipping {
		t.Errorf("charged %d, shown %d", o.Parcels[0].Shipping, p.Shipping)
	}
	silent := newShop(t)
	w := silent.product(silent.seller("HTX"), "Thanh trà", 45_000, 100)
	list, err := silent.orders.Quote(silent.ctx, guest, silent.cart(guest, want{w, 2}), hanoi)
	silent.must(err)
	if got := list.Parcels[0]; got.Carrier != "" || got.Shipping != 42_000 {
		t.Errorf("without carriers: %q, %d", got.Carrier, got.Shipping)
	}
}

// TestFreshGoodsChooseTheirRoad: what would spoil on the way is refused with
// the goods, the limit and the time, before the carrier hears of it.
func TestFreshGoodsChooseTheirRoad(t *testing.T) {
	r := newRoad(t)
	seller := r.seller("HTX Thủy Biều")
	for _, test := range []struct {
		hours int
		fits  bool
	}{{59, false}, {60, true}} {
		v := r.fresh(seller, test.hours)
		q, err := r.orders.Quote(r.ctx, guest, r.cart(guest, want{v, 1}), hanoi)
		r.must(err)
		if (len(q.Problems) == 0) != test.fits {
			t.Errorf("goods that bear %d hours: problems %+v", test.hours, q.Problems)
		}
	}
	v := r.fresh(seller, 60)
	o, by := r.packed("cod", v, seller, 1)
	r.skew = 10 * time.Hour // the carrier has become slower since
	_, err := r.orders.Book(r.ctx, by, o.ID, o.Parcels[0].ID, orders.Booking{Carrier: "ghn"})
	var e *market.Error
	if !errors.As(err, &e) || e.Key != "carrier.too_slow" || e.Args["hours"] != 70 || e.Args["max"] != 60 {
		t.Fatalf("booked: %v", err)
	}
	offers, err := r.orders.Offers(r.ctx, by, o.ID, o.Parcels[0].ID)
	r.must(err)
	if len(offers) != 1 || !errors.As(offers[0].Blocked, &e) || e.Key != "carrier.too_slow" {
		t.Errorf("offers %+v", offers)
	}
	if len(r.sim.Parcels()) != 0 || r.parcel(o).Carriage != nil {
		t.Error("the carrier has heard of it")
	}
}
