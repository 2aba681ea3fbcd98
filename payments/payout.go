package payments

import (
	"context"
	_ "embed"
	"slices"
	"strconv"
	"time"

	"chohue/market"
	"chohue/store"
)

// The kinds of transaction that payouts post.
const (
	KindPayout  = "payout"    // claimed for the bank
	KindPaidOut = "paid_out"  // the bank has paid
	KindUnpaid  = "unpaid"    // the bank has refused
	KindBounced = "paid_back" // paid, and came back later
)

// PayoutState is where a payout stands.
type PayoutState string

// The states of a payout.
const (
	PayoutPrepared PayoutState = "prepared" // by one person; nothing has happened yet
	PayoutApproved PayoutState = "approved" // by a second; claims are being set aside
	PayoutSent     PayoutState = "sent"     // set aside: the partner may be told to pay
	PayoutDone     PayoutState = "done"     // the bank has answered for every line
	PayoutDropped  PayoutState = "dropped"  // given up before anybody approved it
)

// payoutMoves reads: a payout in the first state may go to one of the others. A
// transfer that comes back opens a payout again.
var payoutMoves = map[PayoutState][]PayoutState{
	PayoutPrepared: {PayoutApproved, PayoutDropped},
	PayoutApproved: {PayoutSent},
	PayoutSent:     {PayoutDone},
	PayoutDone:     {PayoutSent},
}

// The states of one seller's line.
const (
	LinePlanned  = "planned"
	LineClaimed  = "claimed"  // set aside in the ledger
	LinePaid     = "paid"     // the bank says so
	LineRejected = "rejected" // the bank says so; the claim is the seller's again
	LineReturned = "returned" // paid, and came back; the claim is the seller's again
	LineStale    = "stale"    // less was left at approval than had been planned
)

// Payout tells a licensed partner to pay sellers what it owes them: all in one
// batch from one source. The platform holds no money and pays nothing itself,
// but for its own vouchers.
//
// Every step is one write of this document, or one entry of the ledger whose id
// follows from it; what a crash leaves between two is finished by Resume, and
// nothing is set aside, or paid, twice.
type Payout struct {
	store.Doc    `bson:",inline"`
	Source       Account      `bson:"source"`
	State        PayoutState  `bson:"state"`
	Cutoff       time.Time    `bson:"cutoff"` // sales from here on wait for the next payout
	Lines        []PayoutLine `bson:"lines"`
	Skipped      []PayoutSkip `bson:"skipped,omitempty"`
	Total        market.VND   `bson:"total"`
	PreparedBy   market.ID    `bson:"prepared_by"`
	PreparedName string       `bson:"prepared_name"`
	PreparedAt   time.Time    `bson:"prepared_at"`
	ApprovedBy   market.ID    `bson:"approved_by,omitempty"`
	ApprovedName string       `bson:"approved_name,omitempty"`
	ApprovedAt   *time.Time   `bson:"approved_at,omitempty"`
}

// PayoutLine is what one seller is paid. Opening plus By is what the seller was
// owed when it was worked out; of that Held is too young and Left stays for other
// reasons, and Amount is paid.
type PayoutLine struct {
	Seller      market.ID  `bson:"seller"`
	Name        string     `bson:"name"`
	Bank        Bank       `bson:"bank"`
	Amount      market.VND `bson:"amount"`
	Reference   string     `bson:"reference"` // what the transfer bears
	State       string     `bson:"state"`
	Opening     market.VND `bson:"opening"`
	By          []Sum      `bson:"by"` // since the payout before, by what it is for
	Held        market.VND `bson:"held"`
	Left        market.VND `bson:"left"`
	Transaction string     `bson:"transaction,omitempty"` // the bank's
	Reason      string     `bson:"reason,omitempty"`
	AnsweredAt  *time.Time `bson:"answered_at,omitempty"`
	ReturnedAt  *time.Time `bson:"returned_at,omitempty"`
	ReturnedBy  market.ID  `bson:"returned_by,omitempty"`
}

// PayoutSkip is a seller who is owed something, or owes, and is not paid.
type PayoutSkip struct {
	Seller market.ID  `bson:"seller"`
	Name   string     `bson:"name"`
	Amount market.VND `bson:"amount"` // the seller's balance
	Why    string     `bson:"why"`
}

// Why a seller is not paid. Without a legal form, or a tax code, nothing is paid
// out: withholding could not be declared.
const (
	SkipNoKind    = "no_kind"
	SkipNoTaxCode = "no_tax_code"
	SkipNoBank    = "no_bank"
	SkipLittle    = "little" // below the least amount
	SkipOwes      = "owes"   // the balance is below zero and nets with the next sales
)

// Payee is a seller as payouts need to know it.
type Payee struct {
	Name    string
	Kind    string
	TaxCode string
	Bank    Bank
}

// Payees tells who sellers are.
type Payees interface {
	Payee(ctx context.Context, seller market.ID) (Payee, error)
}

