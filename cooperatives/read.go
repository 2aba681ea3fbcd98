package cooperatives

import (
	"context"

	"chohue/market"
	"chohue/store"
)

// Seller returns the seller in any state; doors show the public only what
// verified sellers want known.
func (s *Service) Seller(ctx context.Context, id market.ID) (*Seller, error) {
	found, err := s.sellers.Get(ctx, id)
	if store.Missing(err) {
		return nil, errMissing
	}
	return found, err
}

// BySlug returns the seller at that address.
func (s *Service) BySlug(ctx context.Context, name string) (*Seller, error) {
	claim, err := s.slugs.Get(ctx, market.ID(name))
	if store.Missing(err) {
		return nil, errMissing
	}
	if err != nil {
		return nil, err
	}
	found, err := s.Seller(ctx, claim.Seller)
	if err == nil && found.Slug != name {
		return nil, errMissing
	}
	return found, err
}

// Sellers returns those that exist among ids.
func (s *Service) Sellers(ctx context.Context, ids ...market.ID) (map[market.ID]*Seller, error) {
	return s.sellers.GetMany(ctx, ids...)
}

// List returns the verified sellers, the oldest first. Of the query only
// Limit, After and Desc count.
func (s *Service) List(ctx context.Context, q store.Query) (store.Page[Seller], error) {
	return s.inStatus(ctx, StatusVerified, q)
}

// Queue returns the sellers of one status to moderators and operators: what
// waits for verification, what is suspended.
func (s *Service) Queue(ctx context.Context, by market.Actor, status string, q store.Query) (store.Page[Seller], error) {
	if !by.Is(market.RoleModerator, market.RoleOperator) {
		return store.Page[Seller]{}, market.Forbidden("cooperatives.moderator_only")
	}
	if _, ok := moves[status]; !ok {
		return store.Page[Seller]{}, market.Invalid("cooperatives.status", "status")
	}
	return s.inStatus(ctx, status, q)
}

func (s *Service) inStatus(ctx context.Context, status string, q store.Query) (store.Page[Seller], error) {
	return s.sellers.Find(ctx, store.Query{
		Index: "status", Eq: []any{status}, Desc: q.Desc, Limit: q.Limit, After: q.After,
	})
}

// Of returns the sellers to which the person belongs, in any state.
func (s *Service) Of(ctx context.Context, person market.ID) ([]*Seller, error) {
	if person == "" {
		return nil, nil
	}
	page, err := s.sellers.Find(ctx, store.Query{Index: "person", Eq: []any{person}})
	return page.Items, err
}
