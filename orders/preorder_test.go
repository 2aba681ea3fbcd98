package orders_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// orchard is a shop with a crop of thanh trà that can be reserved: 100 trays
// are expected, 80 may be promised, for a fifth of 45.000 ₫ each.
type orchard struct {
	*shop

	seller  market.ID
	farmer  market.Actor
	variant market.ID
	harvest *catalog.Harvest
}

func newOrchard(t *testing.T) *orchard {
	t.Helper()
	s := newShop(t)
	o := &orchard{shop: s, seller: s.seller("HTX Thủy Biều")}
	o.farmer = market.Actor{Person: "farmer", Sellers: []market.ID{o.seller}}
	o.variant = s.product(o.seller, "Thanh trà", 45_000, 3)
	o.declare(100)
	return o
}

func (o *orchard) declare(yield int64) {
	o.t.Helper()
	p, err := o.catalog.ByVariant(o.ctx, o.variant)
	o.must(err)
	o.harvest, err = o.catalog.DeclareHarvest(o.ctx, o.farmer, catalog.HarvestDraft{
		Product: p.ID, Variant: o.variant, From: o.now.AddDate(0, 2, 0), To: o.now.AddDate(0, 3, 0), Closes: o.now.AddDate(0, 1, 0),
		Yield: yield, Deposit: 2000,
	})
	o.must(err)
}

func person(name string) market.Actor { return market.Actor{Person: market.ID(name)} }

func (o *orchard) wish(quantity int64, method string) orders.Reserving {
	return orders.Reserving{
		ID: o.env.NewID(), Harvest: o.harvest.ID, Quantity: quantity, Method: method, Address: checkout("", "").Address, BaseURL: "https://cho.test",
	}
}

func (o *orchard) reserve(who string, quantity int64) *orders.Preorder {
	o.t.Helper()
	p, step, err := o.orders.Reserve(o.ctx, person(who), o.wish(quantity, "wallet"))
	o.must(err)
	if step.Kind != payments.StepRedirect {
		o.t.Fatalf("no way to pay the deposit: %+v", step)
	}
	return p
}

// pays plays the wallet's word that a payment was made.
func (o *orchard) pays(id market.ID, amount market.VND) {
	o.t.Helper()
	_, err := o.payments.Notice(o.ctx, "wallet", payments.Raw{Body: fmt.Appendf(nil, "%s capture %d", id, amount)})
	o.must(err)
}

func (o *orchard) deposits(who string, quantity int64) *orders.Preorder {
	o.t.Helper()
	p := o.reserve(who, quantity)
	o.pays(p.DepositID(), p.Deposit)
	o.drain()
	return o.preorder(p)
}

func (o *orchard) preorder(p *orders.Preorder) *orders.Preorder {
	o.t.Helper()
	p, err := o.orders.Preorder(o.ctx, market.System, p.ID)
	o.must(err)
	return p
}

func (o *orchard) wantState(p *orders.Preorder, state orders.PreorderState, reason string) *orders.Preorder {
	o.t.Helper()
	p = o.preorder(p)
	if p.State != state || p.Reason != reason {
		o.t.Fatalf("pre-order of %s is %s %q, want %s %q", p.Buyer, p.State, p.Reason, state, reason)
	}
	return p
}

func (o *orchard) payBalance(p *orders.Preorder) {
	o.t.Helper()
	p, _, err := o.orders.PayBalance(o.ctx, market.Actor{Person: p.Buyer}, p.ID, "wallet", "https://cho.test")
	o.must(err)
	o.pays(p.Open(), p.Rest())
	o.drain()
}

// paid is what the buyer has given and not got back.
func (o *orchard) paid(p *orders.Preorder) market.VND {
	o.t.Helper()
	sum := market.VND(0)
	found, err := o.payments.OfOrder(o.ctx, p.ID)
	o.must(err)
	for _, in := range found {
		sum += in.Captured - in.Refunded
	}
	return sum
}

