package market

// Base is what quantities are counted in at the bottom.
type Base string

// The two base units. Everything sold is a whole number of one of them.
const (
	Grams  Base = "grams"
	Pieces Base = "pieces"
)

// Known reports whether b is one of the base units.
func (b Base) Known() bool { return b == Grams || b == Pieces }

// Size says what one sold unit holds: 500 grams, or 10 pieces (a chục).
type Size struct {
	Base   Base  `bson:"base" json:"base"`
	Amount int64 `bson:"amount" json:"amount"` // grams or pieces in one sold unit
}

// UnitPrice returns the price of a kilogram (for grams) or of one piece, as
// Decree 248/2026 wants prices to be comparable; rounded half up.
func (s Size) UnitPrice(price VND) VND {
	if s.Amount <= 0 {
		return price
	}
	per := int64(1)
	if s.Base == Grams {
		per = 1000
	}
	return VND((int64(price)*per + s.Amount/2) / s.Amount)
}
