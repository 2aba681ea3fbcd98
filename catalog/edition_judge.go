package catalog

import (
	"context"
	"strconv"

	"chohue/market"
	"chohue/store"
)

// pastEdition keeps an edition that is no longer, or never was, on sale. Its
// id is product:number.
type pastEdition struct {
	store.Doc `bson:",inline"`
	Product   market.ID `bson:"product"`
	Number    int64     `bson:"number"`
	Edition   Edition   `bson:"edition"`
}

var editionSpec = store.Spec{Name: "editions", Indexes: []store.Index{{Name: "product", Fields: []string{"product", "number"}}}}

// Edits lists published products with an edition that waits for a moderator,
// longest waiting first.
func (s *Service) Edits(ctx context.Context, by market.Actor, after store.Cursor, limit int) (store.Page[Product], error) {
	if !by.Is(market.RoleModerator, market.RoleOperator) {
		return store.Page[Product]{}, market.Forbidden("catalog.forbidden")
	}
	return s.products.Find(ctx, store.Query{
		Index: "edits", Eq: []any{EditionWaiting}, After: after, Limit: pageLimit(limit),
	})
}

// ApproveEdit shows an edition of a published product to buyers. number is the
// one that the moderator has read: when the seller has changed it meanwhile the
// answer is the conflict catalog.stale.
func (s *Service) ApproveEdit(ctx context.Context, by market.Actor, id market.ID, number int64) (*Product, error) {
	p, err := s.judged(ctx, by, id, market.RoleModerator, market.RoleOperator)
	if err != nil || p.Shown.Number == number {
		return p, err
	}
	edited := p.AsEdited()
	if err := s.maySell(ctx, edited); err != nil {
		return nil, err
	}
	if err := s.archive(ctx, p.ID, p.edition()); err != nil {
		return nil, err
	}
	return s.decide(ctx, id, number, func(p *Product) error {
		if err := p.AsEdited().complete(); err != nil {
			return err
		}
		p.settlePending(by, s.env.Now())
		return nil
	}, EventChanged)
}

// RejectEdit refuses an edition with the moderator's reason. What is on sale
// stays.
func (s *Service) RejectEdit(ctx context.Context, by market.Actor, id market.ID, number int64, reason string) (*Product, error) {
	var c market.Checks
	reason = line(&c, "reason", reason, maxReason)
	c.That(reason != "", "reason", "product.reason_missing")
	if err := c.Err(); err != nil {
		return nil, err
	}
	p, err := s.judged(ctx, by, id, market.RoleModerator, market.RoleOperator)
	if err != nil {
		return nil, err
	}
	if e := p.Pending; e != nil && e.Number == number && e.State == EditionWaiting {
		refused := Edition{e.judged(EditionRefused, by, s.env.Now()), e.Content}
		refused.Reason = reason
		if err := s.archive(ctx, p.ID, refused); err != nil {
			return nil, err
		}
	}
	return s.decide(ctx, id, number, func(p *Product) error {
		p.Pending.Note = p.Pending.judged(EditionRefused, by, s.env.Now())
		p.Pending.Reason = reason
		return nil
	}, EventEdited)
}

var errStale = market.Conflict("catalog.stale")

// decide does something about the waiting edition of that number. Doing the
// same again is no error.
func (s *Service) decide(ctx context.Context, id market.ID, number int64, do func(*Product) error, event string) (*Product, error) {
	return s.update(ctx, id, func(p *Product) ([]market.Event, error) {
		if p.Shown.Number == number || p.Pending != nil && p.Pending.Number == number && p.Pending.State == EditionRefused && event == EventEdited {
			return nil, nil
		}
		if p.Status != StatusPublished || p.Pending == nil || p.Pending.Number != number || p.Pending.State != EditionWaiting {
			return nil, errStale
		}
		if err := do(p); err != nil {
			return nil, err
		}
		return s.news(p, event), nil
	})
}

// maySell asks what the law asks before goods are shown: that the seller is
// verified (Law 122/2025/QH15, Art. 17.1.c), has the licence for the product's
// set, and uses no protected name without a right.
func (s *Service) maySell(ctx context.Context, p *Product) error {
	card, err := s.sellers.SellerCard(ctx, p.Seller)
	if err != nil {
		return err
	}
	if !card.Verified {
		return market.Conflict("catalog.seller_unverified")
	}
	if err := s.licensed(card, p.Set); err != nil {
		return err
	}
	reserved, err := s.namesFor(ctx, p.Seller)
	if err != nil {
		return err
	}
	return reserved.check(s, p)
}

func (p *Product) edition() Edition { return Edition{p.Shown, p.Content()} }

// archive keeps an edition before the product forgets it. Doing so twice, or
// for a change that then does not happen, harms nothing: History goes by the
// product.
func (s *Service) archive(ctx context.Context, product market.ID, e Edition) error {
	id := product + ":" + market.ID(strconv.FormatInt(e.Number, 10))
	_, err := s.editions.Upsert(ctx, id, func(kept *pastEdition) ([]market.Event, error) {
		kept.Product, kept.Number, kept.Edition = product, e.Number, e
		return nil, nil
	})
	return err
}

// History lists the editions of a product, newest first: what waits, what is
// on sale, and up to limit older ones. For its seller and those who check.
func (s *Service) History(ctx context.Context, by market.Actor, id market.ID, limit int) ([]Edition, error) {
	p, err := s.products.Get(ctx, id)
	if err != nil {
		return nil, missing(err)
	}
	if !by.For(p.Seller) && !by.Is(market.RoleModerator, market.RoleOperator, market.RoleOfficial) {
		return nil, errMissing
	}
	var out []Edition
	if p.Pending != nil && p.Pending.State == EditionWaiting {
		out = append(out, *p.Pending)
	}
	past, err := s.editions.Find(ctx, store.Query{Index: "product", Eq: []any{id}, Desc: true, Limit: pageLimit(limit)})
	if err != nil {
		return nil, err
	}
	shown := !p.PublishedAt.IsZero()
	for _, old := range past.Items {
		e := old.Edition
		if shown && e.Number <= p.Shown.Number {
			out, shown = append(out, p.edition()), false
		}
		if e.Number == p.Shown.Number || e.Number > p.Shown.Number && e.State != EditionRefused {
			continue
		}
		if e.State == EditionShown {
			e.State = EditionPast
		}
		out = append(out, e)
	}
	if shown {
		out = append(out, p.edition())
	}
	return out, nil
}
