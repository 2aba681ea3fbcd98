// Package ghtksim behaves as Giao Hàng Tiết Kiệm does on the wire, written from
// its documents: answers {success, message, …} with HTTP 200 even for a no,
// goods in kilograms and fees by grams, callbacks as forms with Vietnam's time.
package ghtksim

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"chohue/orders/carriersim"
)

// Sim is the carrier.
type Sim struct {
	*carriersim.Desk

	token, source string
}

// New opens the carrier for one shop.
func New(token, source string, now func() time.Time) *Sim {
	number := func(n int) string { return fmt.Sprintf("S22.HU1.%d", 130_000_000+n) }
	return &Sim{Desk: carriersim.New(now, number), token: token, source: source}
}

func no(w http.ResponseWriter, message string) {
	carriersim.Write(w, http.StatusOK, map[string]any{"success": false, "message": message})
}

// Handler is the API.
func (s *Sim) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /services/shipment/fee", s.fee)
	mux.HandleFunc("POST /services/shipment/order", s.create)
	mux.HandleFunc("POST /services/shipment/cancel/{which}", s.cancel)
	mux.HandleFunc("GET /services/shipment/v2/{which}", s.track)
	mux.HandleFunc("GET /services/label/{label}", s.label)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Token") != s.token || r.Header.Get("X-Client-Source") != s.source {
			carriersim.Write(w, http.StatusUnauthorized, map[string]any{"success": false, "message": "Token không hợp lệ"})
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (s *Sim) fee(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	grams, err := strconv.ParseInt(q.Get("weight"), 10, 64)
	if err != nil || grams <= 0 || q.Get("province") == "" || q.Get("pick_province") == "" {
		no(w, "Thiếu thông tin tính phí")
		return
	}
	carriersim.Write(w, http.StatusOK, map[string]any{"success": true, "message": "", "fee": map[string]any{
		"name": "area2", "fee": carriersim.Freight(18_000, 4_000, grams, 0, q.Get("province") != q.Get("pick_province")),
		"insurance_fee": 0, "delivery": true, "include_vat": 1,
	}})
}

type asked struct {
	Products []struct {
		Name     string  `json:"name"`
		Weight   float64 `json:"weight"`
		Quantity int64   `json:"quantity"`
	} `json:"products"`
	Order struct {
		ID           string `json:"id"`
		PickName     string `json:"pick_name"`
		PickAddress  string `json:"pick_address"`
		PickProvince string `json:"pick_province"`
		PickTel      string `json:"pick_tel"`
		PickMoney    int64  `json:"pick_money"`
		Name         string `json:"name"`
		Address      string `json:"address"`
		Province     string `json:"province"`
		Ward         string `json:"ward"`
		Hamlet       string `json:"hamlet"`
		Tel          string `json:"tel"`
		Note         string `json:"note"`
		Value        int64  `json:"value"`
		Transport    string `json:"transport"`
	} `json:"order"`
}

func (a asked) wrong() string {
	o := a.Order
	for name, value := range map[string]string{
		"id": o.ID, "pick_name": o.PickName, "pick_address": o.PickAddress, "pick_province": o.PickProvince, "pick_tel": o.PickTel,
		"name": o.Name, "address": o.Address, "province": o.Province, "ward": o.Ward, "hamlet": o.Hamlet, "tel": o.Tel,
	} {
		if value == "" {
			return "Thiếu trường " + name
		}
	}
	if len([]rune(o.Note)) > 120 {
		return "Ghi chú quá dài"
	}
	if o.Transport != "road" && o.Transport != "fly" {
		return "Phương thức vận chuyển không hợp lệ"
	}
	if a.grams() <= 0 || a.grams() > 20_000 {
		return "Khối lượng không hợp lệ"
	}
	return ""
}

