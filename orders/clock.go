package orders

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// Closed is the payload of orders.closed: a delivered parcel whose time for
// returns is over and that nobody complains about. What its seller is owed for
// it may be paid out.
type Closed struct {
	Order    market.ID  `json:"order"`
	Code     string     `json:"code"`
	Parcel   market.ID  `json:"parcel"`
	Seller   market.ID  `json:"seller"`
	Payment  market.ID  `json:"payment"`
	Method   string     `json:"method"`
	Goods    market.VND `json:"goods"`
	Shipping market.VND `json:"shipping"`
	Fee      market.VND `json:"fee"`
	At       time.Time  `json:"at"`
}

// The reasons of what happens by itself, as Parcel.Why.
const (
	whySellerLate   = "seller_late"
	whyNotCollected = "not_collected"
)

// due is when something next happens to the order by itself; nil for never.
func (o *Order) due() *time.Time {
	var next *time.Time
	soonest := func(at *time.Time) {
		if at != nil && (next == nil || at.Before(*next)) {
			next = at
		}
	}
	if o.Waits.Version == "" {
		return nil
	}
	for i := range o.Parcels {
		soonest(o.parcelDue(&o.Parcels[i]))
	}
	for i := range o.Returns {
		soonest(o.Returns[i].Due)
	}
	return next
}

func (o *Order) parcelDue(p *Parcel) *time.Time {
	switch p.State {
	case ParcelNew:
		if p.RemindedAt == nil {
			return after(o.promised(*p), o.Waits.PackRemind)
		}
		return after(o.promised(*p), o.Waits.PackCancel)
	case ParcelPacked:
		return after(o.promised(*p), o.Waits.SendCancel)
	case ParcelUndelivered:
		return after(p.MissedAt, o.Waits.Collect)
	case ParcelDelivered:
		if p.ClosedAt == nil && !o.challenged(*p) {
			return after(p.DeliveredAt, o.Waits.Close)
		}
	}
	return nil
}

func after(at *time.Time, wait time.Duration) *time.Time {
	if at == nil {
		return nil
	}
	return new(at.Add(wait))
}

// promised is when the parcel was to be handed over: the day that was promised
// at the sale, else the moment the order was confirmed.
func (o *Order) promised(p Parcel) *time.Time {
	if p.ShipBy != nil {
		return p.ShipBy
	}
	i := slices.IndexFunc(o.History, func(e Entry) bool { return e.What == string(StateConfirmed) })
	if i < 0 {
		return nil
	}
	return &o.History[i].At
}

// Late reports whether the promised day is over and the parcel not sent.
func (o *Order) Late(p Parcel, now time.Time) bool {
	at := o.promised(p)
	return at != nil && now.After(*at) && (p.State == ParcelNew || p.State == ParcelPacked)
}

// challenged reports whether somebody asks for something about a parcel.
func (o *Order) challenged(p Parcel) bool {
	return len(p.Complaints) > 0 || slices.ContainsFunc(o.Returns, func(r Return) bool { return r.Parcel == p.ID && r.State.Open() })
}

// KeepTime does what is due by itself: it reminds sellers, cancels parcels that
// are not sent, turns around those that nobody collects, closes those that
// nobody returns, and moves returns whose deadline is over. It returns how many
// orders it changed; an order that cannot be moved does not hold up the others.
func (s *Service) KeepTime(ctx context.Context) (int, error) {
	moved, failed := 0, error(nil)
	due := store.Query{Index: "due", To: s.env.Now().Add(time.Millisecond)}
	err := s.orders.Each(ctx, due, func(o *Order) error {
		moved++
		err := s.callOffLate(ctx, o)
		if err == nil {
			_, err = s.orders.Update(ctx, o.ID, func(o *Order) ([]market.Event, error) { return o.keepTime(s.env, s.undecided) })
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("order %s: %w", o.ID, err))
		}
		return ctx.Err()
	})
	return moved, errors.Join(failed, err)
}

func (o *Order) keepTime(env market.Env, undecided func(*Parcel) bool) ([]market.Event, error) {
	now, news := env.Now(), []market.Event(nil)
	for i := range o.Parcels {
		p := &o.Parcels[i]
		for at := o.parcelDue(p); at != nil && !at.After(now) && !undecided(p); at = o.parcelDue(p) {
			also, err := o.parcelOver(env, p)
			if err != nil {
				return nil, err
			}
			news = append(news, also...)
		}
	}
	for i := range o.Returns {
		r := &o.Returns[i]
		if r.Due == nil || r.Due.After(now) {
			continue
		}
		if err := r.over(); err != nil {
			return nil, err
		}
		news = append(news, o.returnNews(env, r))
	}
	o.arrange()
	return news, nil
}

// parcelOver does the one thing that is due with a parcel.
func (o *Order) parcelOver(env market.Env, p *Parcel) ([]market.Event, error) {
	now := env.Now()
	switch {
	case p.State == ParcelNew && p.RemindedAt == nil:
		p.RemindedAt = &now
		return []market.Event{market.NewEvent(env, EventPackingLate, o.ID, o.moved(p.ID))}, nil
	case p.State == ParcelNew, p.State == ParcelPacked:
		return o.cancelParcel(env, p, whySellerLate)
	case p.State == ParcelUndelivered:
		p.Why = whyNotCollected
		if err := p.to(ParcelReturning); err != nil {
			return nil, err
		}
		return o.advanced(env, *p, EventReturning)
	}
	p.ClosedAt = &now
	o.note(now, "closed", p.ID)
	return []market.Event{market.NewEvent(env, EventClosed, o.ID, Closed{
		Order: o.ID, Code: o.Code, Parcel: p.ID, Seller: p.Seller, Payment: p.Payment, Method: o.Method,
		Goods: p.Goods, Shipping: p.Shipping, Fee: p.Fee, At: now,
	})}, nil
}
