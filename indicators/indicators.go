// Package indicators turns delivered sales into trade statistics: one immutable
// fact for each delivered line, and tables summed from facts alone, so that
// every figure can be taken apart again.
//
// Tables are folded from facts when they are asked for. Facts are walked by
// month, an index range; what a month folds from is kept in memory for as long
// as the month's stamp stays, which is for ever once a month is complete. So
// nothing is summed twice into a stored total, and nothing has to be repaired.
package indicators

import (
	"context"
	"sync"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// Fact is one delivered line. It is written once and never changed; a
// correction would be another fact.
type Fact struct {
	store.Doc   `bson:",inline"` // the id is order:parcel:line
	Kind        string           `bson:"kind"`
	Order       market.ID        `bson:"order"`
	Parcel      market.ID        `bson:"parcel"`
	Seller      market.ID        `bson:"seller"`
	SellerKind  string           `bson:"seller_kind"`
	Ward        string           `bson:"ward"`        // of the seller, NSO code
	Destination string           `bson:"destination"` // province of the buyer, NSO code
	Product     market.ID        `bson:"product"`
	Set         int              `bson:"set"` // OCOP product set
	Stars       int              `bson:"stars"`
	Certified   bool             `bson:"certified"` // by a certificate valid at the sale
	Channel     string           `bson:"channel"`
	Method      string           `bson:"method"`
	Quantity    int64            `bson:"quantity"`    // units as sold
	Base        market.Base      `bson:"base"`        // what BaseAmount counts
	BaseAmount  int64            `bson:"base_amount"` // grams or pieces
	Value       market.VND       `bson:"value"`       // price × quantity, without shipping
	PlacedAt    time.Time        `bson:"placed_at"`
	DeliveredAt time.Time        `bson:"delivered_at"`
	Month       string           `bson:"month"` // of delivery, in Huế: 2026-11
	Return      market.ID        `bson:"return,omitempty"`
}

// The kinds of fact.
const (
	KindDelivered = "delivered" // a line reached its buyer
	// KindReturned undoes part of a delivered line, below zero, in the month in
	// which it was delivered: value is net of what buyers got back.
	KindReturned = "returned"
)

var factSpec = store.Spec{Name: "facts", Indexes: []store.Index{{Name: "month", Fields: []string{"month"}}}}

// period is the stamp of a month: its revision grows after facts were written,
// and tells whether what was folded before still holds.
type period struct {
	store.Doc `bson:",inline"` // the id is the month
	News      int64            `bson:"news"`
}

// Service is the room's door.
type Service struct {
	env     market.Env
	areas   *market.Areas
	sets    catalog.Sets
	rules   rules
	facts   *store.Collection[Fact]
	periods *store.Collection[period]

	mu     sync.Mutex
	months map[string]month
}

// New opens the room on the store.
func New(ctx context.Context, e store.Engine, env market.Env) (*Service, error) {
	s := &Service{env: env, months: map[string]month{}}
	var err error
	if s.areas, err = market.LoadAreas(); err != nil {
		return nil, err
	}
	if s.sets, err = catalog.LoadSets(); err != nil {
		return nil, err
	}
	if s.rules, err = loadRules(); err != nil {
		return nil, err
	}
	if s.facts, err = store.Open[Fact](ctx, e, factSpec); err != nil {
		return nil, err
	}
	s.periods, err = store.Open[period](ctx, e, store.Spec{Name: "fact_periods"})
	return s, err
}

// Consumes are the events that Consume wants.
func Consumes() []string { return []string{orders.EventDelivered, orders.EventReturned} }

// mayRead lets officials and operators in; figures that are not controlled for
// disclosure are for nobody else.
func mayRead(by market.Actor) error {
	switch {
	case by.Guest():
		return market.Unauthenticated("indicators.signin")
	case by.Is(market.RoleOfficial, market.RoleOperator):
		return nil
	default:
		return market.Forbidden("indicators.forbidden")
	}
}