// grams adds the goods up; GHTK takes kilograms.
func (a asked) grams() int64 {
	var kg float64
	for _, p := range a.Products {
		kg += p.Weight
	}
	return int64(kg*1000 + 0.5)
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
		no(w, wrong)
		return
	}
	o := a.Order
	p, fresh := s.Take(carriersim.Parcel{
		Reference: o.ID, Grams: a.grams(), COD: o.PickMoney, To: o.Name + " " + o.Tel + " " + o.Province,
		Fee: carriersim.Freight(18_000, 4_000, a.grams(), 0, o.Province != o.PickProvince),
	}, "2", "-1")
	switch {
	case trouble == carriersim.Mute:
		carriersim.Hang(w)
	case !fresh:
		carriersim.Write(w, http.StatusOK, map[string]any{"success": false, "message": "Mã đơn hàng " + o.ID + " đã tồn tại", "error": map[string]any{
			"code": "ORDER_ID_EXIST", "partner_id": p.Reference, "ghtk_label": p.Number, "created": p.At.Format(time.RFC3339), "status": 2,
		}})
	default:
		carriersim.Write(w, http.StatusOK, map[string]any{"success": true, "message": "", "order": map[string]any{
			"partner_id": p.Reference, "label": p.Number, "area": "1", "fee": strconv.FormatInt(p.Fee, 10), "insurance_fee": "0",
			"estimated_pick_time": "Sáng 2026-11-24", "estimated_deliver_time": "Chiều 2026-11-25", "products": []any{}, "status_id": 2,
		}})
	}
}

func (s *Sim) which(r *http.Request) (carriersim.Parcel, bool) {
	key := r.PathValue("which")
	if ref, ok := strings.CutPrefix(key, "partner_id:"); ok {
		p, found := s.Find(ref)
		return p, found && p.Reference == ref
	}
	return s.Find(key)
}

func (s *Sim) cancel(w http.ResponseWriter, r *http.Request) {
	p, ok := s.which(r)
	switch {
	case !ok:
		no(w, "Không tìm thấy đơn hàng")
	case p.Code == "-1":
		no(w, "Đơn hàng đã ở trạng thái hủy")
	case p.Code != "1" && p.Code != "2" && p.Code != "12":
		no(w, "Đơn hàng đã lấy, không thể hủy")
	default:
		s.Move(p.Number, "-1")
		carriersim.Write(w, http.StatusOK, map[string]any{"success": true, "message": "", "log_id": "1"})
	}
}

// vietnam is where GHTK's clocks stand.
var vietnam = time.FixedZone("", 7*3600)

func (s *Sim) track(w http.ResponseWriter, r *http.Request) {
	p, ok := s.which(r)
	if !ok {
		carriersim.Write(w, http.StatusNotFound, map[string]any{"success": false, "message": "Không tìm thấy đơn hàng"})
		return
	}
	status, _ := strconv.Atoi(p.Code)
	carriersim.Write(w, http.StatusOK, map[string]any{"success": true, "message": "", "order": map[string]any{
		"label_id": p.Number, "partner_id": p.Reference, "status": strconv.Itoa(status), "status_text": "", "created": p.At.In(vietnam).Format(time.DateTime),
		"modified": p.At.In(vietnam).Format(time.DateTime), "ship_money": p.Fee, "insurance": "0", "weight": p.Grams, "pick_money": p.COD, "is_freeship": "1",
	}})
}

func (s *Sim) label(w http.ResponseWriter, r *http.Request) {
	p, ok := s.Find(r.PathValue("label"))
	if !ok {
		carriersim.Write(w, http.StatusNotFound, map[string]any{"success": false, "message": "Không tìm thấy đơn hàng"})
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	_, _ = w.Write(carriersim.PDF("GHTK " + p.Number))
}

// Callback is the call that tells of a parcel's state.
func (*Sim) Callback(p carriersim.Parcel) carriersim.Callback {
	form := url.Values{
		"label_id": {p.Number}, "partner_id": {p.Reference}, "status_id": {p.Code}, "action_time": {p.At.In(vietnam).Format(time.RFC3339)},
		"reason_code": {""}, "reason": {""}, "weight": {strconv.FormatFloat(float64(p.Grams)/1000, 'f', 3, 64)},
		"fee": {strconv.FormatInt(p.Fee, 10)}, "pick_money": {strconv.FormatInt(p.COD, 10)}, "return_part_package": {"0"},
	}
	return carriersim.Callback{ContentType: "application/x-www-form-urlencoded", Body: []byte(form.Encode())}
}

// Way is a parcel's everyday course, in GHTK's codes.
func Way() []string { return []string{"12", "3", "4", "5"} }

// WayBack is what follows when nobody takes the parcel.
func WayBack() []string { return []string{"9", "20", "21"} }
