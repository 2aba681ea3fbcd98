package orders

import (
	"context"
	"strings"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/store"
)

// Preorder is one buyer's share of a harvest that is not brought in yet, from
// the reservation to the ordinary order that it becomes under the same id. What
// stands in the harvest and what has been paid decide where it goes: see
// Service.follow.
type Preorder struct {
	store.Doc  `bson:",inline"`
	Code       string          `bson:"code"` // what people read out; the order's later
	Harvest    market.ID       `bson:"harvest"`
	Buyer      market.ID       `bson:"buyer"`
	Address    market.Address  `bson:"address"`
	Note       string          `bson:"note,omitempty"`
	Parcel     Parcel          `bson:"parcel"`   // what is sent: the whole reservation, later the share
	Quantity   int64           `bson:"quantity"` // reserved, in sold units
	Share      int64           `bson:"share"`    // of what was brought in
	Deposit    market.VND      `bson:"deposit"`  // of all units
	Credit     market.VND      `bson:"credit"`   // the part of it that counts towards the share
	Kept       int64           `bson:"kept"`     // ‰ of Credit that the seller keeps when the balance is not paid
	Method     string          `bson:"method"`   // of the deposit
	Policy     string          `bson:"policy"`   // version of the delivery prices that applied
	Waits      Waits           `bson:"waits"`    // the deadlines that were published when it was reserved
	State      PreorderState   `bson:"state"`
	Reason     string          `bson:"reason,omitempty"` // why it ended: a key of Reasons
	ReservedAt time.Time       `bson:"reserved_at"`
	Until      time.Time       `bson:"until"`            // when the deposit is no longer waited for
	DueAt      *time.Time      `bson:"due_at,omitempty"` // until when the balance can be paid
	Attempts   []Attempt       `bson:"attempts,omitempty"`
	Balance    market.ID       `bson:"balance,omitempty"` // the attempt that paid it
	Told       int             `bson:"told"`              // notices of the harvest that are in History
	History    []PreorderEntry `bson:"history"`
	Cleared    bool            `bson:"cleared,omitempty"` // all that this state owes to others is done
	Next       *time.Time      `bson:"next,omitempty"`    // when FinishPreorders looks; nil when nothing is to be done
}

// PreorderState says where a pre-order stands.
type PreorderState string

// The states of a pre-order.
const (
	PreorderReserved  PreorderState = "reserved"  // the deposit is awaited
	PreorderDeposited PreorderState = "deposited" // the harvest is awaited
	PreorderDue       PreorderState = "due"       // the share is set aside, the balance awaited
	PreorderPaid      PreorderState = "paid"      // the order is being written
	PreorderOrdered   PreorderState = "ordered"   // an order like any other, under the same id
	PreorderLapsed    PreorderState = "lapsed"    // no deposit came; nothing is owed
	PreorderRefunding PreorderState = "refunding" // all that was paid is going back
	PreorderRefunded  PreorderState = "refunded"
	PreorderForfeited PreorderState = "forfeited" // the balance was not paid in time
)

// PreorderSteps is how a pre-order goes.
var PreorderSteps = Table[PreorderState]{
	{PreorderReserved, PreorderDeposited, "the deposit came"},
	{PreorderReserved, PreorderLapsed, "no deposit in time, or changed mind"},
	{PreorderReserved, PreorderRefunding, "the deposit came after the place was gone"},
	{PreorderLapsed, PreorderDeposited, "the deposit came late, the place was free"},
	{PreorderLapsed, PreorderRefunding, "the deposit came late, the place was gone"},
	{PreorderDeposited, PreorderDue, "brought in and shared out"},
	{PreorderDeposited, PreorderRefunding, "a storm, nothing left, or the buyer withdrew in time"},
	{PreorderDue, PreorderPaid, "the balance came"},
	{PreorderDue, PreorderForfeited, "the balance did not come in time"},
	{PreorderDue, PreorderRefunding, "the share was spoiled or recalled"},
	{PreorderPaid, PreorderOrdered, "the share is sold and the order written"},
	{PreorderPaid, PreorderRefunding, "the share was spoiled or recalled"},
	{PreorderRefunding, PreorderRefunded, "all of the money went back"},
}

// Why a pre-order ended.
const (
	EndUnpaid    = "unpaid"       // no deposit in time
	EndWithdrawn = "withdrawn"    // by the buyer
	EndLate      = "late_deposit" // the place was gone when the deposit came
	EndStorm     = "harvest_lost" // the seller cancelled the harvest
	EndShort     = "nothing_left" // the harvest was too small for a single unit
	EndGone      = "stock_gone"   // the share was spoiled or recalled before it was paid
	EndBalance   = "balance_unpaid"
)

// Attempt is one try to pay the balance.
type Attempt struct {
	Payment market.ID `bson:"payment"`
	Method  string    `bson:"method"`
	Until   time.Time `bson:"until"` // when it is no longer waited for
}

// PreorderEntry is one step of a pre-order's life, or a change of its harvest.
type PreorderEntry struct {
	At   time.Time  `bson:"at"`
	What string     `bson:"what"` // a state, or the type of the harvest's event
	Was  int64      `bson:"was,omitempty"`
	Now  int64      `bson:"now,omitempty"`
	From time.Time  `bson:"from,omitempty"` // the new window
	To   time.Time  `bson:"to,omitempty"`
	Text string     `bson:"text,omitempty"` // in the seller's words
	VND  market.VND `bson:"vnd,omitempty"`  // money that the step is about
}

// ChannelPreorder is the channel of lines that were reserved before the harvest.
const ChannelPreorder = "preorder"