func (o *orchard) wantPaid(p *orders.Preorder, want market.VND) {
	o.t.Helper()
	if got := o.paid(p); got != want {
		o.t.Fatalf("%s has paid %d ₫ in all, want %d", p.Buyer, got, want)
	}
}

func TestPreorderFromReservationToDelivery(t *testing.T) {
	o := newOrchard(t)
	lan, minh, hoa := o.deposits("lan", 50), o.deposits("minh", 20), o.deposits("hoa", 10)
	o.wantState(lan, orders.PreorderDeposited, "")
	o.wantPaid(lan, 450_000)
	_, _, err := o.orders.Reserve(o.ctx, person("late"), o.wish(1, "wallet"))
	wantKey(t, err, "harvest.short")

	o.now = o.now.AddDate(0, 2, 5)
	_, err = o.catalog.AllocateHarvest(o.ctx, o.farmer, o.harvest.ID, 41) // exact shares: 25.625, 10.25 and 5.125
	o.must(err)
	o.drain()
	lan, minh = o.wantState(lan, orders.PreorderDue, ""), o.wantState(minh, orders.PreorderDue, "")
	hoa = o.wantState(hoa, orders.PreorderDue, "")
	if lan.Share != 26 || minh.Share != 10 || hoa.Share != 5 || lan.Credit != 234_000 || lan.Goods() != 26*45_000 {
		t.Fatalf("shares %d, %d, %d; lan's credit %d, goods %d", lan.Share, minh.Share, hoa.Share, lan.Credit, lan.Goods())
	}
	o.wantPaid(lan, 234_000) // the deposit on 24 units is back
	if k := o.stock(o.variant); k.Held != 41 || k.Available != 3 {
		t.Fatalf("%d set aside, %d on sale; want 41 and the 3 of before", k.Held, k.Available)
	}

	o.payBalance(lan)
	o.wantState(lan, orders.PreorderOrdered, "")
	o.wantPaid(lan, lan.Total())
	order := o.order(lan.ID)
	line := order.Parcels[0].Lines[0]
	if order.State != orders.StateConfirmed || order.Parcels[0].State != orders.ParcelNew || order.Prepaid != 234_000 || order.Total != lan.Total() {
		t.Fatalf("order %s, parcel %s, prepaid %d of %d", order.State, order.Parcels[0].State, order.Prepaid, order.Total)
	}
	if line.Channel() != orders.ChannelPreorder || line.Quantity != 26 || len(line.Lots) != 1 || line.Lots[0].Lot != o.harvest.ID {
		t.Fatalf("line by %s, %d units of %+v", line.Channel(), line.Quantity, line.Lots)
	}
	o.fulfil(order, o.seller)
	if got := o.order(lan.ID).State; got != orders.StateCompleted {
		t.Errorf("delivered order is %s", got)
	}
	o.forfeit(minh, hoa)
}

// forfeit lets the balance of two buyers fall due: one pays at the last moment.
func (o *orchard) forfeit(minh, hoa *orders.Preorder) {
	o.t.Helper()
	o.now = minh.DueAt.Add(-time.Second)
	hoa, _, err := o.orders.PayBalance(o.ctx, person("hoa"), hoa.ID, "wallet", "")
	o.must(err)
	o.now = minh.DueAt.Add(time.Minute)
	o.round()
	o.wantState(minh, orders.PreorderForfeited, orders.EndBalance)
	o.wantPaid(minh, minh.Credit)
	o.wantState(hoa, orders.PreorderDue, "") // she is at the wallet
	_, _, err = o.orders.PayBalance(o.ctx, person("minh"), minh.ID, "wallet", "")
	wantKey(o.t, err, "preorder.not_due")
	o.pays(hoa.Open(), hoa.Rest())
	o.drain()
	o.wantState(hoa, orders.PreorderOrdered, "")
	if k := o.stock(o.variant); k.Held != 0 || k.Available != 3+10 || k.Sold != 31 {
		o.t.Fatalf("held %d, available %d, sold %d", k.Held, k.Available, k.Sold)
	}
}

