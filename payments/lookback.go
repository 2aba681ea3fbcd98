package payments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chohue/market"
	"chohue/store"
)

const day = 24 * time.Hour

// lookbacks are how long after the money came its provider is asked whether it
// has given any of it back at its own desk. Providers tell of that in no notice;
// most of it happens within days, and after three months none of ours still
// does.
var lookbacks = []time.Duration{6 * time.Hour, day, 3 * day, 7 * day, 14 * day, 30 * day, 60 * day, 90 * day}

// lookbackBatch bounds one round of LookBack, so that a busy month costs a
// provider no more questions than a quiet one.
const lookbackBatch = 100

// planBack sets when to ask next. Nobody is asked about cash, about money that
// went to the seller's own account, or when there is none left to give back.
func (in *Intent) planBack(now time.Time) {
	in.BackAt = nil
	if in.Captured == 0 || in.Refunded >= in.Captured || in.Step.Kind == StepNone || in.paidToSeller() {
		return
	}
	for _, wait := range lookbacks {
		if at := in.CapturedAt.Add(wait); at.After(now) {
			in.BackAt = &at
			return
		}
	}
}

// LookBack asks providers about settled payments whose time has come, to find
// money that they have given back by themselves, and takes what it finds as a
// notice is taken. One round asks about a hundred at most; it returns how many.
// One that cannot be asked does not stop the others and is asked at its next
// time.
func (s *Service) LookBack(ctx context.Context) (int, error) {
	due := store.Query{Index: "back", To: s.env.Now().Add(time.Millisecond), Limit: lookbackBatch}
	page, err := s.intents.Find(ctx, due)
	looked, failed := 0, err
	for _, in := range page.Items {
		if ctx.Err() != nil {
			break
		}
		looked++
		if err := s.lookBack(ctx, in.ID); err != nil {
			failed = errors.Join(failed, fmt.Errorf("payment %s: %w", in.ID, err))
		}
	}
	return looked, failed
}

// lookBack sets the next time first, so that a provider that never answers is
// not asked in every round.
func (s *Service) lookBack(ctx context.Context, id market.ID) error {
	if _, err := s.intents.Update(ctx, id, func(in *Intent) ([]market.Event, error) {
		in.planBack(s.env.Now())
		return nil, nil
	}); err != nil {
		return err
	}
	_, err := s.Recheck(ctx, id)
	return err
}
