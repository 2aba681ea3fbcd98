package payments

import (
	"fmt"
	"slices"
	"time"

	"chohue/market"
)

// The events of withholding.
const (
	Withhold = "WITHHOLD"
	Reverse  = "REVERSE"
)

// Withheld is tax taken from one line of a sale for the state, or given back. It
// is written with the movement of money that causes it and never changed.
//
// The base is what the seller is entitled to for the line: what the buyer pays
// and what the platform's vouchers pay for it. The platform's commission and a
// carrier's fee are costs of the seller and are not taken off. Tax is rounded
// half up to whole đồng line by line; what rounding added (below zero) or left
// out is kept beside it in ten-thousandths of a đồng. In a reversal base, taxes
// and remainders are below zero.
type Withheld struct {
	ID         string     `bson:"id"`
	Document   string     `bson:"document"` // the ledger's entry
	Event      string     `bson:"event"`
	ReversalOf string     `bson:"reversal_of,omitempty"`
	Seller     market.ID  `bson:"seller"`
	Kind       string     `bson:"kind"`
	TaxCode    string     `bson:"tax_code"`
	Residency  string     `bson:"residency"`
	Line       string     `bson:"line"` // of the order; "shipping" for its delivery
	Category   string     `bson:"category"`
	Rule       string     `bson:"rule"`
	VATRate    int64      `bson:"vat_bp"`
	PITRate    int64      `bson:"pit_bp"`
	Highest    string     `bson:"highest,omitempty"` // why the highest rates were taken
	Base       market.VND `bson:"base"`
	VAT        market.VND `bson:"vat"`
	PIT        market.VND `bson:"pit"`
	VATRest    int64      `bson:"vat_rest"`
	PITRest    int64      `bson:"pit_rest"`
	Period     string     `bson:"period"`
	Lookup     string     `bson:"seller_period"` // seller and period, to find it by
	At         time.Time  `bson:"at"`
}

// Tax is both taxes together.
func (w Withheld) Tax() market.VND { return w.VAT + w.PIT }

func taxLookup(seller market.ID, period string) string { return string(seller) + ":" + period }

// lineShipping names what the buyer pays for delivery among the lines.
const lineShipping = "shipping"

// withhold works out what a capture of the share withholds.
func (r TaxRules) withhold(document string, at time.Time, s Share) []Withheld {
	lacking, withheld := r.lacks(at, s)
	if !withheld {
		return nil
	}
	var all []Withheld
	for _, l := range s.taxed() {
		rate, why := r.rate(at, s.residency(), l.Category, lacking)
		w := Withheld{
			ID: fmt.Sprintf("%s/%s/%s", document, s.Seller, l.Line), Document: document, Event: Withhold,
			Seller: s.Seller, Kind: s.SellerKind, TaxCode: s.TaxCode, Residency: s.residency(),
			Line: l.Line, Category: l.Category, Rule: rate.ID(), Highest: why,
			VATRate: int64(rate.VAT), PITRate: int64(rate.PIT), Base: l.Amount, Period: Period(at), Lookup: taxLookup(s.Seller, Period(at)), At: at,
		}
		w.VAT, w.VATRest = rounded(rate.VAT, l.Amount)
		w.PIT, w.PITRest = rounded(rate.PIT, l.Amount)
		all = append(all, w)
	}
	return all
}

// withhold notes what a capture withholds from every seller. Money that came
// twice belongs to the buyer and is no sale.
func (s *Service) withhold(in *Intent, c Capture) {
	if c.Surplus {
		return
	}
	for _, share := range in.Shares {
		in.Withheld = append(in.Withheld, s.taxes.withhold(in.captureDocument(c), c.At, share)...)
	}
}

// reverse notes what a refund gives back.
func (in *Intent) reverse(r Refund) {
	for _, p := range r.Parts {
		in.Withheld = append(in.Withheld, in.reversal(in.refundDocument(r), r.DoneAt, p.Seller, p.back(), r.Shipping)...)
	}
}

// back is all that the seller gives back.
func (p Part) back() market.VND { return p.Gross + p.Subsidy }

// rounded is the tax in whole đồng, half up, and what that leaves out of the
// exact amount in ten-thousandths.
func rounded(rate market.Rate, base market.VND) (market.VND, int64) {
	tax := rate.Of(base)
	return tax, int64(rate)*int64(base) - int64(tax)*10_000
}

