package catalog

import (
	"context"

	"chohue/market"
	"chohue/store"
)

// Product returns a product that by may see.
func (s *Service) Product(ctx context.Context, by market.Actor, id market.ID) (*Product, error) {
	p, err := s.products.Get(ctx, id)
	if err != nil {
		return nil, missing(err)
	}
	if !mayRead(by, p) {
		return nil, errMissing
	}
	return p, nil
}

// PublishedProduct returns a product that is in the shop.
func (s *Service) PublishedProduct(ctx context.Context, id market.ID) (*Product, error) {
	return s.Product(ctx, market.Actor{}, id)
}

// Products returns those of the products that are in the shop, by id.
func (s *Service) Products(ctx context.Context, ids ...market.ID) (map[market.ID]*Product, error) {
	found, err := s.products.GetMany(ctx, ids...)
	for id, p := range found {
		if p.Status != StatusPublished {
			delete(found, id)
		}
	}
	return found, err
}

// BySlug returns the product of that address if by may see it.
func (s *Service) BySlug(ctx context.Context, by market.Actor, slug string) (*Product, error) {
	return s.first(ctx, "slug", slug, func(p *Product) bool { return mayRead(by, p) })
}

// ByVariant returns the product in the shop that has the variant.
func (s *Service) ByVariant(ctx context.Context, variant market.ID) (*Product, error) {
	return s.first(ctx, "variant", variant, func(p *Product) bool { return p.Status == StatusPublished })
}

func (s *Service) first(ctx context.Context, index string, value any, wanted func(*Product) bool) (*Product, error) {
	page, err := s.products.Find(ctx, store.Query{Index: index, Eq: []any{value}, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(page.Items) == 0 || !wanted(page.Items[0]) {
		return nil, errMissing
	}
	return page.Items[0], nil
}

// EachPublished calls do with every product in the shop, oldest first, until
// do returns an error.
func (s *Service) EachPublished(ctx context.Context, do func(*Product) error) error {
	return s.products.Each(ctx, store.Query{Index: "newest", Eq: []any{StatusPublished}}, do)
}
