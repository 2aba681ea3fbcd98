package catalog

import (
	"slices"
	"time"

	"chohue/market"
)

// LotStock is how much of one named lot there is. What the stock has beyond
// its named lots is of one unnamed lot, which is not written down: stocks
// without lots are as they always were.
type LotStock struct {
	Lot        market.ID  `bson:"lot"`
	Code       string     `bson:"code"` // as printed on the label
	BestBefore *time.Time `bson:"best_before,omitempty"`
	Received   int64      `bson:"received"`
	Available  int64      `bson:"available"`
	Held       int64      `bson:"held"`
	Sold       int64      `bson:"sold"`
	Lost       int64      `bson:"lost"`
	Past       bool       `bson:"past,omitempty"`     // the stock has noticed that BestBefore is over
	Recalled   bool       `bson:"recalled,omitempty"` // nothing of it may go out any more
}

// Share is a quantity of one lot.
type Share struct {
	Lot      market.ID `bson:"lot,omitempty" json:"lot,omitempty"` // empty for goods of no named lot
	Code     string    `bson:"code,omitempty" json:"code,omitempty"`
	Quantity int64     `bson:"quantity" json:"quantity"`
}

// maxLots is how many lots a stock keeps apart. Of more, the oldest that are
// sold out count as unnamed: their own documents remember them.
const maxLots = 50

// whereabouts is where units are.
type whereabouts int

const (
	atShelf whereabouts = iota
	atHeld
	atSold
	atLost
)

func (s *Stock) at(p whereabouts) *int64 {
	return [...]*int64{&s.Available, &s.Held, &s.Sold, &s.Lost}[p]
}

func (l *LotStock) at(p whereabouts) *int64 {
	return [...]*int64{&l.Available, &l.Held, &l.Sold, &l.Lost}[p]
}

// move takes units of a lot from one place to another. A lot that is not named
// here is part of the unnamed one.
func (s *Stock) move(lot market.ID, qty int64, from, to whereabouts) {
	*s.at(from) -= qty
	*s.at(to) += qty
	if l := s.lot(lot); l != nil {
		*l.at(from) -= qty
		*l.at(to) += qty
	}
}

func (s *Stock) moveAll(shares []Share, from, to whereabouts) {
	for _, x := range shares {
		s.move(x.Lot, x.Quantity, from, to)
	}
}

func (s *Stock) lot(id market.ID) *LotStock {
	for i := range s.Lots {
		if s.Lots[i].Lot == id {
			return &s.Lots[i]
		}
	}
	return nil
}

// Unnamed is what there is of no named lot.
func (s *Stock) Unnamed() LotStock {
	rest := LotStock{Received: s.Received, Available: s.Available, Held: s.Held, Sold: s.Sold, Lost: s.Lost}
	for _, l := range s.Lots {
		rest.Received -= l.Received
		rest.Available -= l.Available
		rest.Held -= l.Held
		rest.Sold -= l.Sold
		rest.Lost -= l.Lost
	}
	return rest
}

// past reports whether the lot may no longer be sold for its age.
func (l *LotStock) past(now time.Time) bool {
	return l.BestBefore != nil && !now.Before(*l.BestBefore)
}

// age notes which lots are past their date, so that the stock's document
// changes when what it offers does.
func (s *Stock) age(now time.Time) {
	for i := range s.Lots {
		s.Lots[i].Past = s.Lots[i].past(now)
	}
	s.wakeAt()
}

// Offered is what the stock last knew that it could sell.
func (s *Stock) Offered() int64 {
	n := s.Available
	for _, l := range s.Lots {
		if l.Past {
			n -= l.Available
		}
	}
	return n
}

// sellable is what is on the shelf and not past its date.
func (s *Stock) sellable(now time.Time) int64 {
	n := s.Available
	for i := range s.Lots {
		if s.Lots[i].past(now) {
			n -= s.Lots[i].Available
		}
	}
	return n
}

// Free is what a new order could have at now: what is on the shelf and good,
// and of what held quantities have fallen due, although nobody has swept them
// up yet.
func (s *Stock) Free(now time.Time) int64 {
	free := s.sellable(now)
	for _, h := range s.Holds {
		if !h.Settled && !h.Until.After(now) && s.origin(h, now) == nil {
			free += s.good(h, now)
		}
	}
	return free
}

