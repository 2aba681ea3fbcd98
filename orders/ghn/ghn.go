// Package ghn speaks with Giao Hàng Nhanh: JSON over its public API (v2), token
// and shop in the headers, weights in grams, sizes in centimetres, places by
// their names (accepted in the two-level division since 1 July 2025). No
// signature of its callbacks is documented, so the address that it calls holds
// a secret. Never spoken with the real GHN from here: the shapes are those
// documented, see docs/carriers.md for what is not certain.
package ghn

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/orders/carrierwire"
	"chohue/payments"
)

// Name is the carrier's name.
const Name = "ghn"

//go:embed states.csv
var states string

// Config is the account.
type Config struct {
	Base   string // https://online-gateway.ghn.vn/shiip/public-api
	Token  string
	ShopID string
	Secret string // in the address that GHN calls
	Client *http.Client
}

// Carrier is GHN.
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
		header: http.Header{"Token": {cfg.Token}, "Shopid": {cfg.ShopID}},
	}, err
}

// Name implements orders.Carrier.
func (*Carrier) Name() string { return Name }

// answer is the envelope of everything that GHN says.
type answer struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

// call asks and reads the data of a fine answer into out.
func (c *Carrier) call(ctx context.Context, path string, in, out any) error {
	var a answer
	if _, err := c.desk.JSON(ctx, carrierwire.Call{Method: http.MethodPost, Path: path, Header: c.header, Body: in}, &a); err != nil {
		return err
	}
	if a.Code != http.StatusOK {
		return carrierwire.Refused(a.Message)
	}
	if err := json.Unmarshal(a.Data, out); err != nil {
		return errors.Join(carrierwire.Unreachable(), err)
	}
	return nil
}

// service is the light parcel, GHN's everyday service.
const service = 2

type order struct {
	PaymentType  int          `json:"payment_type_id"` // 1: the shop pays GHN
	Note         string       `json:"note"`
	RequiredNote string       `json:"required_note"`
	ClientCode   string       `json:"client_order_code"`
	FromName     string       `json:"from_name"`
	FromPhone    string       `json:"from_phone"`
	FromAddress  string       `json:"from_address"`
	FromWard     string       `json:"from_ward_name"`
	FromProvince string       `json:"from_province_name"`
	ToName       string       `json:"to_name"`
	ToPhone      string       `json:"to_phone"`
	ToAddress    string       `json:"to_address"`
	ToWard       string       `json:"to_ward_name"`
	ToProvince   string       `json:"to_province_name"`
	COD          market.VND   `json:"cod_amount"`
	Content      string       `json:"content"`
	Weight       int64        `json:"weight"`
	Length       int          `json:"length"`
	Width        int          `json:"width"`
	Height       int          `json:"height"`
	Insurance    market.VND   `json:"insurance_value"`
	ServiceType  int          `json:"service_type_id"`
	Items        []orderGoods `json:"items"`
}

type orderGoods struct {
	Name     string     `json:"name"`
	Quantity int64      `json:"quantity"`
	Price    market.VND `json:"price"`
	Weight   int64      `json:"weight"`
}

func newOrder(s orders.Consignment) order {
	o := order{
		PaymentType: 1, Note: s.Note, RequiredNote: "KHONGCHOXEMHANG", ClientCode: string(s.Reference), Content: s.Code,
		FromName: s.From.Name, FromPhone: carrierwire.Phone(s.From.Phone), FromAddress: s.From.Line(), FromWard: s.From.Ward, FromProvince: s.From.Province,
		ToName: s.To.Name, ToPhone: carrierwire.Phone(s.To.Phone), ToAddress: s.To.Line(), ToWard: s.To.Ward, ToProvince: s.To.Province,
		COD: s.COD, Weight: s.Grams, Length: s.Box.Length, Width: s.Box.Width, Height: s.Box.Height, Insurance: s.Value, ServiceType: service,
	}
	if s.Inspect {
		o.RequiredNote = "CHOXEMHANGKHONGTHU"
	}
	for _, g := range s.Goods {
		o.Items = append(o.Items, orderGoods{g.Name, g.Quantity, g.Price, g.Grams})
	}
	return o
}

