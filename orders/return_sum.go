package orders

import (
	"context"
	"slices"

	"chohue/market"
)

// returnSum is how far the money of a return is back.
type returnSum struct {
	back market.VND // what the buyer has
	all  bool       // nothing of it is on its way any more
}

// wishOf is the money that the return still asks for: what is agreed, less what
// went back when it was asked for before and only a part was refused.
func (o *Order) wishOf(r *Return) refundWish {
	p := o.parcel(r.Parcel)
	i := slices.IndexFunc(o.Returns, func(k Return) bool { return k.ID == r.ID })
	return refundWish{
		Payment: p.Payment, Extra: p.Extra.payment(), Seller: r.Seller, Most: min(r.Agreed, o.priceLeft(p, i)) - o.earlier(r), Reason: string(r.Reason), Key: r.key(),
	}
}

// priceLeft is what the parcel costs, less what has gone back for other returns
// and what is going back for those that stand before the i-th. The payments may
// have more: a correction of the price that was refused is still owed out of it.
func (o *Order) priceLeft(p *Parcel, i int) market.VND {
	left := p.Due()
	for k, r := range o.Returns {
		switch {
		case k == i || r.Parcel != p.ID:
		case r.State == ReturnRefunded:
			left -= r.Refunded
		case k < i && (r.State == ReturnRefunding || r.State == ReturnOwed):
			left -= r.Agreed
		}
	}
	return max(left, 0)
}

// earlier is what went back for the return under the keys of earlier tries.
func (o *Order) earlier(r *Return) market.VND {
	sum := market.VND(0)
	for _, m := range o.Refunds {
		if !m.Failed && returnOf(m.Key) == r.ID && m.Key != r.key() && m.Key != depositKey(r.key()) {
			sum += m.Amount
		}
	}
	return sum
}

// sumOfReturn asks the payments how far a return's money is back: it may come
// out of two, and be heard of in any order.
func (s *Service) sumOfReturn(ctx context.Context, order, ret market.ID) (returnSum, error) {
	if ret == "" {
		return returnSum{}, nil
	}
	o, err := s.orders.Get(ctx, order)
	if err != nil {
		return returnSum{}, err
	}
	r, err := o.Return(ret)
	if err != nil {
		return returnSum{}, nil // not this order's: another sort of refund
	}
	parts, err := s.parts(ctx, o.wishOf(r))
	if err != nil {
		return returnSum{}, err
	}
	return sumOf(parts, o.earlier(r)), nil
}

func sumOf(parts []refundPart, earlier market.VND) returnSum {
	sum := returnSum{back: earlier, all: true}
	for _, part := range parts {
		sum.all = sum.all && (part.done || part.gone)
		if part.done {
			sum.back += part.Most
		}
	}
	return sum
}
