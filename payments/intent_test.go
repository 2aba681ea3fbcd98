package payments

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"chohue/market"
)

func pending() *Intent {
	in := newIntent(charge("P1"), "", start)
	in.begun(Step{Kind: StepRedirect, URL: "http://bank/pay", Merchant: "M"}, start)
	return in
}

func paidIntent() *Intent {
	in := pending()
	in.capture(captured("P1"), start)
	return in
}

func TestCaptureCountsATransactionOnce(t *testing.T) {
	in := pending()
	if !in.capture(captured("P1"), start) || in.capture(captured("P1"), start) {
		t.Error("the first is news, the second is not")
	}
	if in.Captured != 330_000 || in.State != StateCaptured || in.Due != nil {
		t.Errorf("%+v", in)
	}
}

func TestMoneyAfterFailureOrEndIsStillMoney(t *testing.T) {
	for name, end := range map[string]func(*Intent) bool{
		"failed":  func(in *Intent) bool { return in.fail(start) },
		"expired": func(in *Intent) bool { return in.expire(in.ExpiresAt) },
	} {
		in := pending()
		if !end(in) || end(in) {
			t.Errorf("%s: the first is news, the second is not", name)
		}
		if !in.capture(captured("P1"), start) || in.State != StateCaptured {
			t.Errorf("%s: then %+v", name, in)
		}
	}
}

func TestFailureAfterMoneyChangesNothing(t *testing.T) {
	in := paidIntent()
	if in.fail(start) || in.expire(start.Add(time.Hour)) || in.State != StateCaptured {
		t.Errorf("%+v", in)
	}
}

func TestExpireWaitsForTheTime(t *testing.T) {
	in := pending()
	if in.expire(in.ExpiresAt.Add(-time.Millisecond)) {
		t.Error("expired too early")
	}
	in.ExpiresAt = time.Time{}
	if in.expire(start.Add(1000 * time.Hour)) {
		t.Error("expired without a deadline")
	}
}

func TestFits(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Notice)
		want   market.Kind
	}{
		"amount":      {func(n *Notice) { n.Amount-- }, market.KindConflict},
		"merchant":    {func(n *Notice) { n.Merchant = "" }, market.KindConflict},
		"provider":    {func(n *Notice) { n.Provider = "other" }, market.KindConflict},
		"payment":     {func(n *Notice) { n.Payment = "P2" }, market.KindConflict},
		"failure too": {func(n *Notice) { n.Type, n.Amount = NoticeFailure, 1 }, market.KindConflict},
	} {
		n := captured("P1")
		c.change(&n)
		if err := pending().fits(n); market.KindOf(err) != c.want || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := pending().fits(captured("P1")); err != nil {
		t.Error(err)
	}
	if err := newIntent(charge("P1"), "", start).fits(captured("P1")); market.KindOf(err) != market.KindUnavailable {
		t.Errorf("before it has begun: %v", err)
	}
}

func TestSecondPaymentIsSurplus(t *testing.T) {
	in := paidIntent()
	twice := captured("P1")
	twice.Transaction = "T2"
	if !in.capture(twice, start) || in.surplus() != 330_000 || in.Refundable() != 330_000 || in.Due == nil {
		t.Errorf("surplus %d, refundable %d, due %v", in.surplus(), in.Refundable(), in.Due)
	}
	back := Refund{Key: "S", Amount: 330_000, Surplus: true}
	if err := in.reserve(back, start); err != nil || in.surplus() != 0 || in.Refundable() != 330_000 {
		t.Errorf("%v; surplus %d, refundable %d", err, in.surplus(), in.Refundable())
	}
	back.Key = "S2"
	if err := in.reserve(back, start); market.KindOf(err) != market.KindConflict {
		t.Errorf("the surplus went back twice: %v", err)
	}
}

func TestReserveIsIdempotentByKey(t *testing.T) {
	in := paidIntent()
	r := Refund{Key: "K", Amount: 30_000}
	for range 2 {
		if err := in.reserve(r, start); err != nil || in.Refundable() != 300_000 {
			t.Fatalf("%v; refundable %d", err, in.Refundable())
		}
	}
	r.Amount++
	if err := in.reserve(r, start); market.KindOf(err) != market.KindConflict {
		t.Errorf("same key, other amount: %v", err)
	}
}

func TestNothingGoesBackThatHasNotCome(t *testing.T) {
	in := pending()
	if err := in.reserve(Refund{Key: "K", Amount: 1}, start); market.KindOf(err) != market.KindConflict {
		t.Errorf("reserve on a pending payment: %v", err)
	}
}

func TestRefusedRefundIsFreeAgain(t *testing.T) {
	in := paidIntent()
	if err := in.reserve(Refund{Key: "K", Amount: 330_000}, start); err != nil || in.Refundable() != 0 {
		t.Fatalf("%v; refundable %d", err, in.Refundable())
	}
	if !in.refuse("K", start) || in.refuse("K", start) || in.Refundable() != 330_000 {
		t.Errorf("refundable %d after the refusal", in.Refundable())
	}
	late := captured("P1")
	late.Type, late.Transaction, late.Refund = NoticeRefund, "R", "K"
	if news, err := in.settle(late, start); !news || err != nil || in.State != StateRefunded || in.Refundable() != 0 {
		t.Errorf("done after all: %v, %v: %+v", news, err, in)
	}
}

