package salestest

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// carrierMoves are what sellers do with carriers that speak with us, and what
// those do with parcels.
var carrierMoves = []move{
	{"a seller books a carrier", 18, func(w *world) bool { return w.someParcel(orders.ParcelPacked, (*world).bookParcel) }},
	{"a seller calls a carrier off", 2, func(w *world) bool { return w.someParcel(orders.ParcelPacked, (*world).callOff) }},
	{"a carrier moves on", 24, (*world).someCarriage},
	{"a carrier speaks", 18, (*world).someWord},
	{"a carrier pays out", 3, (*world).somePayout},
	{"a statement of cash is read", 4, (*world).someFile},
}

func (w *world) bookParcel(by market.Actor, order market.ID, parcel orders.Parcel) {
	p, name := w.p, carrierNames[w.rng.IntN(len(carrierNames))]
	w.spawn("book "+name+" for "+w.short(parcel.ID), func(ctx context.Context) {
		_, err := p.orders.Book(ctx, by, order, parcel.ID, orders.Booking{Carrier: name})
		w.log("   booking %s for %s: %v", name, w.short(parcel.ID), err)
	})
}

func (w *world) callOff(by market.Actor, order market.ID, parcel orders.Parcel) {
	if !parcel.Carriage.Live() {
		return
	}
	p := w.p
	w.spawn("call off "+w.short(parcel.ID), func(ctx context.Context) {
		_, err := p.orders.Unbook(ctx, by, order, parcel.ID)
		w.log("   calling off %s: %v", w.short(parcel.ID), err)
	})
}

// consigned lists what carriers have in their books, and of one parcel.
func (w *world) consigned(wanted func(*consignment) bool) (all []*consignment) {
	for _, a := range w.carriers {
		for _, c := range a.consignments {
			if wanted(c) {
				all = append(all, c)
			}
		}
	}
	return all
}

// onTheWay reports whether a carrier that speaks with us has the parcel, or has
// done with it what it does.
func (w *world) onTheWay(parcel market.ID) bool {
	return len(w.consigned(func(c *consignment) bool {
		return c.parcel() == parcel && !c.waits() && c.status != orders.CarrierCancelled
	})) > 0
}

// someCarriage lets a carrier do the next thing with a parcel.
func (w *world) someCarriage() bool {
	some := w.consigned((*consignment).alive)
	if len(some) == 0 {
		return false
	}
	some[w.rng.IntN(len(some))].next()
	return true
}

// ways is where a parcel goes from where it is; some more often.
var ways = map[orders.CarrierStatus][]orders.CarrierStatus{
	orders.CarrierPicked:  append(slices.Repeat([]orders.CarrierStatus{orders.CarrierTransit}, 11), orders.CarrierLost),
	orders.CarrierTransit: append(slices.Repeat([]orders.CarrierStatus{orders.CarrierOut}, 7), orders.CarrierReturning),
	orders.CarrierOut: append(slices.Repeat([]orders.CarrierStatus{orders.CarrierDelivered}, 7),
		orders.CarrierFailed, orders.CarrierFailed, orders.CarrierFailed, orders.CarrierReturning, orders.CarrierLost),
	orders.CarrierFailed:    {orders.CarrierOut, orders.CarrierDelivered, orders.CarrierReturning},
	orders.CarrierReturning: append(slices.Repeat([]orders.CarrierStatus{orders.CarrierReturned}, 5), orders.CarrierLost),
}

func (c *consignment) next() {
	w := c.carrier.w
	if c.waits() {
		switch {
		case w.fault(10):
			w.log("%s will not come for %s", c.carrier.name, w.short(c.reference))
			c.carrier.becomes(c, orders.CarrierCancelled)
		case w.handsOver(c.parcel()):
			w.log("%s fetches %s", c.carrier.name, w.short(c.reference))
			c.carrier.becomes(c, orders.CarrierPicked)
		}
		return
	}
	on := ways[c.status]
	c.arrives(on[w.rng.IntN(len(on))])
}

// handsOver reports whether the parcel is there to be fetched: packed, in no
// other hands, and nobody is giving it up.
func (w *world) handsOver(id market.ID) bool {
	if w.withheld[id] || w.fates[id] != "" || w.onTheWay(id) {
		return false
	}
	for _, o := range w.audit.orders {
		for _, p := range o.Parcels {
			if p.ID == id {
				return p.State == orders.ParcelPacked
			}
		}
	}
	return false
}

func (c *consignment) arrives(status orders.CarrierStatus) {
	w := c.carrier.w
	switch status {
	case orders.CarrierDelivered:
		w.fates[c.parcel()], c.cash = there, c.cod
		if c.cod > 0 {
			w.bank.take(w.paymentOf(c.parcel()), c.cod)
		}
	case orders.CarrierLost:
		w.fates[c.parcel()] = gone
	case orders.CarrierReturned:
		w.fates[c.parcel()] = home
	}
	w.log("%s: %s is %s", c.carrier.name, w.short(c.reference), status)
	c.carrier.becomes(c, status)
}

func (w *world) paymentOf(parcel market.ID) market.ID {
	for _, o := range w.audit.orders {
		for _, p := range o.Parcels {
			if p.ID == parcel {
				return p.Payment
			}
		}
	}
	return ""
}

func (w *world) someWord() bool {
	a := w.carriers[w.rng.IntN(len(w.carriers))]
	if len(a.words) == 0 || w.p.line.dead || len(w.p.tasks) > maxTasks {
		return false
	}
	o := a.words[w.rng.IntN(len(a.words))]
	if o.due.After(w.now) {
		return false
	}
	a.call(o)
	return true
}

