package cooperatives

import (
	"context"

	"chohue/market"
)

// Licences lists the kinds of paper, by their codes, that the seller has shown
// and that are good now.
func (s *Service) Licences(ctx context.Context, seller market.ID) ([]string, error) {
	d, err := s.dossier(ctx, seller)
	if err != nil {
		return nil, err
	}
	var good []string
	now := s.env.Now()
	for _, rule := range s.rules.papers {
		if rule.holds(now) && d.item(rule, now).Good {
			good = append(good, rule.Code)
		}
	}
	return good, nil
}
