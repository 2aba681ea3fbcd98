package catalog

import (
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// Stock is how much of one variant there is, in sold units. Its id is the
// variant's. Every unit that was received is in exactly one place:
// Available + Held + Sold + Lost = Received, for each lot and for all.
type Stock struct {
	store.Doc  `bson:",inline"`
	Product    market.ID  `bson:"product"`
	Seller     market.ID  `bson:"seller"`
	Received   int64      `bson:"received"`
	Available  int64      `bson:"available"`
	Held       int64      `bson:"held"`
	Sold       int64      `bson:"sold"`
	Lost       int64      `bson:"lost"`
	Holds      []Hold     `bson:"holds,omitempty"` // short: what orders have settled moves to Sale
	Lots       []LotStock `bson:"lots,omitempty"`  // the named lots, in the order in which they go out
	Moves      []Move     `bson:"moves,omitempty"` // the last receipts and losses
	NextExpiry *time.Time `bson:"next_expiry,omitempty"`
	// Forgotten are the last orders whose settled holds moved to their Sale: one
	// of their requests that was slow on the way must not hold once more.
	Forgotten []market.ID `bson:"forgotten,omitempty"`
}

// Hold is what one order has taken of the stock. A settled hold stays until
// the order forgets it, so that settling twice is known to be the same.
type Hold struct {
	Order    market.ID `bson:"order"`
	Quantity int64     `bson:"quantity"`
	Lots     []Share   `bson:"lots,omitempty"` // how much of which lot; empty when all is of no named lot
	Until    time.Time `bson:"until"`          // when it falls back unless settled
	Settled  bool      `bson:"settled,omitempty"`
	Returned int64     `bson:"returned,omitempty"` // how much of it came back to the shelf
	Lost     int64     `bson:"lost,omitempty"`     // how much of it came back unfit to sell, or never came back
	// From are the holds that it was taken from: unsettled goods go back to the
	// first of them that is still there. Empty for the shelf.
	From []market.ID `bson:"from,omitempty"`
	// Taken is how much others hold or have bought of what this one had set
	// apart; only fences have any.
	Taken int64 `bson:"taken,omitempty"`
}

// Move is a change of the stock by hand.
type Move struct {
	Quantity int64     `bson:"quantity"` // received, or lost when negative
	Lot      market.ID `bson:"lot,omitempty"`
	Why      string    `bson:"why,omitempty"` // one of Reasons
	Reason   string    `bson:"reason"`        // in the words of whoever did it
	By       market.ID `bson:"by"`
	At       time.Time `bson:"at"`
	ID       market.ID `bson:"id,omitempty"` // made by who moves: moving twice is moving once
}

const (
	movesKept   = 10
	ordersKept  = 16 // of those forgotten
	maxQuantity = 1_000_000_000
)

// rememberReturn is how long a return stays in the stock's own document: longer
// than any request that might still carry an older memory of the sale.
const rememberReturn = 24 * time.Hour

var (
	errQuantity = market.Invalid("stock.quantity", "quantity")
	errHoldGone = market.Conflict("stock.hold_gone")
	errLots     = market.Conflict("lot.many").With("max", maxLots)
	errRecalled = market.Conflict("lot.recalled")
)

func short(available int64) error {
	return market.Conflict("stock.short").With("available", available)
}

// Hold reserves qty for the order until the given time, after letting go of
// what has expired. Holding again changes the order's hold to the new quantity
// if there is enough; a hold already settled is left as it is, and one that was
// settled and forgotten a moment ago too. Conflict
// "stock.short" tells how many the order could have.
func (s *Stock) Hold(order market.ID, qty int64, now, until time.Time) error {
	if qty <= 0 || qty > maxQuantity {
		return errQuantity
	}
	s.expireBut(order, now)
	h := s.hold(order)
	if h == nil && slices.Contains(s.Forgotten, order) {
		return nil
	}
	if h == nil {
		return s.newHold(Hold{Order: order, Quantity: qty, Until: until}, now)
	}
	if h.Settled {
		if h.Quantity == qty {
			return nil
		}
		return market.Conflict("stock.settled")
	}
	more := qty - h.Quantity
	if free := s.sellable(now); more > free {
		return short(free + h.Quantity)
	}
	h.Until = until
	s.resize(h, more, now)
	return nil
}

func (s *Stock) newHold(h Hold, now time.Time) error {
	if free := s.sellable(now); h.Quantity > free {
		return short(free)
	}
	more := h.Quantity
	h.Quantity = 0
	s.Holds = append(s.Holds, h)
	s.resize(&s.Holds[len(s.Holds)-1], more, now)
	return nil
}

// Settle sells what the order holds; settling twice is the same as once. A
// hold whose time is over but which nobody else has taken is still good: a
// payment that comes late should not fail without need. Conflict
// "stock.hold_gone" when the order holds nothing.
func (s *Stock) Settle(order market.ID) error {
	h := s.hold(order)
	if h == nil {
		return errHoldGone
	}
	if h.Settled {
		return nil
	}
	h.Settled = true
	s.moveAll(h.shares(), atHeld, atSold)
	s.wakeAt()
	return nil
}

// Release gives back what the order holds and has not settled; otherwise it
// does nothing.
func (s *Stock) Release(order market.ID) {
	s.drop(func(h Hold) bool { return h.Order == order && !h.Settled })
}

// Forget drops the memory of a settled hold of which so many have come back
// and so many are lost. If other numbers have, somebody returned goods
// meanwhile, and it is kept.
func (s *Stock) Forget(order market.ID, returned, lost int64) {
	before := len(s.Holds)
	s.Holds = slices.DeleteFunc(s.Holds, func(h Hold) bool {
		return h.Order == order && h.Settled && h.Returned == returned && h.Lost == lost
	})
	if len(s.Holds) < before {
		s.Forgotten = append(s.Forgotten, order)
		s.Forgotten = s.Forgotten[max(0, len(s.Forgotten)-ordersKept):]
	}
	s.wakeAt()
}

// TakeBack undoes part of what the order had bought: returned units go back on
// the shelf, lost ones came back unfit to sell or never came back. Both say how
// many it is in all, so saying it twice, or an older number later, is the same
// as once. sale is what is remembered of the order elsewhere, nil for nothing;
// an order that has not settled anything brings nothing back. Units of a
// recalled lot do not come back to the shelf: they are lost.
func (s *Stock) TakeBack(order market.ID, returned, lost int64, now time.Time, sale *Sale) error {
	if min(returned, lost) < 0 || returned+lost <= 0 || max(returned, lost) > maxQuantity {
		return errQuantity
	}
	h, found := s.bought(order, sale)
	returned, lost = max(returned, h.Returned), max(lost, h.Lost)
	if !found || returned == h.Returned && lost == h.Lost {
		return nil
	}
	if returned+lost > h.Quantity {
		return market.Conflict("stock.return_too_many").With("sold", h.Quantity)
	}
	s.takeBack(&h, returned-h.Returned, atShelf)
	h.Returned = returned
	s.takeBack(&h, lost-h.Lost, atLost)
	h.Lost, h.Until = lost, now.Add(rememberReturn)
	s.Holds = slices.DeleteFunc(s.Holds, func(old Hold) bool { return old.Order == order })
	s.Holds = append(s.Holds, h)
	s.wakeAt()
	return nil
}

// bought returns what the order has settled, as the stock or else the sale
// remembers it.
func (s *Stock) bought(order market.ID, sale *Sale) (Hold, bool) {
	if h := s.hold(order); h != nil {
		return *h, h.Settled
	}
	if sale == nil {
		return Hold{}, false
	}
	return Hold{Order: order, Quantity: sale.Quantity, Lots: sale.Lots, Returned: sale.Returned, Lost: sale.Lost, Settled: true}, true
}

// Expire lets go of holds whose time is over and returns how many there were.
func (s *Stock) Expire(now time.Time) int { return s.expireBut("", now) }

func (s *Stock) expireBut(order market.ID, now time.Time) int {
	s.age(now)
	return s.drop(func(h Hold) bool { return !h.Settled && h.Order != order && !h.Until.After(now) })
}

// drop gives unsettled holds back to the shelf.
func (s *Stock) drop(gone func(Hold) bool) int {
	var dropped []Hold
	s.Holds = slices.DeleteFunc(s.Holds, func(h Hold) bool {
		if !gone(h) {
			return false
		}
		dropped = append(dropped, h)
		return true
	})
	for _, h := range dropped {
		s.home(h)
	}
	s.wakeAt()
	return len(dropped)
}

// HeldBy reports whether the order holds anything.
func (s *Stock) HeldBy(order market.ID) bool { return s.hold(order) != nil }

func (s *Stock) hold(order market.ID) *Hold {
	for i := range s.Holds {
		if s.Holds[i].Order == order {
			return &s.Holds[i]
		}
	}
	return nil
}

// wakeAt notes when there is next something to let go of.
func (s *Stock) wakeAt() {
	s.NextExpiry = nil
	for _, h := range s.Holds {
		if !h.Settled || h.Returned+h.Lost > 0 {
			s.wakeBy(h.Until)
		}
	}
	for _, l := range s.Lots {
		if l.BestBefore != nil && !l.Past && l.Available+l.Held > 0 {
			s.wakeBy(*l.BestBefore)
		}
	}
}

func (s *Stock) wakeBy(at time.Time) {
	if s.NextExpiry == nil || at.Before(*s.NextExpiry) {
		s.NextExpiry = &at
	}
}

func (s *Stock) note(m Move) {
	s.Moves = append(s.Moves, m)
	if extra := len(s.Moves) - movesKept; extra > 0 {
		s.Moves = slices.Delete(s.Moves, 0, extra)
	}
}
