package orders_test

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chohue/market"
	"chohue/orders"
	"chohue/orders/carriersim"
	"chohue/orders/ghn"
	"chohue/orders/ghn/ghnsim"
	"chohue/payments"
	"chohue/store"
)

// road is a shop whose parcels go by GHN, played on the wire.
type road struct {
	*shop
	sim      *ghnsim.Sim
	skew     time.Duration // of the carrier's clock
	carriers *nosy
	watched  *watched
}

const ghnSecret = "in the address"

func newRoad(t *testing.T) *road {
	t.Helper()
	r := &road{shop: newShop(t)}
	r.sim = ghnsim.New("token", "885", func() time.Time { return r.now.Add(r.skew) })
	server := httptest.NewServer(r.sim.Handler())
	t.Cleanup(server.Close)
	carrier, err := ghn.New(ghn.Config{Base: server.URL, Token: "token", ShopID: "885", Secret: ghnSecret, Client: server.Client()})
	r.must(err)
	r.carriers, r.watched = &nosy{Carrier: carrier}, &watched{directory: r.sellers}
	areas, err := market.LoadAreas()
	r.must(err)
	fees, err := payments.LoadFees()
	r.must(err)
	r.orders, err = orders.New(r.ctx, r.engine, r.env, areas, orders.Rooms{
		Shelf: r.catalog, Till: r.payments, Sellers: r.watched, Fees: fees, Carriers: orders.Carriers{r.carriers},
	})
	r.must(err)
	r.relay = store.NewRelay(r.engine, quiet(), nil,
		store.Consumer{Name: "ledger", Handle: r.payments.Consume},
		store.Consumer{Name: "orders", Types: orders.Consumes(), Handle: r.orders.Consume},
		store.Consumer{Name: "catalog", Handle: r.catalog.Consume},
	)
	return r
}

// packed places and packs an order of one parcel.
func (r *road) packed(method string, variant, seller market.ID, n int64) (*orders.Order, market.Actor) {
	r.t.Helper()
	o := r.place(guest, method, want{variant, n})
	if method != "cod" {
		r.notice(o, payments.NoticeCapture)
		r.drain()
	}
	by := market.Actor{Person: "seller", Sellers: []market.ID{seller}}
	_, err := r.orders.Pack(r.ctx, by, o.ID, o.Parcels[0].ID)
	r.must(err)
	return r.order(o.ID), by
}

func (r *road) book(o *orders.Order, by market.Actor) *orders.Order {
	r.t.Helper()
	o, err := r.orders.Book(r.ctx, by, o.ID, o.Parcels[0].ID, orders.Booking{Carrier: "ghn"})
	r.must(err)
	return o
}

// call plays the carrier's word about a parcel.
func (r *road) call(p carriersim.Parcel) error {
	_, err := r.orders.HearCarrier(r.ctx, "ghn", payments.Raw{Body: r.sim.Callback(p).Body, Query: "key=in+the+address"})
	return err
}

// says moves the parcel at the carrier and lets it tell.
func (r *road) says(tracking, code string) {
	r.t.Helper()
	r.now = r.now.Add(time.Hour)
	p, ok := r.sim.Move(tracking, code)
	if !ok {
		r.t.Fatalf("no parcel %s", tracking)
	}
	r.must(r.call(p))
	r.drain()
}

func (r *road) parcel(o *orders.Order) orders.Parcel { return r.order(o.ID).Parcels[0] }

