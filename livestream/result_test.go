package livestream

import (
	"context"
	"testing"
	"time"

	"chohue/market"
	"chohue/orders"
)

// Three ways into one show: the room, a comment and a link of a Zalo group;
// every breakdown adds up, and what is settled is what the orders say.
func TestAShowEarnsWhatItSold(t *testing.T) {
	w, b, ctx := newWorld(t), book{}, context.Background()
	show := w.live()
	zalo := w.link(LinkDraft{Show: show.ID, Product: "tea", Channel: "zalo"})
	_, room, err := w.Buy(ctx, show.ID, "A1")
	if err != nil {
		t.Fatal(err)
	}
	_, drafts := w.say(show, "v", "A1 1 hộp 0905123456")
	_, comment, err := w.TakeDraft(ctx, w.ConfirmToken(drafts[0]), "v")
	if err != nil {
		t.Fatal(err)
	}
	inRoom := b.order("o1", "", w.now, &room, 80_000)
	byComment := b.order("o2", "", w.now, &comment, 40_000)
	byLink := b.order("o3", "", w.now.Add(24*time.Hour), w.click(zalo, "z"), 50_000)
	own := b.order("o4", "farmer", w.now, &room, 11_000)
	w.hear(w.confirmed(inRoom), w.confirmed(byComment), w.confirmed(byLink), w.confirmed(own))
	w.hear(w.delivered(inRoom), w.delivered(byComment), w.delivered(byLink))
	w.hear(market.NewEvent(w.env, orders.EventReturned, "o3", orders.Returned{
		Delivered: orders.Delivered{Order: "o3", Parcel: byLink.Parcels[0]}, Return: "r1", Lines: []orders.ReturnedLine{{Line: 0, Amount: 50_000}},
	}))
	r, err := w.ResultOf(ctx, farmer, show.ID)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Sums{Orders: 3, Lines: 3, Revenue: 120_000, Settled: 120_000, Reversed: 50_000, Excluded: 1}); r.All != want {
		t.Errorf("%+v, want %+v", r.All, want)
	}
	for name, parts := range map[string][]Part{"link": r.Link, "person": r.Person, "channel": r.Channel, "seller": r.Seller, "how": r.How} {
		var revenue, settled, reversed market.VND
		for _, p := range parts {
			revenue, settled, reversed = revenue+p.Sums.Revenue, settled+p.Sums.Settled, reversed+p.Sums.Reversed
		}
		if revenue != r.All.Revenue || settled != r.All.Settled || reversed != r.All.Reversed {
			t.Errorf("by %s: %s, %s, %s", name, revenue, settled, reversed)
		}
	}
	how := map[string]market.VND{}
	for _, p := range r.How {
		how[p.Key] = p.Sums.Settled
	}
	if how["room"] != 80_000 || how["comment"] != 40_000 || how["link"] != 0 {
		t.Errorf("%v", how)
	}
}

func TestAShowsWindowIsItsOwn(t *testing.T) {
	w, b := newWorld(t), book{}
	show := w.show("tea")
	l := w.link(LinkDraft{Show: show.ID, Product: "tea", Channel: "zalo"})
	touch := w.click(l, "a")
	if _, err := w.shows.Update(context.Background(), show.ID, func(s *Show) ([]market.Event, error) {
		s.Window = 24 * time.Hour // announced under another policy
		return nil, nil
	}); err != nil {
		t.Fatal(err)
	}
	w.hear(w.confirmed(b.order("o1", "", w.now.Add(23*time.Hour), touch, 1_000)), w.confirmed(b.order("o2", "", w.now.Add(25*time.Hour), touch, 2_000)))
	if got := w.earned(l); got.Revenue != 1_000 {
		t.Errorf("%s, want what was within the show's own day", got.Revenue)
	}
}
