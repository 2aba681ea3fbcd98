package livestream

import (
	"bytes"
	"context"
	"image/png"
	"testing"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// book is orders in memory that tell their news as the orders room does.
type book map[market.ID]*orders.Order

func (b book) Each(_ context.Context, do func(*orders.Order) error) error {
	for _, o := range b {
		if err := do(o); err != nil {
			return err
		}
	}
	return nil
}

// order is confirmed with one parcel of coop, a line for each amount.
func (b book) order(id, buyer market.ID, placed time.Time, touch *orders.Touch, amounts ...market.VND) *orders.Order {
	o := &orders.Order{Doc: store.Doc{ID: id}, Buyer: buyer, PlacedAt: placed, State: orders.StateConfirmed}
	p := orders.Parcel{ID: "parcel", Seller: "coop", State: orders.ParcelNew}
	for _, a := range amounts {
		p.Lines = append(p.Lines, orders.Line{Product: "tea", Amount: a, Quantity: 1, Touch: touch})
	}
	o.Parcels = []orders.Parcel{p}
	b[id] = o
	return o
}

func (w *world) confirmed(o *orders.Order) market.Event {
	return market.NewEvent(w.env, orders.EventConfirmed, o.ID, orders.Confirmed{
		Order: o.ID, Buyer: o.Buyer, PlacedAt: o.PlacedAt, Parcels: o.Parcels,
	})
}

func (w *world) delivered(o *orders.Order) market.Event {
	at := o.PlacedAt.Add(48 * time.Hour)
	o.State = orders.StateCompleted
	o.Parcels[0].State, o.Parcels[0].DeliveredAt = orders.ParcelDelivered, &at
	return market.NewEvent(w.env, orders.EventDelivered, o.ID, orders.Delivered{
		Order: o.ID, Parcel: o.Parcels[0], Buyer: o.Buyer, PlacedAt: o.PlacedAt, DeliveredAt: at,
	})
}

func (w *world) cancelled(o *orders.Order) market.Event {
	o.State, o.Parcels[0].State = orders.StateCancelled, orders.ParcelCancelled
	return market.NewEvent(w.env, orders.EventCancelled, o.ID, orders.Moved{Order: o.ID})
}

// hear consumes each event twice: the relay promises at least once.
func (w *world) hear(events ...market.Event) {
	w.t.Helper()
	for _, e := range events {
		for range 2 {
			if err := w.Consume(context.Background(), e); err != nil {
				w.t.Fatalf("%s: %v", e.Type, err)
			}
		}
	}
}

func (w *world) earned(l *Link) *Link {
	w.t.Helper()
	page, err := w.LinksOf(context.Background(), farmer, "coop", "", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, one := range page.Items {
		if one.ID == l.ID {
			return one
		}
	}
	w.t.Fatalf("link %s is not listed", l.ID)
	return nil
}

func (w *world) replay(b book) Audit {
	w.t.Helper()
	audit, err := w.Replay(context.Background(), market.System, b)
	if err != nil {
		w.t.Fatal(err)
	}
	return audit
}

func TestALinkEarnsWhatItSold(t *testing.T) {
	w, b := newWorld(t), book{}
	l := w.link(LinkDraft{Product: "tea", Channel: "zalo"})
	touch := w.click(l, "a")
	first := b.order("o1", "", start, touch, 30_000, 20_000)
	second := b.order("o2", "buyer", start.Add(time.Hour), touch, 7_000)
	third := b.order("o3", "", start, touch, 1_000)
	b.order("o4", "", start, nil, 500_000)
	w.hear(w.confirmed(first), w.confirmed(second), w.confirmed(third), w.confirmed(b["o4"]))
	if got := w.earned(l); got.Orders != 3 || got.Revenue != 58_000 || got.Settled != 0 {
		t.Errorf("confirmed: %d orders, %s, settled %s", got.Orders, got.Revenue, got.Settled)
	}
	w.hear(w.delivered(first), w.cancelled(third))
	got := w.earned(l)
	if got.Orders != 2 || got.Revenue != 57_000 || got.Settled != 50_000 {
		t.Errorf("delivered and cancelled: %d orders, %s, settled %s", got.Orders, got.Revenue, got.Settled)
	}
	audit := w.replay(b)
	if !audit.OK() || audit.Attributed != got.Revenue || audit.Settled != got.Settled || audit.Lines != 4 {
		t.Errorf("replay %+v does not prove %+v", audit, got)
	}
}

func TestAReturnTakesItsEarningsBack(t *testing.T) {
	w, b := newWorld(t), book{}
	l := w.link(LinkDraft{Product: "tea", Channel: "zalo"})
	o := b.order("o1", "", start, w.click(l, "a"), 30_000, 20_000)
	w.hear(w.confirmed(o), w.delivered(o))
	o.Returns = []orders.Return{{
		ID: "r1", Parcel: "parcel", State: orders.ReturnRefunded, Goods: 20_000, Refunded: 12_000, EndedAt: &start,
		Lines: []orders.ReturnLine{{Quantity: 1, Amount: 20_000}},
	}}
	w.hear(market.NewEvent(w.env, orders.EventReturned, o.ID, o.Undone(o.Returns[0], start)))
	if got := w.earned(l); got.Revenue != 38_000 || got.Settled != 38_000 {
		t.Errorf("earned %s, settled %s, want 38.000 of 50.000", got.Revenue, got.Settled)
	}
	if audit := w.replay(b); !audit.OK() || audit.Settled != 38_000 {
		t.Errorf("replay %+v", audit)
	}
	o.Returns = nil
	if audit := w.replay(b); audit.OK() {
		t.Error("replay does not notice a return that the order does not have")
	}
}

func TestAParcelThatNeverArrivesEarnsNothing(t *testing.T) {
	w, b := newWorld(t), book{}
	l := w.link(LinkDraft{Product: "tea", Channel: "zalo"})
	o := b.order("o1", "", start, w.click(l, "a"), 30_000)
	o.Parcels = append(o.Parcels, orders.Parcel{ID: "other", Seller: "coop", State: orders.ParcelNew, Lines: o.Parcels[0].Lines})
	w.hear(w.confirmed(o))
	o.Parcels[1].State = orders.ParcelLost
	w.hear(market.NewEvent(w.env, orders.EventLost, o.ID, orders.Ended{Order: o.ID, Parcel: "other"}))
	if got, audit := w.earned(l), w.replay(b); got.Revenue != 30_000 || !audit.OK() {
		t.Errorf("earned %s of one parcel, replay %+v", got.Revenue, audit)
	}
}

// News of delivery may be the first that arrives after a restore.
func TestDeliveryAloneAttributes(t *testing.T) {
	w, b := newWorld(t), book{}
	l := w.link(LinkDraft{Product: "tea", Channel: "zalo"})
	o := b.order("o1", "", start, w.click(l, "a"), 30_000)
	w.hear(w.delivered(o))
	if got := w.earned(l); got.Settled != 30_000 {
		t.Errorf("settled %s, want 30.000", got.Settled)
	}
	w.hear(w.confirmed(o)) // late
	if got := w.earned(l); got.Settled != 30_000 || got.Revenue != 30_000 {
		t.Errorf("after late news: %s, settled %s", got.Revenue, got.Settled)
	}
}

func TestExclusions(t *testing.T) {
	w, b := newWorld(t), book{}
	l := w.link(LinkDraft{Product: "tea", Channel: "zalo"})
	touch := w.click(l, "a")
	foreign, unknown := *touch, *touch
	if err := w.links.Insert(context.Background(), &Link{Doc: store.Doc{ID: "FOREIGN000"}, Code: "FOREIGN000", Seller: "other", Channel: "zalo"}); err != nil {
		t.Fatal(err)
	}
	foreign.Link, unknown.Link = "FOREIGN000", "NONE"
	week := 7 * 24 * time.Hour
	for _, c := range []struct {
		order  market.ID
		buyer  market.ID
		placed time.Time
		touch  *orders.Touch
		want   Exclusion
	}{
		{"guest", "", start, touch, ""},
		{"buyer", "buyer", start, touch, ""},
		{"other seller", "stranger", start, touch, ""},
		{"last moment", "", start.Add(week), touch, ""},
		{"late", "", start.Add(week + time.Millisecond), touch, ExcludedLate},
		{"own", "farmer", start, touch, ExcludedOwn},
		{"member", "packer", start, touch, ExcludedMember},
		{"foreign", "", start, &foreign, ExcludedForeign},
		{"unknown", "", start, &unknown, ExcludedUnknown},
	} {
		w.hear(w.confirmed(b.order(c.order, c.buyer, c.placed, c.touch, 1_000)))
		a, err := w.attributions.Get(context.Background(), c.order+":parcel:0")
		if err != nil || a.Excluded != c.want {
			t.Errorf("%s: excluded %q, %v; want %q", c.order, a.Excluded, err, c.want)
		}
	}
	if got := w.earned(l); got.Orders != 4 || got.Revenue != 4_000 {
		t.Errorf("%d orders, %s; want 4, 4.000", got.Orders, got.Revenue)
	}
	if audit := w.replay(b); !audit.OK() || audit.Excluded != 5 || audit.Attributed != 4_000 {
		t.Errorf("replay %+v", audit)
	}
}

func TestReplayFindsWhatIsWrong(t *testing.T) {
	w, b, ctx := newWorld(t), book{}, context.Background()
	touch := w.click(w.link(LinkDraft{Product: "tea", Channel: "zalo"}), "a")
	for _, id := range []market.ID{"lost", "changed", "stray", "right"} {
		w.hear(w.confirmed(b.order(id, "", start, touch, 1_000)))
	}
	b.order("unpaid", "", start, touch, 9_000).State = orders.StatePlaced
	if err := w.attributions.Delete(ctx, "lost:parcel:0"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.attributions.Update(ctx, "changed:parcel:0", func(a *Attribution) ([]market.Event, error) {
		a.Amount++
		return nil, nil
	}); err != nil {
		t.Fatal(err)
	}
	delete(b, "stray")
	audit := w.replay(b)
	if len(audit.Wrong) != 3 || audit.OK() {
		t.Errorf("wrong %v, want lost, changed and stray", audit.Wrong)
	}
	_, err := w.Replay(ctx, farmer, b)
	kind(t, "a farmer replays", err, market.KindForbidden)
}

func TestQR(t *testing.T) {
	raw, err := QR("http://127.0.0.1:8080/s/AB01CD1234", 512)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(raw))
	if err != nil || picture.Bounds().Dx() != 512 || picture.Bounds().Dy() != 512 {
		t.Errorf("picture %v, %v", picture.Bounds(), err)
	}
	for _, c := range []struct {
		url  string
		size int
	}{{"", 512}, {"http://x", 1}, {"http://x", 1 << 20}} {
		_, err := QR(c.url, c.size)
		kind(t, c.url, err, market.KindInvalid)
	}
}

func TestPolicies(t *testing.T) {
	all, err := parsePolicies("from,window_days,source\n2026-01-01,7,a\n2026-06-01,3,b\n")
	if err != nil {
		t.Fatal(err)
	}
	hue := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, market.HueZone) }
	for at, want := range map[time.Time]time.Duration{
		hue(2025, 12, 31): 0, hue(2026, 1, 1): 7 * 24 * time.Hour, hue(2026, 6, 1).Add(-1): 7 * 24 * time.Hour, hue(2026, 6, 1): 3 * 24 * time.Hour,
	} {
		if got := all.At(at).Window; got != want {
			t.Errorf("at %s: %s, want %s", at, got, want)
		}
	}
	for _, bad := range []string{"from,window_days,source\nsoon,7,a\n", "h,h,h\n2026-01-01,0,a\n", "h,h,h\n2026-06-01,3,b\n2026-01-01,7,a\n"} {
		if _, err := parsePolicies(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
