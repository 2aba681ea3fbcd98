// Package zalopay pays with ZaloPay: open API v2 (docs.zalopay.vn). We sign with
// key1 what we ask, ZaloPay signs with key2 what it tells; its answers are not
// signed and are believed because of the TLS connection to its host.
package zalopay

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"chohue/market"
	"chohue/payments"
)

// Name is the method's name.
const Name = "zalopay"

// Hosts of ZaloPay.
const (
	Production = "https://openapi.zalopay.vn"
	Test       = "https://sb-openapi.zalopay.vn"
)

// Config is what ZaloPay gives a merchant.
type Config struct {
	AppID  string // digits
	Key1   payments.Secret
	Key2   payments.Secret
	URL    string       // Production when empty
	Now    market.Clock // the wall clock when nil
	Client *http.Client // one with a deadline when nil
}

// Provider is the market's side of ZaloPay.
type Provider struct{ c Config }

var (
	_ payments.Provider = Provider{}
	_ payments.Returner = Provider{}
)

// New returns the method.
func New(c Config) Provider {
	if c.URL == "" {
		c.URL = Production
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

// How long a payer may have.
const (
	leastTime = 300 * time.Second
	mostTime  = 2_592_000 * time.Second
)

// tries bounds how often another name is tried for the same charge.
const tries = 5

// Begin implements payments.Provider. ZaloPay has no way of asking for the
// address of an order again: when the name is taken, by a call whose answer
// was lost, the order is made under another name of the same charge. The payer
// is shown one address only; should both be paid, one is surplus and goes back.
func (p Provider) Begin(ctx context.Context, c payments.Charge) (payments.Step, error) {
	if c.ExpiresAt.IsZero() {
		return payments.Step{}, market.Invalid("payments.over", "expires_at")
	}
	for n := range tries {
		name := p.orderName(c.ID, n)
		a, err := p.create(ctx, c, name)
		if err != nil {
			return payments.Step{}, err
		}
		if a.ReturnCode == success && web(a.OrderURL) {
			return payments.Step{Kind: payments.StepRedirect, URL: a.OrderURL, Reference: name, Merchant: p.c.AppID}, nil
		}
		if a.SubReturnCode != nameTaken {
			return payments.Step{}, a.unclear()
		}
	}
	return payments.Step{}, errDown
}

func (p Provider) create(ctx context.Context, c payments.Charge, name string) (answer, error) {
	embed, err := json.Marshal(map[string]string{"redirecturl": c.ReturnURL})
	if err != nil {
		return answer{}, err
	}
	now := p.c.Now()
	left := min(max(c.ExpiresAt.Sub(now), leastTime), mostTime)
	return p.call(ctx, "create", url.Values{
		"app_id": {p.c.AppID}, "app_trans_id": {name}, "app_user": {"chohue"}, "app_time": {millis(now)},
		"amount": {number(c.Amount)}, "item": {"[]"}, "description": {c.Description}, "embed_data": {string(embed)},
		"bank_code": {""}, "callback_url": {c.NoticeURL}, "expire_duration_seconds": {strconv.Itoa(int(left / time.Second))},
	}, "app_id", "app_trans_id", "app_user", "amount", "app_time", "embed_data", "item")
}

// orderName is ZaloPay's app_trans_id: the day in Vietnam, as ZaloPay demands,
// the charge's id, and the number of the try after the first. At most 40
// characters.
func (p Provider) orderName(id market.ID, try int) string {
	name := day(p.c.Now()) + "_" + string(id)
	if try > 0 {
		name += "_" + strconv.Itoa(try+1)
	}
	return name
}

// paymentOf is the charge's id in an app_trans_id.
func paymentOf(name string) market.ID {
	_, id, _ := strings.Cut(name, "_")
	id, _, _ = strings.Cut(id, "_")
	return market.ID(id)
}

func day(at time.Time) string             { return at.In(market.HueZone).Format("060102") }
func millis(at time.Time) string          { return strconv.FormatInt(at.UnixMilli(), 10) }
func number(v market.VND) string          { return strconv.FormatInt(int64(v), 10) }
func moment(milliseconds int64) time.Time { return time.UnixMilli(milliseconds).UTC() }

func web(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// Query implements payments.Provider. ZaloPay does not tell of refunds here.
func (p Provider) Query(ctx context.Context, in *payments.Intent) (payments.Notice, error) {
	a, err := p.call(ctx, "query", url.Values{"app_id": {p.c.AppID}, "app_trans_id": {in.Step.Reference}}, "app_id", "app_trans_id", key1)
	if err != nil {
		return payments.Notice{}, err
	}
	n := payments.Notice{
		Provider: Name, Payment: in.ID, Merchant: in.Step.Merchant, Amount: a.Amount,
		Transaction: strconv.FormatInt(a.ZpTransID, 10), At: moment(a.ServerTime),
	}
	switch {
	case a.ReturnCode == success && a.ZpTransID > 0:
		n.Type = payments.NoticeCapture
	case a.ReturnCode == processing || a.SubReturnCode == noOrder:
		n.Type = payments.NoticePending
	case a.ReturnCode == failed && final(a.SubReturnCode):
		n.Type, n.Amount, n.Transaction, n.At = payments.NoticeFailure, in.Amount, "none-"+in.Step.Reference, p.c.Now()
	default:
		return payments.Notice{}, a.unclear()
	}
	return n, nil
}

// Reply implements payments.Provider: 1 is taken, 2 and -1 are not to come
// again, 0 is to come again.
func (Provider) Reply(err error) payments.Reply {
	code, message := 1, "success"
	switch {
	case err == nil:
	case market.KindOf(err) == market.KindForbidden:
		code, message = -1, "mac not equal"
	case market.KindOf(err) == market.KindInternal || market.KindOf(err) == market.KindUnavailable:
		code, message = 0, "come again"
	default:
		code, message = 2, "not ours"
	}
	body := `{"return_code":` + strconv.Itoa(code) + `,"return_message":"` + message + `"}`
	return payments.Reply{Status: http.StatusOK, ContentType: "application/json", Body: []byte(body)}
}

var errDown = market.Unavailable("payments.provider_down")

// answer has the fields of every answer.
type answer struct {
	ReturnCode    int        `json:"return_code"`
	SubReturnCode int        `json:"sub_return_code"`
	OrderURL      string     `json:"order_url"`
	Amount        market.VND `json:"amount"`
	ZpTransID     int64      `json:"zp_trans_id"`
	ServerTime    int64      `json:"server_time"`
}

// unclear is the error of an answer that settles nothing.
func (a answer) unclear() error {
	return errDown.With("code", a.ReturnCode).With("sub_code", a.SubReturnCode)
}

// call signs the named fields, in that order, with key1 and asks ZaloPay. No
// error names an address or a key.
func (p Provider) call(ctx context.Context, path string, fields url.Values, order ...string) (answer, error) {
	var a answer
	fields.Set("mac", p.sign(fields, order...))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.c.URL+"/v2/"+path, strings.NewReader(fields.Encode()))
	if err != nil {
		return a, errDown
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := p.c.Client.Do(req)
	if err != nil {
		return a, errDown
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, payments.MaxNotice))
	if err != nil || res.StatusCode != http.StatusOK {
		return a, errDown
	}
	if json.Unmarshal(raw, &a) != nil || a.ReturnCode < success || a.ReturnCode > processing {
		return answer{}, errDown
	}
	return a, nil
}
