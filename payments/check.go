package payments

import (
	"context"
	"fmt"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// settling is how long a movement may be missing from the ledger while its
// event is on the way.
const settling = time.Hour

// The nine invariants of the books, by name.
const (
	Balanced    = "balanced" // every posting is above zero between two real accounts, so every entry balances
	ZeroSum     = "zero_sum" // all accounts sum to zero
	Fold        = "fold"     // every snapshot is the fold of the entries that it counts
	Chained     = "chain"    // every entry says what its block sealed; no block is missing or out of place
	Once        = "once"     // a movement outside is booked once, as its document says
	Reserved    = "reserved" // what is reserved is there: refunds under way, payouts at the bank
	Within      = "within"   // captured ≥ refunded + paid out + fees + tax, but for what sellers owe back
	PayableSum  = "payable"  // a seller's payable is sales − fees − tax − refunds − carriage − payouts
	ClearingSum = "clearing" // a provider owes what it told us, less what it paid out; differences are aged
)

// Invariants lists them in the order in which they are usually told.
func Invariants() []string {
	return []string{Balanced, ZeroSum, Fold, Chained, Once, Reserved, Within, PayableSum, ClearingSum}
}

// Breach is one thing that is wrong with the books.
type Breach struct {
	Invariant string
	Subject   string // the entry, account, block or payment
	Words     string
}

// Breaches are all that is wrong with the books; an internal error.
type Breaches []Breach

func (b Breaches) Error() string {
	lines := make([]string, len(b))
	for i, one := range b {
		lines[i] = fmt.Sprintf("%s: %s: %s", one.Invariant, one.Subject, one.Words)
	}
	return "books: " + strings.Join(lines, "; ")
}

// Check seals what waits and proves the nine invariants on the whole ledger. It
// returns Breaches, or nil when the books are right. Tests call it after every
// step, `marketd reconcile` every night. It may run beside a market that is
// serving.
func (s *Service) Check(ctx context.Context) error {
	if _, err := s.Seal(ctx); err != nil {
		return err
	}
	a := newAudit(s.env.Now())
	steps := []func(context.Context, *Service) error{
		a.readChain, a.readStandings, a.readLedger, a.readPayouts, a.readTaxPayments, a.readClaims, a.readPayments, a.foot,
	}
	for _, step := range steps {
		if err := step(ctx, s); err != nil {
			return err
		}
	}
	if len(a.found) > 0 {
		return a.found
	}
	return nil
}

// audit gathers what one walk over the books finds.
type audit struct {
	now       time.Time
	found     Breaches
	sealed    map[market.ID]sealedAt
	end       int64 // the last block read
	standings map[Account]*Standing
	folded    map[Account]*Standing
	since     market.VND             // of all accounts together, what their snapshots do not count yet
	balances  map[Account]market.VND // by the ledger
	expected  map[Account]market.VND // of sellers and providers, by the documents
	posted    map[market.ID]bool
	told      map[string]claim // by provider, type and transaction
	moved     map[string]market.ID
	atBank    market.VND // payouts that the bank has not answered for, by the batches
}

type sealedAt struct {
	block int64
	hash  string
}

func newAudit(now time.Time) *audit {
	return &audit{
		now: now, sealed: map[market.ID]sealedAt{}, standings: map[Account]*Standing{}, folded: map[Account]*Standing{},
		balances: map[Account]market.VND{}, expected: map[Account]market.VND{}, posted: map[market.ID]bool{},
		told: map[string]claim{}, moved: map[string]market.ID{},
	}
}

func (a *audit) breach(invariant, subject, words string, args ...any) {
	a.found = append(a.found, Breach{invariant, subject, fmt.Sprintf(words, args...)})
}

// readChain walks the blocks from the first.
func (a *audit) readChain(ctx context.Context, s *Service) error {
	prev := ""
	err := s.blocks.Each(ctx, store.Query{}, func(b *Block) error {
		subject := fmt.Sprintf("block %d", b.Seq)
		switch want := a.end + 1; {
		case b.Seq != want || b.ID != blockID(want):
			a.breach(Chained, subject, "comes where block %d should", want)
		case b.Prev != prev:
			a.breach(Chained, subject, "does not follow the one before")
		case b.Hash != b.sum():
			a.breach(Chained, subject, "was changed")
		}
		a.end, prev = b.Seq, b.Hash
		for _, e := range b.Entries {
			a.sealed[e.ID] = sealedAt{b.Seq, e.Hash}
		}
		return nil
	})
	if err != nil {
		return err
	}
	head, err := s.crowns.Get(ctx, crownID)
	if store.Missing(err) {
		return nil
	}
	if err == nil && (head.Seq > a.end || head.Seq == a.end && head.Hash != prev) {
		a.breach(Chained, fmt.Sprintf("block %d", head.Seq), "was the last, and is not there as it was")
	}
	return err
}

func (a *audit) readStandings(ctx context.Context, s *Service) error {
	return s.standings.Each(ctx, store.Query{}, func(st *Standing) error {
		a.standings[Account(st.ID)] = st
		a.folded[Account(st.ID)] = &Standing{Doc: store.Doc{ID: st.ID}}
		return nil
	})
}

func (a *audit) readLedger(ctx context.Context, s *Service) error {
	err := s.ledger.Each(ctx, store.Query{}, func(t *Transaction) error { return a.entry(ctx, s, t) })
	if err != nil {
		return err
	}
	last, err := s.lastBlock(ctx)
	if err != nil {
		return err
	}
	for id, e := range a.sealed {
		if !a.posted[id] {
			a.breach(Chained, string(id), "is sealed in block %d and is not in the ledger", e.block)
		}
	}
	a.end = max(a.end, last.Seq)
	return nil
}

func (a *audit) entry(ctx context.Context, s *Service, t *Transaction) error {
	if err := t.check(); err != nil {
		a.breach(Balanced, string(t.ID), "%v", err)
	}
	a.posted[t.ID] = true
	a.chained(t)
	a.fold(t)
	switch t.Kind {
	case KindCapture, KindSurplus, KindRefund, KindCarriage:
		return a.documented(ctx, s, t)
	case KindPayout, KindPaidOut, KindUnpaid, KindBounced, KindTaxPaid:
		return nil // expected from the batches
	}
	for _, account := range t.accounts() {
		a.expected[account] += t.effect(account)
	}
	return nil
}

// chained holds an entry against its own hash and against the block.
func (a *audit) chained(t *Transaction) {
	e, ok := a.sealed[t.ID]
	switch {
	case t.Hash != t.sum():
		a.breach(Chained, string(t.ID), "was changed after it was posted")
	case ok && e.hash != t.Hash:
		a.breach(Chained, string(t.ID), "is not what block %d sealed", e.block)
	case ok && t.Block != e.block && t.Block != unsealed:
		a.breach(Chained, string(t.ID), "says block %d and is sealed in %d", t.Block, e.block)
	case !ok && t.Block <= a.end:
		a.breach(Chained, string(t.ID), "says block %d, which does not know it", t.Block)
	}
}

func (a *audit) fold(t *Transaction) {
	for _, p := range t.Postings {
		a.balances[p.From] -= p.Amount
		a.balances[p.To] += p.Amount
	}
	for _, account := range t.accounts() {
		if st := a.standings[account]; st != nil && t.Block <= st.Through {
			a.folded[account].add(t)
		} else {
			a.since += t.effect(account)
		}
	}
}

// documented compares an entry with the payment that it comes from.
func (a *audit) documented(ctx context.Context, s *Service, t *Transaction) error {
	in, err := s.intents.Get(ctx, market.ID(t.Ref))
	if store.Missing(err) {
		a.breach(Once, string(t.ID), "is of no payment")
		return nil
	}
	if err != nil {
		return err
	}
	if want, ok := in.transactions()[string(t.ID)]; !ok || !want.equal(t) {
		a.breach(Once, string(t.ID), "is not what payment %s says", in.ID)
	}
	return nil
}
