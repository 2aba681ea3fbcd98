package catalog

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
)

func (s *shop) stock(t testing.TB, variant market.ID) *Stock {
	t.Helper()
	stocks, err := s.Stocks(t.Context(), variant)
	if err != nil {
		t.Fatal(err)
	}
	if err := stocks[variant].Check(); err != nil {
		t.Error(err)
	}
	return stocks[variant]
}

// TestNeverOversold lets 64 buyers try 5,000 times each for 1,000 pieces.
func TestNeverOversold(t *testing.T) {
	const buyers, attempts, pieces = 64, 5000, 1000
	s := open(t)
	d := pomelo()
	d.Variants[0].Stock = pieces
	variant := s.draft(t, d).Variants[0].ID
	until := start.Add(time.Hour)
	var sold, refused atomic.Int64
	var wait sync.WaitGroup
	for b := range buyers {
		wait.Go(func() {
			for a := range attempts {
				order := market.ID(fmt.Sprintf("order-%d-%d", b, a))
				switch err := s.buy(t, order, variant, until); market.KindOf(err) {
				case market.KindConflict:
					refused.Add(1)
				default:
					if err != nil {
						t.Error(err)
						return
					}
					sold.Add(1)
				}
			}
		})
	}
	wait.Wait()
	if sold.Load() != pieces || refused.Load() != buyers*attempts-pieces {
		t.Errorf("%d sold, %d refused", sold.Load(), refused.Load())
	}
	k := s.stock(t, variant)
	if k.Sold != pieces || k.Available != 0 || k.Held != 0 || len(k.Holds) != 0 {
		t.Errorf("%d sold, %d available, %d held, %d holds", k.Sold, k.Available, k.Held, len(k.Holds))
	}
}

// buy does what an order does, each step twice as after a lost answer.
func (s *shop) buy(t *testing.T, order, variant market.ID, until time.Time) error {
	if err := s.Hold(t.Context(), order, variant, 1, until); err != nil {
		return err
	}
	for range 2 {
		if _, err := s.Settle(t.Context(), order, variant); err != nil {
			return fmt.Errorf("settle: %v", err)
		}
	}
	for range 2 {
		if err := s.Forget(t.Context(), order, variant); err != nil {
			return fmt.Errorf("forget: %v", err)
		}
	}
	return nil
}

func TestStockTellsWhenItCrossesZero(t *testing.T) {
	s := open(t)
	d := pomelo()
	d.Variants[0].Stock = 3
	p := s.draft(t, d)
	variant, until := p.Variants[0].ID, start.Add(time.Hour)
	s.heard(t)
	for _, test := range []struct {
		name string
		do   func() error
		want []string
	}{
		{"hold some", func() error { return s.Hold(t.Context(), "a", variant, 2, until) }, nil},
		{"hold the rest", func() error { return s.Hold(t.Context(), "b", variant, 1, until) }, []string{EventStock}},
		{"settle", func() error { _, err := s.Settle(t.Context(), "a", variant); return err }, nil},
		{"release", func() error { return s.Release(t.Context(), "b", variant) }, []string{EventStock}},
		{"release again", func() error { return s.Release(t.Context(), "b", variant) }, nil},
		{"lose the last", func() error { _, err := s.Adjust(t.Context(), farmer, variant, 1, "dập"); return err }, []string{EventStock}},
		{"forget", func() error { return s.Forget(t.Context(), "a", variant) }, nil},
		{"bring back", func() error { return s.TakeBack(t.Context(), "a", variant, 1, 0) }, []string{EventStock}},
		{"bring back again", func() error { return s.TakeBack(t.Context(), "a", variant, 1, 0) }, nil},
		{"bring back the other", func() error { return s.TakeBack(t.Context(), "a", variant, 2, 0) }, nil},
		{"never bought", func() error { return s.TakeBack(t.Context(), "b", variant, 1, 0) }, nil},
	} {
		if err := test.do(); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, s.heard(t)); diff != "" {
			t.Errorf("%s: events (-want +got):\n%s", test.name, diff)
		}
	}
	if k := s.stock(t, variant); k.Available != 2 || k.Sold != 0 || k.Lost != 1 {
		t.Errorf("%d available, %d sold, %d lost", k.Available, k.Sold, k.Lost)
	}
}

