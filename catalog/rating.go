package catalog

import (
	"context"

	"chohue/market"
)

// Rating is what the reviews of a product come to. It stands in the product so
// that a list of cards asks for nothing else; reviews themselves are of orders.
type Rating struct {
	Count   int64 `bson:"count,omitempty"`
	Sum     int64 `bson:"sum,omitempty"`     // of stars
	Version int64 `bson:"version,omitempty"` // of the news that it is from
}

// Tenths is the average in tenths of a star, rounded to the nearest; 0 without
// reviews.
func (r Rating) Tenths() int64 {
	if r.Count == 0 {
		return 0
	}
	return (r.Sum*20 + r.Count) / (2 * r.Count)
}

// eventRated is orders.EventRated: orders stand on the floor above.
const eventRated = "orders.rated"

// rated keeps a product's rating. News that has been overtaken changes nothing,
// and neither does news heard twice.
func (s *Service) rated(ctx context.Context, e market.Event) error {
	var news struct {
		Count   int64 `json:"count"`
		Sum     int64 `json:"sum"`
		Version int64 `json:"version"`
	}
	if err := e.Decode(&news); err != nil {
		return err
	}
	_, err := s.update(ctx, e.Subject, func(p *Product) ([]market.Event, error) {
		if p.Rating.Version < news.Version {
			p.Rating = Rating(news)
		}
		return nil, nil
	})
	if market.KindOf(err) == market.KindNotFound {
		return nil
	}
	return err
}