func TestACarrierTakesAParcelToItsBuyer(t *testing.T) {
	r := newRoad(t)
	seller := r.seller("HTX Thủy Biều")
	v := r.product(seller, "Thanh trà", 45_000, 10)
	o, by := r.packed("cod", v, seller, 2)
	o = r.book(o, by)
	g := o.Parcels[0].Carriage
	if g.State != orders.CarriageBooked || g.Tracking == "" || g.Fee <= 0 || g.COD != o.Parcels[0].Goods+o.Parcels[0].Shipping {
		t.Fatalf("booked %+v", g)
	}
	r.book(o, by) // pressed twice
	if n := len(r.sim.Parcels()); n != 1 {
		t.Fatalf("%d waybills", n)
	}
	for _, code := range ghnsim.Way() {
		r.says(g.Tracking, code)
	}
	p := r.parcel(o)
	if p.State != orders.ParcelDelivered || !p.Paid || p.Carriage.Code != "delivered" || p.Carriage.AskAt != nil {
		t.Errorf("parcel %s, paid %v, %+v", p.State, p.Paid, p.Carriage)
	}
	if k := r.stock(v); k.Sold != 2 || k.Available != 8 {
		t.Errorf("sold %d, available %d", k.Sold, k.Available)
	}
}

// TestCODThatNobodyTakesComesBack: undelivered, returning, back at the seller;
// the goods are on the shelf again, no cash is awaited and nobody owes any.
func TestCODThatNobodyTakesComesBack(t *testing.T) {
	for name, test := range map[string]struct {
		unfit           int64
		available, lost int64
	}{"saleable": {0, 10, 0}, "half spoiled": {1, 9, 1}} {
		t.Run(name, func(t *testing.T) {
			r := newRoad(t)
			seller := r.seller("HTX Thủy Biều")
			v := r.product(seller, "Thanh trà", 45_000, 10)
			o, by := r.packed("cod", v, seller, 2)
			o = r.book(o, by)
			for _, code := range []string{"picked", "delivering"} {
				r.says(o.Parcels[0].Carriage.Tracking, code)
			}
			for _, code := range ghnsim.WayBack() {
				r.says(o.Parcels[0].Carriage.Tracking, code)
			}
			p := r.parcel(o)
			if p.State != orders.ParcelReturning || p.Carriage.Attention != orders.AttentionInspect {
				t.Fatalf("parcel %s, %+v", p.State, p.Carriage)
			}
			_, err := r.orders.ComeBack(r.ctx, by, o.ID, p.ID, orders.Unfit{v: test.unfit})
			r.must(err)
			r.drain()
			if got := r.order(o.ID); got.State != orders.StateCancelled || got.Parcels[0].State != orders.ParcelReturned {
				t.Errorf("order %s, parcel %s", got.State, got.Parcels[0].State)
			}
			if k := r.stock(v); k.Available != test.available || k.Sold != 0 || k.Lost != test.lost {
				t.Errorf("available %d, sold %d, lost %d", k.Available, k.Sold, k.Lost)
			}
			in, err := r.payments.Intent(r.ctx, p.Payment)
			r.must(err)
			if in.State.Open() || in.Captured != 0 {
				t.Errorf("cash of a parcel that came back: %s, %d", in.State, in.Captured)
			}
		})
	}
}

// TestUnlookedReturnsAreSettledInTime: a seller who never looks at what came
// back does not keep the order open for ever.
func TestUnlookedReturnsAreSettledInTime(t *testing.T) {
	r := newRoad(t)
	seller := r.seller("HTX Thủy Biều")
	v := r.product(seller, "Thanh trà", 45_000, 10)
	o, by := r.packed("wallet", v, seller, 2)
	o = r.book(o, by)
	for _, code := range []string{"picked", "delivery_fail", "return", "returned"} {
		r.says(o.Parcels[0].Carriage.Tracking, code)
	}
	r.now = r.now.Add(71 * time.Hour)
	r.round()
	if p := r.parcel(o); p.State != orders.ParcelReturning {
		t.Fatalf("too early: %s", p.State)
	}
	r.now = r.now.Add(2 * time.Hour)
	r.round()
	got := r.order(o.ID)
	if got.State != orders.StateRefunded || got.Parcels[0].State != orders.ParcelReturned || got.AskAt != nil {
		t.Errorf("order %s, parcel %s, asked at %v", got.State, got.Parcels[0].State, got.AskAt)
	}
	in, err := r.payments.Intent(r.ctx, o.ID)
	r.must(err)
	if in.Refunded != o.Total {
		t.Errorf("refunded %d of %d", in.Refunded, o.Total)
	}
}

