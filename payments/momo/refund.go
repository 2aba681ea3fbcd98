package momo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"chohue/market"
	"chohue/payments"
)

// refundID is MoMo's orderId and requestId of a refund: the same key of the same
// payment is the same refund, whatever it is made of.
func refundID(payment, key market.ID) string {
	sum := sha256.Sum256([]byte(payment + ":" + key))
	return "R" + hex.EncodeToString(sum[:16])
}

// Refund implements payments.Provider. MoMo does a request once however often
// it comes; whenever its answer settles nothing, the refund is asked about.
func (p Provider) Refund(ctx context.Context, in *payments.Intent, r payments.RefundRequest) (payments.Notice, error) {
	_, capture, ok := in.Asked(r.Key)
	if !ok {
		return payments.Notice{}, market.Conflict("payments.refund_missing")
	}
	id := refundID(in.ID, r.Key)
	a, err := p.call(ctx, "refund", map[string]string{
		"partnerCode": p.c.PartnerCode, "orderId": id, "requestId": id, "amount": number(r.Amount),
		"transId": capture.Transaction, "description": short(r.Reason, 200),
	}, nil)
	if err != nil {
		return payments.Notice{}, err
	}
	if a.is(done) {
		return p.refunded(in, r, a)
	}
	return p.queryRefund(ctx, in, r, refusing(a.ResultCode))
}

// refusing is the error of a code that says no for good, else nil.
func refusing(code int) error {
	switch code {
	case badAmount, noOrder, overRefund, notRefundable:
		return market.Conflict("payments.refund_refused").With("code", code)
	}
	return nil
}

// queryRefund asks how a refund stands. refused is what MoMo has said to the
// request; it is believed only when MoMo knows no refund of this name.
func (p Provider) queryRefund(ctx context.Context, in *payments.Intent, r payments.RefundRequest, refused error) (payments.Notice, error) {
	a, err := p.call(ctx, "refund/query", map[string]string{
		"partnerCode": p.c.PartnerCode, "orderId": refundID(in.ID, r.Key), "requestId": string(market.NewID(p.c.Now())),
	}, nil)
	if err != nil {
		return payments.Notice{}, err
	}
	switch {
	case a.is(done):
		return p.refunded(in, r, a)
	case a.is(noOrder) && refused != nil:
		return payments.Notice{}, refused
	case a.is(overRefund), a.is(notRefundable):
		return payments.Notice{}, refusing(a.ResultCode)
	}
	return payments.Notice{Provider: Name, Type: payments.NoticePending, Payment: in.ID, Refund: r.Key}, nil
}

// refunded believes an answer only when it is about this refund and amount.
func (p Provider) refunded(in *payments.Intent, r payments.RefundRequest, a answer) (payments.Notice, error) {
	if a.OrderID != refundID(in.ID, r.Key) || a.Amount != r.Amount || a.TransID == 0 {
		return payments.Notice{}, a.unclear()
	}
	return payments.Notice{
		Provider: Name, Transaction: strconv.FormatInt(a.TransID, 10), Type: payments.NoticeRefund, Payment: in.ID, Refund: r.Key,
		Merchant: in.Step.Merchant, Amount: r.Amount, At: time.UnixMilli(a.ResponseTime).UTC(),
	}, nil
}
