package orders

import (
	"context"

	"chohue/market"
	"chohue/payments"
)

// PaidByHand reports whether some of a return's money waits for its seller to
// pay it and say so: no machine gives back cash and transfers. An order of a
// pre-order has two payments, and either may be such.
func (s *Service) PaidByHand(ctx context.Context, by market.Actor, order, ret market.ID) (bool, error) {
	o, err := s.Order(ctx, by, order, "")
	if err != nil {
		return false, errReturn
	}
	r, err := o.Return(ret)
	if err != nil || r.State != ReturnRefunding {
		return false, err
	}
	parts, err := s.parts(ctx, o.wishOf(r))
	if err != nil {
		return false, err
	}
	for _, part := range parts {
		in, err := s.till.Intent(ctx, part.Payment)
		if err != nil {
			return false, err
		}
		if !part.done && (in.Step.Kind == payments.StepNone || in.Step.Kind == payments.StepQR) {
			return true, nil
		}
	}
	return false, nil
}
