package orders

import (
	"context"
	"strings"
	"time"

	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// Ended is the payload of the events with which a parcel ends without its
// buyer: cancelled, back at the seller, lost.
type Ended struct {
	Order  market.ID `json:"order"`
	Parcel market.ID `json:"parcel"`
	Reason string    `json:"reason,omitempty"`
	Goods  []Fate    `json:"goods"`
}

// Fate is what became of sold units of a variant, in all.
type Fate struct {
	Variant  market.ID `json:"variant"`
	Returned int64     `json:"returned,omitempty"` // back on the shelf
	Lost     int64     `json:"lost,omitempty"`     // unfit to sell, or gone
}

// Unfit is how many units of a variant came back unfit to sell.
type Unfit map[market.ID]int64

// MissDelivery says that an attempt to deliver the parcel failed, and why.
// Shipping it again begins another attempt.
func (s *Service) MissDelivery(ctx context.Context, by market.Actor, order, parcel market.ID, why string) (*Order, error) {
	return s.stray(ctx, by, order, parcel, ParcelUndelivered, EventUndelivered, why, nil)
}

// TurnAround says that the parcel goes back to the seller without having
// reached the buyer.
func (s *Service) TurnAround(ctx context.Context, by market.Actor, order, parcel market.ID, why string) (*Order, error) {
	return s.stray(ctx, by, order, parcel, ParcelReturning, EventReturning, why, nil)
}

// ComeBack says that a parcel that went back is with its seller again. What is
// not named unfit goes back on the shelf; nothing is owed for it any more, and
// what was paid for it goes back.
func (s *Service) ComeBack(ctx context.Context, by market.Actor, order, parcel market.ID, unfit Unfit) (*Order, error) {
	return s.stray(ctx, by, order, parcel, ParcelReturned, EventBack, "", unfit)
}

// LoseParcel says that the parcel will never arrive anywhere. What was paid
// for it goes back.
func (s *Service) LoseParcel(ctx context.Context, by market.Actor, order, parcel market.ID, why string) (*Order, error) {
	return s.stray(ctx, by, order, parcel, ParcelLost, EventLost, why, nil)
}

func (s *Service) stray(ctx context.Context, by market.Actor, order, parcel market.ID, next ParcelState, event, why string, unfit Unfit) (*Order, error) {
	why = strings.TrimSpace(why)
	if len(why) > maxNote {
		return nil, market.Invalid("order.reason", "reason")
	}
	return s.advance(ctx, by, order, parcel, next, event, func(_ *Order, p *Parcel) ([]market.Event, error) {
		p.Why = why
		if next == ParcelUndelivered {
			now := s.env.Now()
			p.MissedAt = &now
		}
		return nil, p.settleFate(unfit)
	})
}

// settleFate writes into the lines what became of a parcel's goods at its end.
func (p *Parcel) settleFate(unfit Unfit) error {
	if p.State == ParcelDelivered || !p.State.Ended() {
		return nil
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		lost := unfit[l.Variant]
		if p.State == ParcelLost {
			lost = l.Quantity
		}
		if lost < 0 || lost > l.Quantity {
			return market.Invalid("return.unfit", "unfit/"+string(l.Variant)).With("name", l.Name).With("n", l.Quantity)
		}
		l.Returned, l.Lost = l.Quantity-lost, lost
	}
	return nil
}

func (o *Order) endedNews(p Parcel) Ended {
	e := Ended{Order: o.ID, Parcel: p.ID, Reason: p.Why}
	for _, l := range p.Lines {
		e.Goods = append(e.Goods, Fate{l.Variant, l.Returned + l.GivenUp, l.Lost})
	}
	return e
}

// CancelParcel ends one seller's part of an order. Its seller may as long as it
// has not been sent; its buyer as long as nobody has begun to pack it, or when it
// was not sent on the promised day. What was paid for it goes back.
func (s *Service) CancelParcel(ctx context.Context, by market.Actor, order, parcel market.ID, key, why string) (*Order, error) {
	why = strings.TrimSpace(why)
	if len(why) > maxNote {
		return nil, market.Invalid("order.reason", "reason")
	}
	o, err := s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) {
		p := o.parcel(parcel)
		if p == nil {
			return nil, errOrder
		}
		if err := o.mayCancel(by, key, *p, s.env.Now()); err != nil || p.State == ParcelCancelled {
			return nil, err
		}
		return o.cancelParcel(s.env, p, why)
	})
	if store.Missing(err) {
		return nil, errOrder
	}
	if err != nil {
		return nil, err
	}
	return o.forKey(by, key), nil
}

