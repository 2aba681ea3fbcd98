package orders

import (
	"slices"
	"time"

	"chohue/market"
)

// Events of this room. The subject is always the order, so that each order's
// news arrives in the order of its happening.
const (
	EventPlaced    = "orders.placed"
	EventConfirmed = "orders.confirmed"
	EventPacked    = "orders.packed"
	EventCorrected = "orders.corrected" // a parcel weighed less than was paid for
	EventShipped   = "orders.shipped"
	EventDelivered = "orders.delivered"
	EventCancelled = "orders.cancelled"
	EventRefunding = "orders.refunding"
	EventCompleted = "orders.completed" // every parcel has ended, one at least at its buyer
	EventRefunded  = "orders.refunded"  // all that was paid is back

	EventUndelivered     = "orders.undelivered"
	EventReturning       = "orders.returning"
	EventBack            = "orders.back" // a parcel that its buyer never got is with the seller again
	EventLost            = "orders.lost"
	EventParcelCancelled = "orders.parcel_cancelled"

	EventPackingLate = "orders.packing_late"  // the seller is reminded of a parcel
	EventClosed      = "orders.closed"        // a delivered parcel is no longer to be returned: its money may be paid out
	EventMoneyBack   = "orders.money_back"    // part of what was paid went back
	EventMoneyKept   = "orders.money_refused" // the way of paying would not give money back; it is still owed
	EventReturned    = "orders.returned"      // a buyer has the money for a return: the sale is undone so far
	EventEdited      = "orders.edited"        // a parcel is to hold less; nothing has moved yet
	EventAsked       = "orders.asked"         // whether the buyer agrees to more weight
	EventAnswered    = "orders.answered"

	EventVoucherMade    = "orders.voucher_made"    // the subject is the voucher
	EventVoucherStopped = "orders.voucher_stopped" // so here
)

// eventReturn begins the name of the event with which a return reaches a state.
const eventReturn = "orders.return_"

// EventReturn is the event with which a return reaches the state.
func EventReturn(state ReturnState) string { return eventReturn + string(state) }

// Moved is the payload of the events that have none of their own.
type Moved struct {
	Order  market.ID `json:"order"`
	Parcel market.ID `json:"parcel,omitempty"`
	Reason string    `json:"reason,omitempty"`
	Lines  []Taken   `json:"lines,omitempty"` // goods to give back to the shelf
}

// Taken is a quantity of a variant that an order holds or has bought.
type Taken struct {
	Variant  market.ID `json:"variant"`
	Quantity int64     `json:"quantity"`
}

// Confirmed is the payload of orders.confirmed.
type Confirmed struct {
	Order    market.ID `json:"order"`
	Code     string    `json:"code"`
	Buyer    market.ID `json:"buyer,omitempty"`
	Method   string    `json:"method"`
	PlacedAt time.Time `json:"placed_at"`
	Parcels  []Parcel  `json:"parcels"`
	Vouchers []Granted `json:"vouchers,omitempty"`
}

// Corrected is the payload of orders.corrected: what is taken off a parcel.
type Corrected struct {
	Order    market.ID  `json:"order"`
	Parcel   market.ID  `json:"parcel"`
	Key      market.ID  `json:"key,omitempty"`    // makes it idempotent
	Reason   string     `json:"reason,omitempty"` // "weight", "edit"
	Lines    []Taken    `json:"lines,omitempty"`  // goods that have come back, in all
	Payment  market.ID  `json:"payment"`
	Seller   market.ID  `json:"seller"`
	Goods    market.VND `json:"goods"`
	Shipping market.VND `json:"shipping"`
	Subsidy  market.VND `json:"subsidy,omitempty"`
	Fee      market.VND `json:"fee"`
}

// Delivered is the payload of orders.delivered: all that a statistician needs
// to know of one parcel, and nothing about the buyer but province and ward.
type Delivered struct {
	Order         market.ID `json:"order"`
	Code          string    `json:"code"`
	Parcel        Parcel    `json:"parcel"`
	Buyer         market.ID `json:"buyer,omitempty"`
	BuyerProvince string    `json:"buyer_province"`
	BuyerWard     string    `json:"buyer_ward"`
	Method        string    `json:"method"`
	PlacedAt      time.Time `json:"placed_at"`
	DeliveredAt   time.Time `json:"delivered_at"`
}

func (o *Order) moved(parcel market.ID) Moved { return Moved{Order: o.ID, Parcel: parcel} }

func (o *Order) taken() []Taken {
	var out []Taken
	for _, p := range o.Parcels {
		for _, l := range p.Lines {
			i := slices.IndexFunc(out, func(t Taken) bool { return t.Variant == l.Variant })
			if i < 0 {
				out = append(out, Taken{l.Variant, l.Quantity + l.GivenUp})
				continue
			}
			out[i].Quantity += l.Quantity + l.GivenUp // two lines of one stock are one hold
		}
	}
	return out
}

func (o *Order) confirmed() Confirmed {
	return Confirmed{Order: o.ID, Code: o.Code, Buyer: o.Buyer, Method: o.Method, PlacedAt: o.PlacedAt, Parcels: o.Parcels, Vouchers: o.Vouchers}
}

func (o *Order) delivered(p Parcel) Delivered {
	return Delivered{
		Order: o.ID, Code: o.Code, Parcel: p, Buyer: o.Buyer,
		BuyerProvince: o.Address.Province, BuyerWard: o.Address.Ward,
		Method: o.Method, PlacedAt: o.PlacedAt, DeliveredAt: *p.DeliveredAt,
	}
}

// VoucherNews is the payload of the events about vouchers.
type VoucherNews struct {
	Voucher market.ID `json:"voucher"`
	Seller  market.ID `json:"seller,omitempty"`
	By      market.ID `json:"by,omitempty"`
}
