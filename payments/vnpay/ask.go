package vnpay

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"chohue/market"
	"chohue/payments"
)

// What signatures of questions and answers cover, in VNPAY's order.
var (
	queryOrder  = strings.Split("RequestId|Version|Command|TmnCode|TxnRef|TransactionDate|CreateDate|IpAddr|OrderInfo", "|")
	refundOrder = strings.Split("RequestId|Version|Command|TmnCode|TransactionType|TxnRef|Amount|TransactionNo|TransactionDate|CreateBy|CreateDate|IpAddr|OrderInfo", "|")
	toldOrder   = strings.Split("ResponseId|Command|ResponseCode|Message|TmnCode|TxnRef|Amount|BankCode|PayDate|TransactionNo|TransactionType|TransactionStatus|OrderInfo", "|")
	queriedMore = []string{"PromotionCode", "PromotionAmount"}
)

// The types of transaction that querydr tells of.
const (
	typePay        = "01"
	typeFullRefund = "02"
	typePartRefund = "03"
)

var errDown = market.Unavailable("payments.provider_down")

// Query implements payments.Provider. After a refund VNPAY tells of the refund;
// one that the intent does not know was made at VNPAY's own desk.
func (p Provider) Query(ctx context.Context, in *payments.Intent) (payments.Notice, error) {
	n := payments.Notice{Provider: Name, Type: payments.NoticePending, Payment: in.ID, Merchant: in.Step.Merchant, Amount: in.Amount, At: p.c.Now()}
	s, found, err := p.ask(ctx, in)
	if err != nil || !found {
		return n, err
	}
	n.Transaction = transaction(s.number, string(in.ID))
	if !s.at.IsZero() {
		n.At = s.at
	}
	switch {
	case !s.refund:
		n.Type, n.Amount = outcome(codeDone, s.status), s.amount
	case s.status == statusDone && len(in.Captures) > 0 && !s.known(in):
		n.Type, n.Amount = payments.NoticeRefund, s.amount
	}
	return n, nil
}

// standing is what querydr tells: the last thing that happened to a payment.
type standing struct {
	number, status string
	refund         bool
	amount         market.VND
	at             time.Time
}

// known reports whether the intent has this refund.
func (s standing) known(in *payments.Intent) bool {
	for _, r := range in.Refunds {
		if r.Transaction == s.number {
			return true
		}
	}
	return false
}

// VNPAY's answers to us, beside 00.
const (
	answerNone    = "91" // no such transaction
	answerTwice   = "94" // asked already, under way
	answerRefused = "95" // the payment did not succeed there
)

// ask is querydr. A payment of which VNPAY knows nothing is not found: its
// payer may not have arrived there yet.
func (p Provider) ask(ctx context.Context, in *payments.Intent) (s standing, found bool, err error) {
	fields := p.question("querydr", string(market.NewID(p.c.Now())), in.ID)
	fields["vnp_OrderInfo"] = "query " + string(in.ID)
	fields["vnp_SecureHash"] = p.signFields(fields, queryOrder)
	a, err := p.call(ctx, fields, append(toldOrder[:len(toldOrder):len(toldOrder)], queriedMore...))
	if err != nil {
		return s, false, err
	}
	switch code := a["vnp_ResponseCode"]; code {
	case codeDone:
	case answerNone:
		return s, false, nil
	default:
		return s, false, errDown.With("code", code)
	}
	s, err = read(a)
	return s, err == nil, err
}

func read(a map[string]string) (s standing, err error) {
	s.number, s.status = a["vnp_TransactionNo"], a["vnp_TransactionStatus"]
	s.refund = a["vnp_TransactionType"] == typeFullRefund || a["vnp_TransactionType"] == typePartRefund
	if s.amount, err = hundredth(a["vnp_Amount"]); err != nil || !s.refund && a["vnp_TransactionType"] != typePay {
		return s, errDown
	}
	s.at, _ = unstamp(a["vnp_PayDate"]) // a payment that was given up has none
	return s, nil
}

// question begins what VNPAY is asked about the payment.
func (p Provider) question(command, id string, payment market.ID) map[string]string {
	return map[string]string{
		"vnp_RequestId": id, "vnp_Version": version, "vnp_Command": command, "vnp_TmnCode": p.c.TmnCode,
		"vnp_TxnRef": string(payment), "vnp_TransactionDate": stamp(payment.Time()), "vnp_CreateDate": stamp(p.c.Now()), "vnp_IpAddr": p.c.IP,
	}
}

// call posts a signed question and believes only a signed answer about the same
// payment. No error names an address or a key.
func (p Provider) call(ctx context.Context, fields map[string]string, order []string) (map[string]string, error) {
	body, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.c.URL+apiPath, bytes.NewReader(body))
	if err != nil {
		return nil, errDown
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := p.c.Client.Do(req)
	if err != nil {
		return nil, errDown
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, payments.MaxNotice))
	if err != nil || res.StatusCode != http.StatusOK {
		return nil, errDown
	}
	a, ok := answered(raw)
	if !ok || !p.genuine(joined(a, order), a["vnp_SecureHash"]) {
		return nil, errDown
	}
	if a["vnp_TmnCode"] != p.c.TmnCode || a["vnp_TxnRef"] != fields["vnp_TxnRef"] || a["vnp_Command"] != fields["vnp_Command"] {
		return nil, errDown
	}
	return a, nil
}

// answered reads the fields of an answer as texts: VNPAY writes some of them as
// numbers.
func answered(raw []byte) (map[string]string, bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var all map[string]any
	if d.Decode(&all) != nil {
		return nil, false
	}
	out := map[string]string{}
	for name, value := range all {
		switch v := value.(type) {
		case string:
			out[name] = v
		case json.Number:
			out[name] = v.String()
		}
	}
	return out, true
}
