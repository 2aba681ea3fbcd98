package catalog

import (
	"context"

	"chohue/market"
)

// Submit asks for a draft to be checked and shown. It must have a photo and a
// variant, and may use a geographical indication's name only with a checked right
// of use.
func (s *Service) Submit(ctx context.Context, by market.Actor, id market.ID) (*Product, error) {
	reserved, err := s.namesOf(ctx, by, id)
	if err != nil {
		return nil, err
	}
	card, err := s.cardOf(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.update(ctx, id, func(p *Product) ([]market.Event, error) {
		if p.Status == StatusSubmitted {
			return nil, nil
		}
		if err := p.complete(); err != nil {
			return nil, err
		}
		if p.Status == StatusPublished {
			return nil, nil
		}
		if err := s.licensed(card, p.Set); err != nil {
			return nil, err
		}
		if err := reserved.check(s, p); err != nil {
			return nil, err
		}
		p.Reason, p.SubmittedAt = "", s.env.Now()
		return s.news(p, EventSubmitted), p.move(StatusSubmitted)
	})
}

// namesOf returns the names that the product of somebody's seller must not use
// without a right.
func (s *Service) namesOf(ctx context.Context, by market.Actor, id market.ID) (names, error) {
	p, err := s.owned(ctx, by, id)
	if err != nil {
		return names{}, err
	}
	return s.namesFor(ctx, p.Seller)
}

// complete tells what a product still needs before anybody may see it.
func (p *Product) complete() error {
	var c market.Checks
	c.That(len(p.Photos) > 0, "photos", "product.photo_missing")
	c.That(len(p.Variants) > 0, "variants", "product.variant_missing")
	return c.Err()
}
