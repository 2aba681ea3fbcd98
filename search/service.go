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
	engines []*asked
	source  Source
	sets    catalog.Sets
	areas   *market.Areas
	turned  turned
}

// New returns a service that asks the first engine, and the fallbacks in their
// order when it does not answer. All of them are kept up to date. With
// fallbacks, an engine is not asked before Recover has compared it with the
// catalogue: a server may be new and empty.
func New(engine Engine, source Source, sets catalog.Sets, areas *market.Areas, fallbacks ...Engine) *Service {
	s := &Service{source: source, sets: sets, areas: areas}
	for _, e := range append([]Engine{engine}, fallbacks...) {
		s.engines = append(s.engines, &asked{Engine: e})
	}
	for _, e := range s.engines[:len(s.engines)-1] {
		e.behind.Store(true)
	}
	return s
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
	if area, ok := s.areas.Find(q.NearWard); ok {
		q.Near = Point{Lat: area.Lat, Lng: area.Lng}
	}
	if err := s.catchUp(ctx); err != nil {
		return Result{}, err
	}
	return reread(ctx, q, s.query)
}

// Ask asks an engine as Search does, without a catalogue behind it.
func Ask(ctx context.Context, e Engine, q Query) (Result, error) {
	q, err := tidy(q)
	if err != nil {
		return Result{}, err
	}
	return reread(ctx, q, e.Query)
}

// reread asks again with the text read as Telex keys when it finds nothing as
// it stands.
func reread(ctx context.Context, q Query, ask func(context.Context, Query) (Result, error)) (Result, error) {
	r, err := ask(ctx, q)
	if err != nil || (r.Total > 0 && r.Corrected == "") {
		return r, err
	}
	meant, ok := Telex(q.Text)
	if !ok {
		return r, nil
	}
	keys := q
	keys.Text = meant
	other, err := ask(ctx, keys)
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
	case SortRelevance, SortPrice, SortPriceDown, SortNewest, SortNear:
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
	var r Result
	first, err := s.first(ctx, func(ctx context.Context, e Engine) (err error) {
		r, err = e.Query(ctx, q)
		return err
	})
	r.Degraded = first > 0
	return r, err
}

// Suggest returns what goes on from what was typed: sellers, wards, distinct
// product names; at most ten.
func (s *Service) Suggest(ctx context.Context, text string, limit int) ([]Suggestion, error) {
	text = cut(text, MaxText)
	if limit <= 0 || limit > 10 {
		limit = 10
	}
	var out []Suggestion
	_, err := s.first(ctx, func(ctx context.Context, e Engine) (err error) {
		out, err = e.Suggest(ctx, text, limit)
		return err
	})
	return out, err
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
		At: s.at(p.Ward), Description: p.Description, Options: options(p), Badges: badges(p),
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

func options(p *catalog.Product) []market.Text {
	out := make([]market.Text, len(p.Variants))
	for i, v := range p.Variants {
		out[i] = v.Name
	}
	return out
}

func (s *Service) at(ward string) Point {
	area, _ := s.areas.Find(ward)
	return Point{Lat: area.Lat, Lng: area.Lng}
}