// good is how much of the hold could be sold anew.
func (s *Stock) good(h Hold, now time.Time) int64 {
	n := h.Quantity
	for _, x := range h.Lots {
		if l := s.lot(x.Lot); l != nil && l.past(now) {
			n -= x.Quantity
		}
	}
	return n
}

// shares is what the hold has of which lot.
func (h Hold) shares() []Share {
	if len(h.Lots) > 0 || h.Quantity == 0 {
		return h.Lots
	}
	return []Share{{Quantity: h.Quantity}}
}

// add keeps one share for each lot, in the order in which they were taken.
func (h *Hold) add(x Share) {
	shares := h.shares()
	h.Quantity += x.Quantity
	i := slices.IndexFunc(shares, func(old Share) bool { return old.Lot == x.Lot })
	if i < 0 {
		shares = append(shares, x)
	} else {
		shares[i].Quantity += x.Quantity
	}
	h.Lots = named(shares)
}

// named is nil when all the shares are of no named lot.
func named(shares []Share) []Share {
	if len(shares) == 1 && shares[0].Lot == "" {
		return nil
	}
	return shares
}

// resize gives the hold more units of the lots that go out first, or, when
// more is negative, gives back those of the lots that it took last.
func (s *Stock) resize(h *Hold, more int64, now time.Time) {
	for _, x := range s.next(more, func(l *LotStock) bool { return !l.past(now) }) {
		s.move(x.Lot, x.Quantity, atShelf, atHeld)
		h.add(x)
	}
	for more < 0 {
		more += s.giveBack(h, -more)
	}
	s.wakeAt()
}

// giveBack puts up to most units of the hold's last share back on the shelf.
func (s *Stock) giveBack(h *Hold, most int64) int64 {
	shares := h.shares()
	last := &shares[len(shares)-1]
	n := min(most, last.Quantity)
	s.move(last.Lot, n, atHeld, atShelf)
	last.Quantity -= n
	if last.Quantity == 0 {
		shares = shares[:len(shares)-1]
	}
	h.Quantity -= n
	h.Lots = named(shares)
	return n
}

// next says of which lots the next units come: first expired, first out. What
// has no date comes last, and of that the unnamed first, for it is the oldest.
func (s *Stock) next(qty int64, wanted func(*LotStock) bool) []Share {
	var out []Share
	take := func(l *LotStock) {
		if n := min(qty, l.Available); n > 0 && wanted(l) {
			out = append(out, Share{Lot: l.Lot, Code: l.Code, Quantity: n})
			qty -= n
		}
	}
	unnamed := s.Unnamed()
	dated := s.dated()
	for i := range s.Lots[:dated] {
		take(&s.Lots[i])
	}
	take(&unnamed)
	for i := range s.Lots[dated:] {
		take(&s.Lots[dated+i])
	}
	return out
}

// dated is how many lots have a date; they stand in front.
func (s *Stock) dated() int {
	n := 0
	for n < len(s.Lots) && s.Lots[n].BestBefore != nil {
		n++
	}
	return n
}

// takeBack moves so many units of what was sold: of the lots that it took last
// first, which keep longest, after those that have come back before.
func (s *Stock) takeBack(h *Hold, want int64, to whereabouts) {
	skip := h.Returned + h.Lost
	for _, x := range slices.Backward(h.shares()) {
		n := min(want, max(0, x.Quantity-skip))
		skip = max(0, skip-x.Quantity)
		want -= n
		at := to
		if l := s.lot(x.Lot); l != nil && l.Recalled {
			at = atLost
		}
		s.move(x.Lot, n, atSold, at)
	}
}

// InLot is what of a lot is available, held, sold and lost; nothing when the
// stock does not know the lot, or there is no stock.
func (s *Stock) InLot(lot market.ID) [4]int64 {
	if s == nil {
		return [4]int64{}
	}
	l := s.lot(lot)
	if l == nil {
		return [4]int64{}
	}
	return [4]int64{l.Available, l.Held, l.Sold, l.Lost}
}
