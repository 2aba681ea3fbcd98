package payments

import (
	"slices"
	"time"

	"chohue/market"
)

// over is how much of the refund is money that came beyond the price.
func (r Refund) over() market.VND {
	if r.Surplus {
		return r.Amount
	}
	return r.Over
}

// live reports whether the refund takes part in sums: done, or reserved.
func (r Refund) live() bool { return r.State == RefundPending || r.State == RefundDone }

// Open reports whether the refund's outcome is not known.
func (r Refund) Open() bool { return r.State == RefundPending || r.State == RefundOvertaken }

// Refundable is what may still go back to the buyer of what the order cost:
// captured less refunded less what is on its way.
func (in *Intent) Refundable() market.VND {
	var left market.VND
	for _, part := range in.left() {
		left += part.Gross
	}
	return left
}

// left is what remains of every share, of the fee taken on it and of the
// platform's subsidy.
func (in *Intent) left() []Part {
	parts := make([]Part, len(in.Shares))
	if in.Captured == 0 {
		return parts
	}
	for i, s := range in.Shares {
		parts[i] = Part{s.Seller, s.Gross(), s.Fee, s.Subsidy}
		for _, r := range in.Refunds {
			for _, p := range r.Parts {
				if r.live() && p.Seller == s.Seller {
					parts[i].Gross -= p.Gross
					parts[i].Fee -= p.Fee
					parts[i].Subsidy -= p.Subsidy
				}
			}
		}
	}
	return parts
}

// surplus is what came beyond the amount and has not been sent back.
func (in *Intent) surplus() market.VND {
	var sum market.VND
	for _, c := range in.Captures {
		if c.Surplus {
			sum += c.Amount
		}
	}
	for _, r := range in.Refunds {
		if r.live() {
			sum -= r.over()
		}
	}
	return sum
}

func (in *Intent) refund(key market.ID) *Refund {
	i := slices.IndexFunc(in.Refunds, func(r Refund) bool { return r.Key == key })
	if i < 0 {
		return nil
	}
	return &in.Refunds[i]
}

// Asked returns the refund of that key as it stands and the capture whose money
// it gives back, for providers that refund a transaction; false when there is
// none.
func (in *Intent) Asked(key market.ID) (Refund, Capture, bool) {
	r := in.refund(key)
	if r == nil {
		return Refund{}, Capture{}, false
	}
	i := slices.IndexFunc(in.Captures, func(c Capture) bool { return c.Surplus == r.Surplus })
	if r.Surplus {
		i = len(in.Captures) - 1
	}
	if i < 0 {
		return *r, Capture{}, false
	}
	return *r, in.Captures[i], true
}

// reserve sets a refund aside. The same refund again changes nothing; another
// one under the same key is a conflict, and so is more than is left.
func (in *Intent) reserve(r Refund, now time.Time) error {
	if old := in.refund(r.Key); old != nil {
		if old.Amount != r.Amount || old.Seller != r.Seller {
			return market.Conflict("payments.refund_differs")
		}
		return nil
	}
	r.State, r.At, r.Moved = RefundPending, now, in.moved()
	if !r.Surplus {
		parts, err := in.parts(r)
		if err != nil {
			return err
		}
		r.Parts = parts
	} else if r.Amount > in.surplus() {
		return market.Conflict("payments.refund_too_much").With("left", in.surplus())
	}
	in.Refunds = append(in.Refunds, r)
	in.plan(now)
	return nil
}

// parts divides a refund among the shares in proportion to what is left of
// each, or takes it from one seller's share. Nothing is lost: when all has gone
// back, every share, fee and subsidy has gone back to the đồng.
func (in *Intent) parts(r Refund) ([]Part, error) {
	amount, seller := r.Amount, r.Seller
	left := in.left()
	weights := make([]int64, len(left))
	var most market.VND
	for i, l := range left {
		if seller == "" || l.Seller == seller {
			weights[i] = int64(l.Gross)
			most += l.Gross
		}
	}
	if amount > most {
		return nil, market.Conflict("payments.refund_too_much").With("left", most)
	}
	var parts []Part
	for i, gross := range amount.Split(weights) {
		if gross > 0 {
			parts = append(parts, left[i].take(gross, r))
		}
	}
	return parts, nil
}

// take is the part of a refund that is taken from what is left of a share.
func (left Part) take(gross market.VND, r Refund) Part {
	weights := []int64{int64(gross), int64(left.Gross - gross)}
	part := Part{left.Seller, gross, left.Fee.Split(weights)[0], left.Subsidy.Split(weights)[0]}
	if r.Fee != nil {
		part.Fee = min(*r.Fee, left.Fee)
	}
	if r.Subsidy != nil {
		part.Subsidy = min(*r.Subsidy, left.Subsidy)
	}
	return part
}

// refuse records that a refund will not be done and reports whether it is
// news. Its money may be refunded again under another key.
func (in *Intent) refuse(key market.ID, now time.Time) bool {
	r := in.refund(key)
	if r == nil || !r.Open() {
		return false
	}
	r.State = RefundFailed
	in.plan(now)
	return true
}

func (in *Intent) afterRefund(now time.Time) {
	var back market.VND
	for _, r := range in.Refunds {
		if r.State == RefundDone {
			back += r.Amount - r.over()
		}
	}
	next := in.State
	switch {
	case back >= in.Amount:
		next = StateRefunded
	case back > 0:
		next = StatePartlyRefunded
	}
	if in.State.May(next) {
		in.State = next
	}
	in.plan(now)
}
