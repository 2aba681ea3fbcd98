package indicators

import (
	"context"
	"testing"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
	"chohue/store/memory"
)

// TestRebuildTellsAfterACrash: facts were written, and the market was killed
// before anybody was told. The figures are right after the next rebuild, though
// no fact was missing.
func TestRebuildTellsAfterACrash(t *testing.T) {
	s, b := on(t, memory.New()), sold(40, 5)
	hear(t, s, b[:20].news())
	before := table(t, s, TableQuery{}).Total.Value
	for _, o := range b[20:] {
		for _, p := range o.Parcels {
			if _, err := s.insert(t.Context(), factsOf(deliveredOf(o, p))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := table(t, s, TableQuery{}).Total.Value; got != before {
		t.Fatalf("%s, though nobody was told", got)
	}
	r, err := s.Rebuild(t.Context(), market.System, b)
	if err != nil || r.Added != 0 || len(r.Wrong) != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := table(t, s, TableQuery{}).Total.Value; got != b.value() {
		t.Errorf("total %s, want %s", got, b.value())
	}
}

// TestRebuildOfWhatWasWrittenBeforeFacts: a database with orders and no facts
// gives, rebuilt from the command line's door, the bytes of a market that heard
// everything; stopped in the middle and run again too.
func TestRebuildOfWhatWasWrittenBeforeFacts(t *testing.T) {
	trade := newTrade(41, 50)
	trade.sell(1500, 5)
	heard, fresh := on(t, memory.New()), on(t, memory.New())
	hearMany(t, heard, append(trade.deliveries(), trade.giveBack(6)...))
	stopped := stopAfter{trade, len(trade.orders) / 2}
	if _, err := fresh.Rebuild(t.Context(), market.System, &stopped); err == nil {
		t.Fatal("it was not stopped")
	}
	r, err := fresh.Rebuild(t.Context(), market.System, trade)
	if err != nil || len(r.Wrong) != 0 || r.Added == 0 || r.Added == r.Facts {
		t.Fatalf("%+v, %v", r, err)
	}
	trade.wantFoot(t, fresh, "rebuilt")
	if _, err := heard.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, b := digest(t, heard), digest(t, fresh); a != b {
		t.Errorf("heard %s, rebuilt %s", a, b)
	}
	late := table(t, fresh, TableQuery{})
	if o, err := fresh.Overview(t.Context(), official, TableQuery{}); err != nil || o.Quality.Late != 0 || o.Total.Value != late.Total.Value {
		t.Errorf("%+v, %v", o.Quality, err)
	}
}

type stopAfter struct {
	Orders
	n int
}

func (a *stopAfter) Each(ctx context.Context, do func(*orders.Order) error) error {
	return a.Orders.Each(ctx, func(o *orders.Order) error {
		if a.n--; a.n < 0 {
			return context.Canceled
		}
		return do(o)
	})
}

// TestAWholeReturnIsWorthNothing: the platform's voucher paid a part of the
// price; when the buyer has the own part back, nothing of the line is left.
func TestAWholeReturnIsWorthNothing(t *testing.T) {
	s, b := open(t), sold(1, 1)
	p := &b[0].Parcels[0]
	b[0].Parcels, p.DeliveredAt = b[0].Parcels[:1], &now
	p.Lines = []orders.Line{
		{Variant: "whole", Set: 9, Quantity: 3, Amount: 100_001, Subsidy: 20_000},
		{Variant: "part", Set: 9, Quantity: 2, Amount: 80_000, Subsidy: 20_000},
	}
	back := func(id, variant market.ID, n int64, amount market.VND) {
		r := orders.Return{
			ID: id, Parcel: p.ID, State: orders.ReturnRefunded, EndedAt: &now, Goods: amount, Refunded: amount,
			Lines: []orders.ReturnLine{{Variant: variant, Quantity: n, Amount: amount}},
		}
		b[0].Returns = append(b[0].Returns, r)
		hear(t, s, []market.Event{market.NewEvent(env, orders.EventReturned, b[0].ID, b[0].Undone(r, now))})
	}
	hear(t, s, b.news())
	back("R1", "whole", 3, 80_001)
	if got := table(t, s, TableQuery{}).Total.Value; got != 80_000 {
		t.Errorf("a whole line went back: %d left, want 80000", got)
	}
	back("R2", "part", 1, 30_000)
	if got := table(t, s, TableQuery{}).Total.Value; got != 40_000 {
		t.Errorf("half of the other went back: %d left, want 40000", got)
	}
	if r, err := s.Rebuild(t.Context(), market.System, b); err != nil || len(r.Wrong) != 0 || r.Added != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if err := s.facts.Each(t.Context(), store.Query{}, func(f *Fact) error {
		if f.Kind == KindReturned && f.Value >= 0 {
			t.Errorf("%+v", f)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
