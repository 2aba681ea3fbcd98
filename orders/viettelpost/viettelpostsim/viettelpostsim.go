// Package viettelpostsim behaves as Viettel Post does on the wire, written from
// its documents: a login, the envelope {status, error, message, data} with HTTP
// 200 even for a no, names in capitals, callbacks {DATA, TOKEN} with Vietnam's
// time as dd/MM/yyyy HH:mm:ss.
package viettelpostsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"chohue/orders/carriersim"
)

// Sim is the carrier.
type Sim struct {
	*carriersim.Desk

	user, password, secret string

	mu     sync.Mutex
	tokens int // the newest token is the only one that holds
}

// New opens the carrier for one shop; secret is the TOKEN of its callbacks.
func New(user, password, secret string, now func() time.Time) *Sim {
	number := func(n int) string { return strconv.Itoa(20_260_000_000 + n) }
	return &Sim{Desk: carriersim.New(now, number), user: user, password: password, secret: secret}
}

type reply struct {
	Status  int    `json:"status"`
	Error   bool   `json:"error"`
	Message string `json:"message"`
	Data    any    `json:"data"`
}

func fine(w http.ResponseWriter, message string, data any) {
	carriersim.Write(w, http.StatusOK, reply{200, false, message, data})
}

func no(w http.ResponseWriter, status int, message string) {
	carriersim.Write(w, http.StatusOK, reply{status, true, message, nil})
}

func (s *Sim) token() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("vtp-token-%d", s.tokens)
}

// Expire ends the token that is in use.
func (s *Sim) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens++
}

// Handler is the API below /v2.
func (s *Sim) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /user/Login", s.login)
	mux.HandleFunc("POST /order/getPriceNlp", s.inside(s.price))
	mux.HandleFunc("POST /order/createOrderNlp", s.inside(s.create))
	mux.HandleFunc("POST /order/UpdateOrder", s.inside(s.update))
	mux.HandleFunc("POST /order/printing-code", s.inside(s.printing))
	mux.HandleFunc("GET /print", s.print)
	return mux
}

func (s *Sim) login(w http.ResponseWriter, r *http.Request) {
	var in struct{ USERNAME, PASSWORD string }
	if !carriersim.Read(w, r, &in) {
		return
	}
	if in.USERNAME != s.user || in.PASSWORD != s.password {
		no(w, 201, "Sai tên đăng nhập hoặc mật khẩu")
		return
	}
	s.Expire()
	fine(w, "OK", map[string]any{"userId": 722, "token": s.token(), "partner": 722, "phone": "0905000000", "expired": 1_800_000_000, "source": 0})
}

func (s *Sim) inside(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Token") != s.token() {
			no(w, 202, "Token invalid")
			return
		}
		do(w, r)
	}
}

type asked struct {
	Number     string `json:"ORDER_NUMBER"`
	Sender     string `json:"SENDER_ADDRESS"`
	Receiver   string `json:"RECEIVER_ADDRESS"`
	Name       string `json:"RECEIVER_FULLNAME"`
	Phone      string `json:"RECEIVER_PHONE"`
	Weight     int64  `json:"PRODUCT_WEIGHT"`
	Type       string `json:"PRODUCT_TYPE"`
	Collection int64  `json:"MONEY_COLLECTION"`
	Payment    int    `json:"ORDER_PAYMENT"`
	Service    string `json:"ORDER_SERVICE"`
	Unique     bool   `json:"CHECK_UNIQUE"`
}

func (a asked) far() bool { return province(a.Sender) != province(a.Receiver) }

// province is the last part of an address in words.
func province(address string) string {
	parts := strings.Split(address, ",")
	return strings.TrimSpace(parts[len(parts)-1])
}

func (a asked) fee() int64 { return carriersim.Freight(19_000, 4_500, a.Weight, a.Collection, a.far()) }

func (a asked) hours() float64 {
	if a.far() {
		return 57.5
	}
	return 22
}

func (a asked) wrong() string {
	services := map[string]bool{"VCN": true, "VHT": true, "VTK": true}
	switch {
	case a.Sender == "" || a.Receiver == "":
		return "Địa chỉ không hợp lệ"
	case a.Weight <= 0 || a.Type != "HH":
		return "Thông tin hàng hoá không hợp lệ"
	case !services[a.Service]:
		return "Dịch vụ không hợp lệ"
	}
	return ""
}

