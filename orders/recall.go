package orders

import (
	"context"
	"slices"

	"chohue/catalog"
	"chohue/market"
	"chohue/store"
)

// whatRecalled is the history's word for goods that are called back.
const whatRecalled = "recalled"

// cameFrom writes into the lines how much of which lot they are.
func (o *Order) cameFrom(took map[market.ID][]catalog.Share) {
	for i := range o.Parcels {
		for j := range o.Parcels[i].Lines {
			l := &o.Parcels[i].Lines[j]
			l.Lots = took[l.Variant]
		}
	}
}

func (o *Order) lots() []market.ID {
	var all []market.ID
	for _, p := range o.Parcels {
		for _, l := range p.Lines {
			for _, x := range l.Lots {
				if x.Lot != "" {
					all = append(all, x.Lot)
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Of is how much of the lot is in the parcel.
func (p Parcel) Of(lot market.ID) int64 {
	n := int64(0)
	for _, l := range p.Lines {
		for _, x := range l.Lots {
			if x.Lot == lot {
				n += x.Quantity
			}
		}
	}
	return n
}

// OfLot lists the orders that goods of a lot went into, newest first, each with
// only the parcels of the lot's seller. Its seller may ask at any time; once
// the lot is recalled, those who have to reach the buyers may too: moderators,
// operators and officials. Not found to everybody else.
func (s *Service) OfLot(ctx context.Context, by market.Actor, lot market.ID, after store.Cursor, limit int) (store.Page[Order], error) {
	l, err := s.shelf.TracedLot(ctx, lot)
	if err != nil {
		return store.Page[Order]{}, err
	}
	checks := l.Recall != nil && by.Is(market.RoleModerator, market.RoleOperator, market.RoleOfficial)
	if !by.For(l.Seller) && !checks {
		return store.Page[Order]{}, market.NotFound("lot.missing")
	}
	page, err := s.orders.Find(ctx, store.Query{Index: "lot", Eq: []any{lot}, Desc: true, After: after, Limit: limit})
	for i, o := range page.Items {
		page.Items[i] = o.forSeller(l.Seller)
	}
	return page, err
}

// recalled notes in each order that has goods of the lot that they are called
// back. An order that is confirmed later notes it then.
func (s *Service) recalled(ctx context.Context, e market.Event) error {
	var r catalog.LotNews
	if err := e.Decode(&r); err != nil {
		return err
	}
	return s.orders.Each(ctx, store.Query{Index: "lot", Eq: []any{r.Lot}}, func(o *Order) error {
		return s.noteRecall(ctx, o.ID, r.Lot)
	})
}

// recallConfirmed looks whether a lot was recalled while the order was being
// confirmed: whichever of the two was written later sees the other.
func (s *Service) recallConfirmed(ctx context.Context, e market.Event) error {
	var c Confirmed
	if err := e.Decode(&c); err != nil {
		return err
	}
	o := Order{Parcels: c.Parcels}
	for _, id := range o.lots() {
		l, err := s.shelf.TracedLot(ctx, id)
		if err != nil {
			return err
		}
		if l.Recall == nil {
			continue
		}
		if err := s.noteRecall(ctx, c.Order, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) noteRecall(ctx context.Context, order, lot market.ID) error {
	_, err := s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) {
		for i := range o.Parcels {
			o.noteParcelRecall(s.env, o.Parcels[i], lot)
		}
		return nil, nil
	})
	return err
}

func (o *Order) noteParcelRecall(env market.Env, p Parcel, lot market.ID) {
	known := slices.ContainsFunc(o.History, func(e Entry) bool {
		return e.What == whatRecalled && e.Lot == lot && e.Parcel == p.ID
	})
	if p.Of(lot) == 0 || known {
		return
	}
	o.History = append(o.History, Entry{At: env.Now(), What: whatRecalled, Parcel: p.ID, Lot: lot})
}
