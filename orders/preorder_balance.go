package orders

import (
	"context"
	"slices"
	"strconv"

	"chohue/catalog"
	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// PayBalance begins the payment of what is left. An attempt by the same way
// that is under way is continued; another one ends it.
func (s *Service) PayBalance(ctx context.Context, by market.Actor, id market.ID, method, base string) (*Preorder, payments.Step, error) {
	p, err := s.Preorder(ctx, by, id)
	if err != nil {
		return nil, payments.Step{}, err
	}
	if p.Buyer != by.Person {
		return nil, payments.Step{}, errPreorder
	}
	if !slices.Contains(s.till.Methods(), method) {
		return nil, payments.Step{}, market.Invalid("checkout.method", "method")
	}
	if method == MethodCOD {
		return nil, payments.Step{}, market.Invalid("preorder.no_cod", "method")
	}
	if p, err = s.follow(ctx, id); err != nil {
		return nil, payments.Step{}, err
	}
	if err := s.till.Accepts(method, p.Parcel.Goods-p.Credit+p.Parcel.Shipping); err != nil {
		return nil, payments.Step{}, err
	}
	if p, err = s.attempt(ctx, p, method); err != nil {
		return nil, payments.Step{}, err
	}
	return s.beginBalance(ctx, by, p, base)
}

// attempt finds the attempt that is under way or adds one, and ends those
// before it.
func (s *Service) attempt(ctx context.Context, p *Preorder, method string) (*Preorder, error) {
	dead := false
	if n := len(p.Attempts); n > 0 {
		state, err := s.paymentState(ctx, p.Attempts[n-1].Payment, p.Attempts[n-1].Until)
		if err != nil {
			return nil, err
		}
		dead = !state.Open()
	}
	now, before := s.env.Now(), len(p.Attempts)
	p, err := s.preorders.Update(ctx, p.ID, func(p *Preorder) ([]market.Event, error) {
		if p.State != PreorderDue || !now.Before(*p.DueAt) {
			return nil, market.Conflict("preorder.not_due")
		}
		n := len(p.Attempts)
		if n > before || n > 0 && !dead && p.Attempts[n-1].Method == method {
			return nil, nil
		}
		if n >= mostAttempts {
			return nil, market.Conflict("preorder.many_attempts")
		}
		payment := p.ID + balanceSuffix + market.ID(strconv.Itoa(n+1))
		p.Attempts = append(p.Attempts, Attempt{Payment: payment, Method: method, Until: now.Add(p.Waits.pay(method) + giveUpAfter)})
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	for _, a := range p.Attempts[:len(p.Attempts)-1] {
		if err := s.endPayment(ctx, a.Payment); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// mostAttempts bounds the document.
const mostAttempts = 50

func (s *Service) beginBalance(ctx context.Context, by market.Actor, p *Preorder, base string) (*Preorder, payments.Step, error) {
	a := p.Attempts[len(p.Attempts)-1]
	c := p.charge(a.Payment, a.Method, base, p.Parcel.Goods-p.Credit, p.Parcel.Shipping, p.Parcel.Fee)
	c.Description = "Phan con lai " + p.Code
	c.ExpiresAt = a.Until.Add(-giveUpAfter)
	step, err := s.beginPreorder(ctx, by, p, c)
	return p, step, err
}

// becomeOrder sells the share and writes the order, under the pre-order's id
// and ready to be packed. When the goods are gone and the shelf has no others,
// all money goes back.
func (s *Service) becomeOrder(ctx context.Context, p *Preorder) (preorderTurn, error) {
	taken := Taken{p.Line().Variant, p.Share}
	lots, err := s.settle(ctx, p.ID, taken)
	if market.KindOf(err) == market.KindConflict {
		return s.move(PreorderRefunding, EndGone, p.Total()), nil
	}
	if err != nil {
		return nil, err
	}
	o, err := s.orderOf(ctx, p)
	if err != nil {
		return nil, err
	}
	o.cameFrom(map[market.ID][]catalog.Share{taken.Variant: lots})
	o.arrange()
	err = s.orders.Insert(ctx, o, market.NewEvent(s.env, EventConfirmed, o.ID, o.confirmed()))
	if err != nil && !store.Exists(err) {
		return nil, err
	}
	return s.move(PreorderOrdered, "", p.Total()), nil
}

// orderOf is the pre-order as an order that is paid. What its line says of the
// goods is what is true of them now, at the price that was agreed.
func (s *Service) orderOf(ctx context.Context, p *Preorder) (*Order, error) {
	now := s.env.Now()
	parcel := p.Parcel
	line, shipBy, err := s.lineNow(ctx, p)
	if err != nil {
		return nil, err
	}
	parcel.Lines = []Line{line}
	parcel.ShipBy = shipBy
	parcel.Payment, parcel.Paid, parcel.State = p.Balance, true, ParcelNew
	in, err := s.till.Intent(ctx, p.Balance)
	if err != nil {
		return nil, err
	}
	waits, err := s.deadlines.At(now)
	if err != nil {
		return nil, err
	}
	policies, err := s.policies.At(p.ReservedAt)
	if err != nil {
		return nil, err
	}
	policies.Delivery = p.Policy
	o := &Order{
		Doc: store.Doc{ID: p.ID}, Code: p.Code, Key: market.NewSecret(), Buyer: p.Buyer, Address: p.Address, Note: p.Note,
		Parcels: []Parcel{parcel}, Goods: parcel.Goods, Shipping: parcel.Shipping, Total: p.Total(), Prepaid: p.Credit,
		Method: in.Method, Policies: policies, State: StateConfirmed, PlacedAt: now, PaidAt: &now, Waits: waits,
	}
	o.note(now, "confirmed", "")
	return o, nil
}
