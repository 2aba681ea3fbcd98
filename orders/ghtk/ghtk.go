// Package ghtk speaks with Giao Hàng Tiết Kiệm: a token and the client's name
// in the headers, callbacks as forms. It counts the weight of a fee in grams
// and that of goods in kilograms. Its codes from 45 on are what a shipper
// reports on the way; they are kept and move nothing. No signature of its
// callbacks is documented, so the address that it calls holds a secret.
package ghtk

import (
	"context"
	_ "embed"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"chohue/market"
	"chohue/orders"
	"chohue/orders/carrierwire"
	"chohue/payments"
)

// Name is the carrier's name.
const Name = "ghtk"

//go:embed states.csv
var states string

// Config is the account.
type Config struct {
	Base   string // https://services.giaohangtietkiem.vn
	Token  string
	Source string // the X-Client-Source that GHTK gave
	Secret string // in the address that GHTK calls
	Client *http.Client
}

// Carrier is GHTK.
type Carrier struct {
	desk   carrierwire.Desk
	header http.Header
	secret string
	codes  carrierwire.Codes
}

var _ orders.Carrier = (*Carrier)(nil)

// New opens the account.
func New(cfg Config) (*Carrier, error) {
	codes, err := carrierwire.ReadCodes(states)
	return &Carrier{
		desk: carrierwire.NewDesk(cfg.Base, cfg.Client), secret: cfg.Secret, codes: codes,
		header: http.Header{"Token": {cfg.Token}, "X-Client-Source": {cfg.Source}},
	}, err
}

// Name implements orders.Carrier.
func (*Carrier) Name() string { return Name }

func (c *Carrier) call(ctx context.Context, method, path string, query url.Values, in, out any) (int, error) {
	return c.desk.JSON(ctx, carrierwire.Call{Method: method, Path: path, Query: query, Header: c.header, Body: in}, out)
}

// transport is by road: what leaves Huế by air costs more than fruit earns.
const transport = "road"

// Quote implements orders.Carrier. GHTK names no time with its fee.
func (c *Carrier) Quote(ctx context.Context, s orders.Consignment) (orders.CarrierQuote, error) {
	q := url.Values{
		"pick_province": {s.From.Province}, "pick_district": {""}, "pick_ward": {s.From.Ward},
		"province": {s.To.Province}, "district": {""}, "ward": {s.To.Ward}, "address": {s.To.Street},
		"weight": {strconv.FormatInt(s.Grams, 10)}, "value": {strconv.FormatInt(int64(s.Value), 10)}, "transport": {transport},
	}
	var a struct {
		Success bool   `json:"success"`
		Message string `json:"message"`
		Fee     struct {
			Fee       market.VND `json:"fee"`
			Insurance market.VND `json:"insurance_fee"`
			Delivery  bool       `json:"delivery"`
		} `json:"fee"`
	}
	if _, err := c.call(ctx, http.MethodGet, "/services/shipment/fee", q, nil, &a); err != nil {
		return orders.CarrierQuote{}, err
	}
	if !a.Success || !a.Fee.Delivery {
		return orders.CarrierQuote{}, carrierwire.Refused(a.Message)
	}
	return orders.CarrierQuote{Carrier: Name, Service: transport, Fee: a.Fee.Fee + a.Fee.Insurance}, nil
}

type product struct {
	Name     string  `json:"name"`
	Weight   float64 `json:"weight"` // kg
	Quantity int64   `json:"quantity"`
}

type order struct {
	ID           string     `json:"id"`
	PickName     string     `json:"pick_name"`
	PickAddress  string     `json:"pick_address"`
	PickProvince string     `json:"pick_province"`
	PickDistrict string     `json:"pick_district"`
	PickWard     string     `json:"pick_ward"`
	PickTel      string     `json:"pick_tel"`
	PickMoney    market.VND `json:"pick_money"`
	Name         string     `json:"name"`
	Address      string     `json:"address"`
	Province     string     `json:"province"`
	District     string     `json:"district"`
	Ward         string     `json:"ward"`
	Hamlet       string     `json:"hamlet"`
	Tel          string     `json:"tel"`
	IsFreeship   string     `json:"is_freeship"` // "1": the buyer pays pick_money alone
	Transport    string     `json:"transport"`
	Note         string     `json:"note"`
	Value        market.VND `json:"value"`
	Weight       float64    `json:"total_weight"` // kg
	Tags         []int      `json:"tags,omitempty"`
}

