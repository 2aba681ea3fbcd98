package salestest

import (
	"context"
	"maps"
	"slices"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// sellerMoves are what sellers and the operator do.
var sellerMoves = []move{
	{"a seller packs", 12, func(w *world) bool { return w.someParcel(orders.ParcelNew, (*world).packParcel) }},
	{"a seller ships", 10, func(w *world) bool { return w.someParcel(orders.ParcelPacked, (*world).shipParcel) }},
	{"a parcel arrives", 10, func(w *world) bool { return w.someParcel(orders.ParcelShipped, comesTo(there)) }},
	{"a seller sees a transfer", 8, (*world).someConfirm},
	{"a seller gives back by hand", 6, (*world).someByHand},
	{"goods come in", 2, (*world).someReceived},
	{"goods spoil", 2, (*world).someLost},
	{"the operator gives some money back", 1, (*world).someGoodwill},
}

func seller(id market.ID) market.Actor {
	return market.Actor{Person: "seller", Name: "Bán", Sellers: []market.ID{id}}
}

// someParcel draws a parcel in a state, as the seller's list shows it.
func (w *world) someParcel(state orders.ParcelState, do func(*world, market.Actor, market.ID, orders.Parcel)) bool {
	type one struct {
		order  market.ID
		parcel orders.Parcel
	}
	var some []one
	for _, id := range slices.Sorted(maps.Keys(w.audit.orders)) {
		for _, p := range w.audit.orders[id].Parcels {
			if p.State == state {
				some = append(some, one{id, p})
			}
		}
	}
	if len(some) == 0 || len(w.p.tasks) > maxTasks {
		return false
	}
	pick := some[w.rng.IntN(len(some))]
	do(w, seller(pick.parcel.Seller), pick.order, pick.parcel)
	return true
}

func (w *world) packParcel(by market.Actor, order market.ID, parcel orders.Parcel) {
	weights := orders.Weights{}
	for _, l := range parcel.Lines {
		if l.Weight != nil {
			short := w.rng.Int64N(l.Weight.Stated/10 + 1)
			weights[l.Variant] = l.Weight.Stated + l.Weight.Stated/100 - short
		}
	}
	p := w.p
	w.spawn("pack "+w.short(parcel.ID), func(ctx context.Context) {
		if _, err := p.orders.PackWeighed(ctx, by, order, parcel.ID, weights); err != nil {
			w.log("   packing %s: %v", w.short(parcel.ID), err)
		}
	})
}

func (w *world) shipParcel(by market.Actor, order market.ID, parcel orders.Parcel) {
	if parcel.State == orders.ParcelPacked && w.withheld[parcel.ID] || w.onTheWay(parcel.ID) {
		return
	}
	p := w.p
	if parcel.Carriage.Live() {
		w.handOver(by, order, parcel)
		return
	}
	w.withheld[parcel.ID] = true // it is on the coach
	w.spawn("ship "+w.short(parcel.ID), func(ctx context.Context) {
		_, _ = p.orders.Ship(ctx, by, order, parcel.ID, orders.Shipment{Carrier: "Xe khách", Tracking: "X"})
	})
}

// handOver gives the parcel to the carrier that was booked, if it is one that
// waits for it, and says so.
func (w *world) handOver(by market.Actor, order market.ID, parcel orders.Parcel) {
	mine := func(c *consignment) bool { return c.reference == parcel.Carriage.Reference && c.waits() }
	for _, c := range w.consigned(mine) {
		c.carrier.becomes(c, orders.CarrierPicked)
		p := w.p
		w.spawn("hand over "+w.short(parcel.ID), func(ctx context.Context) { _, _ = p.orders.HandOver(ctx, by, order, parcel.ID) })
	}
}

// deliverParcel hands the parcel over. What is due at the door is paid there,
// whether or not our process hears of it now.
func (w *world) deliverParcel(by market.Actor, order market.ID, parcel orders.Parcel) {
	if in := w.audit.intents[parcel.Payment]; in != nil && in.Method == orders.MethodCOD {
		w.bank.take(parcel.Payment, parcel.Due())
	}
	p := w.p
	w.spawn("deliver "+w.short(parcel.ID), func(ctx context.Context) {
		_, _ = p.orders.Deliver(ctx, by, order, parcel.ID)
	})
}

// someConfirm is a seller who finds a transfer on the account, maybe for the
// second time.
func (w *world) someConfirm() bool {
	if len(w.bank.order) == 0 || len(w.p.tasks) > maxTasks {
		return false
	}
	payment := w.bank.order[w.rng.IntN(len(w.bank.order))]
	in := w.audit.intents[payment]
	if in == nil || in.Method != orders.MethodVietQR || in.State.Paid() && !w.fault(5) {
		return false
	}
	w.confirm(in)
	return true
}

func (w *world) confirm(in *payments.Intent) {
	p, by := w.p, seller(in.Shares[0].Seller)
	w.spawn("confirm the transfer for "+w.short(in.ID), func(ctx context.Context) { _, _ = p.payments.Confirm(ctx, by, in.ID) })
}

// byHand lists refunds that sellers have to send themselves.
func (w *world) byHand() (all []func()) {
	for _, id := range slices.Sorted(maps.Keys(w.audit.intents)) {
		in := w.audit.intents[id]
		if in.Method != orders.MethodVietQR && in.Method != orders.MethodCOD {
			continue
		}
		for _, r := range in.Refunds {
			if r.State == payments.RefundPending {
				all = append(all, func() { w.sendBack(in, r) })
			}
		}
	}
	return all
}

func (w *world) sendBack(in *payments.Intent, r payments.Refund) {
	w.bank.backs[in.ID+":"+r.Key] = r.Amount
	p, by := w.p, seller(in.Shares[0].Seller)
	w.spawn("give back by hand "+w.short(in.ID), func(ctx context.Context) {
		_, _ = p.payments.ConfirmRefund(ctx, by, in.ID, r.Key)
	})
}

func (w *world) someByHand() bool {
	all := w.byHand()
	if len(all) == 0 || len(w.p.tasks) > maxTasks {
		return false
	}
	all[w.rng.IntN(len(all))]()
	return true
}

// harvest is why goods come in.
const harvest = "harvest"

func (w *world) someReceived() bool {
	g := w.base.goods[w.rng.IntN(len(w.base.goods))]
	p, n := w.p, int64(1+w.rng.IntN(5))
	w.spawn("receive", func(ctx context.Context) {
		_, _ = p.catalog.Receive(ctx, seller(g.seller), g.variant, n, harvest)
	})
	return true
}

func (w *world) someLost() bool {
	g := w.base.goods[w.rng.IntN(len(w.base.goods))]
	p, n := w.p, int64(1+w.rng.IntN(2))
	w.spawn("lose", func(ctx context.Context) {
		_, _ = p.catalog.Adjust(ctx, seller(g.seller), g.variant, n, "spoiled")
	})
	return true
}

// someGoodwill gives part of one seller's share back, once a payment.
func (w *world) someGoodwill() bool {
	for _, id := range slices.Sorted(maps.Keys(w.audit.intents)) {
		in := w.audit.intents[id]
		if in.State != payments.StateCaptured || w.rng.IntN(3) > 0 {
			continue
		}
		p, share := w.p, in.Shares[0]
		amount := max(share.Gross()/10, 1)
		w.spawn("goodwill for "+w.short(id), func(ctx context.Context) {
			_, _ = p.payments.RefundSeller(ctx, market.System, id, share.Seller, amount, "goodwill", "goodwill")
		})
		return true
	}
	return false
}
