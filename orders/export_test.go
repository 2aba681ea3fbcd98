package orders

import (
	"context"

	"chohue/market"
	"chohue/store"
)

// TwoLines is an order whose two lines are of one variant, as no cart makes it.
func TwoLines(s *Service, cart, variant market.ID, quantity int64) *Order {
	line := Line{Variant: variant, Quantity: quantity}
	return &Order{Doc: store.Doc{ID: s.env.NewID()}, Cart: cart, PlacedAt: s.env.Now(), Parcels: []Parcel{{Lines: []Line{line, line}}}}
}

// HoldOf holds an order's goods.
func HoldOf(ctx context.Context, s *Service, o *Order) error { return s.hold(ctx, o) }
