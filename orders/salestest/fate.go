package salestest

import (
	"chohue/market"
	"chohue/orders"
)

// fate is where a parcel has really come to, whether or not our process has
// heard of it.
type fate string

const (
	there fate = "there" // its buyer has it
	gone  fate = "gone"  // lost or destroyed
	home  fate = "home"  // with its seller again
)

// comesTo says where a parcel is to come to and does what says so to our
// process; a parcel that has come somewhere else stays there.
func comesTo(f fate) func(*world, market.Actor, market.ID, orders.Parcel) {
	return func(w *world, by market.Actor, order market.ID, parcel orders.Parcel) {
		if w.fates[parcel.ID] == "" {
			if w.onTheWay(parcel.ID) {
				return // its carrier has it
			}
			w.fates[parcel.ID] = f
		}
		switch {
		case w.fates[parcel.ID] == there:
			w.deliverParcel(by, order, parcel)
		case w.fates[parcel.ID] == gone:
			w.loseParcel(by, order, parcel)
		case parcel.State == orders.ParcelReturning:
			w.bringBack(by, order, parcel)
		default:
			w.turnParcel(by, order, parcel)
		}
	}
}

// onItsWay does something with a parcel that has not come anywhere yet.
func onItsWay(do func(*world, market.Actor, market.ID, orders.Parcel)) func(*world, market.Actor, market.ID, orders.Parcel) {
	return func(w *world, by market.Actor, order market.ID, parcel orders.Parcel) {
		if w.fates[parcel.ID] == "" && !w.onTheWay(parcel.ID) {
			do(w, by, order, parcel)
		}
	}
}
