package payments

import (
	"testing"
	"time"

	"chohue/market"
)

func TestLimitsThatAreBuiltIn(t *testing.T) {
	all, err := loadLimits()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		provider, operation string
		amount              market.VND
		ok                  bool
	}{
		{"momo", limitPay, 999, false},
		{"momo", limitPay, 1000, true},
		{"momo", limitPay, 50_000_000, true},
		{"momo", limitPay, 50_000_001, false},
		{"momo", limitRefund, 999, false},
		{"vnpay", limitPay, 4999, false},
		{"zalopay", limitPay, 1000, true},
		{"cod", limitPay, 1, true},
		{"vietqr", limitPay, market.MaxAmount, true},
	} {
		if err := all.check(c.provider, c.operation, c.amount, at); (err == nil) != c.ok {
			t.Errorf("%s %s %d: %v", c.provider, c.operation, c.amount, err)
		}
	}
}

func TestLimitsFollowTheirDates(t *testing.T) {
	all, err := parseLimits("h,h,h,h,h,h,h\nx,pay,1000,2000,2026-01-01,2026-06-30,a\nx,pay,1000,9000,2026-07-01,,b\n")
	if err != nil {
		t.Fatal(err)
	}
	for day, ok := range map[time.Time]bool{
		time.Date(2026, 6, 30, 16, 59, 59, 0, time.UTC): false, // the last second of the day in Huế
		time.Date(2026, 6, 30, 17, 0, 0, 0, time.UTC):   true,
		time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC):   true, // no row yet
	} {
		if err := all.check("x", limitPay, 5000, day); (err == nil) != ok {
			t.Errorf("%s: %v", day, err)
		}
	}
	for _, bad := range []string{"x,pay,1\n", "x,pay,a,2,2026-01-01,,b\n", "x,pay,5,2,2026-01-01,,b\n", "x,gift,1,2,2026-01-01,,b\n", "x,pay,1,2,soon,,b\n"} {
		if _, err := parseLimits("h\n" + bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// An amount that the provider does not move never becomes a payment.
func TestBeginMindsTheLimits(t *testing.T) {
	w := newWorld(t)
	w.limits = limits{{provider: "bank", operation: limitPay, least: 1000, most: 300_000}}
	if _, err := w.Begin(t.Context(), market.System, charge("P1")); market.KindOf(err) != market.KindInvalid {
		t.Errorf("Begin = %v, want invalid", err)
	}
	if _, err := w.Intent(t.Context(), "P1"); market.KindOf(err) != market.KindNotFound {
		t.Errorf("Intent = %v, want none", err)
	}
	if w.bank.begun.Load() != 0 {
		t.Error("the provider was asked")
	}
	if w.Accepts("bank", 300_000) != nil || w.Accepts("bank", 300_001) == nil {
		t.Error("Accepts does not know the limits")
	}
}

// A refund that is too small for the provider is given up at once, so that its
// money is free for another way; the provider is not asked.
func TestRefundMindsTheLimits(t *testing.T) {
	w := newWorld(t)
	w.limits = limits{{provider: "bank", operation: limitRefund, least: 1000, most: 300_000}}
	w.paid("P1")
	in, err := w.Refund(t.Context(), market.System, "P1", 999, "x", "K1")
	if err != nil || in.Refunds[0].State != RefundFailed || in.Refundable() != in.Amount || w.bank.refunds.Load() != 0 {
		t.Errorf("Refund = %+v, %v", in, err)
	}
	if in, err = w.Refund(t.Context(), market.System, "P1", 1000, "x", "K2"); err != nil || in.Refunded != 1000 {
		t.Errorf("Refund = %+v, %v", in, err)
	}
	w.audited()
}

// What only says that nothing is settled changes nothing, but must be about one
// of our payments and its amount.
func TestUndecidedNotice(t *testing.T) {
	w := newWorld(t)
	w.begin("P1")
	n := captured("P1")
	n.Type = NoticePending
	if err := w.tell(n); err != nil {
		t.Fatal(err)
	}
	w.want("P1", StatePending)
	wrong, foreign := n, n
	wrong.Amount++
	foreign.Payment = "P2"
	if err := w.tell(wrong); market.KindOf(err) != market.KindConflict {
		t.Errorf("wrong amount: %v", err)
	}
	if err := w.tell(foreign); market.KindOf(err) != market.KindNotFound {
		t.Errorf("foreign: %v", err)
	}
}

// Money that was given back at the provider's desk is found by asking.
func TestRecheckFindsForeignRefunds(t *testing.T) {
	w := newWorld(t)
	w.paid("P1")
	w.bank.status = func(in *Intent) (Notice, error) {
		n := captured(in.ID)
		n.Type, n.Transaction, n.Amount = NoticeRefund, "R9", 30_000
		return n, nil
	}
	for range 2 {
		in, err := w.Recheck(t.Context(), "P1")
		if err != nil || in.Refunded != 30_000 || len(in.Refunds) != 1 || in.State != StatePartlyRefunded {
			t.Fatalf("Recheck = %+v, %v", in, err)
		}
		w.audited()
	}
}

func TestAskedNamesTheCapture(t *testing.T) {
	in := &Intent{
		Captures: []Capture{{Transaction: "T1", Amount: 5}, {Transaction: "T2", Amount: 5, Surplus: true}, {Transaction: "T3", Amount: 5, Surplus: true}},
		Refunds:  []Refund{{Key: "a"}, {Key: "b", Surplus: true}},
	}
	for key, want := range map[market.ID]string{"a": "T1", "b": "T3"} {
		if _, c, ok := in.Asked(key); !ok || c.Transaction != want {
			t.Errorf("Asked(%s) = %+v, %v; want %s", key, c, ok, want)
		}
	}
	if _, _, ok := in.Asked("c"); ok {
		t.Error("a refund that nobody asked for was found")
	}
}
