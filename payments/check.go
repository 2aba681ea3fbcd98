package payments

import (
	"context"
	"fmt"
	"time"

	"chohue/market"
	"chohue/store"
)

// settling is how long a movement may be missing from the ledger while its
// event is on the way.
const settling = time.Hour

// Check proves the books against the payments: every posting is above zero
// between two real accounts; all accounts sum to zero; every entry of a payment
// says exactly what the payment says, and every movement older than an hour
// has its entry; no payment has given back more than it took; every seller's
// payable is sales less fees less refunds plus fees given back; the platform
// has subsidised what the shares say, less what refunds took back. It returns the
// first breach as an internal error that names it.
func (s *Service) Check(ctx context.Context) error {
	a := audit{now: s.env.Now(), expected: map[Account]market.VND{}, found: map[Account]market.VND{}, posted: map[market.ID]bool{}}
	err := s.ledger.Each(ctx, store.Query{}, func(t *Transaction) error { return a.entry(ctx, s, t) })
	if err != nil {
		return err
	}
	if err := s.intents.Each(ctx, store.Query{}, a.payment); err != nil {
		return err
	}
	return a.balances()
}

// audit gathers what one walk over the books finds.
type audit struct {
	now      time.Time
	expected map[Account]market.VND // sellers' payables and the platform's vouchers by the payments
	found    map[Account]market.VND // all accounts by the ledger
	posted   map[market.ID]bool
}

func (a *audit) entry(ctx context.Context, s *Service, t *Transaction) error {
	if err := t.check(); err != nil {
		return fmt.Errorf("ledger %s: %w", t.ID, err)
	}
	a.posted[t.ID] = true
	for _, p := range t.Postings {
		a.found[p.From] -= p.Amount
		a.found[p.To] += p.Amount
	}
	switch t.Kind {
	case KindCapture, KindSurplus, KindRefund:
		return s.documented(ctx, t)
	}
	for _, account := range t.accounts() {
		a.expected[account] += t.effect(account)
	}
	return nil
}

// documented compares an entry with the payment that it comes from.
func (s *Service) documented(ctx context.Context, t *Transaction) error {
	in, err := s.Intent(ctx, market.ID(t.Ref))
	if err != nil {
		return fmt.Errorf("ledger %s: %w", t.ID, err)
	}
	want, ok := in.transactions()[string(t.ID)]
	if !ok || !want.equal(t) {
		return fmt.Errorf("ledger %s is not what payment %s says", t.ID, in.ID)
	}
	return nil
}

func (a *audit) payment(in *Intent) error {
	var pending market.VND
	for _, r := range in.Refunds {
		if r.State == RefundPending {
			pending += r.Amount
		}
	}
	if in.Refunded+pending > in.Captured {
		return fmt.Errorf("payment %s: %d refunded and %d pending of %d captured", in.ID, in.Refunded, pending, in.Captured)
	}
	for document, t := range in.transactions() {
		if !a.posted[market.ID(document)] && a.now.Sub(t.At) > settling {
			return fmt.Errorf("payment %s: %s is not in the ledger", in.ID, document)
		}
	}
	a.owed(in)
	return nil
}

// owed adds up what the sellers are owed by the payment's own figures, not by
// its postings.
func (a *audit) owed(in *Intent) {
	if in.Captured == 0 || !a.posted[market.ID(KindCapture+":"+string(in.ID))] {
		return
	}
	received := market.VND(1)
	if in.Payee != nil {
		received = 0 // the seller has the money already
	}
	for _, s := range in.Shares {
		a.expected[Payable(s.Seller)] += received*s.Gross() + s.Subsidy - s.Fee
		a.expected[PlatformVouchers] -= s.Subsidy
	}
	for _, r := range in.Refunds {
		if !a.posted[market.ID(in.refundDocument(r))] {
			continue
		}
		for _, p := range r.Parts {
			a.expected[Payable(p.Seller)] += p.Fee - received*p.Gross - p.Subsidy
			a.expected[PlatformVouchers] += p.Subsidy
		}
	}
}

func (a *audit) balances() error {
	var sum market.VND
	for account, balance := range a.found {
		sum += balance
		if (account.seller() || account == PlatformVouchers) && a.expected[account] != balance {
			return fmt.Errorf("ledger %s: %d posted, %d by the payments", account, balance, a.expected[account])
		}
	}
	if sum != 0 {
		return fmt.Errorf("ledger: accounts sum to %d", sum)
	}
	return nil
}
