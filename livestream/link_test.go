package livestream

import (
	"context"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
)

// TestLinksThatAreNoneAreRefused: forged, made in another market, and over. What
// was clicked in time is owed all the same.
func TestLinksThatAreNoneAreRefused(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	l := w.link(LinkDraft{Product: "tea", Channel: "zalo", Until: start.Add(time.Hour)})
	who := Visitor{ID: "v", UserAgent: phone, Method: "GET"}
	for i := range len(l.Code) {
		forged := []byte(l.Code)
		forged[i] = map[bool]byte{true: '7', false: '8'}[forged[i] != '7']
		_, _, err := w.Follow(ctx, string(forged), who)
		kind(t, "letter "+string(forged), err, market.KindNotFound)
	}
	other, err := New(ctx, w.store, w.env, Rooms{Shelf: w.shelf, Sellers: w.people, Secret: []byte("another market's secret")})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = other.Follow(ctx, l.Code, who)
	kind(t, "signed by somebody else", err, market.KindNotFound)
	touch := w.click(l, "v")
	w.now = start.Add(time.Hour)
	_, _, err = w.Follow(ctx, l.Code, Visitor{ID: "late", UserAgent: phone, Method: "GET"})
	key(t, "over", err, "link.expired")
	if n := w.clicks(l); n != 1 {
		t.Errorf("%d clicks, want 1", n)
	}
	a := Attribution{Link: l.ID, Seller: "coop", ClickedAt: touch.At, PlacedAt: w.now}
	if why, err := w.exclusion(ctx, &a, "buyer"); why != "" || err != nil {
		t.Errorf("clicked in time: %q, %v", why, err)
	}
	for name, until := range map[string]time.Time{"over already": w.now, "for ever": w.now.Add(MaxLinkLife + time.Second)} {
		_, err := w.CreateLink(ctx, farmer, LinkDraft{Product: "tea", Channel: "zalo", Until: until})
		key(t, name, err, "link.until")
	}
	if usual, printed := w.link(LinkDraft{Product: "tea", Channel: "zalo"}), w.link(LinkDraft{Product: "tea", Channel: "poster"}); !printed.ExpiresAt.After(usual.ExpiresAt) {
		t.Errorf("a poster leads until %v, a post until %v", printed.ExpiresAt, usual.ExpiresAt)
	}
}

// TestALinkOfAShowReachesItsSellers for as long as the show has fixed.
func TestALinkOfAShowReachesItsSellers(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show, err := w.CreateShow(ctx, farmer, ShowDraft{
		Title: market.Text{VI: "Phiên của xã"}, Seller: "coop", Ward: "19813", Guests: []market.ID{"other"}, Products: []market.ID{"tea", "hat"},
		StartsAt: start.Add(time.Hour), EndsAt: start.Add(3 * time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	for product, want := range map[market.ID]Exclusion{"coop": "", "other": "", "third": ExcludedForeign} {
		l := w.link(LinkDraft{Show: show.ID, Channel: "zalo"})
		sellers, window, err := w.Reach(ctx, l)
		if err != nil || window != show.Window || len(sellers) < 2 {
			t.Fatalf("%v for %v, %v", sellers, window, err)
		}
		a := Attribution{Link: l.ID, Show: show.ID, Seller: product, ClickedAt: w.now, PlacedAt: w.now.Add(window)}
		if why, err := w.exclusion(ctx, &a, "buyer"); why != want || err != nil {
			t.Errorf("goods of %s: %q, %v, want %q", product, why, err, want)
		}
	}
}

// TestPinsAreToldAsTheyWere, whatever the offers became later.
func TestPinsAreToldAsTheyWere(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	relay := store.NewRelay(w.store, nil, nil, store.Consumer{Name: "livestream", Types: Consumes(), Handle: w.Consume})
	show := w.live()
	for i, code := range []string{"A1", "A2", "A1"} {
		w.now = start.Add(time.Hour + time.Duration(i)*time.Minute)
		w.must(w.Pin(ctx, farmer, show.ID, code))
		if i == 0 {
			w.offer(show, "A1", "tea", 35_000, 10)
		}
	}
	if err := relay.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	pins, err := w.Pins(ctx, show.ID)
	if err != nil || len(pins) != 3 {
		t.Fatalf("%d pins, %v", len(pins), err)
	}
	for i, want := range []struct {
		product market.ID
		price   market.VND
	}{{"tea", 40_000}, {"paste", 45_000}, {"tea", 35_000}} {
		if p := pins[i]; p.Product != want.product || p.Price != want.price || !p.At.Equal(start.Add(time.Hour+time.Duration(i)*time.Minute)) {
			t.Errorf("pin %d: %s at %d, %v", i, p.Product, p.Price, p.At)
		}
	}
}
