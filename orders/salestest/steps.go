package salestest

import (
	"chohue/market"
	"chohue/orders"
)

// orderStates and parcelStates name the states that events tell of, so that
// several steps in one write are seen one by one.
var orderStates = map[string]orders.State{
	orders.EventConfirmed: orders.StateConfirmed, orders.EventCompleted: orders.StateCompleted, orders.EventCancelled: orders.StateCancelled,
	orders.EventRefunding: orders.StateRefunding, orders.EventRefunded: orders.StateRefunded,
}

var parcelStates = map[string]orders.ParcelState{
	orders.EventPacked: orders.ParcelPacked, orders.EventShipped: orders.ParcelShipped, orders.EventDelivered: orders.ParcelDelivered,
	orders.EventUndelivered: orders.ParcelUndelivered, orders.EventReturning: orders.ParcelReturning,
	orders.EventBack: orders.ParcelReturned, orders.EventLost: orders.ParcelLost, orders.EventParcelCancelled: orders.ParcelCancelled,
}

// walks reports whether the table leads from one state to the other: in one
// step, or by the states that the write's news tell of on the way.
func walks[S ~string](steps orders.Table[S], from, to S, news []market.Event, states map[string]S) bool {
	if from == to || steps.May(from, to) {
		return true
	}
	for _, e := range news {
		if next, tells := states[e.Type]; tells && next != to && steps.May(from, next) {
			from = next
		}
	}
	return steps.May(from, to)
}
