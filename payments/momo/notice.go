package momo

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"chohue/market"
	"chohue/payments"
)

// signed are the fields of a notice and of a redirect that the signature
// covers; no other is looked at.
var signed = []string{
	"amount", "extraData", "message", "orderId", "orderInfo", "orderType", "partnerCode", "payType",
	"requestId", "responseTime", "resultCode", "transId",
}

var (
	errSignature = market.Forbidden("payments.signature")
	errForm      = market.Invalid("payments.notice_form", "")
)

// Notice implements payments.Provider: the instant payment notification.
func (p Provider) Notice(_ context.Context, raw payments.Raw) (payments.Notice, error) {
	fields, signature, err := split(raw.Body)
	if err != nil {
		return payments.Notice{}, err
	}
	return p.open(fields, signature)
}

// Returned implements payments.Returner: the redirect has the same fields in
// its query.
func (p Provider) Returned(query string) (payments.Notice, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return payments.Notice{}, errForm
	}
	fields := map[string]string{}
	for _, name := range signed {
		if len(values[name]) != 1 {
			return payments.Notice{}, errForm
		}
		fields[name] = values[name][0]
	}
	return p.open(fields, values.Get("signature"))
}

// open believes the fields only when they are signed.
func (p Provider) open(fields map[string]string, signature string) (payments.Notice, error) {
	if !p.genuine(fields, signature) {
		return payments.Notice{}, errSignature
	}
	amount, errAmount := strconv.ParseInt(fields["amount"], 10, 64)
	code, errCode := strconv.Atoi(fields["resultCode"])
	at, errAt := strconv.ParseInt(fields["responseTime"], 10, 64)
	trans, errTrans := strconv.ParseInt(fields["transId"], 10, 64)
	if errAmount != nil || errCode != nil || errAt != nil || errTrans != nil {
		return payments.Notice{}, errForm
	}
	n := payments.Notice{
		Provider: Name, Transaction: transaction(trans, fields["orderId"]), Type: outcome(code), Payment: market.ID(fields["orderId"]),
		Merchant: fields["partnerCode"], Amount: market.VND(amount), At: time.UnixMilli(at).UTC(),
	}
	if n.Type == unknown {
		n.Type = payments.NoticePending // it is asked about, not guessed
	}
	return n, nil
}

// split takes the signed fields out of the JSON, each as text: how it was
// written is what was signed. Nothing is made of them here.
func split(body []byte) (fields map[string]string, signature string, err error) {
	var all map[string]json.RawMessage
	if json.Unmarshal(body, &all) != nil {
		return nil, "", errForm
	}
	fields = map[string]string{}
	for _, name := range signed {
		value, ok := text(all[name])
		if !ok {
			return nil, "", errForm
		}
		fields[name] = value
	}
	signature, ok := text(all["signature"])
	if !ok {
		return nil, "", errForm
	}
	return fields, signature, nil
}

// text is a JSON string, or a number as it was written.
func text(raw json.RawMessage) (string, bool) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return "", false
	}
	if raw[0] == '"' {
		var s string
		return s, json.Unmarshal(raw, &s) == nil
	}
	var n json.Number
	return string(raw), json.Unmarshal(raw, &n) == nil && n.String() == string(raw)
}
