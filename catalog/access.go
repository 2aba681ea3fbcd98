package catalog

import (
	"context"
	"slices"

	"chohue/market"
)

// mayRead: the shop is open to all; what is not in it yet to the seller and to
// those who check.
func mayRead(by market.Actor, p *Product) bool {
	return p.Status == StatusPublished || by.For(p.Seller) ||
		by.Is(market.RoleModerator, market.RoleOperator, market.RoleOfficial)
}

// owned returns the product if by may change it for its seller.
func (s *Service) owned(ctx context.Context, by market.Actor, id market.ID) (*Product, error) {
	p, err := s.products.Get(ctx, id)
	if err != nil {
		return nil, missing(err)
	}
	if !by.For(p.Seller) {
		return nil, errMissing
	}
	return p, nil
}

// judged returns the product if by has one of the roles and no stake in it:
// nobody approves or certifies goods of a seller that they belong to.
func (s *Service) judged(ctx context.Context, by market.Actor, id market.ID, roles ...market.Role) (*Product, error) {
	p, err := s.Product(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if !by.Is(roles...) {
		return nil, market.Forbidden("catalog.forbidden")
	}
	if slices.Contains(by.Sellers, p.Seller) && !by.Is(market.RoleSystem) {
		return nil, market.Forbidden("catalog.own_goods")
	}
	return p, nil
}
