package orders_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"chohue/market"
	"chohue/orders"
)

// 200 buyers at once for 50 units, one or two each: exactly 50 are sold, and at
// every look in between available, held and sold are what was received.
func TestPain01NothingIsOversold(t *testing.T) {
	s := newShop(t)
	rice := s.product(s.seller("HTX"), "Gạo", 30_000, 50)
	carts := make([]market.ID, 200)
	for i := range carts {
		carts[i] = s.cart(guest, want{rice, int64(1 + i%2)})
	}
	var buyers, watchers sync.WaitGroup
	var units atomic.Int64
	done := make(chan struct{})
	watchers.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				if k := s.stock(rice); k.Offered() < 0 || k.Held < 0 {
					t.Errorf("offered %d, held %d", k.Offered(), k.Held)
				}
			}
		}
	})
	for _, cart := range carts {
		buyers.Go(func() {
			o, _, err := s.orders.Place(s.ctx, guest, checkout(cart, "cod"))
			if err == nil {
				units.Add(o.Parcels[0].Lines[0].Quantity)
			} else if market.KindOf(err) != market.KindConflict {
				t.Error(err)
			}
		})
	}
	buyers.Wait()
	close(done)
	watchers.Wait()
	s.drain()
	k := s.stock(rice)
	if k.Offered() != 0 || k.Held != 0 || units.Load() != 50 {
		t.Errorf("%d sold, %d offered, %d held", units.Load(), k.Offered(), k.Held)
	}
}

// Two lines of one stock are one hold of their sum: held line by line the second
// would be taken for the first again, and half of it sold twice.
func TestPain01LinesOfOneStockAreSummed(t *testing.T) {
	s := newShop(t)
	rice := s.product(s.seller("HTX"), "Gạo", 30_000, 5)
	cart, err := s.orders.NewCart(s.ctx, guest)
	s.must(err)
	for _, quantity := range []int64{3, 2} {
		ok := quantity == 2
		o := orders.TwoLines(s.orders, cart.ID, rice, quantity)
		err := orders.HoldOf(s.ctx, s.orders, o)
		if held := s.stock(rice).Held; (err == nil) != ok || ok && held != 2*quantity || !ok && held != 0 {
			t.Errorf("two lines of %d of 5: %v, held %d", quantity, err, held)
		}
	}
}
