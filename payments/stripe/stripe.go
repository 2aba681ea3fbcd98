// Package stripe takes cards through Stripe (stripe-go v76, API 2023-10-16):
// a hosted Checkout page with one PaymentIntent behind it, so that no card
// number and no script of Stripe's ever comes to the market's own pages.
//
// Đồng has no smaller unit at Stripe (docs.stripe.com/currencies): amounts are
// sent as they are. Stripe opens no merchant accounts in Vietnam, so the method
// needs a foreign entity and is off unless configured.
package stripe

import (
	"context"
	"errors"
	"net/http"
	"time"

	sdk "github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/checkout/session"
	"github.com/stripe/stripe-go/v76/paymentintent"
	"github.com/stripe/stripe-go/v76/refund"

	"chohue/market"
	"chohue/payments"
)

// Name is the method's name.
const Name = "stripe"

// Config is what Stripe gives a merchant.
type Config struct {
	Account       string // acct_…
	Key           payments.Secret
	WebhookSecret payments.Secret // of the endpoint, made at API version 2023-10-16
	URL           string          // Stripe's own when empty
	Now           market.Clock    // the wall clock when nil
	Client        *http.Client    // one with a deadline when nil
}

// Provider is the market's side of Stripe.
type Provider struct {
	c        Config
	sessions session.Client
	intents  paymentintent.Client
	refunds  refund.Client
}

var _ payments.Provider = Provider{}

// deadline is what Stripe's own libraries wait.
const deadline = 80 * time.Second

// New returns the method. Every request carries a key of ours, so the library
// is told not to repeat any by itself.
func New(c Config) Provider {
	if c.Now == nil {
		c.Now = market.SystemClock
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: deadline}
	}
	b := &sdk.BackendConfig{
		HTTPClient: c.Client, MaxNetworkRetries: sdk.Int64(0), EnableTelemetry: new(false),
		LeveledLogger: &sdk.LeveledLogger{Level: sdk.LevelNull},
	}
	if c.URL != "" {
		b.URL = new(c.URL)
	}
	backend, key := sdk.GetBackendWithConfig(sdk.APIBackend, b), c.Key.Reveal()
	return Provider{
		c: c, sessions: session.Client{B: backend, Key: key},
		intents: paymentintent.Client{B: backend, Key: key}, refunds: refund.Client{B: backend, Key: key},
	}
}

// Name implements payments.Provider.
func (Provider) Name() string { return Name }

// metaPayment and metaRefund are where our ids stand in Stripe's objects.
const (
	metaPayment = "payment"
	metaRefund  = "refund"
)

// leastOpen is the shortest time that a Checkout page may be open. Money that
// comes after the order was given up goes back.
const leastOpen = 31 * time.Minute

// Begin implements payments.Provider. The charge's id is the idempotency key,
// so that asking again gives the same page.
func (p Provider) Begin(ctx context.Context, c payments.Charge) (payments.Step, error) {
	if c.ExpiresAt.IsZero() {
		return payments.Step{}, market.Invalid("payments.over", "expires_at")
	}
	params := p.session(c)
	params.Context = ctx
	params.SetIdempotencyKey("begin:" + string(c.ID))
	s, err := p.sessions.New(params)
	if err != nil {
		return payments.Step{}, judged(err)
	}
	if s.ID == "" || s.URL == "" || s.ClientReferenceID != string(c.ID) {
		return payments.Step{}, unclear()
	}
	return payments.Step{Kind: payments.StepRedirect, URL: s.URL, Reference: s.ID, Merchant: p.c.Account}, nil
}

