// Package indicators turns delivered sales into trade statistics: one immutable
// fact for each delivered line, and tables summed from facts alone, so that
// every figure can be taken apart again.
//
// Facts are folded by day into roll-ups, and days into months that are kept in
// memory. A roll-up says which stamp of its day it was folded from; news of a
// day change the stamp, and the day is folded again from its facts. So nothing
// is ever added to a stored sum: hearing twice, late or out of order cannot
// make a figure wrong, and a lost roll-up is folded anew.
package indicators

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// Fact is one delivered line, or what undoes or moves part of one. It is written
// once and never changed; a correction is another fact.
type Fact struct {
	store.Doc   `bson:",inline"` // the id is order:parcel:line
	Kind        string           `bson:"kind"`
	Order       market.ID        `bson:"order"`
	Parcel      market.ID        `bson:"parcel"`
	Line        int              `bson:"line"`  // index in the parcel
	Lines       int64            `bson:"lines"` // how many delivered lines it adds: 1, 0 for a return, -1 and 1 for a correction
	Buyer       market.ID        `bson:"buyer"` // tells buyers apart; no name goes with it
	Seller      market.ID        `bson:"seller"`
	SellerKind  string           `bson:"seller_kind"`
	Person      market.ID        `bson:"person"`      // tells apart who answers for sales, as a legal person
	Ward        string           `bson:"ward"`        // of the seller, NSO code
	Destination string           `bson:"destination"` // province of the buyer, NSO code
	Product     market.ID        `bson:"product"`
	Set         int              `bson:"set"` // OCOP product set
	Stars       int              `bson:"stars"`
	Certified   bool             `bson:"certified"` // by a certificate valid at the sale
	Channel     string           `bson:"channel"`
	Show        market.ID        `bson:"show,omitempty"` // the livestream that led to it
	Method      string           `bson:"method"`
	Promise     string           `bson:"promise,omitempty"` // how the promise to hand over by a time ended
	Quantity    int64            `bson:"quantity"`          // units as sold
	Base        market.Base      `bson:"base"`              // what BaseAmount counts
	BaseAmount  int64            `bson:"base_amount"`       // grams or pieces
	Value       market.VND       `bson:"value"`             // price × quantity less discounts, without tax and shipping
	PlacedAt    time.Time        `bson:"placed_at"`
	DeliveredAt time.Time        `bson:"delivered_at"`
	Day         string           `bson:"day"`   // of delivery, in Huế: 2026-11-23
	Month       string           `bson:"month"` // of delivery, in Huế: 2026-11
	Return      market.ID        `bson:"return,omitempty"`
	Source      market.ID        `bson:"source,omitempty"` // the delivered line that it undoes or moves
}

// The kinds of fact.
const (
	KindDelivered = "delivered" // a line reached its buyer
	// KindReturned undoes part of a delivered line, below zero, in the month in
	// which it was delivered: value is net of what buyers got back.
	KindReturned = "returned"
	// KindCorrected comes in pairs that move a line from one cell to another.
	KindCorrected = "corrected"
)

var factSpec = store.Spec{Name: "facts", Indexes: []store.Index{
	{Name: "month", Fields: []string{"month"}}, {Name: "day", Fields: []string{"day"}}, {Name: "source", Fields: []string{"source"}},
}}

// period is the stamp of a month and of its days: it grows after facts were
// written, and tells whether what was folded before still holds.
type period struct {
	store.Doc `bson:",inline"` // the id is the month
	News      int64            `bson:"news"`
	Days      []byte           `bson:"days"` // see day; packed, for every fact changes it
}

// day is the stamp of one day.
type day struct {
	news int64 // of the month, when the day had its latest; 0 without facts
	late int64 // facts that came more than lateAfter past their delivery
}

const (
	longestMonth = 31
	dayBytes     = 16
)

// stamp notes news of a day of the month.
func (p *period) stamp(number int, late int64) {
	if len(p.Days) == 0 {
		p.Days = make([]byte, longestMonth*dayBytes)
	}
	p.News++
	at := p.Days[(number-1)*dayBytes:]
	binary.BigEndian.PutUint64(at, uint64(p.News))
	binary.BigEndian.PutUint64(at[8:], binary.BigEndian.Uint64(at[8:])+uint64(late))
}

