package payments

import (
	"context"

	"chohue/market"
	"chohue/store"
)

// Payout returns one batch. Allowed to operators.
func (p *Payouts) Payout(ctx context.Context, by market.Actor, id market.ID) (*Payout, error) {
	if !by.Is(market.RoleOperator) {
		return nil, errMissing
	}
	b, err := p.payouts.Get(ctx, id)
	if store.Missing(err) {
		return nil, market.NotFound("payouts.missing")
	}
	return b, err
}

// Payouts lists the batches, newest first. Allowed to operators.
func (p *Payouts) Payouts(ctx context.Context, by market.Actor, after store.Cursor, limit int) (store.Page[Payout], error) {
	if !by.Is(market.RoleOperator) {
		return store.Page[Payout]{}, errMissing
	}
	return p.payouts.Find(ctx, store.Query{Index: "prepared", Desc: true, After: after, Limit: limit})
}

// SellerPayout is a batch as one seller may see it.
type SellerPayout struct {
	ID     market.ID
	Source Account
	Line   PayoutLine
}

// OfSeller lists a seller's payouts that were approved, newest first, to those
// who act for the seller and to operators.
func (p *Payouts) OfSeller(ctx context.Context, by market.Actor, seller market.ID, after store.Cursor, limit int) ([]SellerPayout, store.Cursor, error) {
	if !by.For(seller) && !by.Is(market.RoleOperator) {
		return nil, "", errMissing
	}
	page, err := p.payouts.Find(ctx, store.Query{Index: "seller", Eq: []any{string(seller)}, Desc: true, After: after, Limit: limit})
	var out []SellerPayout
	for _, b := range page.Items {
		if b.ApprovedAt != nil {
			out = append(out, SellerPayout{b.ID, b.Source, *b.line(seller)})
		}
	}
	return out, page.Next, err
}

// Next is what a seller can expect of the next payouts.
type Next struct {
	Balance market.VND // all that is owed
	Ready   market.VND // of that, what the next payouts would pay
	Held    market.VND // of sales that are too young
	HoldFor int        // days
	Why     string     // why nothing is paid; "" when nothing is in the way
	By      []Sum      // since the last payout, by what it is for
	Opening market.VND // what was left then
}

// Upcoming works out a seller's next payouts from all sources. Allowed to those
// who act for the seller, and to operators.
func (p *Payouts) Upcoming(ctx context.Context, by market.Actor, seller market.ID) (Next, error) {
	var n Next
	if !by.For(seller) && !by.Is(market.RoleOperator) {
		return n, errMissing
	}
	term, err := p.term()
	if err != nil {
		return n, err
	}
	payee, err := p.payees.Payee(ctx, seller)
	if err != nil {
		return n, err
	}
	last, err := p.last(ctx, seller)
	if err != nil {
		return n, err
	}
	d, err := p.dues(ctx, seller, "", p.ledger.env.Now().Add(-term.hold))
	if err != nil {
		return n, err
	}
	n = Next{Balance: d.standing.Balance, Held: d.held, HoldFor: int(term.hold.Hours() / 24), By: minus(d.standing.By, last.By), Opening: last.Balance}
	for _, s := range d.standing.With {
		if Account(s.Name).pays() {
			d.amount += max(0, d.standing.owedBy(Account(s.Name)))
		}
	}
	d.amount = max(0, min(d.amount, n.Balance-n.Held))
	if n.Why = p.refuses(payee, d, term); n.Why == "" {
		n.Ready = d.amount
	}
	return n, nil
}

// readPayouts adds what payouts have moved to what is expected, line by line as
// far as the ledger has it.
func (a *audit) readPayouts(ctx context.Context, s *Service) error {
	answered := map[string]market.ID{}
	return s.payouts.payouts.Each(ctx, store.Query{}, func(b *Payout) error {
		for _, l := range b.Lines {
			if other, ok := answered[l.Transaction]; ok && l.Transaction != "" {
				a.breach(Once, l.Transaction, "pays a line of payout %s and one of %s", other, b.ID)
			}
			answered[l.Transaction] = b.ID
			for _, t := range b.entries(l) {
				a.paidOut(b, t)
			}
		}
		return nil
	})
}

func (a *audit) paidOut(b *Payout, t Transaction) {
	if !a.posted[t.ID] {
		if a.now.Sub(t.At) > settling {
			a.breach(Once, string(t.ID), "of payout %s is not in the ledger", b.ID)
		}
		return
	}
	for _, p := range t.Postings {
		a.expect(p.From, -p.Amount)
		a.expect(p.To, p.Amount)
	}
}

func (a *audit) expect(account Account, amount market.VND) {
	if account.atBank() {
		a.atBank += amount
		return
	}
	a.expected[account] += amount
}
