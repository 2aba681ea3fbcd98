package catalog

import (
	"slices"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// Harvest is a crop that stands in the field and may be reserved before it is
// brought in. It promises no more than a part of the yield that the seller
// declares, and shares out fairly what the field gives less.
type Harvest struct {
	store.Doc    `bson:",inline"`
	Product      market.ID       `bson:"product"`
	Variant      market.ID       `bson:"variant"`
	Seller       market.ID       `bson:"seller"`
	From         time.Time       `bson:"from"` // the harvest is expected in [From, To)
	To           time.Time       `bson:"to"`
	Closes       time.Time       `bson:"closes"`         // no reservations from then on
	Yield        int64           `bson:"yield"`          // declared, in sold units
	CapPermille  int64           `bson:"cap"`            // how much of it may be promised
	Most         int64           `bson:"most,omitempty"` // units that the seller promises at most; 0 as many as may be
	Price        market.VND      `bson:"price"`          // of one unit, for whoever reserves
	Deposit      market.Rate     `bson:"deposit"`
	BalanceDays  int64           `bson:"balance_days"` // to pay the balance once the crop is brought in
	KeptPermille int64           `bson:"kept"`         // of the deposit, by the seller, when the balance is not paid
	State        HarvestState    `bson:"state"`
	Actual       int64           `bson:"actual,omitempty"` // brought in, once it is shared out
	AllocatedAt  *time.Time      `bson:"allocated_at,omitempty"`
	Shelved      bool            `bson:"shelved,omitempty"` // what was brought in is a lot in the stock, the shares set aside
	Reason       string          `bson:"reason,omitempty"`  // of a cancellation, in the seller's words
	Reservations []Reservation   `bson:"reservations,omitempty"`
	Notices      []HarvestNotice `bson:"notices,omitempty"` // what was changed, oldest first
	CreatedAt    time.Time       `bson:"created_at"`

	hidden int64 // units of firm or waiting reservations that the reader does not see
}

// HarvestState says where a harvest stands.
type HarvestState string

// The states of a harvest.
const (
	HarvestOpen      HarvestState = "open"
	HarvestClosed    HarvestState = "closed"    // takes no more reservations
	HarvestAllocated HarvestState = "allocated" // brought in and shared out
	HarvestCancelled HarvestState = "cancelled" // by storm or otherwise; all deposits go back
)

// Reservation is what one order has reserved of a harvest.
type Reservation struct {
	Order     market.ID        `bson:"order"`
	Buyer     market.ID        `bson:"buyer"`
	Quantity  int64            `bson:"quantity"`
	Price     market.VND       `bson:"price"`   // of one unit, as agreed
	Deposit   market.VND       `bson:"deposit"` // of all units
	At        time.Time        `bson:"at"`
	Until     time.Time        `bson:"until"` // when it falls back unless its deposit has come
	To        time.Time        `bson:"to"`    // by when the harvest was promised to this buyer
	State     ReservationState `bson:"state"`
	Allocated int64            `bson:"allocated,omitempty"` // units that the buyer gets
}

// ReservationState says what became of a reservation.
type ReservationState string

// The states of a reservation. One whose deposit never came is forgotten.
const (
	ReservationPending   ReservationState = "pending" // waits for its deposit
	ReservationHeld      ReservationState = "held"
	ReservationWithdrawn ReservationState = "withdrawn" // by the buyer, in time
	ReservationAllocated ReservationState = "allocated"
	ReservationRefunded  ReservationState = "refunded" // with the harvest cancelled
)

// HarvestNotice is one change that everybody with a reservation is told of.
type HarvestNotice struct {
	Kind string    `bson:"kind"` // the type of the event that tells it
	At   time.Time `bson:"at"`
	Was  int64     `bson:"was,omitempty"`  // declared units before
	Now  int64     `bson:"now,omitempty"`  // declared or real units after
	From time.Time `bson:"from,omitempty"` // the window after EventHarvestMoved
	To   time.Time `bson:"to,omitempty"`
	Text string    `bson:"text,omitempty"`
}

// maxReservations bounds the document; a larger crop is declared in parts.
const maxReservations = 1000

var (
	errHarvestMissing  = market.NotFound("harvest.missing")
	errHarvestClosed   = market.Conflict("harvest.closed")
	errHarvestGone     = market.Conflict("harvest.reservation_gone")
	errHarvestFull     = market.Conflict("harvest.many").With("max", maxReservations)
	errHarvestChanged  = market.Conflict("harvest.other_reservation")
	errHarvestYield    = market.Invalid("harvest.yield", "yield")
	errHarvestOver     = market.Conflict("harvest.over")
	errHarvestRewrite  = market.Conflict("harvest.allocated_otherwise")
	errHarvestQuantity = market.Invalid("harvest.quantity", "quantity").With("max", maxOrder)
)

// Cap is how many units may be promised.
func (h *Harvest) Cap() int64 {
	allowed := h.Yield/1000*h.CapPermille + h.Yield%1000*h.CapPermille/1000
	if h.Most > 0 {
		return min(allowed, h.Most)
	}
	return allowed
}

// Promised is how many units are reserved at a moment.
func (h *Harvest) Promised(now time.Time) int64 {
	total := h.hidden
	for _, r := range h.Reservations {
		if r.stands(now) {
			total += r.Quantity
		}
	}
	return total
}

// Left is how many units can still be reserved. It is zero when a lower
// declaration has left less than was promised.
func (h *Harvest) Left(now time.Time) int64 {
	if h.State != HarvestOpen || !now.Before(h.Closes) {
		return 0
	}
	return max(h.Cap()-h.Promised(now), 0)
}

func (r Reservation) stands(now time.Time) bool {
	return r.State == ReservationHeld || r.State == ReservationPending && now.Before(r.Until)
}

func (h *Harvest) reservation(order market.ID) *Reservation {
	for i := range h.Reservations {
		if h.Reservations[i].Order == order {
			return &h.Reservations[i]
		}
	}
	return nil
}

// expire forgets reservations whose deposit did not come in time.
func (h *Harvest) expire(now time.Time) {
	h.Reservations = slices.DeleteFunc(h.Reservations, func(r Reservation) bool {
		return r.State == ReservationPending && !now.Before(r.Until)
	})
}

// Reserve keeps units for an order until its deposit comes. The same
// reservation again changes nothing; another quantity under the same order is
// the conflict "harvest.other_reservation". Conflict "harvest.short" tells how
// many units there are.
func (h *Harvest) Reserve(r Reservation, now time.Time) error {
	if r.Quantity <= 0 || r.Quantity > maxOrder {
		return errHarvestQuantity
	}
	h.expire(now)
	if known := h.reservation(r.Order); known != nil {
		if known.Buyer == r.Buyer && known.Quantity == r.Quantity {
			return nil
		}
		return errHarvestChanged
	}
	if h.State != HarvestOpen || !now.Before(h.Closes) {
		return errHarvestClosed
	}
	if left := h.Left(now); r.Quantity > left {
		return market.Conflict("harvest.short").With("available", left)
	}
	if len(h.Reservations) >= maxReservations {
		return errHarvestFull
	}
	r.At, r.To, r.State, r.Allocated = now, h.To, ReservationPending, 0
	r.Deposit = h.Deposit.Of(r.Price * market.VND(r.Quantity))
	h.Reservations = append(h.Reservations, r)
	return nil
}

// Confirm makes a reservation firm: its deposit has come. Conflict
// "harvest.reservation_gone" means that it came too late and must go back. A
// deposit counts until somebody else has taken the place.
func (h *Harvest) Confirm(order market.ID) error {
	r := h.reservation(order)
	if r == nil || r.State == ReservationWithdrawn || r.State == ReservationRefunded {
		return errHarvestGone
	}
	if r.State == ReservationPending {
		r.State = ReservationHeld
	}
	return nil
}

// Withdraw gives a reservation back while MayWithdraw. Nothing to give back is
// no error.
func (h *Harvest) Withdraw(order market.ID, now time.Time) error {
	r := h.reservation(order)
	if r == nil || r.State == ReservationWithdrawn || r.State == ReservationRefunded {
		return nil
	}
	if r.State == ReservationPending {
		h.Release(order)
		return nil
	}
	if !h.MayWithdraw(*r, now) {
		return errHarvestClosed
	}
	r.State = ReservationWithdrawn
	return nil
}

// MayWithdraw reports whether a firm reservation can be given back for its
// whole deposit: while the harvest takes reservations, and as long as the goods
// are not there when the harvest is promised for a later day than the buyer
// agreed to, or is overdue.
func (h *Harvest) MayWithdraw(r Reservation, now time.Time) bool {
	standing := h.State == HarvestOpen || h.State == HarvestClosed
	late := h.To.After(r.To) || !now.Before(h.To)
	return r.State == ReservationHeld && standing && (h.State == HarvestOpen && now.Before(h.Closes) || late)
}

// Release lets go of a reservation that still waits for its deposit; a firm one
// stays.
func (h *Harvest) Release(order market.ID) {
	h.Reservations = slices.DeleteFunc(h.Reservations, func(r Reservation) bool {
		return r.Order == order && r.State == ReservationPending
	})
}

// Move changes the days on which the harvest is expected and until when it
// takes reservations. The same days again change nothing.
func (h *Harvest) Move(from, to, closes, now time.Time) error {
	if h.State != HarvestOpen && h.State != HarvestClosed {
		return errHarvestOver
	}
	var c market.Checks
	checkWindow(&c, from, to, closes, now)
	if err := c.Err(); err != nil {
		return err
	}
	if !from.Equal(h.From) || !to.Equal(h.To) || !closes.Equal(h.Closes) {
		h.From, h.To, h.Closes = from, to, closes
		h.notice(HarvestNotice{Kind: EventHarvestMoved, At: now, From: from, To: to})
	}
	return nil
}

// Redeclare changes the expected yield. What is promised stays promised, also
// when it is more than may be promised now.
func (h *Harvest) Redeclare(yield int64, now time.Time) error {
	if yield <= 0 || yield > maxQuantity {
		return errHarvestYield
	}
	if h.State != HarvestOpen && h.State != HarvestClosed {
		return errHarvestOver
	}
	if yield != h.Yield {
		h.notice(HarvestNotice{Kind: EventHarvestChanged, At: now, Was: h.Yield, Now: yield})
		h.Yield = yield
	}
	return nil
}

// Close ends the time of reservations. Closing again changes nothing.
func (h *Harvest) Close(now time.Time) error {
	switch h.State {
	case HarvestClosed:
		return nil
	case HarvestOpen:
		h.State = HarvestClosed
		h.notice(HarvestNotice{Kind: EventHarvestClosed, At: now})
		return nil
	default:
		return errHarvestOver
	}
}

// Allocate shares out what was brought in among the firm reservations, in
// proportion to what each reserved: every buyer gets their exact share rounded
// down or up to whole units. Units that rounding leaves go to the largest
// remainders, the earlier reservation first. Nobody gets more than was
// reserved. The same figure again changes nothing, another is a conflict.
func (h *Harvest) Allocate(actual int64, now time.Time) error {
	switch {
	case actual < 0 || actual > maxQuantity:
		return errHarvestYield
	case h.State == HarvestAllocated && h.Actual == actual:
		return nil
	case h.State == HarvestAllocated:
		return errHarvestRewrite
	case h.State == HarvestCancelled:
		return errHarvestOver
	}
	h.Reservations = slices.DeleteFunc(h.Reservations, func(r Reservation) bool { return r.State == ReservationPending })
	h.shareOut(actual)
	h.State, h.Actual, h.AllocatedAt = HarvestAllocated, actual, &now
	h.notice(HarvestNotice{Kind: EventHarvestAllocated, At: now, Was: h.Yield, Now: actual})
	return nil
}

func (h *Harvest) shareOut(actual int64) {
	var firm []*Reservation
	for i := range h.Reservations {
		if h.Reservations[i].State == ReservationHeld {
			firm = append(firm, &h.Reservations[i])
		}
	}
	slices.SortFunc(firm, func(a, b *Reservation) int {
		if order := a.At.Compare(b.At); order != 0 {
			return order
		}
		return strings.Compare(string(a.Order), string(b.Order))
	})
	weights, total := make([]int64, len(firm)), int64(0)
	for i, r := range firm {
		weights[i] = r.Quantity
		total += r.Quantity
	}
	for i, units := range market.VND(min(actual, total)).Split(weights) { // the same split as of money
		firm[i].Allocated, firm[i].State = int64(units), ReservationAllocated
	}
}

// Cancel ends a harvest that will not come, by storm or otherwise: every
// deposit goes back whole. Cancelling again changes nothing. What was brought
// in is a lot, and lost as lots are.
func (h *Harvest) Cancel(reason string, now time.Time) error {
	switch h.State {
	case HarvestCancelled:
		return nil
	case HarvestAllocated:
		return errHarvestOver
	}
	h.State, h.Reason = HarvestCancelled, reason
	h.Reservations = slices.DeleteFunc(h.Reservations, func(r Reservation) bool { return r.State == ReservationPending })
	for i := range h.Reservations {
		if r := &h.Reservations[i]; r.State != ReservationWithdrawn {
			r.State = ReservationRefunded
		}
	}
	h.notice(HarvestNotice{Kind: EventHarvestCancelled, At: now, Text: reason})
	return nil
}

// Reservation returns what the order has reserved.
func (h *Harvest) Reservation(order market.ID) (Reservation, bool) {
	if r := h.reservation(order); r != nil {
		return *r, true
	}
	return Reservation{}, false
}

// BalanceDue is until when the balance can be paid; zero before the crop is
// brought in.
func (h *Harvest) BalanceDue() time.Time {
	if h.AllocatedAt == nil {
		return time.Time{}
	}
	return h.AllocatedAt.AddDate(0, 0, int(h.BalanceDays))
}

func (h *Harvest) notice(n HarvestNotice) { h.Notices = append(h.Notices, n) }

// Refund is how much of the deposit goes back to the buyer: all of it without
// goods, else the part of the units that the buyer does not get.
func (r Reservation) Refund() market.VND {
	switch r.State {
	case ReservationWithdrawn, ReservationRefunded:
		return r.Deposit
	case ReservationAllocated:
		return r.Deposit.Split([]int64{r.Quantity - r.Allocated, r.Allocated})[0]
	default:
		return 0
	}
}
