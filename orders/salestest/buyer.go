package salestest

import (
	"context"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// buyer is somebody with carts; the last one stands for all guests.
type buyer struct {
	actor   market.Actor
	baskets []*basket
}

// basket is a cart as its buyer knows it.
type basket struct {
	cart   market.ID
	method string
	tries  int
	order  market.ID // known once we have answered
	key    string
	step   payments.Step
	total  market.VND
	placed time.Time
	paid   bool
}

// buyerMoves are what buyers do.
var buyerMoves = []move{
	{"a buyer fills a cart", 9, (*world).someCart},
	{"a buyer checks out", 16, (*world).someCheckout},
	{"a buyer comes back from the wallet", 5, (*world).someReturn},
	{"a buyer cancels", 3, (*world).someCancel},
	{"a buyer has the parcel", 1, (*world).someReceipt},
}

// methods are drawn from; some come more often.
var methods = []string{"wallet", "wallet", "wallet", "purse", orders.MethodVietQR, orders.MethodCOD, orders.MethodCOD}

const maxBaskets = 4 // of one buyer

func (w *world) someBuyer() *buyer { return w.buyers[w.rng.IntN(len(w.buyers))] }

func (w *world) someCart() bool {
	b := w.someBuyer()
	if len(b.baskets) >= maxBaskets || len(w.p.tasks) > maxTasks {
		return false
	}
	k := &basket{method: methods[w.rng.IntN(len(methods))]}
	wishes := map[market.ID]int64{}
	var order []market.ID
	for range 1 + w.rng.IntN(3) {
		g := w.base.goods[w.rng.IntN(len(w.base.goods))]
		if k.method == orders.MethodVietQR && len(order) > 0 {
			break // one seller
		}
		if wishes[g.variant] == 0 {
			order = append(order, g.variant)
		}
		wishes[g.variant] = int64(1 + w.rng.IntN(3))
	}
	touch, typed := w.someTouch(), w.someCodes()
	b.baskets = append(b.baskets, k)
	w.spawn("fill a cart", func(ctx context.Context) { w.fill(ctx, b, k, order, wishes, touch, typed) })
	return true
}

// someTouch is the link that led to the goods, if one did.
func (w *world) someTouch() *orders.Touch {
	channels := []string{"livestream", "social", "", ""}
	channel := channels[w.rng.IntN(len(channels))]
	if channel == "" {
		return nil
	}
	return &orders.Touch{Link: "link", Channel: channel, At: w.now}
}

func (w *world) fill(ctx context.Context, b *buyer, k *basket, order []market.ID, wishes map[market.ID]int64, touch *orders.Touch, typed []string) {
	p := w.p
	c, err := p.orders.NewCart(ctx, b.actor)
	if err != nil {
		return
	}
	for _, variant := range order {
		if _, err := p.orders.SetLine(ctx, b.actor, c.ID, variant, wishes[variant], touch); err != nil {
			return
		}
	}
	if len(typed) > 0 {
		if _, err := p.orders.SetCodes(ctx, b.actor, c.ID, typed); err != nil {
			return
		}
	}
	k.cart = c.ID
}

func (w *world) someCheckout() bool {
	b := w.someBuyer()
	if len(b.baskets) == 0 || len(w.p.tasks) > maxTasks {
		return false
	}
	k := b.baskets[w.rng.IntN(len(b.baskets))]
	if k.cart == "" || k.order != "" && w.rng.IntN(4) > 0 || k.tries > 6 {
		return false
	}
	w.checkout(b, k)
	if w.fault(5) {
		w.checkout(b, k) // pressed twice
	}
	return true
}

func (w *world) checkout(b *buyer, k *basket) {
	k.tries++
	p := w.p
	w.spawn("check out by "+k.method, func(ctx context.Context) {
		o, step, err := p.orders.Place(ctx, b.actor, orders.Checkout{
			Cart: k.cart, Method: k.method, Adult: true, BaseURL: "https://cho.test", Address: address(k),
		})
		w.answered(k, o, step, err)
	})
}

func address(k *basket) market.Address {
	a := market.Address{Name: "Nguyễn Thị Mua", Phone: "0905 111 222", Province: "01", Ward: "00004", Street: "12 Đội Cấn"}
	if k.tries%2 == 0 {
		a.Province, a.Ward = market.HueProvince, "19753"
	}
	return a
}

// answered is what the buyer sees after checking out.
func (w *world) answered(k *basket, o *orders.Order, step payments.Step, err error) {
	if o == nil || err != nil {
		w.log("   the checkout fails: %v", err)
		return
	}
	w.log("   the buyer has order %s of %d", w.short(o.ID), o.Total)
	if k.order != "" && k.order != o.ID {
		w.fail("one cart is one order", "%s, then %s", k.order, o.ID)
	}
	k.order, k.key, k.total, k.placed = o.ID, o.Key, o.Total, o.PlacedAt
	if step.Kind != "" {
		k.step = step
	}
	for _, a := range w.wallets {
		if s := a.session(o.ID); s != nil && step.Kind == payments.StepRedirect {
			s.handed = true
		}
	}
}

// somePlaced draws a basket that became an order.
func (w *world) somePlaced() (*buyer, *basket) {
	b := w.someBuyer()
	for range 3 {
		if len(b.baskets) == 0 {
			return b, nil
		}
		if k := b.baskets[w.rng.IntN(len(b.baskets))]; k.order != "" {
			return b, k
		}
	}
	return b, nil
}

func (w *world) someReturn() bool {
	_, k := w.somePlaced()
	if k == nil || len(w.p.tasks) > maxTasks {
		return false
	}
	p := w.p
	w.spawn("return page of "+w.short(k.order), func(ctx context.Context) { _, _ = p.payments.Sync(ctx, k.order) })
	return true
}

func (w *world) someCancel() bool {
	b, k := w.somePlaced()
	if k == nil || len(w.p.tasks) > maxTasks {
		return false
	}
	p := w.p
	w.spawn("cancel "+w.short(k.order), func(ctx context.Context) {
		_, err := p.orders.Cancel(ctx, b.actor, k.order, k.key, "changed my mind")
		w.log("   cancelling %s: %v", w.short(k.order), err)
	})
	return true
}

func (w *world) someReceipt() bool {
	b, k := w.somePlaced()
	if k == nil || b.actor.Person == "" {
		return false
	}
	o := w.audit.orders[k.order]
	if o == nil {
		return false
	}
	for _, parcel := range o.Parcels {
		if parcel.State == orders.ParcelShipped {
			comesTo(there)(w, b.actor, o.ID, parcel)
			return true
		}
	}
	return false
}
