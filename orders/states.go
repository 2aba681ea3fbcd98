package orders

import (
	"slices"

	"chohue/market"
)

// State is where an order stands.
type State string

// The states of an order.
const (
	StatePlaced    State = "placed"    // stock is held, payment awaited
	StateConfirmed State = "confirmed" // paid, or to be paid on delivery; sellers may pack
	StateCompleted State = "completed" // every parcel is delivered
	StateCancelled State = "cancelled" // nothing will be sent and nothing is owed
	StateRefunding State = "refunding" // nothing will be sent; the buyer's money is going back
	StateRefunded  State = "refunded"  // the buyer has the money back
)

// orderMoves reads aloud: a placed order may become confirmed, cancelled, or,
// when the money came but the goods were gone, refunding; and so on.
var orderMoves = map[State][]State{
	StatePlaced:    {StateConfirmed, StateCancelled, StateRefunding},
	StateConfirmed: {StateCompleted, StateCancelled, StateRefunding},
	StateCancelled: {StateRefunding}, // a late capture
	StateRefunding: {StateRefunded},
}

// ParcelState is where one seller's parcel stands.
type ParcelState string

// The states of a parcel.
const (
	ParcelWaiting   ParcelState = "waiting" // the order is not confirmed yet
	ParcelNew       ParcelState = "new"     // to be packed
	ParcelPacked    ParcelState = "packed"
	ParcelShipped   ParcelState = "shipped"
	ParcelDelivered ParcelState = "delivered"
	ParcelCancelled ParcelState = "cancelled"
)

var parcelMoves = map[ParcelState][]ParcelState{
	ParcelWaiting: {ParcelNew, ParcelCancelled},
	ParcelNew:     {ParcelPacked, ParcelCancelled},
	ParcelPacked:  {ParcelShipped},
	ParcelShipped: {ParcelDelivered},
}

var errMove = market.Conflict("order.move")

// to moves the order; being there already is no move and no error.
func (o *Order) to(next State) error {
	if o.State == next {
		return nil
	}
	if !slices.Contains(orderMoves[o.State], next) {
		return errMove.With("from", string(o.State)).With("to", string(next))
	}
	o.State = next
	return nil
}

func (p *Parcel) to(next ParcelState) error {
	if p.State == next {
		return nil
	}
	if !slices.Contains(parcelMoves[p.State], next) {
		return errMove.With("from", string(p.State)).With("to", string(next))
	}
	p.State = next
	return nil
}
