// Package orders takes a cart to delivered parcels. It owns carts, quotes,
// checkout, orders with one parcel per seller, and their states.
//
// Stock is held product by product before an order is written and settled when
// money is certain; every hold ends by itself, so a crash strands nothing. What
// the room needs of others is declared here as small interfaces: Shelf (goods),
// Till (money), Sellers and Fees.
package orders

import (
	"context"
	"time"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// Shelf is what orders need of the catalogue.
type Shelf interface {
	Products(ctx context.Context, ids ...market.ID) (map[market.ID]*catalog.Product, error)
	ByVariant(ctx context.Context, variant market.ID) (*catalog.Product, error)
	Stocks(ctx context.Context, variants ...market.ID) (map[market.ID]*catalog.Stock, error)
	Hold(ctx context.Context, order, variant market.ID, quantity int64, until time.Time) error
	HoldFrom(ctx context.Context, order, variant market.ID, quantity int64, until time.Time, fences ...market.ID) error
	Settle(ctx context.Context, order, variant market.ID) ([]catalog.Share, error)
	Release(ctx context.Context, order, variant market.ID) error
	Forget(ctx context.Context, order, variant market.ID) error
	TakeBack(ctx context.Context, order, variant market.ID, returned, lost int64) error
	Tolerance(at time.Time) int64 // of weighed goods, in ‰
	TracedLot(ctx context.Context, id market.ID) (*catalog.Lot, error)
	CleanPhoto(ctx context.Context, data []byte) ([]byte, error)
	Harvests
}

// Till is what orders need of payments.
type Till interface {
	Begin(ctx context.Context, by market.Actor, c payments.Charge) (*payments.Intent, error)
	Intent(ctx context.Context, id market.ID) (*payments.Intent, error)
	Sync(ctx context.Context, payment market.ID) (*payments.Intent, error)
	Confirm(ctx context.Context, by market.Actor, payment market.ID) (*payments.Intent, error)
	Cancel(ctx context.Context, by market.Actor, payment market.ID) (*payments.Intent, error)
	Refund(ctx context.Context, by market.Actor, payment market.ID, amount market.VND, reason string, key market.ID) (*payments.Intent, error)
	RefundSeller(ctx context.Context, by market.Actor, payment, seller market.ID, amount market.VND, reason string, key market.ID) (*payments.Intent, error)
	RetryRefund(ctx context.Context, by market.Actor, payment, key market.ID) (*payments.Intent, error)
	Correct(ctx context.Context, by market.Actor, payment market.ID, c payments.Correction) (*payments.Intent, error)
	ConfirmRefund(ctx context.Context, by market.Actor, payment, key market.ID) (*payments.Intent, error)
	Methods() []string
	Accepts(method string, amount market.VND) error // an invalid error names the provider's limits
}

// Sellers is what orders need of cooperatives.
type Sellers interface {
	Sellers(ctx context.Context, ids ...market.ID) (map[market.ID]*cooperatives.Seller, error)
}

// Fees tells the platform's commission for a kind of seller at a time.
type Fees interface {
	Rate(at time.Time, sellerKind string) market.Rate
}

// Order is what a buyer agreed to: prices, fees, policies and certificates are
// frozen in it. One parcel per seller.
type Order struct {
	store.Doc `bson:",inline"`
	Code      string         `bson:"code"` // what people read out: HUE-7K3F9Q2M
	Key       string         `bson:"key"`  // secret that shows the whole order to a guest
	Cart      market.ID      `bson:"cart"`
	Buyer     market.ID      `bson:"buyer,omitempty"` // empty for guests
	Address   market.Address `bson:"address"`
	// Phone is the number that it was placed with, when the receiver's has
	// changed since: what a person used of vouchers is counted under it.
	Phone    string     `bson:"phone,omitempty"`
	Note     string     `bson:"note,omitempty"`
	Parcels  []Parcel   `bson:"parcels"`
	Goods    market.VND `bson:"goods"`             // after sellers' vouchers
	Shipping market.VND `bson:"shipping"`          // after sellers' vouchers
	Subsidy  market.VND `bson:"subsidy,omitempty"` // what the platform's vouchers pay of both
	Total    market.VND `bson:"total"`             // Goods + Shipping - Subsidy: all that the buyer pays
	Prepaid  market.VND `bson:"prepaid,omitempty"` // the part of Total that was a pre-order's deposit
	Method   string     `bson:"method"`
	Policies Policies   `bson:"policies"` // versions of the rules that applied
	Vouchers []Granted  `bson:"vouchers,omitempty"`
	Codes    []string   `bson:"codes,omitempty"` // of vouchers that the buyer typed
	// VouchersBack is set when what an ended order spent of vouchers was given
	// back to them.
	VouchersBack bool  `bson:"vouchers_back,omitempty"`
	Gift         *Gift `bson:"gift,omitempty"`
	Asks         []Ask `bson:"asks,omitempty"` // questions about more weight
	// SettleAt is when the first edit is made final.
	SettleAt *time.Time `bson:"settle_at,omitempty"`
	State    State      `bson:"state"`
	Reason   string     `bson:"reason,omitempty"` // why it was cancelled
	PlacedAt time.Time  `bson:"placed_at"`
	PaidAt   *time.Time `bson:"paid_at,omitempty"`
	// UnpaidUntil is set while payment is awaited: then the order is given up.
	UnpaidUntil *time.Time  `bson:"unpaid_until,omitempty"`
	History     []Entry     `bson:"history"`
	Returns     []Return    `bson:"returns,omitempty"`
	Refunds     []MoneyBack `bson:"refunds,omitempty"` // all that went back, as the payments tell it
	Waits       Waits       `bson:"waits"`             // the deadlines that it goes by
	// Due is when something next happens by itself; see KeepTime.
	Due *time.Time `bson:"due,omitempty"`
	// Board is "<seller>:<parcel state>" for each parcel, so that a seller's
	// worklist is one walk along an index.
	Board []string `bson:"board"`
	// Ways are the names under which carriers speak of its parcels, AskAt when
	// the first of them is asked next.
	Ways  []string   `bson:"ways,omitempty"`
	AskAt *time.Time `bson:"ask_at,omitempty"`
	// Lots are those that the lines were taken from, so that a recall finds
	// every buyer.
	Lots []market.ID `bson:"lots,omitempty"`
}

// Parcel is what one seller sends.
type Parcel struct {
	ID         market.ID   `bson:"id" json:"id"`
	Seller     market.ID   `bson:"seller" json:"seller"`
	SellerName market.Text `bson:"seller_name" json:"seller_name"`
	SellerSlug string      `bson:"seller_slug" json:"seller_slug"`
	SellerKind string      `bson:"seller_kind" json:"seller_kind"`
	SellerWard string      `bson:"seller_ward" json:"seller_ward"`
	SellerTax  SellerTax   `bson:"seller_tax" json:"seller_tax"`
	Lines      []Line      `bson:"lines" json:"lines"`
	Goods      market.VND  `bson:"goods" json:"goods"`
	Shipping   market.VND  `bson:"shipping" json:"shipping"`
	Fee        market.VND  `bson:"fee" json:"fee"` // commission, frozen at sale
	FeeRate    market.Rate `bson:"fee_rate,omitempty" json:"fee_rate,omitempty"`
	Subsidy    market.VND  `bson:"subsidy,omitempty" json:"subsidy,omitempty"` // what the platform's vouchers pay of Goods
	// ShippingSubsidy is what they pay of Shipping; ShippingOff what the
	// seller's own took off delivery before.
	ShippingSubsidy market.VND  `bson:"shipping_subsidy,omitempty" json:"shipping_subsidy,omitempty"`
	ShippingOff     market.VND  `bson:"shipping_off,omitempty" json:"shipping_off,omitempty"`
	Quoted          *Quoted     `bson:"quoted,omitempty" json:"quoted,omitempty"` // the carrier's price that Shipping comes from
	Sold            *Sold       `bson:"sold,omitempty" json:"sold,omitempty"`     // as it was before an edit that is not settled
	Edits           int         `bson:"edits,omitempty" json:"edits,omitempty"`   // that are settled
	Extra           *Extra      `bson:"extra,omitempty" json:"extra,omitempty"`   // what was paid beside Payment
	Payment         market.ID   `bson:"payment" json:"payment"`                   // the payment that covers this parcel
	Paid            bool        `bson:"paid" json:"paid"`
	State           ParcelState `bson:"state" json:"state"`
	Why             string      `bson:"why,omitempty" json:"why,omitempty"` // of its last misfortune, in the words of whoever told
	Carrier         string      `bson:"carrier,omitempty" json:"carrier,omitempty"`
	Tracking        string      `bson:"tracking,omitempty" json:"tracking,omitempty"`
	Carriage        *Carriage   `bson:"carriage,omitempty" json:"carriage,omitempty"` // with a carrier that we speak with
	ShipBy          *time.Time  `bson:"ship_by,omitempty" json:"ship_by,omitempty"`   // promised at the sale
	PackedAt        *time.Time  `bson:"packed_at,omitempty" json:"packed_at,omitempty"`
	ShippedAt       *time.Time  `bson:"shipped_at,omitempty" json:"shipped_at,omitempty"`
	DeliveredAt     *time.Time  `bson:"delivered_at,omitempty" json:"delivered_at,omitempty"`
	MissedAt        *time.Time  `bson:"missed_at,omitempty" json:"missed_at,omitempty"`     // the last attempt that failed
	RemindedAt      *time.Time  `bson:"reminded_at,omitempty" json:"reminded_at,omitempty"` // the seller, to pack it
	ClosedAt        *time.Time  `bson:"closed_at,omitempty" json:"closed_at,omitempty"`     // delivered and no longer to be returned
	Complaints      []market.ID `bson:"complaints,omitempty" json:"complaints,omitempty"`   // open ones; they keep it from closing
	Proofs          []Proof     `bson:"proofs,omitempty" json:"proofs,omitempty"`           // photos of its handover
}

// Line is one sold variant with all that was true of it at the sale.
type Line struct {
	Variant     market.ID   `bson:"variant" json:"variant"`
	Product     market.ID   `bson:"product" json:"product"`
	Slug        string      `bson:"slug" json:"slug"`
	Name        market.Text `bson:"name" json:"name"`
	VariantName market.Text `bson:"variant_name" json:"variant_name"`
	Unit        string      `bson:"unit" json:"unit"`
	Size        market.Size `bson:"size" json:"size"`
	Price       market.VND  `bson:"price" json:"price"` // of one unit, as the seller states it
	Quantity    int64       `bson:"quantity" json:"quantity"`
	Amount      market.VND  `bson:"amount" json:"amount"`                         // Price × Quantity - Discount, less what packing found lacking
	Discount    market.VND  `bson:"discount,omitempty" json:"discount,omitempty"` // by the seller's voucher
	Subsidy     market.VND  `bson:"subsidy,omitempty" json:"subsidy,omitempty"`   // what the platform's voucher pays of Amount
	Set         int         `bson:"set" json:"set"`
	Category    string      `bson:"tax_category,omitempty" json:"tax_category,omitempty"` // what it counts as for withheld tax; empty when no rule says
	Ward        string      `bson:"ward" json:"ward"`                                     // where it was made
	Certificate market.ID   `bson:"certificate,omitempty" json:"certificate,omitempty"`   // valid at the sale
	Stars       int         `bson:"stars,omitempty" json:"stars,omitempty"`
	Version     string      `bson:"certificate_version,omitempty" json:"certificate_version,omitempty"` // of the certificate, as it was worded at the sale
	Photo       string      `bson:"photo,omitempty" json:"photo,omitempty"`
	// EditedBy is who lowered the quantity, while the edit is not settled;
	// GivenUp is how many units settled edits have given back.
	EditedBy string       `bson:"edited_by,omitempty" json:"edited_by,omitempty"`
	GivenUp  int64        `bson:"given_up,omitempty" json:"given_up,omitempty"`
	Touch    *Touch       `bson:"touch,omitempty" json:"touch,omitempty"`
	Fences   []market.ID  `bson:"fences,omitempty" json:"fences,omitempty"` // that set its goods apart; empty for the shelf
	Band     catalog.Band `bson:"band" json:"band"`                         // what one piece may weigh
	Weight   *Weight      `bson:"weight,omitempty" json:"weight,omitempty"` // of goods weighed when packed
	// Lots is how much of which lot it was, known once the goods are sold;
	// empty when they are of no named lot.
	Lots []catalog.Share `bson:"lots,omitempty" json:"lots,omitempty"`
	// Returned and Lost are how many of the units came back to the shelf, and
	// came back unfit or never.
	Returned int64 `bson:"returned,omitempty" json:"returned,omitempty"`
	Lost     int64 `bson:"lost,omitempty" json:"lost,omitempty"`
}

// Touch is the click that brought a line into the cart.
type Touch struct {
	Link    market.ID `bson:"link" json:"link"`
	Channel string    `bson:"channel" json:"channel"` // as statistics see it: livestream, social
	Show    market.ID `bson:"show,omitempty" json:"show,omitempty"`
	Person  market.ID `bson:"person,omitempty" json:"person,omitempty"` // who shared the link
	At      time.Time `bson:"at" json:"at"`
	// Room tells that it was no link: the line was put in during the show, in
	// its room or by the Comment.
	Room    bool      `bson:"room,omitempty" json:"room,omitempty"`
	Comment market.ID `bson:"comment,omitempty" json:"comment,omitempty"`
	// Claim names what was promised of price and goods; see Promises.
	Claim market.ID `bson:"claim,omitempty" json:"claim,omitempty"`
}

// ChannelStore is the channel of a line that no link led to.
const ChannelStore = "store"

// Channel is where the line was sold, as statistics count it.
func (l Line) Channel() string {
	if l.Touch == nil || l.Touch.Channel == "" {
		return ChannelStore
	}
	return l.Touch.Channel
}

// Entry is one step of the order's life that a buyer may read.
type Entry struct {
	At     time.Time  `bson:"at" json:"at"`
	What   string     `bson:"what" json:"what"`                         // an event name without its room: "placed", "packed"
	Parcel market.ID  `bson:"parcel,omitempty" json:"parcel,omitempty"` // empty for the whole order
	Lot    market.ID  `bson:"lot,omitempty" json:"lot,omitempty"`       // of "recalled"
	Why    string     `bson:"why,omitempty" json:"why,omitempty"`       // in somebody's own words
	Return market.ID  `bson:"return,omitempty" json:"return,omitempty"` // what it is about, if about a return
	Amount market.VND `bson:"amount,omitempty" json:"amount,omitempty"` // of money that went back
}

// Due is what the buyer pays for the parcel.
func (p Parcel) Due() market.VND { return p.Goods + p.Shipping - p.Subsidy - p.ShippingSubsidy }

// Paid is what the buyer pays for the line.
func (l Line) Paid() market.VND { return l.Amount - l.Subsidy }

func (o *Order) parcel(id market.ID) *Parcel {
	for i := range o.Parcels {
		if o.Parcels[i].ID == id {
			return &o.Parcels[i]
		}
	}
	return nil
}

func (o *Order) note(at time.Time, what string, parcel market.ID) { o.noteWhy(at, what, parcel, "") }

func (o *Order) noteWhy(at time.Time, what string, parcel market.ID, why string) {
	o.History = append(o.History, Entry{At: at, What: what, Parcel: parcel, Why: why})
}

// arrange brings what is derived from the parcels up to date.
func (o *Order) arrange() {
	o.Board = o.Board[:0]
	for _, p := range o.Parcels {
		o.Board = append(o.Board, board(p.Seller, p.State), board(p.Seller, ""))
	}
	for _, r := range o.Returns {
		o.Board = append(o.Board, r.boards()...)
	}
	o.Due = o.due()
	o.Lots, o.SettleAt = o.lots(), o.nextSettling()
	o.Ways, o.AskAt = o.ways(), o.askAt()
	if o.State != StatePlaced {
		o.UnpaidUntil = nil
	}
}

func board(seller market.ID, state ParcelState) string {
	return string(seller) + ":" + string(state)
}
