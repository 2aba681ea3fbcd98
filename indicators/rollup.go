package indicators

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"chohue/market"
	"chohue/store"
)

// rollup is one day's facts, folded: what tables need and no more. It is a
// function of the day's facts alone, written in one order, so folding again
// gives the same bytes.
type rollup struct {
	store.Doc   `bson:",inline"` // the id is the day
	Month       string           `bson:"month"`
	Stamp       int64            `bson:"stamp"` // of the day that it was folded from
	Facts       int64            `bson:"facts"`
	Corrections int64            `bson:"corrections"`
	Rows        []rolled         `bson:"rows"`
	Sides       []rolledSide     `bson:"sides"`
}

// place is where trade is counted.
type place struct {
	Person  string `bson:"p"` // legal person
	Kind    string `bson:"k"`
	Ward    string `bson:"w"`
	Set     int    `bson:"s"`
	Channel string `bson:"c"`
}

func (a place) compare(b place) int {
	return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Ward, b.Ward), cmp.Compare(a.Set, b.Set), cmp.Compare(a.Channel, b.Channel))
}

// sums are the measures that add up.
type sums struct {
	Value     int64 `bson:"v"` // đồng, net of returns
	Gross     int64 `bson:"g"` // đồng, before returns
	Certified int64 `bson:"o"` // of Value, under a certificate valid at the sale
	Lines     int64 `bson:"l"`
	Units     int64 `bson:"u"`
	Grams     int64 `bson:"m"`
	Pieces    int64 `bson:"n"`
}

func (a *sums) add(b sums) {
	a.Value += b.Value
	a.Gross += b.Gross
	a.Certified += b.Certified
	a.Lines += b.Lines
	a.Units += b.Units
	a.Grams += b.Grams
	a.Pieces += b.Pieces
}

type rolled struct {
	At     place    `bson:",inline"`
	Sums   sums     `bson:",inline"`
	Orders []string `bson:"orders"` // with a delivered line here, in order
	Buyers []string `bson:"buyers"`
}

// The further ways of dividing trade, each by itself.
const (
	SideDestination = "destination" // province of the buyer
	SidePay         = "pay"
	SideStars       = "stars" // of a certificate valid at the sale; 0 without
	SideKind        = "kind"  // of the seller
	sidePromise     = "promise"
)

// aside is a place in one of them.
type aside struct {
	Person string `bson:"p"`
	Ward   string `bson:"w"`
	Side   string `bson:"d"`
	Code   string `bson:"c"`
}

func (a aside) compare(b aside) int {
	return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Ward, b.Ward), cmp.Compare(a.Side, b.Side), cmp.Compare(a.Code, b.Code))
}

type rolledSide struct {
	At    aside `bson:",inline"`
	Value int64 `bson:"v"`
	Lines int64 `bson:"l"` // parcels, of promises
}

// dayFold folds facts of one day.
type dayFold struct {
	rows        map[place]*rowFold
	sides       map[aside]*rolledSide
	facts, corr int64
}

type rowFold struct {
	sums
	orders, buyers map[string]int64 // delivered lines of each
}

func newDayFold() *dayFold {
	return &dayFold{rows: map[place]*rowFold{}, sides: map[aside]*rolledSide{}}
}

func (d *dayFold) add(f *Fact) {
	d.facts++
	if f.Kind == KindCorrected {
		d.corr++
	}
	at := place{string(f.Person), f.SellerKind, f.Ward, f.Set, f.Channel}
	row, ok := d.rows[at]
	if !ok {
		row = &rowFold{orders: map[string]int64{}, buyers: map[string]int64{}}
		d.rows[at] = row
	}
	row.add(f.sums())
	row.orders[string(f.Order)] += f.Lines
	row.buyers[string(f.Buyer)] += f.Lines
	d.side(f, SideDestination, f.Destination, f.Lines)
	d.side(f, SidePay, f.Method, f.Lines)
	d.side(f, SideStars, f.certified(), f.Lines)
	d.side(f, SideKind, f.SellerKind, f.Lines)
	if f.Line == 0 && f.Promise != "" && f.Kind != KindReturned {
		d.side(f, sidePromise, f.Promise, f.Lines)
	}
}

func (d *dayFold) side(f *Fact, side, code string, lines int64) {
	at := aside{string(f.Person), f.Ward, side, code}
	one, ok := d.sides[at]
	if !ok {
		one = &rolledSide{At: at}
		d.sides[at] = one
	}
	one.Value += int64(f.Value)
	one.Lines += lines
}

func (f *Fact) certified() string {
	if !f.Certified {
		return "0"
	}
	return strconv.Itoa(f.Stars)
}

func (f *Fact) sums() sums {
	s := sums{Value: int64(f.Value), Lines: f.Lines, Units: f.Quantity}
	if f.Kind == KindDelivered || f.Kind == KindCorrected && f.Lines != 0 {
		s.Gross = s.Value
	}
	if f.Certified {
		s.Certified = s.Value
	}
	switch f.Base {
	case market.Grams:
		s.Grams = f.BaseAmount
	case market.Pieces:
		s.Pieces = f.BaseAmount
	}
	return s
}

// rollup lists what was folded, without places that came to nothing.
func (d *dayFold) rollup(name string, stamp day) *rollup {
	r := &rollup{Doc: store.Doc{ID: market.ID(name)}, Month: name[:len(monthForm)], Stamp: stamp.news, Facts: d.facts, Corrections: d.corr, Rows: []rolled{}, Sides: []rolledSide{}}
	for at, row := range d.rows {
		if orders := positive(row.orders); row.sums != (sums{}) || len(orders) > 0 {
			r.Rows = append(r.Rows, rolled{at, row.sums, orders, positive(row.buyers)})
		}
	}
	for _, one := range d.sides {
		if one.Value != 0 || one.Lines != 0 {
			r.Sides = append(r.Sides, *one)
		}
	}
	slices.SortFunc(r.Rows, func(a, b rolled) int { return a.At.compare(b.At) })
	slices.SortFunc(r.Sides, func(a, b rolledSide) int { return a.At.compare(b.At) })
	return r
}

// positive lists, in order, who has lines left after corrections.
func positive(lines map[string]int64) []string {
	out := make([]string, 0, len(lines))
	for id, n := range lines {
		if n > 0 {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// rollUp folds a day from its facts and keeps the result, unless somebody has
// kept a newer one.
func (s *Service) rollUp(ctx context.Context, name string, d day) (*rollup, error) {
	f := newDayFold()
	err := s.facts.Each(ctx, store.Query{Index: "day", Eq: []any{name}}, func(one *Fact) error {
		f.add(one)
		return nil
	})
	if err != nil {
		return nil, err
	}
	fresh := f.rollup(name, d)
	_, err = s.rollups.Upsert(ctx, fresh.ID, func(kept *rollup) ([]market.Event, error) {
		if kept.Stamp < fresh.Stamp {
			*kept = *fresh
		}
		return nil, nil
	})
	return fresh, err
}
