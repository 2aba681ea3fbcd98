// Package momosim plays MoMo's payment gateway v2 on the wire: create, query,
// refund, refund query, the payer's page, the instant notice and the redirect.
// It is written from MoMo's documents, not from the adapter: each signature is
// spelled out field by field, so that one mistake does not hide in both.
package momosim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"chohue/payments/walletsim"
)

// Config is what MoMo has agreed with its one merchant.
type Config struct {
	walletsim.Common
	Merchant    string // as the payer reads it
	PartnerCode string
	AccessKey   string
	SecretKey   string
}

// MoMo is the simulated gateway; it serves HTTP.
type MoMo struct {
	http.Handler
	walletsim.Teller
	c Config
}

// New opens the gateway.
func New(c Config) (*MoMo, error) {
	c.Common = c.Fill()
	book, err := walletsim.OpenBook(c.File)
	if err != nil {
		return nil, err
	}
	m := &MoMo{c: c}
	m.Teller = walletsim.Teller{
		Common: c.Common, Book: book, Brand: "Ví MoMo", Colour: "A50064", Merchant: c.Merchant,
		Path: "/v2/gateway/pay", Decided: m.notify, Back: m.back,
	}
	mux := http.NewServeMux()
	m.Teller.Handle(mux)
	for path, answer := range map[string]func(request) answer{
		"create": m.create, "query": m.query, "refund": m.refund, "refund/query": m.refundQuery,
	} {
		mux.HandleFunc("POST /v2/gateway/api/"+path, serve(answer))
	}
	m.Handler = mux
	return m, nil
}

// request has the fields of every call.
type request struct {
	PartnerCode, RequestID, OrderID, OrderInfo, RedirectURL, IPNURL, ExtraData, RequestType, Description, Signature string
	Amount, TransID, OrderExpireTime                                                                                int64
}

// UnmarshalJSON reads the fields by MoMo's own names.
func (q *request) UnmarshalJSON(raw []byte) error {
	var in struct {
		PartnerCode     string `json:"partnerCode"`
		RequestID       string `json:"requestId"`
		OrderID         string `json:"orderId"`
		OrderInfo       string `json:"orderInfo"`
		RedirectURL     string `json:"redirectUrl"`
		IPNURL          string `json:"ipnUrl"`
		ExtraData       string `json:"extraData"`
		RequestType     string `json:"requestType"`
		Description     string `json:"description"`
		Signature       string `json:"signature"`
		Amount          int64  `json:"amount"`
		TransID         int64  `json:"transId"`
		OrderExpireTime int64  `json:"orderExpireTime"`
	}
	err := json.Unmarshal(raw, &in)
	*q = request(in)
	return err
}

// answer is what a call is answered with; fields that do not belong to it are
// left out.
type answer map[string]any

func serve(do func(request) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q request
		body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		if err != nil || json.Unmarshal(body, &q) != nil {
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(answer{"resultCode": badFormat, "message": "Bad format request."}) // the reader has gone
			return
		}
		a := do(q)
		if code := a["resultCode"]; code == denied || code == badFormat || code == badAmount {
			w.WriteHeader(http.StatusBadRequest)
		}
		_ = json.NewEncoder(w).Encode(a) // the reader has gone
	}
}

// The result codes that are played.
const (
	done          = 0
	denied        = 13
	badFormat     = 20
	badAmount     = 22
	sameRequest   = 40
	sameOrder     = 41
	noOrder       = 42
	waiting       = 1000
	noFunds       = 1001
	expired       = 1005
	payerRefused  = 1006
	notRefundable = 1088
	overRefund    = 1081
	processing    = 7000
	refunding     = 7002
)

var messages = map[int]string{
	done: "Thành công.", denied: "Xác thực doanh nghiệp thất bại.", badFormat: "Yêu cầu sai định dạng.",
	badAmount: "Số tiền giao dịch không hợp lệ.", sameRequest: "RequestId bị trùng.", sameOrder: "OrderId bị trùng.",
	noOrder: "OrderId không hợp lệ hoặc không được tìm thấy.", waiting: "Giao dịch đã được khởi tạo, chờ người dùng xác nhận thanh toán.",
	noFunds: "Giao dịch thanh toán thất bại do tài khoản người dùng không đủ tiền.", expired: "Giao dịch thất bại do url hoặc QR code đã hết hạn.",
	payerRefused: "Giao dịch thất bại do người dùng đã từ chối xác nhận thanh toán.", notRefundable: "Giao dịch hoàn tiền bị từ chối.",
	overRefund: "Giao dịch hoàn tiền bị từ chối: vượt số tiền còn lại.", processing: "Giao dịch đang được xử lý.",
	refunding: "Giao dịch đang được xử lý bởi nhà cung cấp loại hình thanh toán.",
}

// sign is HMAC-SHA256 in lower hexadecimal.
func sign(key, raw string) string {
	h := hmac.New(sha256.New, []byte(key))
	_, _ = io.WriteString(h, raw) // a hash never fails
	return hex.EncodeToString(h.Sum(nil))
}

func (m *MoMo) genuine(q request, raw string) bool {
	return q.PartnerCode == m.c.PartnerCode && hmac.Equal([]byte(q.Signature), []byte(sign(m.c.SecretKey, raw)))
}

// say begins an answer with what all have.
func (m *MoMo) say(q request, code int) answer {
	return answer{
		"partnerCode": q.PartnerCode, "orderId": q.OrderID, "requestId": q.RequestID, "amount": q.Amount,
		"responseTime": m.c.Now().UnixMilli(), "resultCode": code, "message": messages[code],
	}
}

// code is how a payment stands.
func (m *MoMo) code(p walletsim.Payment) int {
	switch {
	case p.Decision != walletsim.Undecided && m.c.On(walletsim.Pending):
		return processing
	case p.Decision == walletsim.Paid:
		return done
	case p.Decision == walletsim.Short:
		return noFunds
	case p.Decision == walletsim.Cancelled:
		return payerRefused
	case p.Expired(m.c.Now()):
		return expired
	}
	return waiting
}

// Told is the raw string that an instant notice and a redirect are signed over,
// in MoMo's order.
func (m *MoMo) told(p walletsim.Payment, message string, code int, payType string, at int64) string {
	return fmt.Sprintf("accessKey=%s&amount=%d&extraData=%s&message=%s&orderId=%s&orderInfo=%s&orderType=%s&partnerCode=%s&payType=%s&requestId=%s&responseTime=%d&resultCode=%d&transId=%d",
		m.c.AccessKey, p.Amount, p.Extra["extraData"], message, p.Ref, p.Info, "momo_wallet", m.c.PartnerCode,
		payType, p.Extra["requestId"], at, code, p.Number)
}

func text(n int64) string { return strconv.FormatInt(n, 10) }
