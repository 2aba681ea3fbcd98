package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"time"

	"chohue/market"
	"chohue/payments"
)

// SignatureHeader carries "t=<unix seconds>,v1=<hex>" over a body.
const SignatureHeader = "X-Sandbox-Signature"

// tolerance is how far the clock in a signature may be from ours: long enough
// for slow networks, short enough that an old message cannot be played again.
const tolerance = 5 * time.Minute

// What a signature is for. A signature of one kind is worthless as another.
const (
	forPay    = "pay"
	forReturn = "return"
	forNotice = "notice"
	forCall   = "call"
	forAnswer = "answer"
)

var errSignature = market.Forbidden("payments.signature")

// mac is HMAC-SHA256, in lower hexadecimal, of a purpose and a message.
func mac(secret, purpose, message string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(purpose + "\n" + message))
	return hex.EncodeToString(h.Sum(nil))
}

func genuine(secret, purpose, message, signature string) bool {
	return hmac.Equal([]byte(mac(secret, purpose, message)), []byte(signature))
}

// signQuery adds a signature over all other fields, sorted and escaped.
func signQuery(secret, purpose string, fields url.Values) string {
	fields.Del("signature")
	fields.Set("signature", mac(secret, purpose, fields.Encode()))
	return fields.Encode()
}

// openQuery returns the fields of a query that signQuery has made.
func openQuery(secret, purpose, query string) (url.Values, error) {
	fields, err := url.ParseQuery(query)
	if err != nil {
		return nil, errSignature
	}
	signature := fields.Get("signature")
	fields.Del("signature")
	if !genuine(secret, purpose, fields.Encode(), signature) {
		return nil, errSignature
	}
	return fields, nil
}

// signBody returns the value of SignatureHeader.
func signBody(secret, purpose string, body []byte, at time.Time) string {
	t := strconv.FormatInt(at.Unix(), 10)
	return "t=" + t + ",v1=" + mac(secret, purpose, t+"."+string(body))
}

// CaptureNotice writes the notice that the wallet sends when the payer has
// approved a payment, with the value of SignatureHeader: for who plays the
// wallet in tests and measurements. at is UTC; a notice older than five minutes
// is refused.
func CaptureNotice(c WalletConfig, payment market.ID, amount market.VND, transaction string, at time.Time) (body []byte, signature string) {
	body = mustJSON(notice{
		Merchant: c.Merchant, Payment: payment, Transaction: transaction,
		Type: payments.NoticeCapture, Amount: amount, At: at,
	})
	return body, signBody(c.Secret, forNotice, body, at)
}

// checkBody verifies a body with its header at now.
func checkBody(secret, purpose string, body []byte, header map[string][]string, now time.Time) error {
	values := header[SignatureHeader]
	if len(values) != 1 {
		return errSignature
	}
	t, signature, ok := strings.Cut(strings.TrimPrefix(values[0], "t="), ",v1=")
	if !ok || !genuine(secret, purpose, t+"."+string(body), signature) {
		return errSignature
	}
	seconds, err := strconv.ParseInt(t, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return market.Forbidden("payments.stale")
	}
	return nil
}