func TestRefundOfOneSellerTouchesNoOther(t *testing.T) {
	in := paidIntent()
	if err := in.reserve(Refund{Key: "K", Amount: 110_001, Seller: "B"}, start); market.KindOf(err) != market.KindConflict {
		t.Errorf("more than the share: %v", err)
	}
	if err := in.reserve(Refund{Key: "K", Amount: 110_000, Seller: "B"}, start); err != nil {
		t.Fatal(err)
	}
	if parts := in.Refunds[0].Parts; len(parts) != 1 || parts[0] != (Part{"B", 110_000, 3000, 0}) {
		t.Errorf("parts %+v", parts)
	}
	if left := in.left(); left[0] != (Part{"A", 220_000, 6000, 0}) || left[1] != (Part{"B", 0, 0, 0}) {
		t.Errorf("left %+v", left)
	}
}

// Refunds of any sizes, some of which fail, never take more than there is from
// anybody, and when all is back no đồng of price or fee is lost.
func TestRefundsLoseNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		in := randomPaid(random)
		for i := 0; in.Refundable() > 0; i++ {
			r := Refund{Key: market.ID("K" + strconv.Itoa(i)), Amount: 1 + market.VND(random.Int64N(int64(in.Refundable())))}
			if err := in.reserve(r, start); err != nil {
				t.Fatalf("reserve %d of %d: %v", r.Amount, in.Refundable(), err)
			}
			checkParts(t, in)
			if random.IntN(4) == 0 {
				in.refuse(r.Key, start)
				continue
			}
			n := Notice{Provider: "bank", Type: NoticeRefund, Transaction: string(r.Key), Refund: r.Key, Amount: r.Amount, At: start}
			if news, err := in.settle(n, start); !news || err != nil {
				t.Fatalf("settle: %v, %v", news, err)
			}
		}
		if in.State != StateRefunded || in.Refunded != in.Amount {
			t.Fatalf("in the end %s, %d of %d", in.State, in.Refunded, in.Amount)
		}
		for _, l := range in.left() {
			if l.Gross != 0 || l.Fee != 0 || l.Subsidy != 0 {
				t.Fatalf("left behind: %+v", l)
			}
		}
	}
}

func randomPaid(random *rand.Rand) *Intent {
	in := pending()
	in.Shares, in.Amount = nil, 0
	for i := range 1 + random.IntN(4) {
		goods := market.VND(random.Int64N(100_000))
		s := Share{Seller: market.ID(strconv.Itoa(i)), Goods: goods, Shipping: market.VND(1 + random.Int64N(100)), Subsidy: market.VND(random.Int64N(3)) * market.VND(random.Int64N(50_000)), Fee: market.Rate(300).Of(goods)}
		in.Shares = append(in.Shares, s)
		in.Amount += s.Gross()
	}
	n := captured("P1")
	n.Amount = in.Amount
	in.capture(n, start)
	return in
}

func checkParts(t *testing.T, in *Intent) {
	t.Helper()
	r := in.Refunds[len(in.Refunds)-1]
	var sum market.VND
	for _, p := range r.Parts {
		if p.Gross <= 0 || p.Fee < 0 {
			t.Fatalf("part %+v", p)
		}
		sum += p.Gross
	}
	if sum != r.Amount {
		t.Fatalf("parts of %d sum to %d", r.Amount, sum)
	}
	for _, l := range in.left() {
		if l.Gross < 0 || l.Fee < 0 || l.Subsidy < 0 {
			t.Fatalf("taken too much: %+v", l)
		}
	}
}

func TestNextLook(t *testing.T) {
	in := pending()
	if want := start.Add(2 * time.Minute); in.Due == nil || !in.Due.Equal(want) {
		t.Fatalf("first look %v, want %v", in.Due, want)
	}
	now := start
	for in.State == StatePending {
		now = *in.Due
		in.looked(now)
		in.expire(now)
	}
	if !now.Equal(in.ExpiresAt) {
		t.Errorf("looked last at %v, want the deadline %v", now, in.ExpiresAt)
	}
	for in.Due != nil {
		if now = *in.Due; now.Sub(in.ExpiresAt) > 2*lateness {
			t.Fatal("looked for ever")
		}
		in.AskedLast = now.Sub(in.ExpiresAt) > lateness // the provider answers after the last moment for money
		in.looked(now)
	}
	if now.Sub(in.ExpiresAt) < lateness/2 {
		t.Errorf("stopped looking %v after the end", now.Sub(in.ExpiresAt))
	}
}

func TestChargeCheck(t *testing.T) {
	if err := charge("P1").check(start); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Charge){
		"no id":          func(c *Charge) { c.ID = "" },
		"colon in id":    func(c *Charge) { c.ID = "a:b" },
		"no order":       func(c *Charge) { c.Order = "" },
		"no amount":      func(c *Charge) { c.Amount = 0 },
		"wrong sum":      func(c *Charge) { c.Amount++ },
		"no shares":      func(c *Charge) { c.Shares = nil },
		"over":           func(c *Charge) { c.ExpiresAt = start },
		"seller twice":   func(c *Charge) { c.Shares[1].Seller = "A" },
		"negative goods": func(c *Charge) { c.Shares[0].Goods, c.Shares[0].Shipping = -1, 220_001 },
		"fee too high":   func(c *Charge) { c.Shares[0].Fee = 200_001 },
		"negative fee":   func(c *Charge) { c.Shares[0].Fee = -1 },
		"negative help":  func(c *Charge) { c.Shares[0].Subsidy = -1 },
		"huge help":      func(c *Charge) { c.Shares[0].Subsidy = market.MaxAmount + 1 },
		"payee of two":   func(c *Charge) { c.Payee = &Bank{} },
		"overflow":       func(c *Charge) { c.Shares[0].Goods, c.Shares[1].Goods = 1<<62, -(1<<62)+300_000 },
	} {
		c := charge("P1")
		change(&c)
		if err := c.check(start); market.KindOf(err) != market.KindInvalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}
