// Package zalopaysim plays ZaloPay's open API v2 on the wire: create, query,
// refund, query_refund, the payer's page, the callback and the redirect. It is
// written from ZaloPay's documents, not from the adapter: each signature is
// spelled out, so that one mistake does not hide in both.
package zalopaysim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"chohue/payments/walletsim"
)

// Config is what ZaloPay has agreed with its one merchant.
type Config struct {
	walletsim.Common
	Merchant string // as the payer reads it
	AppID    string
	Key1     string
	Key2     string
}

// ZaloPay is the simulated gateway; it serves HTTP.
type ZaloPay struct {
	http.Handler
	walletsim.Teller
	c Config
}

// New opens the gateway.
func New(c Config) (*ZaloPay, error) {
	c.Common = c.Fill()
	book, err := walletsim.OpenBook(c.File)
	if err != nil {
		return nil, err
	}
	z := &ZaloPay{c: c}
	z.Teller = walletsim.Teller{
		Common: c.Common, Book: book, Brand: "ZaloPay", Colour: "0033C9", Merchant: c.Merchant,
		Path: "/openinapp", Decided: z.callback, Back: z.back,
	}
	mux := http.NewServeMux()
	z.Teller.Handle(mux)
	for path, do := range map[string]func(url.Values) answer{
		"create": z.create, "query": z.query, "refund": z.refund, "query_refund": z.queryRefund,
	} {
		mux.HandleFunc("POST /v2/"+path, serve(do))
	}
	z.Handler = mux
	return z, nil
}

type answer map[string]any

// serve takes forms and JSON, as ZaloPay does.
func serve(do func(url.Values) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		fields := url.Values{}
		if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			var in map[string]json.RawMessage
			if json.NewDecoder(io.LimitReader(r.Body, 64<<10)).Decode(&in) == nil {
				for name, raw := range in {
					fields.Set(name, strings.Trim(string(raw), `"`))
				}
			}
		} else if r.ParseForm() == nil {
			fields = r.PostForm
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(do(fields)) // the reader has gone
	}
}

// What return_code says, and what sub_return_code.
const (
	success, fail, processing = 1, 2, 3

	nameTaken    = -68
	expired      = -54
	noOrder      = -101
	badRequest   = -401
	badSignature = -402
	noFunds      = -63
	cancelled    = -217
	tooMuch      = -14
)

func say(code, sub int, message string) answer {
	return answer{"return_code": code, "return_message": message, "sub_return_code": sub, "sub_return_message": message}
}

func hmac256(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	_, _ = io.WriteString(h, text) // a hash never fails
	return hex.EncodeToString(h.Sum(nil))
}

func (z *ZaloPay) genuine(f url.Values, text string) bool {
	return f.Get("app_id") == z.c.AppID && hmac.Equal([]byte(f.Get("mac")), []byte(hmac256(z.c.Key1, text)))
}

// today is the day in Vietnam, with which every name begins.
func (z *ZaloPay) today() string { return walletsim.Hue(z.c.Now()).Format("060102") }

var name = regexp.MustCompile(`^[0-9]{6}_[0-9A-Za-z_.-]+$`)

func (z *ZaloPay) named(text string, most int) bool {
	return len(text) <= most && name.MatchString(text) && text[:6] == z.today()
}

func (z *ZaloPay) create(f url.Values) answer {
	text := f.Get("app_id") + "|" + f.Get("app_trans_id") + "|" + f.Get("app_user") + "|" + f.Get("amount") + "|" +
		f.Get("app_time") + "|" + f.Get("embed_data") + "|" + f.Get("item")
	if !z.genuine(f, text) {
		return say(fail, badSignature, "Chữ ký không hợp lệ")
	}
	amount, errAmount := strconv.ParseInt(f.Get("amount"), 10, 64)
	seconds, errSeconds := strconv.Atoi(f.Get("expire_duration_seconds"))
	var embed struct {
		RedirectURL string `json:"redirecturl"`
	}
	errEmbed := json.Unmarshal([]byte(f.Get("embed_data")), &embed)
	wrong := errAmount != nil || amount < 1 || errSeconds != nil || seconds < 300 || seconds > 2592000 || errEmbed != nil
	if wrong || !z.named(f.Get("app_trans_id"), 40) {
		return say(fail, badRequest, "Dữ liệu không hợp lệ")
	}
	now := z.c.Now()
	p, err := z.Book.Add(walletsim.Payment{
		Ref: f.Get("app_trans_id"), Amount: amount, Info: f.Get("description"), ReturnURL: embed.RedirectURL, NoticeURL: f.Get("callback_url"),
		Extra:     map[string]string{"app_user": f.Get("app_user"), "app_time": f.Get("app_time"), "embed_data": f.Get("embed_data"), "item": f.Get("item")},
		CreatedAt: now, ExpiresAt: now.Add(time.Duration(seconds) * time.Second),
	})
	if errors.Is(err, walletsim.ErrTaken) {
		return say(fail, nameTaken, "Mã giao dịch bị trùng")
	}
	a := say(success, success, "Giao dịch thành công")
	a["order_url"], a["zp_trans_token"], a["order_token"] = z.URL(p), p.Token, p.Token
	return a
}

func (z *ZaloPay) query(f url.Values) answer {
	if !z.genuine(f, f.Get("app_id")+"|"+f.Get("app_trans_id")+"|"+z.c.Key1) {
		return say(fail, badSignature, "Chữ ký không hợp lệ")
	}
	p, err := z.Book.Get(f.Get("app_trans_id"))
	if err != nil {
		return say(fail, noOrder, "Không tìm thấy đơn hàng")
	}
	a := z.state(p)
	a["is_processing"], a["amount"], a["discount_amount"] = a["return_code"] == processing, p.Amount, 0
	a["zp_trans_id"], a["server_time"] = p.Number, p.DecidedAt.UnixMilli()
	return a
}

