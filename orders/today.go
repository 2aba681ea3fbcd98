package orders

import (
	"context"
	"sync"

	"chohue/market"
)

// MaxBulk is how many parcels may be done in one go.
const MaxBulk = 200

// bulkHands is how many parcels are worked on at once: carriers are waited for,
// not computed.
const bulkHands = 8

// ParcelRef names a parcel.
type ParcelRef struct{ Order, Parcel market.ID }

// Bulk is what came of doing the same with many parcels.
type Bulk struct {
	Done   int
	Failed []BulkFailure // in the order of the wish
}

// BulkFailure is a parcel that was not done, and why.
type BulkFailure struct {
	ParcelRef
	Code string // the order's; empty for a parcel that is not the actor's
	Err  error  // a *market.Error
}

// ConfirmAll packs the parcels and orders a carriage for each. Each stands for
// itself: what cannot be done is named, the rest is done. Pressed again it does
// what is left and repeats nothing. Goods that have to be weighed are named:
// nobody can weigh fifty parcels with one tap.
func (s *Service) ConfirmAll(ctx context.Context, by market.Actor, parcels []ParcelRef, with Booking) (Bulk, error) {
	if _, ok := s.carriers.Named(with.Carrier); !ok {
		return Bulk{}, market.Invalid("carrier.missing", "carrier")
	}
	return s.bulk(ctx, parcels, func(ctx context.Context, r ParcelRef) (*Order, error) {
		o, p, err := s.ownParcel(ctx, by, r.Order, r.Parcel)
		if err != nil {
			return nil, err
		}
		if p.State == ParcelNew {
			if _, err := s.Pack(ctx, by, r.Order, r.Parcel); err != nil {
				return o, err
			}
		}
		if p.State != ParcelNew && p.State != ParcelPacked {
			return o, nil // on its way already
		}
		if o, err = s.Book(ctx, by, r.Order, r.Parcel, with); err != nil {
			return o, err
		}
		return o, o.parcel(r.Parcel).Carriage.trouble()
	})
}

// trouble is why a carriage that was ordered is not booked.
func (g *Carriage) trouble() error {
	switch {
	case g == nil || g.State == CarriageBooked:
		return nil
	case g.State == CarriageRefused:
		return market.Conflict("carrier.refused").With("words", g.Words)
	}
	return market.Unavailable("carrier.unsure")
}

// HandOverAll says that the carrier has the parcels. Those of which it was
// known already are done.
func (s *Service) HandOverAll(ctx context.Context, by market.Actor, parcels []ParcelRef) (Bulk, error) {
	return s.bulk(ctx, parcels, func(ctx context.Context, r ParcelRef) (*Order, error) {
		o, p, err := s.ownParcel(ctx, by, r.Order, r.Parcel)
		if err != nil || p.State != ParcelPacked && p.State != ParcelNew {
			return o, err
		}
		_, err = s.HandOver(ctx, by, r.Order, r.Parcel)
		return o, err
	})
}

// bulk does the same with many parcels, a few at a time.
func (s *Service) bulk(ctx context.Context, parcels []ParcelRef, do func(context.Context, ParcelRef) (*Order, error)) (Bulk, error) {
	if len(parcels) == 0 || len(parcels) > MaxBulk {
		return Bulk{}, market.Invalid("carrier.bulk", "parcels").With("n", MaxBulk)
	}
	failures := make([]BulkFailure, len(parcels))
	hands := make(chan struct{}, bulkHands)
	var work sync.WaitGroup
	for i, r := range parcels {
		work.Go(func() {
			hands <- struct{}{}
			defer func() { <-hands }()
			o, err := do(ctx, r)
			failures[i] = BulkFailure{ParcelRef: r, Err: reasonOf(err)}
			if o != nil {
				failures[i].Code = o.Code
			}
		})
	}
	work.Wait()
	var out Bulk
	for _, f := range failures {
		if f.Err == nil {
			out.Done++
		} else {
			out.Failed = append(out.Failed, f)
		}
	}
	return out, ctx.Err()
}

// ToShip lists a seller's parcels in a state, with their orders, oldest order
// first, at most MaxBulk.
func (s *Service) ToShip(ctx context.Context, by market.Actor, seller market.ID, state ParcelState) ([]Shipping, error) {
	page, err := s.OfSeller(ctx, by, seller, state, "", MaxBulk)
	if err != nil {
		return nil, err
	}
	var out []Shipping
	for i := len(page.Items) - 1; i >= 0; i-- {
		for _, p := range page.Items[i].Parcels {
			if p.Seller == seller && p.State == state {
				out = append(out, Shipping{page.Items[i], p})
			}
		}
	}
	return out, nil
}

// Shipping is a parcel with its order.
type Shipping struct {
	Order  *Order
	Parcel Parcel
}

// answered is how a carriage stands after the carrier's answer.
func answered(tracking string) CarriageState {
	if tracking == "" {
		return CarriageRefused
	}
	return CarriageBooked
}

// SettleCarriage answers for a carrier of which it is not known whether it took the
// order, after somebody has asked it by telephone: with the number under which
// it has the parcel, or with none, when it has not.
// The same answer again changes nothing.
func (s *Service) SettleCarriage(ctx context.Context, by market.Actor, order, parcel market.ID, tracking string) (*Order, error) {
	if len(tracking) > maxTracking {
		return nil, market.Invalid("ship.tracking", "tracking")
	}
	if _, _, err := s.ownParcel(ctx, by, order, parcel); err != nil {
		return nil, err
	}
	waits, err := carrierWaitsAt(s.carrierWaits, s.env.Now())
	if err != nil {
		return nil, err
	}
	err = s.changeParcel(ctx, order, parcel, func(_ *Order, p *Parcel) ([]market.Event, error) {
		g := p.Carriage
		if g != nil && g.State == answered(tracking) && g.Tracking == tracking {
			return nil, nil // said before
		}
		if g == nil || g.State != CarriageAsked {
			return nil, market.Conflict("carrier.settled")
		}
		g.State, g.Attention = answered(tracking), ""
		if tracking != "" {
			g.Tracking = tracking
			p.Carrier, p.Tracking = g.Carrier, tracking
		}
		g.ask(s.env.Now(), waits)
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	o, err := s.orders.Get(ctx, order)
	if err != nil {
		return nil, err
	}
	return o.forActor(by), nil
}
