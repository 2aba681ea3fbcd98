package notices

import (
	"context"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// office reads like rules: what the people of the platform have to see to.
var office = []rule{
	{payments.EventRefundFailed, TopicMoney, "notice.money.refund_failed", true, refundFailed},
	{payments.EventRefundFailed, TopicMoney, "notice.office.refund_failed", true, refundStuck},
}

// stuck is money that could not be given back, and what it was paid for: an
// order, or a reservation that is no order yet.
type stuck struct {
	payments.Happened

	order    *orders.Order
	preorder *orders.Preorder
}

func (s *Service) stuck(ctx context.Context, e market.Event) (stuck, error) {
	var found stuck
	if err := e.Decode(&found.Happened); err != nil {
		return found, err
	}
	o, err := s.rooms.Orders.Order(ctx, market.System, e.Subject, "")
	if market.KindOf(err) == market.KindNotFound {
		found.preorder, err = s.rooms.Orders.Preorder(ctx, market.System, e.Subject)
		return found, err
	}
	found.order = o
	return found, err
}

// refundFailed tells the keepers whose money could not be given back: those of
// the one share, or of every parcel, or of the harvest.
func refundFailed(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
	found, err := s.stuck(ctx, e)
	if err != nil {
		return nil, err
	}
	if p := found.preorder; p != nil {
		return s.keepersTold(ctx, p.Parcel.Seller, "/dat-truoc/"+string(p.ID), append(reservation(p), money("back", found.Amount))...)
	}
	var all []telling
	for i, p := range found.order.Parcels {
		if found.Seller != "" && found.Seller != p.Seller {
			continue
		}
		told, err := s.toKeepers(ctx, found.order, &found.order.Parcels[i])
		if err != nil {
			return nil, err
		}
		for j := range told {
			told[j].args = append(told[j].args, money("back", found.Amount))
		}
		all = append(all, told...)
	}
	return onceEach(all), nil
}

// refundStuck tells the platform's operators: a buyer waits for money, and only
// a person can find another way for it.
func refundStuck(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
	found, err := s.stuck(ctx, e)
	if err != nil {
		return nil, err
	}
	code, link := "", ""
	if p := found.preorder; p != nil {
		code, link = p.Code, "/dat-truoc/"+string(p.ID)
	} else {
		code, link = found.order.Code, "/don-hang/"+string(found.order.ID)
	}
	operators, err := s.rooms.People.Operators(ctx)
	if err != nil {
		return nil, err
	}
	readers, err := s.readers(ctx, operators)
	var all []telling
	for _, r := range readers {
		all = append(all, telling{to: r, link: link, args: []Arg{word("code", code), money("back", found.Amount)}})
	}
	return all, err
}
