package catalog

import (
	"slices"
	"time"

	"chohue/market"
)

// PriceChange is one change of a variant's price.
type PriceChange struct {
	Variant market.ID  `bson:"variant"`
	Was     market.VND `bson:"was"`
	Price   market.VND `bson:"price"`
	By      market.ID  `bson:"by,omitempty"`
	ByName  string     `bson:"by_name,omitempty"`
	At      time.Time  `bson:"at"`
}

// maxPrices is how many changes of price a product remembers.
const maxPrices = 50

// reprice takes over the prices and the seller's own numbers of the variants
// that are on sale, and remembers what the prices were.
func (p *Product) reprice(from []Variant, by market.Actor, now time.Time) {
	for i, v := range p.Variants {
		j := slices.IndexFunc(from, func(n Variant) bool { return n.ID == v.ID })
		if j < 0 {
			continue
		}
		p.Variants[i].SKU = from[j].SKU
		if from[j].Price != v.Price {
			p.Prices = append(p.Prices, PriceChange{v.ID, v.Price, from[j].Price, by.Person, by.Name, now})
			p.Variants[i].Price = from[j].Price
		}
	}
	p.Prices = p.Prices[max(0, len(p.Prices)-maxPrices):]
	p.priceFrom()
}

// LowestSince is the least price of a variant since a moment, today's
// included, as far as the product remembers.
func (p *Product) LowestSince(variant market.ID, since time.Time) market.VND {
	v, _ := p.Variant(variant)
	lowest := v.Price
	for _, c := range p.Prices {
		if c.Variant == variant && c.At.After(since) {
			lowest = min(lowest, c.Was, c.Price)
		}
	}
	return lowest
}
