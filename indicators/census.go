package indicators

import (
	"context"

	"chohue/market"
	"chohue/store"
)

// Census is how things stand at the end of a month, or now in the running one:
// what no delivery can tell.
type Census struct {
	store.Doc    `bson:",inline"` // the id is the month
	Listings     int64            `bson:"listings"`      // in the shop
	Certified    int64            `bson:"certified"`     // of them, with a certificate valid then
	Sellers      int64            `bson:"sellers"`       // with a listing
	Co           int64            `bson:"co"`            // of them, cooperatives and cooperative groups
	Households   int64            `bson:"households"`    // farmers who belong to a seller with a listing
	FirstMinutes int64            `bson:"first_minutes"` // median minutes from the first sign-in to the first listing
}

// Counter counts how things stand now; cmd hands it the rooms that know.
type Counter interface {
	Count(ctx context.Context) (Census, error)
}

// TakeCensus counts for the running month. The last count of a month stays as
// that month's. For workers.
func (s *Service) TakeCensus(ctx context.Context, of Counter) (int, error) {
	fresh, err := of.Count(ctx)
	if err != nil {
		return 0, err
	}
	_, err = s.censuses.Upsert(ctx, market.ID(monthOf(s.env.Now())), func(c *Census) ([]market.Event, error) {
		*c = fresh
		return nil, nil
	})
	return 1, err
}

// census returns the count of a month, zero when nobody counted.
func (s *Service) census(ctx context.Context, month string) (Census, error) {
	c, err := s.censuses.Get(ctx, market.ID(month))
	if store.Missing(err) {
		return Census{}, nil
	}
	if err != nil {
		return Census{}, err
	}
	return *c, nil
}
