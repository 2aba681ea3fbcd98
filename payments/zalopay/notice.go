package zalopay

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"chohue/market"
	"chohue/payments"
)

var (
	errSignature = market.Forbidden("payments.signature")
	errForm      = market.Invalid("payments.notice_form", "")
)

// orderPaid is the type of callback that tells of a payment.
const orderPaid = 1

// Notice implements payments.Provider. The signature is over the text of data
// as it came; only then is data read. ZaloPay calls back for payments that
// succeeded and for nothing else.
func (p Provider) Notice(_ context.Context, raw payments.Raw) (payments.Notice, error) {
	var outer map[string]json.RawMessage
	if json.Unmarshal(raw.Body, &outer) != nil {
		return payments.Notice{}, errForm
	}
	var data, signature string
	var kind int
	if json.Unmarshal(outer["data"], &data) != nil || json.Unmarshal(outer["mac"], &signature) != nil {
		return payments.Notice{}, errForm
	}
	if !genuine(p.c.Key2, data, signature) {
		return payments.Notice{}, errSignature
	}
	if json.Unmarshal(outer["type"], &kind) != nil || kind != orderPaid {
		return payments.Notice{}, errForm
	}
	return paid([]byte(data))
}

func paid(data []byte) (payments.Notice, error) {
	var d struct {
		AppID      json.Number `json:"app_id"`
		AppTransID string      `json:"app_trans_id"`
		Amount     market.VND  `json:"amount"`
		ZpTransID  int64       `json:"zp_trans_id"`
		ServerTime int64       `json:"server_time"`
	}
	if json.Unmarshal(data, &d) != nil || d.ZpTransID <= 0 || d.ServerTime <= 0 {
		return payments.Notice{}, errForm
	}
	return payments.Notice{
		Provider: Name, Transaction: strconv.FormatInt(d.ZpTransID, 10), Type: payments.NoticeCapture,
		Payment: paymentOf(d.AppTransID), Merchant: d.AppID.String(), Amount: d.Amount, At: moment(d.ServerTime),
	}, nil
}

// Returned implements payments.Returner: the redirect is signed with key2 over
// seven of its fields.
func (p Provider) Returned(query string) (payments.Notice, error) {
	q, err := url.ParseQuery(query)
	if err != nil {
		return payments.Notice{}, errForm
	}
	values := []string{}
	for _, name := range []string{"appid", "apptransid", "pmcid", "bankcode", "amount", "discountamount", "status"} {
		if len(q[name]) > 1 {
			return payments.Notice{}, errForm
		}
		values = append(values, q.Get(name))
	}
	if !genuine(p.c.Key2, strings.Join(values, "|"), q.Get("checksum")) {
		return payments.Notice{}, errSignature
	}
	amount, err := strconv.ParseInt(q.Get("amount"), 10, 64)
	if err != nil {
		return payments.Notice{}, errForm
	}
	n := payments.Notice{
		Provider: Name, Type: payments.NoticeFailure, Payment: paymentOf(q.Get("apptransid")), Merchant: q.Get("appid"),
		Transaction: q.Get("apptransid"), Amount: market.VND(amount), At: p.c.Now(),
	}
	if q.Get("status") == "1" {
		n.Type = payments.NoticeCapture
	}
	return n, nil
}
