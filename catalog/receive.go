package catalog

import (
	"context"
	"slices"

	"chohue/market"
)

// Receive adds units that the seller has brought in.
func (s *Service) Receive(ctx context.Context, by market.Actor, variant market.ID, qty int64, reason string) (*Stock, error) {
	return s.moveStock(ctx, by, variant, Move{Quantity: qty, Reason: reason}, func(k *Stock) error { return k.Receive(qty) })
}

// Adjust takes units off that are spoiled or missing.
func (s *Service) Adjust(ctx context.Context, by market.Actor, variant market.ID, lost int64, reason string) (*Stock, error) {
	return s.moveStock(ctx, by, variant, Move{Quantity: -lost, Reason: reason}, func(k *Stock) error { return k.Lose(lost) })
}

func (s *Service) moveStock(ctx context.Context, by market.Actor, variant market.ID, m Move, change func(*Stock) error) (*Stock, error) {
	var c market.Checks
	m.Reason = line(&c, "reason", m.Reason, maxReason)
	if err := c.Err(); err != nil {
		return nil, err
	}
	m.By, m.At = by.Person, s.env.Now()
	return s.updateStock(ctx, variant, func(k *Stock) error {
		if !by.For(k.Seller) {
			return errMissing
		}
		if m.ID != "" && slices.ContainsFunc(k.Moves, func(old Move) bool { return old.ID == m.ID }) {
			return nil
		}
		if err := change(k); err != nil {
			return err
		}
		k.note(m)
		return nil
	})
}
