package payments

import (
	"context"
	"strconv"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// A refund that a provider has refused for good is asked for again under a key
// of its own, because under the old one the answer would be the old: the first
// key, a tilde, the number of the try. Whoever asked for it goes on calling it
// by the first key.
const tryMark = "~"

// firstKey is what the asker calls a refund.
func firstKey(key market.ID) market.ID {
	first, _, _ := strings.Cut(string(key), tryMark)
	return market.ID(first)
}

// tryOf is the number of the try that the key names; 0 for the first.
func tryOf(key market.ID) int {
	_, n, _ := strings.Cut(string(key), tryMark)
	try, _ := strconv.Atoi(n)
	return try
}

// latest is the last try of the refund that the asker calls so.
func (in *Intent) latest(key market.ID) *Refund {
	var last *Refund
	for i := range in.Refunds {
		if r := &in.Refunds[i]; firstKey(r.Key) == firstKey(key) && (last == nil || tryOf(r.Key) > tryOf(last.Key)) {
			last = r
		}
	}
	return last
}

// owed is what the buyer is still owed of a refund that was refused: nothing
// when it was asked for again, or when the money went back in another way. Two
// that were asked for out of the same money are owed once.
func (in *Intent) owed(r Refund) market.VND {
	price, surplus := in.Refundable(), in.surplus()
	for _, refused := range in.Refunds {
		if refused.State != RefundFailed || in.latest(refused.Key).Key != refused.Key {
			continue
		}
		left, most := &price, in.RefundableOf(refused.Seller)
		if refused.Surplus {
			left, most = &surplus, surplus
		}
		owed := min(refused.Amount, most, *left)
		if refused.Key == r.Key {
			return owed
		}
		*left -= owed
	}
	return 0
}

// leftFor is how much of a refund there still is to give.
func (in *Intent) leftFor(r Refund) market.VND {
	if r.Surplus {
		return min(r.Amount, in.surplus())
	}
	return min(r.Amount, in.RefundableOf(r.Seller))
}

// moved counts the movements of money. A refund that was reserved before one of
// them and then refused may find money now: the provider had given all back, then
// the payer paid again; or it had given part back, and what is left was never
// asked for.
func (in *Intent) moved() int {
	n := len(in.Captures)
	for _, r := range in.Refunds {
		if r.State == RefundDone {
			n++
		}
	}
	return n
}

// mayTryAgain reports whether a refused refund is worth asking for again by
// ourselves. What came twice is asked for as what is left of it.
func (in *Intent) mayTryAgain(r Refund) bool {
	return !r.Surplus && in.owed(r) > 0 && in.moved() > r.Moved
}

// tryAgain reserves the next try of a refused refund, of so much.
func (in *Intent) tryAgain(r Refund, amount market.VND, now time.Time) (market.ID, error) {
	next := Refund{
		Key: firstKey(r.Key) + market.ID(tryMark+strconv.Itoa(tryOf(r.Key)+1)), Amount: amount, Reason: r.Reason,
		Seller: r.Seller, Fee: r.Fee, Subsidy: r.Subsidy, Shipping: r.Shipping, Surplus: r.Surplus,
	}
	return next.Key, in.reserve(next, now)
}

// tryRefused reserves anew what is worth asking for again.
func (s *Service) tryRefused(ctx context.Context, in *Intent) (*Intent, error) {
	worth := false
	for _, r := range in.Refunds {
		worth = worth || in.mayTryAgain(r)
	}
	if !worth {
		return in, nil
	}
	return s.intents.Update(ctx, in.ID, func(in *Intent) ([]market.Event, error) {
		for _, r := range in.Refunds {
			if !in.mayTryAgain(r) {
				continue
			}
			if _, err := in.tryAgain(r, in.owed(r), s.env.Now()); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

// RetryRefund asks again for a refund that was refused, called by its first key.
// It comes before others that were refused out of the same money. One for which
// nothing is left, or that is on its way, is left as it is. Allowed as
// RefundSeller is.
func (s *Service) RetryRefund(ctx context.Context, by market.Actor, payment, key market.ID) (*Intent, error) {
	in, err := s.Intent(ctx, payment)
	if err != nil {
		return nil, err
	}
	r := in.latest(key)
	if r == nil || !in.staff(by) && (r.Seller == "" || !by.For(r.Seller)) {
		return nil, errMissing
	}
	next := r.Key
	in, err = s.intents.Update(ctx, payment, func(in *Intent) (_ []market.Event, err error) {
		r := in.latest(key)
		next = r.Key
		if left := in.leftFor(*r); r.State == RefundFailed && left > 0 {
			next, err = in.tryAgain(*r, left, s.env.Now())
		}
		return nil, err
	})
	if err != nil {
		return nil, err
	}
	return s.drive(ctx, in, next)
}

// queueRefused keeps the queue of differences up to date with what a payment
// owes although its provider will not pay it: each such refund is one entry
// until it is paid or a person says what became of it.
func (s *Service) queueRefused(ctx context.Context, in *Intent) error {
	for _, r := range in.Refunds {
		if r.State != RefundFailed {
			continue
		}
		entry := &Mismatch{Party: in.Method, Why: WhyRefused, Payment: in.ID, Document: in.refundDocument(r), Ours: r.Amount, At: r.At}
		if in.owed(r) == 0 {
			if err := s.unqueue(ctx, entry, in.latest(r.Key).Key != r.Key); err != nil {
				return err
			}
			continue
		}
		if _, err := s.found(ctx, entry); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) unqueue(ctx context.Context, entry *Mismatch, again bool) error {
	note := "refunded"
	if again {
		note = "asked again"
	}
	entry.prepare(s.env.Now())
	if _, err := s.mismatches.Get(ctx, entry.ID); err != nil {
		if store.Missing(err) {
			return nil
		}
		return err
	}
	_, err := s.CloseMismatch(ctx, market.System, entry.ID, note)
	return err
}

// retryMismatch asks again for what an entry of the queue is about.
func (s *Service) retryMismatch(ctx context.Context, by market.Actor, m *Mismatch) (*Mismatch, error) {
	key := market.ID(strings.TrimPrefix(m.Document, KindRefund+":"+string(m.Payment)+":"))
	in, err := s.RetryRefund(ctx, by, m.Payment, key)
	if err != nil {
		return nil, err
	}
	if err := s.queueRefused(ctx, in); err != nil {
		return nil, err
	}
	return s.mismatches.Get(ctx, m.ID)
}
