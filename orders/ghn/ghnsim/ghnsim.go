// Package ghnsim behaves as Giao Hàng Nhanh does on the wire, written from its
// documents: the envelope {code, message, data}, refusals as HTTP 400, token and
// shop in the headers, callbacks in JSON with CamelCase names and times in UTC.
package ghnsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"chohue/orders/carriersim"
)

// Sim is the carrier.
type Sim struct {
	*carriersim.Desk

	token, shop string
	now         func() time.Time
}

// New opens the carrier for one shop.
func New(token, shop string, now func() time.Time) *Sim {
	number := func(n int) string { return fmt.Sprintf("LH%06dVN", n) }
	return &Sim{Desk: carriersim.New(now, number), token: token, shop: shop, now: now}
}

type reply struct {
	Code        int    `json:"code"`
	CodeMessage string `json:"code_message,omitempty"`
	Message     string `json:"message"`
	Data        any    `json:"data"`
}

func fine(w http.ResponseWriter, data any) {
	carriersim.Write(w, http.StatusOK, reply{Code: 200, Message: "Success", Data: data})
}

func refuse(w http.ResponseWriter, message string) {
	carriersim.Write(w, http.StatusBadRequest, reply{Code: 400, CodeMessage: "USER_ERR_COMMON", Message: message})
}

// Handler is the API below /shiip/public-api.
func (s *Sim) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/shipping-order/fee", s.fee)
	mux.HandleFunc("POST /v2/shipping-order/leadtime", s.leadtime)
	mux.HandleFunc("POST /v2/shipping-order/create", s.create)
	mux.HandleFunc("POST /v2/shipping-order/detail", s.detail)
	mux.HandleFunc("POST /v2/shipping-order/detail-by-client-code", s.detailByClient)
	mux.HandleFunc("POST /v2/switch-status/cancel", s.cancel)
	mux.HandleFunc("POST /v2/a5/gen-token", s.printToken)
	mux.HandleFunc("GET /print80x80", s.print)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/print80x80" && (r.Header.Get("Token") != s.token || r.Header.Get("ShopId") != s.shop) {
			carriersim.Write(w, http.StatusUnauthorized, reply{Code: 401, Message: "Token is not valid!"})
			return
		}
		mux.ServeHTTP(w, r)
	})
}

type asked struct {
	PaymentTypeID int    `json:"payment_type_id"`
	RequiredNote  string `json:"required_note"`
	ClientCode    string `json:"client_order_code"`
	FromProvince  string `json:"from_province_name"`
	ToName        string `json:"to_name"`
	ToPhone       string `json:"to_phone"`
	ToAddress     string `json:"to_address"`
	ToWard        string `json:"to_ward_name"`
	ToProvince    string `json:"to_province_name"`
	COD           int64  `json:"cod_amount"`
	Weight        int64  `json:"weight"`
	ServiceTypeID int    `json:"service_type_id"`
	Items         []struct {
		Name     string `json:"name"`
		Quantity int64  `json:"quantity"`
	} `json:"items"`
}

// most is what GHN's light parcel weighs at most, in grams.
const most = 50_000

func (a asked) wrong() string {
	notes := map[string]bool{"CHOTHUHANG": true, "CHOXEMHANGKHONGTHU": true, "KHONGCHOXEMHANG": true}
	switch {
	case a.ToName == "" || a.ToPhone == "" || a.ToAddress == "":
		return "Thiếu thông tin người nhận"
	case a.ToWard == "" || a.ToProvince == "":
		return "Địa chỉ người nhận không hợp lệ"
	case a.Weight <= 0 || a.Weight > most:
		return "Khối lượng không hợp lệ"
	case a.PaymentTypeID != 1 && a.PaymentTypeID != 2, !notes[a.RequiredNote], a.ServiceTypeID != 2 && a.ServiceTypeID != 5:
		return "Sai thông tin dịch vụ"
	case len(a.Items) == 0:
		return "Thiếu thông tin hàng hoá"
	}
	return ""
}

func (a asked) price() int64 {
	return carriersim.Freight(20_500, 5_000, a.Weight, a.COD, a.FromProvince != a.ToProvince)
}

func (s *Sim) read(w http.ResponseWriter, r *http.Request) (asked, bool) {
	var a asked
	if !carriersim.Read(w, r, &a) {
		return a, false
	}
	if wrong := a.wrong(); wrong != "" {
		refuse(w, wrong)
		return a, false
	}
	return a, true
}

func (s *Sim) fee(w http.ResponseWriter, r *http.Request) {
	if a, ok := s.read(w, r); ok {
		fine(w, map[string]int64{"total": a.price(), "service_fee": a.price() - a.COD/100, "insurance_fee": 0, "cod_fee": a.COD / 100})
	}
}

func (s *Sim) leadtime(w http.ResponseWriter, r *http.Request) {
	if a, ok := s.read(w, r); ok {
		fine(w, map[string]int64{"leadtime": s.now().Add(way(a)).Unix(), "order_date": s.now().Unix()})
	}
}

func way(a asked) time.Duration {
	if a.FromProvince == a.ToProvince {
		return 20 * time.Hour
	}
	return 60 * time.Hour
}

