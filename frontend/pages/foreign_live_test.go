package pages_test

import (
	"context"
	"time"

	"chohue/cooperatives"
	"chohue/livestream"
	"chohue/market"
	"chohue/store"
)

// screenless carries no pictures: the pages around it are what is tested.
type screenless struct{ livestream.Video }

func (screenless) End(context.Context, livestream.Stage) error { return nil }

func (f files) Delete(_ context.Context, key string) error {
	delete(f, key)
	return nil
}

// film opens the studio of the shop.
func (s *shop) film(engine store.Engine, r *livestream.Service, kept files, env market.Env) *livestream.Studio {
	s.t.Helper()
	studio, err := livestream.NewStudio(s.t.Context(), engine, env, livestream.StudioParts{
		Shows: r, Files: kept, Video: screenless{}, Secret: []byte("a secret of the test"), Seats: 10,
	})
	s.must(err)
	return studio
}

// guestThing is a show of somebody else's into which the keeper's seller was
// asked.
func guestThing(m *foreignMatrix) map[string]string {
	host := m.seller("HTX Chủ Phiên "+string(m.id()), cooperatives.KindHTX)
	now := m.now()
	show, err := m.shop.rooms.Livestream.CreateShow(m.t.Context(), market.Actor{Person: "host", Sellers: []market.ID{host}}, livestream.ShowDraft{
		Title: market.Text{VI: "Phiên của xã"}, Seller: host, Guests: []market.ID{m.coop}, Products: []market.ID{m.shelf.ID}, StartsAt: now.Add(time.Hour), EndsAt: now.Add(2 * time.Hour),
	})
	m.must(err)
	return one("id", show.ID)
}

// callThing is a call with the keeper's seller that the customer has booked; at
// most three are booked at once, so the one before is given back.
func callThing(m *foreignMatrix) map[string]string {
	m.t.Helper()
	ctx, studio, buyer := m.t.Context(), m.shop.rooms.Studio, m.customer()
	mine, err := studio.MyCalls(ctx, buyer)
	m.must(err)
	for _, old := range mine {
		_, _ = studio.CancelCall(ctx, buyer, old.ID) // one that is over cannot be
	}
	keeper := market.Actor{Person: m.member, Sellers: []market.ID{m.coop}}
	call, err := studio.OfferCall(ctx, keeper, m.coop, m.now().Add(time.Minute+time.Duration(len(mine)+1)*time.Second), livestream.MinCall)
	m.must(err)
	_, err = studio.BookCall(ctx, buyer, call.ID, "Thanh trà biếu Tết")
	m.must(err)
	return one("id", call.ID)
}
