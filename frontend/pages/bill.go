package pages

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"chohue/frontend/ui"
	"chohue/market"
	"chohue/orders"
)

// bill shows what an amount is made of, the same way everywhere. What is
// nothing is left out, but goods, delivery and the total never are.
func (s speaker) bill(b orders.Bill, known bool) ui.Breakdown {
	lines := []ui.PriceLine{{Label: s.t("bill.goods"), Amount: s.vnd(b.List)}}
	lines = s.less(lines, "bill.seller_off", b.SellerOff)
	lines = append(lines, ui.PriceLine{Label: s.t("bill.shipping"), Amount: s.shipping(known, b.Shipping)})
	lines = s.less(lines, "bill.shipping_off", b.ShippingOff)
	lines = s.less(lines, "bill.platform_off", b.PlatformOff)
	return ui.Breakdown{Lines: lines, Total: ui.PriceLine{Label: s.t("bill.total"), Note: s.t("bill.tax"), Amount: s.vnd(b.Total)}}
}

func (s speaker) less(lines []ui.PriceLine, label string, amount market.VND) []ui.PriceLine {
	if amount == 0 {
		return lines
	}
	return append(lines, ui.PriceLine{Label: s.t(label), Amount: "−" + s.vnd(amount), Minus: true})
}

// offerView is a voucher as a buyer sees it before ordering: what it gives, to
// whom, until when, and why it does not count yet.
type offerView struct {
	Code, Name, Gives, Terms, Why string
	Taken, Takes, Drops, Unknown  bool
}

func (s speaker) voucherOffers(q *orders.Quote, codes []string) []offerView {
	var out []offerView
	for _, o := range q.Offers {
		v, code := o.Voucher, string(o.Voucher.ID)
		view := offerView{Code: code, Name: s.text(v.Name), Gives: s.gives(v.Terms), Terms: s.voucherTerms(v.Terms), Taken: o.Taken, Drops: has(codes, code)}
		if o.Taken {
			view.Why = s.t("voucher.counts", "amount", o.Amount)
		} else {
			view.Why = s.t(o.Key, "missing", o.Missing, "name", v.Name, "code", code)
			view.Takes = o.Key == "voucher.untaken" && !view.Drops
		}
		out = append(out, view)
	}
	for _, r := range q.Refused { // typed, and none of ours
		out = append(out, offerView{Code: r.Code, Gives: r.Code, Why: s.t("voucher.unknown"), Drops: true, Unknown: true})
	}
	return out
}

func has(codes []string, code string) bool {
	return slices.Contains(codes, code)
}

// gives says in a few words what a voucher takes off.
func (s speaker) gives(t orders.VoucherTerms) string {
	switch {
	case t.Kind == orders.VoucherPercent:
		return s.t("voucher.gives.percent", "percent", percent(t.Percent), "most", t.Most)
	case t.Kind == orders.VoucherAmount:
		return s.t("voucher.gives.amount", "amount", t.Amount)
	case t.Most > 0:
		return s.t("voucher.gives.shipping_most", "most", t.Most)
	}
	return s.t("voucher.gives.shipping")
}

func percent(r market.Rate) string {
	text := strconv.FormatFloat(float64(r)/100, 'f', -1, 64)
	return strings.Replace(text, ".", ",", 1)
}

// voucherTerms lists the conditions of a voucher in one line.
func (s speaker) voucherTerms(t orders.VoucherTerms) string {
	var parts []string
	if t.MinGoods > 0 {
		parts = append(parts, s.t("voucher.terms.min", "amount", t.MinGoods))
	}
	for _, set := range t.Sets {
		parts = append(parts, s.craft(set))
	}
	if len(t.Products) > 0 {
		parts = append(parts, s.t("voucher.terms.products", "n", len(t.Products)))
	}
	if len(t.Sellers) > 0 {
		parts = append(parts, s.t("voucher.terms.sellers", "n", len(t.Sellers)))
	}
	if t.FirstOrder {
		parts = append(parts, s.t("voucher.terms.first"))
	}
	if t.PerPerson > 0 {
		parts = append(parts, s.t("voucher.terms.person", "n", t.PerPerson))
	}
	// the last minute that counts: people read an end as included
	return strings.Join(append(parts, s.t("voucher.terms.until", "at", s.moment(t.To.Add(-time.Minute)))), " · ")
}

// giftWords says who a gift is from and what they write.
func (s speaker) giftWords(g *orders.Gift) []string {
	if g == nil {
		return nil
	}
	words := []string{s.t("receipt.gift.from", "name", g.From)}
	if g.Message != "" {
		words = append(words, g.Message)
	}
	if g.HidePrices {
		words = append(words, s.t("receipt.gift.hide"))
	}
	return words
}

// granted names the vouchers that an order was bought with, and their terms.
func (s speaker) granted(vouchers []orders.Granted) []string {
	var out []string
	for _, g := range vouchers {
		out = append(out, s.t("receipt.voucher", "name", g.Name, "gives", s.gives(g.Terms), "amount", g.Amount))
	}
	return out
}