func (r *road) round() {
	r.t.Helper()
	_, err := r.orders.AskCarriers(r.ctx)
	r.must(err)
	r.drain()
}

// TestLostAnswersAreAskedFor: the carrier took the order and its answer was
// lost; or it never heard of it. Either way there is one waybill in the end.
func TestLostAnswersAreAskedFor(t *testing.T) {
	for _, fault := range []carriersim.Fault{carriersim.Mute, carriersim.Deaf} {
		r := newRoad(t)
		seller := r.seller("HTX Thủy Biều")
		o, by := r.packed("cod", r.product(seller, "Thanh trà", 45_000, 10), seller, 2)
		r.sim.Break(fault)
		o = r.book(o, by)
		if g := o.Parcels[0].Carriage; g.State != orders.CarriageAsked || g.Attention != orders.AttentionUnsure {
			t.Fatalf("%s: %+v", fault, g)
		}
		if _, err := r.orders.HandOver(r.ctx, by, o.ID, o.Parcels[0].ID); market.KindOf(err) != market.KindConflict {
			t.Errorf("%s: handed over without a waybill: %v", fault, err)
		}
		r.now = r.now.Add(3 * time.Minute)
		r.round()
		g := r.parcel(o).Carriage
		if g.State != orders.CarriageBooked || g.Attention != "" || len(r.sim.Parcels()) != 1 || g.Tracking != r.sim.Parcels()[0].Number {
			t.Errorf("%s: %+v, %d waybills", fault, g, len(r.sim.Parcels()))
		}
	}
}

// TestSilentParcelsAreAskedAbout: every notice was lost.
func TestSilentParcelsAreAskedAbout(t *testing.T) {
	r := newRoad(t)
	seller := r.seller("HTX Thủy Biều")
	o, by := r.packed("cod", r.product(seller, "Thanh trà", 45_000, 10), seller, 2)
	o = r.book(o, by)
	r.now = r.now.Add(5 * time.Hour)
	r.sim.Move(o.Parcels[0].Carriage.Tracking, "delivered")
	r.round()
	if p := r.parcel(o); p.State != orders.ParcelPacked {
		t.Fatalf("asked too early: %s", p.State)
	}
	r.now = r.now.Add(2 * time.Hour)
	r.round()
	if p := r.parcel(o); p.State != orders.ParcelDelivered || !p.Paid || p.ShippedAt == nil {
		t.Errorf("parcel %s, paid %v", p.State, p.Paid)
	}
	if n, err := r.orders.AskCarriers(r.ctx); err != nil || n != 0 {
		t.Errorf("a delivered parcel is asked about: %d, %v", n, err)
	}
}

func TestForgedAndForeignNotices(t *testing.T) {
	r := newRoad(t)
	seller := r.seller("HTX Thủy Biều")
	o, by := r.packed("cod", r.product(seller, "Thanh trà", 45_000, 10), seller, 2)
	o = r.book(o, by)
	p, _ := r.sim.Move(o.Parcels[0].Carriage.Tracking, "delivered")
	body := r.sim.Callback(p).Body
	for query, want := range map[string]market.Kind{"": market.KindForbidden, "key=guess": market.KindForbidden} {
		if _, err := r.orders.HearCarrier(r.ctx, "ghn", payments.Raw{Body: body, Query: query}); market.KindOf(err) != want {
			t.Errorf("%q: %v", query, err)
		}
	}
	if _, err := r.orders.HearCarrier(r.ctx, "nobody", payments.Raw{Body: body}); market.KindOf(err) != market.KindNotFound {
		t.Errorf("an unknown carrier: %v", err)
	}
	p.Number, p.Reference = "LH999999VN", "01JD0000000000000000000000"
	if err := r.call(p); market.KindOf(err) != market.KindNotFound {
		t.Errorf("another shop's parcel: %v", err)
	}
	if got := r.parcel(o); got.State != orders.ParcelPacked || len(got.Carriage.Reports) != 0 {
		t.Errorf("parcel %s after words that were not the carrier's", got.State)
	}
}

