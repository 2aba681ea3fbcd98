// Package sandbox is a wallet for trying out the market. Provider is the
// market's side; [Wallet] is the other party, with its own records and its own
// checks of the market's signatures. They speak over HTTP, signed both ways
// with HMAC-SHA256, as real wallets do; no real money is behind it.
package sandbox

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chohue/market"
	"chohue/payments"
)

// Name is the method's name.
const Name = "sandbox"

// Config is what the wallet gives a merchant.
type Config struct {
	Merchant  string
	Secret    string
	WalletURL string       // where the wallet is: its page is at /pay below it
	Now       market.Clock // the wall clock when nil
	Client    *http.Client // one with a deadline when nil
}

// Provider is the market's side of the wallet.
type Provider struct{ c Config }

var (
	_ payments.Provider = Provider{}
	_ payments.Instant  = Provider{}
)

// New returns the method.
func New(c Config) Provider {
	if c.Now == nil {
		c.Now = market.SystemClock
	}
	if c.Client == nil {
		c.Client = client()
	}
	return Provider{c}
}

// client follows no redirects: a signed message goes where it was meant to.
func client() *http.Client {
	return &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Name implements payments.Provider.
func (Provider) Name() string { return Name }

// Begin implements payments.Provider: the signed address of the wallet's page.
func (p Provider) Begin(_ context.Context, c payments.Charge) (payments.Step, error) {
	if c.ExpiresAt.IsZero() {
		return payments.Step{}, market.Invalid("payments.over", "expires_at")
	}
	query := signQuery(p.c.Secret, forPay, url.Values{
		"merchant": {p.c.Merchant}, "payment": {string(c.ID)}, "order": {c.OrderCode},
		"amount": {strconv.FormatInt(int64(c.Amount), 10)}, "description": {c.Description},
		"return_url": {c.ReturnURL}, "notice_url": {c.NoticeURL},
		"expires": {strconv.FormatInt(c.ExpiresAt.Unix(), 10)},
	})
	return payments.Step{
		Kind: payments.StepRedirect, URL: p.c.WalletURL + "/pay?" + query,
		Reference: c.OrderCode, Merchant: p.c.Merchant,
	}, nil
}

// Instant implements payments.Instant.
func (Provider) Instant() {}

// Notice implements payments.Provider.
func (p Provider) Notice(_ context.Context, raw payments.Raw) (payments.Notice, error) {
	if err := checkBody(p.c.Secret, forNotice, raw.Body, raw.Header, p.c.Now()); err != nil {
		return payments.Notice{}, err
	}
	var n notice
	if err := parse(raw.Body, &n); err != nil {
		return payments.Notice{}, err
	}
	return n.plain(), nil
}

func (n notice) plain() payments.Notice {
	return payments.Notice{
		Provider: Name, Transaction: n.Transaction, Type: n.Type, Payment: n.Payment,
		Refund: n.Refund, Merchant: n.Merchant, Amount: n.Amount, At: n.At.UTC(),
	}
}

// Query implements payments.Provider.
func (p Provider) Query(ctx context.Context, in *payments.Intent) (payments.Notice, error) {
	a, err := p.call(ctx, "/api/query", request{Payment: in.ID})
	return a.plain(), err
}

// Refund implements payments.Provider.
func (p Provider) Refund(ctx context.Context, in *payments.Intent, r payments.RefundRequest) (payments.Notice, error) {
	a, err := p.call(ctx, "/api/refund", request{Payment: in.ID, Refund: r.Key, Amount: r.Amount, Reason: r.Reason})
	if err == nil && a.Refused != "" {
		err = market.Conflict("payments.refund_refused").With("reason", a.Refused)
	}
	return a.plain(), err
}

// Reply implements payments.Provider: the wallet sends again until it hears
// 2xx.
func (Provider) Reply(err error) payments.Reply {
	if err == nil {
		return payments.Reply{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8", Body: []byte("ok")}
	}
	return payments.StatusReply(err, http.StatusOK)
}

var errDown = market.Unavailable("payments.provider_down")

// call asks the wallet and believes only a signed answer to this very
// question.
func (p Provider) call(ctx context.Context, path string, q request) (answer, error) {
	q.Merchant, q.Nonce = p.c.Merchant, market.NewSecret()
	body := mustJSON(q)
	var a answer
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.c.WalletURL+path, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(SignatureHeader, signBody(p.c.Secret, forCall, body, p.c.Now()))
	res, err := p.c.Client.Do(req)
	if err != nil {
		return a, errDown
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, payments.MaxNotice))
	if err != nil || res.StatusCode != http.StatusOK {
		return a, errDown
	}
	return p.open(raw, q)
}

func (p Provider) open(raw []byte, q request) (a answer, err error) {
	var e envelope
	if parse(raw, &e) != nil || !genuine(p.c.Secret, forAnswer, e.Data, e.Signature) {
		return a, errDown
	}
	if parse([]byte(e.Data), &a) != nil || a.Nonce != q.Nonce || a.Payment != q.Payment || a.Refund != q.Refund {
		return answer{}, errDown
	}
	return a, nil
}
