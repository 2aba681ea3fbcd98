package search

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"chohue/market"
)

// asked is an engine and how it does.
type asked struct {
	Engine
	behind atomic.Bool  // it has missed changes and does not know the shop
	rests  atomic.Int64 // it did not answer; until then it is not asked, in Unix nanoseconds
}

const (
	// patience is how long an engine is waited for when another one could answer.
	patience = 2 * time.Second
	// rest is how long an engine that did not answer is left in peace.
	rest = 5 * time.Second
)

// first asks the engines in their order until one answers, and says which. One
// that is behind or rests is passed over.
func (s *Service) first(ctx context.Context, ask func(context.Context, Engine) error) (int, error) {
	for i, e := range s.engines {
		last := i == len(s.engines)-1
		if !last && (e.behind.Load() || time.Now().UnixNano() < e.rests.Load()) {
			continue
		}
		err := e.within(ctx, last, ask)
		if err == nil {
			return i, nil
		}
		if ctx.Err() != nil {
			return i, ctx.Err()
		}
		slog.WarnContext(ctx, "search: an engine does not answer", "engine", i, "err", err)
		e.rests.Store(time.Now().Add(rest).UnixNano())
	}
	return 0, market.Unavailable("search.unavailable")
}

func (e *asked) within(ctx context.Context, last bool, ask func(context.Context, Engine) error) error {
	if last {
		return ask(ctx, e.Engine)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return ask(ctx, e.Engine)
}

// apply tells every engine. When some engine has heard, the news is delivered:
// the others are behind, are not asked, and are mended by Recover. When none
// has, the news must come again.
func (s *Service) apply(ctx context.Context, changes ...Change) error {
	var failed error
	heard := 0
	for i, e := range s.engines {
		if err := tell(ctx, e.Engine, changes); err != nil {
			failed = errors.Join(failed, err)
			if len(s.engines) > 1 && !e.behind.Swap(true) {
				slog.ErrorContext(ctx, "search: an engine is behind", "engine", i, "err", err)
			}
			continue
		}
		heard++
	}
	if heard > 0 {
		return nil
	}
	return failed
}

// Recover mends the engines that are behind and well again, and says how much
// there was to mend.
func (s *Service) Recover(ctx context.Context) (int, error) {
	mended := 0
	var failed error
	for _, e := range s.engines {
		if !e.behind.Load() || e.Health(ctx) != nil {
			continue
		}
		r, err := s.reconcile(ctx, e.Engine)
		mended += r.Missing + r.Stale + r.Gone
		failed = errors.Join(failed, err)
		e.behind.Store(err != nil)
	}
	return mended, failed
}

// Degraded reports whether another engine than the first one answers now.
func (s *Service) Degraded() bool {
	first := s.engines[0]
	return len(s.engines) > 1 && (first.behind.Load() || time.Now().UnixNano() < first.rests.Load())
}
