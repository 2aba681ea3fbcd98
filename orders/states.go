package orders

import (
	"chohue/market"
)

// Step is one row of a table of states: what is in the state From goes to the
// state To when something happens. The row reads aloud: "a placed order becomes
// confirmed when it is paid, or is to be paid on delivery".
type Step[S ~string] struct {
	From, To S
	When     string // in English, for the picture in docs/states.md
}

// Table is every way in which something changes its state; what is not in it
// does not happen.
type Table[S ~string] []Step[S]

// May reports whether the table leads from one state to another.
func (t Table[S]) May(from, to S) bool {
	for _, step := range t {
		if step.From == from && step.To == to {
			return true
		}
	}
	return false
}

var errMove = market.Conflict("order.move")

// move changes the state; being there already is no move and no error.
func (t Table[S]) move(at *S, next S) error {
	if *at == next {
		return nil
	}
	if !t.May(*at, next) {
		return errMove.With("from", string(*at)).With("to", string(next))
	}
	*at = next
	return nil
}

// State is where an order stands.
type State string

// The states of an order.
const (
	StatePlaced    State = "placed"    // stock is held, payment awaited
	StateConfirmed State = "confirmed" // paid, or to be paid on delivery; sellers may pack
	StateCompleted State = "completed" // every parcel has come to its end, one at least at the buyer
	StateCancelled State = "cancelled" // nothing will be sent and nothing is owed
	StateRefunding State = "refunding" // nothing will be sent; the buyer's money is going back
	StateRefunded  State = "refunded"  // the buyer has the money back
)

// OrderSteps is how an order goes.
var OrderSteps = Table[State]{
	{StatePlaced, StateConfirmed, "paid, or cash on delivery"},
	{StatePlaced, StateCancelled, "unpaid in time, payment refused, changed mind"},
	{StatePlaced, StateRefunding, "paid, but the goods are gone"},
	{StateConfirmed, StateCompleted, "every parcel ended, one at least delivered"},
	{StateConfirmed, StateCancelled, "nothing sent or nothing arrived, cash on delivery"},
	{StateConfirmed, StateRefunding, "nothing sent or nothing arrived, paid"},
	{StateCancelled, StateRefunding, "the money came late"},
	{StateRefunding, StateRefunded, "all of the money went back"},
}

// ParcelState is where one seller's parcel stands.
type ParcelState string

// The states of a parcel.
const (
	ParcelWaiting     ParcelState = "waiting" // the order is not confirmed yet
	ParcelNew         ParcelState = "new"     // to be packed
	ParcelPacked      ParcelState = "packed"
	ParcelShipped     ParcelState = "shipped"
	ParcelDelivered   ParcelState = "delivered"
	ParcelUndelivered ParcelState = "undelivered" // an attempt to deliver it failed
	ParcelReturning   ParcelState = "returning"   // on its way back, never having reached the buyer
	ParcelReturned    ParcelState = "returned"    // back at the seller
	ParcelLost        ParcelState = "lost"        // the carrier cannot find it, or it was destroyed on the way
	ParcelCancelled   ParcelState = "cancelled"
)

// ParcelSteps is how a parcel goes.
var ParcelSteps = Table[ParcelState]{
	{ParcelWaiting, ParcelNew, "the order is confirmed"},
	{ParcelWaiting, ParcelCancelled, "the order ends"},
	{ParcelNew, ParcelPacked, "the seller packs"},
	{ParcelNew, ParcelCancelled, "the order ends, or the seller is too late"},
	{ParcelPacked, ParcelShipped, "handed to the carrier"},
	{ParcelPacked, ParcelCancelled, "the seller is too late"},
	{ParcelShipped, ParcelDelivered, "the buyer has it"},
	{ParcelShipped, ParcelUndelivered, "an attempt failed"},
	{ParcelShipped, ParcelReturning, "refused, or the carrier turns back"},
	{ParcelShipped, ParcelLost, "lost or destroyed"},
	{ParcelUndelivered, ParcelShipped, "another attempt"},
	{ParcelUndelivered, ParcelDelivered, "the buyer has it"},
	{ParcelUndelivered, ParcelReturning, "not collected in time"},
	{ParcelUndelivered, ParcelLost, "lost or destroyed"},
	{ParcelReturning, ParcelDelivered, "the buyer got it after all"},
	{ParcelReturning, ParcelReturned, "back at the seller"},
	{ParcelReturning, ParcelLost, "lost or destroyed"},
}

// Ended reports whether nothing more happens to a parcel in this state.
func (s ParcelState) Ended() bool {
	return s == ParcelDelivered || s == ParcelReturned || s == ParcelLost || s == ParcelCancelled
}

