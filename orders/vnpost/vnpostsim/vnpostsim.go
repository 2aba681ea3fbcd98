// Package vnpostsim behaves as Vietnam Post (MyVNPost) does on the wire, written
// from its documents: a login, a different envelope for each group of
// operations, a token in a header of that name, callbacks with Vietnam's time.
package vnpostsim

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

	user, password, customer string

	mu     sync.Mutex
	tokens int
}

// New opens the carrier for one customer.
func New(user, password, customer string, now func() time.Time) *Sim {
	number := func(n int) string { return fmt.Sprintf("CH%09dVN", n) }
	return &Sim{Desk: carriersim.New(now, number), user: user, password: password, customer: customer}
}

func (s *Sim) token() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("vnpost-token-%d", s.tokens)
}

// Expire ends the token that is in use.
func (s *Sim) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens++
}

// Handler is the API below /customer-partner.
func (s *Sim) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /GetAccessToken", s.login)
	mux.HandleFunc("POST /ServicesCharge", s.inside(s.charge))
	mux.HandleFunc("POST /CreateOrder", s.inside(s.create))
	mux.HandleFunc("POST /orderCancel", s.inside(s.cancel))
	mux.HandleFunc("GET /getOrder", s.inside(s.get))
	mux.HandleFunc("POST /exportListReport", s.inside(s.export))
	return mux
}

func (s *Sim) login(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Username string `json:"username"`
		Password string `json:"password"`
		Customer string `json:"customerCode"`
	}
	if !carriersim.Read(w, r, &in) {
		return
	}
	if in.Username != s.user || in.Password != s.password || in.Customer != s.customer {
		carriersim.Write(w, http.StatusOK, map[string]any{"success": false, "errorMessage": "Thông tin đăng nhập không đúng", "token": nil})
		return
	}
	s.Expire()
	carriersim.Write(w, http.StatusOK, map[string]any{"success": true, "errorMessage": nil, "token": s.token()})
}

func (s *Sim) inside(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("token") != s.token() {
			carriersim.Write(w, http.StatusUnauthorized, map[string]any{"message": "Token hết hạn"})
			return
		}
		do(w, r)
	}
}

type addon struct {
	Code  string `json:"code"`
	Value string `json:"propValue"`
}

// cash is the amount of the service "Phát hàng thu tiền" among those on top.
func cash(addons []addon) int64 {
	for _, a := range addons {
		if a.Code == "GTG021" {
			_, amount, _ := strings.Cut(a.Value, "PROP0018:")
			n, _ := strconv.ParseInt(amount, 10, 64)
			return n
		}
	}
	return 0
}

func (s *Sim) charge(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Customer string `json:"customerCode"`
		Data     struct {
			From   string  `json:"senderProvinceCode"`
			To     string  `json:"receiverProvinceCode"`
			Ward   string  `json:"receiverCommuneCode"`
			Weight int64   `json:"weight"`
			Addons []addon `json:"addonService"`
		} `json:"data"`
	}
	if !carriersim.Read(w, r, &in) {
		return
	}
	if in.Customer != s.customer || in.Data.Weight <= 0 || in.Data.Ward == "" {
		carriersim.Write(w, http.StatusBadRequest, map[string]any{"message": "Dữ liệu tính cước không hợp lệ"})
		return
	}
	fee := carriersim.Freight(17_000, 3_800, in.Data.Weight, cash(in.Data.Addons), in.Data.From != in.Data.To)
	carriersim.Write(w, http.StatusOK, []map[string]any{
		{"serviceCode": "CTN007", "serviceName": "Nhanh", "mainFee": fee + 9_000, "totalFee": float64(fee + 9_000)},
		{"serviceCode": "CTN009", "serviceName": "Tiết kiệm", "mainFee": fee, "totalFee": float64(fee)},
	})
}

