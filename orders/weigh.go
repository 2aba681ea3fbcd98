package orders

import (
	"context"
	"strconv"

	"chohue/market"
	"chohue/payments"
)

// Weight is the weight of a line whose goods are weighed when they are packed.
// What is lacking is paid back; what is too much is the seller's gift, because
// nobody pays more than they agreed to.
type Weight struct {
	Stated    int64      `bson:"stated" json:"stated"`       // grams that the buyer agreed to pay for
	Tolerance int64      `bson:"tolerance" json:"tolerance"` // ‰ that may be lacking
	Agreed    market.VND `bson:"agreed" json:"agreed"`       // for the stated weight
	Real      int64      `bson:"real,omitempty" json:"real,omitempty"`
}

// Least is the least weight in grams that the buyer has agreed to.
func (w Weight) Least() int64 { return (w.Stated*(1000-w.Tolerance) + 999) / 1000 }

// most bounds what can be typed: twice the weight is grams taken for something
// else.
func (w Weight) most() int64 { return 2 * w.Stated }

// worth is what the real weight costs: never more than agreed, parts of a đồng
// in the buyer's favour.
func (w Weight) worth() market.VND {
	counted := min(w.Real, w.Stated)
	whole, rest := int64(w.Agreed)/w.Stated, int64(w.Agreed)%w.Stated
	return market.VND(whole*counted + rest*counted/w.Stated)
}

// BaseAmount is how many grams or pieces the line is of.
func (l Line) BaseAmount() int64 {
	if l.Weight != nil && l.Weight.Real > 0 {
		return l.Weight.Real
	}
	return l.Quantity * l.Size.Amount
}

// weigh notes the real weight and corrects the amount.
func (l *Line) weigh(grams int64) error {
	w := l.Weight
	field := "lines/" + string(l.Variant)
	switch {
	case grams <= 0:
		return market.Invalid("order.weight_missing", field).With("name", l.Name)
	case grams < w.Least():
		return market.Conflict("order.weight_short").At(field).With("name", l.Name).With("least", strconv.FormatInt(w.Least(), 10))
	case grams > w.most():
		return market.Invalid("order.weight_odd", field).With("name", l.Name).With("stated", strconv.FormatInt(w.Stated, 10))
	}
	w.Real = grams
	l.Amount = w.worth()
	return nil
}

// Weights are the real weights, in grams, of a parcel's weighed lines by
// variant.
type Weights map[market.ID]int64

// PackWeighed says that the seller has packed the parcel and what its weighed
// goods weigh. What is lacking lowers the line, the parcel's delivery and the
// platform's fee, and goes back to the buyer; cash on delivery is lowered
// before it is collected. A weight under what the buyer agreed to is refused,
// and so is a weighed line without one.
func (s *Service) PackWeighed(ctx context.Context, by market.Actor, order, parcel market.ID, weights Weights) (*Order, error) {
	return s.advance(ctx, by, order, parcel, ParcelPacked, EventPacked, func(o *Order, p *Parcel) ([]market.Event, error) {
		back, err := s.weigh(o, p, weights)
		if err != nil {
			return nil, err
		}
		now := s.env.Now()
		p.PackedAt = &now
		if back.Goods+back.Shipping == 0 {
			return nil, nil
		}
		o.note(now, "corrected", p.ID)
		return []market.Event{market.NewEvent(s.env, EventCorrected, o.ID, back)}, nil
	})
}

// weigh corrects the parcel and the order, and returns what goes back.
func (s *Service) weigh(o *Order, p *Parcel, weights Weights) (Corrected, error) {
	was := *p
	lines, goods, err := weighed(p.Lines, weights)
	if err != nil {
		return Corrected{}, err
	}
	p.Lines, p.Goods = lines, goods
	if p.Goods == was.Goods {
		return Corrected{}, nil
	}
	rate, err := s.rates.At(o.PlacedAt, s.zone(p.SellerWard, o.Address.Province))
	if err != nil {
		return Corrected{}, err
	}
	p.Shipping = min(was.Shipping, rate.Price(p.Lines))
	p.Fee = min(was.Fee, s.fees.Rate(o.PlacedAt, p.SellerKind).Of(p.Goods))
	back := Corrected{
		Order: o.ID, Parcel: p.ID, Payment: p.Payment, Seller: p.Seller,
		Goods: was.Goods - p.Goods, Shipping: was.Shipping - p.Shipping, Fee: was.Fee - p.Fee,
	}
	o.Goods, o.Shipping = o.Goods-back.Goods, o.Shipping-back.Shipping
	o.Total = o.Goods + o.Shipping
	return back, nil
}

// weighed returns the lines at their real weights with what they cost, or all
// that is wrong with the weights. The lines given stay as they are.
func weighed(lines []Line, weights Weights) ([]Line, market.VND, error) {
	var checks market.Checks
	var goods market.VND
	out := make([]Line, len(lines))
	for i, l := range lines {
		if l.Weight != nil {
			w := *l.Weight
			l.Weight = &w
			checks.Add("lines/"+string(l.Variant), l.weigh(weights[l.Variant]))
		}
		out[i] = l
		goods += l.Amount
	}
	return out, goods, checks.Err()
}

// correct gives back what a parcel weighed less.
func (s *Service) correct(ctx context.Context, e market.Event) error {
	var c Corrected
	if err := e.Decode(&c); err != nil {
		return err
	}
	_, err := s.till.Correct(ctx, market.System, c.Payment, payments.Correction{
		Key: c.Parcel, Seller: c.Seller, Goods: c.Goods, Shipping: c.Shipping, Fee: c.Fee, Reason: "weight",
	})
	return err
}
