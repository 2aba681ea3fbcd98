package payments

import (
	"context"

	"chohue/market"
	"chohue/store"
)

// Service is the payments room. It may be used from many goroutines.
type Service struct {
	env        market.Env
	providers  map[string]Provider
	methods    []string
	limits     limits
	taxes      TaxRules
	intents    *store.Collection[Intent]
	callbacks  *store.Collection[Callback]
	mismatches *store.Collection[Mismatch]
	claims     *store.Collection[claim]
	ledger     *store.Collection[Transaction]
	blocks     *store.Collection[Block]
	crowns     *store.Collection[crown]
	standings  *store.Collection[Standing]
	payouts    *payoutBooks
	taxPaid    *store.Collection[TaxPayment]
}

// New opens the room with the given ways of paying.
func New(ctx context.Context, e store.Engine, env market.Env, providers ...Provider) (*Service, error) {
	rows, err := loadLimits()
	if err != nil {
		return nil, err
	}
	s := &Service{env: env, providers: map[string]Provider{}, limits: rows}
	for _, p := range providers {
		s.providers[p.Name()] = p
		s.methods = append(s.methods, p.Name())
	}
	if s.taxes, err = LoadTaxRules(); err != nil {
		return nil, err
	}
	return s, s.open(ctx, e)
}

// Taxes are the withholding rules in use.
func (s *Service) Taxes() TaxRules { return s.taxes }

func (s *Service) open(ctx context.Context, e store.Engine) (err error) {
	if s.intents, err = store.Open[Intent](ctx, e, store.Spec{Name: "payments", Indexes: []store.Index{
		{Name: "due", Fields: []string{"due"}},
		{Name: "back", Fields: []string{"back_at"}},
		{Name: "order", Fields: []string{"order", "created_at"}},
		{Name: "code", Fields: []string{"order_code"}},
		{Name: "period", Fields: []string{"withheld.period"}},
		{Name: "taxed", Fields: []string{"withheld.seller_period"}},
	}}); err != nil {
		return err
	}
	if s.callbacks, err = store.Open[Callback](ctx, e, store.Spec{Name: "payment_callbacks", Indexes: []store.Index{
		{Name: "payment", Fields: []string{"payment", "at"}},
		{Name: "verdict", Fields: []string{"verdict", "at"}},
	}}); err != nil {
		return err
	}
	if s.claims, err = store.Open[claim](ctx, e, store.Spec{Name: "payment_notices"}); err != nil {
		return err
	}
	if s.mismatches, err = store.Open[Mismatch](ctx, e, store.Spec{Name: "payment_mismatches", Indexes: []store.Index{
		{Name: "queue", Fields: []string{"queue", "found_at"}},
	}}); err != nil {
		return err
	}
	return s.openLedger(ctx, e)
}

func (s *Service) openLedger(ctx context.Context, e store.Engine) (err error) {
	if s.ledger, err = store.Open[Transaction](ctx, e, store.Spec{Name: "payment_ledger", Indexes: []store.Index{
		{Name: "account", Fields: []string{"accounts", "at"}},
		{Name: "tail", Fields: []string{"accounts", "block"}},
		{Name: "block", Fields: []string{"block"}},
		{Name: "ref", Fields: []string{"ref"}},
	}}); err != nil {
		return err
	}
	if s.blocks, err = store.Open[Block](ctx, e, store.Spec{Name: "payment_blocks"}); err != nil {
		return err
	}
	if s.crowns, err = store.Open[crown](ctx, e, store.Spec{Name: "payment_crown"}); err != nil {
		return err
	}
	if s.standings, err = store.Open[Standing](ctx, e, store.Spec{Name: "payment_balances"}); err != nil {
		return err
	}
	if s.taxPaid, err = store.Open[TaxPayment](ctx, e, store.Spec{Name: "tax_payments", Indexes: []store.Index{
		{Name: "state", Fields: []string{"state", "prepared_at"}},
		{Name: "prepared", Fields: []string{"prepared_at"}},
	}}); err != nil {
		return err
	}
	s.payouts, err = openPayouts(ctx, e)
	return err
}

// Methods lists the ways of paying, in the order in which they were handed to
// New.
func (s *Service) Methods() []string { return s.methods }

var errMissing = market.NotFound("payments.missing")

// Intent returns the payment, or not found. The caller decides who may see it.
func (s *Service) Intent(ctx context.Context, id market.ID) (*Intent, error) {
	in, err := s.intents.Get(ctx, id)
	if store.Missing(err) {
		return nil, errMissing
	}
	return in, err
}

// OfOrder returns the payments of an order, oldest first.
func (s *Service) OfOrder(ctx context.Context, order market.ID) ([]*Intent, error) {
	page, err := s.intents.Find(ctx, store.Query{Index: "order", Eq: []any{string(order)}})
	return page.Items, err
}

// Begin starts a payment and says what the buyer has to do. The charge's ID
// makes it idempotent: the same charge again returns the same payment, even
// when the first call was cut off half way; a different one is a conflict.
func (s *Service) Begin(ctx context.Context, by market.Actor, c Charge) (*Intent, error) {
	p, ok := s.providers[c.Method]
	if !ok {
		return nil, market.Invalid("payments.method", "method")
	}
	in, err := s.intend(ctx, by, p, c)
	if err != nil || in.Step.Kind != "" || in.State != StatePending {
		return in, err
	}
	step, err := p.Begin(ctx, in.Charge())
	if err != nil {
		return nil, err
	}
	return s.intents.Update(ctx, in.ID, func(in *Intent) ([]market.Event, error) {
		in.begun(step, s.env.Now())
		return nil, nil
	})
}

// intend writes the intent, or finds the one that an earlier try has written.
// Only an instant provider's has its step already: any other is asked when the
// payment is on record.
func (s *Service) intend(ctx context.Context, by market.Actor, p Provider, c Charge) (*Intent, error) {
	now := s.env.Now()
	if err := c.check(now); err != nil {
		return s.intended(ctx, c, err)
	}
	if err := s.limits.check(c.Method, limitPay, c.Amount, now); err != nil {
		return s.intended(ctx, c, err)
	}
	in := newIntent(c, by.Person, now)
	if _, ok := p.(Instant); ok {
		step, err := p.Begin(ctx, c)
		if err != nil {
			return s.intended(ctx, c, err)
		}
		in.begun(step, now)
	}
	err := s.intents.Insert(ctx, in)
	if store.Exists(err) {
		return s.intended(ctx, c, err)
	}
	return in, err
}

// intended finds the intent of an earlier try; when there is none, what is
// wrong with this try stands.
func (s *Service) intended(ctx context.Context, c Charge, wrong error) (*Intent, error) {
	in, err := s.intents.Get(ctx, c.ID)
	if store.Missing(err) {
		return nil, wrong
	}
	if err != nil {
		return nil, err
	}
	return again(in, c)
}

func again(in *Intent, c Charge) (*Intent, error) {
	if !in.same(c) {
		return nil, market.Conflict("payments.charge_differs")
	}
	return in, nil
}
