package livestream

import (
	"context"

	"chohue/market"
	"chohue/store"
)

// withEarnings returns a copy of the link with what its attributions sum up to.
// The sums are made when they are asked for, so they cannot drift.
func (s *Service) withEarnings(ctx context.Context, kept *Link) (*Link, error) {
	l := *kept
	counted := map[market.ID]bool{}
	err := s.attributions.Each(ctx, store.Query{Index: "link", Eq: []any{l.ID}}, func(a *Attribution) error {
		if !a.Counts() {
			return nil
		}
		counted[a.Order] = true
		l.Revenue += a.Net()
		if a.State == StateDelivered {
			l.Settled += a.Net()
		}
		return nil
	})
	l.Orders = int64(len(counted))
	return &l, err
}

// Attributions lists the lines that came by a link, the latest first, also
// those excluded, for members of the seller and staff.
func (s *Service) Attributions(ctx context.Context, by market.Actor, code string, after store.Cursor, limit int) (store.Page[Attribution], error) {
	var none store.Page[Attribution]
	l, err := s.Link(ctx, code)
	if err != nil {
		return none, err
	}
	if err := mayRead(by, l.Seller); err != nil {
		return none, err
	}
	return s.attributions.Find(ctx, store.Query{Index: "link", Eq: []any{l.ID}, Desc: true, After: after, Limit: limit})
}
