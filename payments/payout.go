package payments

import "context"

// The kinds of transaction that payouts post.
const (
	KindPayout  = "payout"    // claimed for the bank
	KindPaidOut = "paid_out"  // the bank has paid
	KindUnpaid  = "unpaid"    // the bank has refused
	KindBounced = "paid_back" // paid, and came back later
)

func (a *audit) readPayouts(context.Context, *Service) error { return nil }
