package orders

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// preorderTurn is one move of a pre-order; nil when there is none to make.
type preorderTurn func(*Preorder) ([]market.Event, error)

// mostTurns is far more than a pre-order's life has.
const mostTurns = 40

// follow takes a pre-order as far as the harvest and the payments allow. It is
// the only way in which one moves: events, buyers and the worker all end here,
// and it looks at what is, not at what was said. So it does not matter what a
// crash cut off, how often something is heard, or in which order.
func (s *Service) follow(ctx context.Context, id market.ID) (*Preorder, error) {
	for range mostTurns {
		p, err := s.preorders.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		h, err := s.shelf.HarvestSeen(ctx, market.System, p.Harvest)
		if err != nil {
			return nil, err
		}
		do, err := s.turn(ctx, p, h)
		if err != nil {
			return nil, err
		}
		if do == nil {
			return s.clear(ctx, p)
		}
		if err := s.take(ctx, p, do); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("pre-order %s does not come to rest", id)
}

// take makes a move if the pre-order is still as it was looked at; otherwise it
// is looked at again.
func (s *Service) take(ctx context.Context, seen *Preorder, do preorderTurn) error {
	_, err := s.preorders.Update(ctx, seen.ID, func(p *Preorder) ([]market.Event, error) {
		if p.Rev != seen.Rev {
			return nil, nil
		}
		events, err := do(p)
		p.plan(s.env.Now())
		return events, err
	})
	return err
}

// move is the turn to another state.
func (s *Service) move(next PreorderState, reason string, vnd market.VND) preorderTurn {
	return func(p *Preorder) ([]market.Event, error) { return p.to(s.env, next, reason, vnd) }
}

func (s *Service) turn(ctx context.Context, p *Preorder, h *catalog.Harvest) (preorderTurn, error) {
	if p.live() && p.Told < len(h.Notices) {
		return func(p *Preorder) ([]market.Event, error) { return p.tell(s.env, h), nil }, nil
	}
	switch p.State {
	case PreorderReserved, PreorderLapsed:
		return s.awaitDeposit(ctx, p)
	case PreorderDeposited:
		return s.awaitHarvest(ctx, p, h)
	case PreorderDue:
		return s.awaitBalance(ctx, p)
	case PreorderPaid:
		return s.becomeOrder(ctx, p)
	case PreorderRefunding:
		return s.awaitRefunds(ctx, p)
	}
	return nil, nil
}

// awaitDeposit makes the reservation firm once its deposit has come, however
// late, as long as nobody else has the place.
func (s *Service) awaitDeposit(ctx context.Context, p *Preorder) (preorderTurn, error) {
	state, err := s.paymentState(ctx, p.DepositID(), p.Until)
	if err != nil {
		return nil, err
	}
	switch {
	case state.Paid():
		return s.firm(ctx, p)
	case p.State == PreorderLapsed || state.Open():
		return nil, nil
	}
	if _, err := s.shelf.ReleaseReservation(ctx, market.System, p.Harvest, p.ID); err != nil {
		return nil, err
	}
	return s.move(PreorderLapsed, EndUnpaid, 0), nil
}

func (s *Service) firm(ctx context.Context, p *Preorder) (preorderTurn, error) {
	_, err := s.shelf.ConfirmReservation(ctx, market.System, p.Harvest, p.ID)
	switch market.KindOf(err) {
	case market.KindConflict:
		return s.move(PreorderRefunding, EndLate, p.Credit), nil
	default:
		if err != nil {
			return nil, err
		}
		return s.move(PreorderDeposited, "", p.Deposit), nil
	}
}

// paymentState is where a payment stands. One that is still open at its end is
// asked about and then ended; while the provider does not answer, nothing is
// guessed and it stays open. One that was never begun counts as open until its
// end, then as failed.
func (s *Service) paymentState(ctx context.Context, id market.ID, until time.Time) (payments.State, error) {
	over := !s.env.Now().Before(until)
	in, err := s.till.Intent(ctx, id)
	if market.KindOf(err) == market.KindNotFound {
		if over {
			return payments.StateFailed, nil
		}
		return payments.StatePending, nil
	}
	if err != nil {
		return "", err
	}
	if !in.State.Open() || !over {
		return in.State, nil
	}
	in, err = s.till.Sync(ctx, id)
	if err != nil {
		return payments.StatePending, nil
	}
	if in.State.Open() {
		in, err = s.till.Cancel(ctx, market.System, id)
	}
	if err != nil {
		return "", err
	}
	return in.State, nil
}

// awaitHarvest follows what became of the reservation in the harvest.
func (s *Service) awaitHarvest(ctx context.Context, p *Preorder, h *catalog.Harvest) (preorderTurn, error) {
	r, _ := h.Reservation(p.ID)
	switch r.State {
	case catalog.ReservationHeld:
		return nil, nil
	case catalog.ReservationWithdrawn:
		return s.move(PreorderRefunding, EndWithdrawn, p.Credit), nil
	case catalog.ReservationRefunded:
		return s.move(PreorderRefunding, EndStorm, p.Credit), nil
	case catalog.ReservationAllocated:
		return s.fallDue(ctx, p, h, r)
	default:
		return s.firm(ctx, p)
	}
}

// fallDue asks for the balance of the share. The deposit on units that the
// harvest did not give goes back at once; delivery never costs more than was
// said for the whole.
func (s *Service) fallDue(ctx context.Context, p *Preorder, h *catalog.Harvest, r catalog.Reservation) (preorderTurn, error) {
	if r.Allocated == 0 {
		return s.move(PreorderRefunding, EndShort, p.Credit), nil
	}
	if err := s.shelf.ShelveHarvest(ctx, h.ID); err != nil {
		return nil, err
	}
	rate, err := s.rates.At(p.ReservedAt, s.zone(p.Parcel.SellerWard, p.Address.Province))
	if err != nil {
		return nil, err
	}
	return func(p *Preorder) ([]market.Event, error) {
		due := h.BalanceDue()
		p.Share, p.DueAt, p.Credit = r.Allocated, &due, p.Deposit-r.Refund()
		s.resize(p, r.Allocated)
		p.Parcel.Shipping = min(p.Parcel.Shipping, rate.Price(p.Parcel.Lines))
		return p.to(s.env, PreorderDue, "", p.Rest())
	}, nil
}

// awaitBalance looks for the balance; when its time is over and no attempt is
// under way, the share goes on sale. A share that was spoiled or recalled
// meanwhile is not the buyer's fault.
func (s *Service) awaitBalance(ctx context.Context, p *Preorder) (preorderTurn, error) {
	open := false
	for _, a := range p.Attempts {
		state, err := s.paymentState(ctx, a.Payment, a.Until)
		if err != nil {
			return nil, err
		}
		if state.Paid() {
			return func(p *Preorder) ([]market.Event, error) {
				p.Balance = a.Payment
				return p.to(s.env, PreorderPaid, "", p.Rest())
			}, nil
		}
		open = open || state.Open()
	}
	if open || s.env.Now().Before(*p.DueAt) {
		return nil, nil
	}
	stocks, err := s.shelf.Stocks(ctx, p.Line().Variant)
	if err != nil {
		return nil, err
	}
	if k := stocks[p.Line().Variant]; k == nil || !k.HeldBy(p.ID) {
		return s.move(PreorderRefunding, EndGone, p.Credit), nil
	}
	return s.move(PreorderForfeited, EndBalance, p.kept()), nil
}

// kept is what the seller keeps of the deposit when the balance is not paid.
func (p *Preorder) kept() market.VND {
	return p.Credit.Split([]int64{p.Kept, 1000 - p.Kept})[0]
}

// awaitRefunds is over when all money is back.
func (s *Service) awaitRefunds(ctx context.Context, p *Preorder) (preorderTurn, error) {
	done, err := s.giveMoneyBack(ctx, p)
	if err != nil || !done {
		return nil, err
	}
	return s.move(PreorderRefunded, p.Reason, 0), nil
}

// clear does what a pre-order at rest owes to others, and notes that it is
// done: money back, the share back on the shelf, attempts that nobody waits for
// ended.
func (s *Service) clear(ctx context.Context, p *Preorder) (*Preorder, error) {
	if _, err := s.giveMoneyBack(ctx, p); err != nil {
		return nil, err
	}
	if p.State == PreorderForfeited || p.State == PreorderRefunding || p.State == PreorderRefunded {
		if err := s.shelf.Release(ctx, p.ID, p.Line().Variant); err != nil {
			return nil, err
		}
	}
	if !p.live() {
		if err := s.endAttempts(ctx, p); err != nil {
			return nil, err
		}
	}
	now := s.env.Now()
	if p.Cleared && (p.Next == nil || p.Next.After(now)) {
		return p, nil
	}
	return s.preorders.Update(ctx, p.ID, func(fresh *Preorder) ([]market.Event, error) {
		if fresh.Rev == p.Rev {
			fresh.Cleared = true
			fresh.plan(now)
		}
		return nil, nil
	})
}

func (s *Service) endAttempts(ctx context.Context, p *Preorder) error {
	for _, a := range p.Attempts {
		if a.Payment == p.Balance {
			continue
		}
		if err := s.endPayment(ctx, a.Payment); err != nil {
			return err
		}
	}
	return nil
}

// endPayment ends a payment that nobody waits for any more, unless the provider
// has the money already. While it does not answer, the payment stays open: it
// ends by itself, and what comes until then is heard of.
func (s *Service) endPayment(ctx context.Context, id market.ID) error {
	in, err := s.till.Sync(ctx, id)
	switch market.KindOf(err) {
	case market.KindNotFound, market.KindUnavailable:
		return nil
	}
	if err == nil && in.State.Open() {
		_, err = s.till.Cancel(ctx, market.System, id)
	}
	return err
}

// back is money that has to go back to the buyer.
type back struct {
	payment market.ID
	amount  market.VND
	key     market.ID
	reason  string
}

// depositBack is what goes back of the deposit as the pre-order stands: of the
// units that the harvest did not give, and the rest when it ended.
func (p *Preorder) depositBack() []back {
	var all []back
	add := func(amount market.VND, key market.ID, reason string) {
		if amount > 0 {
			all = append(all, back{p.DepositID(), amount, key, reason})
		}
	}
	add(p.Deposit-p.Credit, p.ID+"S", "harvest_short")
	switch p.State {
	case PreorderRefunding, PreorderRefunded:
		add(p.Credit, p.ID+"R", p.Reason)
	case PreorderForfeited:
		add(p.Credit-p.kept(), p.ID+"R", p.Reason)
	}
	return all
}

// giveMoneyBack sends back what is owed and reports whether all of it has
// arrived. Of the balance, what counts is the one attempt that paid for an
// order; everything else that came goes back whole.
func (s *Service) giveMoneyBack(ctx context.Context, p *Preorder) (bool, error) {
	owed := p.depositBack()
	for _, a := range p.Attempts {
		if p.State == PreorderDue || a.Payment == p.Balance && p.State != PreorderRefunding && p.State != PreorderRefunded {
			continue
		}
		in, err := s.till.Intent(ctx, a.Payment)
		if err == nil && in.State.Paid() {
			owed = append(owed, back{in.ID, in.Amount, in.ID + "R", p.Reason})
		} else if err != nil && market.KindOf(err) != market.KindNotFound {
			return false, err
		}
	}
	all := true
	for _, b := range owed {
		in, err := s.till.Refund(ctx, market.System, b.payment, b.amount, b.reason, b.key)
		if err != nil {
			return false, err
		}
		all = all && refundDone(in, b.key)
	}
	return all, nil
}

func refundDone(in *payments.Intent, key market.ID) bool {
	r, _ := in.RefundOf(key)
	return r.State == payments.RefundDone
}

// preorderNews hears of harvests and of the payments of pre-orders. It reports
// whether the news is about nothing else.
func (s *Service) preorderNews(ctx context.Context, e market.Event) (bool, error) {
	switch e.Type {
	case catalog.EventHarvestReserved:
		var c catalog.HarvestChanged
		if err := e.Decode(&c); err != nil {
			return true, err
		}
		return true, s.wake(ctx, c.Order)
	case catalog.EventHarvestChanged, catalog.EventHarvestMoved, catalog.EventHarvestClosed, catalog.EventHarvestAllocated, catalog.EventHarvestCancelled:
		return true, s.wakeAll(ctx, e.Subject)
	case payments.EventCaptured, payments.EventFailed, payments.EventRefunded, payments.EventRefundFailed:
		return s.preorderMoney(ctx, e)
	}
	return false, nil
}

// preorderMoney hears of a pre-order's payments. What goes back once the order
// is there is the order's news too.
func (s *Service) preorderMoney(ctx context.Context, e market.Event) (bool, error) {
	var h payments.Happened
	if err := e.Decode(&h); err != nil {
		return true, err
	}
	id, ours := preorderOf(h.Payment)
	if !ours {
		return false, nil
	}
	p, err := s.follow(ctx, id)
	if err != nil {
		return true, err
	}
	back := e.Type == payments.EventRefunded || e.Type == payments.EventRefundFailed
	return !back || p.State != PreorderOrdered, nil
}

// wake moves a pre-order if there is one. A reservation that was cut off
// before it was written down has none.
func (s *Service) wake(ctx context.Context, id market.ID) error {
	if _, err := s.follow(ctx, id); err != nil && !store.Missing(err) {
		return err
	}
	return nil
}

func (s *Service) wakeAll(ctx context.Context, harvest market.ID) error {
	var failed error
	err := s.preorders.Each(ctx, store.Query{Index: "harvest", Eq: []any{harvest}}, func(p *Preorder) error {
		if err := s.wake(ctx, p.ID); err != nil {
			failed = errors.Join(failed, fmt.Errorf("pre-order %s: %w", p.ID, err))
		}
		return nil
	})
	return errors.Join(failed, err)
}

// FinishPreorders does what is due or was cut off: deposits and balances that
// did not come, refunds, orders half written. It returns how many pre-orders it
// looked at; one that fails does not stop the others, and is looked at again.
func (s *Service) FinishPreorders(ctx context.Context) (int, error) {
	seen, failed := 0, error(nil)
	err := s.preorders.Each(ctx, store.Query{Index: "next", To: s.env.Now().Add(time.Millisecond)}, func(p *Preorder) error {
		seen++
		if err := s.wake(ctx, p.ID); err != nil {
			failed = errors.Join(failed, fmt.Errorf("pre-order %s: %w", p.ID, err))
		}
		return nil
	})
	return seen, errors.Join(failed, err)
}
