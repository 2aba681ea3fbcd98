package main

import (
	"path/filepath"
	"sync"
	"testing"

	"chohue/market"
	"chohue/orders"
)

// TestBackupWhileSelling copies a market that is taking orders, restores the
// copy elsewhere, and wants shelves and orders of the copy to agree.
func TestBackupWhileSelling(t *testing.T) {
	ctx := t.Context()
	c := &crash{t: t, config: testConfig(t), acked: map[string]bool{}}
	c.stockShelves()
	h, err := open(ctx, c.config, outdoors())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	placed, stop := make(chan struct{}, 1000), make(chan struct{})
	var buyers sync.WaitGroup
	for range 4 {
		buyers.Go(func() { sell(t, h, c.variants[0], placed, stop) })
	}
	for range 20 {
		<-placed
	}
	file := filepath.Join(t.TempDir(), "copy.tar.gz")
	if err := backup(ctx, c.config, []string{file}); err != nil {
		t.Error(err)
	}
	close(stop)
	buyers.Wait()
	wantRestored(t, c.config, file, c.variants[0])
}

func sell(t *testing.T, h *house, variant market.ID, placed chan<- struct{}, stop <-chan struct{}) {
	ctx := t.Context()
	for {
		select {
		case <-stop:
			return
		default:
		}
		cart, err := h.orders.NewCart(ctx, market.Actor{})
		if err == nil {
			_, err = h.orders.SetLine(ctx, market.Actor{}, cart.ID, variant, 1, nil)
		}
		if err == nil {
			_, _, err = h.orders.Place(ctx, market.Actor{}, orders.Checkout{Cart: cart.ID, Method: orders.MethodCOD, Address: market.Address{
				Name: "Nguyễn Thị Mua", Phone: "0905111222", Province: "46", Ward: "19813", Street: "12 Bùi Thị Xuân",
			}})
		}
		if err != nil {
			t.Error(err)
			return
		}
		select {
		case placed <- struct{}{}:
		default:
		}
	}
}

func wantRestored(t *testing.T, from Config, file string, variant market.ID) {
	t.Helper()
	ctx := t.Context()
	to := testConfig(t)
	if err := restore(ctx, from, []string{file}); err == nil {
		t.Error("restore overwrote a database")
	}
	if err := restore(ctx, to, []string{file}); err != nil {
		t.Fatal(err)
	}
	h, err := open(ctx, to, outdoors())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	if err := h.relay.Drain(ctx); err != nil {
		t.Error(err)
	}
	confirmed := int64(0)
	if err := h.orders.Each(ctx, func(o *orders.Order) error {
		if o.State == orders.StateConfirmed {
			confirmed++
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	stocks, err := h.catalog.Stocks(ctx, variant)
	if err != nil {
		t.Fatal(err)
	}
	// A copy may fall between settling and confirming: such an order is on its
	// way in both places, so the shelf may be ahead by the four buyers.
	k := stocks[variant]
	if ahead := k.Sold - confirmed; confirmed < 20 || ahead < 0 || ahead > 4 {
		t.Errorf("the copy has %d confirmed orders and %d sold", confirmed, k.Sold)
	}
	if err := k.Check(); err != nil {
		t.Error(err)
	}
	if n, err := h.index.Count(ctx); err != nil || n != 4 {
		t.Errorf("the copy's index has %d products: %v", n, err)
	}
}
