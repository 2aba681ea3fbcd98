package salestest

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/indicators"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/payments/cod"
	"chohue/payments/vietqr"
	"chohue/store"
	"chohue/store/memory"
)

// process is one life of our program: the real rooms, wired as marketd wires
// them, on what the lives before have written.
type process struct {
	line       *line
	tasks      []*task
	consumers  []store.Consumer
	told       map[delivery]bool
	busy       map[delivery]bool
	sellers    *cooperatives.Service
	catalog    *catalog.Service
	payments   *payments.Service
	orders     *orders.Service
	indicators *indicators.Service
}

// delivery is one event to one consumer.
type delivery struct {
	consumer string
	event    market.ID
}

// begin starts the process on the disk.
func (w *world) begin() error {
	p := &process{
		line: &line{Engine: memory.Open(w.disk), wrote: w.audit.wrote},
		told: map[delivery]bool{}, busy: map[delivery]bool{},
	}
	p.line.lose, p.line.stale, p.line.olds = w.plant.loseEvent, w.plant.stale, map[market.ID]bson.Raw{}
	w.p = p
	ctx := context.Background()
	var err error
	if p.sellers, err = cooperatives.New(ctx, p.line, w.env, w.base.areas); err != nil {
		return err
	}
	if p.catalog, err = catalog.New(ctx, p.line, w.env, cards{p.sellers, w.base.areas}, files{}, w.base.sets); err != nil {
		return err
	}
	providers := []payments.Provider{vietqr.New("HUE"), cod.New()}
	for _, side := range w.wallets {
		providers = append(providers, w.plant.provider(side))
	}
	if p.payments, err = payments.New(ctx, p.line, w.env, providers...); err != nil {
		return err
	}
	var carriers orders.Carriers
	for _, side := range w.carriers {
		carriers = append(carriers, w.plant.carrier(side))
	}
	p.orders, err = orders.New(ctx, p.line, w.env, w.base.areas, orders.Rooms{
		Shelf: w.plant.shelf(p.catalog), Till: w.plant.till(p.payments), Sellers: p.sellers, Fees: w.base.fees, Carriers: carriers,
	})
	if err != nil {
		return err
	}
	if p.indicators, err = indicators.New(ctx, p.line, w.env); err != nil {
		return err
	}
	p.consumers = w.plant.consumers([]store.Consumer{
		{Name: "ledger", Types: payments.Consumes(), Handle: p.payments.Consume},
		{Name: "orders", Types: orders.Consumes(), Handle: p.orders.Consume},
		{Name: "audit", Types: cooperatives.Consumes(), Handle: p.sellers.Consume},
		{Name: "catalog", Types: catalog.Consumes(), Handle: p.catalog.Consume},
		{Name: "indicators", Types: indicators.Consumes(), Handle: p.indicators.Consume},
	})
	return nil
}

// kill ends the process where it stands.
func (w *world) kill() {
	w.p.line.dead = true
	for _, t := range w.p.tasks {
		t.drop()
		w.idle = append(w.idle, t.thread)
	}
	w.p.tasks = nil
	w.deaths++
}

// spawn begins a piece of work and lets it go some way.
func (w *world) spawn(name string, do func(context.Context)) {
	w.log("begin %s", name)
	t := &task{thread: w.thread(), name: name, do: do}
	w.p.tasks = append(w.p.tasks, t)
	w.goOn(t)
}

// goOn lets a task go on: to its end, or for a few stops.
func (w *world) goOn(t *task) {
	stops := 1 << 20
	if !w.calm && w.rng.IntN(3) > 0 {
		stops = w.rng.IntN(6)
	}
	more := t.run(stops)
	if t.broken != "" {
		w.fail("a task broke", "%s: %s", t.name, t.broken)
	}
	if more {
		return
	}
	w.idle = append(w.idle, t.thread)
	w.p.tasks = slices.DeleteFunc(w.p.tasks, func(o *task) bool { return o == t })
	if w.p.line.dead {
		w.log("dies in %s", t.name)
		w.kill()
	}
}

func (w *world) thread() *thread {
	last := len(w.idle) - 1
	if last < 0 {
		return newThread()
	}
	h := w.idle[last]
	w.idle = w.idle[:last]
	return h
}

// outbox tells what may be delivered now, and what has been delivered to all.
// It keeps to what the relay promises and no more: at least once, in order per
// subject, each consumer for itself.
func (w *world) outbox() (next []offer, done []store.Pending) {
	pending, err := w.p.line.Engine.Pending(context.Background(), nil, 1000)
	if err != nil {
		w.fail("the outbox", "%v", err)
	}
	held := map[market.ID]bool{}
	for _, e := range pending {
		if held[e.Event.Subject] {
			continue
		}
		all := true
		for _, c := range w.p.consumers {
			d := delivery{c.Name, e.Event.ID}
			if !wants(c, e.Event.Type) || w.p.told[d] {
				continue
			}
			all = false
			if !w.p.busy[d] {
				next = append(next, offer{c, e.Event})
			}
		}
		if all {
			done = append(done, e)
		} else {
			held[e.Event.Subject] = true
		}
	}
	return next, done
}

// offer is a delivery that may be made.
type offer struct {
	consumer store.Consumer
	event    market.Event
}

func wants(c store.Consumer, kind string) bool {
	return len(c.Types) == 0 || slices.Contains(c.Types, kind)
}

// deliver hands an event to a consumer. Now and then the relay does not
// remember that it did.
func (w *world) deliver(o offer) {
	d, p := delivery{o.consumer.Name, o.event.ID}, w.p
	p.busy[d] = true
	again := !w.calm && w.rng.IntN(8) == 0
	w.spawn("tell "+d.consumer+" "+o.event.Type+" of "+w.short(o.event.Subject), func(ctx context.Context) {
		err := o.consumer.Handle(ctx, o.event)
		delete(p.busy, d)
		w.refusals[d] = err
		p.told[d] = err == nil && !again
		if err == nil && w.calm {
			w.holdsNothing(o.event)
		}
	})
}

// holdsNothing: once its end is heard of, an order holds nothing. Holds do end
// by themselves, so nobody would notice later.
func (w *world) holdsNothing(e market.Event) {
	if e.Type != orders.EventCancelled && e.Type != orders.EventRefunding || len(w.p.tasks) > 1 {
		return
	}
	for _, k := range w.audit.stocks {
		for _, h := range k.Holds {
			if h.Order == e.Subject && !h.Settled {
				w.fail("an ended order holds nothing", "%s still has %d of %s", e.Subject, h.Quantity, k.ID)
			}
		}
	}
}

// forgetDelivered takes what all consumers have heard out of the outbox.
func (w *world) forgetDelivered(done []store.Pending) {
	p := w.p
	w.spawn("forget delivered events", func(ctx context.Context) { _ = p.line.Done(ctx, done) })
}
