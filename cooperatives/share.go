package cooperatives

import (
	"cmp"
	"slices"

	"chohue/market"
)

// Grades are the qualities of a delivery, the best first.
func Grades() []string { return []string{"A", "B", "C"} }

// Sale is one line of a delivered parcel, as the orders tell. What came back
// is a sale below zero.
type Sale struct {
	ID      string // of parcel and line; nothing is counted twice
	Product market.ID
	Base    int64      // grams or pieces
	Amount  market.VND // goods, without delivery to the buyer
	Fee     market.VND // of it, due to the platform
}

// supply is what is left of a delivery to share in sales.
type supply struct {
	share Share      // without Taken and Amount
	open  int64      // grams or pieces that no settlement has taken
	done  int64      // that settlements have taken
	units int64      // grams or pieces of one unit of the agreed price
	price market.VND // of one unit, when agreed; otherwise it shares
}

// Share is what one delivery gets of one settlement.
type Share struct {
	Delivery   market.ID   `bson:"delivery"`
	Member     market.ID   `bson:"member"`
	MemberName string      `bson:"member_name"`
	Product    market.ID   `bson:"product"`
	Name       market.Text `bson:"name"`
	Grade      string      `bson:"grade"`
	Weight     int64       `bson:"weight"` // of the grade
	Agreed     bool        `bson:"agreed"` // for the agreed price, not a share
	Base       market.Base `bson:"base"`
	Taken      int64       `bson:"taken"` // grams or pieces of the delivery counted as sold
	Amount     market.VND  `bson:"amount"`
}

// Totals is where the sales of a settlement go: Sales = Platform +
// Cooperative + Kept + the sum of all shares, to the đồng.
type Totals struct {
	Sales       market.VND `bson:"sales"`
	Platform    market.VND `bson:"platform"`    // commission
	Cooperative market.VND `bson:"cooperative"` // its fee by the sharing rule
	// Kept is what goods earned that no member delivered, and what agreed prices
	// left over; below zero where the cooperative had promised more than was got.
	Kept market.VND `bson:"kept"`
}

// divide shares the sales of one product out. Of each delivery as large a part
// counts as sold as of every other: that is what pooling means. A delivery
// shares by that part times the weight of its grade; where a price was agreed
// the member gets the price, and the cooperative the difference.
func divide(sales []Sale, pool []supply, fee market.Rate) (Totals, []Share) {
	var t Totals
	var sold int64
	for _, s := range sales {
		t.Sales, t.Platform, sold = t.Sales+s.Amount, t.Platform+s.Fee, sold+s.Base
	}
	t.Cooperative = fee.Of(t.Sales)
	net := t.Sales - t.Platform - t.Cooperative
	taken := take(pool, sold)
	total := int64(0)
	for _, n := range taken {
		total += n
	}
	if total == 0 {
		t.Kept = net
		return t, nil
	}
	parts := net.Split([]int64{total, sold - total})
	shares, rest := apportion(pool, taken, parts[0])
	t.Kept = parts[1] + rest
	return t, shares
}

// take spreads what was sold over what is left of the deliveries.
func take(pool []supply, sold int64) []int64 {
	open := make([]int64, len(pool))
	var all int64
	for i, s := range pool {
		open[i] = s.open
		all += s.open
	}
	if sold >= all || sold <= 0 {
		if sold <= 0 {
			clear(open)
		}
		return open
	}
	for i, part := range market.VND(sold).Split(open) {
		open[i] = int64(part)
	}
	return open
}

// apportion returns the shares of the money and what agreed prices leave of it.
func apportion(pool []supply, taken []int64, money market.VND) (shares []Share, rest market.VND) {
	weights := make([]int64, len(pool))
	for i, s := range pool {
		weights[i] = taken[i] * s.share.Weight
	}
	for i, part := range money.Split(weights) {
		if taken[i] == 0 {
			rest += part // only when all weights are zero
			continue
		}
		s := pool[i].share
		s.Taken, s.Amount = taken[i], part
		if s.Agreed {
			s.Amount = pool[i].agreed(taken[i])
			rest += part - s.Amount
		}
		shares = append(shares, s)
	}
	return shares, rest
}

// agreed is the price of the next so many grams or pieces. It is the
// difference of two rounded sums, so that settlements over the whole delivery
// add up to its whole price.
func (s supply) agreed(taken int64) market.VND {
	return s.worth(s.done+taken) - s.worth(s.done)
}

func (s supply) worth(n int64) market.VND {
	return market.VND((int64(s.price)*n + s.units/2) / s.units)
}

// plan divides product by product, in the order of ids, so that the same facts
// always give the same settlement.
func plan(sales []Sale, pool []supply, fee market.Rate) (Totals, []Share) {
	bySale := map[market.ID][]Sale{}
	for _, s := range sales {
		bySale[s.Product] = append(bySale[s.Product], s)
	}
	byPool := map[market.ID][]supply{}
	for _, s := range pool {
		byPool[s.share.Product] = append(byPool[s.share.Product], s)
	}
	var t Totals
	var all []Share
	for _, product := range sortedKeys(bySale) {
		one, shares := divide(bySale[product], byPool[product], fee)
		t.add(one)
		all = append(all, shares...)
	}
	return t, all
}

func sortedKeys[V any](m map[market.ID]V) []market.ID {
	keys := make([]market.ID, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, cmp.Compare)
	return keys
}

func (t *Totals) add(o Totals) {
	t.Sales += o.Sales
	t.Platform += o.Platform
	t.Cooperative += o.Cooperative
	t.Kept += o.Kept
}

func (t Totals) negated() Totals {
	return Totals{-t.Sales, -t.Platform, -t.Cooperative, -t.Kept}
}

// memberSums sums shares by member.
func memberSums(shares []Share) map[market.ID]market.VND {
	sums := map[market.ID]market.VND{}
	for _, s := range shares {
		sums[s.Member] += s.Amount
	}
	return sums
}
