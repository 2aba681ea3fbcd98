package payments

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// BankColumns are the columns of a payout's bank file, in order; see
// docs/payouts.md.
var BankColumns = []string{"reference", "bank_bin", "account", "holder", "amount_vnd", "text"}

// WriteBankFile writes what the partner is told to pay, one line a seller, as
// CSV in UTF-8. Only lines that are set aside and not answered for are in it.
// Allowed to operators.
func (p *Payouts) WriteBankFile(ctx context.Context, by market.Actor, id market.ID, w io.Writer) error {
	b, err := p.Payout(ctx, by, id)
	if err != nil {
		return err
	}
	if b.State != PayoutSent && b.State != PayoutDone {
		return market.Conflict("payouts.not_sent")
	}
	out := csv.NewWriter(w)
	_ = out.Write(BankColumns) // errors stay in the writer
	for _, l := range b.Lines {
		if l.State == LineClaimed {
			_ = out.Write(plainCells(l.Reference, l.Bank.BIN, l.Bank.Account, l.Bank.Holder, strconv.FormatInt(int64(l.Amount), 10), "Cho Hue "+l.Reference))
		}
	}
	out.Flush()
	return out.Error()
}

// plainCells keeps a spreadsheet from taking a cell for a formula.
func plainCells(cells ...string) []string {
	for i, c := range cells {
		if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r") {
			cells[i] = "'" + c
		}
	}
	return cells
}

// Answer is what the bank says of one transfer.
type Answer struct {
	Row         int // in the file, from 1 for the heading
	Reference   string
	Amount      market.VND
	Paid        bool // else rejected
	Transaction string
	At          time.Time
	Reason      string
}

// AnswerColumns are the columns of a statement of payouts, in order.
var AnswerColumns = []string{"reference", "amount_vnd", "result", "bank_transaction", "date", "reason"}

// MaxStatement bounds a statement, in bytes.
const MaxStatement = 8 << 20

// ParseAnswers reads a bank's statement of payouts whole, or tells what is wrong
// in which row.
func ParseAnswers(r io.Reader) ([]Answer, error) {
	rows, err := csv.NewReader(io.LimitReader(r, MaxStatement)).ReadAll()
	if err != nil || len(rows) == 0 || !slicesEqualFold(rows[0], AnswerColumns) {
		return nil, market.Invalid("payouts.statement_form", "file").With("columns", strings.Join(AnswerColumns, ","))
	}
	var checks market.Checks
	answers := make([]Answer, 0, len(rows)-1)
	for i, row := range rows[1:] {
		a, err := parseAnswer(row)
		a.Row = i + 2
		checks.Add(fmt.Sprintf("rows/%d", a.Row), err)
		answers = append(answers, a)
	}
	return answers, checks.Err()
}

func slicesEqualFold(a, b []string) bool {
	return strings.EqualFold(strings.TrimPrefix(strings.Join(a, ","), "\ufeff"), strings.Join(b, ","))
}

func parseAnswer(row []string) (a Answer, err error) {
	bad := func(key string) error { return market.Invalid(key, "").With("row", strings.Join(row, ", ")) }
	amount, err := strconv.ParseInt(strings.TrimSpace(row[1]), 10, 64)
	if err != nil || amount <= 0 {
		return a, bad("payouts.statement_amount")
	}
	a = Answer{Reference: strings.TrimSpace(row[0]), Amount: market.VND(amount), Transaction: strings.TrimSpace(row[3]), Reason: strings.TrimSpace(row[5])}
	switch strings.ToLower(strings.TrimSpace(row[2])) {
	case "paid":
		a.Paid = true
	case "rejected":
	default:
		return a, bad("payouts.statement_result")
	}
	if a.Reference == "" || a.Transaction == "" || len(a.Transaction) > 100 || len(a.Reason) > 500 {
		return a, bad("payouts.statement_row")
	}
	if a.At, err = time.ParseInLocation(time.DateOnly, strings.TrimSpace(row[4]), market.HueZone); err != nil {
		return a, bad("payouts.statement_date")
	}
	return a, nil
}

// Answered tells what became of a statement.
type Answered struct {
	Paid, Rejected, Known int // Known were told before
	Differences           []Difference
}

// Difference is a row of a statement that fits nothing here.
type Difference struct {
	Answer
	Why string
}

// Why a row of a statement fits nothing.
const (
	DiffUnknown = "unknown" // no payout bears the reference
	DiffAmount  = "amount"  // another amount than was to be paid
	DiffAgain   = "again"   // the line was answered for differently, or the bank's transaction is another line's
	DiffState   = "state"   // the line was never given to the bank
)

