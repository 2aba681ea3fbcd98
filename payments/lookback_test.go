package payments

import (
	"fmt"
	"testing"
	"time"

	"chohue/market"
)

// TestPain04RefundsMadeElsewhereAreFoundByARound: what a provider gave back at
// its own desk is in the books after the round that asks, once.
func TestPain04RefundsMadeElsewhereAreFoundByARound(t *testing.T) {
	w := newWorld(t)
	w.paid("P1")
	asked := 0
	w.bank.status = func(in *Intent) (Notice, error) {
		n := captured(in.ID)
		if asked++; asked > 1 {
			n.Type, n.Transaction, n.Amount = NoticeRefund, "R9", 30_000
		}
		return n, nil
	}
	round := func(wantLooked int, wantRefunded market.VND) {
		t.Helper()
		if n, err := w.LookBack(t.Context()); err != nil || n != wantLooked {
			t.Errorf("looked at %d, %v; want %d", n, err, wantLooked)
		}
		if in, err := w.Intent(t.Context(), "P1"); err != nil || in.Refunded != wantRefunded {
			t.Errorf("refunded %d, %v; want %d", in.Refunded, err, wantRefunded)
		}
		w.audited()
	}
	round(0, 0) // just paid
	w.pass(6 * time.Hour)
	round(1, 0) // asked, nothing yet
	round(0, 0) // and not again at once
	w.pass(18 * time.Hour)
	round(1, 30_000)
	w.pass(48 * time.Hour)
	round(1, 30_000) // told again, booked once
	for range 12 {
		w.pass(30 * 24 * time.Hour)
		if _, err := w.LookBack(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if before := asked; before > len(lookbacks) {
		t.Errorf("asked %d times in a year, want at most %d", before, len(lookbacks))
	}
	round(0, 30_000)
}

// A provider that is away is asked at the next time, not in every round, and
// does not keep the others from being asked. A round has its bound.
func TestLookingBackIsBounded(t *testing.T) {
	w := newWorld(t)
	for i := range lookbackBatch + 5 {
		w.paid(market.ID(fmt.Sprintf("P%d", i)))
	}
	w.pass(6 * time.Hour)
	w.bank.status = func(in *Intent) (Notice, error) {
		if in.ID == "P3" {
			return Notice{}, market.Unavailable("payments.unavailable")
		}
		return captured(in.ID), nil
	}
	n, err := w.LookBack(t.Context())
	if n != lookbackBatch || market.KindOf(err) != market.KindUnavailable {
		t.Errorf("the first round looked at %d, %v", n, err)
	}
	if n, err = w.LookBack(t.Context()); n != 5 || err != nil {
		t.Errorf("the second round looked at %d, %v", n, err)
	}
	if n, err = w.LookBack(t.Context()); n != 0 || err != nil {
		t.Errorf("the third round looked at %d, %v", n, err)
	}
}

// Cash and money in the seller's own account have nobody to be asked.
func TestNobodyIsAskedAboutCash(t *testing.T) {
	at := start
	for name, in := range map[string]*Intent{
		"cash":        {Step: Step{Kind: StepNone}, Captured: 5, CapturedAt: at},
		"own account": {Step: Step{Kind: StepQR}, Payee: &Bank{}, Captured: 5, CapturedAt: at},
		"given back":  {Step: Step{Kind: StepRedirect}, Captured: 5, Refunded: 5, CapturedAt: at},
		"not paid":    {Step: Step{Kind: StepRedirect}},
	} {
		if in.planBack(at); in.BackAt != nil {
			t.Errorf("%s is asked about at %s", name, in.BackAt)
		}
	}
}
