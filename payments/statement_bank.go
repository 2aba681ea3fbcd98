package payments

import (
	"context"
	"errors"
	"io"
	"regexp"
	"strings"

	"chohue/market"
	"chohue/store"
)

// BankMatched tells what became of a statement of a seller's own account.
type BankMatched struct {
	Lines      int
	Confirmed  int // payments that are paid by a line
	Known      int // lines that were known before
	Unreadable []error
	Mismatches []*Mismatch
}

// ourCode is an order's code as banks print it: their systems drop and add
// punctuation.
var ourCode = regexp.MustCompile(`HUE[-. ]?([0-9A-HJKMNP-TV-Z]{8})`)

// MatchBank reads the statement of a seller's account and confirms what buyers
// have paid into it: a credit that names an order, for exactly its amount, to
// the account that the buyer was shown. The same line again changes nothing. A
// line that names an order but fits it not, and one that names none, is put in
// the seller's queue. Allowed to the seller's people and to operators.
func (s *Service) MatchBank(ctx context.Context, by market.Actor, seller market.ID, lines *ReportReader) (BankMatched, error) {
	var out BankMatched
	if err := s.mayReconcile(by, seller); err != nil {
		return out, err
	}
	for {
		l, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		out.Lines++
		if err != nil {
			if out.Unreadable = append(out.Unreadable, err); len(out.Unreadable) >= MostUnreadable {
				return out, market.Invalid("reconcile.unreadable", "file").With("n", MostUnreadable)
			}
			continue
		}
		if err := s.matchCredit(ctx, seller, l, &out); err != nil {
			return out, err
		}
	}
}

func (s *Service) matchCredit(ctx context.Context, seller market.ID, l StatementLine, out *BankMatched) error {
	in, err := s.paidBy(ctx, seller, l)
	if err != nil {
		return err
	}
	why, news, err := s.credit(ctx, in, l)
	switch {
	case err != nil:
		return err
	case why == "" && news:
		out.Confirmed++
		return nil
	case why == "":
		out.Known++
		return nil
	}
	mm := &Mismatch{Party: "bank", Why: why, Transaction: l.Transaction, Reference: l.Text, Theirs: l.Amount, Seller: seller, At: l.At}
	if in != nil {
		mm.Payment, mm.Ours = in.ID, in.Amount
	}
	kept, err := s.found(ctx, mm)
	out.Mismatches = append(out.Mismatches, kept)
	return err
}

// paidBy is the payment that a credit names, of this seller and to the account
// that the buyer was shown; nil when it names none.
func (s *Service) paidBy(ctx context.Context, seller market.ID, l StatementLine) (*Intent, error) {
	code := ourCode.FindStringSubmatch(strings.ToUpper(l.Text))
	if code == nil {
		return nil, nil //nolint:nilnil // most credits of an account are about nothing here
	}
	page, err := s.intents.Find(ctx, store.Query{Index: "code", Eq: []any{"HUE-" + code[1]}, Limit: 20})
	if err != nil {
		return nil, err
	}
	for _, in := range page.Items {
		if in.Payee != nil && len(in.Shares) == 1 && in.Shares[0].Seller == seller && in.Step.Merchant == l.Account {
			return in, nil
		}
	}
	return nil, nil //nolint:nilnil // an order of somebody else's, or of another account
}

// credit books a line once and reports whether it is news, or says why it
// fits not. Money that comes after the order has ended is booked too: the order
// then sends it back.
func (s *Service) credit(ctx context.Context, in *Intent, l StatementLine) (why Why, news bool, err error) {
	switch {
	case in == nil:
		return WhyUnmatched, false, nil
	case l.Amount != in.Amount:
		return WhyAmount, false, nil
	}
	if byHand, err := s.confirmedBefore(ctx, in, l); err != nil || byHand {
		return "", false, err
	}
	news, err = s.record(ctx, Notice{
		Provider: in.Method, Transaction: l.Transaction, Type: NoticeCapture, Payment: in.ID,
		Merchant: in.Step.Merchant, Amount: l.Amount, At: l.At,
	})
	if market.KindOf(err) == market.KindConflict {
		return WhyPayment, false, nil
	}
	return "", news, err
}

// confirmedBefore reports whether the line is the money whose arrival a person
// has confirmed before the statement came. One line is; another one is money
// that came again.
func (s *Service) confirmedBefore(ctx context.Context, in *Intent, l StatementLine) (bool, error) {
	witness, ok := s.witness(in)
	if !ok {
		return false, nil
	}
	word := witness.Witnessed(in, l.At).Transaction
	if _, said := in.transfers()[word]; !said {
		return false, nil
	}
	id := market.ID(in.Method + ":line:" + word)
	err := s.claims.Insert(ctx, &claim{Doc: store.Doc{ID: id}, Payment: in.ID, Amount: l.Amount, At: s.env.Now(), Line: l.Transaction})
	if !store.Exists(err) {
		return err == nil, err
	}
	old, err := s.claims.Get(ctx, id)
	return err == nil && old.Line == l.Transaction, err
}
