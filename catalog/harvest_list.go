package catalog

import (
	"context"

	"chohue/market"
	"chohue/store"
)

// HarvestsOfProduct lists the harvests of a product that can be reserved now,
// the next to be brought in first, without their reservations.
func (s *Service) HarvestsOfProduct(ctx context.Context, product market.ID) ([]*Harvest, error) {
	page, err := s.harvests.Find(ctx, store.Query{Index: "of_product", Eq: []any{product}, Limit: store.MaxLimit})
	return s.reservable(page.Items), err
}

// OpenHarvests lists harvests that can be reserved now, those that close first
// at the front, without their reservations.
func (s *Service) OpenHarvests(ctx context.Context, limit int) ([]*Harvest, error) {
	page, err := s.harvests.Find(ctx, store.Query{Index: "open", Eq: []any{HarvestOpen}, From: s.env.Now(), Limit: limit})
	return s.reservable(page.Items), err
}

func (s *Service) reservable(found []*Harvest) []*Harvest {
	var out []*Harvest
	for _, h := range found {
		if h.State != HarvestOpen || !s.env.Now().Before(h.Closes) {
			continue
		}
		out = append(out, h.seenBy(market.Actor{}, s.env.Now()))
	}
	return out
}

// HarvestsOfSeller lists a seller's harvests, newest first: to the seller's own
// people and those who check all, not found for others.
func (s *Service) HarvestsOfSeller(ctx context.Context, by market.Actor, seller market.ID, after store.Cursor, limit int) (store.Page[Harvest], error) {
	if !by.For(seller) && !by.Is(market.RoleModerator, market.RoleOperator, market.RoleOfficial) {
		return store.Page[Harvest]{}, errMissing
	}
	return s.harvests.Find(ctx, store.Query{Index: "of_seller", Eq: []any{seller}, Desc: true, After: after, Limit: limit})
}
