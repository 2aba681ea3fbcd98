package orders

import (
	"slices"
	"strings"

	"chohue/market"
)

// Granted is a voucher as an order was bought under it. Amounts are all that it
// took off, goods and delivery.
type Granted struct {
	Voucher market.ID    `bson:"voucher" json:"voucher"` // its terms never change, so its id is their version
	Seller  market.ID    `bson:"seller,omitempty" json:"seller,omitempty"`
	Name    market.Text  `bson:"name" json:"name"`
	Terms   VoucherTerms `bson:"terms" json:"terms"`
	Amount  market.VND   `bson:"amount" json:"amount"`
}

// VoucherOffer is a voucher that a buyer may have, and why not yet.
type VoucherOffer struct {
	Voucher *Voucher
	Amount  market.VND // what it takes off, were it taken; 0 when it cannot be
	Taken   bool
	Key     string     // why it is not taken; empty when it is
	Missing market.VND // goods lacking to its minimum
}

// most is the largest part of the goods in its scope that a voucher pays: of
// every parcel something is left to be paid, so that it has a payment.
const most = market.Rate(9000)

// grant lowers a priced quote by the vouchers that are best for the buyer.
//
// The stacking rule: of every seller one voucher for goods, then one of the
// platform for what is left of the goods, and for the delivery of a parcel one,
// the seller's before the platform's. Among several the one that takes off most
// is taken, at the same amount the one that was typed, then the first by code.
func (q *Quote) grant(known []*Voucher, codes []string) {
	for i := range q.Parcels {
		p := &q.Parcels[i]
		q.take(known, codes, p.Seller.ID, func(v *Voucher) []*Line { return v.scope(q.Parcels[i : i+1]) })
	}
	q.take(known, codes, "", func(v *Voucher) []*Line { return v.scope(q.Parcels) })
	if q.ShippingKnown {
		q.grantShipping(known, codes)
	}
	for i := range q.Parcels {
		q.Parcels[i].sum()
	}
	q.sum()
	for _, v := range known {
		q.Offers = append(q.Offers, q.offer(v))
	}
}

// candidate is what a voucher would take off.
type candidate struct {
	voucher *Voucher
	amount  market.VND
	lines   []*Line
	typed   bool
}

func (c candidate) better(than candidate) bool {
	if c.amount != than.amount {
		return c.amount > than.amount
	}
	if c.typed != than.typed {
		return c.typed
	}
	return than.voucher == nil || c.voucher.ID < than.voucher.ID
}

// take grants the best of an owner's vouchers for goods.
func (q *Quote) take(known []*Voucher, codes []string, owner market.ID, scope func(*Voucher) []*Line) {
	var best candidate
	for _, v := range known {
		if v.Seller != owner || v.Terms.Kind == VoucherShipping || !q.mayHave(v, codes) {
			continue
		}
		lines := scope(v)
		c := candidate{v, v.off(lines), lines, slices.Contains(codes, string(v.ID))}
		if c.amount > 0 && c.better(best) {
			best = c
		}
	}
	if best.voucher == nil {
		return
	}
	best.spread()
	q.Vouchers = append(q.Vouchers, best.voucher.granted(best.amount))
}

// mayHave reports whether nothing but the goods speaks against the voucher.
func (q *Quote) mayHave(v *Voucher, codes []string) bool {
	return q.refusal(v) == "" && (v.Terms.Way == VoucherAuto || slices.Contains(codes, string(v.ID)))
}

// refusal is the key that says why this buyer cannot have the voucher whatever
// they put in the cart.
func (q *Quote) refusal(v *Voucher) string {
	money, uses := v.Left()
	switch {
	case v.Stopped != nil || !q.at.Before(v.Terms.To):
		return "voucher.over"
	case q.at.Before(v.Terms.From):
		return "voucher.early"
	case money <= 0 || uses <= 0:
		return "voucher.spent"
	case v.Terms.FirstOrder && q.buyer.Person == "":
		return "voucher.signin"
	case v.Terms.FirstOrder && !q.first:
		return "voucher.first"
	}
	return ""
}

