package orders

import (
	"context"
	"errors"
	"sync"

	"chohue/market"
)

// Offer is what a carrier would do with a parcel, or why it will not do.
type Offer struct {
	CarrierQuote
	// Blocked is why this carrier cannot have the parcel: its refusal, its
	// silence, or goods that would not bear its way. Nil when it can.
	Blocked error
}

// Offers asks every carrier for a seller's parcel. The answer names each in the
// order in which they are offered.
func (s *Service) Offers(ctx context.Context, by market.Actor, order, parcel market.ID) ([]Offer, error) {
	o, p, err := s.ownParcel(ctx, by, order, parcel)
	if err != nil {
		return nil, err
	}
	c, err := s.consign(ctx, o, p)
	if err != nil {
		return nil, err
	}
	return s.askAll(ctx, c), nil
}

// askAll asks all carriers at once and waits for none longer than quoteWait.
func (s *Service) askAll(ctx context.Context, c consigned) []Offer {
	ctx, cancel := context.WithTimeout(ctx, quoteWait)
	defer cancel()
	offers := make([]Offer, len(s.carriers))
	var asked sync.WaitGroup
	for i, carrier := range s.carriers {
		asked.Go(func() {
			q, err := carrier.Quote(ctx, c.Consignment)
			q.Carrier = carrier.Name()
			if err == nil {
				err = s.blocks(c, q)
			}
			offers[i] = Offer{q, reasonOf(err)}
		})
	}
	asked.Wait()
	return offers
}

// reasonOf is an error that may be shown; what is none of ours is a carrier
// that could not be asked.
func reasonOf(err error) error {
	var e *market.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return market.Unavailable("carrier.unreachable")
}
