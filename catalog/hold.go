package catalog

import (
	"context"
	"errors"
	"time"

	"chohue/market"
	"chohue/store"
)

// Hold reserves qty of the variant for the order. See Stock.Hold. What the
// order has bought already it need not hold.
func (s *Service) Hold(ctx context.Context, order, variant market.ID, qty int64, until time.Time) error {
	if _, err := s.sales.Get(ctx, saleID(order, variant)); !store.Missing(err) {
		return err
	}
	return s.changeStock(ctx, variant, func(k *Stock) error { return k.Hold(order, qty, s.env.Now(), until) })
}

// Settle sells what the order holds of the variant and returns how much of
// which lot that is. See Stock.Settle. A hold that was settled and forgotten is
// settled still: two answers to one payment may come at once, and the slower
// one must not buy again.
func (s *Service) Settle(ctx context.Context, order, variant market.ID) ([]Share, error) {
	k, err := s.updateStock(ctx, variant, func(k *Stock) error { return k.Settle(order) })
	if err == nil {
		return k.hold(order).Lots, nil
	}
	if !errors.Is(err, errHoldGone) {
		return nil, err
	}
	sale, found := s.sales.Get(ctx, saleID(order, variant))
	if store.Missing(found) {
		return nil, err
	}
	if found != nil {
		return nil, found
	}
	return sale.Lots, nil
}

// Release gives back what the order holds of the variant and has not settled.
// Nothing to give back is no error.
func (s *Service) Release(ctx context.Context, order, variant market.ID) error {
	return s.changeStock(ctx, variant, func(k *Stock) error { k.Release(order); return nil })
}

// ExpireHolds lets go of all holds whose time is over and returns how many.
func (s *Service) ExpireHolds(ctx context.Context) (int, error) {
	now, total := s.env.Now(), 0
	// To is exclusive and Expire is not: a millisecond is the store's grain.
	due := store.Query{Index: "expiry", To: now.Add(time.Millisecond)}
	err := s.stocks.Each(ctx, due, func(found *Stock) error {
		expired := 0
		err := s.changeStock(ctx, found.ID, func(k *Stock) error { expired = k.Expire(now); return nil })
		if err != nil {
			return err
		}
		total += expired
		return s.forgetReturns(ctx, found, now)
	})
	return total, err
}

func (s *Service) forgetReturns(ctx context.Context, k *Stock, now time.Time) error {
	for _, h := range k.Holds {
		if !h.Settled || h.Returned+h.Lost == 0 || h.Until.After(now) {
			continue
		}
		if err := s.Forget(ctx, h.Order, k.ID); err != nil {
			return err
		}
	}
	return nil
}

// Stocks returns the stocks of the variants, by variant.
func (s *Service) Stocks(ctx context.Context, variants ...market.ID) (map[market.ID]*Stock, error) {
	return s.stocks.GetMany(ctx, variants...)
}

func (s *Service) changeStock(ctx context.Context, variant market.ID, change func(*Stock) error) error {
	_, err := s.updateStock(ctx, variant, change)
	return err
}

// updateStock changes the stock of a variant and tells when it sells out or
// comes back.
func (s *Service) updateStock(ctx context.Context, variant market.ID, change func(*Stock) error) (*Stock, error) {
	k, err := s.stocks.Update(ctx, variant, func(k *Stock) ([]market.Event, error) {
		before := k.Offered()
		if err := change(k); err != nil {
			return nil, err
		}
		if err := k.Check(); err != nil {
			return nil, err
		}
		if (before == 0) == (k.Offered() == 0) {
			return nil, nil
		}
		return []market.Event{s.stockNews(k, k.Rev+1)}, nil
	})
	return k, missing(err)
}

func (s *Service) stockNews(k *Stock, version int64) market.Event {
	return market.NewEvent(s.env, EventStock, k.Product, StockChanged{k.Product, k.ID, k.Offered(), version})
}
