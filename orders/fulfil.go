package orders

import (
	"context"
	"slices"
	"strings"

	"chohue/market"
	"chohue/store"
)

var errOrder = market.NotFound("order.missing")

// Shipment names who carries a parcel and under which number.
type Shipment struct {
	Carrier  string
	Tracking string
}

// Pack says that the seller has packed a parcel without weighed goods. See
// PackWeighed.
func (s *Service) Pack(ctx context.Context, by market.Actor, order, parcel market.ID) (*Order, error) {
	return s.PackWeighed(ctx, by, order, parcel, nil)
}

// Ship says that the parcel is with a carrier that we do not speak with. One that
// waits for a carrier is called off first, or handed over (see HandOver).
func (s *Service) Ship(ctx context.Context, by market.Actor, order, parcel market.ID, with Shipment) (*Order, error) {
	var checks market.Checks
	with.Carrier, with.Tracking = strings.TrimSpace(with.Carrier), strings.TrimSpace(with.Tracking)
	checks.That(with.Carrier != "" && len(with.Carrier) <= 80, "carrier", "ship.carrier")
	checks.That(len(with.Tracking) <= 80, "tracking", "ship.tracking")
	if err := checks.Err(); err != nil {
		return nil, err
	}
	return s.advance(ctx, by, order, parcel, ParcelShipped, EventShipped, func(_ *Order, p *Parcel) ([]market.Event, error) {
		if p.ShippedAt == nil && p.Carriage.Live() {
			return nil, market.Conflict("carrier.other").With("carrier", p.Carriage.Carrier)
		}
		now := s.env.Now()
		p.ShippedAt, p.Carrier, p.Tracking = &now, with.Carrier, with.Tracking
		return nil, nil
	})
}

// Deliver says that the buyer has the parcel. The seller may say so, and the
// signed-in buyer.
func (s *Service) Deliver(ctx context.Context, by market.Actor, order, parcel market.ID) (*Order, error) {
	return s.advance(ctx, by, order, parcel, ParcelDelivered, EventDelivered, func(_ *Order, p *Parcel) ([]market.Event, error) {
		now := s.env.Now()
		p.DeliveredAt = &now
		return nil, nil
	})
}

func (s *Service) advance(ctx context.Context, by market.Actor, order, parcel market.ID, next ParcelState, event string, mark func(*Order, *Parcel) ([]market.Event, error)) (*Order, error) {
	o, err := s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) {
		p := o.parcel(parcel)
		if p == nil || !o.mayAdvance(by, *p, next) {
			return nil, errOrder
		}
		if p.State == next {
			return nil, nil
		}
		if err := p.to(next); err != nil {
			return nil, err
		}
		p.Why = ""
		also, err := mark(o, p)
		if err != nil {
			return nil, err
		}
		news, err := o.advanced(s.env, *p, event)
		return append(news, also...), err
	})
	if store.Missing(err) {
		return nil, errOrder
	}
	if err != nil {
		return nil, err
	}
	return o.forActor(by), nil
}

func (o *Order) mayAdvance(by market.Actor, p Parcel, next ParcelState) bool {
	buyer := o.Buyer != "" && o.Buyer == by.Person && next == ParcelDelivered
	return buyer || by.For(p.Seller) || by.Is(market.RoleOperator)
}

func (o *Order) advanced(env market.Env, p Parcel, event string) ([]market.Event, error) {
	o.noteWhy(env.Now(), string(p.State), p.ID, p.Why)
	var news any = o.moved(p.ID)
	switch {
	case event == EventDelivered:
		news = o.delivered(p)
	case event == EventShipped:
		news = o.shipped(p)
	case p.State.Ended():
		news = o.endedNews(p)
	}
	also, err := o.wind(env)
	o.arrange()
	return append([]market.Event{market.NewEvent(env, event, o.ID, news)}, also...), err
}

// wind ends an order whose every parcel has ended. When none has reached the
// buyer, what is left of the money goes back.
func (o *Order) wind(env market.Env) ([]market.Event, error) {
	if o.State != StateConfirmed || slices.ContainsFunc(o.Parcels, func(p Parcel) bool { return !p.State.Ended() }) {
		return nil, nil
	}
	next, event := StateRefunding, EventRefunding
	switch {
	case slices.ContainsFunc(o.Parcels, func(p Parcel) bool { return p.State == ParcelDelivered }):
		next, event = StateCompleted, EventCompleted
	case o.Method == MethodCOD:
		next, event = StateCancelled, EventCancelled
	}
	if err := o.to(next); err != nil {
		return nil, err
	}
	if o.Reason == "" && next != StateCompleted {
		o.Reason = "nothing_arrived"
	}
	o.note(env.Now(), string(next), "")
	return []market.Event{market.NewEvent(env, event, o.ID, o.moved(""))}, nil
}

// Cancel ends an order that nobody has begun to pack. Its buyer may, and the
// operator; what was paid goes back.
func (s *Service) Cancel(ctx context.Context, by market.Actor, order market.ID, key, reason string) (*Order, error) {
	if len(reason) > maxNote {
		return nil, market.Invalid("order.reason", "reason")
	}
	o, err := s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) {
		if !o.owned(by, key) && !by.Is(market.RoleOperator) {
			return nil, errOrder
		}
		if o.Prepaid > 0 && !by.Is(market.RoleOperator) {
			return nil, market.Conflict("preorder.too_late") // else paying the balance would free the deposit
		}
		return o.cancel(s.env, reason)
	})
	if store.Missing(err) {
		return nil, errOrder
	}
	return o, err
}

func (o *Order) cancel(env market.Env, reason string) ([]market.Event, error) {
	for _, p := range o.Parcels {
		if p.State != ParcelWaiting && p.State != ParcelNew && p.State != ParcelCancelled {
			return nil, market.Conflict("order.packed")
		}
	}
	if o.State == StateConfirmed && o.Method != MethodCOD {
		return o.turnBack(env, reason)
	}
	if o.State == StateCancelled {
		return nil, nil
	}
	if err := o.to(StateCancelled); err != nil {
		return nil, err
	}
	return o.end(env, EventCancelled, reason)
}
