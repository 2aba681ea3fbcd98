package orders

import (
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// Voucher is a promise to lower what buyers pay: of the goods, by an amount or
// a share, or of their delivery. A seller's voucher lowers the seller's own
// prices; the platform's is paid by the platform (payments.Share.Subsidy). Its
// terms never change: who wants others stops it and makes another, so an order
// that names a voucher names the terms that it was bought under.
//
// The budget is money and a number of uses. Both can never be exceeded, because
// each use is one update of this one document: held at checkout until a time,
// spent when the order is sure, given back when it ends.
//
//	available + Held + Spent = Budget
type Voucher struct {
	store.Doc `bson:",inline"` // the id is the code that people type
	Seller    market.ID        `bson:"seller,omitempty"` // who pays; empty for the platform
	Wish      market.ID        `bson:"wish,omitempty"`   // that it was made by, so that asking twice is once
	Owner     string           `bson:"owner"`            // Seller, or "platform": for lists
	Shown     string           `bson:"shown,omitempty"`  // Owner while buyers find it by themselves, else empty
	Name      market.Text      `bson:"name"`
	Terms     VoucherTerms     `bson:"terms"`
	Held      market.VND       `bson:"held"`
	Spent     market.VND       `bson:"spent"`
	HeldUses  int64            `bson:"held_uses"`
	SpentUses int64            `bson:"spent_uses"`
	Holds     []VoucherHold    `bson:"holds,omitempty"`
	// Settled and Returned name the orders whose last step may be heard of once
	// more; each is dropped when the order itself remembers.
	Settled  []VoucherHold `bson:"settled,omitempty"`
	Returned []market.ID   `bson:"returned,omitempty"`
	Wake     *time.Time    `bson:"wake,omitempty"` // when the first hold ends
	Stopped  *time.Time    `bson:"stopped,omitempty"`
	By       market.ID     `bson:"by"`
	MadeAt   time.Time     `bson:"made_at"`
}

// VoucherHold is a use that an order has set aside.
type VoucherHold struct {
	Order  market.ID  `bson:"order"`
	Amount market.VND `bson:"amount"`
	Until  time.Time  `bson:"until,omitempty"`
}

// VoucherTerms are what buyers are told before they order (Decree 248/2026
// Art. 6.1.d: the conditions of a promotion).
type VoucherTerms struct {
	Kind       VoucherKind `bson:"kind" json:"kind"`
	Way        VoucherWay  `bson:"way" json:"way"`
	Amount     market.VND  `bson:"amount,omitempty" json:"amount,omitempty"`   // of VoucherAmount
	Percent    market.Rate `bson:"percent,omitempty" json:"percent,omitempty"` // of VoucherPercent
	Most       market.VND  `bson:"most,omitempty" json:"most,omitempty"`       // for one order; 0 without bound, of VoucherShipping alone
	MinGoods   market.VND  `bson:"min_goods,omitempty" json:"min_goods,omitempty"`
	Sets       []int       `bson:"sets,omitempty" json:"sets,omitempty"`         // product sets that it is for; none for all
	Products   []market.ID `bson:"products,omitempty" json:"products,omitempty"` // products that it is for; none for all
	Sellers    []market.ID `bson:"sellers,omitempty" json:"sellers,omitempty"`   // of the platform's: whose goods; none for all
	FirstOrder bool        `bson:"first_order,omitempty" json:"first_order,omitempty"`
	PerPerson  int         `bson:"per_person,omitempty" json:"per_person,omitempty"` // 0 without limit
	From       time.Time   `bson:"from" json:"from"`
	To         time.Time   `bson:"to" json:"to"` // the first moment at which it is over
	Budget     market.VND  `bson:"budget" json:"budget"`
	Uses       int64       `bson:"uses" json:"uses"`
}

// VoucherKind is what a voucher lowers.
type VoucherKind string

// The kinds.
const (
	VoucherAmount   VoucherKind = "amount"
	VoucherPercent  VoucherKind = "percent"
	VoucherShipping VoucherKind = "shipping"
)

// VoucherWay is how a buyer comes by a voucher.
type VoucherWay string

// The ways.
const (
	VoucherAuto   VoucherWay = "auto"   // given to whoever meets the terms
	VoucherListed VoucherWay = "listed" // shown at checkout, taken by a tap
	VoucherSecret VoucherWay = "code"   // for those who were told the code
)

// ownerPlatform owns the platform's vouchers.
const ownerPlatform = "platform"

var (
	errVoucher      = market.NotFound("voucher.missing")
	errVoucherSpent = market.Conflict("voucher.spent")
	errVoucherGone  = market.Conflict("voucher.hold_gone")
)

// Running reports whether the voucher is given at a moment.
func (v *Voucher) Running(at time.Time) bool {
	return v.Stopped == nil && !at.Before(v.Terms.From) && at.Before(v.Terms.To)
}

// Left is what of the budget is neither held nor spent.
func (v *Voucher) Left() (market.VND, int64) {
	return v.Terms.Budget - v.Held - v.Spent, v.Terms.Uses - v.HeldUses - v.SpentUses
}

// Check proves the invariant.
func (v *Voucher) Check() error {
	var held market.VND
	for _, h := range v.Holds {
		held += h.Amount
	}
	money, uses := v.Left()
	if held != v.Held || int64(len(v.Holds)) != v.HeldUses || money < 0 || uses < 0 || v.Spent < 0 || v.SpentUses < 0 {
		return market.Conflict("voucher.broken").With("voucher", string(v.ID))
	}
	return nil
}

// Hold sets an amount aside for an order until a time. Asking again changes
// the hold; an order that has spent it already keeps that.
func (v *Voucher) Hold(order market.ID, amount market.VND, now, until time.Time) error {
	if v.settled(order) >= 0 {
		return nil
	}
	v.Expire(now, order)
	v.Release(order)
	if money, uses := v.Left(); !v.Running(now) || amount > money || uses < 1 {
		return errVoucherSpent.With("name", v.Name)
	}
	v.Holds = append(v.Holds, VoucherHold{order, amount, until})
	v.Held, v.HeldUses = v.Held+amount, v.HeldUses+1
	v.wakeAt()
	return nil
}

// Settle spends what the order was granted. Spending twice is once; a hold that
// has ended is a conflict, and so is one of less, which a second checkout of the
// same cart may have made of it, when the rest cannot be had.
func (v *Voucher) Settle(order market.ID, amount market.VND) error {
	if v.settled(order) >= 0 {
		return nil
	}
	i := slices.IndexFunc(v.Holds, func(h VoucherHold) bool { return h.Order == order })
	if i < 0 {
		return errVoucherGone
	}
	h := v.Holds[i]
	if money, _ := v.Left(); amount-h.Amount > money {
		return errVoucherGone
	}
	h.Amount = amount
	v.Release(order)
	v.Spent, v.SpentUses = v.Spent+h.Amount, v.SpentUses+1
	h.Until = time.Time{}
	v.Settled = append(v.Settled, h)
	return nil
}

func (v *Voucher) settled(order market.ID) int {
	return slices.IndexFunc(v.Settled, func(h VoucherHold) bool { return h.Order == order })
}

// Release lets go of what the order holds and has not spent.
func (v *Voucher) Release(order market.ID) {
	v.drop(func(h VoucherHold) bool { return h.Order == order })
}

// Expire lets go of holds whose time is over, but for that of one order, which
// is about to be changed.
func (v *Voucher) Expire(now time.Time, but market.ID) {
	v.drop(func(h VoucherHold) bool { return h.Order != but && !h.Until.After(now) })
}

func (v *Voucher) drop(gone func(VoucherHold) bool) {
	v.Holds = slices.DeleteFunc(v.Holds, func(h VoucherHold) bool {
		if !gone(h) {
			return false
		}
		v.Held, v.HeldUses = v.Held-h.Amount, v.HeldUses-1
		return true
	})
	v.wakeAt()
}

// wakeAt notes when the first hold ends.
func (v *Voucher) wakeAt() {
	v.Wake = nil
	for _, h := range v.Holds {
		if v.Wake == nil || h.Until.Before(*v.Wake) {
			v.Wake = &h.Until
		}
	}
}

// Return gives back what an ended order held or has spent; spent is what the
// order itself knows to have spent, 0 when it was never confirmed or has given
// it back. The order is marked until it remembers by itself, so that hearing
// twice gives back once.
func (v *Voucher) Return(order market.ID, spent market.VND) {
	v.Release(order)
	if i := v.settled(order); i >= 0 {
		spent = v.Settled[i].Amount
		v.Settled = slices.Delete(v.Settled, i, i+1)
	} else if spent == 0 || slices.Contains(v.Returned, order) {
		return
	}
	v.Spent, v.SpentUses = v.Spent-spent, v.SpentUses-1
	v.Returned = append(v.Returned, order)
}

// ForgetSettled drops the mark of an order that remembers by itself what it has
// spent. It leaves what it has given back: the news of the confirmation may come
// once more after that of the end.
func (v *Voucher) ForgetSettled(order market.ID) {
	v.Settled = slices.DeleteFunc(v.Settled, func(h VoucherHold) bool { return h.Order == order })
}

// Forget drops the marks of an order that remembers by itself that it has given
// back what it spent.
func (v *Voucher) Forget(order market.ID) {
	v.ForgetSettled(order)
	v.Returned = slices.DeleteFunc(v.Returned, func(id market.ID) bool { return id == order })
}
