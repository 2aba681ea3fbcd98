package payments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chohue/market"
	"chohue/store"
)

// KindTaxPaid is the entry of withheld tax that was paid to the tax office.
const KindTaxPaid = "tax_paid"

// TaxPaymentState is where a payment of tax stands.
type TaxPaymentState string

// The states of a payment of tax.
const (
	TaxPrepared TaxPaymentState = "prepared" // by one person; nothing has happened yet
	TaxApproved TaxPaymentState = "approved" // by a second; its entry is being posted
	TaxPaid     TaxPaymentState = "paid"
	TaxDropped  TaxPaymentState = "dropped" // given up before anybody approved it
)

// TaxPayment tells a licensed partner to pay a month's withheld tax to the tax
// office out of what it owes. A month is paid once; what comes to it later, by a
// notice that was long on its way, is another payment of the same month.
type TaxPayment struct {
	store.Doc    `bson:",inline"`
	Period       string          `bson:"period"`
	Source       Account         `bson:"source"` // the provider that pays
	State        TaxPaymentState `bson:"state"`
	VAT          market.VND      `bson:"vat"`
	PIT          market.VND      `bson:"pit"`
	PreparedBy   market.ID       `bson:"prepared_by"`
	PreparedName string          `bson:"prepared_name"`
	PreparedAt   time.Time       `bson:"prepared_at"`
	Receipt      string          `bson:"receipt,omitempty"` // of the state treasury
	ApprovedBy   market.ID       `bson:"approved_by,omitempty"`
	ApprovedName string          `bson:"approved_name,omitempty"`
	ApprovedAt   *time.Time      `bson:"approved_at,omitempty"`
}

// Total is both taxes together.
func (t *TaxPayment) Total() market.VND { return t.VAT + t.PIT }

// mostTaxRuns bounds the payments of one month.
const mostTaxRuns = 100

func taxPaymentID(period string, run int) market.ID {
	return market.ID(fmt.Sprintf("%s.%d", period, run))
}

var errTaxPayment = market.NotFound("tax.payment_missing")

// entry is what the ledger must have of the payment; nothing before a second
// person has approved it.
func (t *TaxPayment) entry() (Transaction, bool) {
	if t.ApprovedAt == nil {
		return Transaction{}, false
	}
	postings := posted(nil, TaxVAT(t.Period), t.Source, t.VAT, ForVAT)
	return Transaction{
		Doc: store.Doc{ID: market.ID(KindTaxPaid + ":" + string(t.ID))}, Kind: KindTaxPaid, Ref: string(t.ID), At: *t.ApprovedAt,
		Postings: posted(postings, TaxPIT(t.Period), t.Source, t.PIT, ForPIT),
	}, true
}

// PrepareTax keeps what is withheld of a month that is over, and not paid yet,
// for a second person to approve. The same again, while it waits, is the same
// payment. Allowed to operators.
func (s *Service) PrepareTax(ctx context.Context, by market.Actor, period string, source Account) (*TaxPayment, error) {
	d, err := s.Declare(ctx, by, period)
	if err != nil || !by.Is(market.RoleOperator) {
		return nil, errors.Join(err, operatorOnly(by))
	}
	if d.Open {
		return nil, market.Conflict("tax.month_open")
	}
	if !source.clearing() || !source.valid() {
		return nil, market.Invalid("payouts.source", "source")
	}
	for run := 1; run <= mostTaxRuns; run++ {
		t, err := s.taxPaymentOf(ctx, by, taxPaymentID(period, run), period, source)
		if err != nil || t != nil {
			return t, err
		}
	}
	return nil, market.Conflict("tax.nothing")
}

func operatorOnly(by market.Actor) error {
	if by.Is(market.RoleOperator) {
		return nil
	}
	return errMissing
}

// taxPaymentOf makes the payment of that id, or finds the one that waits under
// it; nil when that one is done with.
func (s *Service) taxPaymentOf(ctx context.Context, by market.Actor, id market.ID, period string, source Account) (*TaxPayment, error) {
	old, err := s.taxPaid.Get(ctx, id)
	switch {
	case err == nil && (old.State == TaxPaid || old.State == TaxDropped):
		return nil, nil
	case err == nil && old.State == TaxPrepared && old.Source == source && old.PreparedBy == by.Person:
		return old, nil
	case err == nil:
		return nil, market.Conflict("tax.waits")
	case !store.Missing(err):
		return nil, err
	}
	t := &TaxPayment{
		Doc: store.Doc{ID: id}, Period: period, Source: source, State: TaxPrepared,
		PreparedBy: by.Person, PreparedName: by.Name, PreparedAt: s.env.Now(),
	}
	if t.VAT, t.PIT, err = s.taxDue(ctx, period, source); err != nil {
		return nil, err
	}
	if err := s.taxPaid.Insert(ctx, t); !store.Exists(err) {
		return t, err
	}
	return s.taxPaymentOf(ctx, by, id, period, source)
}

// taxDue is what is withheld of the month and not paid yet, if the source owes
// as much.
func (s *Service) taxDue(ctx context.Context, period string, source Account) (vat, pit market.VND, err error) {
	balances := map[Account]market.VND{}
	for _, a := range []Account{TaxVAT(period), TaxPIT(period), source} {
		if balances[a], err = s.Balance(ctx, a); err != nil {
			return 0, 0, err
		}
	}
	vat, pit = balances[TaxVAT(period)], balances[TaxPIT(period)]
	switch {
	case vat < 0 || pit < 0:
		return 0, 0, market.Conflict("tax.below_zero")
	case vat+pit == 0:
		return 0, 0, market.Conflict("tax.nothing")
	case -balances[source] < vat+pit:
		return 0, 0, market.Conflict("tax.source_short").With("owes", max(0, -balances[source])).With("tax", vat+pit)
	}
	return vat, pit, nil
}

