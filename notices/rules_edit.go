package notices

import (
	"context"
	"slices"

	"chohue/market"
	"chohue/orders"
)

// parcelPath leads the keepers of a shop to the parcel that the event names.
func parcelPath(o *orders.Order, e market.Event) (string, error) {
	var news orders.Moved
	err := e.Decode(&news)
	return "/hop-tac-xa/don/" + string(o.ID) + "/" + string(news.Parcel), err
}

// askedBuyer leads the buyer to the question that was asked last about the
// parcel.
func askedBuyer(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
	return buyer(func(t *telling, o *orders.Order, p *orders.Parcel) {
		for _, a := range slices.Backward(o.Asks) {
			if p != nil && a.Parcel == p.ID {
				t.link = "/don-hang/" + string(o.ID) + "/can-nang/" + string(a.ID) + keyOf(o)
				return
			}
		}
	})(ctx, s, e)
}

// ifEdited tells of an edit only while something is taken out by that side: who
// did it themselves need not be told.
func ifEdited(side string, then tell) tell {
	return func(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
		_, p, err := aboutOrder(ctx, s, e)
		if err != nil || p == nil || !slices.ContainsFunc(p.Lines, func(l orders.Line) bool { return l.EditedBy == side }) {
			return nil, err
		}
		return then(ctx, s, e)
	}
}

// corrected tells the buyer why less is to be paid: it weighed less, or goods
// were taken out.
func corrected(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
	var news orders.Corrected
	if err := e.Decode(&news); err != nil {
		return nil, err
	}
	return buyer(func(t *telling, _ *orders.Order, _ *orders.Parcel) {
		if news.Reason == "edit" {
			t.key = "notice.order.edited"
		}
	})(ctx, s, e)
}
