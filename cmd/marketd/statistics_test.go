package main

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"chohue/indicators"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store"
)

// heard keeps the events that the statistics were told.
type heard struct {
	sync.Mutex
	events []market.Event
}

// listen puts the ear between the relay and the statistics, which from now on
// hear everything twice.
func (a *heard) listen(h *house) {
	consumers := h.consumers()
	i := slices.IndexFunc(consumers, func(c store.Consumer) bool { return c.Name == "indicators" })
	tell := consumers[i].Handle
	consumers[i].Handle = func(ctx context.Context, e market.Event) error {
		a.Lock()
		a.events = append(a.events, e)
		a.Unlock()
		if err := tell(ctx, e); err != nil {
			return err
		}
		return tell(ctx, e)
	}
	h.relay = store.NewRelay(h.engine, slog.Default(), nil, consumers...)
}

// footing adds the demonstration's trade up in every way.
type footing struct {
	t *testing.T
	h *house
}

// want holds statistics and ledger against each other.
func (f footing) want(when string) market.VND {
	f.t.Helper()
	ctx := f.t.Context()
	ledger, total := f.ledger(), market.VND(0)
	for _, v := range ledger {
		total += v
	}
	ways := map[string]market.VND{}
	o, err := f.h.indicators.Overview(ctx, market.System, indicators.TableQuery{From: f.h.env.Now().AddDate(-2, 0, 0).Format("2006-01")})
	if err != nil {
		f.t.Fatal(err)
	}
	for d, cells := range o.Margins {
		for _, c := range cells {
			ways[d] += c.Value
		}
	}
	for side, cells := range o.Sides {
		for _, c := range cells {
			ways[side] += c.Value
		}
	}
	for _, c := range o.Districts {
		ways["district"] += c.Value
	}
	ways["total"] = o.Total.Value
	for way, sum := range ways {
		if sum != total {
			f.t.Errorf("%s: %d by %s, %d in the ledger", when, sum, way, total)
		}
	}
	if len(ways) != 10 || total == 0 {
		f.t.Errorf("%s: %d added up in %d ways: %v", when, total, len(ways), ways)
	}
	for seller, got := range f.bySeller() {
		if got != ledger[seller] {
			f.t.Errorf("%s: seller %s has %d in the facts, %d in the ledger", when, seller, got, ledger[seller])
		}
	}
	return total
}