func (p Provider) session(c payments.Charge) *sdk.CheckoutSessionParams {
	// The time follows from the charge alone: a key must not come with other
	// words the second time.
	until := c.ExpiresAt.Add(leastOpen)
	return &sdk.CheckoutSessionParams{
		Mode: sdk.String(string(sdk.CheckoutSessionModePayment)), ClientReferenceID: new(string(c.ID)),
		SuccessURL: new(c.ReturnURL), CancelURL: new(c.ReturnURL), ExpiresAt: new(until.Unix()),
		Locale: new("vi"), PaymentMethodTypes: sdk.StringSlice([]string{"card"}),
		LineItems: []*sdk.CheckoutSessionLineItemParams{{
			Quantity: sdk.Int64(1),
			PriceData: &sdk.CheckoutSessionLineItemPriceDataParams{
				Currency: sdk.String(string(sdk.CurrencyVND)), UnitAmount: new(int64(c.Amount)),
				ProductData: &sdk.CheckoutSessionLineItemPriceDataProductDataParams{Name: new(c.Description)},
			},
		}},
		PaymentIntentData: &sdk.CheckoutSessionPaymentIntentDataParams{
			Metadata: map[string]string{metaPayment: string(c.ID)}, Description: new(c.OrderCode),
		},
	}
}

// Query implements payments.Provider.
func (p Provider) Query(ctx context.Context, in *payments.Intent) (payments.Notice, error) {
	params := &sdk.CheckoutSessionParams{}
	params.Context = ctx
	params.AddExpand("payment_intent")
	s, err := p.sessions.Get(in.Step.Reference, params)
	if err != nil {
		return payments.Notice{}, judged(err)
	}
	if s.ID != in.Step.Reference || s.ClientReferenceID != string(in.ID) {
		return payments.Notice{}, unclear()
	}
	n := payments.Notice{
		Provider: Name, Type: payments.NoticePending, Payment: in.ID, Merchant: p.c.Account, Amount: in.Amount,
		Transaction: s.ID, At: p.c.Now(),
	}
	switch {
	case s.PaymentStatus == sdk.CheckoutSessionPaymentStatusPaid:
		return p.paid(ctx, in, s.PaymentIntent)
	case s.Status == sdk.CheckoutSessionStatusExpired:
		n.Type = payments.NoticeFailure
	}
	return n, nil
}

// paid is the capture, or a refund made at Stripe's own desk that the intent
// does not know yet.
func (p Provider) paid(ctx context.Context, in *payments.Intent, pi *sdk.PaymentIntent) (payments.Notice, error) {
	if pi == nil || pi.Metadata[metaPayment] != string(in.ID) {
		return payments.Notice{}, unclear()
	}
	if len(in.Captures) > 0 {
		if n, err := p.foreign(ctx, in, pi.ID); err != nil || n.Type != "" {
			return n, err
		}
	}
	return p.capture(pi)
}

// capture reads a PaymentIntent that has succeeded.
func (p Provider) capture(pi *sdk.PaymentIntent) (payments.Notice, error) {
	if pi.Currency != sdk.CurrencyVND {
		return payments.Notice{}, market.Invalid("payments.notice_amount", "")
	}
	return payments.Notice{
		Provider: Name, Type: payments.NoticeCapture, Transaction: pi.ID, Payment: market.ID(pi.Metadata[metaPayment]),
		Merchant: p.c.Account, Amount: market.VND(pi.AmountReceived), At: time.Unix(pi.Created, 0).UTC(),
	}, nil
}

func unclear() error { return market.Unavailable("payments.provider_down") }

// judged reads an error of the library. What Stripe says in words is not passed
// on. Only an answer that Stripe has refused the request is final.
func judged(err error) error {
	var e *sdk.Error
	if !errors.As(err, &e) {
		return unclear()
	}
	switch {
	case e.HTTPStatusCode == http.StatusConflict, e.HTTPStatusCode == http.StatusTooManyRequests, e.HTTPStatusCode >= 500:
		return unclear()
	case e.Type == sdk.ErrorTypeInvalidRequest, e.Type == sdk.ErrorTypeCard:
		return market.Conflict("payments.refund_refused")
	}
	return unclear()
}