// TestUnknownWordsMoveNothing: kept verbatim, shown to people.
func TestUnknownWordsMoveNothing(t *testing.T) {
	r := newRoad(t)
	seller := r.seller("HTX Thủy Biều")
	o, by := r.packed("cod", r.product(seller, "Thanh trà", 45_000, 10), seller, 2)
	o = r.book(o, by)
	tracking := o.Parcels[0].Carriage.Tracking
	r.says(tracking, "picked")
	r.says(tracking, "hold_by_customs")
	p := r.parcel(o)
	if p.State != orders.ParcelShipped || p.Carriage.Code != "picked" || p.Carriage.Attention != orders.AttentionUnknown {
		t.Errorf("parcel %s, %+v", p.State, p.Carriage)
	}
	if last := p.Carriage.Reports[1]; last.Code != "hold_by_customs" || last.Status != orders.CarrierUnknown {
		t.Errorf("kept %+v", last)
	}
	r.says(tracking, "delivered")
	if p := r.parcel(o); p.State != orders.ParcelDelivered || p.Carriage.Attention != "" {
		t.Errorf("parcel %s, attention %q", p.State, p.Carriage.Attention)
	}
}

func TestOnlyItsSellerSendsAParcel(t *testing.T) {
	r := newRoad(t)
	seller := r.seller("HTX Thủy Biều")
	o, by := r.packed("cod", r.product(seller, "Thanh trà", 45_000, 10), seller, 2)
	parcel := o.Parcels[0].ID
	stranger := market.Actor{Person: "other", Sellers: []market.ID{"another"}}
	for name, do := range map[string]func(market.Actor, market.ID) error{
		"book": func(a market.Actor, p market.ID) error {
			_, err := r.orders.Book(r.ctx, a, o.ID, p, orders.Booking{Carrier: "ghn"})
			return err
		},
		"offers": func(a market.Actor, p market.ID) error { _, err := r.orders.Offers(r.ctx, a, o.ID, p); return err },
		"unbook": func(a market.Actor, p market.ID) error { _, err := r.orders.Unbook(r.ctx, a, o.ID, p); return err },
		"label": func(a market.Actor, p market.ID) error {
			_, err := r.orders.CarrierLabel(r.ctx, a, o.ID, p)
			return err
		},
		"handover": func(a market.Actor, p market.ID) error { _, err := r.orders.HandOver(r.ctx, a, o.ID, p); return err },
		"settle": func(a market.Actor, p market.ID) error {
			_, err := r.orders.SettleCarriage(r.ctx, a, o.ID, p, "X")
			return err
		},
	} {
		foreign, missing := do(stranger, parcel), do(by, "01JD0000000000000000000000")
		if foreign == nil || missing == nil || foreign.Error() != missing.Error() || market.KindOf(foreign) != market.KindNotFound {
			t.Errorf("%s: a stranger hears %v, of what never was %v", name, foreign, missing)
		}
	}
	result, err := r.orders.ConfirmAll(r.ctx, stranger, []orders.ParcelRef{{Order: o.ID, Parcel: parcel}}, orders.Booking{Carrier: "ghn"})
	r.must(err)
	if result.Done != 0 || len(result.Failed) != 1 || result.Failed[0].Code != "" {
		t.Errorf("a stranger's bulk: %+v", result)
	}
	if len(r.sim.Parcels()) != 0 {
		t.Error("the carrier has heard of it")
	}
}

