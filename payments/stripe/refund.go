package stripe

import (
	"context"
	"time"

	sdk "github.com/stripe/stripe-go/v76"

	"chohue/market"
	"chohue/payments"
)

// Refund implements payments.Provider. Stripe remembers idempotency keys for a
// day only, so what was asked for before is looked up first: it carries our
// key.
func (p Provider) Refund(ctx context.Context, in *payments.Intent, r payments.RefundRequest) (payments.Notice, error) {
	if len(in.Captures) == 0 {
		return payments.Notice{}, market.Conflict("payments.notice_early")
	}
	pi := in.Captures[0].Transaction
	made, err := p.made(ctx, pi)
	if err != nil {
		return payments.Notice{}, err
	}
	for _, have := range made {
		if have.Metadata[metaRefund] == string(r.Key) {
			return p.refunded(in.ID, have)
		}
	}
	params := &sdk.RefundParams{
		PaymentIntent: new(pi), Amount: new(int64(r.Amount)), Reason: sdk.String(string(sdk.RefundReasonRequestedByCustomer)),
		Metadata: map[string]string{metaPayment: string(in.ID), metaRefund: string(r.Key)},
	}
	params.Context = ctx
	params.SetIdempotencyKey("refund:" + string(in.ID) + ":" + string(r.Key))
	done, err := p.refunds.New(params)
	if err != nil {
		return payments.Notice{}, judged(err)
	}
	return p.refunded(in.ID, done)
}

// made lists all refunds of a PaymentIntent.
func (p Provider) made(ctx context.Context, pi string) ([]*sdk.Refund, error) {
	params := &sdk.RefundListParams{PaymentIntent: new(pi)}
	params.Context = ctx
	params.Limit = sdk.Int64(100)
	var all []*sdk.Refund
	list := p.refunds.List(params)
	for list.Next() {
		all = append(all, list.Refund())
	}
	if err := list.Err(); err != nil {
		return nil, judged(err)
	}
	return all, nil
}

// refunded reads a refund. One that Stripe has refused is a conflict, as an
// answer to a request must be.
func (p Provider) refunded(payment market.ID, r *sdk.Refund) (payments.Notice, error) {
	n := p.refundNotice(payment, r)
	if n.Type == payments.NoticeRefundFailed {
		return n, market.Conflict("payments.refund_refused")
	}
	if r.Currency != sdk.CurrencyVND {
		return n, unclear()
	}
	return n, nil
}

func (p Provider) refundNotice(payment market.ID, r *sdk.Refund) payments.Notice {
	return payments.Notice{
		Provider: Name, Type: refundTypes[r.Status], Transaction: r.ID, Payment: payment, Refund: market.ID(r.Metadata[metaRefund]),
		Merchant: p.c.Account, Amount: market.VND(r.Amount), At: time.Unix(r.Created, 0).UTC(),
	}
}

// refundTypes is what a refund's status means; one that is not here is not
// settled.
var refundTypes = map[sdk.RefundStatus]string{
	sdk.RefundStatusSucceeded: payments.NoticeRefund,
	sdk.RefundStatusFailed:    payments.NoticeRefundFailed,
	sdk.RefundStatusCanceled:  payments.NoticeRefundFailed,
	sdk.RefundStatusPending:   payments.NoticePending,
	"requires_action":         payments.NoticePending,
}

// foreign finds a refund that was not made by us.
func (p Provider) foreign(ctx context.Context, in *payments.Intent, pi string) (payments.Notice, error) {
	made, err := p.made(ctx, pi)
	if err != nil {
		return payments.Notice{}, err
	}
	for _, r := range made {
		if r.Status == sdk.RefundStatusSucceeded && r.Metadata[metaRefund] == "" && !knows(in, r.ID) {
			return p.refunded(in.ID, r)
		}
	}
	return payments.Notice{}, nil
}

func knows(in *payments.Intent, transaction string) bool {
	for _, r := range in.Refunds {
		if r.Transaction == transaction {
			return true
		}
	}
	return false
}
