package orders

import (
	"context"
	"io"
	"time"

	"chohue/market"
	"chohue/payments"
)

// Carrier is one way of getting a parcel to its buyer. It knows the carrier's
// fields, units and codes and keeps no state; what happened is recorded by
// [Service]. Every carrier runs carriertest.
//
// Errors tell what may be done: invalid and conflict mean that the carrier has
// refused, not found that it knows no such parcel, forbidden that a notice is
// forged; any other that nobody knows what happened, so the carrier is asked.
type Carrier interface {
	// Name is the carrier's name in addresses and documents: "ghn".
	Name() string
	// Quote says what the carrier would take and how long it would need. A
	// conflict means that it does not go there.
	Quote(ctx context.Context, c Consignment) (CarrierQuote, error)
	// Create orders the carriage. The same consignment again gives the same
	// waybill, never a second one.
	Create(ctx context.Context, c Consignment) (Waybill, error)
	// Cancel calls the carriage off. Called off already is no error; a conflict
	// means that the parcel is on its way.
	Cancel(ctx context.Context, w Waybill) error
	// Track asks how the parcel stands, by the carrier's number when there is
	// one, else by our reference.
	Track(ctx context.Context, w Waybill) (Report, error)
	// Label returns the carrier's own label as PDF.
	Label(ctx context.Context, w Waybill) ([]byte, error)
	// Notice verifies a callback, in constant time and before reading any field
	// of it, then parses it.
	Notice(ctx context.Context, raw payments.Raw) (Report, error)
	// Reply is what the carrier wants to hear when its notice was handled with
	// err.
	Reply(err error) payments.Reply
	// ParseCODStatement reads the carrier's list of the cash that it collected
	// and pays out. A line that cannot be read is an error naming it.
	ParseCODStatement(r io.Reader) ([]CODLine, error)
}

// Blind marks a carrier that cannot be asked how a parcel stands: what became
// of it is heard by notices, or from people.
type Blind interface{ Blind() }

// Consignment is what a carrier is asked to carry.
type Consignment struct {
	Reference market.ID // our parcel: the carrier's answer is the same for the same one
	Code      string    // the order's, for people
	From, To  Contact
	Grams     int64
	Box       Box
	COD       market.VND // to collect at the door; 0 when paid
	Value     market.VND // of the goods, for liability
	Goods     []CarriedItem
	Note      string
	Fragile   bool
	Inspect   bool      // the buyer may look before paying (đồng kiểm)
	At        time.Time // of the request
}

// Contact is one end of the way, in words: carriers number places each in
// their own way but take names of the two-level division.
type Contact struct {
	Name, Phone  string // E.164
	Street       string
	Ward         string // "phường Thuỷ Xuân"
	Province     string // "thành phố Huế"
	WardCode     string // NSO
	ProvinceCode string // NSO
}

// Line is the whole address on one line.
func (c Contact) Line() string { return c.Street + ", " + c.Ward + ", " + c.Province }

// Box is how large a parcel is, in centimetres.
type Box struct{ Length, Width, Height int }

// CarriedItem is one kind of goods in a parcel.
type CarriedItem struct {
	Name     string
	Quantity int64
	Grams    int64 // of all of them
	Price    market.VND
}

// CarrierQuote is a carrier's offer.
type CarrierQuote struct {
	Carrier string
	Service string
	Fee     market.VND // what the seller pays the carrier
	Hours   int        // from pick-up to the door, at most; 0 when the carrier does not say
}

// Waybill names a carriage that was ordered.
type Waybill struct {
	Reference market.ID // our parcel
	Tracking  string    // the carrier's number; empty while not known
	Service   string
	Fee       market.VND
	Sort      string // the carrier's sorting code, printed large
}

// CarrierStatus is how a parcel stands, in words common to all carriers.
type CarrierStatus string

// The statuses. Delivered does not mean that cash was received.
const (
	CarrierCreated      CarrierStatus = "created"
	CarrierPickup       CarrierStatus = "pickup_pending"
	CarrierPicked       CarrierStatus = "picked"
	CarrierTransit      CarrierStatus = "in_transit"
	CarrierOut          CarrierStatus = "out_for_delivery"
	CarrierDelivered    CarrierStatus = "delivered"
	CarrierPartly       CarrierStatus = "partially_delivered"
	CarrierFailed       CarrierStatus = "delivery_failed"
	CarrierReturning    CarrierStatus = "returning"
	CarrierReturned     CarrierStatus = "returned"
	CarrierCancelled    CarrierStatus = "cancelled"
	CarrierLost         CarrierStatus = "lost"
	CarrierDamaged      CarrierStatus = "damaged"
	CarrierUnknown      CarrierStatus = "unknown" // a code that is in no table: kept, moves nothing
	maxReports                        = 120
	maxCarrierText                    = 300
	maxTracking                       = 80
	createAnew                        = 10 * time.Minute // after the carrier has said that it knows nothing
	carriersAskedAtOnce               = 200
)

// Report is what a carrier says of a parcel.
type Report struct {
	Carrier   string        `bson:"carrier" json:"carrier"`
	Reference market.ID     `bson:"reference,omitempty" json:"reference,omitempty"` // our parcel; empty when the carrier names only its number
	Tracking  string        `bson:"tracking" json:"tracking"`
	Code      string        `bson:"code" json:"code"` // the carrier's own, verbatim
	Status    CarrierStatus `bson:"status" json:"status"`
	At        time.Time     `bson:"at" json:"at"` // as the carrier says
	Reason    string        `bson:"reason,omitempty" json:"reason,omitempty"`
	Fee       market.VND    `bson:"fee,omitempty" json:"fee,omitempty"` // the carrier's, when it names it
	COD       market.VND    `bson:"cod,omitempty" json:"cod,omitempty"` // planned to collect; not a word on cash received
	Part      string        `bson:"part,omitempty" json:"part,omitempty"`
}

// CODLine is one parcel of a carrier's statement of cash collected.
type CODLine struct {
	Tracking  string
	Reference string     // our parcel or order code, as the carrier prints it; may be empty
	Collected market.VND // from the buyer
	Fee       market.VND // all that the carrier keeps
	Net       market.VND // paid out: Collected − Fee
	At        time.Time  // of delivery
	Line      int        // in the file, from 1
}
