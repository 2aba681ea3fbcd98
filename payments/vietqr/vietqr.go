// Package vietqr pays the seller's own bank account: the buyer scans a code
// with any Vietnamese banking app, the money goes from bank to bank, and the
// seller's people confirm that it has come. No secret, no contract and no
// machine of ours is in between.
package vietqr

import (
	"context"
	"net/http"
	"time"

	"chohue/market"
	"chohue/payments"
)

// Name is the method's name.
const Name = "vietqr"

// Provider makes a code for each charge.
type Provider struct{ city string }

var (
	_ payments.Provider = Provider{}
	_ payments.Witness  = Provider{}
	_ payments.Instant  = Provider{}
)

// New returns the method; city is written into the codes (tag 60).
func New(city string) Provider { return Provider{city} }

// Name implements payments.Provider.
func (Provider) Name() string { return Name }

// Begin implements payments.Provider. The charge must name the bank account of
// its one seller; the order's code is the transfer's content.
func (p Provider) Begin(_ context.Context, c payments.Charge) (payments.Step, error) {
	if c.Payee == nil {
		return payments.Step{}, market.Invalid("payments.payee", "payee")
	}
	reference := ASCII(c.OrderCode, maxContent)
	qr, err := Code{
		BIN: c.Payee.BIN, Account: c.Payee.Account, Holder: c.Payee.Holder, City: p.city,
		Amount: c.Amount, Reference: reference, Dynamic: true,
	}.Encode()
	if err != nil {
		return payments.Step{}, err
	}
	return payments.Step{
		Kind: payments.StepQR, QR: qr, Reference: reference, Merchant: c.Payee.BIN + ":" + c.Payee.Account,
	}, nil
}

// Instant implements payments.Instant.
func (Provider) Instant() {}

// Notice implements payments.Provider: banks report to the account's owner
// only, so nothing that comes from outside is believed.
func (Provider) Notice(context.Context, payments.Raw) (payments.Notice, error) {
	return payments.Notice{}, market.Forbidden("payments.no_notices")
}

// Query implements payments.Provider: only the seller sees the account.
func (Provider) Query(_ context.Context, in *payments.Intent) (payments.Notice, error) {
	return payments.Notice{Provider: Name, Type: payments.NoticePending, Payment: in.ID}, nil
}

// Refund implements payments.Provider: the seller transfers by hand and
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
		Provider: Name, Transaction: "received:" + string(in.ID), Type: payments.NoticeCapture,
		Payment: in.ID, Merchant: in.Step.Merchant, Amount: in.Amount, At: at,
	}
}
