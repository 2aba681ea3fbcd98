package orders

import (
	"context"
	"errors"
	"strconv"

	"chohue/catalog"
	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// Consume hears of money and of the room's own news. It is the one way in
// which a payment completes an order: notices, return pages and reconciliation
// all end in the same payments event.
func (s *Service) Consume(ctx context.Context, e market.Event) error {
	if only, err := s.preorderNews(ctx, e); only || err != nil {
		return err
	}
	switch e.Type {
	case payments.EventCaptured:
		return s.captured(ctx, e)
	case payments.EventFailed:
		return s.failed(ctx, e)
	case payments.EventRefunded, payments.EventRefundFailed:
		return s.moneyBack(ctx, e, e.Type == payments.EventRefundFailed)
	case EventReviewed:
		return s.rate(ctx, e)
	case EventComplaint(ComplaintOpen), EventComplaint(ComplaintAnswered), EventComplaint(ComplaintEscalated),
		EventComplaint(ComplaintResolved), EventComplaint(ComplaintWithdrawn):
		return s.complained(ctx, e)
	case EventReturn(ReturnReceived):
		return s.goodsBack(ctx, e)
	case EventReturn(ReturnRefunding):
		return s.payReturn(ctx, e)
	case EventConfirmed:
		return errors.Join(s.forgetHolds(ctx, e), s.recallConfirmed(ctx, e))
	case catalog.EventLotRecalled:
		return s.recalled(ctx, e)
	case EventDelivered:
		return s.collect(ctx, e)
	case EventBack, EventLost, EventParcelCancelled:
		return s.parcelEnded(ctx, e)
	case EventCorrected:
		return s.correct(ctx, e)
	case EventCancelled:
		return errors.Join(s.giveBack(ctx, e), s.returnVouchers(ctx, e), s.endPayments(ctx, e))
	case EventRefunding:
		return errors.Join(s.giveBack(ctx, e), s.returnVouchers(ctx, e), s.sendBack(ctx, e))
	}
	return nil
}

// Consumes lists the events that Consume wants.
func Consumes() []string {
	return []string{
		payments.EventCaptured, payments.EventFailed, payments.EventRefunded, payments.EventRefundFailed,
		EventReturn(ReturnReceived), EventReturn(ReturnRefunding), EventReviewed,
		EventComplaint(ComplaintOpen), EventComplaint(ComplaintAnswered), EventComplaint(ComplaintEscalated),
		EventComplaint(ComplaintResolved), EventComplaint(ComplaintWithdrawn),
		EventConfirmed, EventCorrected, EventDelivered, EventCancelled, EventRefunding, catalog.EventLotRecalled,
		EventBack, EventLost, EventParcelCancelled,
		catalog.EventHarvestReserved, catalog.EventHarvestChanged, catalog.EventHarvestMoved, catalog.EventHarvestClosed, catalog.EventHarvestAllocated, catalog.EventHarvestCancelled,
	}
}

func (s *Service) captured(ctx context.Context, e market.Event) error {
	var paid payments.Happened
	if err := e.Decode(&paid); err != nil {
		return err
	}
	o, err := s.orders.Get(ctx, paid.Order)
	if err != nil {
		return err
	}
	if o.question(paid.Payment) != nil {
		return s.askPaid(ctx, paid)
	}
	if o.Method == MethodCOD {
		return s.markPaid(ctx, paid)
	}
	switch o.State {
	case StatePlaced:
		_, err = s.confirm(ctx, o)
	case StateCancelled:
		_, err = s.turnBack(ctx, o.ID, "late_payment")
	}
	return err
}

// markPaid notes that the carrier has collected a parcel's money.
func (s *Service) markPaid(ctx context.Context, paid payments.Happened) error {
	_, err := s.orders.Update(ctx, paid.Order, func(o *Order) ([]market.Event, error) {
		for i := range o.Parcels {
			if o.Parcels[i].Payment == paid.Payment {
				o.Parcels[i].Paid = true
			}
		}
		return nil, nil
	})
	return err
}

// confirm settles the held goods and lets the sellers pack. When a hold is
// gone it tries the shelf once more; when the goods are gone too, the order
// turns back and the buyer's money with it: a named state, never a stuck cart.
func (s *Service) confirm(ctx context.Context, o *Order) (*Order, error) {
	took := map[market.ID][]catalog.Share{}
	for _, l := range o.taken() {
		lots, err := s.settleHeld(ctx, o, l)
		if err != nil {
			if market.KindOf(err) != market.KindConflict {
				return o, err
			}
			return s.goodsGone(ctx, o)
		}
		took[l.Variant] = lots
	}
	if err := s.settleVouchers(ctx, o); err != nil {
		if market.KindOf(err) != market.KindConflict {
			return o, err
		}
		return s.turnBack(ctx, o.ID, "voucher_gone")
	}
	return s.orders.Update(ctx, o.ID, func(o *Order) ([]market.Event, error) {
		return o.confirm(s.env, took)
	})
}

// goodsGone ends an order that cannot be served: nobody has paid yet for one
// that is paid on delivery.
func (s *Service) goodsGone(ctx context.Context, o *Order) (*Order, error) {
	if o.Method == MethodCOD {
		return s.cancelPlaced(ctx, o.ID, "stock_gone")
	}
	return s.turnBack(ctx, o.ID, "stock_gone")
}

// settleHeld sells what the order holds. When the hold is gone and money has
// come, it tries the shelf once more. On delivery none has: there a hold that is
// gone means that the order has ended meanwhile, and nothing may be taken for it.
func (s *Service) settleHeld(ctx context.Context, o *Order, l Taken) ([]catalog.Share, error) {
	if o.Method == MethodCOD {
		return s.shelf.Settle(ctx, o.ID, l.Variant)
	}
	return s.settle(ctx, o.ID, l)
}

func (s *Service) settle(ctx context.Context, order market.ID, l Taken) ([]catalog.Share, error) {
	lots, err := s.shelf.Settle(ctx, order, l.Variant)
	if market.KindOf(err) != market.KindConflict {
		return lots, err
	}
	if err := s.shelf.Hold(ctx, order, l.Variant, l.Quantity, s.env.Now().Add(holdBeyond)); err != nil {
		return nil, err
	}
	return s.shelf.Settle(ctx, order, l.Variant)
}

// confirm is a no-op on an order that is past it. An order cancelled between
// the settling and this moment turns back.
func (o *Order) confirm(env market.Env, took map[market.ID][]catalog.Share) ([]market.Event, error) {
	if o.State == StateCancelled && o.Method != MethodCOD {
		return o.turnBack(env, "late_payment")
	}
	if o.State != StatePlaced {
		return nil, nil
	}
	if err := o.to(StateConfirmed); err != nil {
		return nil, err
	}
	now := env.Now()
	if o.Method != MethodCOD {
		o.PaidAt = &now
	}
	for i := range o.Parcels {
		if err := o.Parcels[i].to(ParcelNew); err != nil {
			return nil, err
		}
		o.Parcels[i].Paid = o.Method != MethodCOD
	}
	o.cameFrom(took)
	o.note(now, "confirmed", "")
	o.arrange()
	return []market.Event{market.NewEvent(env, EventConfirmed, o.ID, o.confirmed())}, nil
}

func (s *Service) turnBack(ctx context.Context, id market.ID, reason string) (*Order, error) {
	return s.orders.Update(ctx, id, func(o *Order) ([]market.Event, error) { return o.turnBack(s.env, reason) })
}

// turnBack ends an order whose money is here but whose goods will not go out.
func (o *Order) turnBack(env market.Env, reason string) ([]market.Event, error) {
	if o.State == StateRefunding || o.State == StateRefunded {
		return nil, nil
	}
	if err := o.to(StateRefunding); err != nil {
		return nil, err
	}
	return o.end(env, EventRefunding, reason)
}

// end cancels every parcel and says what goes back to the shelf.
func (o *Order) end(env market.Env, event, reason string) ([]market.Event, error) {
	o.unedit()
	for i := range o.Parcels {
		if err := o.Parcels[i].to(ParcelCancelled); err != nil {
			return nil, err
		}
	}
	o.Reason = reason
	o.note(env.Now(), string(o.State), "")
	o.arrange()
	news := o.moved("")
	news.Reason, news.Lines = reason, o.taken()
	return []market.Event{market.NewEvent(env, event, o.ID, news)}, nil
}

func (s *Service) failed(ctx context.Context, e market.Event) error {
	var lost payments.Happened
	if err := e.Decode(&lost); err != nil {
		return err
	}
	o, err := s.orders.Get(ctx, lost.Order)
	if err != nil || o.question(lost.Payment) != nil {
		return err
	}
	_, err = s.cancelPlaced(ctx, lost.Order, "payment_failed")
	return err
}

// cancelPlaced cancels an order that still waits for its payment.
func (s *Service) cancelPlaced(ctx context.Context, id market.ID, reason string) (*Order, error) {
	return s.orders.Update(ctx, id, func(o *Order) ([]market.Event, error) {
		if o.State != StatePlaced {
			return nil, nil
		}
		if err := o.to(StateCancelled); err != nil {
			return nil, err
		}
		return o.end(s.env, EventCancelled, reason)
	})
}

// seeMoneyBack ends the turning back of an order whose money is all back.
func (s *Service) seeMoneyBack(ctx context.Context, order, payment market.ID) error {
	in, err := s.till.Intent(ctx, payment)
	if err != nil {
		return err
	}
	if back, err := s.depositBack(ctx, payment); err != nil || !back {
		return err
	}
	_, err = s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) { return o.allBack(s.env, in) })
	return err
}

