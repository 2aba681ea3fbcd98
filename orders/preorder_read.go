package orders

import (
	"context"
	"time"

	"chohue/market"
	"chohue/store"
)

// lineNow is the reserved line with the name, certificate and sending days that
// its product has now. Of a product that left the shop the line is as it was
// reserved, without a certificate: nobody vouches for it any more.
func (s *Service) lineNow(ctx context.Context, p *Preorder) (Line, *time.Time, error) {
	agreed := p.Line()
	product, err := s.shelf.ByVariant(ctx, agreed.Variant)
	if market.KindOf(err) == market.KindNotFound {
		agreed.Certificate, agreed.Version, agreed.Stars = "", "", 0
		return agreed, nil, nil
	}
	if err != nil {
		return Line{}, nil, err
	}
	v, _ := product.Variant(agreed.Variant)
	fresh := s.line(CartLine{Product: product.ID, Variant: v.ID, Quantity: agreed.Quantity, Touch: agreed.Touch}, product, v)
	agreed.Slug, agreed.Name, agreed.Photo = fresh.Slug, fresh.Name, fresh.Photo
	agreed.Certificate, agreed.Version, agreed.Stars = fresh.Certificate, fresh.Version, fresh.Stars
	lead, err := s.leads.At(s.env.Now(), s.zone(p.Parcel.SellerWard, p.Address.Province))
	if err != nil {
		return Line{}, nil, err
	}
	by := lead.ShipBy(s.env.Now(), product.Keeping.ShipDays)
	return agreed, &by, nil
}

// Preorder returns a pre-order to its buyer, to its seller's people and to
// operators; not found to anybody else.
func (s *Service) Preorder(ctx context.Context, by market.Actor, id market.ID) (*Preorder, error) {
	p, err := s.preorders.Get(ctx, id)
	if store.Missing(err) {
		return nil, errPreorder
	}
	if err != nil {
		return nil, err
	}
	mine := by.Person != "" && p.Buyer == by.Person
	if !mine && !by.For(p.Parcel.Seller) && !by.Is(market.RoleOperator) {
		return nil, errPreorder
	}
	return p, nil
}

// PreordersOfBuyer lists a signed-in person's own pre-orders, newest first.
func (s *Service) PreordersOfBuyer(ctx context.Context, by market.Actor, after store.Cursor, limit int) (store.Page[Preorder], error) {
	if by.Person == "" {
		return store.Page[Preorder]{}, market.Unauthenticated("signin.needed")
	}
	return s.preorders.Find(ctx, store.Query{Index: "buyer", Eq: []any{by.Person}, Desc: true, After: after, Limit: limit})
}

// PreordersOfHarvest lists who has reserved of a harvest, first come first, to
// its seller and to operators; not found to others.
func (s *Service) PreordersOfHarvest(ctx context.Context, by market.Actor, harvest market.ID, after store.Cursor, limit int) (store.Page[Preorder], error) {
	h, err := s.shelf.HarvestSeen(ctx, by, harvest)
	if err != nil {
		return store.Page[Preorder]{}, err
	}
	if !by.For(h.Seller) && !by.Is(market.RoleOperator) {
		return store.Page[Preorder]{}, market.NotFound("harvest.missing")
	}
	return s.preorders.Find(ctx, store.Query{Index: "harvest", Eq: []any{harvest}, After: after, Limit: limit})
}

// LookAtPreorder asks the provider about a payment that is under way, for the
// page that a buyer comes back to.
func (s *Service) LookAtPreorder(ctx context.Context, by market.Actor, id market.ID) (*Preorder, error) {
	p, err := s.Preorder(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if p.live() {
		_, err = s.till.Sync(ctx, p.open())
		if kind := market.KindOf(err); err != nil && kind != market.KindUnavailable && kind != market.KindNotFound {
			return nil, err
		}
	}
	return s.follow(ctx, id)
}

// open is the payment that the buyer may be busy with.
func (p *Preorder) open() market.ID {
	if n := len(p.Attempts); n > 0 {
		return p.Attempts[n-1].Payment
	}
	return p.DepositID()
}

// Open is the payment that the buyer may be busy with, empty when nothing is
// to be paid.
func (p *Preorder) Open() market.ID {
	if p.State == PreorderReserved || p.State == PreorderDue && len(p.Attempts) > 0 {
		return p.open()
	}
	return ""
}

// CancelPreorder gives a pre-order back for the buyer: the whole deposit as
// long as the harvest lets go of it (see catalog.Harvest.MayWithdraw), else a
// conflict. One that has ended is left as it is.
func (s *Service) CancelPreorder(ctx context.Context, by market.Actor, id market.ID) (*Preorder, error) {
	p, err := s.Preorder(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if p.Buyer != by.Person {
		return nil, errPreorder
	}
	switch p.State {
	case PreorderReserved, PreorderDeposited:
		if err := s.withdraw(ctx, by, p); err != nil {
			return nil, err
		}
	case PreorderDue, PreorderPaid, PreorderOrdered:
		return nil, market.Conflict("preorder.too_late")
	}
	return s.follow(ctx, id)
}

func (s *Service) withdraw(ctx context.Context, by market.Actor, p *Preorder) error {
	_, err := s.shelf.WithdrawReservation(ctx, by, p.Harvest, p.ID)
	if market.KindOf(err) == market.KindNotFound && p.State == PreorderReserved {
		err = nil // it has fallen back by itself
	}
	if err != nil || p.State != PreorderReserved {
		return err
	}
	if err := s.endPayment(ctx, p.DepositID()); err != nil {
		return err
	}
	_, err = s.preorders.Update(ctx, p.ID, func(p *Preorder) ([]market.Event, error) {
		if p.State != PreorderReserved {
			return nil, nil
		}
		events, err := p.to(s.env, PreorderLapsed, EndWithdrawn, 0)
		p.plan(s.env.Now())
		return events, err
	})
	return err
}
