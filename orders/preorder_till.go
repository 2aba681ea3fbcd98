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

// depositKey names what a deposit gives of a refund that two payments share.
func depositKey(key market.ID) market.ID { return key + ":" + depositSuffix }

// deposit is what is left of the wish for the deposit, when there is one.
func (w refundWish) deposit(taken market.VND) (refundWish, bool) {
	deposit, two := depositBeside(w.Payment)
	w.Payment, w.Most, w.Key = deposit, w.Most-taken, depositKey(w.Key)
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

// refundPart is what one payment gives of a wish: Most is the amount.
type refundPart struct {
	refundWish

	done bool // the buyer has it
	gone bool // it was refused, and there is nothing left that it could come out of
}

// parts share a wish out among the payments that it comes out of, as far as
// they have it. A part that was asked for already stays as it was asked for.
func (s *Service) parts(ctx context.Context, w refundWish) (all []refundPart, err error) {
	if w.Extra != "" { // what was paid last goes back first
		extra := w
		extra.Payment, extra.Extra = w.Extra, ""
		if all, err = s.parts(ctx, extra); err != nil {
			return nil, err
		}
		w.Extra = ""
		for _, part := range all {
			w.Most -= part.Most
		}
	}
	for more := true; more; {
		in, err := s.till.Intent(ctx, w.Payment)
		if err != nil {
			return nil, err
		}
		part := refundPart{w, refundDone(in, w.Key), refundGone(in, w)}
		if part.Most = max(w.amount(in), 0); part.Most > 0 {
			all = append(all, part)
		}
		w, more = w.deposit(max(part.Most, 0))
	}
	return all, nil
}

func refundGone(in *payments.Intent, w refundWish) bool {
	r, _ := in.RefundOf(w.Key)
	return r.State == payments.RefundFailed && in.RefundableOf(w.Seller) == 0
}

// confirmParts takes the seller's word for what no machine sends back. It fails
// when that is nothing of what is on its way.
func (s *Service) confirmParts(ctx context.Context, by market.Actor, parts []refundPart) (err error) {
	taken := false
	for _, part := range parts {
		if part.done {
			continue
		}
		if _, refused := s.till.ConfirmRefund(ctx, by, part.Payment, part.Key); refused != nil {
			err = refused
			continue
		}
		taken = true
	}
	if taken {
		return nil
	}
	return err
}
