package orders_test

import (
	"context"
	"testing"
	"time"

	"chohue/cooperatives"
	"chohue/market"
	"chohue/orders"
	"chohue/orders/carriersim"
)

// A parcel that is given up leaves no carrier waiting for it, be it that the
// carrier's answer was lost, or that it cannot be reached when it is told.
func TestAGivenUpParcelIsCalledOff(t *testing.T) {
	for name, faults := range map[string][]carriersim.Fault{
		"booked": nil, "answer lost": {carriersim.Mute}, "never heard of": {carriersim.Deaf},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoad(t)
			seller := r.seller("HTX Thủy Biều")
			o, by := r.packed("cod", r.product(seller, "Thanh trà", 45_000, 10), seller, 2)
			r.sim.Break(faults...)
			o = r.book(o, by)
			_, err := r.orders.CancelParcel(r.ctx, by, o.ID, o.Parcels[0].ID, "", "chuột cắn")
			r.must(err)
			r.carriers.down = true
			r.round()
			r.carriers.down = false
			for range 8 { // past the time after which a carrier that knows nothing never will
				r.now = r.now.Add(3 * time.Minute)
				r.round()
			}
			g := r.parcel(o).Carriage
			if g.Live() || g.AskAt != nil {
				t.Errorf("%+v", g)
			}
			for _, p := range r.sim.Parcels() {
				if p.Code != "cancel" {
					t.Errorf("the carrier has it as %s", p.Code)
				}
			}
		})
	}
}

// What a carrier has fetched is not late, though every notice of it was lost and
// nobody was up to ask; what it has not is called off before it is cancelled.
func TestWhatACarrierHasIsNotCancelledForBeingLate(t *testing.T) {
	for code, want := range map[string]orders.ParcelState{"picked": orders.ParcelShipped, "": orders.ParcelCancelled} {
		r := newRoad(t)
		seller := r.seller("HTX Thủy Biều")
		o, by := r.packed("cod", r.product(seller, "Thanh trà", 45_000, 10), seller, 2)
		o = r.book(o, by)
		tracking := o.Parcels[0].Carriage.Tracking
		if code != "" {
			r.sim.Move(tracking, code)
		}
		r.now = r.now.AddDate(0, 2, 0)
		r.carriers.down = true
		r.keepTime()
		if p := r.parcel(o); p.State != orders.ParcelPacked {
			t.Fatalf("nobody knows where it is, and it is %s", p.State)
		}
		r.carriers.down = false
		r.keepTime()
		p := r.parcel(o)
		if p.State != want {
			t.Errorf("%q: the parcel is %s, want %s", code, p.State, want)
		}
		if at, _ := r.sim.Find(tracking); want == orders.ParcelCancelled && (at.Code != "cancel" || p.Carriage.Live()) {
			t.Errorf("the carrier has it as %s, %+v", at.Code, p.Carriage)
		}
	}
}

// A parcel that waits for a carrier goes no other way behind its back.
func TestABookedParcelGoesNoOtherWay(t *testing.T) {
	r := newRoad(t)
	seller := r.seller("HTX Thủy Biều")
	o, by := r.packed("cod", r.product(seller, "Thanh trà", 45_000, 10), seller, 2)
	o = r.book(o, by)
	ship := func() error {
		_, err := r.orders.Ship(r.ctx, by, o.ID, o.Parcels[0].ID, orders.Shipment{Carrier: "Xe khách"})
		return err
	}
	if err := ship(); market.KindOf(err) != market.KindConflict {
		t.Errorf("put on a coach while a carrier comes for it: %v", err)
	}
	_, err := r.orders.Unbook(r.ctx, by, o.ID, o.Parcels[0].ID)
	r.must(err)
	r.must(ship())
	if p := r.parcel(o); p.State != orders.ParcelShipped || p.Carrier != "Xe khách" {
		t.Errorf("%s by %s", p.State, p.Carrier)
	}
}

