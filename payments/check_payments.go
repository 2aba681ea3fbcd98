package payments

import (
	"context"
	"slices"
	"strings"

	"chohue/market"
	"chohue/store"
)

// readClaims gathers what providers told: evidence that does not come from the
// payments themselves.
func (a *audit) readClaims(ctx context.Context, s *Service) error {
	return s.claims.Each(ctx, store.Query{}, func(c *claim) error {
		a.told[string(c.ID)] = *c
		provider, rest, _ := strings.Cut(string(c.ID), ":")
		kind, _, _ := strings.Cut(rest, ":")
		in, err := s.intents.Get(ctx, c.Payment)
		if store.Missing(err) {
			return nil
		}
		if err == nil && in.booked(kind, string(c.ID)) {
			a.clear(in, provider, kind, c.Amount)
		} else if _, byHand := s.witness(in); byHand {
			return err // a person's word that was cut off; whoever gave it gives it again
		} else if err == nil && a.now.Sub(c.At) > settling && (kind == NoticeCapture || kind == NoticeRefund) {
			a.breach(ClearingSum, string(c.ID), "%d đồng told %s ago are not in payment %s", c.Amount, a.now.Sub(c.At), c.Payment)
		}
		return err
	})
}

// booked reports whether the payment holds the movement that was told.
func (in *Intent) booked(kind, id string) bool {
	for what, movements := range in.movements() {
		if what == kind && slices.ContainsFunc(movements, func(m movement) bool { return in.told(kind, m.transaction) == id }) {
			return true
		}
	}
	return false
}

// movement is money that moved, as the payment has it.
type movement struct {
	transaction string
	document    string
	amount      market.VND
}

func (in *Intent) movements() map[string][]movement {
	all := map[string][]movement{}
	for _, c := range in.Captures {
		all[NoticeCapture] = append(all[NoticeCapture], movement{c.Transaction, in.captureDocument(c), c.Amount})
	}
	for _, r := range in.Refunds {
		if r.State == RefundDone {
			all[NoticeRefund] = append(all[NoticeRefund], movement{r.Transaction, in.refundDocument(r), r.Amount})
		}
	}
	return all
}

// told is the name under which a movement was claimed.
func (in *Intent) told(kind, transaction string) string {
	return in.Method + ":" + kind + ":" + transaction
}

// witness is the way of paying whose money people see arrive.
func (s *Service) witness(in *Intent) (Witness, bool) {
	if in == nil {
		return nil, false
	}
	w, ok := s.providers[in.Method].(Witness)
	return w, ok
}

// clear adds what a provider told to what it owes.
func (a *audit) clear(in *Intent, provider, kind string, amount market.VND) {
	if in.Step.Kind == StepNone || in.paidToSeller() {
		return // cash is with a carrier, or the money with the seller
	}
	if kind == NoticeCapture {
		amount = -amount
	}
	a.expected[Clearing(provider)] += amount
}

func (a *audit) readPayments(ctx context.Context, s *Service) error {
	return s.intents.Each(ctx, store.Query{}, func(in *Intent) error {
		a.within(in)
		a.once(in)
		for document, t := range in.transactions() {
			if !a.posted[market.ID(document)] && a.now.Sub(t.At) > settling {
				a.breach(Once, document, "of payment %s is not in the ledger", in.ID)
			}
		}
		a.owed(in)
		return nil
	})
}

// within holds a payment against what it took.
func (a *audit) within(in *Intent) {
	var pending, done, fees, taxes, subsidies market.VND
	for _, r := range in.Refunds {
		switch r.State {
		case RefundPending:
			pending += r.Amount
		case RefundDone:
			done += r.Amount
		}
	}
	for _, p := range in.left() {
		fees, subsidies = fees+p.Fee, subsidies+p.Subsidy
	}
	for _, w := range in.Withheld {
		taxes += w.Tax()
	}
	if in.Refunded+pending > in.Captured {
		a.breach(Reserved, string(in.ID), "%d refunded and %d pending of %d captured", in.Refunded, pending, in.Captured)
	}
	if done != in.Refunded || in.Captured+subsidies < in.Refunded+fees+taxes {
		a.breach(Within, string(in.ID), "%d captured, %d refunded, %d fees and %d tax", in.Captured, in.Refunded, fees, taxes)
	}
}

