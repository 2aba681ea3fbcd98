package main

import (
	"context"
	"slices"
	"time"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/indicators"
	"chohue/market"
)

// counter counts how the market stands, for the statistics office.
type counter struct{ h *house }

// Count implements indicators.Counter.
func (c counter) Count(ctx context.Context) (indicators.Census, error) {
	n, now := indicators.Census{}, c.h.env.Now()
	first := map[market.ID]time.Time{}
	err := c.h.catalog.EachPublished(ctx, func(p *catalog.Product) error {
		n.Listings++
		if _, ok := p.Badge(now); ok {
			n.Certified++
		}
		if at, ok := first[p.Seller]; !p.PublishedAt.IsZero() && (!ok || p.PublishedAt.Before(at)) {
			first[p.Seller] = p.PublishedAt
		}
		return nil
	})
	if err != nil {
		return n, err
	}
	var minutes []int64
	for seller, at := range first {
		took, err := c.seller(ctx, &n, seller, at)
		if err != nil {
			return n, err
		}
		minutes = append(minutes, took...)
	}
	slices.Sort(minutes)
	if len(minutes) > 0 {
		n.FirstMinutes = minutes[len(minutes)/2]
	}
	return n, nil
}

// seller counts one seller with a listing and tells how long its manager took
// from the first sign-in to it.
func (c counter) seller(ctx context.Context, n *indicators.Census, id market.ID, listed time.Time) ([]int64, error) {
	s, err := c.h.sellers.Seller(ctx, id)
	if err != nil {
		return nil, err
	}
	n.Sellers++
	if s.Kind == cooperatives.KindHTX || s.Kind == cooperatives.KindGroup {
		n.Co++
	}
	var took []int64
	for _, m := range s.Members {
		if m.Role == cooperatives.MemberFarmer {
			n.Households++
			continue
		}
		p, err := c.h.accounts.Person(ctx, m.Person)
		if err != nil {
			return nil, err
		}
		if len(took) == 0 && listed.After(p.CreatedAt) {
			took = append(took, int64(listed.Sub(p.CreatedAt)/time.Minute))
		}
	}
	return took, nil
}

// takeCensus is the worker's round.
func (h *house) takeCensus(ctx context.Context) (int, error) {
	return h.indicators.TakeCensus(ctx, counter{h})
}
