package orders

import (
	"slices"
	"strconv"

	"chohue/market"
)

// SeenLine is a line of the cart as the buyer saw it when they decided.
type SeenLine struct {
	Variant  market.ID
	Quantity int64
	Price    market.VND // of one unit
}

// asSeen refuses an order whose lines, vouchers or total are not what the buyer
// saw, line by line: nobody buys at a price they were not shown.
func (q *Quote) asSeen(c Checkout, codes []string) error {
	var checks market.Checks
	if len(c.Seen) > 0 {
		q.linesAsSeen(c.Seen, &checks)
	}
	q.unmet(codes, &checks)
	if c.Expect != 0 && c.Expect != q.Total {
		checks.Add("total", market.Conflict("checkout.total").With("total", q.Total))
	}
	return checks.Err()
}

func (q *Quote) linesAsSeen(seen []SeenLine, checks *market.Checks) {
	for _, p := range q.Parcels {
		for _, l := range p.Lines {
			checks.Add("lines/"+string(l.Variant), l.asSeen(seen))
		}
	}
}

func (l Line) asSeen(seen []SeenLine) error {
	i := slices.IndexFunc(seen, func(s SeenLine) bool { return s.Variant == l.Variant })
	switch {
	case i < 0:
		return market.Conflict("checkout.line_new").With("name", l.Name)
	case seen[i].Price != l.Price:
		return market.Conflict("checkout.line_price").With("name", l.Name).With("was", seen[i].Price).With("now", l.Price)
	case seen[i].Quantity != l.Quantity:
		return market.Conflict("checkout.line_quantity").With("name", l.Name).
			With("was", strconv.FormatInt(seen[i].Quantity, 10)).With("now", strconv.FormatInt(l.Quantity, 10))
	}
	return nil
}

// agreed freezes the quoted lines: what weighed goods cost is agreed after
// vouchers.
func agreed(quoted []QuotedLine) []Line {
	lines := plainLines(quoted)
	for i := range lines {
		if w := lines[i].Weight; w != nil {
			frozen := *w
			frozen.Agreed, frozen.Subsidy = lines[i].Amount, lines[i].Subsidy
			lines[i].Weight = &frozen
		}
	}
	return lines
}

// Bill is what an amount is made of, the same on every page, in every letter
// and in the API. Prices include tax (Policies.Prices says by which rules).
//
//	List - SellerOff + Shipping - ShippingOff - PlatformOff = Total
type Bill struct {
	List        market.VND // goods at their stated prices
	SellerOff   market.VND // what sellers' vouchers take off goods
	Shipping    market.VND // delivery before vouchers
	ShippingOff market.VND // what sellers' vouchers take off delivery
	PlatformOff market.VND // what the platform's vouchers pay of both
	Total       market.VND
}

// Bill says what the order costs and why.
func (o *Order) Bill() Bill {
	b := Bill{}
	for _, p := range o.Parcels {
		b.add(p.Bill())
	}
	return b
}

// Bill says what the parcel costs and why.
func (p Parcel) Bill() Bill {
	b := Bill{Shipping: p.Shipping + p.ShippingOff, ShippingOff: p.ShippingOff, PlatformOff: p.Subsidy + p.ShippingSubsidy, Total: p.Due()}
	for _, l := range p.Lines {
		b.List, b.SellerOff = b.List+l.Amount+l.Discount, b.SellerOff+l.Discount
	}
	return b
}

// Bill says what the cart would cost and why.
func (q *Quote) Bill() Bill {
	b := Bill{}
	for _, p := range q.Parcels {
		b.add(p.Bill())
	}
	return b
}

// Bill says what the seller's part would cost and why.
func (p QuotedParcel) Bill() Bill {
	return Parcel{
		Lines: plainLines(p.Lines), Goods: p.Goods, Shipping: p.Shipping, Subsidy: p.Subsidy,
		ShippingSubsidy: p.ShippingSubsidy, ShippingOff: p.ShippingOff,
	}.Bill()
}

func (b *Bill) add(a Bill) {
	b.List, b.SellerOff, b.Shipping = b.List+a.List, b.SellerOff+a.SellerOff, b.Shipping+a.Shipping
	b.ShippingOff, b.PlatformOff, b.Total = b.ShippingOff+a.ShippingOff, b.PlatformOff+a.PlatformOff, b.Total+a.Total
}
