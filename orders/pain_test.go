package orders_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store"
	"chohue/store/sqlite"
)

// dying is a database whose process is killed: after so many more writes, no
// write comes through until it lives again.
type dying struct {
	store.Engine
	left int // writes until death; below zero it lives
}

var errDead = errors.New("the process was killed")

func (d *dying) dead() bool {
	if d.left > 0 {
		d.left--
		return false
	}
	return d.left == 0
}

func (d *dying) Insert(ctx context.Context, collection string, w store.Write) error {
	if d.dead() {
		return errDead
	}
	return d.Engine.Insert(ctx, collection, w)
}

func (d *dying) Update(ctx context.Context, collection string, id market.ID, create bool, change store.Change) error {
	if d.dead() {
		return errDead
	}
	return d.Engine.Update(ctx, collection, id, create, change)
}

func newMortalShop(t *testing.T) (*shop, *dying) {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), t.TempDir()+"/market.db")
	if err != nil {
		t.Fatal(err)
	}
	d := &dying{Engine: engine, left: -1}
	return newShopOn(t, d), d
}

// run does a step with the process killed after n writes of it and of what it
// causes, then starts the process again, does what others would repeat, and
// lets all news arrive.
func (s *shop) run(d *dying, n int, step func() error) {
	s.t.Helper()
	d.left = n
	err := step()
	if err == nil {
		err = s.relay.Drain(s.ctx)
	}
	died := d.left == 0
	d.left = -1
	if died && err != nil {
		_ = step() // providers, browsers and people try again
	}
	s.must(s.relay.Drain(s.ctx))
}

// TestPain02PaidButStockGone: money that comes when the goods are sold to
// somebody else ends in a named state with the money back; when the goods are
// still there, a hold that ran out is no reason to turn a payer away.
func TestPain02PaidButStockGone(t *testing.T) {
	for n := -1; n < 12; n++ {
		t.Run(fmt.Sprintf("killed after %d writes", n), func(t *testing.T) {
			s, d := newMortalShop(t)
			a := s.seller("HTX")
			scarce, plenty := s.product(a, "Thanh trà", 45_000, 5), s.product(a, "Gạo", 30_000, 50)
			slow, lucky := s.place(guest, "wallet", want{plenty, 1}, want{scarce, 5}), s.place(guest, "wallet", want{plenty, 2})
			s.now = s.now.Add(26 * time.Minute)
			s.place(guest, "cod", want{scarce, 3})
			for _, o := range []*orders.Order{slow, lucky} {
				s.run(d, n, func() error { return s.captures(o) })
			}
			if got := s.order(slow.ID); got.State != orders.StateRefunded || got.Reason != "stock_gone" || s.intent(slow.ID).Refunded != slow.Total {
				t.Errorf("the slow buyer's order is %s (%s) with %d of %d back", got.State, got.Reason, s.intent(slow.ID).Refunded, slow.Total)
			}
			if got := s.order(lucky.ID); got.State != orders.StateConfirmed {
				t.Errorf("the goods were there, but the order is %s", got.State)
			}
			if k, r := s.stock(scarce), s.stock(plenty); k.Sold != 3 || k.Available != 2 || r.Sold != 2 || r.Held != 0 {
				t.Errorf("scarce: %d sold, %d left; plenty: %d sold, %d held", k.Sold, k.Available, r.Sold, r.Held)
			}
		})
	}
}

func (s *shop) captures(o *orders.Order) error { return s.tells(o, payments.NoticeCapture) }

func (s *shop) tells(o *orders.Order, kind string) error {
	_, err := s.payments.Notice(s.ctx, "wallet", payments.Raw{Body: fmt.Appendf(nil, "%s %s %d", o.ID, kind, int64(o.Total))})
	return err
}

