package salestest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store"
)

// audit sees every write and holds it against the rules. It keeps what was
// written, so that each rule looks only at what has changed, and adds up money
// and goods in its own way, not the rooms'.
type audit struct {
	w        *world
	orders   map[market.ID]*orders.Order
	intents  map[market.ID]*payments.Intent
	stocks   map[market.ID]*catalog.Stock
	vouchers map[market.ID]*orders.Voucher
	ledger   map[market.ID]*payments.Transaction
	books    map[payments.Account]market.VND // fold of the ledger
	news     []market.Event                  // of the write that is looked at
	changed  bool                            // books or payments, since the last look
}

func newAudit(w *world) *audit {
	return &audit{
		w: w, orders: map[market.ID]*orders.Order{}, intents: map[market.ID]*payments.Intent{},
		stocks: map[market.ID]*catalog.Stock{}, ledger: map[market.ID]*payments.Transaction{}, vouchers: map[market.ID]*orders.Voucher{},
		books: map[payments.Account]market.VND{},
	}
}

// wrote is called with every write, at once.
func (a *audit) wrote(collection string, old bson.Raw, next store.Write) {
	switch collection {
	case "stocks":
		keep(a, a.stocks, next.Body, a.stock)
	case "orders":
		a.news = next.Events
		keep(a, a.orders, next.Body, a.order)
	case "payments":
		a.changed = true
		keep(a, a.intents, next.Body, a.intent)
	case "vouchers":
		keep(a, a.vouchers, next.Body, a.voucher)
	case "payment_ledger":
		a.changed = true
		keep(a, a.ledger, next.Body, a.entry)
	case "facts":
		if old != nil {
			a.w.fail("facts are never changed", "%s", next.Body)
		}
	}
	for _, e := range next.Events {
		a.w.log("   %s of %s", e.Type, a.w.short(e.Subject))
	}
}

// keep decodes what was written and shows it to its rule beside what was there.
func keep[T any](a *audit, all map[market.ID]*T, body bson.Raw, rule func(id market.ID, old, now *T)) {
	id := market.ID(body.Lookup("_id").StringValue())
	now := new(T)
	if err := bson.Unmarshal(body, now); err != nil {
		a.w.fail("documents can be read", "%v", err)
		return
	}
	rule(id, all[id], now)
	all[id] = now
}

// stock: every unit is in one place, nothing is sold that is not there, and
// what was sold comes back only as a return.
func (a *audit) stock(id market.ID, old, now *catalog.Stock) {
	if n := len(now.Moves); old != nil && now.Received > old.Received && (n == 0 || now.Moves[n-1].Reason != harvest) {
		a.w.fail("what is received was brought", "%s: %d, then %d", id, old.Received, now.Received)
	}
	if err := now.Check(); err != nil {
		a.w.fail("stock: available + held + sold + lost = received", "%v", err)
	}
	seen := map[market.ID]bool{}
	for _, h := range now.Holds {
		if seen[h.Order] {
			a.w.fail("stock: one hold per order", "%s of %s", h.Order, id)
		}
		if h.Returned > h.Quantity {
			a.w.fail("stock: no more comes back than was sold", "%s of %s", h.Order, id)
		}
		seen[h.Order] = true
	}
}

func (a *audit) order(id market.ID, old, now *orders.Order) {
	if old != nil && !walks(orders.OrderSteps, old.State, now.State, a.news, orderStates) {
		a.w.fail("an order moves by its table", "%s from %s to %s", id, old.State, now.State)
	}
	var goods, shipping, subsidy market.VND
	for i, p := range now.Parcels {
		goods, shipping, subsidy = goods+p.Goods, shipping+p.Shipping, subsidy+p.Subsidy+p.ShippingSubsidy
		a.parcel(p)
		if old == nil || i >= len(old.Parcels) {
			continue
		}
		if was := old.Parcels[i]; !walks(orders.ParcelSteps, was.State, p.State, a.news, parcelStates) {
			a.w.fail("a parcel moves by its table", "%s from %s to %s", p.ID, was.State, p.State)
		}
	}
	if goods != now.Goods || shipping != now.Shipping || subsidy != now.Subsidy || goods+shipping-subsidy != now.Total {
		a.w.fail("an order costs what its parcels cost", "%s: %d + %d - %d = %d, parcels %d + %d - %d", id, now.Goods, now.Shipping, now.Subsidy, now.Total, goods, shipping, subsidy)
	}
}

func (a *audit) parcel(p orders.Parcel) {
	var goods market.VND
	for _, l := range p.Lines {
		goods += l.Amount
	}
	if goods != p.Goods || p.Fee < 0 || p.Fee > p.Goods {
		a.w.fail("a parcel costs what its lines cost", "%s: %d, lines %d, fee %d", p.ID, p.Goods, goods, p.Fee)
	}
}