// scope lists the lines that the voucher is for.
func (v *Voucher) scope(parcels []QuotedParcel) []*Line {
	var lines []*Line
	for i := range parcels {
		if len(v.Terms.Sellers) > 0 && !slices.Contains(v.Terms.Sellers, parcels[i].Seller.ID) {
			continue
		}
		for j := range parcels[i].Lines {
			l := &parcels[i].Lines[j].Line
			if v.Terms.covers(*l) {
				lines = append(lines, l)
			}
		}
	}
	return lines
}

func (t VoucherTerms) covers(l Line) bool {
	return (len(t.Sets) == 0 || slices.Contains(t.Sets, l.Set)) && (len(t.Products) == 0 || slices.Contains(t.Products, l.Product))
}

// listed is what the lines cost before any voucher: minima are counted on it.
func listed(lines []*Line) market.VND {
	var sum market.VND
	for _, l := range lines {
		sum += l.Amount + l.Discount
	}
	return sum
}

// off is what the voucher takes off the lines, 0 when they are too few. Parts of
// a đồng stay with who pays.
func (v *Voucher) off(lines []*Line) market.VND {
	var goods market.VND
	for _, l := range lines {
		goods += l.Amount
	}
	if goods == 0 || listed(lines) < v.Terms.MinGoods {
		return 0
	}
	amount := v.Terms.Amount
	if v.Terms.Kind == VoucherPercent {
		amount = down(v.Terms.Percent, goods)
	}
	if v.Terms.Most > 0 {
		amount = min(amount, v.Terms.Most)
	}
	return v.within(min(amount, down(most, goods)))
}

// within is the amount while the budget lasts: nobody gets half of what the
// terms say.
func (v *Voucher) within(amount market.VND) market.VND {
	if money, _ := v.Left(); amount > money {
		return 0
	}
	return amount
}

// down is the rate's share without the part of a đồng.
func down(r market.Rate, v market.VND) market.VND { return v * market.VND(r) / 10_000 }

// spread divides the amount over the lines by largest remainder: no đồng is
// lost, and each line knows what was paid for it.
func (c candidate) spread() {
	weights := make([]int64, len(c.lines))
	for i, l := range c.lines {
		weights[i] = int64(l.Amount)
	}
	for i, part := range c.amount.Split(weights) {
		if c.voucher.Seller != "" {
			c.lines[i].Discount, c.lines[i].Amount = c.lines[i].Discount+part, c.lines[i].Amount-part
			continue
		}
		c.lines[i].Subsidy += part
	}
}

func (v *Voucher) granted(amount market.VND) Granted {
	return Granted{Voucher: v.ID, Seller: v.Seller, Name: v.Name, Terms: v.Terms, Amount: amount}
}

// grantShipping lowers delivery: of each parcel by its seller's best voucher,
// and what no seller pays by the platform's best.
func (q *Quote) grantShipping(known []*Voucher, codes []string) {
	for i := range q.Parcels {
		p := &q.Parcels[i]
		v, parts := q.bestShipping(known, codes, p.Seller.ID, q.Parcels[i:i+1])
		if v != nil {
			p.ShippingOff, p.Shipping = parts[0], p.Shipping-parts[0]
			q.Vouchers = append(q.Vouchers, v.granted(parts[0]))
		}
	}
	v, parts := q.bestShipping(known, codes, "", q.Parcels)
	if v == nil {
		return
	}
	var sum market.VND
	for i, part := range parts {
		q.Parcels[i].ShippingSubsidy = part
		sum += part
	}
	q.Vouchers = append(q.Vouchers, v.granted(sum))
}

// bestShipping returns the owner's best voucher for the parcels' delivery, and
// how much it pays of each.
func (q *Quote) bestShipping(known []*Voucher, codes []string, owner market.ID, parcels []QuotedParcel) (*Voucher, []market.VND) {
	var best candidate
	var parts []market.VND
	for _, v := range known {
		if v.Seller != owner || v.Terms.Kind != VoucherShipping || !q.mayHave(v, codes) {
			continue
		}
		shares, amount := v.shippingOff(parcels)
		c := candidate{voucher: v, amount: amount, typed: slices.Contains(codes, string(v.ID))}
		if amount > 0 && c.better(best) {
			best, parts = c, shares
		}
	}
	return best.voucher, parts
}

