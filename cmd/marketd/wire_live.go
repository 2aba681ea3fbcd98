package main

import (
	"context"
	"fmt"

	"chohue/frontend/pages"
	"chohue/livestream"
	"chohue/livestream/feed"
	"chohue/market"
	"chohue/orders"
)

func (h *house) openLivestream(ctx context.Context) error {
	secret, err := h.secret("livestream", h.config.Secret)
	if err != nil {
		return err
	}
	if err := h.openFeed(ctx); err != nil {
		return err
	}
	h.livestream, err = livestream.New(ctx, h.engine, h.env, livestream.Rooms{
		Shelf: h.catalog, Sellers: h.sellers, Feed: h.feed, Secret: []byte(secret),
	})
	return err
}

// roomFeed carries what happens in rooms to their viewers.
type roomFeed interface {
	livestream.Feed
	pages.RoomFeed
	Disperse()
	Close() error
}

// openFeed keeps rooms within this process, or shares them through Redis.
func (h *house) openFeed(ctx context.Context) error {
	h.feed = feed.NewMemory()
	if h.config.Rooms != "" {
		shared, err := feed.NewRedis(ctx, h.config.Rooms)
		if err != nil {
			return fmt.Errorf("MARKET_ROOMS: %w", err)
		}
		h.feed = shared
	}
	h.close = append(h.close, h.feed.Close)
	return nil
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
