// Package vnpost speaks with Vietnam Post (MyVNPost): a login that gives a
// token, weights in grams, addresses in the two-level division, times of
// Vietnam. Its fee is provisional until the post office has weighed. No
// signature of its callbacks is documented, so the address that it calls holds
// a secret.
package vnpost

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"

	"chohue/market"
	"chohue/orders"
	"chohue/orders/carrierwire"
	"chohue/payments"
)

// Name is the carrier's name.
const Name = "vnpost"

//go:embed states.csv
var states string

// Config is the account.
type Config struct {
	Base     string // https://connect-my.vnpost.vn/customer-partner
	Username string
	Password string
	Customer string // the customer's code
	Service  string // CTN009 for instance
	Secret   string // in the address that Vietnam Post calls
	Client   *http.Client
}

// Carrier is Vietnam Post.
type Carrier struct {
	desk  carrierwire.Desk
	cfg   Config
	codes carrierwire.Codes

	mu    sync.Mutex
	token string
}

var _ orders.Carrier = (*Carrier)(nil)

// New opens the account.
func New(cfg Config) (*Carrier, error) {
	codes, err := carrierwire.ReadCodes(states)
	return &Carrier{desk: carrierwire.NewDesk(cfg.Base, cfg.Client), cfg: cfg, codes: codes}, err
}

// Name implements orders.Carrier.
func (*Carrier) Name() string { return Name }

// call asks with the token at hand and, when that has ended, once more with a
// fresh one.
func (c *Carrier) call(ctx context.Context, call carrierwire.Call, out any) (status int, err error) {
	for _, fresh := range []bool{false, true} {
		token, err := c.login(ctx, fresh)
		if err != nil {
			return 0, err
		}
		call.Header = http.Header{"Token": {token}}
		status, err = c.desk.JSON(ctx, call, out)
		var e *market.Error
		if errors.As(err, &e) && e.Key == "carrier.not_us" && !fresh {
			continue
		}
		return status, err
	}
	return 0, market.Unavailable("carrier.not_us")
}

func (c *Carrier) login(ctx context.Context, fresh bool) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != "" && !fresh {
		return c.token, nil
	}
	var a struct {
		Success bool   `json:"success"`
		Token   string `json:"token"`
	}
	in := map[string]string{"username": c.cfg.Username, "password": c.cfg.Password, "customerCode": c.cfg.Customer}
	if _, err := c.desk.JSON(ctx, carrierwire.Call{Method: http.MethodPost, Path: "/GetAccessToken", Body: in}, &a); err != nil {
		return "", err
	}
	if !a.Success || a.Token == "" {
		return "", market.Unavailable("carrier.not_us")
	}
	c.token = a.Token
	return c.token, nil
}

// addon is a service on top: cash on delivery is GTG021 with its amount.
type addon struct {
	Code  string `json:"code"`
	Value string `json:"propValue"`
}

func addons(cod market.VND) []addon {
	if cod == 0 {
		return []addon{}
	}
	return []addon{{"GTG021", "PROP0018:" + strconv.FormatInt(int64(cod), 10)}}
}

type charge struct {
	Scope    int    `json:"scope"` // 1: inside the country
	Customer string `json:"customerCode"`
	Data     struct {
		SenderProvince   string  `json:"senderProvinceCode"`
		SenderCommune    string  `json:"senderCommuneCode"`
		ReceiverProvince string  `json:"receiverProvinceCode"`
		ReceiverCommune  string  `json:"receiverCommuneCode"`
		National         string  `json:"receiverNational"`
		Weight           int64   `json:"weight"`
		Length           int     `json:"length"`
		Width            int     `json:"width"`
		Height           int     `json:"height"`
		Service          string  `json:"serviceCode"`
		Addons           []addon `json:"addonService"`
		Vehicle          string  `json:"vehicle"`
	} `json:"data"`
}

// byRoad is the vehicle "BO", đường bộ.
const byRoad = "BO"