// taxed divides what the seller is entitled to among the lines of the share.
// Vouchers of the platform belong to the lines in proportion; a share without
// lines is one that cannot be classified.
func (s Share) taxed() []TaxedLine {
	lines := s.Lines
	if len(lines) == 0 {
		lines = []TaxedLine{{Line: "goods", Amount: 1}}
	}
	weights := make([]int64, len(lines))
	for i, l := range lines {
		weights[i] = int64(l.Amount)
	}
	out := slices.Clone(lines)
	for i, amount := range (s.Worth() - s.Shipping).Split(weights) {
		out[i].Amount = amount
	}
	out = append(out, TaxedLine{Line: lineShipping, Category: CategoryTransport, Amount: s.Shipping})
	return slices.DeleteFunc(out, func(l TaxedLine) bool { return l.Amount == 0 })
}

// reversal gives back the tax on what a refund takes from a seller, back to the
// buyer and to the platform's vouchers together. delivery is how much of it is
// for the delivery; nil when nobody said, and it is taken from all lines in
// proportion. When all of a sale has gone back, so has all of its tax.
func (in *Intent) reversal(document string, at time.Time, seller market.ID, back market.VND, delivery *market.VND) []Withheld {
	left := in.taxLeft(seller)
	var all []Withheld
	for i, base := range taken(left, back, delivery) {
		if base > 0 {
			all = append(all, left[i].back(document, at, base))
		}
	}
	return all
}

// taken divides what goes back among the lines that are left.
func taken(left []Withheld, back market.VND, delivery *market.VND) []market.VND {
	out, goods, all := make([]market.VND, len(left)), make([]int64, len(left)), make([]int64, len(left))
	total, rest, delivered := back, market.VND(0), market.VND(0)
	for i, w := range left {
		all[i] = int64(w.Base)
		if w.Line == lineShipping && delivery != nil {
			out[i] = max(0, min(*delivery, w.Base, back))
			back, delivered = back-out[i], delivered+w.Base
			continue
		}
		goods[i] = all[i]
		rest += w.Base
	}
	if back > rest { // more than the goods: from everything that is left
		out, goods = make([]market.VND, len(left)), all
		back = min(total, rest+delivered)
	}
	for i, part := range back.Split(goods) {
		out[i] += part
	}
	return out
}

// back is the reversal of base of what is left of a line.
func (w Withheld) back(document string, at time.Time, base market.VND) Withheld {
	weights := []int64{int64(base), int64(w.Base - base)}
	r := w
	r.ID, r.Document, r.Event, r.ReversalOf = document+"/"+w.ID, document, Reverse, w.ID
	r.Base, r.VAT, r.PIT = -base, -w.VAT.Split(weights)[0], -w.PIT.Split(weights)[0]
	r.VATRest, r.PITRest = w.VATRate*int64(r.Base)-int64(r.VAT)*10_000, w.PITRate*int64(r.Base)-int64(r.PIT)*10_000
	r.Period, r.Lookup, r.At = Period(at), taxLookup(w.Seller, Period(at)), at
	return r
}

// taxLeft is what is still withheld of each line of the seller.
func (in *Intent) taxLeft(seller market.ID) []Withheld {
	var all []Withheld
	for _, w := range in.Withheld {
		if w.Seller != seller {
			continue
		}
		if i := slices.IndexFunc(all, func(l Withheld) bool { return l.ID == w.ReversalOf }); i >= 0 {
			all[i].Base, all[i].VAT, all[i].PIT = all[i].Base+w.Base, all[i].VAT+w.VAT, all[i].PIT+w.PIT
			continue
		}
		all = append(all, w)
	}
	return all
}

// taxOf is what a document withheld from the seller (above zero) or gave back.
func (in *Intent) taxOf(document string, seller market.ID) (vat, pit market.VND, period string) {
	for _, w := range in.Withheld {
		if w.Document == document && w.Seller == seller {
			vat, pit, period = vat+w.VAT, pit+w.PIT, w.Period
		}
	}
	return vat, pit, period
}

// taxPostings are the postings of a document's tax.
func (in *Intent) taxPostings(document string, seller market.ID) []Posting {
	vat, pit, period := in.taxOf(document, seller)
	var all []Posting
	for _, t := range []struct {
		account Account
		amount  market.VND
		what    string
	}{{TaxVAT(period), vat, ForVAT}, {TaxPIT(period), pit, ForPIT}} {
		if t.amount > 0 {
			all = append(all, Posting{Payable(seller), t.account, t.amount, t.what})
		}
		if t.amount < 0 {
			all = append(all, Posting{t.account, Payable(seller), -t.amount, t.what})
		}
	}
	return all
}
