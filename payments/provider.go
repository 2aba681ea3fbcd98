package payments

import (
	"context"
	"fmt"
	"net/http"
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
	// for the same payment, never a second one; a provider that cannot be asked
	// for its answer again gives a step to another order of the same charge, of
	// which the room shows the buyer one alone.
	Begin(ctx context.Context, c Charge) (Step, error)
	// Notice verifies a callback, in constant time and before reading any
	// field of it, then parses it. Forged, damaged and stale ones are refused
	// as forbidden or invalid; no error says what the right signature is.
	Notice(ctx context.Context, raw Raw) (Notice, error)
	// Query asks how the payment stands: capture, failure or pending. Of a
	// payment that is captured it may tell a refund that the intent does not
	// know: one made at the provider's own desk. An error means that the answer
	// is not known, never that there is no money.
	Query(ctx context.Context, in *Intent) (Notice, error)
	// Refund gives money back, or says that it was already done: asking again
	// with the same key gives the outcome of the first time, so that it is the
	// question how a refund stands, too. A conflict or invalid error means that
	// it will not be done; any other error that nobody knows yet.
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

// Returner is a provider that signs the address to which it sends the payer
// back.
type Returner interface {
	// Returned verifies that address and says what it claims. It is for
	// display only: whoever holds the address can open it again.
	Returned(query string) (Notice, error)
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
	NoticePending      = "pending" // nothing is settled yet; never recorded
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

// StatusReply answers with nothing but an HTTP status, for providers that ask
// for no more: quiet when the notice was taken, else what the error is.
func StatusReply(err error, quiet int) Reply {
	if err == nil {
		return Reply{Status: quiet}
	}
	status := http.StatusInternalServerError
	switch market.KindOf(err) {
	case market.KindForbidden:
		status = http.StatusForbidden
	case market.KindInvalid:
		status = http.StatusBadRequest
	case market.KindNotFound:
		status = http.StatusNotFound
	case market.KindConflict:
		status = http.StatusConflict
	case market.KindUnavailable:
		status = http.StatusServiceUnavailable
	}
	return Reply{Status: status, ContentType: "text/plain; charset=utf-8", Body: []byte(http.StatusText(status))}
}

// Secret is a key that no log and no error message may show. The text is behind
// a pointer, so that not even a struct that holds it unexported prints it.
type Secret struct{ text *string }

// Conceal makes a secret of a text.
func Conceal(text string) Secret { return Secret{&text} }

// Reveal is the text, for signing.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Format implements fmt.Formatter.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[secret]")) }
