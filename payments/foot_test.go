package payments

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chohue/market"
)

// Figures agree: what orders say, what sellers are owed and what the ledger has
// sum to the same, after sales and returns of every kind.
func TestPain10OrdersSellersAndLedgerAgree(t *testing.T) {
	w := newWorld(t)
	charges := []Charge{charge("P1"), taxedCharge("P2"), subsidised("P3"), charge("P4")}
	for _, c := range charges {
		w.begunAs(c)
	}
	for i, back := range []market.VND{110_000, 77, 100_001} {
		id := charges[i].ID
		if _, err := w.Refund(t.Context(), market.System, id, back, "returned", "K"+id); err != nil {
			t.Fatal(err)
		}
	}
	w.audited()
	var orders, sellers, ledger market.VND
	for _, c := range charges {
		in := w.get(c.ID)
		for _, p := range in.left() {
			orders += p.Gross + p.Subsidy - p.Fee
		}
		for _, one := range in.Withheld {
			orders -= one.Tax()
		}
	}
	for _, id := range []market.ID{"A", "B", "H"} {
		owed, err := w.Balance(t.Context(), Payable(id))
		w.remove(err)
		sellers += owed
	}
	for a, balance := range w.balances() {
		if !a.seller() {
			ledger -= balance
		}
	}
	if orders != sellers || sellers != ledger || orders == 0 {
		t.Errorf("%d by the orders, %d by the sellers, %d by the ledger", orders, sellers, ledger)
	}
	var declared market.VND
	d, err := w.Declare(t.Context(), market.System, Period(start))
	w.remove(err)
	for a, balance := range w.balances() {
		if strings.HasPrefix(string(a), "tax:") {
			declared += balance
		}
	}
	if declared != d.Total.VAT+d.Total.PIT || declared == 0 {
		t.Errorf("%d in the tax accounts, %d declared", declared, d.Total.VAT+d.Total.PIT)
	}
}

// Whole đồng throughout: no amount is ever multiplied by 100, and a refund in
// any parts gives every seller, fee and subsidy back to the đồng.
func TestPain11PartsSumToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := &Intent{Method: "bank", State: StateCaptured}
		for i := range rapid.IntRange(1, 5).Draw(t, "sellers") {
			s := Share{
				Seller: market.ID(rune('A' + i)), Goods: market.VND(rapid.Int64Range(1, 1e9).Draw(t, "goods")),
				Shipping: market.VND(rapid.Int64Range(0, 1e6).Draw(t, "shipping")), Subsidy: market.VND(rapid.Int64Range(0, 1e6).Draw(t, "subsidy")),
			}
			s.Fee = market.Rate(rapid.Int64Range(0, 3000).Draw(t, "rate")).Of(s.Goods)
			in.Shares, in.Amount = append(in.Shares, s), in.Amount+s.Gross()
		}
		in.Captured = in.Amount
		for n := 0; in.Refundable() > 0; n++ {
			back := market.VND(rapid.Int64Range(1, int64(in.Refundable())).Draw(t, "back"))
			if n == 8 {
				back = in.Refundable()
			}
			before := in.Refundable()
			if err := in.reserve(Refund{Key: market.ID(rune('a' + n)), Amount: back}, start); err != nil {
				t.Fatal(err)
			}
			var parts market.VND
			for _, p := range in.Refunds[len(in.Refunds)-1].Parts {
				parts += p.Gross
			}
			if parts != back || in.Refundable() != before-back {
				t.Fatalf("%d back in parts of %d", back, parts)
			}
		}
		for _, p := range in.left() {
			if p.Gross != 0 || p.Fee != 0 || p.Subsidy != 0 {
				t.Fatalf("left over %+v", p)
			}
		}
	})
}

// The commission is what it was at the sale: rates that change later change
// neither the payment nor what a refund gives back.
func TestPain06CommissionIsFrozenAtTheSale(t *testing.T) {
	text := "valid_from,valid_to,seller_kind,rate_bp,basis\n2026-07-01,2026-11-30,*,300,now\n2026-12-01,,*,900,later\n"
	fees, err := ParseFees(text)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	c := charge("P1")
	for i := range c.Shares {
		c.Shares[i].Fee = fees.Rate(start, c.Shares[i].SellerKind).Of(c.Shares[i].Goods)
	}
	w.begunAs(c)
	w.heard()
	before := w.balances()
	w.pass(30 * week)
	if now := fees.Rate(w.env.Now(), "htx"); now != 900 {
		t.Fatalf("the rate is %d by now, want 900", now)
	}
	// The books are written again from the documents, under the new rates.
	w.restart()
	for document, entry := range w.get("P1").transactions() {
		if err := w.Post(t.Context(), entry); err != nil {
			t.Errorf("%s replayed: %v", document, err)
		}
	}
	if now := w.balances(); !sameBalances(now, before) {
		t.Errorf("replayed %v\nwere %v", now, before)
	}
	if _, err := w.RefundSeller(t.Context(), market.System, "P1", "A", 220_000, "returned", "K"); err != nil {
		t.Fatal(err)
	}
	got := w.balances()
	if got[PlatformFees] != 3000 || got[Payable("A")] != 0 || got[Payable("B")] != before[Payable("B")] {
		t.Errorf("after A's return %v", got)
	}
}
