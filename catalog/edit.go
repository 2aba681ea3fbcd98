package catalog

import (
	"context"

	"chohue/market"
)

// Edit changes a product. New prices and pack sizes show at once; a new name,
// set, description or story of a published product takes it back to the
// moderators, unless by is one.
//
// A certified product keeps its set: the certificate is about that set.
func (s *Service) Edit(ctx context.Context, by market.Actor, id market.ID, d Draft) (*Product, error) {
	now, err := s.owned(ctx, by, id)
	if err != nil {
		return nil, err
	}
	d.ID, d.Seller = now.ID, now.Seller
	if d, err = s.clean(d); err != nil {
		return nil, err
	}
	next := *now
	s.fill(&next, d)
	stocked, err := s.claimVariants(ctx, &next, d.Variants)
	if err != nil {
		return nil, err
	}
	for i := range d.Variants {
		d.Variants[i].ID = next.Variants[i].ID
	}
	return s.amend(ctx, by, id, func(p *Product) (bool, error) {
		return s.rewrite(p, d, stocked)
	})
}

// rewrite reports whether it changed words that a moderator reads.
func (s *Service) rewrite(p *Product, d Draft, stocked bool) (bool, error) {
	if p.Set != d.Set && len(p.Certificates) > 0 {
		return false, market.Conflict("catalog.set_certified").At("set")
	}
	words := p.Name != d.Name || p.Description != d.Description || p.Story != d.Story || p.Set != d.Set
	s.fill(p, d)
	p.InStock = stocked
	return words, nil
}

// amend changes the content of a product for its seller. change reports
// whether a moderator has to look again.
func (s *Service) amend(ctx context.Context, by market.Actor, id market.ID, change func(*Product) (bool, error)) (*Product, error) {
	return s.update(ctx, id, func(p *Product) ([]market.Event, error) {
		if !by.For(p.Seller) {
			return nil, errMissing
		}
		recheck, err := change(p)
		if err != nil {
			return nil, err
		}
		if err := p.complete(); p.Status == StatusPublished && err != nil {
			return nil, err
		}
		return s.settleEdit(by, p, recheck)
	})
}

// settleEdit puts the edited product where it belongs now.
func (s *Service) settleEdit(by market.Actor, p *Product, recheck bool) ([]market.Event, error) {
	if p.Status != StatusPublished {
		return nil, p.move(afterEdit[p.Status])
	}
	if !recheck || by.Is(market.RoleModerator, market.RoleOperator) {
		return s.news(p, EventChanged), nil
	}
	p.SubmittedAt = s.env.Now()
	return s.news(p, EventWithdrawn, EventSubmitted), p.move(afterEdit[p.Status])
}

func (s *Service) update(ctx context.Context, id market.ID, change func(*Product) ([]market.Event, error)) (*Product, error) {
	p, err := s.products.Update(ctx, id, change)
	return p, missing(err)
}
