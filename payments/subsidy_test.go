package payments

import (
	"testing"

	"chohue/market"
)

// subsidised is a charge of which the platform's vouchers pay 30.001 ₫ of A's
// goods: the buyer pays 330.000 ₫, A is owed 250.001 ₫ before the fee.
func subsidised(id market.ID) Charge {
	c := charge(id)
	c.Shares[0].Subsidy = 30_001
	return c
}

// The platform owes its part from the capture on, and gets it back in
// proportion with whatever goes back to the buyer: to the đồng, in any steps.
func TestSubsidyFollowsTheMoney(t *testing.T) {
	w := newWorld(t)
	if _, err := w.Begin(t.Context(), market.System, subsidised("P1")); err != nil {
		t.Fatal(err)
	}
	if err := w.tell(captured("P1")); err != nil {
		t.Fatal(err)
	}
	want := map[Account]market.VND{
		Clearing("bank"): -330_000, PlatformVouchers: -30_001, PlatformFees: 9000,
		Payable("A"): 220_000 + 30_001 - 6000, Payable("B"): 107_000,
	}
	if got := w.balances(); !sameBalances(got, want) {
		t.Fatalf("after the capture %v\nwant %v", got, want)
	}
	for i, step := range []market.VND{1, 110_000, 7, 109_992} {
		key := market.ID("K" + string(rune('0'+i)))
		if _, err := w.RefundSeller(t.Context(), market.System, "P1", "A", step, "returned", key); err != nil {
			t.Fatal(err)
		}
		w.audited()
	}
	want = map[Account]market.VND{
		Clearing("bank"): -110_000, PlatformVouchers: 0, PlatformFees: 3000, Payable("A"): 0, Payable("B"): 107_000,
	}
	if got := w.balances(); !sameBalances(got, want) {
		t.Errorf("after the return %v\nwant %v", got, want)
	}
}

// Cash that is still to be collected is corrected down and, with consent, up;
// money that has come is never asked for again.
func TestCorrectionOfSubsidisedMoney(t *testing.T) {
	w := newWorld(t)
	in := newIntent(subsidised("P1"), "", start)
	in.begun(Step{Kind: StepNone, Merchant: "M"}, start)
	down := Correction{Key: "down", Seller: "A", Goods: 50_000, Shipping: -5_000, Subsidy: 10_001, Fee: 1_000}
	for range 2 {
		if err := in.lower(down); err != nil {
			t.Fatal(err)
		}
	}
	if s := in.Shares[0]; s.Goods != 150_000 || s.Shipping != 25_000 || s.Subsidy != 20_000 || s.Fee != 5_000 || in.Amount != 285_000 {
		t.Errorf("lowered to %+v of %d", s, in.Amount)
	}
	up := Correction{Key: "up", Seller: "A", Goods: -50_000, Shipping: 5_000, Subsidy: -10_001, Fee: -1_000}
	if err := in.lower(up); err != nil {
		t.Fatal(err)
	}
	if in.Amount != 330_000 || !in.Shares[0].same(subsidised("P1").Shares[0]) {
		t.Errorf("back up to %+v of %d", in.Shares[0], in.Amount)
	}
	w.paid("P2")
	_, err := w.Correct(t.Context(), market.System, "P2", Correction{Key: "up", Seller: "A", Goods: -1, Reason: "more"})
	if market.KindOf(err) != market.KindConflict {
		t.Errorf("more was asked of money that has come: %v", err)
	}
}

// A subsidy that the books do not show, or show twice, is found.
func TestCheckFindsAFalseSubsidy(t *testing.T) {
	for _, amount := range []market.VND{1, 30_002} {
		w := newWorld(t)
		if _, err := w.Begin(t.Context(), market.System, subsidised("P1")); err != nil {
			t.Fatal(err)
		}
		if err := w.tell(captured("P1")); err != nil {
			t.Fatal(err)
		}
		w.audited()
		w.falsify("adjust:1", func(t *Transaction) {
			t.Kind, t.Ref, t.Postings = KindCapture, "P9", []Posting{{From: PlatformVouchers, To: Payable("A"), Amount: amount}}
		})
		if err := w.Check(t.Context()); err == nil {
			t.Error("the books were found right")
		}
	}
}
