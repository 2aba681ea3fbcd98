package catalog

import (
	"strconv"
	"time"

	"chohue/market"
)

// Terms are how a variant is sold beyond its price. The zero value sells any
// number from one, at the weight that is said.
type Terms struct {
	Band  Band  `bson:"band"`           // weight of one piece, when it varies
	Catch bool  `bson:"catch"`          // weighed when packed: what is lacking is paid back
	Min   int64 `bson:"min,omitempty"`  // least quantity of an order; 0 is 1
	Step  int64 `bson:"step,omitempty"` // quantities beyond Min grow by so many; 0 is 1
}

// Band is what a piece may weigh, in grams, ends included. Zero when nobody
// has said.
type Band struct {
	Min int64 `bson:"min,omitempty" json:"min,omitempty"`
	Max int64 `bson:"max,omitempty" json:"max,omitempty"`
}

// Known reports whether the band says anything.
func (b Band) Known() bool { return b.Max > 0 }

// Mid is the weight that prices are compared by.
func (b Band) Mid() int64 { return (b.Min + b.Max) / 2 }

// Least is the least quantity that can be ordered.
func (t Terms) Least() int64 { return max(t.Min, 1) }

// By is what quantities grow by.
func (t Terms) By() int64 { return max(t.Step, 1) }

// Allows tells whether so many units can be ordered: nil, or an error that
// says what can be.
func (t Terms) Allows(quantity int64) error {
	if quantity < t.Least() {
		return market.Invalid("cart.min", "quantity").With("min", strconv.FormatInt(t.Least(), 10))
	}
	if (quantity-t.Least())%t.By() != 0 {
		return market.Invalid("cart.step", "quantity").With("min", strconv.FormatInt(t.Least(), 10)).
			With("step", strconv.FormatInt(t.By(), 10)).With("near", strconv.FormatInt(t.Nearest(quantity), 10))
	}
	return nil
}

// Nearest is the largest quantity that can be ordered up to what is wanted, or
// the least one.
func (t Terms) Nearest(quantity int64) int64 {
	if quantity < t.Least() {
		return t.Least()
	}
	return quantity - (quantity-t.Least())%t.By()
}

// Comparable is what makes prices of different packs comparable (Decree
// 248/2026/NĐ-CP, Art. 8): the price of a kilogram, or of a piece.
type Comparable struct {
	Price market.VND
	Base  market.Base
	Mid   bool // from the middle of a weight band, so no exact price
}

// Comparable returns the variant's comparable price. A piece with a weight
// band is compared by the kilogram of its middle weight.
func (v Variant) Comparable() Comparable {
	if v.Size.Base == market.Pieces && v.Terms.Band.Known() {
		weight := market.Size{Base: market.Grams, Amount: v.Terms.Band.Mid() * v.Size.Amount}
		return Comparable{weight.UnitPrice(v.Price), market.Grams, true}
	}
	return Comparable{v.Size.UnitPrice(v.Price), v.Size.Base, false}
}

// weighing is how far the real weight may be from what was said, in a period.
type weighing struct {
	from, to  time.Time
	tolerance int64 // ‰
}

func parseWeighing(row map[string]string) (weighing, error) {
	var w weighing
	var err error
	if w.tolerance, err = strconv.ParseInt(row["tolerance_permille"], 10, 64); err != nil {
		return w, err
	}
	w.from, w.to, err = parsePeriod(row)
	return w, err
}

// Tolerance is how far, in ‰, the real weight of weighed goods may be below
// what was said at a moment without asking the buyer.
func (s Sets) Tolerance(at time.Time) int64 {
	for _, w := range s.sold.weighings {
		if inForce(w.from, w.to, at) {
			return w.tolerance
		}
	}
	return 0
}

// checkTerms tells what is wrong with how the variant at that place is sold.
func (s *Service) checkTerms(c *market.Checks, at string, v VariantDraft) {
	if u, known := s.sets.Unit(v.Unit); known && v.Size.Base.Known() && v.Size.Amount > 0 {
		c.That(u.holds(v.Size), at+"size", "product.unit_size")
	}
	t := v.Terms
	c.That(t.Min >= 0 && t.Min <= maxOrder, at+"min", "product.min")
	c.That(t.Step >= 0 && t.Step <= maxOrder, at+"step", "product.step")
	c.That(!t.Catch || v.Size.Base == market.Grams, at+"catch", "product.catch_pieces")
	if t.Band == (Band{}) {
		return
	}
	c.That(t.Band.Min > 0 && t.Band.Max >= t.Band.Min && t.Band.Max <= maxSize, at+"band", "product.band")
	c.That(v.Size.Base == market.Pieces, at+"band", "product.band_pieces")
}

// maxOrder bounds the least quantity of an order and its steps.
const maxOrder = 10_000

// Tolerance is Sets.Tolerance for those who have only the service.
func (s *Service) Tolerance(at time.Time) int64 { return s.sets.Tolerance(at) }