// each walks the days that have facts, by their names.
func (p *period) each(do func(name string, d day) error) error {
	for i := range len(p.Days) / dayBytes {
		at := p.Days[i*dayBytes:]
		d := day{int64(binary.BigEndian.Uint64(at)), int64(binary.BigEndian.Uint64(at[8:]))}
		if d.news == 0 {
			continue
		}
		if err := do(fmt.Sprintf("%s-%02d", p.ID, i+1), d); err != nil {
			return err
		}
	}
	return nil
}

// Service is the room's door.
type Service struct {
	env         market.Env
	areas       *market.Areas
	sets        catalog.Sets
	rules       rules
	districts   districts
	facts       *store.Collection[Fact]
	periods     *store.Collection[period]
	rollups     *store.Collection[rollup]
	corrections *store.Collection[Correction]
	tallies     *store.Collection[tally]
	censuses    *store.Collection[Census]
	releases    *store.Collection[Release]
	snapshots   *store.Collection[inputsDoc]
	deliveries  *store.Collection[Delivery]
	requests    *store.Collection[DataRequest]
	answers     *store.Collection[dataFile]
	hours       []answerTime

	mu     sync.Mutex
	names  names
	months map[string]*month
	folded int // months folded anew so far

	weights map[market.ID][]weight // of published releases
}

// New opens the room on the store.
func New(ctx context.Context, e store.Engine, env market.Env) (*Service, error) {
	s := &Service{env: env, months: map[string]*month{}, names: newNames(), weights: map[market.ID][]weight{}}
	if err := s.load(); err != nil {
		return nil, err
	}
	return s, s.open(ctx, e)
}

func (s *Service) load() (err error) {
	if s.areas, err = market.LoadAreas(); err != nil {
		return err
	}
	if s.sets, err = catalog.LoadSets(); err != nil {
		return err
	}
	if s.districts, err = loadDistricts(); err != nil {
		return err
	}
	if s.hours, err = parseAnswerTimes(answerTimesFile); err != nil {
		return err
	}
	s.rules, err = loadRules()
	return err
}

func (s *Service) open(ctx context.Context, e store.Engine) (err error) {
	if s.facts, err = store.Open[Fact](ctx, e, factSpec); err != nil {
		return err
	}
	if s.periods, err = store.Open[period](ctx, e, store.Spec{Name: "fact_periods"}); err != nil {
		return err
	}
	byMonth := []store.Index{{Name: "month", Fields: []string{"month"}}}
	if s.rollups, err = store.Open[rollup](ctx, e, store.Spec{Name: "fact_rollups", Indexes: byMonth}); err != nil {
		return err
	}
	if s.corrections, err = store.Open[Correction](ctx, e, store.Spec{Name: "fact_corrections"}); err != nil {
		return err
	}
	if s.tallies, err = store.Open[tally](ctx, e, store.Spec{Name: "fact_tallies", Indexes: byMonth}); err != nil {
		return err
	}
	if s.censuses, err = store.Open[Census](ctx, e, store.Spec{Name: "fact_censuses"}); err != nil {
		return err
	}
	if s.releases, err = store.Open[Release](ctx, e, releaseSpec); err != nil {
		return err
	}
	if s.snapshots, err = store.Open[inputsDoc](ctx, e, store.Spec{Name: "release_inputs"}); err != nil {
		return err
	}
	if s.deliveries, err = store.Open[Delivery](ctx, e, deliverySpec); err != nil {
		return err
	}
	if s.requests, err = store.Open[DataRequest](ctx, e, requestSpec); err != nil {
		return err
	}
	s.answers, err = store.Open[dataFile](ctx, e, store.Spec{Name: "data_request_files"})
	return err
}

// eventComplaint is a complaint made.
var eventComplaint = orders.EventComplaint(orders.ComplaintOpen)

// Consumes are the events that Consume wants.
func Consumes() []string {
	return []string{orders.EventDelivered, orders.EventReturned, EventCorrected, orders.EventConfirmed, eventComplaint}
}

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