// forgetHolds lets the shelf drop what it remembers of settled holds: from
// here on the order itself is the memory that the goods are sold.
func (s *Service) forgetHolds(ctx context.Context, e market.Event) error {
	var c Confirmed
	if err := e.Decode(&c); err != nil {
		return err
	}
	for _, p := range c.Parcels {
		for _, l := range p.Lines {
			if err := s.shelf.Forget(ctx, c.Order, l.Variant); err != nil {
				return err
			}
		}
	}
	return s.forgetVouchers(ctx, c.Vouchers, func(v *Voucher) { v.ForgetSettled(c.Order) })
}

// collect takes the money for a parcel paid on delivery.
func (s *Service) collect(ctx context.Context, e market.Event) error {
	var d Delivered
	if err := e.Decode(&d); err != nil || d.Method != MethodCOD {
		return err
	}
	_, err := s.till.Confirm(ctx, market.System, d.Parcel.Payment)
	return err
}

// giveBack returns the goods of an ended order to the shelf: what was only held
// is released, what was sold is restocked. The shelf remembers both, so hearing
// twice returns nothing twice.
func (s *Service) giveBack(ctx context.Context, e market.Event) error {
	var m Moved
	if err := e.Decode(&m); err != nil {
		return err
	}
	for _, l := range m.Lines {
		if err := s.shelf.Release(ctx, m.Order, l.Variant); err != nil {
			return err
		}
		if err := s.shelf.TakeBack(ctx, m.Order, l.Variant, l.Quantity, 0); err != nil {
			return err
		}
	}
	return nil
}

