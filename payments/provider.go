package payments

import (
	"context"
	"time"

	"chohue/market"
)

// Provider is one way of paying. It knows the provider's signatures and fields
// and keeps no state; what happened is recorded by [Service]. Every provider
// runs paymentstest.
type Provider interface {
	// Name is the method buyers choose and the provider's name in addresses.
	Name() string
	// Begin says what the buyer has to do. The same charge again gives a step
	// for the same payment, never a second one.
	Begin(ctx context.Context, c Charge) (Step, error)
	// Notice verifies a callback, in constant time and before reading any
	// field of it, then parses it. Forged, damaged and stale ones are refused
	// as forbidden or invalid; no error says what the right signature is.
	Notice(ctx context.Context, raw Raw) (Notice, error)
	// Query asks how the payment stands: capture, failure or pending. An error
	// means that the answer is not known, never that there is no money.
	Query(ctx context.Context, in *Intent) (Notice, error)
	// Refund gives money back, or says that it was already done: asking again
	// with the same key gives the outcome of the first time. A conflict or
	// invalid error means that it will not be done; any other error that
	// nobody knows yet.
	Refund(ctx context.Context, in *Intent, r RefundRequest) (Notice, error)
	// Reply is what the provider wants to hear when its notice was handled
	// with err.
	Reply(err error) Reply
}

// Witness is a provider whose money is seen to arrive by people, not reported
// by a machine: a bank transfer to the seller, cash at the door.
type Witness interface {
	// Witnessed is the notice that somebody's word stands for.
	Witnessed(in *Intent, at time.Time) Notice
}

// Instant is a provider whose step follows from the charge alone: Begin asks
// nobody, so the payment can be written once, with its step.
type Instant interface {
	// Instant marks the provider; it does nothing.
	Instant()
}

// Raw is a callback exactly as it came.
type Raw struct {
	Body   []byte
	Header map[string][]string // canonical names
	Query  string              // not decoded
}

// The types of notice.
const (
	NoticeCapture      = "capture"
	NoticeFailure      = "failure"
	NoticeRefund       = "refund"
	NoticeRefundFailed = "refund_failed"
	NoticePending      = "pending" // an answer to a question, never recorded
)

// Notice is what a provider says has happened.
type Notice struct {
	Provider    string
	Transaction string // the provider's own id of the movement
	Type        string
	Payment     market.ID
	Refund      market.ID // our key, for a refund that we asked for
	Merchant    string
	Amount      market.VND
	At          time.Time
}

// RefundRequest asks for money to go back to the buyer.
type RefundRequest struct {
	Key    market.ID // the same key is the same refund
	Amount market.VND
	Reason string
}

// Reply is an answer to send back as it is.
type Reply struct {
	Status      int
	ContentType string
	Body        []byte
}
