package payments

import (
	"fmt"
	"testing"
	"time"

	"chohue/market"
)

// what may happen to a payment, in any order.
type happening struct {
	name string
	do   func(w *world, id market.ID) error
}

func happenings() []happening {
	tell := func(change func(*Notice)) func(*world, market.ID) error {
		return func(w *world, id market.ID) error {
			n := captured(id)
			change(&n)
			return w.tell(n)
		}
	}
	return []happening{
		{"return", func(w *world, id market.ID) error { _, err := w.Sync(w.t.Context(), id); return err }},
		{"captured", tell(func(*Notice) {})},
		{"captured again", tell(func(*Notice) {})},
		{"failed late", tell(func(n *Notice) { n.Type, n.Transaction = NoticeFailure, "F-"+n.Transaction })},
		{"refunded", tell(func(n *Notice) { n.Type, n.Transaction = NoticeRefund, "R-"+n.Transaction })},
	}
}

// permutations calls do with every order of the indexes below n.
func permutations(n int, do func([]int)) {
	order := make([]int, 0, n)
	used := make([]bool, n)
	var step func()
	step = func() {
		if len(order) == n {
			do(order)
			return
		}
		for i := range n {
			if !used[i] {
				used[i], order = true, append(order, i)
				step()
				used[i], order = false, order[:len(order)-1]
			}
		}
	}
	step()
}

// Whatever comes first, the money is counted once, given back once, and the
// books agree after every step.
func TestEveryOrder(t *testing.T) {
	t.Parallel()
	all := happenings()
	w := newWorld(t)
	w.bank.status = func(in *Intent) (Notice, error) { return captured(in.ID), nil }
	run := 0
	permutations(len(all), func(order []int) {
		run++
		id := market.ID(fmt.Sprintf("P%d", run))
		w.begin(id)
		var again []happening
		for _, i := range order {
			if err := all[i].do(w, id); err != nil {
				again = append(again, all[i])
			}
			w.audited()
		}
		w.settled(id, again)
	})
	if run != 120 {
		t.Errorf("%d orders, want 120", run)
	}
}

// settled lets the provider send again what it has not got through, and proves
// where the payment ends.
func (w *world) settled(id market.ID, again []happening) {
	w.t.Helper()
	for _, h := range again {
		if err := h.do(w, id); err != nil {
			w.t.Fatalf("%s again: %v", h.name, err)
		}
	}
	in := w.want(id, StateRefunded)
	if in.Captured != in.Amount || in.Refunded != in.Amount || len(in.Captures) != 1 || len(in.Refunds) != 1 {
		w.t.Fatalf("in the end %+v", in)
	}
	w.audited()
	for account, balance := range w.balances() {
		if balance != 0 {
			w.t.Fatalf("%s is left with %d", account, balance)
		}
	}
}

// crashOrders are the orders tried with a crash at every write; each
// happening is first in one of them and last in another.
var crashOrders = [][]int{{0, 1, 2, 3, 4}, {1, 0, 4, 2, 3}, {3, 4, 1, 2, 0}, {4, 1, 3, 0, 2}, {2, 3, 0, 4, 1}}

// The process is killed at every single write in turn, before and after the
// write is done, and started again; what it has not acknowledged comes again.
func TestEveryCrash(t *testing.T) {
	all := happenings()
	for _, order := range crashOrders {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v after=%v", order, after), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.bank.status = func(in *Intent) (Notice, error) { return captured(in.ID), nil }
				for at := int64(1); w.crashRun(all, order, at, after); at++ {
					if at > 100 {
						t.Fatal("more writes than there can be")
					}
				}
			})
		}
	}
}

// crashRun reports whether the crash came before the end.
func (w *world) crashRun(all []happening, order []int, at int64, after bool) bool {
	w.t.Helper()
	id := market.ID(fmt.Sprintf("P%d", at))
	w.engine.plan(at, after)
	if _, err := w.Begin(w.t.Context(), market.System, charge(id)); err != nil {
		w.restart()
		w.begin(id)
	}
	var again []happening
	for _, i := range order {
		err := all[i].do(w, id)
		if w.engine.dead.Load() {
			w.restart()
			err = all[i].do(w, id)
		}
		if err != nil {
			again = append(again, all[i])
		}
	}
	crashed := w.engine.left.Load() == 0
	w.engine.mend()
	w.settled(id, again)
	return crashed
}

// A refund cut off at any write is finished by asking again or by
// reconciliation, and never made twice.
func TestEveryCrashOfARefund(t *testing.T) {
	again := map[string]func(*world, market.ID) error{
		"asked again": func(w *world, id market.ID) error {
			_, err := w.Refund(w.t.Context(), market.System, id, 1000, "x", "K"+id)
			return err
		},
		"reconciled": func(w *world, _ market.ID) error {
			w.pass(2 * time.Minute)
			_, err := w.Reconcile(w.t.Context())
			return err
		},
	}
	for name, finish := range again {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s after=%v", name, after), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				for at := int64(1); w.crashRefund(finish, at, after); at++ {
					if at > 20 {
						t.Fatal("more writes than there can be")
					}
				}
			})
		}
	}
}

func (w *world) crashRefund(finish func(*world, market.ID) error, at int64, after bool) bool {
	w.t.Helper()
	id := market.ID(fmt.Sprintf("P%d", at))
	w.paid(id)
	w.engine.plan(at, after)
	_, err := w.Refund(w.t.Context(), market.System, id, 1000, "x", "K"+id)
	w.restart()
	if len(w.get(id).Refunds) == 0 { // nothing was reserved: the caller knows it must ask again
		if _, err := w.Refund(w.t.Context(), market.System, id, 1000, "x", "K"+id); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := finish(w, id); err != nil {
		w.t.Fatal(err)
	}
	if in := w.want(id, StatePartlyRefunded); in.Refunded != 1000 || len(in.Refunds) != 1 || in.Due != nil {
		w.t.Fatalf("killed at write %d: %+v", at, in)
	}
	w.audited()
	return err != nil
}
