package payments

import "chohue/market"

// The events of this room. Their subject is the order, so that an order hears
// its own in order.
const (
	EventCaptured     = "payments.captured"
	EventFailed       = "payments.failed" // failed or expired
	EventRefunded     = "payments.refunded"
	EventRefundFailed = "payments.refund_failed"
	EventSurplus      = "payments.surplus" // paid again; the room sends it back by itself
	EventCarried      = "payments.carried" // a parcel is with a carrier whose fee or cash concerns the books
)

// Happened is the payload of every event of this room.
type Happened struct {
	Payment  market.ID  `json:"payment"`
	Order    market.ID  `json:"order"`
	Amount   market.VND `json:"amount"` // of this movement alone
	Method   string     `json:"method"`
	State    State      `json:"state"`              // of the payment after it
	Document string     `json:"document,omitempty"` // the ledger's name for the movement
	Refund   market.ID  `json:"refund,omitempty"`   // key of the refund, as who asked for it calls it
	Try      int        `json:"try,omitempty"`      // how often it was refused before
	Seller   market.ID  `json:"seller,omitempty"`   // whose share alone was refunded
	Reason   string     `json:"reason,omitempty"`
	Late     bool       `json:"late,omitempty"` // the money came after the payment had failed or expired
}

func (s *Service) event(kind string, in *Intent, h Happened) market.Event {
	h.Refund, h.Try = firstKey(h.Refund), tryOf(h.Refund)
	h.Payment, h.Order, h.Method, h.State = in.ID, in.Order, in.Method, in.State
	return market.NewEvent(s.env, kind, in.Order, h)
}
