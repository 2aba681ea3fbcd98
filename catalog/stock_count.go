package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"chohue/market"
)

// Receive adds new units of no named lot.
func (s *Stock) Receive(qty int64) error { return s.receive("", qty) }

func (s *Stock) receive(lot market.ID, qty int64) error {
	if qty <= 0 || qty > maxQuantity || s.Received > maxQuantity-qty {
		return errQuantity
	}
	l := s.lot(lot)
	switch {
	case lot != "" && l == nil:
		return errLotMissing
	case l != nil && l.Recalled:
		return errRecalled
	case l != nil:
		l.Received += qty
		l.Available += qty
	}
	s.Received += qty
	s.Available += qty
	s.wakeAt()
	return nil
}

// ReceiveLot puts a new lot on the shelf. With counted its units have been
// received already without a name and are only named now. A lot that is
// there changes nothing.
func (s *Stock) ReceiveLot(l LotStock, qty int64, counted bool, now time.Time) error {
	if s.lot(l.Lot) != nil {
		return nil
	}
	if qty <= 0 || (!counted && s.Received > maxQuantity-qty) {
		return errQuantity
	}
	if left := s.Unnamed().Available; counted && qty > left {
		return short(left)
	}
	if s.clear(); len(s.Lots) >= maxLots {
		return errLots
	}
	s.shelve(LotStock{Lot: l.Lot, Code: l.Code, BestBefore: l.BestBefore})
	added := s.lot(l.Lot)
	if counted {
		added.Received, added.Available = qty, qty
	} else if err := s.receive(l.Lot, qty); err != nil {
		return err
	}
	s.age(now)
	return nil
}

// shelve puts a lot behind those that go out before it.
func (s *Stock) shelve(l LotStock) {
	i := len(s.Lots)
	if l.BestBefore != nil {
		i, _ = slices.BinarySearchFunc(s.Lots[:s.dated()], l, func(have, add LotStock) int {
			return cmp.Or(have.BestBefore.Compare(*add.BestBefore), -1) // behind those of the same date
		})
	}
	s.Lots = slices.Insert(s.Lots, i, l)
}

// clear makes room for one lot more: it drops the first of which nothing is
// left here and that no hold remembers. Recalled ones stay, to be known when
// they come back.
func (s *Stock) clear() {
	if len(s.Lots) < maxLots {
		return
	}
	gone := slices.IndexFunc(s.Lots, func(l LotStock) bool {
		return l.Available+l.Held == 0 && !l.Recalled && !s.inHold(l.Lot)
	})
	if gone >= 0 {
		s.Lots = slices.Delete(s.Lots, gone, gone+1)
	}
}

func (s *Stock) inHold(lot market.ID) bool {
	return slices.ContainsFunc(s.Holds, func(h Hold) bool { return h.of(lot) > 0 })
}

// of is how much of the lot the hold has.
func (h Hold) of(lot market.ID) int64 {
	for _, x := range h.shares() {
		if x.Lot == lot {
			return x.Quantity
		}
	}
	return 0
}

// Lose takes spoiled or missing units off the shelf: of the lots that would go
// out first, those past their date before all.
func (s *Stock) Lose(qty int64) error { return s.lose(nil, qty) }

// lose takes units off the shelf, of the named lot or, with nil, of any.
func (s *Stock) lose(lot *market.ID, qty int64) error {
	if qty <= 0 {
		return errQuantity
	}
	wanted := func(l *LotStock) bool { return lot == nil || l.Lot == *lot }
	shares := s.next(qty, wanted)
	found := int64(0)
	for _, x := range shares {
		found += x.Quantity
	}
	if found < qty {
		return short(found)
	}
	s.moveAll(shares, atShelf, atLost)
	s.wakeAt()
	return nil
}

// Recall ends the sale of a lot: what lies on the shelf is lost, and orders
// that wait for their payment get other goods or, where there are none, lose
// their hold, in the order in which they came. Recalling again changes nothing.
func (s *Stock) Recall(lot market.ID, code string, now time.Time) {
	s.Expire(now)
	l := s.lot(lot)
	if l == nil {
		s.shelve(LotStock{Lot: lot, Code: code})
		l = s.lot(lot)
	}
	if l.Recalled {
		return
	}
	l.Recalled = true
	s.move(lot, l.Available, atShelf, atLost)
	var gone []market.ID
	for i := range s.Holds {
		h := &s.Holds[i]
		n := h.of(lot)
		if h.Settled || n == 0 {
			continue
		}
		s.strike(h, lot, n)
		if n > s.sellable(now) {
			gone = append(gone, h.Order)
			continue
		}
		s.resize(h, n, now)
	}
	s.drop(func(h Hold) bool { return !h.Settled && slices.Contains(gone, h.Order) })
}

// strike takes a lot out of a hold: its n units are lost.
func (s *Stock) strike(h *Hold, lot market.ID, n int64) {
	s.move(lot, n, atHeld, atLost)
	h.Lots = named(slices.DeleteFunc(h.shares(), func(x Share) bool { return x.Lot == lot }))
	h.Quantity -= n
}

// Check reports a broken count. It never fails unless the program is wrong.
func (s *Stock) Check() error {
	rest := s.Unnamed()
	if err := s.checkLot(&rest); err != nil {
		return err
	}
	for i := range s.Lots {
		if err := s.checkLot(&s.Lots[i]); err != nil {
			return err
		}
	}
	for _, h := range s.Holds {
		if err := s.checkHold(h); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stock) checkLot(l *LotStock) error {
	if l.Available+l.Held+l.Sold+l.Lost != l.Received {
		return fmt.Errorf("stock %s, lot %q: %d available + %d held + %d sold + %d lost is not %d received",
			s.ID, l.Lot, l.Available, l.Held, l.Sold, l.Lost, l.Received)
	}
	if min(l.Available, l.Held, l.Sold, l.Lost) < 0 {
		return fmt.Errorf("stock %s, lot %q: negative count: %d available, %d held, %d sold, %d lost",
			s.ID, l.Lot, l.Available, l.Held, l.Sold, l.Lost)
	}
	if l.Recalled && l.Available+l.Held > 0 {
		return fmt.Errorf("stock %s, lot %q: recalled, but %d available, %d held", s.ID, l.Lot, l.Available, l.Held)
	}
	inHolds := int64(0)
	for _, h := range s.Holds {
		if !h.Settled {
			inHolds += s.heldOf(h, l.Lot)
		}
	}
	if inHolds != l.Held {
		return fmt.Errorf("stock %s, lot %q: holds sum to %d, held is %d", s.ID, l.Lot, inHolds, l.Held)
	}
	return nil
}

// heldOf is how much of the hold counts as of the lot. The unnamed lot has
// what no other has.
func (s *Stock) heldOf(h Hold, lot market.ID) int64 {
	if lot != "" {
		return h.of(lot)
	}
	n := h.Quantity
	for _, l := range s.Lots {
		n -= h.of(l.Lot)
	}
	return n
}

func (s *Stock) checkHold(h Hold) error {
	sum := int64(0)
	for _, x := range h.Lots {
		if x.Quantity <= 0 {
			return fmt.Errorf("stock %s, order %s: %d of lot %q", s.ID, h.Order, x.Quantity, x.Lot)
		}
		sum += x.Quantity
	}
	if len(h.Lots) > 0 && sum != h.Quantity {
		return fmt.Errorf("stock %s, order %s: shares sum to %d, not %d", s.ID, h.Order, sum, h.Quantity)
	}
	return nil
}