// ReturnState is where a buyer's return stands.
type ReturnState string

// The states of a return.
const (
	ReturnRequested ReturnState = "requested" // the seller has to answer
	ReturnAccepted  ReturnState = "accepted"  // the buyer has to send the goods back
	ReturnRefused   ReturnState = "refused"   // the buyer may ask the platform to decide
	ReturnDisputed  ReturnState = "disputed"  // the platform has to decide
	ReturnSent      ReturnState = "sent"      // the goods are on their way back
	ReturnReceived  ReturnState = "received"  // the seller has them and looks at them
	ReturnRefunding ReturnState = "refunding" // the money is on its way
	ReturnOwed      ReturnState = "owed"      // the way of paying would not take the money back; it is still owed
	ReturnRefunded  ReturnState = "refunded"  // the buyer has the money
	ReturnClosed    ReturnState = "closed"    // ended without money; Outcome says why
)

// ReturnSteps is how a return goes.
var ReturnSteps = Table[ReturnState]{
	{ReturnRequested, ReturnAccepted, "the seller agrees, or does not answer in time"},
	{ReturnRequested, ReturnRefunding, "the seller agrees and the buyer keeps the goods"},
	{ReturnRequested, ReturnRefused, "the seller says no, with a reason"},
	{ReturnRequested, ReturnClosed, "the buyer takes it back"},
	{ReturnAccepted, ReturnSent, "the buyer sends the goods"},
	{ReturnAccepted, ReturnReceived, "the seller has the goods"},
	{ReturnAccepted, ReturnRefunding, "the seller lets the buyer keep the goods"},
	{ReturnAccepted, ReturnClosed, "not sent in time, or taken back"},
	{ReturnRefused, ReturnDisputed, "the buyer asks the platform"},
	{ReturnRefused, ReturnClosed, "the buyer leaves it at that"},
	{ReturnDisputed, ReturnAccepted, "the platform: send it back for the money"},
	{ReturnDisputed, ReturnRefunding, "the platform: money back"},
	{ReturnDisputed, ReturnClosed, "the platform: no money; or the buyer gives up"},
	{ReturnSent, ReturnReceived, "the seller has the goods"},
	{ReturnSent, ReturnDisputed, "the seller says that they did not come, or the buyer that they did"},
	{ReturnReceived, ReturnRefunding, "the goods are as they should be, or nothing is said in time"},
	{ReturnReceived, ReturnDisputed, "the seller says that they are not"},
	{ReturnRefunding, ReturnRefunded, "the money is back"},
	{ReturnRefunding, ReturnOwed, "the way of paying refuses"},
	{ReturnOwed, ReturnRefunding, "asked for again"},
	{ReturnOwed, ReturnRefunded, "the money is back by another way"},
}

// Open reports whether a return in this state still claims goods or money.
func (s ReturnState) Open() bool { return s != ReturnRefunded && s != ReturnClosed }

// ComplaintState is where a complaint stands.
type ComplaintState string

// The states of a complaint.
const (
	ComplaintOpen      ComplaintState = "open"      // the seller has to answer
	ComplaintAnswered  ComplaintState = "answered"  // the buyer has an answer
	ComplaintEscalated ComplaintState = "escalated" // the platform has to decide
	ComplaintResolved  ComplaintState = "resolved"  // it has an outcome, in writing
	ComplaintWithdrawn ComplaintState = "withdrawn" // by whoever made it
)

// ComplaintSteps is how a complaint goes.
var ComplaintSteps = Table[ComplaintState]{
	{ComplaintOpen, ComplaintAnswered, "the seller answers"},
	{ComplaintOpen, ComplaintEscalated, "no answer in time, or the platform takes it up"},
	{ComplaintOpen, ComplaintResolved, "the platform decides"},
	{ComplaintOpen, ComplaintWithdrawn, "taken back"},
	{ComplaintAnswered, ComplaintResolved, "the buyer is content, or says nothing more in time"},
	{ComplaintAnswered, ComplaintEscalated, "the buyer is not content"},
	{ComplaintAnswered, ComplaintWithdrawn, "taken back"},
	{ComplaintEscalated, ComplaintResolved, "the platform decides"},
	{ComplaintEscalated, ComplaintWithdrawn, "taken back"},
}

// Open reports whether somebody still has to do something about the complaint.
func (s ComplaintState) Open() bool { return s != ComplaintResolved && s != ComplaintWithdrawn }

// to moves the order; being there already is no move and no error.
func (o *Order) to(next State) error { return OrderSteps.move(&o.State, next) }

func (p *Parcel) to(next ParcelState) error { return ParcelSteps.move(&p.State, next) }