func (f footing) bySeller() map[market.ID]market.VND {
	sums := map[market.ID]market.VND{}
	err := f.h.indicators.EachFact(f.t.Context(), market.System, "", "", func(fact *indicators.Fact) error {
		sums[fact.Seller] += fact.Value
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return sums
}

// ledger is what the books of claims say that each seller is owed for goods
// that arrived and stayed: goods and the platform's share of their price, less
// what went back for goods.
func (f footing) ledger() map[market.ID]market.VND {
	arrived, sums := map[[2]market.ID]market.VND{}, map[market.ID]market.VND{}
	err := f.h.orders.Each(f.t.Context(), func(o *orders.Order) error {
		for _, p := range o.Parcels {
			if p.DeliveredAt != nil && p.State == orders.ParcelDelivered {
				arrived[[2]market.ID{o.ID, p.Seller}] = 0
				sums[p.Seller] += 0
			}
		}
		for _, r := range o.Returns {
			if r.State == orders.ReturnRefunded {
				arrived[[2]market.ID{o.ID, r.Seller}] += o.Undone(r, *r.EndedAt).Shipping
			}
		}
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	for seller := range sums {
		for _, t := range f.statement(seller) {
			if shipping, ok := arrived[[2]market.ID{t.Order, seller}]; ok {
				sums[seller] += goodsOf(t, payments.Payable(seller)) + shipping
				arrived[[2]market.ID{t.Order, seller}] = 0
			}
		}
	}
	return sums
}

func goodsOf(t *payments.Transaction, to payments.Account) (sum market.VND) {
	for _, p := range t.Postings {
		switch p.For {
		case payments.ForGoods, payments.ForVoucher, payments.ForRefund:
			if p.To == to {
				sum += p.Amount
			}
			if p.From == to {
				sum -= p.Amount
			}
		}
	}
	return sum
}

func (f footing) statement(seller market.ID) (all []*payments.Transaction) {
	for after := store.Cursor(""); ; {
		page, err := f.h.payments.Statement(f.t.Context(), market.System, seller, after, 100)
		if err != nil {
			f.t.Fatal(err)
		}
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			return all
		}
	}
}

// giveBack plays buyers who want money back and sellers who agree, and sellers
// who give some for peace.
func (s *seeder) giveBack(ctx context.Context) (n int, err error) {
	var late []*orders.Order
	err = s.house.orders.Each(ctx, func(o *orders.Order) error {
		p := o.Parcels[0]
		if o.Method == "sandbox" && p.State == orders.ParcelDelivered && o.Buyer != "" {
			one := *o
			late = append(late, &one)
		}
		return nil
	})
	for i, o := range late {
		if err != nil {
			return n, err
		}
		p := o.Parcels[len(o.Parcels)-1]
		if p.State != orders.ParcelDelivered {
			continue
		}
		seller := market.Actor{Person: "seller", Roles: []market.Role{market.RoleManager}, Sellers: []market.ID{p.Seller}}
		if !o.MayReturn(p, s.house.env.Now()) || i%3 == 0 {
			_, err = s.house.orders.GiveGoodwill(ctx, seller, o.ID, p.ID, market.ID("peace"+o.ID), 7_000+market.VND(i), orders.Word{Text: "Cảm ơn bạn đã chờ hàng đến muộn"})
			n++
			continue
		}
		var r *orders.Return
		l := p.Lines[0]
		_, r, err = s.house.orders.AskReturn(ctx, market.Actor{Person: o.Buyer}, o.ID, "", orders.ReturnWish{
			Parcel: p.ID, Reason: "damaged", Lines: []orders.ReturnLine{{Variant: l.Variant, Quantity: 1 + int64(i)%l.Quantity}}, Keep: true, Text: "Hộp vỡ khi mở kiện hàng",
		})
		if err == nil {
			_, err = s.house.orders.AcceptReturn(ctx, seller, o.ID, r.ID, true, orders.Word{})
			n++
		}
	}
	return n, err
}

// TestPain10DemoFootsWithTheLedger: on the demonstration's trade, by every way
// of dividing it and by seller, the sum of the statistics is the ledger's to the
// đồng: after deliveries, returns, corrections, and everything heard again in
// another order; and the facts are those of the orders.
func TestPain10DemoFootsWithTheLedger(t *testing.T) {
	c := testConfig(t)
	setLogger(c.LogLevel)
	s, err := newSeeder(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.house.Close() }()
	var ear heard
	ear.listen(s.house)
	if err := s.demo(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := footing{t, s.house}
	sold := f.want("delivered")
	n, err := s.giveBack(t.Context())
	if err != nil || n < 10 {
		t.Fatalf("%d went back, %v", n, err)
	}
	f.settle()
	if back := f.want("returned"); back >= sold {
		t.Errorf("%d returns, and %d as before", n, back)
	}
	f.correct()
	f.settle()
	total := f.want("corrected")
	f.again(ear.events)
	if got := f.want("heard again in another order"); got != total {
		t.Errorf("%d after hearing again, want %d", got, total)
	}
	r, err := s.house.indicators.Rebuild(t.Context(), market.System, s.house.orders)
	if err != nil || r.Added != 0 || len(r.Wrong) != 0 || r.Facts < 500 {
		t.Errorf("the facts are not those of the orders: %+v, %v", r, err)
	}
}

// settle delivers events and wallets' notices until nothing moves.
func (f footing) settle() {
	f.t.Helper()
	for range 3 {
		if err := f.h.relay.Drain(f.t.Context()); err != nil {
			f.t.Fatal(err)
		}
		if _, err := f.h.wallet.Resend(f.t.Context()); err != nil {
			f.t.Fatal(err)
		}
	}
}

// correct moves some lines to another ward, set and channel.
func (f footing) correct() {
	f.t.Helper()
	var lines []market.ID
	err := f.h.indicators.EachFact(f.t.Context(), market.System, "", "", func(fact *indicators.Fact) error {
		if fact.Kind == indicators.KindDelivered && len(lines) < 20 {
			lines = append(lines, fact.ID)
		}
		return nil
	})
	if err != nil || len(lines) < 20 {
		f.t.Fatalf("%d lines, %v", len(lines), err)
	}
	by := market.Actor{Person: "official", Roles: []market.Role{market.RoleOfficial}}
	for _, id := range lines {
		c := indicators.Correction{Doc: store.Doc{ID: id}, Ward: "20182", Set: 26, Channel: "preorder", Reason: "Người bán kê khai nhầm bộ sản phẩm"}
		if err := f.h.indicators.Correct(f.t.Context(), by, c); err != nil {
			f.t.Fatal(err)
		}
	}
}

// again tells everything once more, shuffled.
func (f footing) again(events []market.Event) {
	f.t.Helper()
	all := slices.Clone(events)
	rand.New(rand.NewPCG(46, 7)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, e := range all {
		if err := f.h.indicators.Consume(f.t.Context(), e); err != nil {
			f.t.Fatal(err)
		}
	}
	if len(all) < 100 {
		f.t.Errorf("only %d events were heard", len(all))
	}
}
