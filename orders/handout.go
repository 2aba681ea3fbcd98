package orders

import (
	"context"

	"chohue/market"
)

// Shipped is the payload of orders.shipped.
type Shipped struct {
	Order    market.ID  `json:"order"`
	Parcel   market.ID  `json:"parcel"`
	Seller   market.ID  `json:"seller"`
	Payment  market.ID  `json:"payment"` // that covers the parcel
	Carrier  string     `json:"carrier"`
	Tracking string     `json:"tracking,omitempty"`
	Fee      market.VND `json:"carrier_fee,omitempty"` // what the seller owes the carrier, as it last said
	COD      market.VND `json:"cod,omitempty"`         // cash that the carrier is to collect
}

func (o *Order) shipped(p Parcel) Shipped {
	s := Shipped{Order: o.ID, Parcel: p.ID, Seller: p.Seller, Payment: p.Payment, Carrier: p.Carrier, Tracking: p.Tracking, COD: o.toCollect(p)}
	if p.Carriage != nil {
		s.Fee = p.Carriage.Fee
	}
	return s
}

// HandOver says that the carrier which was booked has the parcel.
func (s *Service) HandOver(ctx context.Context, by market.Actor, order, parcel market.ID) (*Order, error) {
	return s.advance(ctx, by, order, parcel, ParcelShipped, EventShipped, func(_ *Order, p *Parcel) ([]market.Event, error) {
		if p.Carriage == nil || p.Carriage.State != CarriageBooked {
			return nil, market.Conflict("carrier.not_booked")
		}
		now := s.env.Now()
		p.ShippedAt, p.Carrier, p.Tracking = &now, p.Carriage.Carrier, p.Carriage.Tracking
		return nil, nil
	})
}
