package catalog

import (
	"context"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// HarvestSeen returns a harvest as by may see it: everybody the crop and the
// notices, buyers their own reservations, the seller and those who check all.
func (s *Service) HarvestSeen(ctx context.Context, by market.Actor, id market.ID) (*Harvest, error) {
	h, err := s.harvests.Get(ctx, id)
	if err != nil {
		return nil, missingHarvest(err)
	}
	return h.seenBy(by, s.env.Now()), nil
}

// seenBy is the harvest without the reservations that by may not see. What is
// left is the same for everybody.
func (h *Harvest) seenBy(by market.Actor, now time.Time) *Harvest {
	if by.For(h.Seller) || by.Is(market.RoleModerator, market.RoleOperator, market.RoleOfficial) {
		return h
	}
	seen := *h
	seen.Reservations = slices.DeleteFunc(slices.Clone(h.Reservations), func(r Reservation) bool {
		return by.Person == "" || r.Buyer != by.Person
	})
	seen.hidden = h.Promised(now) - seen.Promised(now)
	return &seen
}

func missingHarvest(err error) error {
	if store.Missing(err) {
		return errHarvestMissing
	}
	return err
}

// ReserveHarvest keeps units of a harvest for an order of whoever asks, at the
// harvest's price, for as long as the deposit may take to come.
func (s *Service) ReserveHarvest(ctx context.Context, by market.Actor, id, order market.ID, quantity int64, wait time.Duration) (*Harvest, error) {
	if by.Person == "" {
		return nil, market.Unauthenticated("signin.needed")
	}
	h, err := s.harvests.Get(ctx, id)
	if err != nil {
		return nil, missingHarvest(err)
	}
	p, err := s.PublishedProduct(ctx, h.Product)
	if err != nil {
		return nil, err
	}
	v, has := p.Variant(h.Variant)
	if !has {
		return nil, errMissing
	}
	if err := v.Terms.Allows(quantity); err != nil {
		return nil, err
	}
	now := s.env.Now()
	r := Reservation{Order: order, Buyer: by.Person, Quantity: quantity, Price: h.Price, Until: now.Add(wait)}
	return s.changeReservation(ctx, id, order, func(h *Harvest) error { return h.Reserve(r, now) })
}

// ReleaseReservation lets go of what waits for a deposit that will not come.
// Only the market itself knows that.
func (s *Service) ReleaseReservation(ctx context.Context, by market.Actor, id, order market.ID) (*Harvest, error) {
	if !by.Is(market.RoleSystem) {
		return nil, errHarvestMissing
	}
	return s.changeReservation(ctx, id, order, func(h *Harvest) error { h.Release(order); return nil })
}

// ConfirmReservation says that an order's deposit has come. Only the market
// itself knows that.
func (s *Service) ConfirmReservation(ctx context.Context, by market.Actor, id, order market.ID) (*Harvest, error) {
	if !by.Is(market.RoleSystem) {
		return nil, errHarvestMissing
	}
	return s.changeReservation(ctx, id, order, func(h *Harvest) error { return h.Confirm(order) })
}

// WithdrawReservation gives back what the buyer has reserved, while the harvest
// takes reservations. Another's reservation is as one that never was.
func (s *Service) WithdrawReservation(ctx context.Context, by market.Actor, id, order market.ID) (*Harvest, error) {
	return s.changeReservation(ctx, id, order, func(h *Harvest) error {
		if r := h.reservation(order); r == nil || by.Person == "" || r.Buyer != by.Person {
			return errHarvestMissing
		}
		return h.Withdraw(order, s.env.Now())
	})
}

// RedeclareHarvest changes the yield that the seller expects.
func (s *Service) RedeclareHarvest(ctx context.Context, by market.Actor, id market.ID, yield int64) (*Harvest, error) {
	return s.changeHarvest(ctx, by, id, func(h *Harvest) error { return h.Redeclare(yield, s.env.Now()) })
}

// MoveHarvest changes the days on which the harvest is expected.
func (s *Service) MoveHarvest(ctx context.Context, by market.Actor, id market.ID, from, to, closes time.Time) (*Harvest, error) {
	return s.changeHarvest(ctx, by, id, func(h *Harvest) error { return h.Move(from, to, closes, s.env.Now()) })
}

// CloseHarvest ends the time of reservations.
func (s *Service) CloseHarvest(ctx context.Context, by market.Actor, id market.ID) (*Harvest, error) {
	return s.changeHarvest(ctx, by, id, func(h *Harvest) error { return h.Close(s.env.Now()) })
}

// CancelHarvest ends a harvest that will not come, with a reason that buyers
// read.
func (s *Service) CancelHarvest(ctx context.Context, by market.Actor, id market.ID, reason string) (*Harvest, error) {
	var c market.Checks
	reason = line(&c, "reason", reason, maxReason)
	c.That(reason != "", "reason", "harvest.reason")
	if err := c.Err(); err != nil {
		return nil, err
	}
	return s.changeHarvest(ctx, by, id, func(h *Harvest) error { return h.Cancel(reason, s.env.Now()) })
}

// changeHarvest writes a change by the seller; each new notice is an event.
func (s *Service) changeHarvest(ctx context.Context, by market.Actor, id market.ID, change func(*Harvest) error) (*Harvest, error) {
	h, err := s.harvests.Update(ctx, id, func(h *Harvest) ([]market.Event, error) {
		if !by.For(h.Seller) {
			return nil, errHarvestMissing
		}
		told := len(h.Notices)
		if err := change(h); err != nil {
			return nil, err
		}
		var events []market.Event
		for _, n := range h.Notices[told:] {
			events = append(events, s.harvestNews(h, n.Kind, ""))
		}
		return events, nil
	})
	return h, missingHarvest(err)
}

// changeReservation writes a change of one reservation.
func (s *Service) changeReservation(ctx context.Context, id, order market.ID, change func(*Harvest) error) (*Harvest, error) {
	h, err := s.harvests.Update(ctx, id, func(h *Harvest) ([]market.Event, error) {
		before := h.stateOf(order)
		if err := change(h); err != nil {
			return nil, err
		}
		if h.stateOf(order) == before {
			return nil, nil
		}
		return []market.Event{s.harvestNews(h, EventHarvestReserved, order)}, nil
	})
	return h, missingHarvest(err)
}

func (h *Harvest) stateOf(order market.ID) ReservationState {
	if r := h.reservation(order); r != nil {
		return r.State
	}
	return ""
}

func (s *Service) harvestNews(h *Harvest, kind string, order market.ID) market.Event {
	return market.NewEvent(s.env, kind, h.ID, HarvestChanged{Harvest: h.ID, Product: h.Product, Order: order, Version: h.Rev + 1})
}