// file is a statement of cash that the carrier has sent.
type file struct {
	lines []orders.CODLine
	read  bool
}

// somePayout lets a carrier pay sellers what it took at the door, and write so.
// Now and then it writes of what it has written of before.
func (w *world) somePayout() bool {
	a := w.carriers[w.rng.IntN(len(w.carriers))]
	return a.payOut()
}

func (a *carrier) payOut() bool {
	f := &file{}
	for _, c := range a.consignments {
		if c.cash == 0 || c.paid && !a.w.fault(3) {
			continue
		}
		c.paid = true
		f.lines = append(f.lines, orders.CODLine{
			Tracking: c.tracking, Reference: string(c.reference), Collected: c.cash, Fee: c.fee, Net: c.cash - c.fee, At: c.at, Line: len(f.lines) + 1,
		})
	}
	if len(f.lines) == 0 {
		return false
	}
	a.w.log("%s pays out %d parcels", a.name, len(f.lines))
	a.files = append(a.files, f)
	return true
}

// someFile lets the operator read a statement, maybe one that was read before.
func (w *world) someFile() bool {
	a := w.carriers[w.rng.IntN(len(w.carriers))]
	if len(a.files) == 0 || len(w.p.tasks) > maxTasks {
		return false
	}
	a.readFile(a.files[w.rng.IntN(len(a.files))])
	return true
}

func (a *carrier) readFile(f *file) {
	text, err := json.Marshal(f.lines)
	if err != nil {
		a.w.fail("a statement", "%v", err)
	}
	p := a.w.p
	a.w.spawn("read a statement of "+a.name, func(ctx context.Context) {
		lines, err := p.orders.ReadCODStatement(ctx, market.System, a.name, strings.NewReader(string(text)))
		if err != nil {
			a.w.log("   reading: %v", err)
			return
		}
		matched, err := p.payments.MatchCOD(ctx, market.System, a.name, lines)
		f.read = f.read || err == nil && len(matched.Mismatches) == 0
		a.w.log("   %d of %d remitted, %d known, %d differ: %v", matched.Remitted, matched.Lines, matched.Known, len(matched.Mismatches), err)
	})
}

// carryOn lets carriers do once what they do sooner or later.
func (w *world) carryOn() {
	clear(w.withheld)
	for _, a := range w.carriers {
		for _, c := range a.consignments {
			if c.alive() {
				c.next()
			}
		}
		for _, o := range slices.Clone(a.words) {
			a.call(o)
		}
		a.payOut()
		for _, f := range a.files {
			if !f.read {
				a.readFile(f)
			}
		}
		w.run()
	}
}

// carriersQuiet reports whether carriers have nothing left to do or to say.
func (w *world) carriersQuiet() bool {
	for _, a := range w.carriers {
		unread := func(f *file) bool { return !f.read }
		if len(a.words) > 0 || slices.ContainsFunc(a.consignments, (*consignment).alive) || slices.ContainsFunc(a.files, unread) {
			return false
		}
	}
	return true
}

// parcelsAreWhereCarriersSay: in the end nobody waits for a parcel that does not
// come, no parcel went twice, and each is where its carrier has brought it.
func (w *world) parcelsAreWhereCarriersSay() {
	want := map[orders.CarrierStatus]orders.ParcelState{
		orders.CarrierDelivered: orders.ParcelDelivered, orders.CarrierReturned: orders.ParcelReturned, orders.CarrierLost: orders.ParcelLost,
	}
	went := map[market.ID]*consignment{}
	for _, c := range w.consigned(func(c *consignment) bool { return c.status != orders.CarrierCancelled }) {
		if c.alive() {
			w.fail("no consignment is left alive", "%s of %s is %s", c.reference, c.carrier.name, c.status)
		}
		if other := went[c.parcel()]; other != nil {
			w.fail("a parcel is carried once", "%s by %s and %s", c.parcel(), other.carrier.name, c.carrier.name)
		}
		went[c.parcel()] = c
	}
	for _, o := range w.audit.orders {
		for _, p := range o.Parcels {
			if c := went[p.ID]; c != nil && want[c.status] != p.State {
				w.fail("a parcel is where its carrier has it", "%s is %s, %s says %s", p.ID, p.State, c.carrier.name, c.status)
			}
			if p.Carriage.Live() && went[p.ID] == nil {
				w.fail("no carriage is stuck", "%s: %s by %s", p.ID, p.Carriage.State, p.Carriage.Carrier)
			}
		}
	}
}

// cashIsWhereCarriersSay: what the ledger says a carrier has of buyers' cash is
// what it has, and what it is owed for carrying likewise.
func (w *world) cashIsWhereCarriersSay() {
	for _, a := range w.carriers {
		var cash, fees market.VND
		for _, c := range a.consignments {
			switch {
			case c.waits() || c.status == orders.CarrierCancelled:
			case c.paid:
			default:
				cash, fees = cash+c.cash, fees+c.fee
			}
		}
		if got := -w.audit.books[payments.CollectedBy(a.name)]; got != cash {
			w.fail("ledger 9: a carrier's cash = its statement", "%s has %d, the ledger says %d", a.name, cash, got)
		}
		if got := w.audit.books[payments.CarriageFees(a.name)]; got != fees {
			w.fail("ledger 9: a carrier's fees = its statement", "%s is owed %d, the ledger says %d", a.name, fees, got)
		}
	}
}
