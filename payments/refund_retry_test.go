package payments

import (
	"errors"
	"testing"
	"time"

	"chohue/market"
)

// Two refunds that were refused out of the same money are owed once, and a try
// that was refused is followed by one under a key of its own.
func TestRefusedRefundIsOwedOnceAndTriedAgain(t *testing.T) {
	in := paidIntent()
	must(t, in.reserve(Refund{Key: "parcel", Amount: 220_000, Seller: "A"}, start))
	in.refuse("parcel", start)
	must(t, in.reserve(Refund{Key: "rest", Amount: 330_000}, start))
	in.refuse("rest", start)
	if a, b := in.owed(in.Refunds[0]), in.owed(in.Refunds[1]); a != 220_000 || b != 110_000 || in.Due != nil {
		t.Fatalf("%d and %d are owed, next look at %v", a, b, in.Due)
	}
	again := captured("P1")
	again.Transaction = "T2"
	in.capture(again, start)
	if !in.mayTryAgain(in.Refunds[0]) || in.Due == nil {
		t.Error("money came, and nobody asks again")
	}
	key, err := in.tryAgain(in.Refunds[0], 220_000, start)
	if err != nil || key != "parcel~1" || in.owed(in.Refunds[0]) != 0 || in.owed(in.Refunds[1]) != 110_000 {
		t.Errorf("try %q: %v", key, err)
	}
	if r, _ := in.RefundOf("parcel"); r.Key != key || firstKey(key) != "parcel" || tryOf(key) != 1 {
		t.Errorf("the asker finds %+v", r)
	}
	in.refuse(key, start)
	if in.mayTryAgain(in.Refunds[2]) || !in.mayTryAgain(in.Refunds[1]) || in.owed(in.Refunds[1]) != 330_000 {
		t.Error("only what was refused before the money came is worth asking for again")
	}
}

// The wallet gives a part back by itself while our refund of all is only
// reserved, and then refuses ours, because it has not so much any more: seed 375
// of the simulator. What is left is asked for once, whatever write the process
// dies at.
func TestRestOfAnOvertakenRefundIsAskedFor(t *testing.T) {
	for _, after := range []bool{false, true} {
		for at := int64(1); newWorld(t).crashRest(at, after); at++ {
			if at > 20 {
				t.Fatal("more writes than there can be")
			}
		}
	}
}

// crashRest kills the process at a write of the round that has the rest to ask
// for, and reports whether the round came so far.
func (w *world) crashRest(at int64, after bool) bool {
	w.t.Helper()
	const id = "P1"
	w.paid(id)
	theirs := theirRefunds{}
	w.bank.refund = func(*Intent, RefundRequest) (Notice, error) { return Notice{}, errors.New("timeout") }
	if _, err := w.Refund(w.t.Context(), market.System, id, 300_000, "weight", "K"); err != nil {
		w.t.Fatal(err)
	}
	unasked := captured(id)
	unasked.Type, unasked.Transaction, unasked.Amount = NoticeRefund, "W1", 180_000
	must(w.t, w.tell(unasked))
	theirs["unasked"] = unasked
	w.bank.refund = theirs.refund
	w.engine.plan(at, after)
	w.pass(2 * time.Minute)
	_, died := w.Reconcile(w.t.Context())
	w.restart()
	for range 2 {
		w.pass(20 * time.Minute)
		if _, err := w.Reconcile(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
	in := w.want(id, StateRefunded)
	if last, _ := in.RefundOf("K"); last.Key != "K~1" || last.Amount != 150_000 || in.Refunded != 330_000 || theirs.left() != 0 || in.Due != nil {
		w.t.Fatalf("killed at write %d: %+v; the wallet has %d left", at, in, theirs.left())
	}
	w.heard()
	w.audited()
	return died != nil
}

// theirRefunds are what a wallet has given back, by key.
type theirRefunds map[market.ID]Notice

func (t theirRefunds) left() market.VND {
	left := market.VND(330_000)
	for _, n := range t {
		left -= n.Amount
	}
	return left
}

func (t theirRefunds) refund(in *Intent, r RefundRequest) (Notice, error) {
	if done, ok := t[r.Key]; ok {
		return done, nil
	}
	if r.Amount > t.left() {
		return Notice{}, market.Conflict("bank.no")
	}
	n := captured(in.ID)
	n.Type, n.Transaction, n.Refund, n.Amount = NoticeRefund, "R-"+string(r.Key), r.Key, r.Amount
	t[r.Key] = n
	return n, nil
}