func TestCalledOffAndBookedAnew(t *testing.T) {
	r := newRoad(t)
	seller := r.seller("HTX Thủy Biều")
	o, by := r.packed("cod", r.product(seller, "Thanh trà", 45_000, 10), seller, 2)
	first := r.book(o, by).Parcels[0].Carriage
	for range 2 {
		_, err := r.orders.Unbook(r.ctx, by, o.ID, o.Parcels[0].ID)
		r.must(err)
	}
	second := r.book(o, by).Parcels[0].Carriage
	if second.Tracking == first.Tracking || second.Reference == first.Reference || second.State != orders.CarriageBooked {
		t.Errorf("booked anew: %+v after %+v", second, first)
	}
	r.says(second.Tracking, "picked")
	if _, err := r.orders.Unbook(r.ctx, by, o.ID, o.Parcels[0].ID); market.KindOf(err) != market.KindConflict {
		t.Errorf("called off on its way: %v", err)
	}
	late, _ := r.sim.Find(first.Tracking)
	if err := r.call(late); market.KindOf(err) != market.KindNotFound {
		t.Errorf("the old waybill still speaks: %v", err)
	}
}

// TestFiftyParcelsInThreeSteps: confirmed, labelled, handed over; pressed twice
// each time; two that cannot be done are named and the rest is done.
func TestFiftyParcelsInThreeSteps(t *testing.T) {
	r := newRoad(t)
	seller := r.seller("HTX Thủy Biều")
	v := r.product(seller, "Thanh trà", 45_000, 1000)
	by := market.Actor{Person: "seller", Sellers: []market.ID{seller}}
	var refs []orders.ParcelRef
	for range 50 {
		o := r.place(guest, "cod", want{v, 1})
		refs = append(refs, orders.ParcelRef{Order: o.ID, Parcel: o.Parcels[0].ID})
	}
	r.sim.Break(carriersim.Deaf, carriersim.Mute)
	first, err := r.orders.ConfirmAll(r.ctx, by, refs, orders.Booking{Carrier: "ghn"})
	r.must(err)
	if first.Done != 48 || len(first.Failed) != 2 {
		t.Fatalf("first: %d done, failed %+v", first.Done, first.Failed)
	}
	for _, f := range first.Failed {
		if !strings.HasPrefix(f.Code, "HUE-") || market.KindOf(f.Err) != market.KindUnavailable {
			t.Errorf("failed %+v", f)
		}
	}
	again, err := r.orders.ConfirmAll(r.ctx, by, refs, orders.Booking{Carrier: "ghn"})
	r.must(err)
	if again.Done != 50 || len(r.sim.Parcels()) != 50 {
		t.Errorf("again: %d done, %d waybills, %+v", again.Done, len(r.sim.Parcels()), again.Failed)
	}
	ready, err := r.orders.ToShip(r.ctx, by, seller, orders.ParcelPacked)
	r.must(err)
	if len(ready) != 50 {
		t.Errorf("%d parcels to ship", len(ready))
	}
	for range 2 {
		over, err := r.orders.HandOverAll(r.ctx, by, refs)
		r.must(err)
		if over.Done != 50 || len(over.Failed) != 0 {
			t.Errorf("handed over %d, %+v", over.Done, over.Failed)
		}
	}
	if _, err := r.orders.HandOverAll(r.ctx, by, make([]orders.ParcelRef, orders.MaxBulk+1)); market.KindOf(err) != market.KindInvalid {
		t.Errorf("too many at once: %v", err)
	}
}

// order of a parcel's states, for saying that it never goes backwards. A failed
// attempt is not yet the way back.
var far = map[orders.ParcelState]int{
	orders.ParcelPacked: 0, orders.ParcelShipped: 1, orders.ParcelUndelivered: 1, orders.ParcelReturning: 2,
	orders.ParcelDelivered: 3, orders.ParcelReturned: 3, orders.ParcelLost: 3,
}

