package payments

import "slices"

// State is where a payment stands.
type State string

// The states of a payment.
const (
	StatePending        State = "pending"     // the buyer has something to do
	StateCollectable    State = "collectable" // the carrier collects on delivery
	StateCaptured       State = "captured"    // the money has come
	StateFailed         State = "failed"      // the provider says it will not come
	StateExpired        State = "expired"     // it has not come in time
	StatePartlyRefunded State = "partly_refunded"
	StateRefunded       State = "refunded"
)

// moves reads: a payment in the first state may go to one of the others. Money
// that comes late is still money: failed and expired may become captured, and
// the order then decides between a refund and a back order.
var moves = map[State][]State{
	StatePending:        {StateCollectable, StateCaptured, StateFailed, StateExpired},
	StateCollectable:    {StateCaptured, StateFailed},
	StateFailed:         {StateCaptured},
	StateExpired:        {StateCaptured},
	StateCaptured:       {StatePartlyRefunded, StateRefunded},
	StatePartlyRefunded: {StateRefunded},
	StateRefunded:       {},
}

// May reports whether a payment may go from s to next. Staying is no move.
func (s State) May(next State) bool { return slices.Contains(moves[s], next) }

// Open reports whether the buyer's money is still awaited.
func (s State) Open() bool { return s == StatePending || s == StateCollectable }

// Paid reports whether money has come, even if some of it went back.
func (s State) Paid() bool {
	return s == StateCaptured || s == StatePartlyRefunded || s == StateRefunded
}
