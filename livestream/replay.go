package livestream

import (
	"context"
	"slices"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// Orders walks all orders.
type Orders interface {
	Each(ctx context.Context, do func(*orders.Order) error) error
}

// Audit is what Replay finds.
type Audit struct {
	Lines      int        // sold lines that a click led to
	Excluded   int        // of those, the ones that earn nothing, by recorded decision
	Attributed market.VND // of those that count, from the orders
	Recorded   market.VND // the same from the room's own entries
	Settled    market.VND // of Attributed, delivered, from the orders
	Paid       market.VND // the same from the room's own entries
	// Shows is Settled by show, from the orders.
	Shows map[market.ID]market.VND
	// Wrong names entries that are missing, that differ from their order, or
	// that no order explains.
	Wrong []market.ID
}

// OK reports whether every đồng is explained.
func (a Audit) OK() bool {
	return len(a.Wrong) == 0 && a.Attributed == a.Recorded && a.Settled == a.Paid
}

// Replay works out every attribution again from the orders and compares. News
// still on their way show as wrong. For operators and the command line.
func (s *Service) Replay(ctx context.Context, by market.Actor, all Orders) (Audit, error) {
	if !by.Is(market.RoleOperator) {
		return Audit{}, errForbidden
	}
	audit := Audit{Shows: map[market.ID]market.VND{}}
	seen := map[market.ID]bool{}
	err := all.Each(ctx, func(o *orders.Order) error {
		for _, p := range o.Parcels {
			for _, want := range replayed(o, p) {
				seen[want.ID] = true
				if err := s.compare(ctx, &audit, want); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return audit, err
	}
	err = s.attributions.Each(ctx, store.Query{}, func(a *Attribution) error {
		if a.Counts() {
			audit.Recorded += a.Net()
		}
		if a.Counts() && a.State == StateDelivered {
			audit.Paid += a.Net()
		}
		if !seen[a.ID] {
			audit.Wrong = append(audit.Wrong, a.ID)
		}
		return nil
	})
	slices.Sort(audit.Wrong)
	return audit, err
}

// replayed are the entries that an order as it is now must have. Orders that
// never were confirmed have none; those cancelled may have.
func replayed(o *orders.Order, p orders.Parcel) []Attribution {
	if o.State == orders.StatePlaced {
		return nil
	}
	entries := sale{order: o.ID, buyer: o.Buyer, placedAt: o.PlacedAt, parcel: p}.entries()
	undone := reversals(o, p)
	for i := range entries {
		for _, r := range undone[entries[i].ID] {
			entries[i].reverse(r)
		}
		switch {
		case p.State == orders.ParcelDelivered:
			entries[i].State, entries[i].DeliveredAt = StateDelivered, p.DeliveredAt
		case o.State != orders.StateConfirmed || p.State.Ended():
			entries[i].State = StateCancelled
		}
	}
	return entries
}

// reversals are what went back for the parcel's lines, by entry.
func reversals(o *orders.Order, p orders.Parcel) map[market.ID][]Reversal {
	out := map[market.ID][]Reversal{}
	for _, r := range o.Returns {
		if r.Parcel != p.ID || r.State != orders.ReturnRefunded {
			continue
		}
		for _, l := range o.Undone(r, *r.EndedAt).Lines {
			id := entryID(o.ID, p.ID, l.Line)
			out[id] = append(out[id], Reversal{r.ID, l.Amount})
		}
	}
	return out
}

func (s *Service) compare(ctx context.Context, audit *Audit, want Attribution) error {
	got, err := s.attributions.Get(ctx, want.ID)
	if store.Missing(err) {
		if want.State != StateCancelled {
			audit.Lines++
			audit.Attributed += want.Net()
			audit.Wrong = append(audit.Wrong, want.ID)
		}
		return nil
	}
	if err != nil {
		return err
	}
	audit.Lines++
	if want.Excluded = got.Excluded; want.Excluded != "" {
		audit.Excluded++
	}
	if !same(*got, want) {
		audit.Wrong = append(audit.Wrong, want.ID)
	}
	if want.Counts() {
		audit.Attributed += want.Net()
		if want.State == StateDelivered {
			audit.Settled += want.Net()
			if want.Show != "" {
				audit.Shows[want.Show] += want.Net()
			}
		}
	}
	return nil
}

func same(a, b Attribution) bool {
	return a.Link == b.Link && a.Comment == b.Comment && a.Show == b.Show && a.Person == b.Person && a.Seller == b.Seller &&
		a.Order == b.Order && a.Parcel == b.Parcel && a.Product == b.Product && a.Channel == b.Channel &&
		a.Amount == b.Amount && a.State == b.State && a.ClickedAt.Equal(b.ClickedAt) && a.PlacedAt.Equal(b.PlacedAt) &&
		sameTime(a.DeliveredAt, b.DeliveredAt) && sameReversals(a.Returns, b.Returns)
}

func sameTime(a, b *time.Time) bool { return a == b || a != nil && b != nil && a.Equal(*b) }

// sameReversals compares in any order: returns may be paid in another order
// than they were asked for.
func sameReversals(a, b []Reversal) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(r Reversal) bool { return !slices.Contains(b, r) })
}
