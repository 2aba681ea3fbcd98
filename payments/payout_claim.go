package payments

import (
	"context"
	"errors"

	"chohue/market"
	"chohue/store"
)

// Drop gives a prepared payout up. Allowed to operators.
func (p *Payouts) Drop(ctx context.Context, by market.Actor, id market.ID) (*Payout, error) {
	return p.change(ctx, by, id, func(b *Payout) ([]market.Event, error) { return nil, b.to(PayoutDropped) })
}

// Approve lets a prepared payout go: what it pays is set aside in the ledger.
// Allowed to an operator who has not prepared it. A line for which less is left
// than was planned becomes stale and is not paid.
func (p *Payouts) Approve(ctx context.Context, by market.Actor, id market.ID) (*Payout, error) {
	now := p.ledger.env.Now()
	b, err := p.change(ctx, by, id, func(b *Payout) ([]market.Event, error) {
		if by.Person == "" || by.Person == b.PreparedBy {
			return nil, market.Forbidden("payouts.same_person")
		}
		if b.State != PayoutPrepared && b.ApprovedBy == by.Person {
			return nil, nil
		}
		if b.State != PayoutPrepared {
			return nil, market.Conflict("payouts.move").With("state", string(b.State))
		}
		b.ApprovedBy, b.ApprovedName, b.ApprovedAt = by.Person, by.Name, &now
		return nil, b.to(PayoutApproved)
	})
	if err != nil {
		return nil, err
	}
	return p.finish(ctx, b)
}

func (p *Payouts) change(ctx context.Context, by market.Actor, id market.ID, change func(*Payout) ([]market.Event, error)) (*Payout, error) {
	if !by.Is(market.RoleOperator) {
		return nil, errMissing
	}
	b, err := p.payouts.Update(ctx, id, change)
	if store.Missing(err) {
		return nil, market.NotFound("payouts.missing")
	}
	return b, err
}

// finish does whatever a payout's state still asks for. All of it can be done
// again without effect.
func (p *Payouts) finish(ctx context.Context, b *Payout) (*Payout, error) {
	if b.State == PayoutApproved {
		for _, l := range b.Lines {
			if err := p.claim(ctx, b, l); err != nil {
				return b, err
			}
		}
		sent, err := p.payouts.Update(ctx, b.ID, func(b *Payout) ([]market.Event, error) { return nil, b.to(PayoutSent) })
		if err != nil {
			return b, err
		}
		b = sent
	}
	if b.State != PayoutSent {
		return b, nil
	}
	return p.post(ctx, b)
}

// post writes the entries of what the bank has answered, and ends the payout
// when it has answered for all.
func (p *Payouts) post(ctx context.Context, b *Payout) (*Payout, error) {
	for _, l := range b.Lines {
		for _, t := range b.entries(l) {
			if err := p.ledger.Post(ctx, t); err != nil {
				return b, err
			}
		}
	}
	return p.payouts.Update(ctx, b.ID, func(now *Payout) ([]market.Event, error) {
		for i, l := range now.Lines {
			if l.State == LineClaimed || l.State != b.Lines[i].State {
				return nil, nil
			}
		}
		return nil, now.to(PayoutDone)
	})
}

// claim sets a line's amount aside: under the seller's claim, so that no other
// payout looks at the same balance, and only while as much is left.
func (p *Payouts) claim(ctx context.Context, b *Payout, l PayoutLine) error {
	if l.State != LinePlanned { // marked, and perhaps cut off before it let go
		return p.let(ctx, b.ID, l.Seller)
	}
	if err := p.hold(ctx, b.ID, l.Seller); err != nil {
		return err
	}
	state, err := p.setAside(ctx, b, l)
	if err != nil {
		return err
	}
	if _, err := p.payouts.Update(ctx, b.ID, func(b *Payout) ([]market.Event, error) {
		if l := b.line(l.Seller); l.State == LinePlanned {
			if l.State = state; state == LineStale {
				b.Total -= l.Amount
			}
		}
		return nil, nil
	}); err != nil {
		return err
	}
	return p.let(ctx, b.ID, l.Seller)
}

// setAside posts the claim unless less is left than was planned. A claim that is
// in the ledger already was cut off before its line was marked.
func (p *Payouts) setAside(ctx context.Context, b *Payout, l PayoutLine) (string, error) {
	_, err := p.ledger.ledger.Get(ctx, b.document(KindPayout, l.Seller))
	if err == nil {
		return LineClaimed, nil
	}
	if !store.Missing(err) {
		return "", err
	}
	d, err := p.dues(ctx, l.Seller, b.Source, b.Cutoff)
	if err != nil {
		return "", err
	}
	if d.amount < l.Amount {
		return LineStale, nil
	}
	l.State = LineClaimed
	return LineClaimed, p.ledger.Post(ctx, b.entries(l)[0])
}

// hold keeps other payouts from the seller's balance.
func (p *Payouts) hold(ctx context.Context, payout, seller market.ID) error {
	_, err := p.sellers.Upsert(ctx, seller, func(s *payoutSeller) ([]market.Event, error) {
		if s.Claiming != "" && s.Claiming != payout {
			return nil, market.Unavailable("payouts.busy")
		}
		s.Claiming = payout
		return nil, nil
	})
	return err
}

// let lets others look again and remembers how the seller stood.
func (p *Payouts) let(ctx context.Context, payout, seller market.ID) error {
	if last, err := p.last(ctx, seller); err != nil || last.Claiming != payout {
		return err
	}
	st, err := p.ledger.Standing(ctx, Payable(seller))
	if err != nil {
		return err
	}
	_, err = p.sellers.Update(ctx, seller, func(s *payoutSeller) ([]market.Event, error) {
		if s.Claiming == payout {
			s.Claiming, s.Last, s.Balance, s.By = "", payout, st.Balance, st.By
		}
		return nil, nil
	})
	return err
}

// Resume finishes what a crash left between two steps and returns how many
// payouts it looked at; a worker's chore.
func (p *Payouts) Resume(ctx context.Context) (int, error) {
	n, failed := 0, error(nil)
	for _, state := range []PayoutState{PayoutApproved, PayoutSent} {
		var open []*Payout
		err := p.payouts.Each(ctx, store.Query{Index: "state", Eq: []any{string(state)}}, func(b *Payout) error {
			open = append(open, b)
			return nil
		})
		failed = errors.Join(failed, err)
		for _, b := range open {
			n++
			_, err := p.finish(ctx, b)
			failed = errors.Join(failed, err)
		}
	}
	return n, failed
}