// shippingOff is what the voucher pays of the parcels' delivery. Its minimum is
// counted over all goods in its scope.
func (v *Voucher) shippingOff(parcels []QuotedParcel) ([]market.VND, market.VND) {
	if listed(v.scope(parcels)) < v.Terms.MinGoods {
		return nil, 0
	}
	weights := make([]int64, len(parcels))
	var sum market.VND
	for i := range parcels {
		if p := &parcels[i]; p.ShippingOff == 0 && len(v.scope(parcels[i:i+1])) > 0 {
			weights[i], sum = int64(p.Shipping), sum+p.Shipping
		}
	}
	amount := sum
	if v.Terms.Most > 0 {
		amount = min(amount, v.Terms.Most)
	}
	amount = v.within(amount)
	return amount.Split(weights), amount
}

// sum adds up a parcel after its lines have changed.
func (p *QuotedParcel) sum() {
	p.Goods, p.Subsidy = 0, 0
	for _, l := range p.Lines {
		p.Goods, p.Subsidy = p.Goods+l.Amount, p.Subsidy+l.Subsidy
	}
}

func (q *Quote) sum() {
	q.Goods, q.Shipping, q.Subsidy = 0, 0, 0
	for _, p := range q.Parcels {
		q.Goods, q.Shipping, q.Subsidy = q.Goods+p.Goods, q.Shipping+p.Shipping, q.Subsidy+p.Subsidy+p.ShippingSubsidy
	}
	q.Total = q.Goods + q.Shipping - q.Subsidy
}

// offer says what a voucher does here, or why it does nothing.
func (q *Quote) offer(v *Voucher) VoucherOffer {
	o := VoucherOffer{Voucher: v, Key: q.refusal(v)}
	if i := slices.IndexFunc(q.Vouchers, func(g Granted) bool { return g.Voucher == v.ID }); i >= 0 {
		o.Taken, o.Amount, o.Key = true, q.Vouchers[i].Amount, ""
		return o
	}
	if o.Key != "" {
		return o
	}
	lines := v.scope(q.ofOwner(v.Seller))
	switch goods := listed(lines); {
	case len(lines) == 0:
		o.Key = "voucher.scope"
	case goods < v.Terms.MinGoods:
		o.Key, o.Missing = "voucher.minimum", v.Terms.MinGoods-goods
	case v.Terms.Kind == VoucherShipping && !q.ShippingKnown:
		o.Key = "voucher.address"
	case v.Terms.Kind == VoucherShipping && q.Shipping == 0:
		o.Key = "voucher.free"
	case q.rival(v):
		o.Key = "voucher.better"
	case v.Terms.Kind != VoucherShipping && v.off(lines) == 0:
		o.Key = "voucher.spent"
	default:
		o.Key, o.Amount = "voucher.untaken", v.off(lines)
	}
	return o
}

// ofOwner are the parcels that an owner's vouchers may be for.
func (q *Quote) ofOwner(seller market.ID) []QuotedParcel {
	if seller == "" {
		return q.Parcels
	}
	return slices.DeleteFunc(slices.Clone(q.Parcels), func(p QuotedParcel) bool { return p.Seller.ID != seller })
}

// rival reports whether another voucher of the same owner for the same thing is
// taken.
func (q *Quote) rival(v *Voucher) bool {
	return slices.ContainsFunc(q.Vouchers, func(g Granted) bool {
		return g.Seller == v.Seller && (g.Terms.Kind == VoucherShipping) == (v.Terms.Kind == VoucherShipping)
	})
}

// foldCode is how codes are kept: people type them as they like.
func foldCode(code string) string {
	return strings.ToUpper(strings.Join(strings.Fields(market.Fold(code)), ""))
}