// ApproveTax says that a second person has had the tax paid, and under which
// receipt of the state treasury; the entry is posted. The same again changes
// nothing. Allowed to an operator who has not prepared it.
func (s *Service) ApproveTax(ctx context.Context, by market.Actor, id market.ID, receipt string) (*TaxPayment, error) {
	if len(receipt) > 100 {
		return nil, market.Invalid("tax.receipt", "receipt")
	}
	old, err := s.TaxPayment(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if old.State == TaxPrepared {
		if vat, pit, err := s.taxDue(ctx, old.Period, old.Source); err != nil || vat < old.VAT || pit < old.PIT {
			return nil, errors.Join(err, changedSince(err))
		}
	}
	now := s.env.Now()
	t, err := s.taxPaid.Update(ctx, id, func(t *TaxPayment) ([]market.Event, error) {
		switch {
		case by.Person == "" || by.Person == t.PreparedBy:
			return nil, market.Forbidden("payouts.same_person")
		case t.ApprovedBy == by.Person:
			return nil, nil
		case t.State != TaxPrepared:
			return nil, market.Conflict("payouts.move").With("state", string(t.State))
		}
		t.State, t.Receipt, t.ApprovedBy, t.ApprovedName, t.ApprovedAt = TaxApproved, receipt, by.Person, by.Name, &now
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	return s.finishTax(ctx, t)
}

func changedSince(err error) error {
	if err != nil {
		return nil
	}
	return market.Conflict("tax.changed")
}

// KeepTaxReceipt writes down the state treasury's receipt of a payment that was
// approved before there was one. The same again changes nothing; another is
// refused. Allowed to operators.
func (s *Service) KeepTaxReceipt(ctx context.Context, by market.Actor, id market.ID, receipt string) (*TaxPayment, error) {
	if receipt == "" || len(receipt) > 100 {
		return nil, market.Invalid("tax.receipt", "receipt")
	}
	if _, err := s.TaxPayment(ctx, by, id); err != nil {
		return nil, err
	}
	return s.taxPaid.Update(ctx, id, func(t *TaxPayment) ([]market.Event, error) {
		switch {
		case t.ApprovedAt == nil:
			return nil, market.Conflict("payouts.move").With("state", string(t.State))
		case t.Receipt != "" && t.Receipt != receipt:
			return nil, market.Conflict("tax.receipt_kept").With("receipt", t.Receipt)
		}
		t.Receipt = receipt
		return nil, nil
	})
}

// DropTax gives a prepared payment up. Again changes nothing. Allowed to
// operators.
func (s *Service) DropTax(ctx context.Context, by market.Actor, id market.ID) (*TaxPayment, error) {
	if _, err := s.TaxPayment(ctx, by, id); err != nil {
		return nil, err
	}
	return s.taxPaid.Update(ctx, id, func(t *TaxPayment) ([]market.Event, error) {
		if t.State != TaxPrepared && t.State != TaxDropped {
			return nil, market.Conflict("payouts.move").With("state", string(t.State))
		}
		t.State = TaxDropped
		return nil, nil
	})
}

// finishTax posts what an approved payment asks for. All of it can be done
// again without effect.
func (s *Service) finishTax(ctx context.Context, t *TaxPayment) (*TaxPayment, error) {
	if t.State != TaxApproved {
		return t, nil
	}
	entry, _ := t.entry()
	if err := s.Post(ctx, entry); err != nil {
		return nil, err
	}
	return s.taxPaid.Update(ctx, t.ID, func(t *TaxPayment) ([]market.Event, error) {
		t.State = TaxPaid
		return nil, nil
	})
}

// ResumeTax finishes payments of tax that were cut off, and returns how many.
func (s *Service) ResumeTax(ctx context.Context) (int, error) {
	n := 0
	err := s.taxPaid.Each(ctx, store.Query{Index: "state", Eq: []any{string(TaxApproved)}}, func(t *TaxPayment) error {
		n++
		_, err := s.finishTax(ctx, t)
		return err
	})
	return n, err
}

// TaxPayment returns one payment of tax. Allowed to operators.
func (s *Service) TaxPayment(ctx context.Context, by market.Actor, id market.ID) (*TaxPayment, error) {
	if !by.Is(market.RoleOperator) {
		return nil, errTaxPayment
	}
	t, err := s.taxPaid.Get(ctx, id)
	if store.Missing(err) {
		return nil, errTaxPayment
	}
	return t, err
}

// TaxPayments lists the payments of tax, the newest first. Allowed to operators.
func (s *Service) TaxPayments(ctx context.Context, by market.Actor, after store.Cursor, limit int) (store.Page[TaxPayment], error) {
	if !by.Is(market.RoleOperator) {
		return store.Page[TaxPayment]{}, errMissing
	}
	return s.taxPaid.Find(ctx, store.Query{Index: "prepared", Desc: true, After: after, Limit: limit})
}

// readTaxPayments adds what payments of tax have moved to what is expected.
func (a *audit) readTaxPayments(ctx context.Context, s *Service) error {
	return s.taxPaid.Each(ctx, store.Query{}, func(t *TaxPayment) error {
		entry, ok := t.entry()
		switch {
		case !ok:
		case !a.posted[entry.ID] && a.now.Sub(entry.At) > settling:
			a.breach(Once, string(entry.ID), "of a payment of tax is not in the ledger")
		case a.posted[entry.ID]:
			for _, p := range entry.Postings {
				a.expect(p.From, -p.Amount)
				a.expect(p.To, p.Amount)
			}
		}
		return nil
	})
}
