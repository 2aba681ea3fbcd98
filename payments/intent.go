package payments

import (
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// Intent is one payment from its beginning to its last refund. All money that
// moved is listed in it, so that hearing of a movement twice changes nothing,
// and the ledger can be rebuilt from it.
type Intent struct {
	store.Doc   `bson:",inline"`
	Order       market.ID    `bson:"order"`
	OrderCode   string       `bson:"order_code"`
	Amount      market.VND   `bson:"amount"`
	Method      string       `bson:"method"`
	Shares      []Share      `bson:"shares"`
	Payee       *Bank        `bson:"payee,omitempty"`
	Description string       `bson:"description"`
	ReturnURL   string       `bson:"return_url"`
	NoticeURL   string       `bson:"notice_url"`
	ExpiresAt   time.Time    `bson:"expires_at"`
	Payer       market.ID    `bson:"payer,omitempty"` // who began it; empty for a guest
	State       State        `bson:"state"`
	Step        Step         `bson:"step"`
	Captures    []Capture    `bson:"captures,omitempty"`
	Refunds     []Refund     `bson:"refunds,omitempty"`
	Lowered     []Correction `bson:"lowered,omitempty"` // taken off Amount before it was collected
	Withheld    []Withheld   `bson:"withheld,omitempty"`
	Carriages   []Carriage   `bson:"carriages,omitempty"`
	Captured    market.VND   `bson:"captured"` // all captures, surplus included
	Refunded    market.VND   `bson:"refunded"` // all refunds that were done
	CapturedAt  time.Time    `bson:"captured_at"`
	CreatedAt   time.Time    `bson:"created_at"`
	Due         *time.Time   `bson:"due,omitempty"` // when Reconcile looks next; nil when all is settled
	Looks       int          `bson:"looks"`
	AskedLast   bool         `bson:"asked_last,omitempty"` // the provider has answered after the last moment for money
	BackAt      *time.Time   `bson:"back_at,omitempty"`    // when LookBack asks about it next; nil for never again
}

// Capture is money that came. A surplus is money that came although the
// payment was already captured: it belongs to the buyer and goes back.
type Capture struct {
	Transaction string     `bson:"transaction"`
	Amount      market.VND `bson:"amount"`
	Surplus     bool       `bson:"surplus,omitempty"`
	At          time.Time  `bson:"at"`
}

// Refund is money that goes, or went, back to the buyer.
type Refund struct {
	Key         market.ID   `bson:"key"`
	Amount      market.VND  `bson:"amount"`
	Reason      string      `bson:"reason"`
	Seller      market.ID   `bson:"seller,omitempty"`   // whose share alone it comes from; empty for all
	Fee         *market.VND `bson:"fee,omitempty"`      // what comes back of the platform's fee; nil for its proportion
	Subsidy     *market.VND `bson:"subsidy,omitempty"`  // what the platform takes back of its vouchers; nil for its proportion
	Shipping    *market.VND `bson:"shipping,omitempty"` // how much of it is for delivery; nil when nobody said
	Surplus     bool        `bson:"surplus,omitempty"`  // all of it came beyond the price
	Over        market.VND  `bson:"over,omitempty"`     // what did when only a part did; the provider made one of two
	State       RefundState `bson:"state"`
	Moved       int         `bson:"moved,omitempty"` // movements of the payment that were known when it was reserved
	Parts       []Part      `bson:"parts,omitempty"`
	Transaction string      `bson:"transaction,omitempty"`
	At          time.Time   `bson:"at"`
	DoneAt      time.Time   `bson:"done_at"`
}

// RefundState is where a refund stands.
type RefundState string

// The states of a refund. A pending one is reserved: it can neither be spent
// twice nor forgotten.
const (
	RefundPending RefundState = "pending"
	RefundDone    RefundState = "done"
	RefundFailed  RefundState = "failed"
	// RefundOvertaken has lost its reservation to money that the provider gave
	// back by itself. Most likely it will be refused; as long as nobody knows, it
	// is asked for.
	RefundOvertaken RefundState = "overtaken"
)

// Part is what one seller gives back of a refund: Gross to the buyer and
// Subsidy to the platform, whose vouchers paid it; and what the platform gives
// the seller back of its fee. It is frozen when the refund is asked for.
type Part struct {
	Seller  market.ID  `bson:"seller"`
	Gross   market.VND `bson:"gross"`
	Fee     market.VND `bson:"fee"`
	Subsidy market.VND `bson:"subsidy,omitempty"`
}

func newIntent(c Charge, payer market.ID, now time.Time) *Intent {
	in := &Intent{
		Doc: store.Doc{ID: c.ID}, Order: c.Order, OrderCode: c.OrderCode, Amount: c.Amount,
		Method: c.Method, Shares: c.Shares, Payee: c.Payee, Description: c.Description,
		ReturnURL: c.ReturnURL, NoticeURL: c.NoticeURL, ExpiresAt: c.ExpiresAt,
		Payer: payer, State: StatePending, CreatedAt: now,
	}
	in.plan(now)
	return in
}

// Charge returns what the intent was begun with.
func (in *Intent) Charge() Charge {
	return Charge{
		ID: in.ID, Order: in.Order, OrderCode: in.OrderCode, Amount: in.Amount, Method: in.Method,
		Shares: in.Shares, Payee: in.Payee, Description: in.Description,
		ReturnURL: in.ReturnURL, NoticeURL: in.NoticeURL, ExpiresAt: in.ExpiresAt,
	}
}

// same reports whether c asks for what the intent is. Addresses and deadlines
// may differ between two tries; money and whom it is for may not.
func (in *Intent) same(c Charge) bool {
	samePayee := in.Payee == c.Payee || (in.Payee != nil && c.Payee != nil && *in.Payee == *c.Payee)
	return in.Order == c.Order && in.Amount == c.Amount && in.Method == c.Method &&
		samePayee && slices.EqualFunc(in.Shares, c.Shares, Share.same)
}

// begun notes the buyer's step.
func (in *Intent) begun(step Step, now time.Time) {
	if in.State != StatePending || in.Step.Kind != "" {
		return
	}
	in.Step = step
	if step.Kind == StepNone {
		in.State = StateCollectable
	}
	in.plan(now)
}

// fits compares what a notice says with what was agreed.
func (in *Intent) fits(n Notice) error {
	switch {
	case in.Step.Kind == "":
		return market.Unavailable("payments.not_begun")
	case n.Provider != in.Method || n.Payment != in.ID:
		return market.Conflict("payments.notice_payment")
	case n.Merchant != in.Step.Merchant:
		return market.Conflict("payments.notice_merchant")
	case (n.Type == NoticeCapture || n.Type == NoticeFailure || n.Type == NoticePending) && n.Amount != in.Amount:
		return market.Conflict("payments.notice_amount")
	}
	return nil
}

// capture records money that came and reports whether it is news.
func (in *Intent) capture(n Notice, now time.Time) bool {
	known := func(c Capture) bool { return c.Transaction == n.Transaction }
	if slices.ContainsFunc(in.Captures, known) {
		return false
	}
	in.Captures = append(in.Captures, Capture{n.Transaction, n.Amount, in.Captured > 0, n.At})
	in.Captured += n.Amount
	if in.State.May(StateCaptured) {
		in.State, in.CapturedAt = StateCaptured, n.At
	}
	in.plan(now)
	in.planBack(now)
	return true
}

// fail records that the money will not come and reports whether it is news. A
// failure told after the money came, or after the payment ended, changes
// nothing.
func (in *Intent) fail(now time.Time) bool { return in.end(StateFailed, now) }

// expire ends a payment whose time is over and reports whether it is news.
func (in *Intent) expire(now time.Time) bool {
	return !in.ExpiresAt.IsZero() && !now.Before(in.ExpiresAt) && in.end(StateExpired, now)
}

func (in *Intent) end(next State, now time.Time) bool {
	if !in.State.May(next) {
		return false
	}
	in.State = next
	in.plan(now)
	return true
}

// waits is how long Reconcile waits before it looks again, the last for all
// further looks.
var waits = []time.Duration{
	2 * time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour,
}

// lateness is how long after its end a payment is still looked at: money that
// was sent in the last second must be found.
const lateness = 24 * time.Hour

// late reports whether money may still come although nobody waits for it: a
// payer whose first try failed may try again, and one whose order was cancelled
// may still have the wallet's page open.
func (in *Intent) late() bool { return in.State == StateExpired || in.State == StateFailed }

// plan sets when to look next, from the first wait on.
func (in *Intent) plan(now time.Time) {
	in.Looks = 0
	in.Due = in.next(now)
}

// looked sets when to look again after a look.
func (in *Intent) looked(now time.Time) {
	in.Looks++
	in.Due = in.next(now)
}

func (in *Intent) next(now time.Time) *time.Time {
	at := now.Add(waits[min(in.Looks, len(waits)-1)])
	switch {
	case in.State == StatePending:
		if now.Before(in.ExpiresAt) && in.ExpiresAt.Before(at) {
			at = in.ExpiresAt
		}
	case in.late() && !in.ExpiresAt.IsZero() && !in.AskedLast:
	case in.surplus() > 0 || slices.ContainsFunc(in.Refunds, Refund.Open), slices.ContainsFunc(in.Refunds, in.mayTryAgain):
	default:
		return nil
	}
	return &at
}