// Quote implements orders.Carrier.
func (c *Carrier) Quote(ctx context.Context, s orders.Consignment) (orders.CarrierQuote, error) {
	var fee struct {
		Total market.VND `json:"total"`
	}
	if err := c.call(ctx, "/v2/shipping-order/fee", newOrder(s), &fee); err != nil {
		return orders.CarrierQuote{}, err
	}
	var lead struct {
		Leadtime int64 `json:"leadtime"` // when it arrives, in seconds since 1970
	}
	if err := c.call(ctx, "/v2/shipping-order/leadtime", newOrder(s), &lead); err != nil {
		return orders.CarrierQuote{}, err
	}
	hours := int((time.Unix(lead.Leadtime, 0).Sub(s.At) + time.Hour - 1) / time.Hour)
	return orders.CarrierQuote{Carrier: Name, Service: strconv.Itoa(service), Fee: fee.Total, Hours: max(hours, 0)}, nil
}

// Create implements orders.Carrier. GHN keeps client_order_code unique: what it
// refuses is looked up before the no is believed.
func (c *Carrier) Create(ctx context.Context, s orders.Consignment) (orders.Waybill, error) {
	var made struct {
		OrderCode string     `json:"order_code"`
		SortCode  string     `json:"sort_code"`
		TotalFee  market.VND `json:"total_fee"`
	}
	err := c.call(ctx, "/v2/shipping-order/create", newOrder(s), &made)
	if market.KindOf(err) == market.KindConflict {
		if known, found := c.detail(ctx, orders.Waybill{Reference: s.Reference}); found == nil && known.Status != "cancel" {
			return orders.Waybill{Reference: s.Reference, Tracking: known.OrderCode, Sort: known.SortCode, Fee: known.TotalFee, Service: strconv.Itoa(service)}, nil
		}
	}
	if err == nil && made.OrderCode == "" {
		err = carrierwire.Unreachable()
	}
	return orders.Waybill{Reference: s.Reference, Tracking: made.OrderCode, Sort: made.SortCode, Fee: made.TotalFee, Service: strconv.Itoa(service)}, err
}

// Cancel implements orders.Carrier.
func (c *Carrier) Cancel(ctx context.Context, w orders.Waybill) error {
	var done []struct {
		OrderCode string `json:"order_code"`
		Result    bool   `json:"result"`
		Message   string `json:"message"`
	}
	in := map[string][]string{"order_codes": {w.Tracking}}
	if err := c.call(ctx, "/v2/switch-status/cancel", in, &done); err != nil {
		return err
	}
	if len(done) != 1 {
		return carrierwire.Unreachable()
	}
	if done[0].Result {
		return nil
	}
	if now, err := c.Track(ctx, w); err != nil || now.Status == orders.CarrierCancelled {
		return err
	}
	return carrierwire.Refused(done[0].Message)
}

type detail struct {
	OrderCode  string     `json:"order_code"`
	ClientCode string     `json:"client_order_code"`
	SortCode   string     `json:"sort_code"`
	Status     string     `json:"status"`
	Updated    string     `json:"updated_date"`
	COD        market.VND `json:"cod_amount"`
	TotalFee   market.VND `json:"total_fee"`
}

func (c *Carrier) detail(ctx context.Context, w orders.Waybill) (detail, error) {
	path, in := "/v2/shipping-order/detail", map[string]string{"order_code": w.Tracking}
	if w.Tracking == "" {
		path, in = "/v2/shipping-order/detail-by-client-code", map[string]string{"client_order_code": string(w.Reference)}
	}
	var raw json.RawMessage
	err := c.call(ctx, path, in, &raw)
	if market.KindOf(err) == market.KindConflict {
		return detail{}, carrierwire.Missing()
	}
	if err != nil {
		return detail{}, err
	}
	return oneOf(raw)
}

// oneOf reads a detail that comes alone or as a list of one.
func oneOf(raw json.RawMessage) (detail, error) {
	var list []detail
	if json.Unmarshal(raw, &list) == nil {
		if len(list) == 0 {
			return detail{}, carrierwire.Missing()
		}
		return list[0], nil
	}
	var d detail
	if err := json.Unmarshal(raw, &d); err != nil || d.OrderCode == "" {
		return d, carrierwire.Unreachable()
	}
	return d, nil
}

