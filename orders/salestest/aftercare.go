package salestest

import (
	"context"
	"maps"
	"slices"

	"chohue/market"
	"chohue/orders"
)

// aftercareMoves are what happens to parcels that do not arrive, and to those
// that their buyers do not want to keep.
var aftercareMoves = []move{
	{"a delivery fails", 4, func(w *world) bool { return w.someParcel(orders.ParcelShipped, onItsWay((*world).missParcel)) }},
	{"another attempt", 3, func(w *world) bool { return w.someParcel(orders.ParcelUndelivered, onItsWay((*world).shipParcel)) }},
	{"a buyer takes it after all", 1, func(w *world) bool { return w.someParcel(orders.ParcelUndelivered, comesTo(there)) }},
	{"nobody takes the parcel", 2, func(w *world) bool { return w.someParcel(orders.ParcelUndelivered, onItsWay((*world).turnParcel)) }},
	{"a buyer refuses the parcel", 1, func(w *world) bool { return w.someParcel(orders.ParcelShipped, onItsWay((*world).turnParcel)) }},
	{"a parcel comes back", 4, func(w *world) bool { return w.someParcel(orders.ParcelReturning, comesTo(home)) }},
	{"a parcel is lost", 1, func(w *world) bool { return w.someParcel(orders.ParcelShipped, comesTo(gone)) }},
	{"a parcel is lost on its way back", 1, func(w *world) bool { return w.someParcel(orders.ParcelReturning, comesTo(gone)) }},
	{"a seller cannot send", 1, func(w *world) bool { return w.someParcel(orders.ParcelNew, (*world).dropParcel) }},
	{"a seller cannot send what is packed", 1, func(w *world) bool { return w.someParcel(orders.ParcelPacked, (*world).dropParcel) }},
	{"a buyer wants money back", 6, (*world).someReturnWish},
	{"a return goes on", 16, (*world).someReturnStep},
	{"a seller gives money for peace", 1, func(w *world) bool { return w.someParcel(orders.ParcelDelivered, (*world).giveForPeace) }},
}

func (w *world) missParcel(by market.Actor, order market.ID, parcel orders.Parcel) {
	p := w.p
	w.spawn("miss "+w.short(parcel.ID), func(ctx context.Context) {
		_, _ = p.orders.MissDelivery(ctx, by, order, parcel.ID, "nobody there")
	})
}

func (w *world) turnParcel(by market.Actor, order market.ID, parcel orders.Parcel) {
	p := w.p
	w.spawn("turn around "+w.short(parcel.ID), func(ctx context.Context) {
		_, _ = p.orders.TurnAround(ctx, by, order, parcel.ID, "not wanted")
	})
}

func (w *world) bringBack(by market.Actor, order market.ID, parcel orders.Parcel) {
	p, unfit := w.p, w.someUnfit(parcel.Lines)
	w.spawn("back at the seller "+w.short(parcel.ID), func(ctx context.Context) {
		_, _ = p.orders.ComeBack(ctx, by, order, parcel.ID, unfit)
	})
}

func (w *world) someUnfit(lines []orders.Line) orders.Unfit {
	unfit := orders.Unfit{}
	for _, l := range lines {
		if l.Quantity > 0 {
			unfit[l.Variant] = w.rng.Int64N(l.Quantity + 1)
		}
	}
	return unfit
}

func (w *world) loseParcel(by market.Actor, order market.ID, parcel orders.Parcel) {
	p := w.p
	w.spawn("lose "+w.short(parcel.ID), func(ctx context.Context) { _, _ = p.orders.LoseParcel(ctx, by, order, parcel.ID, "burnt") })
}

func (w *world) dropParcel(by market.Actor, order market.ID, parcel orders.Parcel) {
	if w.onTheWay(parcel.ID) {
		return
	}
	w.withheld[parcel.ID] = true
	p := w.p
	w.spawn("give up "+w.short(parcel.ID), func(ctx context.Context) {
		_, err := p.orders.CancelParcel(ctx, by, order, parcel.ID, "", "rats")
		w.log("   giving up %s: %v", w.short(parcel.ID), err)
		if err != nil {
			delete(w.withheld, parcel.ID)
		}
	})
}

func (w *world) giveForPeace(by market.Actor, order market.ID, parcel orders.Parcel) {
	p, id := w.p, w.env.NewID()
	amount := 1 + market.VND(w.rng.Int64N(int64(parcel.Due())))
	w.spawn("give for peace "+w.short(parcel.ID), func(ctx context.Context) {
		_, err := p.orders.GiveGoodwill(ctx, by, order, parcel.ID, id, amount, orders.Word{Text: "sorry"})
		w.log("   giving %d for %s: %v", amount, w.short(parcel.ID), err)
	})
}