// TestPain03OneCompletion plays every order of {return page, captured, captured
// again, failed late, refunded} with the process killed at different writes:
// the order is completed at most once, and ends where the money is.
func TestPain03OneCompletion(t *testing.T) {
	names := []string{"return page", "captured", "captured again", "failed late", "refunded"}
	crashes := []int{-1, 2, 4}
	if testing.Short() {
		crashes = crashes[:2]
	}
	s, d := newMortalShop(t)
	seen := map[market.ID]int{}
	s.relay = store.NewRelay(s.engine, quiet(), nil,
		store.Consumer{Name: "ledger", Handle: s.payments.Consume},
		store.Consumer{Name: "orders", Types: orders.Consumes(), Handle: s.orders.Consume},
		store.Consumer{Name: "completions", Types: []string{orders.EventConfirmed}, Handle: func(_ context.Context, e market.Event) error {
			if _, told := seen[e.ID]; !told {
				seen[e.ID] = 0
				seen[e.Subject]++
			}
			return nil
		}})
	v := s.product(s.seller("HTX"), "Thanh trà", 45_000, 1_000_000)
	permute([]int{0, 1, 2, 3, 4}, func(order []int) {
		for _, n := range crashes {
			s.wallet.answers = map[market.ID]string{}
			o := s.place(guest, "wallet", want{v, 1})
			s.wallet.answers[o.ID] = payments.NoticeCapture
			steps := []func() error{
				func() error { _, err := s.payments.Sync(s.ctx, o.ID); return err },
				func() error { return s.captures(o) },
				func() error { return s.captures(o) },
				func() error { return s.tells(o, payments.NoticeFailure) },
				func() error { return s.tells(o, payments.NoticeRefund) },
			}
			for _, i := range order {
				s.run(d, n, steps[i])
			}
			for _, i := range order { // whatever was refused too early is sent again
				s.run(d, -1, steps[i])
			}
			got, in := s.order(o.ID), s.intent(o.ID)
			if seen[o.ID] > 1 || in.Captured != o.Total || in.Refunded != o.Total || got.State != orders.StateRefunded {
				t.Fatalf("%s, killed after %d: completed %d times, captured %d, refunded %d of %d, order %s",
					named(names, order), n, seen[o.ID], in.Captured, in.Refunded, o.Total, got.State)
			}
		}
	})
	s.must(s.payments.Check(s.ctx))
	if k := s.stock(v); k.Sold != 0 || k.Held != 0 {
		t.Errorf("everything is refunded, but %d are sold and %d held", k.Sold, k.Held)
	}
}

func named(names []string, order []int) (out []string) {
	for _, i := range order {
		out = append(out, names[i])
	}
	return out
}

func permute(list []int, do func([]int)) {
	var walk func(int)
	walk = func(k int) {
		if k == len(list) {
			do(list)
			return
		}
		for i := k; i < len(list); i++ {
			list[k], list[i] = list[i], list[k]
			walk(k + 1)
			list[k], list[i] = list[i], list[k]
		}
	}
	walk(0)
}

// TestPain04RefundsComeFromTheLedger: what may go back is what the payment has,
// not what the order adds up to; refunds made at the provider count; a refund
// that is refused stays owed and can be asked for again.
func TestPain04RefundsComeFromTheLedger(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	pomelo := s.product(a, "Thanh trà", 45_000, 20)
	o, p := s.arrived("wallet", a, want{pomelo, 2})
	// Somebody gives most of it back at the wallet's own desk.
	at := o.Total - 10_000
	_, err := s.payments.Notice(s.ctx, "wallet", payments.Raw{Body: fmt.Appendf(nil, "%s %s %d", o.ID, payments.NoticeRefund, int64(at))})
	s.must(err)
	s.drain()
	if got := s.order(o.ID); len(got.Refunds) != 1 || got.Refunds[0].Amount != at {
		t.Fatalf("the order knows of %+v, want %d", got.Refunds, at)
	}
	r := s.ask(o, orders.ReturnWish{Parcel: p.ID, Reason: orders.ReasonDamaged, Lines: units(pomelo, 2)})
	s.wallet.refuse = true
	_, err = s.orders.AcceptReturn(s.ctx, sellerActor(a), o.ID, r.ID, true, orders.Word{})
	s.must(err)
	s.drain()
	if got := s.ret(o, r.ID); got.State != orders.ReturnOwed || s.intent(o.ID).Refundable() != 10_000 {
		t.Fatalf("a refused refund: return is %s, %d may go back", got.State, s.intent(o.ID).Refundable())
	}
	s.wallet.refuse = false
	s.twice(func() error { _, err := s.orders.RetryReturn(s.ctx, sellerActor(a), o.ID, r.ID); return err })
	in := s.intent(o.ID)
	if got := s.ret(o, r.ID); got.State != orders.ReturnRefunded || got.Refunded != 10_000 || in.Refunded != in.Captured {
		t.Errorf("return is %s with %d; %d of %d went back", got.State, got.Refunded, in.Refunded, in.Captured)
	}
}
