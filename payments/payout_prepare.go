package payments

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// Sources are what payouts can be drawn from: providers that owe sellers, and
// the platform's vouchers. What carriers have collected they pay out themselves,
// by their own statements.
func (p *Payouts) Sources(ctx context.Context, by market.Actor) ([]Account, error) {
	if !by.Is(market.RoleOperator) {
		return nil, errMissing
	}
	if _, err := p.ledger.Seal(ctx); err != nil { // so that every provider has a standing
		return nil, err
	}
	var all []Account
	err := p.ledger.standings.Each(ctx, store.Query{}, func(st *Standing) error {
		if a := Account(st.ID); a.pays() && st.Balance < 0 {
			all = append(all, a)
		}
		return nil
	})
	return all, err
}

// pays reports whether a payout can be drawn from the account.
func (a Account) pays() bool { return a.clearing() || a == PlatformVouchers }

// Preview works out what would be paid now from the source, and who is not paid
// and why. Nothing is kept. Allowed to operators.
func (p *Payouts) Preview(ctx context.Context, by market.Actor, source Account) (*Payout, error) {
	if !by.Is(market.RoleOperator) {
		return nil, errMissing
	}
	if !source.pays() || !source.valid() {
		return nil, market.Invalid("payouts.source", "source")
	}
	term, err := p.term()
	if err != nil {
		return nil, err
	}
	if _, err := p.ledger.Seal(ctx); err != nil { // so that every seller has a standing
		return nil, err
	}
	now := p.ledger.env.Now()
	b := &Payout{
		Doc: store.Doc{ID: p.ledger.env.NewID()}, Source: source, State: PayoutPrepared, Cutoff: now.Add(-term.hold),
		PreparedBy: by.Person, PreparedName: by.Name, PreparedAt: now,
	}
	err = p.ledger.standings.Each(ctx, store.Query{}, func(st *Standing) error {
		if seller, ok := Account(st.ID).sellerID(); ok && concerns(st, source) {
			return p.plan(ctx, b, seller, term)
		}
		return nil
	})
	return b, err
}

// Prepare keeps a preview for a second person to approve, under the id when one
// is given: the same id again is the same payout.
func (p *Payouts) Prepare(ctx context.Context, by market.Actor, source Account, id market.ID) (*Payout, error) {
	if old, err := p.payouts.Get(ctx, id); err == nil && old.PreparedBy == by.Person && old.Source == source {
		return old, nil
	}
	b, err := p.Preview(ctx, by, source)
	if err != nil {
		return nil, err
	}
	if len(b.Lines) == 0 {
		return nil, market.Conflict("payouts.nobody")
	}
	if id != "" {
		b.rename(id)
	}
	return b, p.payouts.Insert(ctx, b)
}

// rename gives the payout, and with it its transfers, another id.
func (b *Payout) rename(id market.ID) {
	b.ID = id
	for i, l := range b.Lines {
		b.Lines[i].Reference = reference(id, l.Seller)
	}
}

// plan adds the seller's line, or why there is none.
func (p *Payouts) plan(ctx context.Context, b *Payout, seller market.ID, term payoutTerm) error {
	payee, err := p.payees.Payee(ctx, seller)
	if err != nil {
		return err
	}
	d, err := p.dues(ctx, seller, b.Source, b.Cutoff)
	if err != nil {
		return err
	}
	if why := p.refuses(payee, d, term); why != "" {
		if d.standing.Balance != 0 {
			b.Skipped = append(b.Skipped, PayoutSkip{seller, payee.Name, d.standing.Balance, why})
		}
		return nil
	}
	last, err := p.last(ctx, seller)
	if err != nil {
		return err
	}
	b.Lines = append(b.Lines, PayoutLine{
		Seller: seller, Name: payee.Name, Bank: payee.Bank, Amount: d.amount, Reference: reference(b.ID, seller), State: LinePlanned,
		Opening: last.Balance, By: minus(d.standing.By, last.By), Held: d.held, Left: d.standing.Balance - d.held - d.amount,
	})
	b.Total += d.amount
	return nil
}

// refuses is why a seller cannot be paid, "" when nothing is in the way.
func (p *Payouts) refuses(payee Payee, d dues, term payoutTerm) string {
	lacking, _ := p.ledger.taxes.lacks(p.ledger.env.Now(), Share{SellerKind: payee.Kind, TaxCode: payee.TaxCode})
	switch {
	case d.standing.Balance < 0:
		return SkipOwes
	case lacking == NoKind:
		return SkipNoKind
	case payee.TaxCode == "":
		return SkipNoTaxCode
	case payee.Bank.Account == "" || payee.Bank.BIN == "":
		return SkipNoBank
	case d.amount < term.least:
		return SkipLittle
	}
	return ""
}

// dues is what a seller can be paid from a source.
type dues struct {
	standing *Standing
	held     market.VND // of sales that are too young
	amount   market.VND
}

// owedBy is what the source still owes the seller: what buyers paid there less
// what went back and what was paid out from it.
func (s *Standing) owedBy(source Account) market.VND {
	return s.Against(source) + s.Against(AtBank(source))
}

func concerns(st *Standing, source Account) bool {
	return slices.ContainsFunc(st.With, func(s Sum) bool { return s.Name == string(source) })
}

// dues nets everything that the seller owes at once, and counts sales only when
// they are old enough; more than the source owes this seller is never drawn.
func (p *Payouts) dues(ctx context.Context, seller market.ID, source Account, cutoff time.Time) (dues, error) {
	account := Payable(seller)
	st, err := p.ledger.Standing(ctx, account)
	if err != nil {
		return dues{}, err
	}
	d := dues{standing: st}
	err = p.ledger.ledger.Each(ctx, store.Query{Index: "account", Eq: []any{string(account)}, From: cutoff}, func(t *Transaction) error {
		if t.Kind == KindCapture {
			d.held += max(0, t.effect(account))
		}
		return nil
	})
	d.held = min(d.held, max(0, st.Balance))
	d.amount = max(0, min(st.Balance-d.held, st.owedBy(source)))
	return d, err
}

func (p *Payouts) last(ctx context.Context, seller market.ID) (*payoutSeller, error) {
	last, err := p.sellers.Get(ctx, seller)
	if store.Missing(err) {
		return &payoutSeller{}, nil
	}
	return last, err
}

// minus is what has come to the sums since.
func minus(now, then []Sum) []Sum {
	out := slices.Clone(now)
	for _, s := range then {
		out = plus(out, s.Name, -s.Amount)
	}
	return slices.DeleteFunc(out, func(s Sum) bool { return s.Amount == 0 })
}

// reference is what a transfer bears, so that the bank's answer finds its line:
// short enough for every bank, and the same whenever it is asked for.
func reference(payout, seller market.ID) string {
	sum := sha256.Sum256([]byte(payout + ":" + seller))
	return "CHP" + base32.StdEncoding.EncodeToString(sum[:8])[:12]
}