// Events of pre-orders. The subject is the pre-order.
const (
	EventPreorderMoved  = "orders.preorder_moved"  // to another state
	EventPreorderNotice = "orders.preorder_notice" // its buyer is to be told of a change of the harvest
)

// PreorderNews is the payload of the events of pre-orders.
type PreorderNews struct {
	Preorder market.ID     `json:"preorder"`
	Harvest  market.ID     `json:"harvest"`
	Buyer    market.ID     `json:"buyer"`
	Seller   market.ID     `json:"seller"`
	State    PreorderState `json:"state"`
	What     string        `json:"what"` // as in the history
}

// Harvests is what orders need of crops that stand in the field.
type Harvests interface {
	HarvestSeen(ctx context.Context, by market.Actor, id market.ID) (*catalog.Harvest, error)
	ReserveHarvest(ctx context.Context, by market.Actor, id, order market.ID, quantity int64, wait time.Duration) (*catalog.Harvest, error)
	ConfirmReservation(ctx context.Context, by market.Actor, id, order market.ID) (*catalog.Harvest, error)
	ReleaseReservation(ctx context.Context, by market.Actor, id, order market.ID) (*catalog.Harvest, error)
	WithdrawReservation(ctx context.Context, by market.Actor, id, order market.ID) (*catalog.Harvest, error)
	ShelveHarvest(ctx context.Context, id market.ID) error
}

var preorderSpec = store.Spec{Name: "preorders", Indexes: []store.Index{
	{Name: "buyer", Fields: []string{"buyer", "reserved_at"}},
	{Name: "harvest", Fields: []string{"harvest", "reserved_at"}},
	{Name: "next", Fields: []string{"next"}},
}}

// preorderBook is where pre-orders are kept.
type preorderBook struct{ preorders *store.Collection[Preorder] }

func (b *preorderBook) openPreorders(ctx context.Context, e store.Engine) (err error) {
	b.preorders, err = store.Open[Preorder](ctx, e, preorderSpec)
	return err
}

// A pre-order's payments are named after it: its id is 26 letters long, and so
// are those of orders and parcels, whose payments bear their names.
const (
	preorderID    = 26
	depositSuffix = "D"
	balanceSuffix = "B"
)

// DepositID names the payment of the deposit.
func (p *Preorder) DepositID() market.ID { return p.ID + depositSuffix }

// preorderOf is the pre-order that a payment belongs to.
func preorderOf(payment market.ID) (market.ID, bool) {
	if len(payment) <= preorderID {
		return "", false
	}
	rest := string(payment[preorderID:])
	return payment[:preorderID], rest == depositSuffix || strings.HasPrefix(rest, balanceSuffix)
}

// Line is the one line that was reserved.
func (p *Preorder) Line() Line { return p.Parcel.Lines[0] }

// Goods is what the goods cost.
func (p *Preorder) Goods() market.VND { return p.Parcel.Goods }

// Total is what the buyer pays in all.
func (p *Preorder) Total() market.VND { return p.Parcel.Goods + p.Parcel.Shipping }

// Rest is what is left to pay when the share is there.
func (p *Preorder) Rest() market.VND { return p.Total() - p.Credit }

// to moves the pre-order and notes it; being there already is a conflict,
// because every move is made once.
func (p *Preorder) to(env market.Env, next PreorderState, reason string, vnd market.VND) ([]market.Event, error) {
	if !PreorderSteps.May(p.State, next) {
		return nil, errMove.With("from", string(p.State)).With("to", string(next))
	}
	p.State, p.Reason, p.Cleared = next, reason, false
	p.History = append(p.History, PreorderEntry{At: env.Now(), What: string(next), VND: vnd})
	return []market.Event{p.news(env, EventPreorderMoved, string(next))}, nil
}

func (p *Preorder) news(env market.Env, kind, what string) market.Event {
	return market.NewEvent(env, kind, p.ID, PreorderNews{
		Preorder: p.ID, Harvest: p.Harvest, Buyer: p.Buyer, Seller: p.Parcel.Seller, State: p.State, What: what,
	})
}

// tell notes what has changed in the harvest since the buyer was last told.
func (p *Preorder) tell(env market.Env, h *catalog.Harvest) []market.Event {
	var events []market.Event
	for _, n := range h.Notices[min(p.Told, len(h.Notices)):] {
		p.History = append(p.History, PreorderEntry{At: n.At, What: n.Kind, Was: n.Was, Now: n.Now, From: n.From, To: n.To, Text: n.Text})
		events = append(events, p.news(env, EventPreorderNotice, n.Kind))
	}
	p.Told = len(h.Notices)
	return events
}

// live reports whether the buyer still waits for something.
func (p *Preorder) live() bool {
	switch p.State {
	case PreorderReserved, PreorderDeposited, PreorderDue, PreorderPaid:
		return true
	}
	return false
}

// Looking again: soon where a crash may have cut something off, seldom where
// people have to send money back by hand.
const (
	lookSoon   = time.Minute
	lookSeldom = time.Hour
)

// plan sets when the worker looks next.
func (p *Preorder) plan(now time.Time) {
	at := func(t time.Time) {
		if !t.After(now) {
			t = now.Add(lookSoon)
		}
		p.Next = &t
	}
	switch {
	case p.State == PreorderReserved:
		at(p.Until)
	case p.State == PreorderDeposited:
		p.Next = nil // the harvest's events wake it
	case !p.Cleared:
		at(now)
	case p.State == PreorderDue:
		at(*p.DueAt)
	case p.State == PreorderRefunding:
		at(now.Add(lookSeldom))
	default:
		p.Next = nil
	}
}