// tags of GHTK.
const (
	tagFragile = 1
	tagInspect = 10
	longNote   = 120
)

func newOrder(s orders.Consignment) order {
	note := []rune(s.Note)
	o := order{
		ID: string(s.Reference), PickName: s.From.Name, PickAddress: s.From.Street, PickProvince: s.From.Province, PickWard: s.From.Ward,
		PickTel: carrierwire.Phone(s.From.Phone), PickMoney: s.COD, Name: s.To.Name, Address: s.To.Street, Province: s.To.Province,
		Ward: s.To.Ward, Hamlet: "Khác", Tel: carrierwire.Phone(s.To.Phone), IsFreeship: "1", Transport: transport,
		Note: string(note[:min(len(note), longNote)]), Value: s.Value, Weight: kilograms(s.Grams),
	}
	if s.Fragile {
		o.Tags = append(o.Tags, tagFragile)
	}
	if s.Inspect {
		o.Tags = append(o.Tags, tagInspect)
	}
	return o
}

func kilograms(grams int64) float64 { return float64(grams) / 1000 }

// Create implements orders.Carrier. GHTK keeps our id unique and says under
// which label it knows it.
func (c *Carrier) Create(ctx context.Context, s orders.Consignment) (orders.Waybill, error) {
	in := struct {
		Products []product `json:"products"`
		Order    order     `json:"order"`
	}{Order: newOrder(s)}
	for _, g := range s.Goods {
		in.Products = append(in.Products, product{g.Name, kilograms(g.Grams), g.Quantity})
	}
	var a struct {
		Success bool   `json:"success"`
		Message string `json:"message"`
		Order   struct {
			Label string           `json:"label"`
			Fee   carrierwire.Text `json:"fee"`
			Sort  carrierwire.Text `json:"sorting_code"`
		} `json:"order"`
		Error struct {
			Code  string `json:"code"`
			Label string `json:"ghtk_label"`
		} `json:"error"`
	}
	w := orders.Waybill{Reference: s.Reference, Service: transport}
	if _, err := c.call(ctx, http.MethodPost, "/services/shipment/order", url.Values{"ver": {"1.5"}}, in, &a); err != nil {
		return w, err
	}
	if !a.Success {
		return c.known(ctx, w, a.Error.Code, a.Error.Label, a.Message)
	}
	fee, err := a.Order.Fee.Money()
	if err != nil || a.Order.Label == "" {
		return w, carrierwire.Unreachable()
	}
	w.Tracking, w.Fee, w.Sort = a.Order.Label, fee, string(a.Order.Sort)
	return w, nil
}

// known is the waybill that GHTK made when we asked before.
func (c *Carrier) known(ctx context.Context, w orders.Waybill, code, label, message string) (orders.Waybill, error) {
	if code != "ORDER_ID_EXIST" || label == "" {
		return w, carrierwire.Refused(message)
	}
	w.Tracking = label
	now, err := c.Track(ctx, w)
	w.Fee = now.Fee
	if err == nil && now.Status == orders.CarrierCancelled {
		err = carrierwire.Refused(message)
	}
	return w, err
}

// which names a parcel in GHTK's addresses.
func which(w orders.Waybill) string {
	if w.Tracking != "" {
		return url.PathEscape(w.Tracking)
	}
	return "partner_id:" + url.PathEscape(string(w.Reference))
}

// Cancel implements orders.Carrier.
func (c *Carrier) Cancel(ctx context.Context, w orders.Waybill) error {
	var a struct {
		Success bool   `json:"success"`
		Message string `json:"message"`
	}
	if _, err := c.call(ctx, http.MethodPost, "/services/shipment/cancel/"+which(w), nil, nil, &a); err != nil || a.Success {
		return err
	}
	if now, err := c.Track(ctx, w); err != nil || now.Status == orders.CarrierCancelled {
		return err
	}
	return carrierwire.Refused(a.Message)
}

