package catalog

import (
	"context"

	"chohue/market"
)

// Edit changes a product. Of a published one, new prices show at once and are
// remembered; anything else makes an edition that waits for a moderator while
// what is on sale stays as it is, unless by is a moderator.
//
// When the draft names a revision and the product has another, somebody else
// has changed it meanwhile: the answer is the conflict catalog.stale and
// nothing is changed. A certified product keeps its set: the certificate is
// about that set.
func (s *Service) Edit(ctx context.Context, by market.Actor, id market.ID, d Draft) (*Product, error) {
	now, err := s.owned(ctx, by, id)
	if err != nil {
		return nil, err
	}
	d.ID, d.Seller = now.ID, now.Seller
	if d, err = s.clean(d); err != nil {
		return nil, err
	}
	next := now.AsEdited()
	s.fill(next, d)
	stocked, err := s.claimVariants(ctx, next, d.Variants)
	if err != nil {
		return nil, err
	}
	for i := range d.Variants {
		d.Variants[i].ID = next.Variants[i].ID
	}
	if now.Status == StatusPublished && trusted(by) {
		if err := s.archive(ctx, id, now.edition()); err != nil {
			return nil, err
		}
	}
	return s.amendAt(ctx, by, id, d.Revision, func(p *Product) (bool, error) { return s.rewrite(p, d, stocked) })
}

// rewrite reports whether it changed what a moderator reads.
func (s *Service) rewrite(p *Product, d Draft, stocked bool) (bool, error) {
	if p.Set != d.Set && len(p.Certificates) > 0 {
		return false, market.Conflict("catalog.set_certified").At("set")
	}
	was := p.Content()
	s.fill(p, d)
	p.InStock = stocked
	return len(Differences(was, p.Content())) > 0, nil
}

// amend changes the content of a product for its seller. change reports
// whether a moderator has to look; it may be called on the edition that waits
// and on what is on sale.
func (s *Service) amend(ctx context.Context, by market.Actor, id market.ID, change func(*Product) (bool, error)) (*Product, error) {
	return s.amendAt(ctx, by, id, 0, change)
}

func (s *Service) amendAt(ctx context.Context, by market.Actor, id market.ID, revision int64, change func(*Product) (bool, error)) (*Product, error) {
	return s.update(ctx, id, func(p *Product) ([]market.Event, error) {
		if !by.For(p.Seller) {
			return nil, errMissing
		}
		if revision != 0 && revision != p.Rev {
			return nil, errStale
		}
		if p.Status != StatusPublished {
			if _, err := change(p); err != nil {
				return nil, err
			}
			return nil, p.move(afterEdit[p.Status])
		}
		if trusted(by) {
			return s.rephrase(p, by, change)
		}
		return s.stage(p, by, change)
	})
}

// trusted reports whether somebody's words need no other moderator.
func trusted(by market.Actor) bool { return by.Is(market.RoleModerator, market.RoleOperator) }

// rephrase changes what is on sale on a moderator's own word.
func (s *Service) rephrase(p *Product, by market.Actor, change func(*Product) (bool, error)) ([]market.Event, error) {
	next := *p
	next.say(p.Content())
	if _, err := change(&next); err != nil {
		return nil, err
	}
	if err := next.complete(); err != nil {
		return nil, err
	}
	p.reprice(next.Variants, by, s.env.Now())
	if content := next.Content(); len(Differences(p.Content(), content)) > 0 {
		p.say(content)
		p.Editions++
		p.Shown = Note{Number: p.Editions, By: by.Person, ByName: by.Name, At: s.env.Now()}.judged(EditionShown, by, s.env.Now())
	}
	p.InStock = next.InStock
	return s.news(p, EventChanged), nil
}

// stage keeps a seller's change of what is on sale until a moderator has read
// it. Prices, and what needs no reading, show at once.
func (s *Service) stage(p *Product, by market.Actor, change func(*Product) (bool, error)) ([]market.Event, error) {
	next, before := p.AsEdited(), p.Editions
	recheck, err := change(next)
	if err != nil {
		return nil, err
	}
	p.reprice(next.Variants, by, s.env.Now())
	if !recheck && p.Pending == nil {
		if _, err := change(p); err != nil {
			return nil, err
		}
	}
	for _, each := range []*Product{next, p} {
		if err := each.complete(); err != nil {
			return nil, err
		}
	}
	p.stage(next, by, s.env.Now())
	if p.Editions > before {
		return s.news(p, EventChanged, EventEdited), nil
	}
	return s.news(p, EventChanged), nil
}

func (s *Service) update(ctx context.Context, id market.ID, change func(*Product) ([]market.Event, error)) (*Product, error) {
	p, err := s.products.Update(ctx, id, change)
	return p, missing(err)
}