// endPayments tells the till that nobody waits for the order's money any more.
// Money that comes all the same is heard of and goes back.
func (s *Service) endPayments(ctx context.Context, e market.Event) error {
	o, err := s.orders.Get(ctx, e.Subject)
	if err != nil {
		return err
	}
	for _, p := range o.Parcels {
		_, err := s.till.Cancel(ctx, market.System, p.Payment)
		if market.KindOf(err) == market.KindNotFound {
			err = s.forestall(ctx, o, p.Payment)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// forestall begins and ends cash on delivery of an ended order that was not
// begun yet: the checkout may be slow, and nothing else would ever end it.
func (s *Service) forestall(ctx context.Context, o *Order, payment market.ID) error {
	if o.Method != MethodCOD {
		return nil
	}
	charges, err := s.charges(ctx, o, "")
	for _, c := range charges {
		if c.ID != payment {
			continue
		}
		if _, err := s.till.Begin(ctx, market.System, c); err != nil {
			return err
		}
		_, err = s.till.Cancel(ctx, market.System, payment)
		return err
	}
	return err
}

// sendBack returns what was captured of an ended order to the buyer.
func (s *Service) sendBack(ctx context.Context, e market.Event) error {
	var m Moved
	if err := e.Decode(&m); err != nil {
		return err
	}
	o, err := s.orders.Get(ctx, m.Order)
	if err != nil {
		return err
	}
	for _, p := range o.Parcels {
		if p.Extra == nil {
			continue
		}
		extra := refundWish{Payment: p.Extra.Payment, Most: market.MaxAmount, Reason: m.Reason, Key: p.Extra.Payment}
		if err := s.giveBackShare(ctx, extra); err != nil {
			return err
		}
	}
	return s.payBack(ctx, o)
}

// payBack asks for what has not gone back yet of an ended order's money. Part
// of it may have gone before, by goodwill or by the provider's own doing, and a
// provider refuses what it has given already: whoever hears of such a part asks
// for the rest. The key names how many refunds there were, so that two who ask
// at once ask for the same.
func (s *Service) payBack(ctx context.Context, o *Order) error {
	payment := o.Parcels[0].Payment
	in, err := s.till.Intent(ctx, payment)
	if err != nil {
		return err
	}
	rest := refundWish{
		Payment: payment, Most: market.MaxAmount, Reason: o.Reason, Key: o.ID + market.ID(":"+strconv.Itoa(len(in.Refunds))),
	}
	if err := s.giveBackShare(ctx, rest); err != nil {
		return err
	}
	return s.seeMoneyBack(ctx, o.ID, payment)
}

// ExpireUnpaid gives up orders whose payment session is over. The provider is
// asked first: a payment whose notice was lost still counts. It returns how
// many orders it looked at; a worker calls it every minute.
func (s *Service) ExpireUnpaid(ctx context.Context) (int, error) {
	seen := 0
	err := s.orders.Each(ctx, store.Query{Index: "unpaid", To: s.env.Now()}, func(o *Order) error {
		seen++
		intent, err := s.till.Sync(ctx, o.ID)
		if err != nil && market.KindOf(err) != market.KindNotFound {
			return nil // asked again in a minute; the outcome is never guessed
		}
		if err == nil && intent.State.Paid() {
			return nil
		}
		_, err = s.cancelPlaced(ctx, o.ID, "unpaid")
		return err
	})
	return seen, err
}
