package payments

import (
	"context"
	"errors"

	"chohue/market"
)

// Refund gives back part of what was paid, taken from all sellers' shares in
// proportion to what is left of them. The key makes it idempotent: the same
// again continues or returns the first; another amount under it is a conflict.
// When the provider's answer is not known the refund stays pending in the
// returned intent and Reconcile asks again. Allowed to those who act for every
// seller concerned, and to staff.
func (s *Service) Refund(ctx context.Context, by market.Actor, payment market.ID, amount market.VND, reason string, key market.ID) (*Intent, error) {
	return s.giveBack(ctx, by, payment, Refund{Key: key, Amount: amount, Reason: reason})
}

// RefundSeller is Refund from one seller's share alone: a parcel that was
// cancelled or returned concerns nobody else.
func (s *Service) RefundSeller(ctx context.Context, by market.Actor, payment, seller market.ID, amount market.VND, reason string, key market.ID) (*Intent, error) {
	if seller == "" {
		return nil, market.Invalid("payments.share_seller", "seller")
	}
	return s.giveBack(ctx, by, payment, Refund{Key: key, Amount: amount, Reason: reason, Seller: seller})
}

func (s *Service) giveBack(ctx context.Context, by market.Actor, payment market.ID, r Refund) (*Intent, error) {
	var found market.Checks
	found.That(r.Amount > 0, "amount", "payments.amount")
	found.That(r.Key != "", "key", "payments.id")
	if err := found.Err(); err != nil {
		return nil, err
	}
	in, err := s.Intent(ctx, payment)
	if err != nil {
		return nil, err
	}
	if !in.staff(by) && (r.Seller == "" || !by.For(r.Seller)) {
		return nil, errMissing
	}
	if in, err = s.reserve(ctx, payment, r); err != nil {
		return nil, err
	}
	return s.drive(ctx, in, r.Key)
}

func (s *Service) reserve(ctx context.Context, payment market.ID, r Refund) (*Intent, error) {
	return s.intents.Update(ctx, payment, func(in *Intent) ([]market.Event, error) {
		return nil, in.reserve(r, s.env.Now())
	})
}

// drive asks the provider for a reserved refund and records its answer. It is
// called again, with the same key, until there is one.
func (s *Service) drive(ctx context.Context, in *Intent, key market.ID) (*Intent, error) {
	r := in.refund(key)
	if r == nil || !r.Open() {
		return in, nil
	}
	p, ok := s.providers[in.Method]
	if !ok {
		return in, nil
	}
	if err := s.limits.check(in.Method, limitRefund, r.Amount, s.env.Now()); err != nil {
		return s.refuse(ctx, in.ID, key, err)
	}
	n, err := p.Refund(ctx, in, RefundRequest{Key: key, Amount: r.Amount, Reason: r.Reason})
	switch {
	case refusal(err):
		return s.refuse(ctx, in.ID, key, err)
	case err != nil || n.Type == NoticePending:
		return in, nil
	}
	return s.recorded(ctx, n)
}

// refusal reports whether the provider has said no for good.
func refusal(err error) bool {
	kind := market.KindOf(err)
	return kind == market.KindConflict || kind == market.KindInvalid
}

func (s *Service) refuse(ctx context.Context, payment, key market.ID, why error) (*Intent, error) {
	var e *market.Error
	errors.As(why, &e)
	return s.intents.Update(ctx, payment, func(in *Intent) ([]market.Event, error) {
		return s.takeRefusal(in, key, e.Key), nil
	})
}