func (o *Order) mayCancel(by market.Actor, key string, p Parcel, now time.Time) error {
	switch {
	case by.For(p.Seller) || by.Is(market.RoleOperator):
		return nil
	case !o.owned(by, key):
		return errOrder
	case p.State == ParcelPacked && !o.Late(p, now):
		return market.Conflict("order.packed")
	}
	return nil
}

func (o *Order) cancelParcel(env market.Env, p *Parcel, why string) ([]market.Event, error) {
	if o.State != StateConfirmed {
		return nil, errMove.With("from", string(o.State)).With("to", string(ParcelCancelled))
	}
	if err := p.to(ParcelCancelled); err != nil {
		return nil, err
	}
	p.Why = why
	p.Carriage.letGo(env)
	o.unedit()
	if err := p.settleFate(nil); err != nil {
		return nil, err
	}
	return o.advanced(env, *p, EventParcelCancelled)
}

// forKey is the order as its reader may see it: whoever holds the key sees all.
func (o *Order) forKey(by market.Actor, key string) *Order {
	if o.owned(by, key) {
		return o
	}
	return o.forActor(by)
}

// parcelEnded returns the goods of a parcel that its buyer never got, and what
// was paid for it.
func (s *Service) parcelEnded(ctx context.Context, e market.Event) error {
	var ended Ended
	if err := e.Decode(&ended); err != nil {
		return err
	}
	for _, g := range ended.Goods {
		if err := s.shelf.TakeBack(ctx, ended.Order, g.Variant, g.Returned, g.Lost); err != nil {
			return err
		}
	}
	o, err := s.orders.Get(ctx, ended.Order)
	if err != nil {
		return err
	}
	p := o.parcel(ended.Parcel)
	if o.Method == MethodCOD {
		_, err := s.till.Cancel(ctx, market.System, p.Payment)
		return err
	}
	wish := refundWish{Payment: p.Payment, Seller: p.Seller, Most: market.MaxAmount, Reason: string(p.State), Key: "parcel:" + p.ID}
	if err := s.giveBackShare(ctx, wish); err != nil || p.Extra == nil {
		return err
	}
	wish.Payment = p.Extra.Payment
	return s.giveBackShare(ctx, wish)
}

// refundWish is money that should go back, as far as the payment has it.
type refundWish struct {
	Payment market.ID
	Extra   market.ID // another payment of the same parcel, made later; empty for none
	Seller  market.ID // whose share it comes from; empty for all
	Most    market.VND
	Reason  string
	Key     market.ID
}

// giveBackShare asks for a refund of what is wanted, or of what the payments
// have left when that is less: what may go back is theirs to say, not the
// order's. Asking again under the same key is the same refund.
func (s *Service) giveBackShare(ctx context.Context, w refundWish) error {
	parts, err := s.parts(ctx, w)
	if err != nil {
		return err
	}
	return s.giveParts(ctx, parts)
}

func (s *Service) giveParts(ctx context.Context, parts []refundPart) (err error) {
	for _, w := range parts {
		if w.Seller == "" {
			_, err = s.till.Refund(ctx, market.System, w.Payment, w.Most, w.Reason, w.Key)
		} else {
			_, err = s.till.RefundSeller(ctx, market.System, w.Payment, w.Seller, w.Most, w.Reason, w.Key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// retryParts asks again for the parts that were refused.
func (s *Service) retryParts(ctx context.Context, parts []refundPart) error {
	for _, w := range parts {
		if _, err := s.till.RetryRefund(ctx, market.System, w.Payment, w.Key); err != nil {
			if market.KindOf(err) != market.KindNotFound {
				return err
			}
			if err := s.giveParts(ctx, []refundPart{w}); err != nil { // never asked for before
				return err
			}
		}
	}
	return nil
}

func (w refundWish) amount(in *payments.Intent) market.VND {
	if r, ok := in.RefundOf(w.Key); ok {
		return r.Amount
	}
	return min(w.Most, in.RefundableOf(w.Seller))
}
