package notices

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
)

func TestBothSidesHearOfACall(t *testing.T) {
	at := time.Date(2026, 12, 1, 2, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		kind, by     string
		keeper, mine []string
	}{
		{eventCallBooked, "buyer", []string{"notice.call.booked"}, []string{"notice.call.mine"}},
		{eventCallCancelled, "buyer", []string{"notice.call.given_back"}, nil},
		{eventCallCancelled, "seller", nil, []string{"notice.call.taken_back"}},
	} {
		w := open(t)
		news := callNews{Call: "call", Seller: "coop", Buyer: "buyer", BuyerName: "Chị Lan", About: "Thanh trà", StartsAt: at, By: c.by}
		w.hear(w.event("e1", c.kind, news), 2)
		for person, want := range map[market.ID][]string{"keeper": c.keeper, "second": c.keeper, "buyer": c.mine} {
			if diff := cmp.Diff(want, w.told(person)); diff != "" {
				t.Errorf("%s by %s: %s hears: %s", c.kind, c.by, person, diff)
			}
		}
	}
}

func TestGuestsOfAShowAreInvited(t *testing.T) {
	w := open(t)
	entry := map[string]any{"show": "show1", "data": `{"title":{"vi":"Phiên của xã"},"starts_at":"2026-12-01T02:00:00Z","guests":["craft","coop"]}`}
	w.hear(w.event("e1", eventShowAnnounced, entry), 2)
	for person, want := range map[market.ID][]string{"keeper": {"notice.show.invited"}, "second": {"notice.show.invited"}, "buyer": nil} {
		if diff := cmp.Diff(want, w.told(person)); diff != "" {
			t.Errorf("%s hears: %s", person, diff)
		}
	}
}
