package catalog

import (
	"context"

	"chohue/market"
)

// Submit asks for a draft to be checked and shown. It must have a photo and a
// variant.
func (s *Service) Submit(ctx context.Context, by market.Actor, id market.ID) (*Product, error) {
	return s.update(ctx, id, func(p *Product) ([]market.Event, error) {
		if !by.For(p.Seller) {
			return nil, errMissing
		}
		if p.Status == StatusSubmitted {
			return nil, nil
		}
		if err := p.complete(); err != nil {
			return nil, err
		}
		if p.Status == StatusPublished {
			return nil, nil
		}
		p.Reason, p.SubmittedAt = "", s.env.Now()
		return s.news(p, EventSubmitted), p.move(StatusSubmitted)
	})
}

// complete tells what a product still needs before anybody may see it.
func (p *Product) complete() error {
	var c market.Checks
	c.That(len(p.Photos) > 0, "photos", "product.photo_missing")
	c.That(len(p.Variants) > 0, "variants", "product.variant_missing")
	return c.Err()
}
