package catalog

import (
	"context"
	"slices"

	"chohue/market"
)

// Approve puts a submitted product into the shop. Its seller must be verified
// (Law 122/2025/QH15, Art. 17.1.c).
func (s *Service) Approve(ctx context.Context, by market.Actor, id market.ID) (*Product, error) {
	p, err := s.judged(ctx, by, id, market.RoleModerator, market.RoleOperator)
	if err != nil {
		return nil, err
	}
	card, err := s.sellers.SellerCard(ctx, p.Seller)
	if err != nil {
		return nil, err
	}
	if !card.Verified {
		return nil, market.Conflict("catalog.seller_unverified")
	}
	if err := s.licensed(card, p.Set); err != nil {
		return nil, err
	}
	reserved, err := s.namesFor(ctx, p.Seller)
	if err != nil {
		return nil, err
	}
	return s.update(ctx, id, func(p *Product) ([]market.Event, error) { return s.publish(p, by, card, reserved) })
}

func (s *Service) publish(p *Product, by market.Actor, card SellerCard, reserved names) ([]market.Event, error) {
	if p.Status == StatusPublished {
		return nil, nil
	}
	if err := p.complete(); err != nil {
		return nil, err
	}
	if err := reserved.check(s, p); err != nil {
		return nil, err
	}
	p.describe(card)
	p.Reason = ""
	p.Editions++
	p.Shown = Note{Number: p.Editions, By: p.Producer, ByName: p.ProducerName, At: p.SubmittedAt}.judged(EditionShown, by, s.env.Now())
	if p.PublishedAt.IsZero() {
		p.PublishedAt = s.env.Now()
	}
	return s.news(p, EventPublished), p.move(StatusPublished)
}

// Reject sends a product back with the moderator's reason. It also takes a
// published one out of the shop at once, as an authority may demand within 24
// hours (Law 122/2025/QH15, Art. 17.1.c).
func (s *Service) Reject(ctx context.Context, by market.Actor, id market.ID, reason string) (*Product, error) {
	var c market.Checks
	reason = line(&c, "reason", reason, maxReason)
	c.That(reason != "", "reason", "product.reason_missing")
	if err := c.Err(); err != nil {
		return nil, err
	}
	if _, err := s.judged(ctx, by, id, market.RoleModerator, market.RoleOperator); err != nil {
		return nil, err
	}
	return s.update(ctx, id, func(p *Product) ([]market.Event, error) {
		return s.takeOut(p, StatusRejected, reason, EventRejected)
	})
}

// Withdraw takes a product off its way or out of the shop, for its seller or a
// moderator.
func (s *Service) Withdraw(ctx context.Context, by market.Actor, id market.ID) (*Product, error) {
	p, err := s.Product(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if !by.For(p.Seller) && !by.Is(market.RoleModerator, market.RoleOperator) {
		return nil, market.Forbidden("catalog.forbidden")
	}
	return s.update(ctx, id, func(p *Product) ([]market.Event, error) {
		return s.takeOut(p, StatusWithdrawn, "")
	})
}

func (s *Service) takeOut(p *Product, next Status, reason string, kinds ...string) ([]market.Event, error) {
	if p.Status == next {
		return nil, nil
	}
	if p.Status == StatusPublished || next == StatusWithdrawn {
		kinds = slices.Concat(kinds, []string{EventWithdrawn})
	}
	p.Reason = reason
	if p.Pending != nil {
		*p = *p.AsEdited()
		p.Pending = nil
	}
	return s.news(p, kinds...), p.move(next)
}
