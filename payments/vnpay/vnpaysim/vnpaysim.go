// Package vnpaysim plays VNPAY's gateway 2.1.0 on the wire: the signed address
// of the payer's page, the instant notice, the redirect, querydr and refund. It
// is written from VNPAY's documents, not from the adapter: each signature is
// spelled out, so that one mistake does not hide in both.
package vnpaysim

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"chohue/payments/walletsim"
)

// Config is what VNPAY has agreed with its one merchant.
type Config struct {
	walletsim.Common
	Merchant   string // as the payer reads it
	TmnCode    string
	HashSecret string
	NoticeURL  string // where the merchant wants to be told, registered with VNPAY
}

// VNPAY is the simulated gateway; it serves HTTP.
type VNPAY struct {
	http.Handler
	walletsim.Teller
	c Config

	mu   sync.Mutex
	seen map[string]time.Time // refund requests of the last minutes
}

// New opens the gateway.
func New(c Config) (*VNPAY, error) {
	c.Common = c.Fill()
	book, err := walletsim.OpenBook(c.File)
	if err != nil {
		return nil, err
	}
	v := &VNPAY{c: c, seen: map[string]time.Time{}}
	v.Teller = walletsim.Teller{
		Common: c.Common, Book: book, Brand: "VNPAY", Colour: "005BAA", Merchant: c.Merchant,
		Path: "/paymentv2/Transaction/PaymentMethod.html", Decided: v.notify, Back: v.back,
	}
	mux := http.NewServeMux()
	v.Teller.Handle(mux)
	mux.HandleFunc("GET /paymentv2/vpcpay.html", v.arrive)
	mux.HandleFunc("POST /merchant_webapi/api/transaction", v.transaction)
	v.Handler = mux
	return v, nil
}

func hmac512(key, text string) string {
	h := hmac.New(sha512.New, []byte(key))
	_, _ = io.WriteString(h, text) // a hash never fails
	return hex.EncodeToString(h.Sum(nil))
}

// pairs writes fields as VNPAY signs them: sorted by name, name and value
// encoded as in a form, empty ones left out.
func pairs(fields map[string]string) string {
	var names []string
	for name, value := range fields {
		if strings.HasPrefix(name, "vnp_") && value != "" && name != "vnp_SecureHash" && name != "vnp_SecureHashType" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var b strings.Builder
	for i, name := range names {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(name) + "=" + url.QueryEscape(fields[name]))
	}
	return b.String()
}

const stamp = "20060102150405"

func date(at time.Time) string { return walletsim.Hue(at).Format(stamp) }

func undate(text string) (time.Time, error) {
	return time.ParseInLocation(stamp, text, walletsim.Hue(time.Now()).Location())
}

// arrive takes the payer in whom the merchant has sent, and shows the page.
func (v *VNPAY) arrive(w http.ResponseWriter, r *http.Request) {
	f := map[string]string{}
	for name, values := range r.URL.Query() {
		f[name] = values[0]
	}
	if f["vnp_TmnCode"] != v.c.TmnCode || !hmac.Equal([]byte(f["vnp_SecureHash"]), []byte(hmac512(v.c.HashSecret, pairs(f)))) {
		http.Error(w, "Sai chữ ký (mã 70).", http.StatusBadRequest)
		return
	}
	amount, errAmount := strconv.ParseInt(f["vnp_Amount"], 10, 64)
	created, errCreated := undate(f["vnp_CreateDate"])
	expires, errExpires := undate(f["vnp_ExpireDate"])
	if errAmount != nil || amount%100 != 0 || amount < 500_000 || errCreated != nil || errExpires != nil || missing(f) {
		http.Error(w, "Dữ liệu gửi sang không đúng định dạng (mã 03).", http.StatusBadRequest)
		return
	}
	p, err := v.Book.Add(walletsim.Payment{
		Ref: f["vnp_TxnRef"], Amount: amount / 100, Info: f["vnp_OrderInfo"], ReturnURL: f["vnp_ReturnUrl"], NoticeURL: v.c.NoticeURL,
		Extra: map[string]string{"created": date(created)}, CreatedAt: created, ExpiresAt: expires,
	})
	if errors.Is(err, walletsim.ErrTaken) && p.Amount != amount/100 {
		http.Error(w, "Giao dịch đã tồn tại (mã 01).", http.StatusConflict)
		return
	}
	v.Show(w, p)
}

func missing(f map[string]string) bool {
	want := map[string]string{"vnp_Version": "2.1.0", "vnp_Command": "pay", "vnp_CurrCode": "VND"}
	for name, value := range want {
		if f[name] != value {
			return true
		}
	}
	for _, name := range []string{"vnp_IpAddr", "vnp_Locale", "vnp_OrderInfo", "vnp_OrderType", "vnp_ReturnUrl", "vnp_TxnRef"} {
		if f[name] == "" {
			return true
		}
	}
	return false
}

// codes are ResponseCode and TransactionStatus of a payment.
func (v *VNPAY) codes(p walletsim.Payment) (string, string) {
	switch {
	case p.Decision != walletsim.Undecided && v.c.On(walletsim.Pending):
		return "00", "01"
	case p.Decision == walletsim.Paid:
		return "00", "00"
	case p.Decision == walletsim.Short:
		return "51", "02"
	case p.Decision == walletsim.Cancelled:
		return "24", "02"
	case p.Expired(v.c.Now()):
		return "11", "02"
	}
	return "99", "01"
}

// told are the fields of a notice and a redirect.
func (v *VNPAY) told(p walletsim.Payment) map[string]string {
	code, status := v.codes(p)
	return map[string]string{
		"vnp_Amount": strconv.FormatInt(p.Amount*100, 10), "vnp_BankCode": "NCB", "vnp_BankTranNo": "VNP" + strconv.FormatInt(p.Number, 10),
		"vnp_CardType": "ATM", "vnp_OrderInfo": p.Info, "vnp_PayDate": date(p.DecidedAt), "vnp_ResponseCode": code, "vnp_TmnCode": v.c.TmnCode,
		"vnp_TransactionNo": strconv.FormatInt(p.Number, 10), "vnp_TransactionStatus": status, "vnp_TxnRef": p.Ref,
	}
}

// Notice is the signed query of an instant notice.
func (v *VNPAY) Notice(p walletsim.Payment) string {
	text := pairs(v.told(p))
	return text + "&vnp_SecureHash=" + hmac512(v.c.Key(v.c.HashSecret), text)
}

// notify calls the merchant until it hears that the notice was taken.
func (v *VNPAY) notify(p walletsim.Payment) {
	v.c.Deliver(v.c.Get(p.NoticeURL+"?"+v.Notice(p), func(status int, body []byte) bool {
		var a struct{ RspCode string }
		return status == http.StatusOK && json.Unmarshal(body, &a) == nil && (a.RspCode == "00" || a.RspCode == "02")
	}))
}

func (v *VNPAY) back(p walletsim.Payment) string {
	u, err := url.Parse(p.ReturnURL)
	if err != nil {
		return ""
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += v.Notice(p)
	return u.String()
}
