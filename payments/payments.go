// Package payments asks for money, hears that it has come, gives it back and
// keeps the books. The platform never holds money: buyers pay sellers, or a
// licensed partner that settles with sellers, and what is kept here is a
// ledger of claims (Decree 52/2024/NĐ-CP Art. 22: collecting on behalf is a
// licensed business).
//
// A payment is one [Intent]. Every way of paying is a [Provider] in a folder of
// its own; paymentstest is the suite that each must pass. What a provider says
// is kept as raw bytes, verified, and recorded once; what the buyer's browser
// says is display only.
package payments

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"chohue/market"
)

// Charge is what is to be paid, frozen when the order is placed. Its ID is made
// by the caller and kept before calling, so that asking again is harmless.
type Charge struct {
	ID          market.ID
	Order       market.ID
	OrderCode   string     // what people call the order
	Amount      market.VND // the sum of all shares
	Method      string     // name of a provider
	Shares      []Share
	Payee       *Bank // the seller's own account, for methods that pay the seller directly
	Description string
	ReturnURL   string    // where the buyer's browser comes back to
	NoticeURL   string    // where the provider reports
	ExpiresAt   time.Time // UTC; zero for money due on delivery
}

// Share is one seller's part of a charge. Goods and Shipping are what the buyer
// pays, after all vouchers; Subsidy is what the platform's vouchers pay on top,
// so that the seller is owed Gross plus Subsidy less Fee. A voucher that the
// seller grants is no subsidy: it only lowers Goods. Fee is the platform's
// commission, frozen at the sale. What the withholding of tax depends on is frozen too.
type Share struct {
	Seller     market.ID  `bson:"seller" json:"seller"`
	SellerKind string     `bson:"seller_kind" json:"seller_kind"`
	TaxCode    string     `bson:"tax_code,omitempty" json:"tax_code,omitempty"`
	Residency  string     `bson:"residency,omitempty" json:"residency,omitempty"` // of the seller for income tax; empty for resident
	Goods      market.VND `bson:"goods" json:"goods"`
	Shipping   market.VND `bson:"shipping" json:"shipping"`
	Subsidy    market.VND `bson:"subsidy,omitempty" json:"subsidy,omitempty"`
	Fee        market.VND `bson:"fee" json:"fee"`
	// Lines divides the goods by what they count as for tax; the amounts are
	// weights, so they need not sum to Goods. Without lines the highest rates hold.
	Lines []TaxedLine `bson:"lines,omitempty" json:"lines,omitempty"`
}

// TaxedLine is a line of the order as the withholding of tax sees it.
type TaxedLine struct {
	Line     string     `bson:"line" json:"line"`
	Category string     `bson:"category,omitempty" json:"category,omitempty"` // empty when nothing says what it is
	Amount   market.VND `bson:"amount" json:"amount"`
}

// same reports whether two shares are of the same money. What the tax depends on
// stays as it was first frozen.
func (s Share) same(o Share) bool {
	s.TaxCode, s.Residency, s.Lines = o.TaxCode, o.Residency, o.Lines
	return reflect.DeepEqual(s, o)
}

// residency is the seller's for income tax. Only sellers with an address in Huế
// can register, so a resident is what a seller is unless it is said.
func (s Share) residency() string {
	if s.Residency == "" {
		return Resident
	}
	return s.Residency
}

// Gross is what the buyer pays for the share.
func (s Share) Gross() market.VND { return s.Goods + s.Shipping }

// Worth is what the share brings the seller before fee and tax.
func (s Share) Worth() market.VND { return s.Gross() + s.Subsidy }

// sound reports whether the amounts can be those of a sale.
func (s Share) sound() bool {
	return s.Goods >= 0 && s.Shipping >= 0 && s.Subsidy >= 0 && s.Subsidy <= market.MaxAmount &&
		s.Gross() > 0 && s.Gross() <= market.MaxAmount
}

// Bank is an account at a Vietnamese bank.
type Bank struct {
	BIN     string `bson:"bin" json:"bin"` // six digits of NAPAS
	Account string `bson:"account" json:"account"`
	Holder  string `bson:"holder" json:"holder"`
}

// The kinds of step.
const (
	StepRedirect = "redirect" // send the browser to URL
	StepQR       = "qr"       // show QR
	StepNone     = "none"     // nothing to do now
)

// Step is what the buyer has to do next.
type Step struct {
	Kind      string `bson:"kind" json:"kind"`
	URL       string `bson:"url,omitempty" json:"url,omitempty"`
	QR        string `bson:"qr,omitempty" json:"qr,omitempty"` // EMVCo payload
	Reference string `bson:"reference,omitempty" json:"reference,omitempty"`
	// Merchant is the account that the money goes to, as the provider names
	// it. Every later notice must name the same.
	Merchant string `bson:"merchant,omitempty" json:"-"`
}

// check tells what is wrong with a charge that is to begin at now.
func (c Charge) check(now time.Time) error {
	var found market.Checks
	found.That(c.ID != "" && !strings.Contains(string(c.ID), ":"), "id", "payments.id")
	found.That(c.Order != "", "order", "payments.order")
	found.That(c.Amount > 0 && c.Amount <= market.MaxAmount, "amount", "payments.amount")
	found.That(c.ExpiresAt.IsZero() || c.ExpiresAt.After(now), "expires_at", "payments.over")
	c.checkShares(&found)
	return found.Err()
}

func (c Charge) checkShares(found *market.Checks) {
	var sum market.VND
	seen := map[market.ID]bool{}
	for _, s := range c.Shares {
		found.That(s.Seller != "" && !seen[s.Seller], "shares", "payments.share_seller")
		found.That(s.sound(), "shares", "payments.share_amount")
		found.That(s.Fee >= 0 && s.Fee <= s.Goods+s.Subsidy, "shares", "payments.share_fee")
		seen[s.Seller] = true
		sum += s.Gross()
	}
	found.That(sum == c.Amount, "shares", "payments.share_sum")
	found.That(c.Payee == nil || len(c.Shares) == 1, "payee", "payments.one_seller")
}

// sellers lists who shares in the intent.
func (in *Intent) sellers() []market.ID {
	ids := make([]market.ID, len(in.Shares))
	for i, s := range in.Shares {
		ids[i] = s.Seller
	}
	return ids
}

// staff reports whether the actor may act for everyone who shares in the
// intent. One seller must not settle what belongs to another.
func (in *Intent) staff(by market.Actor) bool {
	if by.Is(market.RoleOperator) {
		return true
	}
	return !slices.ContainsFunc(in.sellers(), func(id market.ID) bool { return !by.For(id) })
}
