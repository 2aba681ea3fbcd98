// Package vnpay pays through VNPAY's gateway, version 2.1.0: the payer is sent
// to a signed address, VNPAY tells by calling our notice address (which is
// registered with VNPAY, not sent along) and is asked by querydr. Everything is
// signed with HMAC-SHA512, answers included.
package vnpay

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"chohue/market"
	"chohue/payments"
)

// Name is the method's name.
const Name = "vnpay"

// Hosts of VNPAY: where payers are sent and where we ask.
const (
	Sandbox = "https://sandbox.vnpayment.vn"
	payPath = "/paymentv2/vpcpay.html"
	apiPath = "/merchant_webapi/api/transaction"
	version = "2.1.0"
)

// Config is what VNPAY gives a merchant.
type Config struct {
	TmnCode    string
	HashSecret payments.Secret
	URL        string       // scheme and host of VNPAY
	IP         string       // the address of this server, as VNPAY wants to be told
	Now        market.Clock // the wall clock when nil
	Client     *http.Client // one with a deadline when nil
}

// Provider is the market's side of VNPAY.
type Provider struct{ c Config }

var (
	_ payments.Provider = Provider{}
	_ payments.Instant  = Provider{}
	_ payments.Returner = Provider{}
)

// New returns the method.
func New(c Config) Provider {
	if c.IP == "" {
		c.IP = "127.0.0.1"
	}
	if c.Now == nil {
		c.Now = market.SystemClock
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	return Provider{c}
}

// Name implements payments.Provider.
func (Provider) Name() string { return Name }

// Instant implements payments.Instant: the address is made here.
func (Provider) Instant() {}

// Begin implements payments.Provider. The charge's id is the TxnRef, and its
// time the creation date, by which VNPAY is asked later.
func (p Provider) Begin(_ context.Context, c payments.Charge) (payments.Step, error) {
	if c.ExpiresAt.IsZero() {
		return payments.Step{}, market.Invalid("payments.over", "expires_at")
	}
	if c.ID.Time().IsZero() {
		return payments.Step{}, market.Invalid("payments.id", "id")
	}
	fields := url.Values{
		"vnp_Version": {version}, "vnp_Command": {"pay"}, "vnp_TmnCode": {p.c.TmnCode}, "vnp_Amount": {hundredfold(c.Amount)},
		"vnp_CreateDate": {stamp(c.ID.Time())}, "vnp_CurrCode": {"VND"}, "vnp_IpAddr": {p.c.IP}, "vnp_Locale": {"vn"},
		"vnp_OrderInfo": {plain(c.Description)}, "vnp_OrderType": {"other"}, "vnp_ReturnUrl": {c.ReturnURL},
		"vnp_ExpireDate": {stamp(c.ExpiresAt)}, "vnp_TxnRef": {string(c.ID)},
	}
	return payments.Step{
		Kind: payments.StepRedirect, URL: p.c.URL + payPath + "?" + p.signQuery(fields), Reference: string(c.ID), Merchant: p.c.TmnCode,
	}, nil
}

// hundredfold is how VNPAY writes đồng: with two digits that are always zero.
func hundredfold(v market.VND) string { return strconv.FormatInt(int64(v)*100, 10) }

// hundredth reads such an amount; anything but whole đồng is refused.
func hundredth(text string) (market.VND, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n%100 != 0 {
		return 0, errForm
	}
	return market.VND(n / 100), nil
}

// stampForm is VNPAY's form of time, in Vietnam.
const stampForm = "20060102150405"

func stamp(at time.Time) string { return at.In(market.HueZone).Format(stampForm) }

func unstamp(text string) (time.Time, error) {
	at, err := time.ParseInLocation(stampForm, text, market.HueZone)
	return at.UTC(), err
}

// plain writes text with the characters that PHP, Java and Go encode alike:
// letters, digits, space and :.-_ alone, at most 255.
func plain(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= 0x80 {
			b.WriteString(market.Fold(string(r)))
		} else if r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune(" :.-_", r) {
			b.WriteRune(r)
		}
	}
	return b.String()[:min(b.Len(), 255)]
}

// Notice implements payments.Provider: VNPAY calls with a signed query.
func (p Provider) Notice(_ context.Context, raw payments.Raw) (payments.Notice, error) {
	return p.Returned(raw.Query)
}

// Returned implements payments.Returner: the redirect is signed as a notice is.
func (p Provider) Returned(query string) (payments.Notice, error) {
	fields, err := p.open(query)
	if err != nil {
		return payments.Notice{}, err
	}
	amount, err := hundredth(fields.Get("vnp_Amount"))
	if err != nil {
		return payments.Notice{}, err
	}
	n := payments.Notice{
		Provider: Name, Type: payments.NoticePending, Payment: market.ID(fields.Get("vnp_TxnRef")), Merchant: fields.Get("vnp_TmnCode"),
		Amount: amount, Transaction: transaction(fields.Get("vnp_TransactionNo"), fields.Get("vnp_TxnRef")),
	}
	if n.At, err = unstamp(fields.Get("vnp_PayDate")); err != nil {
		n.At = p.c.Now() // a payment that was given up has no date
	}
	n.Type = outcome(fields.Get("vnp_ResponseCode"), fields.Get("vnp_TransactionStatus"))
	return n, nil
}

// transaction is VNPAY's number, or one of ours where VNPAY gives none: a
// payment that was given up before a bank was asked.
func transaction(number, ref string) string {
	if strings.Trim(number, "0") == "" {
		return "none-" + ref
	}
	return number
}

// The states of a transaction that settle something. Any other (under way,
// reversed, suspected) is asked about.
const (
	statusDone   = "00"
	statusFailed = "02"
	codeDone     = "00"
)

// outcome needs both codes for success.
func outcome(code, status string) string {
	switch {
	case status == statusDone && code == codeDone:
		return payments.NoticeCapture
	case status == statusFailed:
		return payments.NoticeFailure
	}
	return payments.NoticePending
}

// Reply implements payments.Provider: always 200, with VNPAY's code for what
// became of the notice.
func (Provider) Reply(err error) payments.Reply {
	code, message := "00", "Confirm Success"
	var e *market.Error
	switch kind := market.KindOf(err); {
	case err == nil:
	case kind == market.KindForbidden:
		code, message = "97", "Invalid Checksum"
	case kind == market.KindNotFound:
		code, message = "01", "Order not found"
	case errors.As(err, &e) && e.Key == "payments.notice_amount":
		code, message = "04", "Invalid amount"
	default:
		code, message = "99", "Unknown error"
	}
	body, err := json.Marshal(map[string]string{"RspCode": code, "Message": message})
	if err != nil {
		panic(err) // text always encodes
	}
	return payments.Reply{Status: http.StatusOK, ContentType: "application/json", Body: body}
}
