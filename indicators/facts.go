package indicators

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// Consume writes the facts of a delivered parcel, of a return and of a
// correction, and counts what was confirmed and complained of. Everything is
// named by what it is about, so hearing twice writes nothing new, and nothing
// that is written depends on what was heard before.
func (s *Service) Consume(ctx context.Context, e market.Event) error {
	switch e.Type {
	case orders.EventDelivered:
		return s.delivered(ctx, e)
	case orders.EventReturned:
		return s.returned(ctx, e)
	case EventCorrected:
		return s.corrected(ctx, e)
	case orders.EventConfirmed:
		return s.confirmed(ctx, e)
	case eventComplaint:
		return s.complained(ctx, e)
	}
	return nil
}

func (s *Service) returned(ctx context.Context, e market.Event) error {
	var r orders.Returned
	if err := e.Decode(&r); err != nil {
		return err
	}
	facts := factsOfReturn(r)
	if err := s.record(ctx, facts); err != nil {
		return err
	}
	return s.correctAgain(ctx, facts)
}

// factsOfReturn undoes lines of a delivery, the same ones every time.
func factsOfReturn(r orders.Returned) []Fact {
	sold := factsOf(r.Delivered)
	facts := make([]Fact, len(r.Lines))
	for i, l := range r.Lines {
		f := sold[l.Line]
		f.Source = f.ID
		f.ID, f.Kind, f.Return = "return:"+r.Return+":"+market.ID(strconv.Itoa(l.Line)), KindReturned, r.Return
		f.Lines, f.Quantity, f.BaseAmount, f.Value = 0, -l.Quantity, -l.BaseAmount, -undone(r.Parcel.Lines[l.Line], l.Amount)
		facts[i] = f
	}
	return facts
}

// undone is by how much a line's value falls when that much went back to the
// buyer: what the platform's voucher paid of the price falls in proportion, so
// that a line that was given back whole is worth nothing.
func undone(l orders.Line, back market.VND) market.VND {
	return back + l.Subsidy.Split([]int64{int64(back), max(int64(l.Paid()-back), 0)})[0]
}

func (s *Service) delivered(ctx context.Context, e market.Event) error {
	var d orders.Delivered
	if err := e.Decode(&d); err != nil {
		return err
	}
	return s.record(ctx, factsOf(d))
}

// factsOf makes the facts of one delivery, the same ones every time. Times are
// cut to what every engine keeps.
func factsOf(d orders.Delivered) []Fact {
	facts := make([]Fact, len(d.Parcel.Lines))
	for i, l := range d.Parcel.Lines {
		facts[i] = Fact{
			Doc:  store.Doc{ID: d.Order + ":" + d.Parcel.ID + ":" + market.ID(strconv.Itoa(i))},
			Kind: KindDelivered, Order: d.Order, Parcel: d.Parcel.ID, Line: i, Lines: 1, Buyer: buyerOf(d),
			Seller: d.Parcel.Seller, SellerKind: d.Parcel.SellerKind, Person: legalPerson(d.Parcel),
			Ward: d.Parcel.SellerWard, Destination: d.BuyerProvince,
			Product: l.Product, Set: l.Set, Stars: l.Stars, Certified: l.Certificate != "",
			Channel: l.Channel(), Method: d.Method, Promise: promiseOf(d.Parcel),
			Quantity: l.Quantity, Base: l.Size.Base, BaseAmount: l.BaseAmount(), Value: l.Amount,
			PlacedAt: moment(d.PlacedAt), DeliveredAt: moment(d.DeliveredAt), Day: dayOf(d.DeliveredAt), Month: monthOf(d.DeliveredAt),
		}
		if l.Touch != nil {
			facts[i].Show = l.Touch.Show
		}
	}
	return facts
}

// buyerOf tells buyers apart; every order of a guest counts as another buyer.
func buyerOf(d orders.Delivered) market.ID {
	if d.Buyer == "" {
		return "guest:" + d.Order
	}
	return d.Buyer
}

// legalPerson tells apart who answers for sales: accounts with one tax code are
// one person. The code itself is nobody's business here.
func legalPerson(p orders.Parcel) market.ID {
	if p.SellerTax.Code == "" {
		return p.Seller
	}
	sum := sha256.Sum256([]byte("tax:" + p.SellerTax.Code))
	return market.ID(hex.EncodeToString(sum[:10]))
}

// The ways in which a promise to hand a parcel over by a time ended.
const (
	PromiseKept   = "kept"
	PromiseBroken = "broken"
)

// promiseOf says whether the parcel left when the sale said; empty when
// nothing was promised or nobody noted when it left.
func promiseOf(p orders.Parcel) string {
	switch {
	case p.ShipBy == nil || p.ShippedAt == nil:
		return ""
	case p.ShippedAt.After(*p.ShipBy):
		return PromiseBroken
	default:
		return PromiseKept
	}
}

const (
	monthForm = "2006-01"
	dayForm   = "2006-01-02"
)

func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
func monthOf(t time.Time) string   { return t.In(market.HueZone).Format(monthForm) }
func dayOf(t time.Time) string     { return t.In(market.HueZone).Format(dayForm) }

// lateAfter is how long after its delivery a fact counts as late.
const lateAfter = 3 * 24 * time.Hour

// record inserts what is not there and then stamps the day. The stamp comes last
// and also when nothing was new, so that after a crash in between the retry
// still tells everybody. All facts are of one day.
func (s *Service) record(ctx context.Context, facts []Fact) error {
	if len(facts) == 0 {
		return nil
	}
	late, err := s.insert(ctx, facts)
	if err != nil {
		return err
	}
	first := facts[0]
	if s.env.Now().Sub(first.DeliveredAt) <= lateAfter {
		late = 0
	}
	_, err = s.periods.Upsert(ctx, market.ID(first.Month), func(p *period) ([]market.Event, error) {
		p.stamp(first.DeliveredAt.In(market.HueZone).Day(), late)
		return nil, nil
	})
	return err
}

// insert writes what is not there, and counts it.
func (s *Service) insert(ctx context.Context, facts []Fact) (int64, error) {
	n := int64(0)
	for i := range facts {
		switch err := s.facts.Insert(ctx, &facts[i]); {
		case store.Exists(err):
		case err != nil:
			return n, err
		default:
			n++
		}
	}
	return n, nil
}
