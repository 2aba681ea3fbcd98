package catalog

import (
	"context"
	"slices"

	"chohue/market"
)

// Reason is why somebody corrects a stock by hand.
type Reason struct {
	Code  string
	Name  market.Text
	Adds  bool // may be given for units that are more than was known
	Takes bool // may be given for units that are less
}

// LoadReasons reads the reasons for corrections.
func LoadReasons() ([]Reason, error) {
	rows, err := readTable("taxonomy/stock_reasons.csv")
	if err != nil {
		return nil, err
	}
	var all []Reason
	for _, row := range rows {
		all = append(all, Reason{
			Code: row["code"], Name: market.Text{VI: row["name"], EN: row["name_en"]},
			Adds: row["adds"] == "yes", Takes: row["takes"] == "yes",
		})
	}
	return all, nil
}

// Correction is a change of the stock by hand, with its reason.
type Correction struct {
	ID       market.ID // made by the client, optional: the same again, while it is among the last, changes nothing
	Lot      market.ID // empty for the goods of no named lot
	Quantity int64     // more, or less when negative
	Why      string    // code of one of the Reasons
	Note     string
}

// Correct adds units to a lot or takes some off.
func (s *Service) Correct(ctx context.Context, by market.Actor, variant market.ID, c Correction) (*Stock, error) {
	i := slices.IndexFunc(s.reasons, func(r Reason) bool { return r.Code == c.Why })
	if i < 0 || (c.Quantity > 0 && !s.reasons[i].Adds) || (c.Quantity < 0 && !s.reasons[i].Takes) {
		return nil, market.Invalid("stock.why", "why")
	}
	var checks market.Checks
	checkID(&checks, "id", c.ID)
	if err := checks.Err(); err != nil {
		return nil, err
	}
	m := Move{ID: c.ID, Quantity: c.Quantity, Lot: c.Lot, Why: c.Why, Reason: c.Note}
	return s.moveStock(ctx, by, variant, m, func(k *Stock) error {
		if c.Quantity > 0 {
			return k.receive(c.Lot, c.Quantity)
		}
		return k.lose(&c.Lot, -c.Quantity)
	})
}
