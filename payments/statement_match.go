package payments

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// Report is what a provider says that it has settled in a period.
type Report struct {
	Provider string
	From, To time.Time // UTC; movements of the first moment, and before the last
	Lines    *ReportReader
}

// Matched tells what became of a report.
type Matched struct {
	Lines      int        // read
	Fits       int        // lines that our books say too
	Captured   market.VND // by the report
	Refunded   market.VND
	Fees       market.VND
	Unreadable []error
	Mismatches []*Mismatch // found, new or known
}

// MostUnreadable is how many bad rows are told before the file is given up.
const MostUnreadable = 100

// matchBatch is how many lines are looked up at once.
const matchBatch = 500

// transfer is money that moved, as a payment has it.
type transfer struct {
	payment  market.ID
	kind     string
	amount   market.VND
	document string
}

// transfers are the payment's, by the provider's transaction.
func (in *Intent) transfers() map[string]transfer {
	all := map[string]transfer{}
	for kind, movements := range in.movements() {
		for _, m := range movements {
			all[m.transaction] = transfer{in.ID, kind, m.amount, m.document}
		}
	}
	return all
}

// MatchReport holds a provider's report against our books, both ways: each of
// its lines must be a movement of a payment with its entry in the ledger, and
// each entry of the period on the provider's clearing account must be in the
// report. Every difference is put in the queue, once. Nothing else is changed:
// money is booked by notices and questions, never by a file. Allowed to
// operators.
func (s *Service) MatchReport(ctx context.Context, by market.Actor, r Report) (Matched, error) {
	if !by.Is(market.RoleOperator) {
		return Matched{}, errMissing
	}
	if _, ok := s.providers[r.Provider]; !ok {
		return Matched{}, market.Invalid("payments.method", "provider")
	}
	if !r.From.Before(r.To) {
		return Matched{}, market.Invalid("reconcile.period", "to")
	}
	m := &matching{s: s, report: r, seen: map[string]bool{}, documents: map[string]bool{}}
	if err := m.lines(ctx); err != nil {
		return m.out, err
	}
	return m.out, m.missing(ctx)
}

// matching is one report on its way through.
type matching struct {
	s         *Service
	report    Report
	batch     []StatementLine
	seen      map[string]bool // transactions with their type
	documents map[string]bool // of the ledger, that the report has named
	out       Matched
}

func (m *matching) lines(ctx context.Context) error {
	for {
		l, err := m.report.Lines.Next()
		if errors.Is(err, io.EOF) {
			return m.flush(ctx)
		}
		m.out.Lines++
		if err != nil {
			if m.out.Unreadable = append(m.out.Unreadable, err); len(m.out.Unreadable) >= MostUnreadable {
				return market.Invalid("reconcile.unreadable", "file").With("n", MostUnreadable)
			}
			continue
		}
		if m.batch = append(m.batch, l); len(m.batch) == matchBatch {
			if err := m.flush(ctx); err != nil {
				return err
			}
		}
	}
}

// flush looks a batch up in three reads: which payment each movement was
// claimed for, those payments, and their entries in the ledger.
func (m *matching) flush(ctx context.Context) error {
	if len(m.batch) == 0 {
		return nil
	}
	payments, err := m.owners(ctx)
	if err != nil {
		return err
	}
	booked, err := m.booked(ctx, payments)
	if err != nil {
		return err
	}
	moved := transfersOf(payments)
	for _, l := range m.batch {
		m.sum(l)
		if err := m.judge(ctx, l, payments, moved, booked); err != nil {
			return err
		}
	}
	m.batch = m.batch[:0]
	return nil
}

func (m *matching) claimID(kind, transaction string) market.ID {
	return market.ID(m.report.Provider + ":" + kind + ":" + transaction)
}

// owners are the payments that the batch may be about: those that have claimed
// its movements, of either type, and those that its references name.
func (m *matching) owners(ctx context.Context) (map[market.ID]*Intent, error) {
	var claims, ids []market.ID
	for _, l := range m.batch {
		claims = append(claims, m.claimID(NoticeCapture, l.Transaction), m.claimID(NoticeRefund, l.Transaction))
		ids = append(ids, own(l.Reference))
	}
	claimed, err := m.s.claims.GetMany(ctx, claims...)
	if err != nil {
		return nil, err
	}
	for _, c := range claimed {
		ids = append(ids, c.Payment)
	}
	return m.s.intents.GetMany(ctx, ids...)
}

