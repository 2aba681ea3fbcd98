// Package viettelpost speaks with Viettel Post: a login that gives a token,
// addresses in words (the "Nlp" operations), weights in grams, times of Vietnam
// as dd/MM/yyyy HH:mm:ss. It can be asked about no parcel: what becomes of one
// is heard by notices alone, which hold the agreed token.
package viettelpost

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"

	"chohue/market"
	"chohue/orders"
	"chohue/orders/carrierwire"
	"chohue/payments"
)

// Name is the carrier's name.
const Name = "viettelpost"

//go:embed states.csv
var states string

// Config is the account.
type Config struct {
	Base     string // https://partner.viettelpost.vn/v2
	Username string
	Password string
	Service  string // VCN fast, VHT economy, VTK saver
	Secret   string // the token that Viettel Post sends with its notices
	Client   *http.Client
}

// Carrier is Viettel Post.
type Carrier struct {
	desk  carrierwire.Desk
	cfg   Config
	codes carrierwire.Codes

	mu    sync.Mutex
	token string
}

var (
	_ orders.Carrier = (*Carrier)(nil)
	_ orders.Blind   = (*Carrier)(nil)
)

// New opens the account.
func New(cfg Config) (*Carrier, error) {
	codes, err := carrierwire.ReadCodes(states)
	return &Carrier{desk: carrierwire.NewDesk(cfg.Base, cfg.Client), cfg: cfg, codes: codes}, err
}

// Name implements orders.Carrier.
func (*Carrier) Name() string { return Name }

// Blind implements orders.Blind.
func (*Carrier) Blind() {}

