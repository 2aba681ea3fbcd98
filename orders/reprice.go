package orders

import "chohue/market"

// Quoted is a carrier's price for a parcel, as the buyer accepted it.
type Quoted struct {
	Carrier string     `bson:"carrier" json:"carrier"`
	Fee     market.VND `bson:"fee" json:"fee"`
}

// reprice computes a parcel anew from its lines, by the delivery prices and the
// commission of the sale: nothing is computed from later ones. Delivery that a carrier was asked for costs what that carrier said at the
// sale, for nobody knows what it would have said to less; it costs no more than
// atMost; what vouchers took off it they take off still, as far as
// there is something to take. The order's sums follow.
func (s *Service) reprice(o *Order, p *Parcel, atMost market.VND) error {
	rate, err := s.rates.At(o.PlacedAt, s.zone(p.SellerWard, o.Address.Province))
	if err != nil {
		return err
	}
	p.Goods, p.Subsidy = 0, 0
	for _, l := range p.Lines {
		p.Goods, p.Subsidy = p.Goods+l.Amount, p.Subsidy+l.Subsidy
	}
	full := rate.Price(p.Lines)
	if p.Quoted != nil {
		full = p.Quoted.Fee
	}
	full = min(atMost, full)
	p.ShippingOff = min(p.ShippingOff, full)
	p.Shipping = full - p.ShippingOff
	p.ShippingSubsidy = min(p.ShippingSubsidy, p.Shipping)
	p.Fee = s.feeOf(o, p)
	o.add()
	return nil
}

// feeOf is the commission on the parcel at the rate that was frozen; of an
// order from before rates were, at that day's.
func (s *Service) feeOf(o *Order, p *Parcel) market.VND {
	rate := p.FeeRate
	if rate == 0 {
		rate = s.fees.Rate(o.PlacedAt, p.SellerKind)
	}
	return rate.Of(p.Goods)
}

// add brings the order's sums up to date with its parcels.
func (o *Order) add() {
	o.Goods, o.Shipping, o.Subsidy = 0, 0, 0
	for _, p := range o.Parcels {
		o.Goods, o.Shipping, o.Subsidy = o.Goods+p.Goods, o.Shipping+p.Shipping, o.Subsidy+p.Subsidy+p.ShippingSubsidy
	}
	o.Total = o.Goods + o.Shipping - o.Subsidy
}

// less is what a parcel costs less than it did, as payments count it.
func (p Parcel) less(o *Order, now Parcel) Corrected {
	was, is := share(p), share(now)
	return Corrected{
		Order: o.ID, Parcel: p.ID, Payment: p.Payment, Seller: p.Seller,
		Goods: was.Goods - is.Goods, Shipping: was.Shipping - is.Shipping, Subsidy: was.Subsidy - is.Subsidy, Fee: was.Fee - is.Fee,
	}
}

// gross is what goes back to the buyer.
func (c Corrected) gross() market.VND { return c.Goods + c.Shipping }
