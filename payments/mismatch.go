package payments

import (
	"context"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// Mismatch is a difference between our books and a report of the other side.
// It stays in the queue until a person says what became of it. Its id is made
// of what differs, so that a file read again, or the next one with the same
// difference, changes nothing.
type Mismatch struct {
	store.Doc   `bson:",inline"`
	Party       string        `bson:"party"` // whose report: a provider, "vietqr", a carrier
	Why         Why           `bson:"why"`
	Transaction string        `bson:"transaction,omitempty"` // theirs
	Reference   string        `bson:"reference,omitempty"`   // as they print it
	Payment     market.ID     `bson:"payment,omitempty"`     // ours, when known
	Document    string        `bson:"document,omitempty"`    // our ledger's entry
	Ours        market.VND    `bson:"ours"`
	Theirs      market.VND    `bson:"theirs"`
	Seller      market.ID     `bson:"seller,omitempty"` // whose own statement it was; empty for the platform's
	At          time.Time     `bson:"at"`               // of the movement
	FoundAt     time.Time     `bson:"found_at"`
	Queue       string        `bson:"queue"` // "open" or "done", with the seller; see queueOf
	State       MismatchState `bson:"state"`
	Note        string        `bson:"note,omitempty"`
	By          market.ID     `bson:"by,omitempty"`
	DoneAt      *time.Time    `bson:"done_at,omitempty"`
}

// Why names a difference.
type Why string

// The differences.
const (
	WhyNotHere   Why = "not_here"   // they report a movement of ours that we have not booked
	WhyUnknown   Why = "unknown"    // they report a movement that is about nothing of ours
	WhyNotThere  Why = "not_there"  // we have booked a movement that they do not report
	WhyAmount    Why = "amount"     // another amount
	WhyType      Why = "type"       // a capture for a refund, or the reverse
	WhyPayment   Why = "payment"    // the movement is of another payment here
	WhyTwice     Why = "twice"      // the report has the movement twice
	WhyUnbooked  Why = "unbooked"   // the payment has the movement, the ledger not yet
	WhyUnmatched Why = "unmatched"  // money came and names no order
	WhyFee       Why = "fee"        // the carrier keeps another fee than was agreed
	WhyRemitted  Why = "remitted"   // remitted before, for another amount
	WhyRefused   Why = "refused"    // a refund that they will not make; it is still owed
	WhyNotPaid   Why = "not_booked" // cash is remitted for a parcel that was not collected here
)

// MismatchState is where a difference stands.
type MismatchState string

// The states of a difference.
const (
	MismatchOpen MismatchState = "open"
	MismatchDone MismatchState = "done"
)

// Action is what a person is advised to do about a difference.
func (m *Mismatch) Action() string {
	switch m.Why {
	case WhyNotHere, WhyUnbooked, WhyNotPaid, WhyRefused:
		return "recheck" // ask the provider about our payment or for the refund, or deliver what waits
	case WhyNotThere:
		return "wait" // the next report may have it; then ask them
	case WhyUnmatched:
		return "assign" // find the order by amount and time, or send it back
	}
	return "ask" // ask the other side
}

// Age is how long the difference has been known.
func (m *Mismatch) Age(now time.Time) time.Duration { return now.Sub(m.FoundAt) }

func queueOf(state MismatchState, seller market.ID) string {
	return string(state) + ":" + string(seller)
}

func (m *Mismatch) prepare(now time.Time) {
	m.ID = market.ID(strings.Join([]string{m.Party, string(m.Why), m.Transaction, m.Document, string(m.Seller)}, ":"))
	m.FoundAt, m.State, m.Queue = now, MismatchOpen, queueOf(MismatchOpen, m.Seller)
}

// Mismatches lists open differences, the oldest first: the platform's to
// operators, a seller's own to its people.
func (s *Service) Mismatches(ctx context.Context, by market.Actor, seller market.ID, after store.Cursor, limit int) (store.Page[Mismatch], error) {
	if err := s.mayReconcile(by, seller); err != nil {
		return store.Page[Mismatch]{}, err
	}
	return s.mismatches.Find(ctx, store.Query{Index: "queue", Eq: []any{queueOf(MismatchOpen, seller)}, After: after, Limit: limit})
}

func (s *Service) mayReconcile(by market.Actor, seller market.ID) error {
	if by.Is(market.RoleOperator) || seller != "" && by.For(seller) {
		return nil
	}
	return errMissing
}

// CloseMismatch says what became of a difference. Closing again changes
// nothing.
func (s *Service) CloseMismatch(ctx context.Context, by market.Actor, id market.ID, note string) (*Mismatch, error) {
	if note = strings.TrimSpace(note); note == "" || len(note) > 500 {
		return nil, market.Invalid("reconcile.note.missing", "note")
	}
	now := s.env.Now()
	m, err := s.mismatches.Update(ctx, id, func(m *Mismatch) ([]market.Event, error) {
		if err := s.mayReconcile(by, m.Seller); err != nil {
			return nil, err
		}
		if m.State == MismatchDone {
			return nil, nil
		}
		m.State, m.Queue, m.Note, m.By, m.DoneAt = MismatchDone, queueOf(MismatchDone, m.Seller), note, by.Person, &now
		return nil, nil
	})
	if store.Missing(err) {
		return nil, errMissing
	}
	return m, err
}

// RecheckMismatch asks the provider about the payment behind a difference and
// closes it when the books have the movement now. A refund that was refused is
// asked for again.
func (s *Service) RecheckMismatch(ctx context.Context, by market.Actor, id market.ID) (*Mismatch, error) {
	m, err := s.mismatches.Get(ctx, id)
	if store.Missing(err) || err == nil && s.mayReconcile(by, m.Seller) != nil {
		return nil, errMissing
	}
	if err != nil || m.Payment == "" || m.State == MismatchDone {
		return m, err
	}
	if m.Why == WhyRefused {
		return s.retryMismatch(ctx, by, m)
	}
	in, err := s.Recheck(ctx, m.Payment)
	if err != nil {
		return nil, err
	}
	if mv, ok := in.transfers()[m.Transaction]; !ok || mv.amount != m.Theirs {
		return m, nil
	}
	return s.CloseMismatch(ctx, by, id, "recheck")
}
