package payments

import (
	"slices"
	"time"

	"chohue/market"
)

// settle records that a refund was done and reports whether it is news. A
// refund that nobody here asked for was made at the provider and is taken over.
// It has happened, so it makes room for itself: it overtakes refunds of ours that
// are only reserved.
func (in *Intent) settle(n Notice, now time.Time) (news bool, err error) {
	known := func(r Refund) bool { return r.Transaction == n.Transaction }
	if slices.ContainsFunc(in.Refunds, known) {
		return false, nil
	}
	r := in.refund(n.Refund)
	switch {
	case r != nil && r.State == RefundDone:
		return false, nil
	case r != nil && r.Amount != n.Amount:
		return false, market.Conflict("payments.notice_amount")
	case r == nil:
		in.Refunds = append(in.Refunds, Refund{Key: foreignKey(n), Amount: n.Amount, Reason: reasonForeign, State: RefundFailed, At: now})
		r = &in.Refunds[len(in.Refunds)-1]
	}
	if !r.live() { // nothing is reserved for it
		if err := in.makeRoom(r); err != nil {
			return false, err
		}
	}
	r.State, r.Transaction, r.DoneAt = RefundDone, n.Transaction, n.At
	in.Refunded += r.Amount
	in.afterRefund(now)
	return true, nil
}

// reasonForeign is that of refunds which nobody here asked for.
const reasonForeign = "provider"

func foreignKey(n Notice) market.ID {
	if n.Refund != "" {
		return n.Refund
	}
	return market.ID(n.Provider + ":" + n.Transaction)
}

// makeRoom finds where the money of a refund that is done has come from.
func (in *Intent) makeRoom(r *Refund) error {
	for r.Amount > in.Refundable()+in.surplus() {
		if !in.overtake() {
			return market.Conflict("payments.refund_too_much").With("left", in.Refundable()+in.surplus())
		}
	}
	r.Over = in.overOf(*r)
	r.Surplus = r.Over == r.Amount
	if r.Surplus {
		r.Over, r.Parts = 0, nil
		return nil
	}
	r.Parts = in.partsOf(*r)
	return nil
}

// overtake takes the reservation of the latest refund that has one: the provider
// has most likely not got to it.
func (in *Intent) overtake() bool {
	for i := len(in.Refunds) - 1; i >= 0; i-- {
		if in.Refunds[i].State == RefundPending {
			in.Refunds[i].State = RefundOvertaken
			return true
		}
	}
	return false
}

// overOf is how much of a refund that is done was money beyond the price: all
// of it when it is just what came too much or when the price has not so much
// left, what the price has not when both are needed.
func (in *Intent) overOf(r Refund) market.VND {
	surplus, left := in.surplus(), in.Refundable()
	switch {
	case r.Surplus && r.Amount <= surplus, r.Reason == reasonForeign && r.Amount == surplus:
		return r.Amount
	case r.Amount <= left:
		return 0
	case r.Amount <= surplus:
		return r.Amount
	}
	return r.Amount - left
}

// partsOf divides what a done refund takes of the price: from its seller's
// share, and what that has not from all.
func (in *Intent) partsOf(r Refund) []Part {
	left := in.left()
	rest := r.Amount - r.Over
	taken := make([]market.VND, len(left))
	for _, only := range []bool{true, false} {
		weights, most := make([]int64, len(left)), market.VND(0)
		for i, l := range left {
			if !only || r.Seller == "" || l.Seller == r.Seller {
				weights[i] = int64(l.Gross - taken[i])
				most += l.Gross - taken[i]
			}
		}
		now := min(rest, most)
		for i, part := range now.Split(weights) {
			taken[i] += part
		}
		rest -= now
	}
	var parts []Part
	for i, gross := range taken {
		of := r
		if left[i].Seller != r.Seller { // what was said of fee and subsidy was said of the seller's
			of.Fee, of.Subsidy = nil, nil
		}
		if gross > 0 {
			parts = append(parts, left[i].take(gross, of))
		}
	}
	return parts
}
