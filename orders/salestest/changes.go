package salestest

import (
	"context"
	"maps"
	"slices"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// changeMoves are what happens to an order between paying and packing.
var changeMoves = []move{
	{"a buyer takes something out", 4, (*world).someBuyersEdit},
	{"a seller has not all of it", 3, func(w *world) bool { return w.someParcel(orders.ParcelNew, (*world).lessOfIt) }},
	{"a seller asks for more weight", 4, func(w *world) bool { return w.someParcel(orders.ParcelNew, (*world).askWeight) }},
	{"a buyer answers about weight", 6, (*world).someAnswer},
}

func (w *world) someBuyersEdit() bool {
	b, k := w.somePlaced()
	if k == nil || len(w.p.tasks) > maxTasks {
		return false
	}
	for _, p := range w.audit.orders[k.order].Parcels {
		if p.State == orders.ParcelNew {
			w.edit(b.actor, k.order, k.key, p)
			return true
		}
	}
	return false
}

func (w *world) lessOfIt(by market.Actor, order market.ID, parcel orders.Parcel) {
	w.edit(by, order, "", parcel)
}

// edit wants other quantities of some lines: fewer, or as many as were bought.
func (w *world) edit(by market.Actor, order market.ID, key string, parcel orders.Parcel) {
	wanted := orders.Quantities{}
	for _, l := range parcel.Lines {
		if w.rng.IntN(2) == 0 {
			wanted[l.Variant] = w.rng.Int64N(l.Quantity + 2)
		}
	}
	p := w.p
	w.spawn("edit "+w.short(parcel.ID), func(ctx context.Context) {
		_, err := p.orders.Edit(ctx, by, order, key, parcel.ID, wanted)
		w.log("   editing %s: %v", w.short(parcel.ID), err)
	})
}

func (w *world) askWeight(by market.Actor, order market.ID, parcel orders.Parcel) {
	weights := orders.Weights{}
	for _, l := range parcel.Lines {
		if l.Weight != nil {
			weights[l.Variant] = l.Weight.Stated + w.rng.Int64N(l.Weight.Stated/9+1)
		}
	}
	if len(weights) == 0 {
		return
	}
	p := w.p
	w.spawn("ask for weight "+w.short(parcel.ID), func(ctx context.Context) {
		_, err := p.orders.AskWeight(ctx, by, order, parcel.ID, weights)
		w.log("   asking %s: %v", w.short(parcel.ID), err)
	})
}

// someAnswer answers a question, or does so once more.
func (w *world) someAnswer() bool {
	type one struct {
		o *orders.Order
		a orders.Ask
	}
	var some []one
	for _, id := range slices.Sorted(maps.Keys(w.audit.orders)) {
		o := w.audit.orders[id]
		for _, a := range o.Asks {
			if a.State == orders.AskOpen || a.State == orders.AskPaying {
				some = append(some, one{o, a})
			}
		}
	}
	if len(some) == 0 || len(w.p.tasks) > maxTasks {
		return false
	}
	pick, yes, p := some[w.rng.IntN(len(some))], w.rng.IntN(4) > 0, w.p
	w.spawn("answer "+w.short(pick.a.ID), func(ctx context.Context) {
		_, step, err := p.orders.AnswerWeight(ctx, market.Actor{Person: pick.o.Buyer}, pick.o.ID, pick.o.Key, pick.a.ID, yes, "https://cho.test")
		w.log("   answering %v: %v", yes, err)
		w.handed(pick.a.ID, step)
	})
	return true
}

// handed gives the payer the way to pay.
func (w *world) handed(payment market.ID, step payments.Step) {
	for _, a := range w.wallets {
		if s := a.session(payment); s != nil && step.Kind == payments.StepRedirect {
			s.handed = true
		}
	}
	if step.Kind == payments.StepQR && w.rng.IntN(2) == 0 {
		if in := w.audit.intents[payment]; in != nil {
			w.bank.take(payment, in.Amount)
		}
	}
}