// Track implements orders.Carrier.
func (c *Carrier) Track(ctx context.Context, w orders.Waybill) (orders.Report, error) {
	d, err := c.detail(ctx, w)
	if err != nil {
		return orders.Report{}, err
	}
	at, err := carrierwire.Time(d.Updated)
	if err != nil {
		return orders.Report{}, carrierwire.Unreachable()
	}
	return orders.Report{
		Carrier: Name, Reference: market.ID(d.ClientCode), Tracking: d.OrderCode, Code: d.Status,
		Status: c.codes.Status(d.Status), At: at, COD: d.COD, Fee: d.TotalFee,
	}, nil
}

// Label implements orders.Carrier: a token that lives half an hour, then the
// 80 × 80 mm label.
func (c *Carrier) Label(ctx context.Context, w orders.Waybill) ([]byte, error) {
	var made struct {
		Token string `json:"token"`
	}
	if err := c.call(ctx, "/v2/a5/gen-token", map[string][]string{"order_codes": {w.Tracking}}, &made); err != nil {
		return nil, err
	}
	return c.desk.PDF(ctx, carrierwire.Call{Method: http.MethodGet, Path: "/print80x80", Query: map[string][]string{"token": {made.Token}}})
}

type callback struct {
	OrderCode       string           `json:"OrderCode"`
	ClientOrderCode string           `json:"ClientOrderCode"`
	Status          string           `json:"Status"`
	Time            string           `json:"Time"`
	COD             carrierwire.Text `json:"CODAmount"`
	TotalFee        carrierwire.Text `json:"TotalFee"`
	IsPartialReturn bool             `json:"IsPartialReturn"`
	PartialCode     string           `json:"PartialReturnCode"`
	Reason          string           `json:"Reason"`
	ReasonCode      string           `json:"ReasonCode"`
}

// Notice implements orders.Carrier.
func (c *Carrier) Notice(_ context.Context, raw payments.Raw) (orders.Report, error) {
	if !carrierwire.FromUs(raw, c.secret) {
		return orders.Report{}, carrierwire.Forged()
	}
	var n callback
	if json.Unmarshal(raw.Body, &n) != nil || n.OrderCode == "" || n.Status == "" {
		return orders.Report{}, carrierwire.Damaged()
	}
	at, errAt := carrierwire.Time(n.Time)
	cod, errCOD := n.COD.Money()
	fee, errFee := n.TotalFee.Money()
	if errAt != nil || errCOD != nil || errFee != nil {
		return orders.Report{}, carrierwire.Damaged()
	}
	r := orders.Report{
		Carrier: Name, Reference: market.ID(n.ClientOrderCode), Tracking: n.OrderCode, Code: n.Status,
		Status: c.codes.Status(n.Status), At: at, Reason: carrierwire.Cut(n.Reason), COD: cod, Fee: fee,
	}
	if n.IsPartialReturn && r.Status == orders.CarrierDelivered {
		r.Status, r.Part = orders.CarrierPartly, n.PartialCode
	}
	return r, nil
}

// Reply implements orders.Carrier.
func (*Carrier) Reply(err error) payments.Reply { return carrierwire.Plain(err) }

// columns of GHN's statement. The headings are assumed, not taken from a real
// file: a real one is one more name here.
var columns = carrierwire.Columns{
	Tracking: []string{"Mã đơn GHN", "Mã vận đơn", "Mã đơn hàng"}, Reference: []string{"Mã đơn khách hàng", "Mã đơn shop"},
	Collected: []string{"Tiền thu hộ COD", "Tiền thu hộ", "COD"}, Fee: []string{"Tổng phí dịch vụ", "Phí dịch vụ", "Tổng phí"},
	Net: []string{"Tiền chuyển khoản", "Thực nhận", "Tổng đối soát"}, At: []string{"Ngày giao hàng", "Ngày giao", "Ngày hoàn thành"},
}

// ParseCODStatement implements orders.Carrier.
func (*Carrier) ParseCODStatement(r io.Reader) ([]orders.CODLine, error) {
	return carrierwire.Statement(r, columns)
}