func (w *world) someReturnWish() bool {
	b, k := w.somePlaced()
	if k == nil || len(w.p.tasks) > maxTasks {
		return false
	}
	o := w.audit.orders[k.order]
	for _, p := range o.Parcels {
		if p.State == orders.ParcelDelivered && w.rng.IntN(2) == 0 {
			w.wish(b.actor, k, p)
			return true
		}
	}
	return false
}

func (w *world) wish(by market.Actor, k *basket, parcel orders.Parcel) {
	reasons := []orders.ReturnReason{orders.ReasonDamaged, orders.ReasonWrong, orders.ReasonWeight}
	wish := orders.ReturnWish{
		ID: w.env.NewID(), Parcel: parcel.ID, Reason: reasons[w.rng.IntN(len(reasons))], Keep: w.rng.IntN(3) == 0, Text: "bad",
	}
	for _, l := range parcel.Lines {
		line := orders.ReturnLine{Variant: l.Variant, Quantity: w.rng.Int64N(l.Quantity + 1)}
		if wish.Reason == orders.ReasonWeight {
			line = orders.ReturnLine{Variant: l.Variant, Grams: w.rng.Int64N(l.BaseAmount()/4 + 1)}
		}
		wish.Lines = append(wish.Lines, line)
	}
	p := w.p
	w.spawn("want back "+string(wish.Reason)+" "+w.short(parcel.ID), func(ctx context.Context) {
		for range 1 + w.rng.IntN(2) { // pressed twice
			_, _, err := p.orders.AskReturn(ctx, by, k.order, k.key, wish)
			w.log("   wanting back %s: %v", w.short(parcel.ID), err)
		}
	})
}

// someReturnStep lets one side take its turn in an open return.
func (w *world) someReturnStep() bool {
	steps := w.returnSteps()
	if len(steps) == 0 || len(w.p.tasks) > maxTasks {
		return false
	}
	steps[w.rng.IntN(len(steps))]()
	return true
}

// returnSteps are a step for each open return.
func (w *world) returnSteps() (all []func()) {
	for _, id := range slices.Sorted(maps.Keys(w.audit.orders)) {
		o := w.audit.orders[id]
		for _, r := range o.Returns {
			if r.State.Open() && r.State != orders.ReturnRefunding {
				all = append(all, func() { w.returnStep(o, r) })
			}
		}
	}
	return all
}

func (w *world) returnStep(o *orders.Order, r orders.Return) {
	buyer, by := market.Actor{Person: o.Buyer}, seller(r.Seller)
	judge := market.Actor{Person: "judge", Roles: []market.Role{market.RoleModerator}}
	word, rooms, die := orders.Word{Text: "so"}, w.p.orders, w.rng.IntN(6)
	unfit := orders.Unfit{}
	for _, l := range r.Lines {
		unfit[l.Variant] = w.rng.Int64N(l.Quantity + 1)
	}
	w.spawn("return "+w.short(r.ID)+" "+string(r.State), func(ctx context.Context) {
		var err error
		switch r.State {
		case orders.ReturnRequested:
			switch {
			case die == 0:
				_, err = rooms.WithdrawReturn(ctx, buyer, o.ID, r.ID, o.Key)
			case die < 3:
				_, err = rooms.RefuseReturn(ctx, by, o.ID, r.ID, word)
			default:
				_, err = rooms.AcceptReturn(ctx, by, o.ID, r.ID, die == 5, word)
			}
		case orders.ReturnAccepted:
			switch {
			case die == 0:
				_, err = rooms.PayReturn(ctx, by, o.ID, r.ID, word)
			case die == 1:
				_, err = rooms.ReceiveReturn(ctx, by, o.ID, r.ID, unfit, word)
			default:
				_, err = rooms.SendReturn(ctx, buyer, o.ID, r.ID, o.Key, orders.Shipment{Carrier: "bus"}, word)
			}
		case orders.ReturnRefused:
			_, err = rooms.DisputeReturn(ctx, buyer, o.ID, r.ID, o.Key, word)
		case orders.ReturnDisputed:
			amount := (r.Goods + r.Shipping) * market.VND(die) / 5
			_, err = rooms.DecideReturn(ctx, judge, o.ID, r.ID, orders.Verdict{Amount: amount, Back: die == 3 && len(r.Lines) > 0 && r.Reason != orders.ReasonWeight, Text: "so be it"})
		case orders.ReturnSent:
			if die == 0 {
				_, err = rooms.ContestReturn(ctx, by, o.ID, r.ID, word)
				break
			}
			_, err = rooms.ReceiveReturn(ctx, by, o.ID, r.ID, unfit, word)
		case orders.ReturnReceived:
			if die == 0 {
				_, err = rooms.ContestReturn(ctx, by, o.ID, r.ID, word)
				break
			}
			_, err = rooms.PayReturn(ctx, by, o.ID, r.ID, word)
		case orders.ReturnOwed:
			_, err = rooms.RetryReturn(ctx, by, o.ID, r.ID)
		}
		w.log("   return %s, %s: %v", w.short(r.ID), r.State, err)
	})
}
