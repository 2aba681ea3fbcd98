package orders

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"chohue/cooperatives"
	"chohue/market"
)

//go:embed invoices.csv
var invoiceFile string

// InvoiceRule is what the law wants of an electronic invoice during a period.
type InvoiceRule struct {
	From, To       time.Time
	Template       string // "7" for invoices of e-commerce
	SymbolKind     string // K: without the tax office's code
	SymbolType     string // the letter behind the year
	AnonymousBuyer string // what stands for a buyer who gives no data
	CorrectionForm string
	Basis          string
}

// InvoiceRules are all of them by date.
type InvoiceRules []InvoiceRule

// LoadInvoiceRules reads the embedded rules.
func LoadInvoiceRules() (InvoiceRules, error) {
	return readDated("invoices.csv", invoiceFile, parseInvoiceRule)
}

func parseInvoiceRule(row []string) (InvoiceRule, error) {
	from, err := time.ParseInLocation(time.DateOnly, row[0], market.HueZone)
	if err != nil {
		return InvoiceRule{}, err
	}
	r := InvoiceRule{From: from, Template: row[2], SymbolKind: row[3], SymbolType: row[4], AnonymousBuyer: row[5], CorrectionForm: row[6], Basis: row[7]}
	if row[1] != "" {
		last, err := time.ParseInLocation(time.DateOnly, row[1], market.HueZone)
		if err != nil {
			return r, err
		}
		r.To = last.AddDate(0, 0, 1)
	}
	return r, nil
}

// At returns the rule in force.
func (r InvoiceRules) At(at time.Time) (InvoiceRule, error) {
	i := slices.IndexFunc(r, func(c InvoiceRule) bool { return !at.Before(c.From) && (c.To.IsZero() || at.Before(c.To)) })
	if i < 0 {
		return InvoiceRule{}, market.Conflict("invoice.no_rule")
	}
	return r[i], nil
}

// InvoiceBuyer is what a buyer gives for an invoice; all of it may be missing.
type InvoiceBuyer struct {
	Name    string `json:"name"`
	TaxCode string `json:"tax_code,omitempty"`
	Address string `json:"address,omitempty"`
	Email   string `json:"email,omitempty"`
}

// The kinds of correction.
const (
	InvoiceAdjusts  = "adjust"
	InvoiceReplaces = "replace"
)

// InvoiceCorrection names the invoice that another one adjusts or replaces.
type InvoiceCorrection struct {
	Kind   string    `json:"kind"` // adjust or replace
	Symbol string    `json:"symbol"`
	Number string    `json:"number"`
	Date   time.Time `json:"date"`
	Reason string    `json:"reason"`
}

// InvoiceWish is what an invoice is asked for with.
type InvoiceWish struct {
	// ID is made by the asker when they first ask: it dates the request, so that
	// asking again gives the same bytes. Empty for now.
	ID        market.ID
	Buyer     InvoiceBuyer
	Delegated bool // the market issues for the seller, by contract and form 01/ĐKTĐ-HĐĐT
	Corrects  *InvoiceCorrection
}

// InvoiceRequest asks an e-invoice provider to issue one: everything but the
// signature, the number and the tax office's answer, which are the provider's.
type InvoiceRequest struct {
	ID         string             `json:"id"` // the same request has the same id
	Version    string             `json:"version"`
	LegalBasis string             `json:"legal_basis"`
	Template   string             `json:"template"`
	Symbol     string             `json:"symbol_pattern"` // 7K26X??: the last two are the issuer's own
	Currency   string             `json:"currency"`
	Order      string             `json:"order"`
	Parcel     market.ID          `json:"parcel"`
	At         time.Time          `json:"at"`
	Delegated  bool               `json:"delegated"`
	Seller     InvoiceSeller      `json:"seller"`
	Buyer      InvoiceBuyer       `json:"buyer"`
	Lines      []InvoiceLine      `json:"lines"`
	Total      market.VND         `json:"total"`
	Paid       string             `json:"payment_method"`
	Corrects   *InvoiceCorrection `json:"corrects,omitempty"`
	Form       string             `json:"correction_form,omitempty"`
	Words      string             `json:"correction_text,omitempty"`
}

// InvoiceSeller is who sells.
type InvoiceSeller struct {
	Name    string `json:"name"`
	TaxCode string `json:"tax_code"`
	Address string `json:"address"`
	Kind    string `json:"kind"`
}

// InvoiceLine is one line; its amount is what the buyer agreed to pay for it.
type InvoiceLine struct {
	Number   int        `json:"number"`
	Name     string     `json:"name"`
	Unit     string     `json:"unit"`
	Quantity int64      `json:"quantity"`
	Price    market.VND `json:"price"`
	Amount   market.VND `json:"amount"`
}

// Invoicer is a provider of e-invoices. It signs, numbers and sends to the tax
// office; asked again with the same id it answers as the first time.
type Invoicer interface {
	Name() string
	Issue(ctx context.Context, r InvoiceRequest) (InvoiceAnswer, error)
}

// InvoiceAnswer is what a provider gives back: an issued invoice, or a file for
// people to take to one.
type InvoiceAnswer struct {
	Symbol, Number string // empty when nothing was issued
	FileName       string
	ContentType    string
	File           []byte
}

// Invoice asks the room's provider for the invoice of a parcel. Allowed to those
// who act for the seller, and to operators, from the day the parcel is packed.
func (s *Service) Invoice(ctx context.Context, by market.Actor, order, parcel market.ID, wish InvoiceWish) (InvoiceAnswer, error) {
	r, err := s.invoiceRequest(ctx, by, order, parcel, wish)
	if err != nil {
		return InvoiceAnswer{}, err
	}
	return s.invoicer.Issue(ctx, r)
}

