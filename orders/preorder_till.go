package orders

import (
	"context"
	"strings"

	"chohue/market"
	"chohue/payments"
)

// What was paid for a pre-order's order lies in two payments: the balance,
// which the order names, and the deposit before it. What goes back comes out of
// the balance first.

// depositBeside is the deposit that belongs to the payment of a balance.
func depositBeside(payment market.ID) (market.ID, bool) {
	id, ours := preorderOf(payment)
	return id + depositSuffix, ours && strings.HasPrefix(string(payment[preorderID:]), balanceSuffix)
}

// deposit is what is left of the wish for the deposit, when there is one.
func (w refundWish) deposit(taken market.VND) (refundWish, bool) {
	deposit, two := depositBeside(w.Payment)
	w.Payment, w.Most, w.Key = deposit, w.Most-taken, w.Key+depositSuffix
	return w, two && w.Most > 0
}

// depositBack reports whether the other of the two payments of a pre-order's
// order has gone back too; true for orders with one.
func (s *Service) depositBack(ctx context.Context, payment market.ID) (bool, error) {
	deposit, two := depositBeside(payment)
	if !two {
		return true, nil
	}
	in, err := s.till.Intent(ctx, deposit)
	return err == nil && in.State == payments.StateRefunded, err
}
