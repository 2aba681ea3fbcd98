package livestream

import (
	"context"
	"strings"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// Buy returns what is to be put in a cart for an offer that is on sale in the
// room now, with the touch that makes its price and goods count.
func (s *Service) Buy(ctx context.Context, show market.ID, code string) (Offer, orders.Touch, error) {
	kept, err := s.Show(ctx, show)
	if err != nil {
		return Offer{}, orders.Touch{}, err
	}
	o, ok := kept.Offer(code)
	if !ok {
		return Offer{}, orders.Touch{}, market.NotFound("offer.missing")
	}
	now := s.env.Now()
	if !kept.OnAir(now) || !o.Open() {
		return Offer{}, orders.Touch{}, market.Conflict("show.not_live")
	}
	return o, orders.Touch{Show: show, Channel: channelLive, At: now, Room: true, Claim: fence(show, code)}, nil
}

// Promised implements orders.Promises: the price of an offer holds while its
// show is live, that of a draft until the draft expires.
func (s *Service) Promised(ctx context.Context, claims ...market.ID) (map[market.ID]orders.Promise, error) {
	out := map[market.ID]orders.Promise{}
	for _, claim := range claims {
		p, err := s.promise(ctx, claim)
		if err != nil {
			return nil, err
		}
		if p.Variant != "" {
			out[claim] = p
		}
	}
	return out, nil
}

func (s *Service) promise(ctx context.Context, claim market.ID) (orders.Promise, error) {
	var p orders.Promise
	var err error
	if id, ok := strings.CutPrefix(string(claim), "draft:"); ok {
		p, err = s.draftPromise(ctx, market.ID(id))
	} else if show, code, ok := strings.Cut(strings.TrimPrefix(string(claim), "show:"), ":"); ok {
		p, err = s.offerPromise(ctx, market.ID(show), code)
	}
	if err != nil || len(p.Fences) == 0 {
		return p, err
	}
	p.Left, err = s.left(ctx, p.Variant, p.Fences...)
	return p, err
}

func (s *Service) offerPromise(ctx context.Context, show market.ID, code string) (orders.Promise, error) {
	kept, err := s.shows.Get(ctx, show)
	if store.Missing(err) {
		return orders.Promise{}, nil
	}
	if err != nil {
		return orders.Promise{}, err
	}
	o, ok := kept.Offer(code)
	if !ok || !o.Open() || !kept.OnAir(s.env.Now()) {
		return orders.Promise{}, nil
	}
	p := orders.Promise{Variant: o.Variant, Price: o.Price}
	if o.Stock > 0 {
		p.Fences = []market.ID{fence(show, code)}
	}
	return p, nil
}

func (s *Service) draftPromise(ctx context.Context, id market.ID) (orders.Promise, error) {
	d, err := s.drafts.Get(ctx, id)
	if store.Missing(err) {
		return orders.Promise{}, nil
	}
	if err != nil || !d.Good(s.env.Now()) {
		return orders.Promise{}, err
	}
	return orders.Promise{Variant: d.Variant, Price: d.Price, Fences: []market.ID{d.claim(), fence(d.Show, d.Code)}}, nil
}

func (s *Service) left(ctx context.Context, variant market.ID, fences ...market.ID) (int64, error) {
	stocks, err := s.shelf.Stocks(ctx, variant)
	if err != nil || stocks[variant] == nil {
		return 0, err
	}
	return stocks[variant].Fenced(s.env.Now(), fences...), nil
}