// once sees that no movement outside is in two payments, and that each was told.
func (a *audit) once(in *Intent) {
	for kind, movements := range in.movements() {
		for _, m := range movements {
			name := in.told(kind, m.transaction)
			if other, ok := a.moved[name]; ok {
				a.breach(Once, name, "is in payment %s and in %s", other, in.ID)
			}
			a.moved[name] = in.ID
			if c, ok := a.told[name]; !ok || c.Amount != m.amount || c.Payment != in.ID {
				a.breach(ClearingSum, name, "%d đồng in payment %s were not told", m.amount, in.ID)
			}
		}
	}
}

// owed adds up what the sellers are owed by the payment's own figures, not by
// its postings.
func (a *audit) owed(in *Intent) {
	received := market.VND(1)
	if in.paidToSeller() {
		received = 0 // the seller has the money already
	}
	if a.posted[market.ID(KindCapture+":"+string(in.ID))] {
		for _, s := range in.Shares {
			a.expected[Payable(s.Seller)] += received*s.Gross() + s.Subsidy - s.Fee
			a.expected[PlatformVouchers] -= s.Subsidy
		}
	}
	if in.backByHand() {
		received = 0
	}
	for _, r := range in.Refunds {
		if a.posted[market.ID(in.refundDocument(r))] {
			for _, p := range r.Parts {
				a.expected[Payable(p.Seller)] += p.Fee - received*p.Gross - p.Subsidy
				a.expected[PlatformVouchers] += p.Subsidy
			}
		}
	}
	a.surplus(in)
	a.taxed(in)
	a.carried(in)
}

// surplus is what a seller owes of money that came to their own account beyond
// the amount.
func (a *audit) surplus(in *Intent) {
	if !in.paidToSeller() {
		return
	}
	payable := Payable(in.Shares[0].Seller)
	for _, c := range in.Captures {
		if c.Surplus && a.posted[market.ID(in.captureDocument(c))] {
			a.expected[payable] -= c.Amount
		}
	}
	for _, r := range in.Refunds {
		if a.posted[market.ID(in.refundDocument(r))] {
			a.expected[payable] += r.over()
		}
	}
}

func (a *audit) taxed(in *Intent) {
	for _, w := range in.Withheld {
		if a.posted[market.ID(w.Document)] {
			a.expected[Payable(w.Seller)] -= w.Tax()
		}
	}
}

func (a *audit) carried(in *Intent) {
	for _, c := range in.Carriages {
		if !a.posted[market.ID(c.document())] {
			continue
		}
		a.expected[Payable(c.Seller)] -= c.Fee
		if c.Late && c.Own && in.Step.Kind == StepNone {
			a.expected[Payable(c.Seller)] -= in.Amount
		}
	}
}

// foot compares the balances with the snapshots and with what the documents say.
func (a *audit) foot(context.Context, *Service) error {
	var over, debts, pending market.VND
	for account, balance := range a.balances {
		invariant := ""
		switch {
		case account.atBank():
			pending += balance
		case account == PlatformVouchers:
			invariant = PayableSum
		case account.seller():
			invariant = PayableSum
			debts += max(0, -balance)
		case account.clearing():
			invariant = ClearingSum
			over += max(0, balance)
		}
		if invariant != "" && a.expected[account] != balance {
			a.breach(invariant, string(account), "%d posted, %d by the documents", balance, a.expected[account])
		}
	}
	if over > debts {
		a.breach(Within, "ledger", "providers gave out %d more than they took, and sellers owe back only %d", over, debts)
	}
	if pending != a.atBank {
		a.breach(Reserved, "payouts", "%d posted, %d in payouts that the bank has not answered for", pending, a.atBank)
	}
	a.snapshots()
	return nil
}

// snapshots are held against the entries that they count. As they are read, with
// what came since, they sum to zero.
func (a *audit) snapshots() {
	sum := a.since
	for account, st := range a.standings {
		sum += st.Balance
		folded := a.folded[account]
		if folded.Balance != st.Balance || !slices.Equal(folded.By, st.By) || !slices.Equal(folded.With, st.With) {
			a.breach(Fold, string(account), "%d in the snapshot, %d by its entries up to block %d", st.Balance, folded.Balance, st.Through)
		}
	}
	if sum != 0 {
		a.breach(ZeroSum, "ledger", "accounts sum to %d", sum)
	}
}
