package indicators

import (
	"context"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// tally is one thing that happened beside deliveries: a parcel confirmed, a
// complaint made. It is written once. What an order was worth when it was
// confirmed is only in that event, so tallies are not made again from orders.
type tally struct {
	store.Doc `bson:",inline"` // confirmed:order:parcel, complaint:id
	Kind      string           `bson:"kind"`
	Month     string           `bson:"month"`
	Seller    market.ID        `bson:"seller"`
	Ward      string           `bson:"ward,omitempty"`
	Value     market.VND       `bson:"value"`
}

const (
	tallyConfirmed = "confirmed"
	tallyComplaint = "complaint"
)

// confirmed counts each parcel of an order by the day on which it was placed.
func (s *Service) confirmed(ctx context.Context, e market.Event) error {
	var c orders.Confirmed
	if err := e.Decode(&c); err != nil {
		return err
	}
	for _, p := range c.Parcels {
		one := tally{
			Doc: store.Doc{ID: "confirmed:" + c.Order + ":" + p.ID}, Kind: tallyConfirmed, Month: monthOf(c.PlacedAt),
			Seller: p.Seller, Ward: p.SellerWard, Value: p.Goods,
		}
		if err := s.count(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

// complained counts complaints about parcels; one about a product is no
// complaint of a sale.
func (s *Service) complained(ctx context.Context, e market.Event) error {
	var c orders.ComplaintNews
	if err := e.Decode(&c); err != nil || c.Parcel == "" {
		return err
	}
	return s.count(ctx, tally{Doc: store.Doc{ID: "complaint:" + c.Complaint}, Kind: tallyComplaint, Month: monthOf(e.At), Seller: c.Seller})
}

// count writes a tally once and stamps its month among the tallies.
func (s *Service) count(ctx context.Context, t tally) error {
	if err := s.tallies.Insert(ctx, &t); err != nil && !store.Exists(err) {
		return err
	}
	_, err := s.periods.Upsert(ctx, tallyStamp(t.Month), func(p *period) ([]market.Event, error) {
		p.News++
		return nil, nil
	})
	return err
}

func tallyStamp(month string) market.ID { return market.ID("tallies:" + month) }

// counts is what the tallies of a month come to.
type counts struct {
	confirmed  market.VND
	parcels    int64 // confirmed
	complaints int64
}

func (s *Service) fewCounts(ctx context.Context, month string) (counts, error) {
	c := counts{}
	err := s.tallies.Each(ctx, store.Query{Index: "month", Eq: []any{month}}, func(t *tally) error {
		switch t.Kind {
		case tallyConfirmed:
			c.confirmed += t.Value
			c.parcels++
		case tallyComplaint:
			c.complaints++
		}
		return nil
	})
	return c, err
}