func (s *Sim) create(w http.ResponseWriter, r *http.Request) {
	trouble := s.Trouble()
	if trouble == carriersim.Deaf {
		carriersim.Hang(w)
		return
	}
	a, ok := s.read(w, r)
	if !ok {
		return
	}
	p, fresh := s.Take(carriersim.Parcel{
		Reference: a.ClientCode, Grams: a.Weight, COD: a.COD, Fee: a.price(), To: a.ToName + " " + a.ToPhone + " " + a.ToProvince,
	}, "ready_to_pick", "cancel")
	if trouble == carriersim.Mute {
		carriersim.Hang(w)
		return
	}
	if !fresh {
		refuse(w, "Mã đơn hàng khách hàng đã tồn tại")
		return
	}
	fine(w, map[string]any{
		"order_code": p.Number, "sort_code": "HUE-A-01", "trans_type": "truck", "total_fee": p.Fee,
		"fee":                    map[string]int64{"main_service": p.Fee - p.COD/100, "cod_fee": p.COD / 100},
		"expected_delivery_time": s.now().Add(way(a)).UTC().Format(time.RFC3339),
	})
}

func shown(p carriersim.Parcel) map[string]any {
	return map[string]any{
		"order_code": p.Number, "client_order_code": p.Reference, "status": p.Code, "cod_amount": p.COD, "weight": p.Grams,
		"sort_code": "HUE-A-01", "total_fee": p.Fee, "updated_date": p.At.UTC().Format("2006-01-02T15:04:05.000Z"),
	}
}

func (s *Sim) detail(w http.ResponseWriter, r *http.Request) {
	var in struct {
		OrderCode string `json:"order_code"`
	}
	if !carriersim.Read(w, r, &in) {
		return
	}
	if p, ok := s.Find(in.OrderCode); ok && p.Number == in.OrderCode {
		fine(w, shown(p))
		return
	}
	refuse(w, "Đơn hàng không tồn tại")
}

func (s *Sim) detailByClient(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Code string `json:"client_order_code"`
	}
	if !carriersim.Read(w, r, &in) {
		return
	}
	if p, ok := s.Find(in.Code); ok && p.Reference == in.Code {
		fine(w, []any{shown(p)})
		return
	}
	refuse(w, "Đơn hàng không tồn tại")
}

func (s *Sim) cancel(w http.ResponseWriter, r *http.Request) {
	var in struct {
		OrderCodes []string `json:"order_codes"`
	}
	if !carriersim.Read(w, r, &in) {
		return
	}
	var out []map[string]any
	for _, code := range in.OrderCodes {
		p, ok := s.Find(code)
		result, message := false, "Đơn hàng không thể huỷ"
		if ok && (p.Code == "ready_to_pick" || p.Code == "picking") {
			s.Move(code, "cancel")
			result, message = true, "OK"
		}
		out = append(out, map[string]any{"order_code": code, "result": result, "message": message})
	}
	fine(w, out)
}

func (s *Sim) printToken(w http.ResponseWriter, r *http.Request) {
	var in struct {
		OrderCodes []string `json:"order_codes"`
	}
	if !carriersim.Read(w, r, &in) {
		return
	}
	if len(in.OrderCodes) == 0 {
		refuse(w, "order_codes is required")
		return
	}
	if _, ok := s.Find(in.OrderCodes[0]); !ok {
		refuse(w, "Đơn hàng không tồn tại")
		return
	}
	fine(w, map[string]string{"token": "print-" + in.OrderCodes[0]})
}

func (s *Sim) print(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/pdf")
	_, _ = w.Write(carriersim.PDF("GHN " + r.URL.Query().Get("token")))
}

// Callback is the call that tells of a parcel's state.
func (s *Sim) Callback(p carriersim.Parcel) carriersim.Callback {
	body, _ := json.Marshal(map[string]any{
		"CODAmount": p.COD, "CODTransferDate": nil, "ClientOrderCode": p.Reference, "ConvertedWeight": p.Grams, "Description": "",
		"Fee":             map[string]int64{"CODFailedFee": 0, "CODFee": p.COD / 100, "MainService": p.Fee - p.COD/100, "R2S": 0, "Return": 0},
		"IsPartialReturn": false, "OrderCode": p.Number, "PartialReturnCode": "", "PaymentType": 1, "Reason": "", "ReasonCode": "",
		"ShopID": s.shop, "Status": p.Code, "Time": p.At.UTC().Format("2006-01-02T15:04:05.999Z"), "TotalFee": p.Fee,
		"Type": "switch_status", "Warehouse": "Bưu cục Huế", "Weight": p.Grams,
	})
	return carriersim.Callback{ContentType: "application/json", Body: body}
}

// Way is a parcel's everyday course, in GHN's words.
func Way() []string {
	return []string{"picking", "picked", "storing", "transporting", "delivering", "delivered"}
}

// WayBack is what follows when nobody takes the parcel.
func WayBack() []string {
	return []string{"delivery_fail", "waiting_to_return", "return", "return_transporting", "returning", "returned"}
}
