package search

import (
	"context"
	"strings"
	"time"

	"chohue/catalog"
	"chohue/market"
)

// Source is what search needs of the catalogue.
type Source interface {
	// PublishedProduct returns not found for what is not in the shop.
	PublishedProduct(ctx context.Context, id market.ID) (*catalog.Product, error)
	EachPublished(ctx context.Context, do func(*catalog.Product) error) error
	// EachTurned gives the products in the shop whose certificates somebody
	// changed since then; for the zero time, lately.
	EachTurned(ctx context.Context, since time.Time, do func(*catalog.Product) error) (looked time.Time, err error)
}

// Service answers queries and keeps its engines equal to the catalogue.
type Service struct {
	engines []Engine
	source  Source
	sets    catalog.Sets
	areas   *market.Areas
	turned  turned
}

// New returns a service that asks the first engine, and the fallbacks in their
// order when it does not answer. All of them are kept up to date.
func New(engine Engine, source Source, sets catalog.Sets, areas *market.Areas, fallbacks ...Engine) *Service {
	return &Service{engines: append([]Engine{engine}, fallbacks...), source: source, sets: sets, areas: areas}
}

// MaxText is how many letters of a query are looked at.
const MaxText = 200

// Search finds products, by the badges of this very moment: see catchUp. The text never makes it fail; a sort that does not
// exist is invalid, and unavailable means that no engine answers.
//
// When the text as typed finds nothing, it is read once more as Telex keys left
// in the text ("ddinhf" for "đình"); Corrected says so.
func (s *Service) Search(ctx context.Context, q Query) (Result, error) {
	q, err := tidy(q)
	if err != nil {
		return Result{}, err
	}
	if err := s.catchUp(ctx); err != nil {
		return Result{}, err
	}
	r, err := s.query(ctx, q)
	if err != nil || (r.Total > 0 && r.Corrected == "") {
		return r, err
	}
	meant, ok := Telex(q.Text)
	if !ok {
		return r, nil
	}
	keys := q
	keys.Text = meant
	other, err := s.query(ctx, keys)
	if err != nil || other.Total == 0 || other.Corrected != "" {
		return r, err
	}
	other.Corrected = meant
	return other, nil
}

func tidy(q Query) (Query, error) {
	q.Text = cut(strings.TrimSpace(q.Text), MaxText)
	switch q.Sort {
	case "":
		q.Sort = SortRelevance
	case SortRelevance, SortPrice, SortPriceDown, SortNewest:
	default:
		return q, market.Invalid("search.sort", "sort")
	}
	var checks market.Checks
	checks.That(q.Set >= 0 && q.Set <= 26, "set", "search.set")
	checks.That(q.Stars >= 0 && q.Stars <= 5, "stars", "search.stars")
	checks.That(q.PriceFrom >= 0 && q.PriceTo >= 0, "price", "search.price")
	return q, checks.Err()
}

func (s *Service) query(ctx context.Context, q Query) (Result, error) {
	for i, e := range s.engines {
		r, err := e.Query(ctx, q)
		if err == nil {
			r.Degraded = i > 0
			return r, nil
		}
		if ctx.Err() != nil {
			return Result{}, ctx.Err()
		}
	}
	return Result{}, market.Unavailable("search.unavailable")
}

// Suggest returns distinct product names that go on from what was typed; at
// most ten.
func (s *Service) Suggest(ctx context.Context, text string, limit int) ([]string, error) {
	text = cut(text, MaxText)
	if limit <= 0 || limit > 10 {
		limit = 10
	}
	for _, e := range s.engines {
		names, err := e.Suggest(ctx, text, limit)
		if err == nil {
			return names, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return nil, market.Unavailable("search.unavailable")
}

// Health reports whether any engine can answer.
func (s *Service) Health(ctx context.Context) error {
	for _, e := range s.engines {
		if e.Health(ctx) == nil {
			return nil
		}
	}
	return market.Unavailable("search.unavailable")
}

// document is what engines are told of a product.
func (s *Service) document(p *catalog.Product) Document {
	set, _ := s.sets.Find(p.Set)
	return Document{
		ID: p.ID, Version: p.Rev, Name: p.Name,
		Seller: p.Seller, SellerName: p.SellerName, SellerSlug: p.SellerSlug,
		Set: p.Set, SetName: set.Name, Ward: p.Ward, WardName: s.areas.Name(p.Ward),
		Description: p.Description, Badges: badges(p),
		Price: p.PriceFrom, InStock: p.InStock, PublishedAt: p.PublishedAt,
	}
}

func badges(p *catalog.Product) []Badge {
	var out []Badge
	for _, span := range p.BadgeSpans() {
		out = append(out, Badge(span))
	}
	return out
}
