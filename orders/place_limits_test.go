package orders_test

import (
	"testing"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/payments/cod"
)

// momo is the wallet under a name for which there are limits.
type momo struct{ *fakeWallet }

func (momo) Name() string { return "momo" }

// limited is the shop with a provider that has limits.
func limited(t *testing.T) *shop {
	t.Helper()
	s := newShop(t)
	var err error
	s.payments, err = payments.New(s.ctx, s.engine, s.env, momo{s.wallet}, cod.New())
	s.must(err)
	areas, err := market.LoadAreas()
	s.must(err)
	fees, err := payments.LoadFees()
	s.must(err)
	s.orders, err = orders.New(s.ctx, s.engine, s.env, areas, orders.Rooms{Shelf: s.catalog, Till: s.payments, Sellers: s.sellers, Fees: fees, Files: files{}})
	s.must(err)
	return s
}

// An amount that the provider does not move is refused before anything is
// written: nothing is held, there is no order, and the cart can still be paid
// in another way.
func TestPlaceMindsTheLimitsOfAProvider(t *testing.T) {
	s := limited(t)
	v := s.product(s.seller("HTX"), "Trầm hương", 25_000_000, 10)
	cart := s.cart(guest, want{v, 3}) // above fifty million
	for range 2 {
		_, _, err := s.orders.Place(s.ctx, guest, checkout(cart, "momo"))
		wantKey(t, err, "payments.limit_pay")
	}
	c, err := s.orders.Cart(s.ctx, guest, cart)
	s.must(err)
	if c.Order != "" || s.stock(v).Held != 0 {
		t.Errorf("a refused amount left order %q and %d held", c.Order, s.stock(v).Held)
	}
	o, _, err := s.orders.Place(s.ctx, guest, checkout(cart, "cod"))
	s.must(err)
	if o.Method != "cod" || o.Total <= 50_000_000 {
		t.Errorf("placed %s of %d by %s", o.ID, o.Total, o.Method)
	}
	if o := s.place(guest, "momo", want{v, 1}); o.Method != "momo" {
		t.Errorf("an amount within the limits went by %s", o.Method)
	}
}