func (s *Service) invoiceRequest(ctx context.Context, by market.Actor, order, parcel market.ID, wish InvoiceWish) (InvoiceRequest, error) {
	o, err := s.orders.Get(ctx, order)
	if err != nil {
		return InvoiceRequest{}, errOrder
	}
	p := o.parcel(parcel)
	if p == nil || !by.For(p.Seller) && !by.Is(market.RoleOperator) {
		return InvoiceRequest{}, errOrder
	}
	if p.PackedAt == nil {
		return InvoiceRequest{}, market.Conflict("invoice.not_packed")
	}
	if err := wish.check(); err != nil {
		return InvoiceRequest{}, err
	}
	now := s.env.Now()
	if first := wish.ID.Time(); !first.IsZero() && first.Before(now) {
		now = first
	}
	rule, err := s.invoices.At(now)
	if err != nil {
		return InvoiceRequest{}, err
	}
	found, err := s.sellers.Sellers(ctx, p.Seller)
	if err != nil || found[p.Seller] == nil {
		return InvoiceRequest{}, err
	}
	if p.SellerTax.Code == "" && found[p.Seller].TaxCode == "" {
		return InvoiceRequest{}, market.Conflict("invoice.no_tax_code")
	}
	return o.invoice(*p, s.invoiceSeller(*p, found[p.Seller]), rule, wish, now), nil
}

func (w InvoiceWish) check() error {
	var c market.Checks
	c.That(len(w.Buyer.Name) <= 400 && len(w.Buyer.Address) <= 400 && len(w.Buyer.Email) <= 254, "buyer/name", "invoice.buyer")
	c.That(w.Buyer.TaxCode == "" || cooperatives.ValidTaxCode(w.Buyer.TaxCode), "buyer/tax_code", "cooperatives.tax_code")
	c.That(w.Buyer.TaxCode == "" || w.Buyer.Name != "" && w.Buyer.Address != "", "buyer/name", "invoice.buyer_whole")
	if k := w.Corrects; k != nil {
		c.That(k.Kind == InvoiceAdjusts || k.Kind == InvoiceReplaces, "corrects/kind", "invoice.correction")
		c.That(k.Symbol != "" && k.Number != "" && !k.Date.IsZero() && k.Reason != "", "corrects/number", "invoice.correction")
	}
	return c.Err()
}

func (s *Service) invoiceSeller(p Parcel, seller *cooperatives.Seller) InvoiceSeller {
	code := p.SellerTax.Code
	if code == "" {
		code = seller.TaxCode
	}
	address := seller.Street
	if ward, ok := s.areas.Find(p.SellerWard); ok {
		address = strings.TrimPrefix(address+", "+ward.Full(), ", ")
	}
	return InvoiceSeller{Name: p.SellerName.VI, TaxCode: code, Address: address, Kind: p.SellerKind}
}

func (o *Order) invoice(p Parcel, seller InvoiceSeller, rule InvoiceRule, wish InvoiceWish, now time.Time) InvoiceRequest {
	r := InvoiceRequest{
		ID: "invoice:" + string(p.ID), Version: "chohue-invoice-request/1", LegalBasis: rule.Basis,
		Template: rule.Template, Symbol: rule.Template + rule.SymbolKind + now.In(market.HueZone).Format("06") + rule.SymbolType + "??",
		Currency: "VND", Order: o.Code, Parcel: p.ID, At: now.UTC(), Delegated: wish.Delegated, Seller: seller, Buyer: wish.Buyer,
		Lines: invoiceLines(p), Paid: o.Method,
	}
	for _, l := range r.Lines {
		r.Total += l.Amount
	}
	if strings.TrimSpace(r.Buyer.Name) == "" {
		r.Buyer.Name = rule.AnonymousBuyer
	}
	if k := wish.Corrects; k != nil {
		r.ID += ":" + k.Kind + ":" + k.Symbol + ":" + k.Number
		r.Corrects, r.Form, r.Words = k, rule.CorrectionForm, k.words(rule)
	}
	return r
}

// words is the sentence that a correcting invoice bears.
func (k InvoiceCorrection) words(rule InvoiceRule) string {
	verb := "Điều chỉnh"
	if k.Kind == InvoiceReplaces {
		verb = "Thay thế"
	}
	day := k.Date.In(market.HueZone)
	return fmt.Sprintf("%s cho hóa đơn Mẫu số %s ký hiệu %s số %s ngày %02d tháng %02d năm %d", verb, rule.Template, k.Symbol, k.Number, day.Day(), day.Month(), day.Year())
}

// invoiceLines are the goods and their delivery at what the seller is entitled
// to: a seller's own voucher has lowered the goods, the market's has not.
func invoiceLines(p Parcel) []InvoiceLine {
	weights := make([]int64, len(p.Lines))
	for i, l := range p.Lines {
		weights[i] = int64(l.Amount)
	}
	amounts := p.Goods.Split(weights)
	lines := make([]InvoiceLine, 0, len(p.Lines)+1)
	for i, l := range p.Lines {
		name := strings.TrimSpace(l.Name.VI + " " + l.VariantName.VI)
		lines = append(lines, InvoiceLine{len(lines) + 1, name, l.Unit, l.Quantity, l.Price, amounts[i]})
	}
	if p.Shipping > 0 {
		lines = append(lines, InvoiceLine{len(lines) + 1, "Phí giao hàng", "lần", 1, p.Shipping, p.Shipping})
	}
	return lines
}
