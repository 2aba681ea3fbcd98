package main

import (
	"context"

	"chohue/livestream"
	"chohue/market"
	"chohue/orders"
)

func (h *house) openLivestream(ctx context.Context) error {
	secret, err := h.secret("livestream", h.config.Secret)
	if err != nil {
		return err
	}
	h.livestream, err = livestream.New(ctx, h.engine, h.env, livestream.Rooms{
		Shelf: h.catalog, Sellers: h.sellers, Secret: []byte(secret),
	})
	return err
}

// promises lets orders ask the floor above what shows have promised. Orders are
// opened before there are shows.
type promises struct{ house *house }

func (p promises) Promised(ctx context.Context, claims ...market.ID) (map[market.ID]orders.Promise, error) {
	if p.house.livestream == nil {
		return nil, nil
	}
	return p.house.livestream.Promised(ctx, claims...)
}
