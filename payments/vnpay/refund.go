package vnpay

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"chohue/market"
	"chohue/payments"
)

// statusRefused is a refund that a bank has sent back: nothing was paid.
const statusRefused = "09"

// requestID names a refund to VNPAY: the same key of the same payment is the
// same request.
func requestID(payment, key market.ID) string {
	sum := sha256.Sum256([]byte(payment + ":" + key))
	return hex.EncodeToString(sum[:16])
}

// Refund implements payments.Provider. VNPAY remembers a request for minutes
// only, and tells of the last refund of a payment alone. So refunds of one
// payment go one after another, and before one is asked for, VNPAY is asked
// whether it has been made already: by an earlier request whose answer was
// lost. Nothing is asked for twice on a guess.
func (p Provider) Refund(ctx context.Context, in *payments.Intent, r payments.RefundRequest) (payments.Notice, error) {
	asked, capture, ok := in.Asked(r.Key)
	if !ok {
		return payments.Notice{}, market.Conflict("payments.refund_missing")
	}
	pending := p.refunded(in, r, standing{})
	pending.Type = payments.NoticePending
	if behind(in, asked) {
		return pending, nil
	}
	s, found, err := p.ask(ctx, in)
	switch {
	case err != nil:
		return payments.Notice{}, err
	case !found:
		return payments.Notice{}, errDown // it has told of this payment before
	case s.refund && s.status != statusRefused && !s.known(in):
		return p.made(in, r, s, pending)
	}
	return p.request(ctx, in, r, capture, pending)
}

// behind reports whether another refund of the payment, set aside earlier, is
// still under way.
func behind(in *payments.Intent, asked payments.Refund) bool {
	for _, other := range in.Refunds {
		if other.Key == asked.Key {
			return false
		}
		if other.Open() {
			return true
		}
	}
	return false
}

// made takes a refund that VNPAY tells of and the intent does not know for the
// one asked for, when it is of the same amount. One of another amount was made
// at VNPAY's desk and has to be taken over before ours can go on.
func (p Provider) made(in *payments.Intent, r payments.RefundRequest, s standing, pending payments.Notice) (payments.Notice, error) {
	if s.amount != r.Amount {
		return payments.Notice{}, errDown.With("foreign", s.number)
	}
	if s.status != statusDone {
		return pending, nil
	}
	return p.refunded(in, r, s), nil
}

func (p Provider) refunded(in *payments.Intent, r payments.RefundRequest, s standing) payments.Notice {
	n := payments.Notice{
		Provider: Name, Transaction: s.number, Type: payments.NoticeRefund, Payment: in.ID, Refund: r.Key,
		Merchant: in.Step.Merchant, Amount: r.Amount, At: s.at,
	}
	if n.At.IsZero() {
		n.At = p.c.Now()
	}
	return n
}

func (p Provider) request(ctx context.Context, in *payments.Intent, r payments.RefundRequest, capture payments.Capture, pending payments.Notice) (payments.Notice, error) {
	fields := p.question("refund", requestID(in.ID, r.Key), in.ID)
	fields["vnp_TransactionType"] = typePartRefund
	if r.Amount == capture.Amount {
		fields["vnp_TransactionType"] = typeFullRefund
	}
	fields["vnp_Amount"], fields["vnp_TransactionNo"] = hundredfold(r.Amount), capture.Transaction
	fields["vnp_CreateBy"], fields["vnp_OrderInfo"] = "chohue", plain("hoan tien "+in.OrderCode)
	fields["vnp_SecureHash"] = p.signFields(fields, refundOrder)
	a, err := p.call(ctx, fields, toldOrder)
	if err != nil {
		return payments.Notice{}, err
	}
	switch code, status := a["vnp_ResponseCode"], a["vnp_TransactionStatus"]; {
	case code == answerTwice, code == codeDone && status != statusDone && status != statusRefused:
		return pending, nil
	case code == answerNone, code == answerRefused, code == codeDone && status == statusRefused:
		return payments.Notice{}, market.Conflict("payments.refund_refused").With("code", code)
	case code != codeDone:
		return payments.Notice{}, errDown.With("code", code)
	}
	s, err := read(a)
	if err != nil || s.amount != r.Amount || s.number == "" {
		return payments.Notice{}, errDown
	}
	return p.refunded(in, r, s), nil
}
