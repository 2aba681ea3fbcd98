package salestest

import (
	"context"
	"slices"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// finish lets everybody end what was begun, without faults, then looks whether
// anything is left undone.
func (w *world) finish() {
	w.draw(1 << 30)
	w.calm = true
	if w.p.line.dead {
		w.log("our process starts again")
		if err := w.begin(); err != nil {
			w.fail("the process starts again", "%v", err)
			return
		}
	}
	w.p.line.left = 0
	for range maxCalmRounds {
		if w.failed != nil {
			return
		}
		w.settle()
		if w.quiet() {
			break
		}
		w.pass(calmStep)
	}
	w.atTheEnd()
}

// A calm world is given eight days, in steps of an hour and a half: longer than
// every deadline there is.
const (
	calmStep      = 90 * time.Minute
	maxCalmRounds = 128
)

// quiet reports whether nobody has anything left to do; holds remembered for
// returned goods may take a day longer.
func (w *world) quiet() bool {
	for _, o := range w.audit.orders {
		if o.State != orders.StateCompleted && o.State != orders.StateCancelled && o.State != orders.StateRefunded {
			return false
		}
		if slices.ContainsFunc(o.Returns, func(r orders.Return) bool { return r.State.Open() }) {
			return false
		}
	}
	for _, in := range w.audit.intents {
		if in.Due != nil {
			return false
		}
	}
	for _, k := range w.audit.stocks {
		if len(k.Holds) > 0 {
			return false
		}
	}
	return !w.letters() && w.carriersQuiet()
}

func (w *world) letters() bool {
	for _, a := range w.wallets {
		if len(a.letters) > 0 {
			return true
		}
	}
	return false
}

// settle does once what everybody does sooner or later.
func (w *world) settle() {
	w.run()
	w.carryOn()
	for i := range w.rounds() {
		w.round(i)
	}
	w.run()
	for _, a := range w.wallets {
		for _, s := range a.sessions {
			for len(s.asked) > 0 {
				a.settleAsked(s)
			}
		}
		for _, l := range a.letters {
			a.post(l)
		}
	}
	w.run()
	for _, payment := range w.bank.order {
		if in := w.audit.intents[payment]; in != nil && in.Method == orders.MethodVietQR && !in.State.Paid() {
			w.confirm(in)
		}
	}
	for _, do := range w.byHand() {
		do()
	}
	w.run()
	for _, do := range w.returnSteps() {
		do()
	}
	w.run()
	w.sendOff()
}

// sendOff lets sellers and carrier bring every parcel one step further.
func (w *world) sendOff() {
	for range w.audit.orders {
		moved := w.someParcel(orders.ParcelShipped, comesTo(there))
		moved = w.someParcel(orders.ParcelReturning, comesTo(home)) || moved
		moved = w.someParcel(orders.ParcelUndelivered, comesTo(home)) || moved
		moved = w.someParcel(orders.ParcelPacked, (*world).shipParcel) || moved
		moved = w.someParcel(orders.ParcelNew, (*world).packParcel) || moved
		w.run()
		if !moved || w.failed != nil {
			return
		}
	}
}

// run lets all tasks end and the relay deliver until nothing moves.
func (w *world) run() {
	for w.failed == nil {
		for len(w.p.tasks) > 0 && w.failed == nil {
			w.goOn(w.p.tasks[0])
		}
		next, done := w.outbox()
		if len(done) > 0 {
			w.forgetDelivered(done)
			continue
		}
		if !w.deliverFirst(next) {
			return
		}
	}
}

// deliverFirst delivers what has not been refused since time last passed.
func (w *world) deliverFirst(next []offer) bool {
	for _, o := range next {
		d := delivery{o.consumer.Name, o.event.ID}
		if w.refusedAt[d].Equal(w.now) {
			continue
		}
		w.deliver(o)
		if w.refusals[d] != nil {
			w.refusedAt[d] = w.now
		}
		w.audit.step()
		return true
	}
	return false
}

// atTheEnd holds the world against what a market promises in the end.
func (w *world) atTheEnd() {
	for _, check := range []func(){
		w.allHeard, w.noOrderStuck, w.budgetsAreWhatOrdersUsed, w.noPaymentStuck, w.noHoldStranded, w.goodsAreWhereOrdersSay,
		w.oneOrderPerCart, w.moneyIsWhereOthersSay, w.parcelsAreWhereCarriersSay, w.cashIsWhereCarriersSay, w.paidIsServedOrPaidBack, w.booksClose,
	} {
		if w.failed == nil {
			check()
		}
	}
	if w.failed == nil {
		w.audit.check()
	}
}

// allHeard: every event was consumed, every notice accepted.
func (w *world) allHeard() {
	next, done := w.outbox()
	for _, o := range next {
		w.fail("every event is consumed", "%s of %s by %s: %v", o.event.Type, o.event.Subject, o.consumer.Name, w.refusals[delivery{o.consumer.Name, o.event.ID}])
	}
	if len(done) > 0 {
		w.fail("every event is consumed", "%d are not forgotten", len(done))
	}
	for _, a := range w.wallets {
		for _, l := range a.letters {
			w.fail("every notice is accepted", "%s %s of %d for %s: %v", l.notice.Type, l.notice.Transaction, l.notice.Amount, l.notice.Payment, l.last)
		}
	}
}

func (w *world) noOrderStuck() {
	for _, o := range w.audit.orders {
		switch o.State {
		case orders.StateCompleted, orders.StateCancelled, orders.StateRefunded:
		default:
			w.fail("no order is stuck", "%s", describe(o))
		}
		for _, r := range o.Returns {
			if r.State.Open() {
				w.fail("no return is stuck", "%s of %s", r.State, describe(o))
			}
		}
	}
}

func (w *world) noPaymentStuck() {
	for _, in := range w.audit.intents {
		if in.State.Open() || in.Due != nil {
			w.fail("no payment is stuck", "%s by %s is %s, due %v", in.ID, in.Method, in.State, in.Due)
		}
		for _, r := range in.Refunds {
			if r.Open() {
				w.fail("no refund is stuck", "%s: %+v", in.ID, r)
			}
		}
	}
}

func (w *world) noHoldStranded() {
	for _, k := range w.audit.stocks {
		if k.Held != 0 || len(k.Holds) > 0 {
			w.fail("no hold is stranded", "%s: %d held, %+v", k.ID, k.Held, k.Holds)
		}
	}
}

// goodsAreWhereOrdersSay: what the shelf says is sold is what orders have sent.
func (w *world) goodsAreWhereOrdersSay() {
	sold := map[market.ID]int64{}
	for _, o := range w.audit.orders {
		if o.State != orders.StateCompleted {
			continue
		}
		for _, p := range o.Parcels {
			for _, l := range p.Lines {
				sold[l.Variant] += l.Quantity - l.Returned - l.Lost
			}
		}
	}
	for id, k := range w.audit.stocks {
		if k.Sold != sold[id] {
			w.fail("sold is what was sent", "%s: %d sold, %d sent", id, k.Sold, sold[id])
		}
	}
}

func (w *world) oneOrderPerCart() {
	carts := map[market.ID]market.ID{}
	for id, o := range w.audit.orders {
		if other := carts[o.Cart]; other != "" {
			w.fail("one cart is one order", "%s and %s", id, other)
		}
		carts[o.Cart] = id
	}
	for _, in := range w.audit.intents {
		o := w.audit.orders[in.Order]
		if o == nil || !pays(o, in.ID) {
			w.fail("a payment is of an order", "%s by %s of %s", in.ID, in.Method, in.Order)
		}
	}
}

func pays(o *orders.Order, payment market.ID) bool {
	for _, a := range o.Asks {
		if a.ID == payment {
			return true
		}
	}
	for _, p := range o.Parcels {
		if p.Payment == payment {
			return true
		}
	}
	return false
}

// moneyIsWhereOthersSay compares payments with the truth of those who have the
// money (ledger 9: clearing = what the provider reports).
func (w *world) moneyIsWhereOthersSay() {
	for _, a := range w.wallets {
		var theirs market.VND
		for _, s := range a.sessions {
			w.agree(s.payment, sum(s.captures), sum(s.refunds))
			theirs += sum(s.captures) - sum(s.refunds)
		}
		if ours := w.audit.books[payments.Clearing(a.name)]; ours != -theirs {
			w.fail("ledger 9: clearing = the provider's report", "%s has %d, the ledger says %d", a.name, theirs, -ours)
		}
	}
	for payment, amount := range w.bank.transfers {
		var back market.VND
		in := w.audit.intents[payment]
		if in == nil {
			w.fail("no money is unknown", "%d for %s", amount, payment)
			return
		}
		for _, r := range in.Refunds {
			back += w.bank.backs[payment+":"+r.Key]
		}
		w.agree(payment, amount, back)
	}
}

func (w *world) agree(payment market.ID, came, back market.VND) {
	in := w.audit.intents[payment]
	switch {
	case in == nil:
		w.fail("no money is unknown", "payment %s: %d came", payment, came)
	case in.Captured != came || in.Refunded != back:
		w.fail("money is where others say", "payment %s (%s): %d came and %d went back; we have %d and %d", payment, in.State, came, back, in.Captured, in.Refunded)
	}
}

// paidIsServedOrPaidBack: whoever paid has the goods, for what they cost, or
// the money back.
func (w *world) paidIsServedOrPaidBack() {
	paid, gifts := map[market.ID]market.VND{}, map[market.ID]market.VND{}
	for _, in := range w.audit.intents {
		paid[in.Order] += in.Captured - in.Refunded
		gifts[in.Order] += given(in)
	}
	for id, o := range w.audit.orders {
		most := kept(o)
		least := max(0, most-gifts[id])
		if paid[id] < least || paid[id] > most {
			w.fail("who paid has the goods or the money back", "%s: %d paid, %d due, %d given", describe(o), paid[id], most, gifts[id])
		}
	}
}

// kept is what the buyer's goods cost: what arrived, less what went back for
// returns of it.
func kept(o *orders.Order) (total market.VND) {
	if o.State != orders.StateCompleted {
		return 0
	}
	for _, p := range o.Parcels {
		if p.State == orders.ParcelDelivered {
			total += p.Due()
		}
	}
	for _, r := range o.Returns {
		total -= r.Refunded
	}
	return total
}

// given is what was given back beside what the goods cost: goodwill, and what
// a wallet gave back by itself, be it that ours of a surplus then came on top.
func given(in *payments.Intent) (total market.VND) {
	for _, r := range in.Refunds {
		if r.State == payments.RefundDone && !r.Surplus && slices.Contains([]string{"goodwill", "provider", "surplus"}, r.Reason) {
			total += r.Amount - r.Over
		}
	}
	return total
}

// booksClose: every movement is in the ledger once, and the balances that the
// market tells are the fold of its entries.
func (w *world) booksClose() {
	for _, in := range w.audit.intents {
		want := len(in.Captures)
		for _, r := range in.Refunds {
			if r.State == payments.RefundDone {
				want++
			}
		}
		if got := len(w.audit.posted(in)); got != want {
			w.fail("every movement is in the ledger", "%s: %d movements, %d entries", in.ID, want, got)
		}
	}
	told, err := w.p.payments.Balances(context.Background())
	if err != nil {
		w.fail("ledger 3: balances = fold of entries", "%v", err)
	}
	for account, balance := range w.audit.books {
		if told[account] != balance {
			w.fail("ledger 3: balances = fold of entries", "%s: told %d, entries %d", account, told[account], balance)
		}
	}
	if claims := w.audit.books[payments.BuyerClaims]; claims != 0 {
		w.fail("nobody is owed what was paid twice", "%d", claims)
	}
}
