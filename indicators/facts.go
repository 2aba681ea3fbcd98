package indicators

import (
	"context"
	"strconv"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// Consume writes the facts of a delivered parcel, and of a return. Facts are named by what they
// are about, so hearing twice writes nothing new.
func (s *Service) Consume(ctx context.Context, e market.Event) error {
	switch e.Type {
	case orders.EventDelivered:
		return s.delivered(ctx, e)
	case orders.EventReturned:
		return s.returned(ctx, e)
	}
	return nil
}

func (s *Service) returned(ctx context.Context, e market.Event) error {
	var r orders.Returned
	if err := e.Decode(&r); err != nil {
		return err
	}
	return s.record(ctx, factsOfReturn(r))
}

// factsOfReturn undoes lines of a delivery, the same ones every time.
func factsOfReturn(r orders.Returned) []Fact {
	sold := factsOf(r.Delivered)
	facts := make([]Fact, len(r.Lines))
	for i, l := range r.Lines {
		f := sold[l.Line]
		f.ID, f.Kind, f.Return = "return:"+r.Return+":"+market.ID(strconv.Itoa(l.Line)), KindReturned, r.Return
		f.Quantity, f.BaseAmount, f.Value = -l.Quantity, -l.BaseAmount, -l.Amount
		facts[i] = f
	}
	return facts
}

func (s *Service) delivered(ctx context.Context, e market.Event) error {
	var d orders.Delivered
	if err := e.Decode(&d); err != nil {
		return err
	}
	return s.record(ctx, factsOf(d))
}

// factsOf makes the facts of one delivery, the same ones every time.
func factsOf(d orders.Delivered) []Fact {
	facts := make([]Fact, len(d.Parcel.Lines))
	for i, l := range d.Parcel.Lines {
		facts[i] = Fact{
			Doc:  store.Doc{ID: d.Order + ":" + d.Parcel.ID + ":" + market.ID(strconv.Itoa(i))},
			Kind: KindDelivered, Order: d.Order, Parcel: d.Parcel.ID,
			Seller: d.Parcel.Seller, SellerKind: d.Parcel.SellerKind,
			Ward: d.Parcel.SellerWard, Destination: d.BuyerProvince,
			Product: l.Product, Set: l.Set, Stars: l.Stars, Certified: l.Certificate != "",
			Channel: l.Channel(), Method: d.Method,
			Quantity: l.Quantity, Base: l.Size.Base, BaseAmount: l.BaseAmount(), Value: l.Amount,
			PlacedAt: d.PlacedAt.UTC(), DeliveredAt: d.DeliveredAt.UTC(), Month: monthOf(d.DeliveredAt),
		}
	}
	return facts
}

const monthForm = "2006-01"

func monthOf(t time.Time) string { return t.In(market.HueZone).Format(monthForm) }

// record inserts what is not there and then stamps the month. The stamp comes
// last and also when nothing was new, so that after a crash in between the
// retry still tells everybody.
func (s *Service) record(ctx context.Context, facts []Fact) error {
	if len(facts) == 0 {
		return nil
	}
	for i := range facts {
		if err := s.facts.Insert(ctx, &facts[i]); err != nil && !store.Exists(err) {
			return err
		}
	}
	_, err := s.periods.Upsert(ctx, market.ID(facts[0].Month), func(p *period) ([]market.Event, error) {
		p.News++
		return nil, nil
	})
	return err
}

// Orders walks all orders.
type Orders interface {
	Each(ctx context.Context, do func(*orders.Order) error) error
}

// Rebuilt is what Rebuild found.
type Rebuilt struct {
	Facts int // that the orders account for
	Added int // of those, missing until now
	// Wrong names facts that differ from their order or that no order accounts
	// for. They stay: a fact is not changed behind an official's back.
	Wrong []market.ID
}

// Rebuild makes the facts again from the orders, adds those that are missing
// and names those that should not be as they are. For operators and the
// command line.
func (s *Service) Rebuild(ctx context.Context, by market.Actor, all Orders) (Rebuilt, error) {
	var r Rebuilt
	if !by.Is(market.RoleOperator) {
		return r, market.Forbidden("indicators.forbidden")
	}
	seen := map[market.ID]bool{}
	err := all.Each(ctx, func(o *orders.Order) error {
		for _, p := range o.Parcels {
			if p.State != orders.ParcelDelivered || p.DeliveredAt == nil {
				continue
			}
			if err := s.again(ctx, &r, factsOf(deliveredOf(o, p)), seen); err != nil {
				return err
			}
		}
		return s.returnsAgain(ctx, &r, o, seen)
	})
	if err != nil {
		return r, err
	}
	err = s.facts.Each(ctx, store.Query{}, func(f *Fact) error {
		if !seen[f.ID] {
			r.Wrong = append(r.Wrong, f.ID)
		}
		return nil
	})
	return r, err
}

func (s *Service) returnsAgain(ctx context.Context, r *Rebuilt, o *orders.Order, seen map[market.ID]bool) error {
	for _, back := range o.Returns {
		if back.State != orders.ReturnRefunded {
			continue
		}
		if err := s.again(ctx, r, factsOfReturn(o.Undone(back, *back.EndedAt)), seen); err != nil {
			return err
		}
	}
	return nil
}

func deliveredOf(o *orders.Order, p orders.Parcel) orders.Delivered {
	return orders.Delivered{
		Order: o.ID, Code: o.Code, Parcel: p, Buyer: o.Buyer,
		BuyerProvince: o.Address.Province, BuyerWard: o.Address.Ward,
		Method: o.Method, PlacedAt: o.PlacedAt, DeliveredAt: *p.DeliveredAt,
	}
}

func (s *Service) again(ctx context.Context, r *Rebuilt, facts []Fact, seen map[market.ID]bool) error {
	var lacking []Fact
	for _, f := range facts {
		seen[f.ID] = true
		r.Facts++
		kept, err := s.facts.Get(ctx, f.ID)
		switch {
		case store.Missing(err):
			lacking = append(lacking, f)
		case err != nil:
			return err
		case !same(*kept, f):
			r.Wrong = append(r.Wrong, f.ID)
		}
	}
	r.Added += len(lacking)
	return s.record(ctx, lacking)
}

// same compares all that a fact says; times as moments, because the store may
// give them back in another zone.
func same(a, b Fact) bool {
	if !a.PlacedAt.Equal(b.PlacedAt) || !a.DeliveredAt.Equal(b.DeliveredAt) {
		return false
	}
	a.Rev, a.PlacedAt, a.DeliveredAt = b.Rev, b.PlacedAt, b.DeliveredAt
	return a == b
}
