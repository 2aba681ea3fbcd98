package cooperatives

import (
	"context"
	"slices"

	"chohue/market"
)

// Members lists who belongs to the seller, to its members and operators; to
// others there is no such seller.
func (s *Service) Members(ctx context.Context, by market.Actor, seller market.ID) ([]Member, error) {
	found, err := s.Seller(ctx, seller)
	if err != nil {
		return nil, err
	}
	return slices.Clone(found.Members), found.hide(by, nil)
}

// Manages lets managers of the seller and operators pass, who alone may bring
// people in. Other members hear that they may not; to strangers there is no
// such seller.
func (s *Service) Manages(ctx context.Context, by market.Actor, seller market.ID) error {
	_, err := s.managed(ctx, by, seller)
	return err
}