// answer is the envelope of everything that Viettel Post says.
type answer struct {
	Status  int             `json:"status"`
	Error   bool            `json:"error"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

// expired is the status in an envelope whose token has ended.
const expired = 202

// call asks with the token at hand and, when that has ended, once more with a
// fresh one.
func (c *Carrier) call(ctx context.Context, path string, in, out any) (message string, err error) {
	for _, fresh := range []bool{false, true} {
		token, err := c.login(ctx, fresh)
		if err != nil {
			return "", err
		}
		var a answer
		_, err = c.desk.JSON(ctx, carrierwire.Call{Method: http.MethodPost, Path: path, Header: http.Header{"Token": {token}}, Body: in}, &a)
		switch {
		case errorKey(err) == "carrier.not_us" || err == nil && a.Error && a.Status == expired:
			continue
		case err != nil:
			return "", err
		case a.Error || a.Status != http.StatusOK:
			return "", carrierwire.Refused(a.Message)
		case out == nil:
			return a.Message, nil
		}
		if err := json.Unmarshal(a.Data, out); err != nil {
			return "", errors.Join(carrierwire.Unreachable(), err)
		}
		return a.Message, nil
	}
	return "", market.Unavailable("carrier.not_us")
}

func errorKey(err error) string {
	var e *market.Error
	if errors.As(err, &e) {
		return e.Key
	}
	return ""
}

// login gives the token at hand, or a fresh one.
func (c *Carrier) login(ctx context.Context, fresh bool) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != "" && !fresh {
		return c.token, nil
	}
	var a answer
	in := map[string]string{"USERNAME": c.cfg.Username, "PASSWORD": c.cfg.Password}
	if _, err := c.desk.JSON(ctx, carrierwire.Call{Method: http.MethodPost, Path: "/user/Login", Body: in}, &a); err != nil {
		return "", err
	}
	var who struct {
		Token string `json:"token"`
	}
	if a.Error || json.Unmarshal(a.Data, &who) != nil || who.Token == "" {
		return "", market.Unavailable("carrier.not_us")
	}
	c.token = who.Token
	return c.token, nil
}

// What ORDER_PAYMENT says. The cash to collect already holds the delivery, so
// it is the goods' price that is collected (3), never goods and freight (2).
const (
	collectNothing = 1
	collectGoods   = 3
)

func payment(cod market.VND) int {
	if cod > 0 {
		return collectGoods
	}
	return collectNothing
}

// Quote implements orders.Carrier.
func (c *Carrier) Quote(ctx context.Context, s orders.Consignment) (orders.CarrierQuote, error) {
	in := map[string]any{
		"SENDER_ADDRESS": s.From.Line(), "RECEIVER_ADDRESS": s.To.Line(), "PRODUCT_TYPE": "HH", "PRODUCT_WEIGHT": s.Grams,
		"PRODUCT_PRICE": s.Value, "MONEY_COLLECTION": s.COD, "ORDER_SERVICE": c.cfg.Service, "ORDER_SERVICE_ADD": "", "NATIONAL_TYPE": 1,
		"PRODUCT_LENGTH": s.Box.Length, "PRODUCT_WIDTH": s.Box.Width, "PRODUCT_HEIGHT": s.Box.Height,
	}
	var price struct {
		Total market.VND `json:"MONEY_TOTAL"`
		Hours float64    `json:"KPI_HT"`
	}
	if _, err := c.call(ctx, "/order/getPriceNlp", in, &price); err != nil {
		return orders.CarrierQuote{}, err
	}
	hours := int(price.Hours)
	if float64(hours) < price.Hours {
		hours++
	}
	return orders.CarrierQuote{Carrier: Name, Service: c.cfg.Service, Fee: price.Total, Hours: hours}, nil
}

type item struct {
	Name     string     `json:"PRODUCT_NAME"`
	Quantity int64      `json:"PRODUCT_QUANTITY"`
	Price    market.VND `json:"PRODUCT_PRICE"`
	Weight   int64      `json:"PRODUCT_WEIGHT"`
}

type order struct {
	Number          string     `json:"ORDER_NUMBER"` // ours; theirs is in the answer under the same name
	SenderName      string     `json:"SENDER_FULLNAME"`
	SenderAddress   string     `json:"SENDER_ADDRESS"`
	SenderPhone     string     `json:"SENDER_PHONE"`
	ReceiverName    string     `json:"RECEIVER_FULLNAME"`
	ReceiverAddress string     `json:"RECEIVER_ADDRESS"`
	ReceiverPhone   string     `json:"RECEIVER_PHONE"`
	Product         string     `json:"PRODUCT_NAME"`
	Description     string     `json:"PRODUCT_DESCRIPTION"`
	Quantity        int64      `json:"PRODUCT_QUANTITY"`
	Price           market.VND `json:"PRODUCT_PRICE"`
	Weight          int64      `json:"PRODUCT_WEIGHT"`
	Length          int        `json:"PRODUCT_LENGTH"`
	Width           int        `json:"PRODUCT_WIDTH"`
	Height          int        `json:"PRODUCT_HEIGHT"`
	Type            string     `json:"PRODUCT_TYPE"`
	Payment         int        `json:"ORDER_PAYMENT"`
	Service         string     `json:"ORDER_SERVICE"`
	ServiceAdd      string     `json:"ORDER_SERVICE_ADD"`
	Note            string     `json:"ORDER_NOTE"`
	Collect         market.VND `json:"MONEY_COLLECTION"`
	Unique          bool       `json:"CHECK_UNIQUE"`
	Items           []item     `json:"LIST_ITEM"`
}

func (c *Carrier) order(s orders.Consignment) order {
	o := order{
		Number: string(s.Reference), SenderName: s.From.Name, SenderAddress: s.From.Line(), SenderPhone: carrierwire.Phone(s.From.Phone),
		ReceiverName: s.To.Name, ReceiverAddress: s.To.Line(), ReceiverPhone: carrierwire.Phone(s.To.Phone),
		Product: s.Code, Price: s.Value, Weight: s.Grams, Length: s.Box.Length, Width: s.Box.Width, Height: s.Box.Height, Type: "HH",
		Payment: payment(s.COD), Service: c.cfg.Service, Note: s.Note, Collect: s.COD, Unique: true,
	}
	if s.Inspect {
		o.Description = "Cho khách xem hàng khi nhận"
	}
	for _, g := range s.Goods {
		o.Items = append(o.Items, item{g.Name, g.Quantity, g.Price, g.Grams})
		o.Quantity += g.Quantity
	}
	return o
}

// Create implements orders.Carrier. CHECK_UNIQUE keeps our number from being
// taken twice; a second answer under it holds the first waybill, or none, and
// then the number comes with the first notice.
func (c *Carrier) Create(ctx context.Context, s orders.Consignment) (orders.Waybill, error) {
	var made struct {
		Number string     `json:"ORDER_NUMBER"`
		Total  market.VND `json:"MONEY_TOTAL"`
		Sort   string     `json:"SORTING_CODE"`
	}
	_, err := c.call(ctx, "/order/createOrderNlp", c.order(s), &made)
	if err == nil && made.Number == "" {
		err = carrierwire.Unreachable()
	}
	return orders.Waybill{Reference: s.Reference, Tracking: made.Number, Service: c.cfg.Service, Fee: made.Total, Sort: made.Sort}, err
}

// cancelType is the TYPE of UpdateOrder that calls a carriage off.
const cancelType = 4

// Cancel implements orders.Carrier.
func (c *Carrier) Cancel(ctx context.Context, w orders.Waybill) error {
	_, err := c.call(ctx, "/order/UpdateOrder", map[string]any{"TYPE": cancelType, "ORDER_NUMBER": w.Tracking, "NOTE": "Người bán huỷ"}, nil)
	return err
}

// Track implements orders.Carrier: there is nobody to ask.
func (*Carrier) Track(context.Context, orders.Waybill) (orders.Report, error) {
	return orders.Report{}, market.Unavailable("carrier.blind")
}

// hour is how long a link to a label lives, in milliseconds.
const hour = 3_600_000

// Label implements orders.Carrier.
func (c *Carrier) Label(ctx context.Context, w orders.Waybill) ([]byte, error) {
	token, err := c.call(ctx, "/order/printing-code", map[string]any{"ORDER_ARRAY": []string{w.Tracking}, "EXPIRY_TIME": hour}, nil)
	if err != nil {
		return nil, err
	}
	return c.desk.PDF(ctx, carrierwire.Call{Method: http.MethodGet, Path: "/print", Query: map[string][]string{"type": {"2"}, "bill": {token}, "showPostage": {"1"}}})
}

type callback struct {
	Number     string           `json:"ORDER_NUMBER"`
	Reference  string           `json:"ORDER_REFERENCE"`
	Status     carrierwire.Text `json:"ORDER_STATUS"`
	Date       string           `json:"ORDER_STATUSDATE"`
	Name       string           `json:"STATUS_NAME"`
	Note       string           `json:"NOTE"`
	Collection carrierwire.Text `json:"MONEY_COLLECTION"`
	Total      carrierwire.Text `json:"MONEY_TOTAL"`
}

// Notice implements orders.Carrier. The token is read alone first; the rest
// stays closed until it is the right one.
func (c *Carrier) Notice(_ context.Context, raw payments.Raw) (orders.Report, error) {
	var sealed struct {
		Data  json.RawMessage `json:"DATA"`
		Token string          `json:"TOKEN"`
	}
	if json.Unmarshal(raw.Body, &sealed) != nil || !carrierwire.Same(sealed.Token, c.cfg.Secret) {
		return orders.Report{}, carrierwire.Forged()
	}
	var n callback
	if json.Unmarshal(sealed.Data, &n) != nil || n.Number == "" || n.Status == "" {
		return orders.Report{}, carrierwire.Damaged()
	}
	at, errAt := carrierwire.Time(n.Date)
	cod, errCOD := n.Collection.Money()
	fee, errFee := n.Total.Money()
	if errAt != nil || errCOD != nil || errFee != nil {
		return orders.Report{}, carrierwire.Damaged()
	}
	return orders.Report{
		Carrier: Name, Reference: market.ID(n.Reference), Tracking: n.Number, Code: string(n.Status),
		Status: c.codes.Status(string(n.Status)), At: at, Reason: carrierwire.Cut(n.Note), COD: cod, Fee: fee,
	}, nil
}

// Reply implements orders.Carrier.
func (*Carrier) Reply(err error) payments.Reply { return carrierwire.Plain(err) }

// columns of Viettel Post's statement, as far as they are known; see
// docs/carriers.md.
var columns = carrierwire.Columns{
	Tracking: []string{"Mã phiếu gửi", "Mã vận đơn", "Số vận đơn"}, Reference: []string{"Mã đơn hàng", "Mã đơn hàng đối tác", "Mã tham chiếu"},
	Collected: []string{"Tiền thu hộ", "Số tiền COD"}, Fee: []string{"Tổng cước", "Tổng phí", "Cước phí"},
	Net: []string{"Tiền trả khách hàng", "Số tiền còn lại", "Thực trả"}, At: []string{"Ngày phát thành công", "Ngày phát"},
}

// ParseCODStatement implements orders.Carrier.
func (*Carrier) ParseCODStatement(r io.Reader) ([]orders.CODLine, error) {
	return carrierwire.Statement(r, columns)
}
