package payments

import (
	"context"

	"chohue/market"
)

// Confirm takes people's word that the money is there: the seller's that a
// bank transfer has arrived, the carrier's or seller's that cash was collected.
// Allowed to those who act for every seller in the payment, and to staff; not
// found for others. Confirming again changes nothing; a payment that a machine
// reports cannot be confirmed by hand.
func (s *Service) Confirm(ctx context.Context, by market.Actor, payment market.ID) (*Intent, error) {
	in, witness, err := s.witnessed(ctx, by, payment)
	if err != nil {
		return nil, err
	}
	if in.State.Paid() {
		return in, nil
	}
	return s.recorded(ctx, witness.Witnessed(in, s.env.Now()))
}

// ConfirmRefund takes the seller's word that a refund was sent by hand, for
// methods whose refunds no machine makes. Allowed as Confirm is.
func (s *Service) ConfirmRefund(ctx context.Context, by market.Actor, payment, key market.ID) (*Intent, error) {
	in, _, err := s.witnessed(ctx, by, payment)
	if err != nil {
		return nil, err
	}
	r := in.refund(key)
	if r == nil {
		return nil, market.NotFound("payments.refund_missing")
	}
	// A key is one refund of one payment, a transaction one of all: both are named.
	return s.recorded(ctx, Notice{
		Provider: in.Method, Transaction: "refund:" + string(in.ID) + ":" + string(key), Type: NoticeRefund, Payment: in.ID,
		Refund: key, Merchant: in.Step.Merchant, Amount: r.Amount, At: s.env.Now(),
	})
}

// Cancel ends a payment that is no longer wanted; one that has ended, or whose
// money has come, is left as it is. Allowed to whoever began it and as Confirm
// is. Money that comes later is recorded all the same.
func (s *Service) Cancel(ctx context.Context, by market.Actor, payment market.ID) (*Intent, error) {
	in, err := s.Intent(ctx, payment)
	if err != nil {
		return nil, err
	}
	if !in.staff(by) && (by.Person == "" || by.Person != in.Payer) {
		return nil, errMissing
	}
	return s.intents.Update(ctx, payment, func(in *Intent) ([]market.Event, error) {
		if !in.fail(s.env.Now()) {
			return nil, nil
		}
		return []market.Event{s.event(EventFailed, in, Happened{Amount: in.Amount, Reason: "cancelled"})}, nil
	})
}

func (s *Service) witnessed(ctx context.Context, by market.Actor, payment market.ID) (*Intent, Witness, error) {
	in, err := s.Intent(ctx, payment)
	if err != nil {
		return nil, nil, err
	}
	if !in.staff(by) {
		return nil, nil, errMissing
	}
	witness, ok := s.providers[in.Method].(Witness)
	if !ok {
		return nil, nil, market.Conflict("payments.not_by_hand")
	}
	return in, witness, nil
}

func (s *Service) recorded(ctx context.Context, n Notice) (*Intent, error) {
	if _, err := s.record(ctx, n); err != nil {
		return nil, err
	}
	return s.Intent(ctx, n.Payment)
}
