package stripe

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	sdk "github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"chohue/market"
	"chohue/payments"
)

// Notice implements payments.Provider: a webhook of the API version that this
// library speaks (docs.stripe.com/webhooks/signature). The time of the
// signature is held against the market's clock, not the library's.
func (p Provider) Notice(ctx context.Context, raw payments.Raw) (payments.Notice, error) {
	signed := raw.Header["Stripe-Signature"]
	if len(signed) != 1 {
		return payments.Notice{}, market.Forbidden("payments.signature")
	}
	signature := signed[0]
	if err := webhook.ValidatePayloadIgnoringTolerance(raw.Body, signature, p.c.WebhookSecret.Reveal()); err != nil {
		return payments.Notice{}, market.Forbidden("payments.signature")
	}
	if !p.fresh(signature) {
		return payments.Notice{}, market.Forbidden("payments.stale")
	}
	var e sdk.Event
	if err := json.Unmarshal(raw.Body, &e); err != nil || e.Data == nil {
		return payments.Notice{}, market.Invalid("payments.notice_form", "")
	}
	if e.APIVersion != sdk.APIVersion {
		return payments.Notice{}, market.Invalid("payments.notice_form", "").With("want", sdk.APIVersion).With("version", e.APIVersion)
	}
	if e.Account != "" && e.Account != p.c.Account {
		return payments.Notice{}, market.Conflict("payments.notice_merchant")
	}
	return p.read(ctx, e)
}

// fresh holds the signed time against the clock, either way.
func (p Provider) fresh(signature string) bool {
	for part := range strings.SplitSeq(signature, ",") {
		if at, ok := strings.CutPrefix(strings.TrimSpace(part), "t="); ok {
			seconds, err := strconv.ParseInt(at, 10, 64)
			return err == nil && p.c.Now().Sub(time.Unix(seconds, 0)).Abs() <= webhook.DefaultTolerance
		}
	}
	return false
}

// read tells what an event is about. Each movement is told by one type of
// event; the others say the same again, or nothing yet.
func (p Provider) read(ctx context.Context, e sdk.Event) (payments.Notice, error) {
	switch e.Type {
	case sdk.EventTypePaymentIntentSucceeded:
		var pi sdk.PaymentIntent
		if err := json.Unmarshal(e.Data.Raw, &pi); err != nil {
			return payments.Notice{}, market.Invalid("payments.notice_form", "")
		}
		return p.capture(&pi)
	case sdk.EventTypeCheckoutSessionExpired:
		var s sdk.CheckoutSession
		if err := json.Unmarshal(e.Data.Raw, &s); err != nil {
			return payments.Notice{}, market.Invalid("payments.notice_form", "")
		}
		return p.expired(e, &s)
	case sdk.EventTypeChargeRefundUpdated, "refund.created", "refund.updated", "refund.failed":
		var r sdk.Refund
		if err := json.Unmarshal(e.Data.Raw, &r); err != nil {
			return payments.Notice{}, market.Invalid("payments.notice_form", "")
		}
		return p.refundTold(ctx, &r)
	}
	return payments.Notice{Provider: Name, Type: payments.NoticePending, Transaction: e.ID, Merchant: p.c.Account, At: time.Unix(e.Created, 0).UTC()}, nil
}

func (p Provider) expired(e sdk.Event, s *sdk.CheckoutSession) (payments.Notice, error) {
	if s.Currency != sdk.CurrencyVND {
		return payments.Notice{}, market.Invalid("payments.notice_amount", "")
	}
	return payments.Notice{
		Provider: Name, Type: payments.NoticeFailure, Transaction: s.ID, Payment: market.ID(s.ClientReferenceID),
		Merchant: p.c.Account, Amount: market.VND(s.AmountTotal), At: time.Unix(e.Created, 0).UTC(),
	}, nil
}

// refundTold reads a refund out of an event. One made at Stripe's own desk does
// not say what it is of; its PaymentIntent does.
func (p Provider) refundTold(ctx context.Context, r *sdk.Refund) (payments.Notice, error) {
	if r.Currency != sdk.CurrencyVND {
		return payments.Notice{}, market.Invalid("payments.notice_amount", "")
	}
	payment := r.Metadata[metaPayment]
	if payment == "" {
		if r.PaymentIntent == nil {
			return payments.Notice{}, market.Invalid("payments.notice_form", "")
		}
		params := &sdk.PaymentIntentParams{}
		params.Context = ctx
		pi, err := p.intents.Get(r.PaymentIntent.ID, params)
		if err != nil {
			return payments.Notice{}, judged(err)
		}
		payment = pi.Metadata[metaPayment]
	}
	n := p.refundNotice(market.ID(payment), r)
	if n.Type == "" {
		n.Type = payments.NoticePending
	}
	return n, nil
}

// Reply implements payments.Provider: any 2xx stops the repeating.
func (Provider) Reply(err error) payments.Reply { return payments.StatusReply(err, 204) }
