package catalog

import (
	"context"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// A fence is a hold that no order made: goods that a live show has set apart, or
// that a comment has spoken for. Orders of the show take from it and not from
// the shelf; what they give up goes back to it. To the stock it is held like
// anything else, so Available + Held + Sold + Lost = Received goes on to hold.

// SetApart makes the fence one of total units, those counted that others have
// taken from it already: what lies there is the rest. Saying it twice is saying
// it once. Conflict "stock.short" tells how many it could be, "stock.taken" how
// many it must be at least.
func (s *Stock) SetApart(fence market.ID, total int64, now, until time.Time) error {
	if total <= 0 || total > maxQuantity {
		return errQuantity
	}
	s.expireBut(fence, now)
	h := s.hold(fence)
	if h == nil {
		return s.newHold(Hold{Order: fence, Quantity: total, Until: until}, now)
	}
	if total < h.Taken {
		return market.Conflict("stock.taken").With("taken", h.Taken)
	}
	more := total - h.Taken - h.Quantity
	if free := s.sellable(now); more > free {
		return short(free + h.Quantity + h.Taken)
	}
	h.Until = until
	s.resize(h, more, now)
	return nil
}

// HoldFrom is Hold of goods that the first living one of the fences has set
// apart. Holding again gives back first what was held. Conflict "stock.short"
// tells how many the order could have; none when no fence is left.
func (s *Stock) HoldFrom(order market.ID, qty int64, now, until time.Time, fences ...market.ID) error {
	if qty <= 0 || qty > maxQuantity {
		return errQuantity
	}
	s.expireBut(order, now)
	if slices.Contains(s.Forgotten, order) {
		return nil
	}
	if h := s.hold(order); h != nil && h.Settled {
		return nil
	}
	s.Release(order)
	fence := s.fence(fences, now)
	if fence == nil || s.good(*fence, now) < qty {
		return short(s.left(fence, now))
	}
	h := Hold{Order: order, Until: until, From: fences}
	s.pass(fence, &h, qty, now)
	s.Holds = append(s.Holds, h)
	s.wakeAt()
	return nil
}

// Fenced is how much an order could take from the first living one of the
// fences: what lies there, and what has fallen due of those who took from it.
func (s *Stock) Fenced(now time.Time, fences ...market.ID) int64 {
	fence := s.fence(fences, now)
	if fence == nil {
		return 0
	}
	n := s.good(*fence, now)
	for _, h := range s.Holds {
		if !h.Settled && !h.Until.After(now) && s.origin(h, now) == fence {
			n += s.good(h, now)
		}
	}
	return n
}

func (s *Stock) fence(fences []market.ID, now time.Time) *Hold {
	for _, id := range fences {
		if h := s.hold(id); h != nil && !h.Settled && h.Until.After(now) {
			return h
		}
	}
	return nil
}

// origin is the living fence that the hold would go back to; nil for the shelf.
func (s *Stock) origin(h Hold, now time.Time) *Hold { return s.fence(h.From, now) }

func (s *Stock) left(fence *Hold, now time.Time) int64 {
	if fence == nil {
		return 0
	}
	return s.good(*fence, now)
}

// pass hands units of a fence to another hold, the lots that go out first
// first, and none past its date.
func (s *Stock) pass(fence, to *Hold, qty int64, now time.Time) {
	kept := Hold{}
	fence.Taken += qty
	for _, x := range slices.Clone(fence.shares()) {
		n := min(qty, x.Quantity)
		if l := s.lot(x.Lot); l != nil && l.past(now) {
			n = 0
		}
		if n > 0 {
			to.add(Share{Lot: x.Lot, Code: x.Code, Quantity: n})
			qty -= n
		}
		if x.Quantity > n {
			kept.add(Share{Lot: x.Lot, Code: x.Code, Quantity: x.Quantity - n})
		}
	}
	fence.Quantity, fence.Lots = kept.Quantity, kept.Lots
}

// home brings a dropped hold back to the fence that it was taken from, or to
// the shelf.
func (s *Stock) home(h Hold) {
	for _, id := range h.From {
		if fence := s.hold(id); fence != nil && !fence.Settled {
			for _, x := range h.shares() {
				fence.add(x)
			}
			fence.Taken = max(0, fence.Taken-h.Quantity) // of a fence made anew under the name nothing was taken
			return
		}
	}
	s.moveAll(h.shares(), atHeld, atShelf)
}

// SetApart sets total units of the variant apart under the fence's name. See
// Stock.SetApart.
func (s *Service) SetApart(ctx context.Context, fence, variant market.ID, total int64, until time.Time) error {
	return s.changeStock(ctx, variant, func(k *Stock) error { return k.SetApart(fence, total, s.env.Now(), until) })
}

// HoldFrom reserves qty of the variant for the order out of what fences have
// set apart. See Stock.HoldFrom. What the order has bought already it need not
// hold.
func (s *Service) HoldFrom(ctx context.Context, order, variant market.ID, qty int64, until time.Time, fences ...market.ID) error {
	if _, err := s.sales.Get(ctx, saleID(order, variant)); !store.Missing(err) {
		return err
	}
	return s.changeStock(ctx, variant, func(k *Stock) error { return k.HoldFrom(order, qty, s.env.Now(), until, fences...) })
}