func (z *ZaloPay) state(p walletsim.Payment) answer {
	switch {
	case p.Decision != walletsim.Undecided && z.c.On(walletsim.Pending):
		return say(processing, processing, "Giao dịch đang xử lý")
	case p.Decision == walletsim.Paid:
		return say(success, success, "Giao dịch thành công")
	case p.Decision == walletsim.Short:
		return say(fail, noFunds, "Số dư không đủ")
	case p.Decision == walletsim.Cancelled:
		return say(fail, cancelled, "Người dùng huỷ giao dịch")
	case p.Expired(z.c.Now()):
		return say(fail, expired, "Đơn hàng đã hết hạn")
	}
	return say(processing, processing, "Đơn hàng chưa được thanh toán")
}

func (z *ZaloPay) refund(f url.Values) answer {
	text := f.Get("app_id") + "|" + f.Get("zp_trans_id") + "|" + f.Get("amount") + "|" + f.Get("description") + "|" + f.Get("timestamp")
	if !z.genuine(f, text) {
		return say(fail, badSignature, "Chữ ký không hợp lệ")
	}
	number, errNumber := strconv.ParseInt(f.Get("zp_trans_id"), 10, 64)
	amount, errAmount := strconv.ParseInt(f.Get("amount"), 10, 64)
	key := f.Get("m_refund_id")
	if _, _, err := z.Book.ByRefund(key); err == nil {
		return say(fail, nameTaken, "Mã hoàn tiền bị trùng")
	}
	if errNumber != nil || errAmount != nil || !z.named(key, 45) || !strings.HasPrefix(key[7:], z.c.AppID+"_") {
		return say(fail, badRequest, "Dữ liệu không hợp lệ")
	}
	p, err := z.Book.ByNumber(number)
	if err != nil {
		return say(fail, noOrder, "Không tìm thấy giao dịch")
	}
	if z.c.On(walletsim.Refuse) {
		return say(fail, tooMuch, "Không hoàn được")
	}
	r, err := z.Book.GiveBack(p.Ref, key, amount, z.c.Now())
	if err != nil {
		return say(fail, tooMuch, "Vượt số tiền còn lại")
	}
	a := say(processing, 2, "Giao dịch đang hoàn tiền")
	a["refund_id"] = r.Number
	return a
}

func (z *ZaloPay) queryRefund(f url.Values) answer {
	if !z.genuine(f, f.Get("app_id")+"|"+f.Get("m_refund_id")+"|"+f.Get("timestamp")) {
		return say(fail, badSignature, "Chữ ký không hợp lệ")
	}
	if _, _, err := z.Book.ByRefund(f.Get("m_refund_id")); err != nil {
		return say(fail, noOrder, "Không tìm thấy giao dịch hoàn tiền")
	}
	if z.c.On(walletsim.Pending) {
		return say(processing, 2, "Giao dịch đang hoàn tiền")
	}
	return say(success, success, "Hoàn tiền thành công")
}

// callback tells the merchant of a payment; of anything else ZaloPay tells
// nothing.
func (z *ZaloPay) callback(p walletsim.Payment) {
	if p.Decision != walletsim.Paid || z.c.On(walletsim.Pending) {
		return
	}
	z.c.Deliver(z.c.Post(p.NoticeURL, z.Notice(p), func(status int, body []byte) bool {
		var a struct {
			ReturnCode int `json:"return_code"`
		}
		return status == http.StatusOK && json.Unmarshal(body, &a) == nil && (a.ReturnCode == 1 || a.ReturnCode == 2)
	}))
}

// Notice is the callback about a payment.
func (z *ZaloPay) Notice(p walletsim.Payment) []byte {
	data := fmt.Sprintf(`{"app_id":%s,"app_trans_id":%q,"app_time":%s,"app_user":%q,"amount":%d,"embed_data":%s,"item":%s,"zp_trans_id":%d,"server_time":%d,"channel":38,"merchant_user_id":"","user_fee_amount":0,"discount_amount":0}`,
		z.c.AppID, p.Ref, orZero(p.Extra["app_time"]), p.Extra["app_user"], p.Amount, quote(p.Extra["embed_data"]), quote(p.Extra["item"]), p.Number, p.DecidedAt.UnixMilli())
	return []byte(`{"data":` + quote(data) + `,"mac":"` + hmac256(z.c.Key(z.c.Key2), data) + `","type":1}`)
}

func orZero(digits string) string {
	if digits == "" {
		return "0"
	}
	return digits
}

func quote(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		panic(err) // text always encodes
	}
	return string(raw)
}

// back is the signed address that the payer returns to.
func (z *ZaloPay) back(p walletsim.Payment) string {
	u, err := url.Parse(p.ReturnURL)
	if err != nil {
		return ""
	}
	status := "-49"
	if p.Decision == walletsim.Paid {
		status = "1"
	}
	amount := strconv.FormatInt(p.Amount, 10)
	q := u.Query()
	q.Set("appid", z.c.AppID)
	q.Set("apptransid", p.Ref)
	q.Set("pmcid", "38")
	q.Set("bankcode", "")
	q.Set("amount", amount)
	q.Set("discountamount", "0")
	q.Set("status", status)
	q.Set("checksum", hmac256(z.c.Key(z.c.Key2), z.c.AppID+"|"+p.Ref+"|38||"+amount+"|0|"+status))
	u.RawQuery = q.Encode()
	return u.String()
}