// round is what workers do from time to time.
func (o *orchard) round() {
	o.t.Helper()
	_, err := o.orders.FinishPreorders(o.ctx)
	o.must(err)
	_, err = o.payments.Reconcile(o.ctx)
	o.must(err)
	o.drain()
}

func wantKey(t testing.TB, err error, key string) {
	t.Helper()
	var e *market.Error
	if !errors.As(err, &e) || e.Key != key && (len(e.Many) == 0 || e.Many[0].Key != key) {
		t.Fatalf("error %v, want %s", err, key)
	}
}

func TestStormGivesEveryDepositBack(t *testing.T) {
	o := newOrchard(t)
	lan, minh := o.deposits("lan", 30), o.deposits("minh", 7)
	waiting := o.reserve("hoa", 3)
	_, err := o.catalog.CancelHarvest(o.ctx, o.farmer, o.harvest.ID, "Bão số 12 làm gãy vườn")
	o.must(err)
	o.drain()
	for _, p := range []*orders.Preorder{lan, minh} {
		p = o.wantState(p, orders.PreorderRefunded, orders.EndStorm)
		o.wantPaid(p, 0)
		if last := p.History[len(p.History)-3]; last.What != catalog.EventHarvestCancelled || last.Text != "Bão số 12 làm gãy vườn" {
			t.Errorf("the buyer reads %+v", p.History)
		}
	}
	o.pays(waiting.DepositID(), waiting.Deposit) // the wallet was slower than the storm
	o.drain()
	o.wantPaid(o.wantState(waiting, orders.PreorderRefunded, orders.EndLate), 0)
}

func TestBuyerWithdraws(t *testing.T) {
	o := newOrchard(t)
	lan, minh, hoa := o.deposits("lan", 30), o.deposits("minh", 7), o.reserve("hoa", 3)
	for _, p := range []*orders.Preorder{lan, hoa} {
		for range 2 {
			_, err := o.orders.CancelPreorder(o.ctx, market.Actor{Person: p.Buyer}, p.ID)
			o.must(err)
			o.drain()
		}
	}
	o.wantPaid(o.wantState(lan, orders.PreorderRefunded, orders.EndWithdrawn), 0)
	o.wantState(hoa, orders.PreorderLapsed, orders.EndWithdrawn)
	h, err := o.catalog.HarvestSeen(o.ctx, guest, o.harvest.ID)
	if err != nil || h.Left(o.now) != 73 {
		t.Errorf("%d left, %v; want 73", h.Left(o.now), err)
	}
	o.now = o.harvest.Closes
	_, err = o.orders.CancelPreorder(o.ctx, person("minh"), minh.ID)
	wantKey(t, err, "harvest.closed")
	// A later harvest than was agreed to frees the buyer.
	_, err = o.catalog.MoveHarvest(o.ctx, o.farmer, o.harvest.ID, o.harvest.From, o.harvest.To.AddDate(0, 1, 0), o.harvest.Closes)
	o.must(err)
	o.drain()
	_, err = o.orders.CancelPreorder(o.ctx, person("minh"), minh.ID)
	o.must(err)
	o.drain()
	o.wantPaid(o.wantState(minh, orders.PreorderRefunded, orders.EndWithdrawn), 0)
}

