package livestream

import (
	"context"
	"slices"
	"strconv"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// Consumes are the events that Consume wants.
func Consumes() []string {
	return append([]string{
		orders.EventConfirmed, orders.EventDelivered, orders.EventCancelled, orders.EventRefunding,
		orders.EventBack, orders.EventLost, orders.EventParcelCancelled, orders.EventReturned,
	}, recordEvents...)
}

// Consume attributes confirmed lines and follows them to delivery or the
// order's end. Entries are named by order, parcel and line, so hearing twice
// changes nothing.
func (s *Service) Consume(ctx context.Context, e market.Event) error {
	switch e.Type {
	case orders.EventConfirmed:
		return s.confirmed(ctx, e)
	case orders.EventDelivered:
		return s.delivered(ctx, e)
	case orders.EventCancelled, orders.EventRefunding:
		return s.cancelled(ctx, e.Subject, "")
	case orders.EventBack, orders.EventLost, orders.EventParcelCancelled:
		return s.parcelEnded(ctx, e)
	case orders.EventReturned:
		return s.returned(ctx, e)
	}
	if slices.Contains(recordEvents, e.Type) {
		return s.recorded(ctx, e)
	}
	return nil
}

func (s *Service) confirmed(ctx context.Context, e market.Event) error {
	var c orders.Confirmed
	if err := e.Decode(&c); err != nil {
		return err
	}
	for _, p := range c.Parcels {
		if err := s.attribute(ctx, sale{order: c.Order, buyer: c.Buyer, placedAt: c.PlacedAt, parcel: p}); err != nil {
			return err
		}
		if err := s.tellSold(ctx, c.Order, p, e.ID); err != nil {
			return err
		}
	}
	return nil
}

// tellSold lets a room know what was sold in it, and drafts which order they
// became.
func (s *Service) tellSold(ctx context.Context, order market.ID, p orders.Parcel, key market.ID) error {
	for i, l := range p.Lines {
		if l.Touch == nil || !l.Touch.Room {
			continue
		}
		if err := s.ordered(ctx, order, l.Touch); err != nil {
			return err
		}
		sold := News{Kind: NewsSold, Sold: &Sold{l.Name, l.Quantity, l.Unit}}
		s.publish(ctx, l.Touch.Show, sold, key+":"+p.ID+":"+market.ID(strconv.Itoa(i)))
	}
	return nil
}

func (s *Service) delivered(ctx context.Context, e market.Event) error {
	var d orders.Delivered
	if err := e.Decode(&d); err != nil {
		return err
	}
	sold := sale{order: d.Order, buyer: d.Buyer, placedAt: d.PlacedAt, parcel: d.Parcel}
	if err := s.attribute(ctx, sold); err != nil {
		return err
	}
	for _, a := range sold.entries() {
		if err := s.settle(ctx, a, d.DeliveredAt); err != nil {
			return err
		}
	}
	return nil
}

// attribute writes the entries of a sale that are not there yet.
func (s *Service) attribute(ctx context.Context, sold sale) error {
	for _, a := range sold.entries() {
		if _, err := s.attributions.Get(ctx, a.ID); !store.Missing(err) {
			if err != nil {
				return err
			}
			continue
		}
		var err error
		if a.Excluded, err = s.exclusion(ctx, &a, sold.buyer); err != nil {
			return err
		}
		if err := s.attributions.Insert(ctx, &a); err != nil && !store.Exists(err) {
			return err
		}
	}
	return nil
}

// settle follows an entry to its delivery, at what the line came to: weighed
// goods may have cost less.
func (s *Service) settle(ctx context.Context, sold Attribution, at time.Time) error {
	_, err := s.attributions.Update(ctx, sold.ID, func(a *Attribution) ([]market.Event, error) {
		a.State, a.DeliveredAt, a.Amount = StateDelivered, &at, sold.Amount
		return nil, nil
	})
	return err
}

// parcelEnded ends what a parcel that its buyer never got would have earned.
func (s *Service) parcelEnded(ctx context.Context, e market.Event) error {
	var ended orders.Ended
	if err := e.Decode(&ended); err != nil {
		return err
	}
	return s.cancelled(ctx, ended.Order, ended.Parcel)
}

// cancelled ends what was not delivered of an order, or of one of its parcels.
func (s *Service) cancelled(ctx context.Context, order, parcel market.ID) error {
	return s.attributions.Each(ctx, store.Query{Index: "order", Eq: []any{order}}, func(a *Attribution) error {
		if parcel != "" && a.Parcel != parcel {
			return nil
		}
		_, err := s.attributions.Update(ctx, a.ID, func(a *Attribution) ([]market.Event, error) {
			if a.State == StateConfirmed {
				a.State = StateCancelled
			}
			return nil, nil
		})
		return err
	})
}

// returned takes from entries what their buyer got back, each return once.
func (s *Service) returned(ctx context.Context, e market.Event) error {
	var r orders.Returned
	if err := e.Decode(&r); err != nil {
		return err
	}
	for _, l := range r.Lines {
		_, err := s.attributions.Update(ctx, entryID(r.Order, r.Parcel.ID, l.Line), func(a *Attribution) ([]market.Event, error) {
			a.reverse(Reversal{r.Return, l.Amount})
			return nil, nil
		})
		if err != nil && !store.Missing(err) {
			return err
		}
	}
	return nil
}

func (a *Attribution) reverse(r Reversal) {
	known := slices.ContainsFunc(a.Returns, func(k Reversal) bool { return k.Return == r.Return })
	if !known && r.Amount > 0 {
		a.Returns = append(a.Returns, r)
	}
}