// Track implements orders.Carrier.
func (c *Carrier) Track(ctx context.Context, w orders.Waybill) (orders.Report, error) {
	var a struct {
		Success bool `json:"success"`
		Order   struct {
			Label     string           `json:"label_id"`
			Partner   string           `json:"partner_id"`
			Status    carrierwire.Text `json:"status"`
			Modified  string           `json:"modified"`
			Ship      carrierwire.Text `json:"ship_money"`
			PickMoney carrierwire.Text `json:"pick_money"`
		} `json:"order"`
	}
	status, err := c.call(ctx, http.MethodGet, "/services/shipment/v2/"+which(w), nil, nil, &a)
	if err != nil {
		return orders.Report{}, err
	}
	if !a.Success || status == http.StatusNotFound {
		return orders.Report{}, carrierwire.Missing()
	}
	at, errAt := carrierwire.Time(a.Order.Modified)
	fee, errFee := a.Order.Ship.Money()
	cod, errCOD := a.Order.PickMoney.Money()
	if errAt != nil || errFee != nil || errCOD != nil {
		return orders.Report{}, carrierwire.Unreachable()
	}
	code := string(a.Order.Status)
	return orders.Report{
		Carrier: Name, Reference: market.ID(a.Order.Partner), Tracking: a.Order.Label, Code: code,
		Status: c.codes.Status(code), At: at, Fee: fee, COD: cod,
	}, nil
}

// Label implements orders.Carrier.
func (c *Carrier) Label(ctx context.Context, w orders.Waybill) ([]byte, error) {
	return c.desk.PDF(ctx, carrierwire.Call{Method: http.MethodGet, Path: "/services/label/" + url.PathEscape(w.Tracking), Header: c.header})
}

// Notice implements orders.Carrier. pick_money is what is planned, not what was
// collected.
func (c *Carrier) Notice(_ context.Context, raw payments.Raw) (orders.Report, error) {
	if !carrierwire.FromUs(raw, c.secret) {
		return orders.Report{}, carrierwire.Forged()
	}
	form, err := url.ParseQuery(string(raw.Body))
	if err != nil || form.Get("label_id") == "" || form.Get("status_id") == "" {
		return orders.Report{}, carrierwire.Damaged()
	}
	at, errAt := carrierwire.Time(form.Get("action_time"))
	fee, errFee := carrierwire.Text(form.Get("fee")).Money()
	cod, errCOD := carrierwire.Text(form.Get("pick_money")).Money()
	if errAt != nil || errFee != nil || errCOD != nil {
		return orders.Report{}, carrierwire.Damaged()
	}
	code := form.Get("status_id")
	r := orders.Report{
		Carrier: Name, Reference: market.ID(form.Get("partner_id")), Tracking: form.Get("label_id"), Code: code,
		Status: c.codes.Status(code), At: at, Fee: fee, COD: cod, Reason: carrierwire.Cut(form.Get("reason")),
	}
	if form.Get("return_part_package") == "1" && r.Status == orders.CarrierDelivered {
		r.Status = orders.CarrierPartly
	}
	return r, nil
}

// Reply implements orders.Carrier.
func (*Carrier) Reply(err error) payments.Reply { return carrierwire.Plain(err) }

// columns of GHTK's statement, as far as they are known; see docs/carriers.md.
var columns = carrierwire.Columns{
	Tracking: []string{"Mã đơn GHTK", "Mã vận đơn", "Mã đơn hàng"}, Reference: []string{"Mã đơn khách hàng", "Mã đơn hàng shop", "Mã ĐH Shop"},
	Collected: []string{"Tiền CoD", "Tiền thu hộ", "Tiền hàng"}, Fee: []string{"Tổng phí", "Phí dịch vụ"},
	Net: []string{"Thanh toán", "Thực nhận"}, At: []string{"Ngày hoàn thành", "Ngày giao"},
}

// ParseCODStatement implements orders.Carrier.
func (*Carrier) ParseCODStatement(r io.Reader) ([]orders.CODLine, error) {
	return carrierwire.Statement(r, columns)
}