func TestPreorderTellsEveryChange(t *testing.T) {
	o := newOrchard(t)
	lan := o.deposits("lan", 30)
	to := o.harvest.To.AddDate(0, 0, 10)
	for range 2 {
		_, err := o.catalog.RedeclareHarvest(o.ctx, o.farmer, o.harvest.ID, 60)
		o.must(err)
		_, err = o.catalog.MoveHarvest(o.ctx, o.farmer, o.harvest.ID, o.harvest.From, to, o.harvest.Closes)
		o.must(err)
		_, err = o.catalog.CloseHarvest(o.ctx, o.farmer, o.harvest.ID)
		o.must(err)
		o.drain()
	}
	var got []string
	for _, e := range o.preorder(lan).History {
		got = append(got, strings.TrimSpace(fmt.Sprint(e.What, " ", e.Was, " ", e.Now)))
	}
	want := []string{"reserved 0 0", "deposited 0 0", "catalog.harvest_changed 100 60", "catalog.harvest_moved 0 0", "catalog.harvest_closed 0 0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}

func TestDepositThatNeverComes(t *testing.T) {
	o := newOrchard(t)
	lan, minh := o.reserve("lan", 30), o.reserve("minh", 50)
	o.wallet.answers[minh.DepositID()] = payments.NoticeCapture // its notice was lost
	o.now = lan.Until
	o.round()
	o.wantState(lan, orders.PreorderLapsed, orders.EndUnpaid)
	o.wantState(minh, orders.PreorderDeposited, "")
	hoa := o.deposits("hoa", 30) // has lan's place
	o.pays(lan.DepositID(), lan.Deposit)
	o.drain()
	o.wantPaid(o.wantState(lan, orders.PreorderRefunded, orders.EndLate), 0)
	o.wantState(hoa, orders.PreorderDeposited, "")
}

func TestLateDepositKeepsAFreePlace(t *testing.T) {
	o := newOrchard(t)
	lan := o.reserve("lan", 30)
	o.now = lan.Until.Add(-time.Second)
	o.pays(lan.DepositID(), lan.Deposit)
	o.now = lan.Until.Add(time.Hour)
	o.drain()
	o.wantState(lan, orders.PreorderDeposited, "")
}

func TestRuinedShareIsNotForfeited(t *testing.T) {
	o := newOrchard(t)
	lan, minh := o.deposits("lan", 30), o.deposits("minh", 20)
	_, err := o.catalog.AllocateHarvest(o.ctx, o.farmer, o.harvest.ID, 50)
	o.must(err)
	o.drain()
	_, err = o.catalog.RecallLot(o.ctx, o.farmer, o.harvest.ID, "Ngập kho")
	o.must(err)
	o.drain()
	o.payBalance(o.preorder(lan))
	o.wantPaid(o.wantState(lan, orders.PreorderRefunded, orders.EndGone), 0)
	o.now = o.preorder(minh).DueAt.Add(time.Minute)
	o.round()
	o.wantPaid(o.wantState(minh, orders.PreorderRefunded, orders.EndGone), 0)
}

func TestEmptyHarvestGivesDepositsBack(t *testing.T) {
	o := newOrchard(t)
	lan := o.deposits("lan", 30)
	_, err := o.catalog.AllocateHarvest(o.ctx, o.farmer, o.harvest.ID, 0)
	o.must(err)
	o.drain()
	o.wantPaid(o.wantState(lan, orders.PreorderRefunded, orders.EndShort), 0)
}

func TestBalancePaidTwiceGoesBackOnce(t *testing.T) {
	o := newOrchard(t)
	lan := o.deposits("lan", 30)
	_, err := o.catalog.AllocateHarvest(o.ctx, o.farmer, o.harvest.ID, 30)
	o.must(err)
	o.drain()
	first, _, err := o.orders.PayBalance(o.ctx, person("lan"), lan.ID, "wallet", "")
	o.must(err)
	again, _, err := o.orders.PayBalance(o.ctx, person("lan"), lan.ID, "wallet", "")
	o.must(err)
	if first.Open() != again.Open() {
		t.Fatalf("a second attempt by the same way: %s, %s", first.Open(), again.Open())
	}
	other, step, err := o.orders.PayBalance(o.ctx, person("lan"), lan.ID, "vietqr", "")
	o.must(err)
	if step.QR == "" {
		t.Fatalf("no code to scan: %+v", step)
	}
	o.pays(first.Open(), first.Rest()) // she had confirmed before she changed her mind
	_, err = o.payments.Confirm(o.ctx, o.farmer, other.Open())
	o.must(err)
	o.drain()
	o.wantState(lan, orders.PreorderOrdered, "")
	in, err := o.payments.Intent(o.ctx, other.Open())
	o.must(err)
	if len(in.Refunds) != 1 || in.Refunds[0].Amount != in.Amount {
		t.Fatalf("the second payment is not going back: %+v", in.Refunds)
	}
}

// TestOperatorCancelsAPaidPreorder: what went into two payments comes back out
// of both, whatever it is called for.
func TestOperatorCancelsAPaidPreorder(t *testing.T) {
	o := newOrchard(t)
	lan := o.deposits("lan", 30)
	_, err := o.catalog.AllocateHarvest(o.ctx, o.farmer, o.harvest.ID, 30)
	o.must(err)
	o.drain()
	o.payBalance(o.preorder(lan))
	_, err = o.orders.Cancel(o.ctx, person("lan"), lan.ID, "", "đổi ý")
	wantKey(t, err, "preorder.too_late")
	_, err = o.orders.Cancel(o.ctx, market.System, lan.ID, "", "hỏng")
	o.must(err)
	o.drain()
	o.wantPaid(lan, 0)
	if got := o.order(lan.ID).State; got != orders.StateRefunded {
		t.Errorf("order is %s", got)
	}
	if k := o.stock(o.variant); k.Sold != 0 || k.Available != 33 {
		t.Errorf("sold %d, available %d", k.Sold, k.Available)
	}
}

func TestReservingIsChecked(t *testing.T) {
	o := newOrchard(t)
	for _, test := range []struct {
		key    string
		change func(*orders.Reserving)
	}{
		{"preorder.no_cod", func(r *orders.Reserving) { r.Method = "cod" }},
		{"checkout.method", func(r *orders.Reserving) { r.Method = "none" }},
		{"preorder.id", func(r *orders.Reserving) { r.ID = "short" }},
		{"cart.min", func(r *orders.Reserving) { r.Quantity = 0 }},
		{"harvest.missing", func(r *orders.Reserving) { r.Harvest = "never-was" }},
		{"preorder.deposit_changed", func(r *orders.Reserving) { r.Expect = 1 }},
	} {
		wish := o.wish(5, "wallet")
		test.change(&wish)
		_, _, err := o.orders.Reserve(o.ctx, person("lan"), wish)
		wantKey(t, err, test.key)
	}
	_, _, err := o.orders.Reserve(o.ctx, guest, o.wish(5, "wallet"))
	wantKey(t, err, "signin.needed")
	wish := o.wish(5, "wallet")
	for range 2 {
		_, _, err := o.orders.Reserve(o.ctx, person("lan"), wish)
		o.must(err)
	}
	_, _, err = o.orders.Reserve(o.ctx, person("minh"), wish)
	wantKey(t, err, "preorder.missing")
	wish.Quantity = 6
	_, _, err = o.orders.Reserve(o.ctx, person("lan"), wish)
	wantKey(t, err, "harvest.other_reservation")
}

func TestPreordersOfOthers(t *testing.T) {
	o := newOrchard(t)
	lan := o.deposits("lan", 5)
	for _, id := range []market.ID{lan.ID, "01JD0000000000000000000000"} {
		for _, by := range []market.Actor{person("minh"), guest, {Person: "x", Sellers: []market.ID{"another"}}} {
			_, err := o.orders.Preorder(o.ctx, by, id)
			wantKey(t, err, "preorder.missing")
			_, err = o.orders.CancelPreorder(o.ctx, by, id)
			wantKey(t, err, "preorder.missing")
			_, _, err = o.orders.PayBalance(o.ctx, by, id, "wallet", "")
			wantKey(t, err, "preorder.missing")
		}
	}
	_, err := o.orders.CancelPreorder(o.ctx, o.farmer, lan.ID)
	wantKey(t, err, "preorder.missing")
	if page, err := o.orders.PreordersOfHarvest(o.ctx, o.farmer, o.harvest.ID, "", 10); err != nil || len(page.Items) != 1 {
		t.Errorf("the farmer sees %d, %v", len(page.Items), err)
	}
	_, err = o.orders.PreordersOfHarvest(o.ctx, person("minh"), o.harvest.ID, "", 10)
	wantKey(t, err, "harvest.missing")
}