func (m *matching) booked(ctx context.Context, payments map[market.ID]*Intent) (map[market.ID]*Transaction, error) {
	var ids []market.ID
	for _, in := range payments {
		for _, mv := range in.transfers() {
			ids = append(ids, market.ID(mv.document))
		}
	}
	return m.s.ledger.GetMany(ctx, ids...)
}

func (m *matching) sum(l StatementLine) {
	m.out.Fees += l.Fee
	if l.Type == NoticeCapture {
		m.out.Captured += l.Amount
	} else {
		m.out.Refunded += l.Amount
	}
}

// judge finds the line's movement and says how it differs, if it does.
func (m *matching) judge(ctx context.Context, l StatementLine, payments map[market.ID]*Intent, moved map[string][]transfer, booked map[market.ID]*Transaction) error {
	key := l.Type + ":" + l.Transaction
	if m.seen[key] {
		return m.differ(ctx, WhyTwice, l, transfer{payment: own(l.Reference)})
	}
	m.seen[key] = true
	mv, known := named(l, moved)
	m.documents[mv.document] = true
	switch {
	case !known:
		return m.stranger(ctx, l, payments)
	case mv.kind != l.Type:
		return m.differ(ctx, WhyType, l, mv)
	case mv.amount != l.Amount:
		return m.differ(ctx, WhyAmount, l, mv)
	case l.Reference != "" && payments[own(l.Reference)] != nil && mv.payment != own(l.Reference):
		return m.differ(ctx, WhyPayment, l, mv)
	case booked[market.ID(mv.document)] == nil:
		return m.differ(ctx, WhyUnbooked, l, mv)
	}
	m.out.Fits++
	return nil
}

// named is the movement of the line's transaction; one of the line's own type
// goes before one of the other.
func named(l StatementLine, moved map[string][]transfer) (found transfer, known bool) {
	for _, mv := range moved[l.Transaction] {
		if !known || mv.kind == l.Type {
			found, known = mv, true
		}
	}
	return found, known
}

// transfersOf lists the movements of payments by their transaction.
func transfersOf(payments map[market.ID]*Intent) map[string][]transfer {
	all := map[string][]transfer{}
	for _, in := range payments {
		for transaction, mv := range in.transfers() {
			all[transaction] = append(all[transaction], mv)
		}
	}
	return all
}

func size(v market.VND) market.VND { return max(v, -v) }

// own is our id in a reference as providers print it: ZaloPay puts a day before
// it.
func own(reference string) market.ID {
	_, id, found := strings.Cut(reference, "_")
	if !found {
		id = reference
	}
	return market.ID(id)
}

// stranger is a movement that we have not booked: of a payment of ours, or of
// nothing that is ours.
func (m *matching) stranger(ctx context.Context, l StatementLine, payments map[market.ID]*Intent) error {
	if in := payments[own(l.Reference)]; in != nil && in.Method == m.report.Provider {
		return m.differ(ctx, WhyNotHere, l, transfer{payment: in.ID})
	}
	return m.differ(ctx, WhyUnknown, l, transfer{})
}

func (m *matching) differ(ctx context.Context, why Why, l StatementLine, mv transfer) error {
	return m.found(ctx, &Mismatch{
		Party: m.report.Provider, Why: why, Transaction: l.Transaction, Reference: l.Reference, Payment: mv.payment, Document: mv.document,
		Ours: mv.amount, Theirs: l.Amount, At: l.At,
	})
}

// found puts a difference in the queue, unless it is there.
func (m *matching) found(ctx context.Context, mm *Mismatch) error {
	kept, err := m.s.found(ctx, mm)
	m.out.Mismatches = append(m.out.Mismatches, kept)
	return err
}

func (s *Service) found(ctx context.Context, mm *Mismatch) (*Mismatch, error) {
	mm.prepare(s.env.Now())
	err := s.mismatches.Insert(ctx, mm)
	if store.Exists(err) {
		return s.mismatches.Get(ctx, mm.ID)
	}
	return mm, err
}

// missing walks the clearing account's entries of the period and names those
// that the report has not.
func (m *matching) missing(ctx context.Context) error {
	account := Clearing(m.report.Provider)
	q := store.Query{Index: "account", Eq: []any{string(account)}, From: m.report.From, To: m.report.To}
	return m.s.ledger.Each(ctx, q, func(t *Transaction) error {
		if t.Kind != KindCapture && t.Kind != KindSurplus && t.Kind != KindRefund || m.documents[string(t.ID)] {
			return nil
		}
		return m.found(ctx, &Mismatch{
			Party: m.report.Provider, Why: WhyNotThere, Payment: market.ID(t.Ref), Document: string(t.ID), Ours: size(t.effect(account)), At: t.At,
		})
	})
}
