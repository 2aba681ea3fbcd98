package payments

import "chohue/market"

// RefundableOf is what may still go back of one seller's share, or with no
// seller of all: captured less refunded less what is on its way.
func (in *Intent) RefundableOf(seller market.ID) market.VND {
	var sum market.VND
	for _, part := range in.left() {
		if seller == "" || part.Seller == seller {
			sum += part.Gross
		}
	}
	return sum
}

// RefundOf is the refund that was asked for under the key: its last try.
func (in *Intent) RefundOf(key market.ID) (Refund, bool) {
	if r := in.latest(key); r != nil {
		return *r, true
	}
	return Refund{}, false
}
