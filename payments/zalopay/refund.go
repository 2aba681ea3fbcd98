package zalopay

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"

	"chohue/market"
	"chohue/payments"
)

// refundName is ZaloPay's m_refund_id: the day on which the refund was set
// aside, the app, and what payment and key come to. At most 45 characters.
func (p Provider) refundName(payment market.ID, r payments.Refund) string {
	sum := sha256.Sum256([]byte(payment + ":" + r.Key))
	return day(r.At) + "_" + p.c.AppID + "_" + hex.EncodeToString(sum[:10])
}

// Refund implements payments.Provider. ZaloPay makes refunds later than it is
// asked for them, and one name is one refund: whatever it answers to the
// request, the refund itself is asked about.
func (p Provider) Refund(ctx context.Context, in *payments.Intent, r payments.RefundRequest) (payments.Notice, error) {
	asked, capture, ok := in.Asked(r.Key)
	if !ok {
		return payments.Notice{}, market.Conflict("payments.refund_missing")
	}
	name := p.refundName(in.ID, asked)
	first, err := p.call(ctx, "refund", url.Values{
		"app_id": {p.c.AppID}, "m_refund_id": {name}, "zp_trans_id": {capture.Transaction}, "amount": {number(r.Amount)},
		"timestamp": {millis(p.c.Now())}, "description": {r.Reason},
	}, "app_id", "zp_trans_id", "amount", "description", "timestamp")
	if err != nil {
		return payments.Notice{}, err
	}
	return p.queryRefund(ctx, in, r, name, first)
}

// queryRefund asks how a refund stands. first is what ZaloPay has said to the
// request; a refusal is believed only when ZaloPay knows no refund of this name.
func (p Provider) queryRefund(ctx context.Context, in *payments.Intent, r payments.RefundRequest, name string, first answer) (payments.Notice, error) {
	a, err := p.call(ctx, "query_refund", url.Values{
		"app_id": {p.c.AppID}, "m_refund_id": {name}, "timestamp": {millis(p.c.Now())},
	}, "app_id", "m_refund_id", "timestamp")
	if err != nil {
		return payments.Notice{}, err
	}
	n := payments.Notice{
		Provider: Name, Transaction: name, Type: payments.NoticePending, Payment: in.ID, Refund: r.Key,
		Merchant: in.Step.Merchant, Amount: r.Amount, At: p.c.Now(),
	}
	unmade := a.SubReturnCode == noOrder && first.ReturnCode == failed && final(first.SubReturnCode)
	switch {
	case a.ReturnCode == success:
		n.Type = payments.NoticeRefund
	case unmade || a.ReturnCode == failed && final(a.SubReturnCode):
		return payments.Notice{}, market.Conflict("payments.refund_refused").With("sub_code", min(a.SubReturnCode, first.SubReturnCode))
	case a.ReturnCode == failed && a.SubReturnCode != noOrder:
		return payments.Notice{}, a.unclear()
	}
	return n, nil
}
