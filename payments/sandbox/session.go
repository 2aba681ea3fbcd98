package sandbox

import (
	"slices"
	"time"

	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// The states of a payment at the wallet.
const (
	stateOpen     = "open"
	stateApproved = "approved"
	stateRefused  = "refused"
)

// session is a payment as the wallet knows it.
type session struct {
	store.Doc   `bson:",inline"`
	Merchant    string     `bson:"merchant"`
	Payment     market.ID  `bson:"payment"`
	OrderCode   string     `bson:"order_code"`
	Amount      market.VND `bson:"amount"`
	Description string     `bson:"description"`
	ReturnURL   string     `bson:"return_url"`
	NoticeURL   string     `bson:"notice_url"`
	ExpiresAt   time.Time  `bson:"expires_at"`
	State       string     `bson:"state"`
	Transaction string     `bson:"transaction"`
	DecidedAt   time.Time  `bson:"decided_at"`
	Refunds     []notice   `bson:"refunds,omitempty"`
	Outbox      []notice   `bson:"outbox,omitempty"` // notices that nobody has acknowledged
	Due         *time.Time `bson:"due,omitempty"`    // when to send again
	Tries       int        `bson:"tries"`
}

// decide approves or refuses, once. The same decision again changes nothing.
func (s *session) decide(approve bool, transaction string, now time.Time) error {
	state, kind := stateRefused, payments.NoticeFailure
	if approve {
		state, kind = stateApproved, payments.NoticeCapture
	}
	switch {
	case s.State == state:
		return nil
	case s.State != stateOpen:
		return market.Conflict("sandbox.decided")
	case !now.Before(s.ExpiresAt):
		return market.Conflict("sandbox.expired")
	}
	s.State, s.Transaction, s.DecidedAt = state, transaction, now
	s.send(s.movement(kind), now)
	return nil
}

// movement is the notice of the decision.
func (s *session) movement(kind string) notice {
	return notice{
		Merchant: s.Merchant, Payment: s.Payment, Transaction: s.Transaction, Type: kind,
		Amount: s.Amount, At: s.DecidedAt,
	}
}

// status answers how the payment stands at now.
func (s *session) status(now time.Time) notice {
	switch {
	case s.State == stateApproved:
		return s.movement(payments.NoticeCapture)
	case s.State == stateRefused:
		return s.movement(payments.NoticeFailure)
	case !now.Before(s.ExpiresAt):
		n := s.movement(payments.NoticeFailure)
		n.Transaction, n.At = "expired-"+string(s.Payment), s.ExpiresAt
		return n
	}
	return notice{Merchant: s.Merchant, Payment: s.Payment, Type: payments.NoticePending}
}

// refund gives money back, once per key. The second result says why not.
func (s *session) refund(q request, transaction string, now time.Time) (notice, string) {
	sum := q.Amount
	for _, r := range s.Refunds {
		if r.Refund == q.Refund {
			if r.Amount != q.Amount {
				return notice{}, "the key was used for another amount"
			}
			return r, ""
		}
		sum += r.Amount
	}
	if s.State != stateApproved || q.Amount <= 0 || q.Refund == "" || sum > s.Amount {
		return notice{}, "not covered by a payment"
	}
	n := s.movement(payments.NoticeRefund)
	n.Transaction, n.Refund, n.Amount, n.At = transaction, q.Refund, q.Amount, now
	s.Refunds = append(s.Refunds, n)
	s.send(n, now)
	return n, ""
}

func (s *session) send(n notice, now time.Time) {
	s.Outbox = append(s.Outbox, n)
	s.Due, s.Tries = &now, 0
}

// sent takes a notice out of the outbox.
func (s *session) sent(n notice) {
	s.Outbox = slices.DeleteFunc(s.Outbox, func(o notice) bool { return o.Transaction == n.Transaction && o.Type == n.Type })
	if len(s.Outbox) == 0 {
		s.Due = nil
	}
	s.Tries = 0
}

// pauses are the waits between tries to send, the last for all further ones;
// after the last of maxTries (three days and more) the wallet gives up.
var pauses = []time.Duration{
	10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour,
}

const maxTries = 18

// unsent sets when to try again.
func (s *session) unsent(now time.Time) {
	if s.Tries >= maxTries {
		s.Due = nil
		return
	}
	at := now.Add(pauses[min(s.Tries, len(pauses)-1)])
	s.Due = &at
	s.Tries++
}
