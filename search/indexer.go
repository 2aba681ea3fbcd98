package search

import (
	"context"
	"errors"
	"slices"

	"chohue/catalog"
	"chohue/market"
)

// Consume follows the catalogue. It reads the product as it is now, so news
// that come twice or late do no harm. It wants the events of Consumes.
func (s *Service) Consume(ctx context.Context, e market.Event) error {
	if !slices.Contains(Consumes(), e.Type) {
		return nil
	}
	var changed catalog.Changed
	if err := e.Decode(&changed); err != nil {
		return err
	}
	p, err := s.source.PublishedProduct(ctx, e.Subject)
	if market.KindOf(err) == market.KindNotFound {
		return s.apply(ctx, Change{Delete: e.Subject, Version: changed.Version})
	}
	if err != nil {
		return err
	}
	d := s.document(p)
	return s.apply(ctx, Change{Document: &d})
}

// Consumes are the events that Consume wants.
func Consumes() []string {
	return []string{
		catalog.EventPublished, catalog.EventChanged, catalog.EventWithdrawn,
		catalog.EventCertified, catalog.EventRevoked,
	}
}

// Reindex makes every index anew from the catalogue, beside the live one.
func (s *Service) Reindex(ctx context.Context) error {
	var failed error
	for _, e := range s.engines {
		failed = errors.Join(failed, e.Rebuild(ctx, func(yield func(Document) error) error {
			return s.source.EachPublished(ctx, func(p *catalog.Product) error { return yield(s.document(p)) })
		}))
	}
	return failed
}

// Count returns how many products the first engine can find.
func (s *Service) Count(ctx context.Context) (int, error) { return s.engines[0].Count(ctx) }
