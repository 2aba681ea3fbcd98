package orders

import (
	"context"
	"slices"

	"chohue/market"
	"chohue/store"
)

// PreviewEdit is the order as Edit would leave it, with the same refusals.
// Nothing is written: it is for a page that says what an edit comes to before
// anybody agrees to it.
func (s *Service) PreviewEdit(ctx context.Context, by market.Actor, order market.ID, key string, parcel market.ID, wanted Quantities) (*Order, error) {
	found, err := s.orders.Get(ctx, order)
	if store.Missing(err) {
		return nil, errOrder
	}
	if err != nil {
		return nil, err
	}
	o := found.apart()
	if _, err := s.editBy(o, by, key, parcel, wanted); err != nil {
		return nil, err
	}
	return o.forKey(by, key), nil
}

// apart is the order with lists of its own: what the store gives is shared with
// other readers.
func (o *Order) apart() *Order {
	c := *o
	c.Parcels, c.History, c.Board = slices.Clone(o.Parcels), slices.Clone(o.History), slices.Clone(o.Board)
	for i := range c.Parcels {
		c.Parcels[i].Lines = slices.Clone(o.Parcels[i].Lines)
	}
	return &c
}

// Cheaper is by how much an edit that is not settled lowers what the buyer pays
// for the parcel; 0 without one.
func (p Parcel) Cheaper() market.VND {
	if p.Sold == nil {
		return 0
	}
	was := p
	was.restore(*p.Sold)
	return was.Due() - p.Due()
}

// Bought is how much of a line was bought, whatever an edit that is not settled
// has made of it.
func (p Parcel) Bought(variant market.ID) int64 {
	return p.sold().line(variant).Quantity
}
