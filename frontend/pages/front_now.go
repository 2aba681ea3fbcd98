package pages

import (
	"context"
	"slices"

	"chohue/catalog"
	"chohue/market"
)

// asOfNow is the kept front with its products as they are at this moment: what
// is on the page may be a little old, but no badge may outlive its certificate.
func (p *Pages) asOfNow(ctx context.Context, kept *front) (*front, error) {
	f := *kept
	var ids []market.ID
	shelves := []*[]*catalog.Product{&f.season, &f.fresh, &f.proven}
	for _, shelf := range shelves {
		for _, product := range *shelf {
			ids = append(ids, product.ID)
		}
	}
	found, err := p.Catalog.Products(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for _, shelf := range shelves {
		*shelf = inOrder(idsOf(*shelf), found)
	}
	now := p.Env.Now()
	f.proven = slices.DeleteFunc(f.proven, func(product *catalog.Product) bool {
		_, ok := product.Badge(now)
		return !ok
	})
	return &f, nil
}

func idsOf(products []*catalog.Product) []market.ID {
	ids := make([]market.ID, len(products))
	for i, product := range products {
		ids[i] = product.ID
	}
	return ids
}