// Quote implements orders.Carrier. The fee is provisional; no time is named.
func (c *Carrier) Quote(ctx context.Context, s orders.Consignment) (orders.CarrierQuote, error) {
	in := charge{Scope: 1, Customer: c.cfg.Customer}
	d := &in.Data
	d.SenderProvince, d.SenderCommune = s.From.ProvinceCode, s.From.WardCode
	d.ReceiverProvince, d.ReceiverCommune, d.National = s.To.ProvinceCode, s.To.WardCode, "VN"
	d.Weight, d.Length, d.Width, d.Height = s.Grams, s.Box.Length, s.Box.Width, s.Box.Height
	d.Service, d.Addons, d.Vehicle = c.cfg.Service, addons(s.COD), byRoad
	var raw json.RawMessage
	if _, err := c.call(ctx, carrierwire.Call{Method: http.MethodPost, Path: "/ServicesCharge", Body: in}, &raw); err != nil {
		return orders.CarrierQuote{}, err
	}
	var list []struct {
		Service string           `json:"serviceCode"`
		Total   carrierwire.Text `json:"totalFee"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return orders.CarrierQuote{}, no(raw)
	}
	for _, offer := range list {
		if fee, err := offer.Total.Money(); err == nil && offer.Service == c.cfg.Service {
			return orders.CarrierQuote{Carrier: Name, Service: offer.Service, Fee: fee}, nil
		}
	}
	return orders.CarrierQuote{}, carrierwire.Refused("")
}

// no reads a refusal, which has one of several forms.
func no(raw json.RawMessage) error {
	var said struct {
		Message string `json:"message"`
		Other   string `json:"Message"`
		Error   string `json:"errorMessage"`
	}
	if json.Unmarshal(raw, &said) != nil || said.Message+said.Other+said.Error == "" {
		return carrierwire.Unreachable()
	}
	return carrierwire.Refused(said.Message + said.Other + said.Error)
}

type information struct {
	SenderName       string  `json:"senderName"`
	SenderPhone      string  `json:"senderPhone"`
	SenderAddress    string  `json:"senderAddress"`
	SenderProvince   string  `json:"senderProvinceCode"`
	SenderCommune    string  `json:"senderCommuneCode"`
	ReceiverName     string  `json:"receiverName"`
	ReceiverPhone    string  `json:"receiverPhone"`
	ReceiverAddress  string  `json:"receiverAddress"`
	ReceiverProvince string  `json:"receiverProvinceCode"`
	ReceiverCommune  string  `json:"receiverCommuneCode"`
	Service          string  `json:"serviceCode"`
	Addons           []addon `json:"addonService"`
	SaleOrder        string  `json:"saleOrderCode"` // ours
	Content          string  `json:"contentNote"`
	Weight           string  `json:"weight"`
	Length           string  `json:"length"`
	Width            string  `json:"width"`
	Height           string  `json:"height"`
	Vehicle          string  `json:"vehicle"`
	SendType         string  `json:"sendType"` // 1: the post fetches it
	Broken           string  `json:"isBroken"` // 1: fragile
	Instruction      string  `json:"deliveryInstruction"`
}

type creation struct {
	Status   int         `json:"orderCreationStatus"` // 1: not a draft
	Type     string      `json:"type"`
	Customer string      `json:"customerCode"`
	Contract *string     `json:"contractCode"`
	Order    information `json:"informationOrder"`
}

func (c *Carrier) creation(s orders.Consignment) creation {
	broken := "0"
	if s.Fragile {
		broken = "1"
	}
	return creation{Status: 1, Type: "GUI", Customer: c.cfg.Customer, Order: information{
		SenderName: s.From.Name, SenderPhone: carrierwire.Phone(s.From.Phone), SenderAddress: s.From.Street, SenderProvince: s.From.ProvinceCode, SenderCommune: s.From.WardCode,
		ReceiverName: s.To.Name, ReceiverPhone: carrierwire.Phone(s.To.Phone), ReceiverAddress: s.To.Street, ReceiverProvince: s.To.ProvinceCode, ReceiverCommune: s.To.WardCode,
		Service: c.cfg.Service, Addons: addons(s.COD), SaleOrder: string(s.Reference), Content: s.Code,
		Weight: strconv.FormatInt(s.Grams, 10), Length: strconv.Itoa(s.Box.Length), Width: strconv.Itoa(s.Box.Width), Height: strconv.Itoa(s.Box.Height),
		Vehicle: byRoad, SendType: "1", Broken: broken, Instruction: s.Note,
	}}
}

// record is how Vietnam Post shows a parcel.
type record struct {
	Original string           `json:"originalId"`
	Item     string           `json:"itemCode"`
	Sale     string           `json:"saleOrderCode"`
	Status   carrierwire.Text `json:"status"`
	Fee      carrierwire.Text `json:"totalFee"`
	COD      carrierwire.Text `json:"codAmount"`
	Updated  string           `json:"updatedDate"`
}

// Create implements orders.Carrier. Nothing documented keeps our code unique
// there, so it is looked for before anything is ordered.
func (c *Carrier) Create(ctx context.Context, s orders.Consignment) (orders.Waybill, error) {
	w := orders.Waybill{Reference: s.Reference, Service: c.cfg.Service}
	known, err := c.find(ctx, w)
	if err == nil && c.codes.Status(string(known.Status)) != orders.CarrierCancelled {
		return c.waybill(w, known)
	}
	if err != nil && market.KindOf(err) != market.KindNotFound {
		return w, err
	}
	var raw json.RawMessage
	if _, err := c.call(ctx, carrierwire.Call{Method: http.MethodPost, Path: "/CreateOrder", Body: c.creation(s)}, &raw); err != nil {
		return w, err
	}
	var made record
	if json.Unmarshal(raw, &made) != nil || made.Item == "" {
		return w, no(raw)
	}
	return c.waybill(w, made)
}

func (*Carrier) waybill(w orders.Waybill, r record) (orders.Waybill, error) {
	fee, err := r.Fee.Money()
	if err != nil {
		return w, carrierwire.Unreachable()
	}
	w.Tracking, w.Fee = r.Item, fee
	return w, nil
}

// Codes that getOrder looks for.
const (
	byItem = "1" // Vietnam Post's number
	bySale = "2" // ours; assumed, see docs/carriers.md
)

func (c *Carrier) find(ctx context.Context, w orders.Waybill) (record, error) {
	q := url.Values{"type": {byItem}, "code": {w.Tracking}}
	if w.Tracking == "" {
		q = url.Values{"type": {bySale}, "code": {string(w.Reference)}}
	}
	var found []struct {
		Results []record `json:"results"`
	}
	status, err := c.call(ctx, carrierwire.Call{Method: http.MethodGet, Path: "/getOrder", Query: q}, &found)
	if status == http.StatusNotFound {
		return record{}, carrierwire.Missing()
	}
	if err != nil {
		return record{}, err
	}
	var last record
	for _, page := range found {
		for _, r := range page.Results {
			if r.Item == w.Tracking || r.Sale == string(w.Reference) {
				last = r // cancelled and ordered anew: the newer comes last
			}
		}
	}
	if last.Item == "" {
		return last, carrierwire.Missing()
	}
	return last, nil
}

// Track implements orders.Carrier.
func (c *Carrier) Track(ctx context.Context, w orders.Waybill) (orders.Report, error) {
	r, err := c.find(ctx, w)
	if err != nil {
		return orders.Report{}, err
	}
	report, err := c.report(r)
	if err != nil {
		return report, carrierwire.Unreachable()
	}
	return report, nil
}

func (c *Carrier) report(r record) (orders.Report, error) {
	at, errAt := carrierwire.Time(r.Updated)
	fee, errFee := r.Fee.Money()
	cod, errCOD := r.COD.Money()
	code := string(r.Status)
	return orders.Report{
		Carrier: Name, Reference: market.ID(r.Sale), Tracking: r.Item, Code: code, Status: c.codes.Status(code), At: at, Fee: fee, COD: cod,
	}, errors.Join(errAt, errFee, errCOD)
}

// fine is the Type of an answer that says yes.
const fine = "00"

// Cancel implements orders.Carrier.
func (c *Carrier) Cancel(ctx context.Context, w orders.Waybill) error {
	r, err := c.find(ctx, w)
	if err != nil {
		return err
	}
	if c.codes.Status(string(r.Status)) == orders.CarrierCancelled {
		return nil
	}
	var a struct {
		Type    string `json:"Type"`
		Message string `json:"Message"`
	}
	if _, err := c.call(ctx, carrierwire.Call{Method: http.MethodPost, Path: "/orderCancel", Body: map[string]string{"OriginalId": r.Original}}, &a); err != nil {
		return err
	}
	if a.Type != fine {
		return carrierwire.Refused(a.Message)
	}
	return nil
}

// Label implements orders.Carrier: a list of files, each in base64.
func (c *Carrier) Label(ctx context.Context, w orders.Waybill) ([]byte, error) {
	var files [][]byte
	if _, err := c.call(ctx, carrierwire.Call{Method: http.MethodPost, Path: "/exportListReport", Body: []string{w.Tracking}}, &files); err != nil {
		return nil, err
	}
	if len(files) != 1 {
		return nil, carrierwire.Missing()
	}
	return files[0], nil
}

// Notice implements orders.Carrier.
func (c *Carrier) Notice(_ context.Context, raw payments.Raw) (orders.Report, error) {
	if !carrierwire.FromUs(raw, c.cfg.Secret) {
		return orders.Report{}, carrierwire.Forged()
	}
	var n struct {
		record
		Reason string `json:"reason"`
	}
	if json.Unmarshal(raw.Body, &n) != nil || n.Item == "" || n.Status == "" {
		return orders.Report{}, carrierwire.Damaged()
	}
	report, err := c.report(n.record)
	if err != nil {
		return orders.Report{}, carrierwire.Damaged()
	}
	report.Reason = carrierwire.Cut(n.Reason)
	return report, nil
}

// Reply implements orders.Carrier.
func (*Carrier) Reply(err error) payments.Reply { return carrierwire.Plain(err) }

// columns of Vietnam Post's statement, as far as they are known; see
// docs/carriers.md.
var columns = carrierwire.Columns{
	Tracking: []string{"Số hiệu bưu gửi", "Mã bưu gửi", "Mã vận đơn"}, Reference: []string{"Mã đơn hàng", "Mã đơn hàng khách hàng"},
	Collected: []string{"Số tiền COD", "Tiền thu hộ"}, Fee: []string{"Cước phí", "Tổng cước"},
	Net: []string{"Số tiền trả", "Số tiền phải trả", "Thực trả"}, At: []string{"Ngày phát", "Ngày giao"},
}

// ParseCODStatement implements orders.Carrier.
func (*Carrier) ParseCODStatement(r io.Reader) ([]orders.CODLine, error) {
	return carrierwire.Statement(r, columns)
}
