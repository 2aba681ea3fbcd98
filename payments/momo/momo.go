// Package momo pays with the MoMo wallet: payment gateway v2, one-time payments
// (developers.momo.vn, v3 documents of the v2 interface). Notices and redirects
// are signed with HMAC-SHA256; answers to our own calls are not signed by MoMo
// and are believed because of the TLS connection to its host.
package momo

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"chohue/market"
	"chohue/payments"
)

// Name is the method's name.
const Name = "momo"

// Hosts of MoMo.
const (
	Production = "https://payment.momo.vn"
	Test       = "https://test-payment.momo.vn"
)

// Config is what MoMo gives a merchant.
type Config struct {
	PartnerCode string
	AccessKey   payments.Secret
	SecretKey   payments.Secret
	URL         string       // Production when empty
	Now         market.Clock // the wall clock when nil
	Client      *http.Client // one with a deadline when nil
}

// Provider is the market's side of MoMo.
type Provider struct{ c Config }

var (
	_ payments.Provider = Provider{}
	_ payments.Returner = Provider{}
)

// deadline is above the 30 seconds that MoMo wants to be waited for.
const deadline = 35 * time.Second

// New returns the method.
func New(c Config) Provider {
	if c.URL == "" {
		c.URL = Production
	}
	if c.Now == nil {
		c.Now = market.SystemClock
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: deadline, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	return Provider{c}
}

// Name implements payments.Provider.
func (Provider) Name() string { return Name }

// Begin implements payments.Provider. The charge's id is MoMo's orderId and
// requestId, so that asking again is the same request to MoMo and answered
// with the same address.
func (p Provider) Begin(ctx context.Context, c payments.Charge) (payments.Step, error) {
	if c.ExpiresAt.IsZero() {
		return payments.Step{}, market.Invalid("payments.over", "expires_at")
	}
	id := string(c.ID)
	fields := map[string]string{
		"partnerCode": p.c.PartnerCode, "requestId": id, "orderId": id, "amount": number(c.Amount), "orderInfo": c.Description,
		"redirectUrl": c.ReturnURL, "ipnUrl": c.NoticeURL, "requestType": "captureWallet", "extraData": "",
	}
	rest := map[string]any{"lang": "vi", "autoCapture": true, "orderExpireTime": minutes(c.ExpiresAt.Sub(p.c.Now()))}
	a, err := p.call(ctx, "create", fields, rest)
	if err != nil {
		return payments.Step{}, err
	}
	if a.is(badAmount) {
		return payments.Step{}, market.Invalid("payments.limit_pay", "method")
	}
	if a.ResultCode != done || a.OrderID != id || a.RequestID != id || a.Amount != c.Amount || !web(a.PayURL) {
		return payments.Step{}, a.unclear()
	}
	return payments.Step{Kind: payments.StepRedirect, URL: a.PayURL, Reference: id, Merchant: p.c.PartnerCode}, nil
}

// minutes rounds up: a payer has never less time than promised.
func minutes(d time.Duration) int64 { return max(1, int64((d+time.Minute-1)/time.Minute)) }

func web(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

func number(v market.VND) string { return strconv.FormatInt(int64(v), 10) }

// Query implements payments.Provider.
func (p Provider) Query(ctx context.Context, in *payments.Intent) (payments.Notice, error) {
	a, err := p.call(ctx, "query", map[string]string{
		"partnerCode": p.c.PartnerCode, "requestId": string(market.NewID(p.c.Now())), "orderId": string(in.ID),
	}, nil)
	if err != nil {
		return payments.Notice{}, err
	}
	if a.OrderID != string(in.ID) {
		return payments.Notice{}, a.unclear()
	}
	if n, ok := p.foreign(in, a); ok {
		return n, nil
	}
	n := payments.Notice{
		Provider: Name, Type: outcome(a.ResultCode), Payment: in.ID, Merchant: a.PartnerCode, Amount: a.Amount,
		Transaction: transaction(a.TransID, a.OrderID), At: time.UnixMilli(a.ResponseTime).UTC(),
	}
	if n.Type == unknown {
		return payments.Notice{}, a.unclear()
	}
	if n.Type == payments.NoticeFailure {
		n.Amount = in.Amount // MoMo leaves it out of some answers about nothing
	}
	return n, nil
}

// foreign finds a refund that the intent does not know, among those MoMo lists.
func (p Provider) foreign(in *payments.Intent, a answer) (payments.Notice, bool) {
	if len(in.Captures) == 0 {
		return payments.Notice{}, false
	}
	for _, r := range a.RefundTrans {
		if r.ResultCode == done && !known(in, r) {
			return payments.Notice{
				Provider: Name, Transaction: strconv.FormatInt(r.TransID, 10), Type: payments.NoticeRefund, Payment: in.ID,
				Merchant: in.Step.Merchant, Amount: r.Amount, At: time.UnixMilli(r.CreatedTime).UTC(),
			}, true
		}
	}
	return payments.Notice{}, false
}

// known reports whether the intent has the refund, as done or as asked for.
func known(in *payments.Intent, r refundTrans) bool {
	for _, have := range in.Refunds {
		if have.Transaction == strconv.FormatInt(r.TransID, 10) || r.OrderID == refundID(in.ID, have.Key) {
			return true
		}
	}
	return false
}

// transaction is MoMo's number, or one of ours where MoMo gives none: a payment
// that failed before anything moved.
func transaction(id int64, order string) string {
	if id > 0 {
		return strconv.FormatInt(id, 10)
	}
	return "none-" + order
}

// Reply implements payments.Provider: MoMo wants 204 within 15 seconds.
func (Provider) Reply(err error) payments.Reply {
	return payments.StatusReply(err, http.StatusNoContent)
}

var errDown = market.Unavailable("payments.provider_down")

// answer has the fields of every answer.
type answer struct {
	PartnerCode  string        `json:"partnerCode"`
	OrderID      string        `json:"orderId"`
	RequestID    string        `json:"requestId"`
	Amount       market.VND    `json:"amount"`
	TransID      int64         `json:"transId"`
	ResultCode   int           `json:"resultCode"`
	ResponseTime int64         `json:"responseTime"`
	PayURL       string        `json:"payUrl"`
	RefundTrans  []refundTrans `json:"refundTrans"`
}

type refundTrans struct {
	OrderID     string     `json:"orderId"`
	Amount      market.VND `json:"amount"`
	TransID     int64      `json:"transId"`
	ResultCode  int        `json:"resultCode"`
	CreatedTime int64      `json:"createdTime"`
}

func (a answer) is(code int) bool { return a.ResultCode == code }

// unclear is the error of an answer that settles nothing.
func (a answer) unclear() error { return errDown.With("code", a.ResultCode) }

// call signs the fields and asks MoMo. rest is sent along unsigned, as MoMo
// wants it. An answer is one only when it is ours: no error names an address or
// a key.
func (p Provider) call(ctx context.Context, path string, fields map[string]string, rest map[string]any) (answer, error) {
	var a answer
	body, err := json.Marshal(p.message(fields, rest))
	if err != nil {
		return a, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.c.URL+"/v2/gateway/api/"+path, bytes.NewReader(body))
	if err != nil {
		return a, errDown
	}
	req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	res, err := p.c.Client.Do(req)
	if err != nil {
		return a, errDown
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, payments.MaxNotice))
	if err != nil || res.StatusCode >= http.StatusInternalServerError {
		return a, errDown
	}
	a.ResultCode = -1 // an answer without a code has no meaning
	if json.Unmarshal(raw, &a) != nil || a.ResultCode < 0 || a.PartnerCode != p.c.PartnerCode {
		return answer{}, errDown
	}
	return a, nil
}

// message is the JSON of a call: amounts and transaction numbers as numbers.
func (p Provider) message(fields map[string]string, rest map[string]any) map[string]any {
	m := map[string]any{"lang": "vi", "signature": p.sign(fields)}
	for name, value := range fields {
		m[name] = value
		if name == "amount" || name == "transId" {
			m[name] = json.Number(value)
		}
	}
	maps.Copy(m, rest)
	return m
}

// short cuts a text to n bytes at a rune's border.
func short(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
