// Package cod is cash on delivery: nothing to pay now, the carrier collects at
// the door and owes the sellers. No machine reports it; the people who deliver
// confirm.
package cod

import (
	"context"
	"net/http"
	"time"

	"chohue/market"
	"chohue/payments"
)

// Name is the method's name.
const Name = "cod"

// merchant is who takes the cash, as far as this method knows.
const merchant = "carrier"

// Provider is cash on delivery.
type Provider struct{}

var (
	_ payments.Provider = Provider{}
	_ payments.Witness  = Provider{}
	_ payments.Instant  = Provider{}
)

// New returns the method.
func New() Provider { return Provider{} }

// Name implements payments.Provider.
func (Provider) Name() string { return Name }

// Begin implements payments.Provider: there is nothing to do until delivery.
func (Provider) Begin(_ context.Context, c payments.Charge) (payments.Step, error) {
	if c.Payee != nil {
		return payments.Step{}, market.Invalid("payments.no_payee", "payee")
	}
	return payments.Step{Kind: payments.StepNone, Reference: c.OrderCode, Merchant: merchant}, nil
}

// Instant implements payments.Instant.
func (Provider) Instant() {}

// Notice implements payments.Provider: nobody may report cash from outside.
func (Provider) Notice(context.Context, payments.Raw) (payments.Notice, error) {
	return payments.Notice{}, market.Forbidden("payments.no_notices")
}

// Query implements payments.Provider: there is nobody to ask.
func (Provider) Query(_ context.Context, in *payments.Intent) (payments.Notice, error) {
	return payments.Notice{Provider: Name, Type: payments.NoticePending, Payment: in.ID}, nil
}

// Refund implements payments.Provider: the seller pays back by hand and
// confirms it.
func (Provider) Refund(_ context.Context, in *payments.Intent, r payments.RefundRequest) (payments.Notice, error) {
	return payments.Notice{Provider: Name, Type: payments.NoticePending, Payment: in.ID, Refund: r.Key}, nil
}

// Reply implements payments.Provider.
func (Provider) Reply(error) payments.Reply {
	return payments.Reply{Status: http.StatusForbidden, ContentType: "text/plain; charset=utf-8"}
}

// Witnessed implements payments.Witness.
func (Provider) Witnessed(in *payments.Intent, at time.Time) payments.Notice {
	return payments.Notice{
		Provider: Name, Transaction: "collected:" + string(in.ID), Type: payments.NoticeCapture,
		Payment: in.ID, Merchant: in.Step.Merchant, Amount: in.Amount, At: at,
	}
}