// Take takes the bank's answers. Each changes its line once and is posted; what
// fits nothing is named and changes nothing. Allowed to operators.
func (p *Payouts) Take(ctx context.Context, by market.Actor, answers []Answer) (Answered, error) {
	var out Answered
	if !by.Is(market.RoleOperator) {
		return out, errMissing
	}
	for _, a := range answers {
		why, news, err := p.take(ctx, a)
		if err != nil {
			return out, err
		}
		switch {
		case why != "":
			out.Differences = append(out.Differences, Difference{a, why})
		case !news:
			out.Known++
		case a.Paid:
			out.Paid++
		default:
			out.Rejected++
		}
	}
	return out, nil
}

func (p *Payouts) take(ctx context.Context, a Answer) (why string, news bool, err error) {
	page, err := p.payouts.Find(ctx, store.Query{Index: "reference", Eq: []any{a.Reference}, Limit: 1})
	if err != nil || len(page.Items) == 0 {
		return DiffUnknown, false, err
	}
	b := page.Items[0]
	l := b.byReference(a.Reference)
	if l.Amount != a.Amount {
		return DiffAmount, false, nil
	}
	if free, err := p.claimAnswer(ctx, b, l, a); err != nil || !free {
		return DiffAgain, false, err
	}
	b, err = p.payouts.Update(ctx, b.ID, func(b *Payout) ([]market.Event, error) {
		why, news = b.byReference(a.Reference).answer(a)
		if !news || why != "" {
			return nil, nil
		}
		return []market.Event{p.told(b, *l, a)}, nil
	})
	if err != nil || why != "" {
		return why, false, err
	}
	_, err = p.finish(ctx, b)
	return "", news, err
}

// claimAnswer keeps a bank's transaction for one line.
func (p *Payouts) claimAnswer(ctx context.Context, b *Payout, l *PayoutLine, a Answer) (bool, error) {
	id := market.ID(a.Transaction)
	err := p.answers.Insert(ctx, &payoutAnswer{Doc: store.Doc{ID: id}, Payout: b.ID, Seller: l.Seller, Amount: a.Amount})
	if !store.Exists(err) {
		return err == nil, err
	}
	old, err := p.answers.Get(ctx, id)
	return err == nil && old.Payout == b.ID && old.Seller == l.Seller && old.Amount == a.Amount, err
}

func (b *Payout) byReference(ref string) *PayoutLine {
	for i := range b.Lines {
		if b.Lines[i].Reference == ref {
			return &b.Lines[i]
		}
	}
	return nil
}

// answer notes the bank's word and reports whether it is news.
func (l *PayoutLine) answer(a Answer) (why string, news bool) {
	state := LineRejected
	if a.Paid {
		state = LinePaid
	}
	switch l.State {
	case LineClaimed:
		at := a.At.UTC()
		l.State, l.Transaction, l.Reason, l.AnsweredAt = state, a.Transaction, a.Reason, &at
		return "", true
	case LinePlanned, LineStale:
		return DiffState, false
	case state:
		if l.Transaction == a.Transaction {
			return "", false
		}
	}
	return DiffAgain, false
}

// PaidOut is the payload of payments.paid_out: the bank has answered for a line.
type PaidOut struct {
	Payout    market.ID  `json:"payout"`
	Seller    market.ID  `json:"seller"`
	Amount    market.VND `json:"amount"`
	Reference string     `json:"reference"`
	Paid      bool       `json:"paid"`
	Reason    string     `json:"reason,omitempty"`
}

// EventPaidOut tells that the bank has answered for a payout to a seller.
const EventPaidOut = "payments.paid_out"

func (p *Payouts) told(b *Payout, l PayoutLine, a Answer) market.Event {
	return market.NewEvent(p.ledger.env, EventPaidOut, l.Seller, PaidOut{b.ID, l.Seller, l.Amount, l.Reference, a.Paid, a.Reason})
}

// Return notes that a transfer which was paid has come back: a contra entry
// gives the seller the claim again. The same again changes nothing. Allowed to
// operators, with a reason.
func (p *Payouts) Return(ctx context.Context, by market.Actor, id, seller market.ID, reason string) (*Payout, error) {
	if reason = strings.TrimSpace(reason); reason == "" || len(reason) > 500 {
		return nil, market.Invalid("payouts.reason", "reason")
	}
	now := p.ledger.env.Now()
	b, err := p.change(ctx, by, id, func(b *Payout) ([]market.Event, error) {
		l := b.line(seller)
		if l == nil {
			return nil, market.NotFound("payouts.missing")
		}
		if l.State == LineReturned {
			return nil, nil
		}
		if l.State != LinePaid {
			return nil, market.Conflict("payouts.not_paid")
		}
		l.State, l.Reason, l.ReturnedAt, l.ReturnedBy = LineReturned, reason, &now, by.Person
		return nil, b.to(PayoutSent)
	})
	if err != nil {
		return nil, err
	}
	return p.finish(ctx, b)
}