// payoutSeller keeps a seller's payouts apart: while one sets claims aside no
// other does, and the next is explained from where the last left off.
type payoutSeller struct {
	store.Doc `bson:",inline"`
	Claiming  market.ID  `bson:"claiming"`
	Last      market.ID  `bson:"last"`
	Balance   market.VND `bson:"balance"`
	By        []Sum      `bson:"by"`
}

// payoutAnswer claims a bank's transaction for one line.
type payoutAnswer struct {
	store.Doc `bson:",inline"`
	Payout    market.ID  `bson:"payout"`
	Seller    market.ID  `bson:"seller"`
	Amount    market.VND `bson:"amount"`
}

// payoutTerm is when and from which amount on is paid.
type payoutTerm struct {
	dated
	hold  time.Duration
	least market.VND
}

//go:embed payouts.csv
var payoutFile string

func parsePayoutTerm(row []string) (t payoutTerm, err error) {
	if t.dated, err = parseDated(row[0], row[1], row[4]); err != nil {
		return t, err
	}
	days, err := strconv.Atoi(row[2])
	if err != nil {
		return t, err
	}
	t.hold = time.Duration(days) * 24 * time.Hour
	least, err := strconv.ParseInt(row[3], 10, 64)
	t.least = market.VND(least)
	return t, err
}

// Payouts pays sellers out.
type Payouts struct {
	*payoutBooks
	ledger *Service
	payees Payees
	terms  []payoutTerm
}

type payoutBooks struct {
	payouts *store.Collection[Payout]
	sellers *store.Collection[payoutSeller]
	answers *store.Collection[payoutAnswer]
}

func openPayouts(ctx context.Context, e store.Engine) (*payoutBooks, error) {
	b := &payoutBooks{}
	var err error
	if b.payouts, err = store.Open[Payout](ctx, e, store.Spec{Name: "payouts", Indexes: []store.Index{
		{Name: "state", Fields: []string{"state", "prepared_at"}},
		{Name: "prepared", Fields: []string{"prepared_at"}},
		{Name: "seller", Fields: []string{"lines.seller", "prepared_at"}},
		{Name: "reference", Fields: []string{"lines.reference"}},
	}}); err != nil {
		return nil, err
	}
	if b.sellers, err = store.Open[payoutSeller](ctx, e, store.Spec{Name: "payout_sellers"}); err != nil {
		return nil, err
	}
	b.answers, err = store.Open[payoutAnswer](ctx, e, store.Spec{Name: "payout_answers"})
	return b, err
}

// NewPayouts opens payouts on the ledger.
func NewPayouts(ledger *Service, payees Payees) (*Payouts, error) {
	terms, err := readTable("payouts.csv", payoutFile, parsePayoutTerm)
	return &Payouts{ledger.payouts, ledger, payees, terms}, err
}

func (p *Payouts) term() (payoutTerm, error) {
	now := p.ledger.env.Now()
	i := slices.IndexFunc(p.terms, func(t payoutTerm) bool { return t.holds(now) })
	if i < 0 {
		return payoutTerm{}, market.Conflict("payouts.no_terms")
	}
	return p.terms[i], nil
}

func (b *Payout) to(next PayoutState) error {
	if b.State == next {
		return nil
	}
	if !slices.Contains(payoutMoves[b.State], next) {
		return market.Conflict("payouts.move").With("state", string(b.State))
	}
	b.State = next
	return nil
}

func (b *Payout) line(seller market.ID) *PayoutLine {
	i := slices.IndexFunc(b.Lines, func(l PayoutLine) bool { return l.Seller == seller })
	if i < 0 {
		return nil
	}
	return &b.Lines[i]
}

// document names a line's entry in the ledger.
func (b *Payout) document(kind string, seller market.ID) market.ID {
	return market.ID(kind + ":" + string(b.ID) + ":" + string(seller))
}

// entries are all entries that the ledger must have of a line.
func (b *Payout) entries(l PayoutLine) []Transaction {
	entry := func(kind string, from, to Account, at time.Time) Transaction {
		return Transaction{
			Doc: store.Doc{ID: b.document(kind, l.Seller)}, Kind: kind, Ref: string(b.ID), At: at,
			Postings: []Posting{{from, to, l.Amount, ForPayout}},
		}
	}
	payable := Payable(l.Seller)
	if l.State == LinePlanned || l.State == LineStale || b.ApprovedAt == nil {
		return nil
	}
	all := []Transaction{entry(KindPayout, payable, AtBank(b.Source), *b.ApprovedAt)}
	switch l.State {
	case LineRejected:
		all = append(all, entry(KindUnpaid, AtBank(b.Source), payable, *l.AnsweredAt))
	case LinePaid, LineReturned:
		all = append(all, entry(KindPaidOut, AtBank(b.Source), b.Source, *l.AnsweredAt))
	}
	if l.State == LineReturned {
		all = append(all, entry(KindBounced, b.Source, payable, *l.ReturnedAt))
	}
	return all
}