// TestWhateverTheCarrierSays throws a carrier's words at a parcel in any order,
// twice, late: the parcel never goes backwards, what has ended stays, the last
// word by the carrier's own time is what is shown, and goods and cash agree.
func TestWhateverTheCarrierSays(t *testing.T) {
	r := newRoad(t)
	seller := r.seller("HTX Thủy Biều")
	v := r.product(seller, "Thanh trà", 45_000, 1_000_000)
	words := []string{"picking", "picked", "storing", "delivering", "delivered", "delivery_fail", "return", "returning", "returned", "lost", "exception"}
	rapid.Check(t, func(rt *rapid.T) {
		o, by := r.packed("cod", v, seller, 1)
		o = r.book(o, by)
		before := r.parcel(o)
		start := r.now
		for range rapid.IntRange(1, 12).Draw(rt, "words") {
			p, _ := r.sim.Find(o.Parcels[0].Carriage.Tracking)
			p.Code = rapid.SampledFrom(words).Draw(rt, "code")
			p.At = start.Add(time.Duration(rapid.IntRange(0, 6).Draw(rt, "hour")) * time.Hour)
			for range rapid.IntRange(1, 2).Draw(rt, "times") {
				if err := r.call(p); err != nil {
					rt.Fatal(err)
				}
			}
			r.drain()
			now := r.parcel(o)
			if far[now.State] < far[before.State] || before.State.Ended() && now.State != before.State {
				rt.Fatalf("from %s to %s at %s", before.State, now.State, p.Code)
			}
			if now.Carriage.StatusAt.Before(before.Carriage.StatusAt) {
				rt.Fatalf("older news applied: %+v", now.Carriage)
			}
			r.agree(rt, now)
			before = now
		}
	})
	k := r.stock(v)
	if k.Available+k.Sold+k.Lost+k.Held != 1_000_000 {
		t.Errorf("available %d, sold %d, lost %d, held %d", k.Available, k.Sold, k.Lost, k.Held)
	}
}

// agree: cash is taken exactly when the parcel is delivered, none is awaited
// once it has ended otherwise.
func (r *road) agree(rt *rapid.T, p orders.Parcel) {
	in, err := r.payments.Intent(r.ctx, p.Payment)
	if err != nil {
		rt.Fatal(err)
	}
	delivered := p.State == orders.ParcelDelivered
	if delivered != (in.Captured == p.Goods+p.Shipping) || !delivered && in.Captured != 0 || p.State == orders.ParcelLost && in.State.Open() {
		rt.Fatalf("parcel %s, cash %s: captured %d", p.State, in.State, in.Captured)
	}
}

func TestRefusedByTheCarrier(t *testing.T) {
	r := newRoad(t)
	seller := r.seller("HTX Thủy Biều")
	o, by := r.packed("cod", r.product(seller, "Thanh trà", 45_000, 100), seller, 60) // 60 kg, more than it takes
	o = r.book(o, by)
	g := o.Parcels[0].Carriage
	if g.State != orders.CarriageRefused || !strings.Contains(g.Words, "Khối lượng") || o.AskAt != nil {
		t.Errorf("refused: %+v", g)
	}
	offers, err := r.orders.Offers(r.ctx, by, o.ID, o.Parcels[0].ID)
	r.must(err)
	if len(offers) != 1 || offers[0].Blocked == nil || offers[0].Carrier != "ghn" {
		t.Errorf("offers %+v", offers)
	}
}

func TestNoticesAreKeptAsTheyCame(t *testing.T) {
	r := newRoad(t)
	seller := r.seller("HTX Thủy Biều")
	o, by := r.packed("cod", r.product(seller, "Thanh trà", 45_000, 10), seller, 1)
	o = r.book(o, by)
	p, _ := r.sim.Move(o.Parcels[0].Carriage.Tracking, "picked")
	body := r.sim.Callback(p).Body
	for range 2 {
		r.must(r.call(p))
	}
	kept, err := r.orders.CarrierNotices(r.ctx, market.System, o.ID)
	r.must(err)
	if len(kept) != 2 || !bytes.Equal(kept[0].Body, body) || kept[0].Verdict != payments.VerdictApplied || kept[1].Verdict != payments.VerdictRepeated {
		t.Errorf("kept %+v", kept)
	}
}