// intent: nothing that came or went is forgotten or counted twice, and no more
// goes back than came.
func (a *audit) intent(id market.ID, old, now *payments.Intent) {
	if old != nil && old.State != now.State && !old.State.May(now.State) {
		a.w.fail("a payment moves by its table", "%s from %s to %s", id, old.State, now.State)
	}
	var came, back, pending market.VND
	names := map[string]bool{}
	once := func(name string) {
		if names[name] {
			a.w.fail("ledger 5: a movement counts once", "%s of %s", name, id)
		}
		names[name] = true
	}
	for _, c := range now.Captures {
		came += c.Amount
		once("capture " + c.Transaction)
	}
	for _, r := range now.Refunds {
		once("refund " + string(r.Key))
		switch r.State {
		case payments.RefundDone:
			back += r.Amount
			once("refund transaction " + r.Transaction)
		case payments.RefundPending:
			pending += r.Amount
		}
	}
	if came != now.Captured || back != now.Refunded {
		a.w.fail("a payment's sums are its movements", "%s: %d captured, %d refunded; movements %d and %d", id, now.Captured, now.Refunded, came, back)
	}
	if back+pending > came {
		a.w.fail("ledger 7: captured ≥ refunded", "%s: %d captured, %d refunded, %d pending", id, came, back, pending)
	}
}

// entry: a transaction is balanced by its form (each posting leaves one account
// and enters another); it may be posted for a movement that its payment has.
func (a *audit) entry(id market.ID, old, now *payments.Transaction) {
	if old != nil {
		a.sealed(old, now)
		return
	}
	for _, p := range now.Postings {
		if p.Amount <= 0 || p.From == p.To {
			a.w.fail("ledger 1: debits = credits", "%s: %+v", id, p)
		}
		a.books[p.From] -= p.Amount
		a.books[p.To] += p.Amount
	}
}

// sealed: all that ever changes in an entry is that it gets its place in the
// chain, once.
func (a *audit) sealed(old, now *payments.Transaction) {
	same := old.Kind == now.Kind && old.Ref == now.Ref && slices.Equal(old.Postings, now.Postings) && old.At.Equal(now.At)
	if !same || old.Block != math.MaxInt64 && old.Block != now.Block {
		a.w.fail("ledger 4: entries are never changed", "%+v became %+v", old, now)
	}
}

// step looks at what must hold between any two steps.
func (a *audit) step() {
	if !a.changed || a.w.failed != nil {
		return
	}
	a.changed = false
	var total market.VND
	for _, balance := range a.books {
		total += balance
	}
	if total != 0 {
		a.w.fail("ledger 2: all accounts sum to zero", "%d", total)
	}
	a.payables()
}

// check asks for the market's own proof of its books. It names what has waited
// for more than an hour, so it is asked only when everybody has had their turn.
func (a *audit) check() {
	if err := a.w.p.payments.Check(context.Background()); err != nil {
		a.w.fail("the market's own proof of its books", "%v", err)
	}
}

// payables: what the ledger owes each seller is what the payments say that
// have been posted: sales less fees less refunds plus fees given back.
func (a *audit) payables() {
	want := map[payments.Account]market.VND{}
	for _, in := range a.intents {
		a.owed(in, want)
	}
	a.remitted(want)
	for account, balance := range a.books {
		if strings.HasPrefix(string(account), "seller:") && balance != want[account] {
			a.w.fail("ledger 8: payable = sales − fees − refunds", "%s: %d, by the payments %d", account, balance, want[account])
		}
	}
}

func (a *audit) owed(in *payments.Intent, want map[payments.Account]market.VND) {
	ours := market.VND(1)
	if in.Payee != nil {
		ours = 0 // the seller has the money already
	}
	if a.ledger[market.ID("capture:"+in.ID)] != nil {
		for _, s := range in.Shares {
			want[payments.Payable(s.Seller)] += ours*s.Gross() + s.Subsidy - s.Fee
		}
	}
	for _, c := range in.Carriages {
		if a.ledger[market.ID("carriage:"+c.Parcel)] != nil {
			want[payments.Payable(c.Seller)] -= c.Fee
		}
	}
	if in.Method == orders.MethodCOD {
		ours = 0 // the seller gives cash back by hand
	}
	for _, r := range in.Refunds {
		if a.ledger["refund:"+in.ID+":"+r.Key] == nil {
			continue
		}
		for _, p := range r.Parts {
			want[payments.Payable(p.Seller)] += p.Fee - p.Subsidy - ours*p.Gross
		}
	}
}

// remitted takes off what carriers have paid sellers of buyers' cash.
func (a *audit) remitted(want map[payments.Account]market.VND) {
	for _, c := range a.w.consigned(func(c *consignment) bool { return c.paid }) {
		in := a.intents[a.w.paymentOf(c.parcel())]
		if in != nil && a.ledger[market.ID("remitted:"+c.carrier.name+":"+string(in.ID))] != nil {
			want[payments.Payable(in.Shares[0].Seller)] -= c.cash - c.fee
		}
	}
}

// posted lists the ledger's entries of money that came from or went to the payer
// of one payment.
func (a *audit) posted(in *payments.Intent) (all []*payments.Transaction) {
	for _, t := range a.ledger {
		if t.Ref == string(in.ID) && t.Kind != payments.KindCarriage && t.Kind != payments.KindRemitted {
			all = append(all, t)
		}
	}
	return all
}

func describe(o *orders.Order) string {
	var parcels []string
	for _, p := range o.Parcels {
		parcels = append(parcels, string(p.State))
	}
	slices.Sort(parcels)
	return fmt.Sprintf("order %s by %s is %s (%s), parcels %v", o.ID, o.Method, o.State, o.Reason, parcels)
}