func (s *Sim) price(w http.ResponseWriter, r *http.Request) {
	var a asked
	if !carriersim.Read(w, r, &a) {
		return
	}
	if wrong := a.wrong(); wrong != "" {
		no(w, 204, wrong)
		return
	}
	fine(w, "OK", map[string]any{"MONEY_TOTAL_OLD": a.fee(), "MONEY_TOTAL": a.fee(), "MONEY_TOTAL_FEE": a.fee(), "MONEY_COLLECTION_FEE": a.Collection / 100, "MONEY_VAT": 0, "KPI_HT": a.hours()})
}

func (s *Sim) create(w http.ResponseWriter, r *http.Request) {
	trouble := s.Trouble()
	if trouble == carriersim.Deaf {
		carriersim.Hang(w)
		return
	}
	var a asked
	if !carriersim.Read(w, r, &a) {
		return
	}
	if wrong := a.wrong(); wrong != "" {
		no(w, 204, wrong)
		return
	}
	if a.Name == "" || a.Phone == "" || a.Payment < 1 || a.Payment > 4 || a.Collection > 0 && a.Payment == 1 || !a.Unique {
		no(w, 204, "Thông tin đơn hàng không hợp lệ")
		return
	}
	p, fresh := s.Take(carriersim.Parcel{Reference: a.Number, Grams: a.Weight, COD: a.Collection, Fee: a.fee(), To: a.Name + " " + a.Phone + " " + province(a.Receiver)}, "100", "107")
	switch {
	case trouble == carriersim.Mute:
		carriersim.Hang(w)
	case !fresh && a.Unique:
		no(w, 205, "Mã đơn hàng đã tồn tại")
	default:
		fine(w, "OK", map[string]any{"ORDER_NUMBER": p.Number, "MONEY_COLLECTION": p.COD, "EXCHANGE_WEIGHT": p.Grams, "MONEY_TOTAL": p.Fee, "MONEY_FEE": p.Fee, "KPI_HT": a.hours()})
	}
}

func (s *Sim) update(w http.ResponseWriter, r *http.Request) {
	var in struct {
		TYPE         int
		ORDER_NUMBER string
		NOTE         string
	}
	if !carriersim.Read(w, r, &in) {
		return
	}
	p, ok := s.Find(in.ORDER_NUMBER)
	code, _ := strconv.Atoi(p.Code)
	switch {
	case in.TYPE != 4 || !ok:
		no(w, 204, "Không tìm thấy đơn hàng")
	case code == 107:
		fine(w, "OK", nil)
	case code >= 105:
		no(w, 204, "Đơn hàng đã được nhận, không thể huỷ")
	default:
		s.Move(p.Number, "107")
		fine(w, "OK", nil)
	}
}

func (s *Sim) printing(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ORDER_ARRAY []string
		EXPIRY_TIME int64
	}
	if !carriersim.Read(w, r, &in) {
		return
	}
	if len(in.ORDER_ARRAY) == 0 {
		no(w, 204, "Không tìm thấy đơn hàng")
		return
	}
	if _, ok := s.Find(in.ORDER_ARRAY[0]); !ok {
		no(w, 204, "Không tìm thấy đơn hàng")
		return
	}
	fine(w, "bill-"+in.ORDER_ARRAY[0], nil)
}

func (s *Sim) print(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/pdf")
	_, _ = w.Write(carriersim.PDF("Viettel Post " + r.URL.Query().Get("bill")))
}

var vietnam = time.FixedZone("", 7*3600)

// Callback is the call that tells of a parcel's state.
func (s *Sim) Callback(p carriersim.Parcel) carriersim.Callback {
	code, _ := strconv.Atoi(p.Code)
	body, _ := json.Marshal(map[string]any{"TOKEN": s.secret, "DATA": map[string]any{
		"ORDER_NUMBER": p.Number, "ORDER_REFERENCE": p.Reference, "ORDER_STATUSDATE": p.At.In(vietnam).Format("02/01/2006 15:04:05"),
		"ORDER_STATUS": code, "STATUS_NAME": "", "LOCALION_CURRENTLY": "Huế", "NOTE": "", "MONEY_COLLECTION": p.COD, "MONEY_FEECOD": p.COD / 100,
		"MONEY_TOTAL": p.Fee, "EXPECTED_DELIVERY": "", "PRODUCT_WEIGHT": p.Grams, "ORDER_SERVICE": "VCN",
	}})
	return carriersim.Callback{ContentType: "application/json", Body: body}
}

// Way is a parcel's everyday course, in Viettel Post's codes.
func Way() []string { return []string{"104", "105", "200", "300", "400", "500", "501"} }

// WayBack is what follows when nobody takes the parcel.
func WayBack() []string { return []string{"506", "505", "502", "504"} }