// Somebody presses again while a round is told that the carrier knows nothing:
// seed 397 of the simulator. What is asked anew is not given up on old news.
func TestACarriageAskedAnewIsNotGivenUp(t *testing.T) {
	r := newRoad(t)
	seller := r.seller("HTX Thủy Biều")
	o, by := r.packed("cod", r.product(seller, "Thanh trà", 45_000, 10), seller, 2)
	r.sim.Break(carriersim.Deaf, carriersim.Mute)
	o = r.book(o, by)
	r.now = r.now.Add(11 * time.Minute)
	r.carriers.tracked = func() { r.book(o, by) }
	r.round()
	r.now = r.now.Add(3 * time.Minute)
	r.carriers.tracked = nil
	r.round()
	g := r.parcel(o).Carriage
	if g.State != orders.CarriageBooked || len(r.sim.Parcels()) != 1 || g.Tracking != r.sim.Parcels()[0].Number {
		t.Errorf("%+v, %d waybills", g, len(r.sim.Parcels()))
	}
}

// Pressed twice at once: the first is refused, the parcel put on a coach, and
// then the second takes its turn: seed 232 of the simulator.
func TestARefusedCarriageIsNotOrderedBySomebodySlow(t *testing.T) {
	r := newRoad(t)
	seller := r.seller("HTX Thủy Biều")
	o, by := r.packed("cod", r.product(seller, "Thanh trà", 45_000, 10), seller, 2)
	r.sim.Break(carriersim.Deaf)
	o = r.book(o, by)
	r.watched.seen = func() { // while the second reads what it is to send
		r.watched.seen = nil
		_, err := r.orders.SettleCarriage(r.ctx, by, o.ID, o.Parcels[0].ID, "")
		r.must(err)
		_, err = r.orders.Ship(r.ctx, by, o.ID, o.Parcels[0].ID, orders.Shipment{Carrier: "Xe khách"})
		r.must(err)
	}
	r.book(o, by)
	if n := len(r.sim.Parcels()); n != 0 {
		t.Errorf("%d waybills of a parcel on a coach", n)
	}
}

// The answer to an order was lost, and the carrier's first word is one that nobody
// knows: seed 4232 of the simulator. What it says of its fee counts all the same.
func TestTheFeeIsTakenFromAWordThatNobodyKnows(t *testing.T) {
	r := newRoad(t)
	seller := r.seller("HTX Thủy Biều")
	o, by := r.packed("cod", r.product(seller, "Thanh trà", 45_000, 10), seller, 2)
	r.sim.Break(carriersim.Mute)
	r.book(o, by)
	r.says(r.sim.Parcels()[0].Number, "hold_by_customs")
	if g := r.parcel(o).Carriage; g.State != orders.CarriageBooked || int64(g.Fee) != r.sim.Parcels()[0].Fee || g.Fee == 0 {
		t.Errorf("%+v, the carrier wants %d", g, r.sim.Parcels()[0].Fee)
	}
}

// nosy is a carrier between whose answers something happens, or that is down.
type nosy struct {
	orders.Carrier
	down    bool
	tracked func()
}

func (c *nosy) Track(ctx context.Context, w orders.Waybill) (orders.Report, error) {
	if c.down {
		return orders.Report{}, market.Unavailable("carrier.unreachable")
	}
	report, err := c.Carrier.Track(ctx, w)
	if c.tracked != nil {
		c.tracked()
	}
	return report, err
}

func (c *nosy) Cancel(ctx context.Context, w orders.Waybill) error {
	if c.down {
		return market.Unavailable("carrier.unreachable")
	}
	return c.Carrier.Cancel(ctx, w)
}

// watched are sellers whose names somebody reads at a bad moment.
type watched struct {
	directory orders.Sellers
	seen      func()
}

func (w *watched) Sellers(ctx context.Context, ids ...market.ID) (map[market.ID]*cooperatives.Seller, error) {
	found, err := w.directory.Sellers(ctx, ids...)
	if w.seen != nil {
		w.seen()
	}
	return found, err
}