func (s *Sim) create(w http.ResponseWriter, r *http.Request) {
	trouble := s.Trouble()
	if trouble == carriersim.Deaf {
		carriersim.Hang(w)
		return
	}
	var in struct {
		Status   int    `json:"orderCreationStatus"`
		Type     string `json:"type"`
		Customer string `json:"customerCode"`
		Order    struct {
			Name    string  `json:"receiverName"`
			Phone   string  `json:"receiverPhone"`
			Address string  `json:"receiverAddress"`
			From    string  `json:"senderProvinceCode"`
			To      string  `json:"receiverProvinceCode"`
			Ward    string  `json:"receiverCommuneCode"`
			Service string  `json:"serviceCode"`
			Sale    string  `json:"saleOrderCode"`
			Weight  string  `json:"weight"`
			Addons  []addon `json:"addonService"`
		} `json:"informationOrder"`
	}
	if !carriersim.Read(w, r, &in) {
		return
	}
	o := in.Order
	grams, err := strconv.ParseInt(o.Weight, 10, 64)
	if err != nil || grams <= 0 || in.Status != 1 || in.Type != "GUI" || in.Customer != s.customer || o.Name == "" || o.Phone == "" || o.Address == "" || o.Ward == "" || o.Service == "" {
		carriersim.Write(w, http.StatusBadRequest, map[string]any{"message": "Dữ liệu đơn hàng không hợp lệ"})
		return
	}
	cod := cash(o.Addons)
	p := s.Add(carriersim.Parcel{
		// Nothing keeps the shop's code unique here: the same order twice is two.
		Reference: o.Sale, Grams: grams, COD: cod, To: o.Name + " " + o.Phone + " " + o.To,
		Fee: carriersim.Freight(17_000, 3_800, grams, cod, o.From != o.To),
	}, "1")
	if trouble == carriersim.Mute {
		carriersim.Hang(w)
		return
	}
	carriersim.Write(w, http.StatusOK, shown(p))
}

var vietnam = time.FixedZone("", 7*3600)

func shown(p carriersim.Parcel) map[string]any {
	return map[string]any{
		"originalId": "ID" + p.Number, "itemCode": p.Number, "saleOrderCode": p.Reference, "status": p.Code, "totalFee": float64(p.Fee),
		"codAmount": p.COD, "weight": p.Grams, "updatedDate": p.At.In(vietnam).Format("02/01/2006 15:04:05"),
	}
}

func (s *Sim) cancel(w http.ResponseWriter, r *http.Request) {
	var in struct{ OriginalId string }
	if !carriersim.Read(w, r, &in) {
		return
	}
	p, ok := s.Find(strings.TrimPrefix(in.OriginalId, "ID"))
	code, _ := strconv.Atoi(p.Code)
	if !ok || code > 5 {
		carriersim.Write(w, http.StatusOK, map[string]any{"Type": "01", "Message": "Bưu gửi đã được lấy, không thể huỷ", "CaseId": nil})
		return
	}
	s.Move(p.Number, "9")
	carriersim.Write(w, http.StatusOK, map[string]any{"Type": "00", "Message": "Thành công", "CaseId": "1"})
}

func (s *Sim) get(w http.ResponseWriter, r *http.Request) {
	kind, code := r.URL.Query().Get("type"), r.URL.Query().Get("code")
	var results []any
	for _, p := range s.Parcels() {
		if kind == "1" && p.Number == code || kind == "2" && p.Reference == code {
			results = append(results, shown(p))
		}
	}
	carriersim.Write(w, http.StatusOK, []any{map[string]any{"results": results}})
}

func (s *Sim) export(w http.ResponseWriter, r *http.Request) {
	var codes []string
	if !carriersim.Read(w, r, &codes) {
		return
	}
	files := [][]byte{} // in JSON, bytes are base64
	for _, code := range codes {
		if p, ok := s.Find(code); ok {
			files = append(files, carriersim.PDF("VNPost "+p.Number))
		}
	}
	carriersim.Write(w, http.StatusOK, files)
}

// Callback is the call that tells of a parcel's state.
func (*Sim) Callback(p carriersim.Parcel) carriersim.Callback {
	body, _ := json.Marshal(shown(p))
	return carriersim.Callback{ContentType: "application/json", Body: body}
}

// Way is a parcel's everyday course, in Vietnam Post's codes.
func Way() []string { return []string{"2", "6", "10", "11", "12", "14"} }

// WayBack is what follows when nobody takes the parcel.
func WayBack() []string { return []string{"15", "17", "24", "19"} }
