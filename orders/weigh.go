package orders

import (
	"context"
	"strconv"

	"chohue/market"
	"chohue/payments"
)

// Weight is the weight of a line whose goods are weighed when they are packed.
// What is lacking is paid back; what is too much is the seller's gift, unless
// the buyer has agreed to pay for it (see Ask).
type Weight struct {
	Stated    int64      `bson:"stated" json:"stated"`                       // grams that the buyer agreed to pay for
	Tolerance int64      `bson:"tolerance" json:"tolerance"`                 // ‰ that may be lacking
	Agreed    market.VND `bson:"agreed" json:"agreed"`                       // for the stated weight
	Allowed   int64      `bson:"allowed,omitempty" json:"allowed,omitempty"` // grams that the buyer has agreed to pay for since; 0 for Stated
	Real      int64      `bson:"real,omitempty" json:"real,omitempty"`
	Subsidy   market.VND `bson:"subsidy,omitempty" json:"subsidy,omitempty"` // what the platform's voucher pays of Agreed
}

// Least is the least weight in grams that the buyer has agreed to.
func (w Weight) Least() int64 { return (w.Stated*(1000-w.Tolerance) + 999) / 1000 }

// most bounds what can be typed: twice the weight is grams taken for something
// else.
func (w Weight) most() int64 { return 2 * w.Stated }

// worth is what the real weight costs: never more than agreed to, parts of a đồng
// in the buyer's favour.
func (w Weight) worth() market.VND {
	counted := min(w.Real, max(w.Stated, w.Allowed))
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
	counted := min(w.Real, w.Stated)
	l.Subsidy = w.Subsidy.Split([]int64{counted, w.Stated - counted})[0]
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
		if err := o.lapseAsks(s.env, p.ID); err != nil {
			return nil, err
		}
		news := o.settleEdit(s.env, p)
		back, err := s.weigh(o, p, weights)
		if err != nil {
			return nil, err
		}
		now := s.env.Now()
		p.PackedAt = &now
		if len(back) > 0 {
			o.note(now, "corrected", p.ID)
		}
		for _, c := range back {
			news = append(news, market.NewEvent(s.env, EventCorrected, o.ID, c))
		}
		return news, nil
	})
}

// weigh corrects the parcel and the order, and returns what goes back of its
// payments; below zero for cash that is still to be collected, as far as the
// buyer has agreed to more.
func (s *Service) weigh(o *Order, p *Parcel, weights Weights) ([]Corrected, error) {
	was := *p
	lines, goods, err := weighed(p.Lines, weights)
	if err != nil {
		return nil, err
	}
	p.Lines = lines
	if goods == was.Goods && p.Extra == nil {
		return nil, nil
	}
	if err := s.reprice(o, p, was.Shipping+was.ShippingOff); err != nil {
		return nil, err
	}
	if goods <= was.Goods {
		p.Fee = min(was.Fee, p.Fee)
	}
	return p.divided(was.less(o, *p)), nil
}

// divided shares a correction among the payments of a parcel: what was paid
// last goes back first.
func (p *Parcel) divided(c Corrected) []Corrected {
	c.Key, c.Reason = p.ID, "weight"
	if p.Extra == nil {
		if c.gross() == 0 {
			return nil
		}
		return []Corrected{c}
	}
	extra := c
	extra.Key, extra.Payment, extra.Shipping, extra.Subsidy = p.ID+"-x", p.Extra.Payment, 0, 0
	extra.Goods = min(p.Extra.Goods, p.Extra.Goods+c.gross())
	extra.Fee = min(p.Extra.Fee, max(0, p.Extra.Fee+c.Fee))
	c.Goods, c.Fee = c.Goods+p.Extra.Goods-extra.Goods, c.Fee+p.Extra.Fee-extra.Fee
	var all []Corrected
	for _, part := range []Corrected{extra, c} {
		if part.gross() != 0 {
			all = append(all, part)
		}
	}
	return all
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

// correct moves what a correction is about: goods to the shelf, money to the
// buyer or off what is still to be collected.
func (s *Service) correct(ctx context.Context, e market.Event) error {
	var c Corrected
	if err := e.Decode(&c); err != nil {
		return err
	}
	for _, l := range c.Lines {
		if err := s.shelf.TakeBack(ctx, c.Order, l.Variant, l.Quantity, 0); err != nil {
			return err
		}
	}
	if c.Key == "" { // written by an earlier version
		c.Key, c.Reason = c.Parcel, "weight"
	}
	_, err := s.till.Correct(ctx, market.System, c.Payment, payments.Correction{
		Key: c.Key, Seller: c.Seller, Goods: c.Goods, Shipping: c.Shipping, Subsidy: c.Subsidy, Fee: c.Fee, Reason: c.Reason,
	})
	return err
}
