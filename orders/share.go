package orders

import "chohue/payments"

// SellerTax is what the withholding of tax depends on, as the seller stood at
// the sale.
type SellerTax struct {
	Code      string `bson:"code,omitempty" json:"code,omitempty"`
	Residency string `bson:"residency,omitempty" json:"residency,omitempty"`
}

// share is the parcel's part of a charge.
func share(p Parcel) payments.Share {
	s := payments.Share{
		Seller: p.Seller, SellerKind: p.SellerKind, TaxCode: p.SellerTax.Code, Residency: p.SellerTax.Residency,
		Goods: p.Goods - p.Subsidy, Shipping: p.Shipping - p.ShippingSubsidy, Subsidy: p.Subsidy + p.ShippingSubsidy, Fee: p.Fee,
	}
	for _, l := range p.Lines {
		s.Lines = append(s.Lines, payments.TaxedLine{Line: string(l.Variant), Category: l.Category, Amount: l.Amount})
	}
	return s
}
