package catalog

import (
	"context"
	"slices"
	"strconv"
	"time"

	"chohue/market"
)

// licence says that goods of a set need a licence of their seller in a period.
type licence struct {
	set      int
	kind     string
	from, to time.Time
}

func parseLicence(row map[string]string) (licence, error) {
	set, err := strconv.Atoi(row["set"])
	if err != nil {
		return licence{}, err
	}
	from, to, err := parsePeriod(row)
	return licence{set, row["licence"], from, to}, err
}

// Licence is the kind of licence that a seller of a product set needs at a
// moment; empty when none.
func (s Sets) Licence(set int, at time.Time) string {
	for _, l := range s.sold.licences {
		if l.set == set && inForce(l.from, l.to, at) {
			return l.kind
		}
	}
	return ""
}

// licensed refuses goods whose seller has not shown the licence for them. What
// nobody says of a seller counts as not shown.
func (s *Service) licensed(card SellerCard, set int) error {
	needed := s.sets.Licence(set, s.env.Now())
	if needed == "" || slices.Contains(card.Licences, needed) {
		return nil
	}
	return market.Conflict("catalog.licence_missing").With("licence", needed).At("set")
}

func (s *Service) cardOf(ctx context.Context, id market.ID) (SellerCard, error) {
	p, err := s.products.Get(ctx, id)
	if err != nil {
		return SellerCard{}, missing(err)
	}
	return s.sellers.SellerCard(ctx, p.Seller)
}