func TestExpireHolds(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	variant := p.Variants[0].ID
	for i, minutes := range []int{1, 2, 3} {
		order := market.ID(fmt.Sprintf("order-%d", i))
		if err := s.Hold(t.Context(), order, variant, 10, start.Add(time.Duration(minutes)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		wait time.Duration
		want int
	}{{time.Minute - time.Millisecond, 0}, {time.Millisecond, 1}, {0, 0}, {time.Hour, 2}} {
		s.wait(test.wait)
		got, err := s.ExpireHolds(t.Context())
		if err != nil || got != test.want {
			t.Errorf("after %v: %d expired, %v; want %d", test.wait, got, err, test.want)
		}
	}
	if k := s.stock(t, variant); k.Available != 100 || len(k.Holds) != 0 {
		t.Errorf("%d available, %d holds", k.Available, len(k.Holds))
	}
}

func TestReturnsLeaveTheStockDocument(t *testing.T) {
	s := open(t)
	variant := s.draft(t, pomelo()).Variants[0].ID
	if err := s.buy(t, "a", variant, start.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.TakeBack(t.Context(), "a", variant, 1, 0); err != nil {
		t.Fatal(err)
	}
	if k := s.stock(t, variant); len(k.Holds) != 1 {
		t.Errorf("a fresh return is not remembered: %+v", k.Holds)
	}
	s.wait(rememberReturn)
	if _, err := s.ExpireHolds(t.Context()); err != nil {
		t.Fatal(err)
	}
	if k := s.stock(t, variant); len(k.Holds) != 0 {
		t.Errorf("an old return still lies in the stock: %+v", k.Holds)
	}
	if err := s.TakeBack(t.Context(), "a", variant, 1, 0); err != nil {
		t.Fatal(err)
	}
	if k := s.stock(t, variant); k.Available != 100 || k.Sold != 0 {
		t.Errorf("brought back twice: %d available, %d sold", k.Available, k.Sold)
	}
}

func TestStockByHand(t *testing.T) {
	s := open(t)
	variant := s.draft(t, pomelo()).Variants[0].ID
	for i := range movesKept + 5 {
		if _, err := s.Receive(t.Context(), farmer, variant, int64(i+1), "hái thêm"); err != nil {
			t.Fatal(err)
		}
	}
	k, err := s.Adjust(t.Context(), farmer, variant, 20, "bão")
	if err != nil {
		t.Fatal(err)
	}
	if k.Available != 200 || k.Received != 220 || k.Lost != 20 {
		t.Errorf("%d available, %d received, %d lost", k.Available, k.Received, k.Lost)
	}
	last := Move{Quantity: -20, Reason: "bão", By: "farmer", At: start}
	if len(k.Moves) != movesKept || k.Moves[movesKept-1] != last {
		t.Errorf("%d moves, last %+v", len(k.Moves), k.Moves[len(k.Moves)-1])
	}
	_, err = s.Adjust(t.Context(), farmer, variant, 201, "")
	wantError(t, err, market.KindConflict, "stock.short", "")
	_, err = s.Receive(t.Context(), farmer, variant, 0, "")
	wantError(t, err, market.KindInvalid, "stock.quantity", "quantity")
	_, err = s.Receive(t.Context(), farmer, "unknown", 1, "")
	wantError(t, err, market.KindNotFound, "catalog.missing", "")
}

func TestSettleAfterForgettingSellsOnce(t *testing.T) {
	s := open(t)
	variant := s.draft(t, pomelo()).Variants[0].ID
	if err := s.buy(t, "a", variant, start.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Settle(t.Context(), "a", variant); err != nil {
		t.Errorf("the slower answer: %v", err)
	}
	_, err := s.Settle(t.Context(), "b", variant)
	wantError(t, err, market.KindConflict, "stock.hold_gone", "")
	if k := s.stock(t, variant); k.Sold != 1 || k.Available != 99 {
		t.Errorf("%d sold, %d available", k.Sold, k.Available)
	}
}
