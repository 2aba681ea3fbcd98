package payments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chohue/market"
	"chohue/store"
)

// Sync asks the provider how the payment stands and records the answer, for
// the page that the buyer comes back to. A provider that does not answer is an
// unavailable error; the payment is as it was.
func (s *Service) Sync(ctx context.Context, payment market.ID) (*Intent, error) {
	in, err := s.Intent(ctx, payment)
	if err != nil || in.State != StatePending {
		return in, err
	}
	return s.ask(ctx, in)
}

// Recheck asks the provider about a payment that is already settled here, to
// find money that was given back at the provider's own desk. Providers that
// cannot tell change nothing.
func (s *Service) Recheck(ctx context.Context, payment market.ID) (*Intent, error) {
	in, err := s.Intent(ctx, payment)
	if err != nil {
		return nil, err
	}
	return s.ask(ctx, in)
}

// ask queries the provider and takes its answer the way a notice is taken.
func (s *Service) ask(ctx context.Context, in *Intent) (*Intent, error) {
	p, ok := s.providers[in.Method]
	if !ok || in.Step.Kind == "" {
		return in, nil
	}
	n, err := p.Query(ctx, in)
	if err != nil || n.Type == NoticePending {
		return in, err
	}
	return s.recorded(ctx, n)
}

// reconcileBatch bounds one round of Reconcile.
const reconcileBatch = 200

// Reconcile looks at every payment that is due: asks the provider about
// pending ones, ends those whose time is over, asks again about refunds whose
// outcome is not known, and sends surplus money back. Nothing is guessed: while
// a provider does not answer its payments stay as they are. It returns how many
// were looked at; errors of single payments do not stop it.
func (s *Service) Reconcile(ctx context.Context) (int, error) {
	looked, failed := 0, error(nil)
	due := store.Query{Index: "due", To: s.env.Now().Add(time.Millisecond), Limit: reconcileBatch}
	for ctx.Err() == nil {
		page, err := s.intents.Find(ctx, due)
		if err != nil {
			return looked, errors.Join(failed, err)
		}
		for _, in := range page.Items {
			looked++
			if err := s.look(ctx, in.ID); err != nil {
				failed = errors.Join(failed, fmt.Errorf("payment %s: %w", in.ID, err))
			}
		}
		if len(page.Items) < reconcileBatch {
			return looked, failed
		}
	}
	return looked, ctx.Err()
}

// look sets the next look first, so that a payment that cannot be settled now
// does not hold up the others.
func (s *Service) look(ctx context.Context, id market.ID) error {
	in, err := s.intents.Update(ctx, id, func(in *Intent) ([]market.Event, error) {
		in.looked(s.env.Now())
		return nil, nil
	})
	if err != nil {
		return err
	}
	if in.State == StatePending || in.late() {
		if in, err = s.ask(ctx, in); err != nil {
			return err
		}
		if in, err = s.askedLast(ctx, in); err != nil {
			return err
		}
	}
	if in, err = s.over(ctx, in); err != nil {
		return err
	}
	return s.giveBackDue(ctx, in)
}

// askedLast stops asking about a payment that nobody waits for, once there was
// an answer after the last moment for its money: a question that got none, or a
// day on which nobody could ask, must not lose it.
func (s *Service) askedLast(ctx context.Context, in *Intent) (*Intent, error) {
	now := s.env.Now()
	if !in.late() || now.Before(in.ExpiresAt.Add(lateness)) {
		return in, nil
	}
	return s.intents.Update(ctx, in.ID, func(in *Intent) ([]market.Event, error) {
		in.AskedLast = true
		in.Due = in.next(now)
		return nil, nil
	})
}

// over ends a pending payment whose time has passed.
func (s *Service) over(ctx context.Context, in *Intent) (*Intent, error) {
	if in.State != StatePending {
		return in, nil
	}
	return s.intents.Update(ctx, in.ID, func(in *Intent) ([]market.Event, error) {
		if in.expire(s.env.Now()) {
			return []market.Event{s.event(EventFailed, in, Happened{Amount: in.Amount, Reason: "expired"})}, nil
		}
		return nil, nil
	})
}

// giveBackDue drives refunds whose outcome is not known and begins those of surplus
// money.
func (s *Service) giveBackDue(ctx context.Context, in *Intent) error {
	in, err := s.tryRefused(ctx, in)
	if err != nil {
		return err
	}
	if left := in.surplus(); left > 0 {
		last := in.Captures[len(in.Captures)-1]
		// The amount is in the key: what was refused because the provider had
		// given back part of it by itself is asked for again as the rest.
		key := market.ID(fmt.Sprintf("surplus:%s:%d", last.Transaction, left))
		r := Refund{Key: key, Amount: left, Reason: "surplus", Surplus: true}
		reserved, err := s.reserve(ctx, in.ID, r)
		if err != nil {
			return err
		}
		in = reserved
	}
	for _, r := range in.Refunds {
		if r.Open() {
			if _, err := s.drive(ctx, in, r.Key); err != nil {
				return err
			}
		}
	}
	return nil
}
