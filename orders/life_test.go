package orders_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store"
)

var seed = flag.Uint64("life", 0, "play this one seed of TestLivesOfOrders")

// TestLivesOfOrders plays orders, returns and payments at random: everything is
// said twice, late and in the wrong order, refunds fail, and the process is
// killed between any two writes. After every step the money, the goods and the
// orders agree. One seed again: go test ./orders -run LivesOfOrders -life N.
func TestLivesOfOrders(t *testing.T) {
	seeds := []uint64{1, 2, 3, 4, 5, 6, 7, 8}
	if *seed != 0 {
		seeds = []uint64{*seed}
	}
	for _, n := range seeds {
		t.Run(fmt.Sprint("life ", n), func(t *testing.T) { newLife(t, n).live(80) })
	}
}

type life struct {
	*shop
	*rand.Rand
	d        *dying
	seller   market.ID
	variants []market.ID
	orders   []market.ID
	desk     market.ID           // an order whose refund at the wallet's desk has not been told yet
	atDesk   map[market.ID]int64 // what the desk gave back
	log      []string
}

func newLife(t *testing.T, n uint64) *life {
	t.Helper()
	s, d := newMortalShop(t)
	l := &life{shop: s, Rand: rand.New(rand.NewPCG(n, 46)), d: d, seller: s.seller("HTX A"), atDesk: map[market.ID]int64{}}
	l.variants = []market.ID{s.product(l.seller, "Thanh trà", 45_001, 40), s.product(l.seller, "Gạo", 29_999, 40)}
	return l
}

func (l *life) live(steps int) {
	l.t.Helper()
	deeds := []struct {
		name string
		do   func() error
	}{
		{"place", l.placeOne},
		{"capture", l.captureOne},
		{"capture", l.captureOne},
		{"fail", l.failOne},
		{"refund at the wallet", l.refundOne},
		{"send", l.sendOne},
		{"deliver", l.deliverOne},
		{"deliver", l.deliverOne},
		{"stray", l.strayOne},
		{"ask", l.askOne},
		{"ask", l.askOne},
		{"answer", l.answerOne},
		{"answer", l.answerOne},
		{"back", l.backOne},
		{"judge", l.judgeOne},
		{"goodwill", l.goodwillOne},
		{"cancel", l.cancelOne},
		{"mood", l.moodOfWallet},
		{"time", l.timeGoesBy},
		{"retry", l.retryOne},
	}
	for i := range steps {
		deed := deeds[l.IntN(len(deeds))]
		kill := -1
		if l.IntN(3) == 0 {
			kill = 1 + l.IntN(8)
		}
		l.log = append(l.log, fmt.Sprintf("%s (%d)", deed.name, kill))
		l.run(l.d, kill, deed.do)
		l.orders = l.orders[:0]
		l.must(l.shop.orders.Each(l.ctx, func(o *orders.Order) error { l.orders = append(l.orders, o.ID); return nil }))
		l.agree(i)
		if l.t.Failed() {
			l.t.Fatalf("after %v", l.log)
		}
	}
}

// some is an order at random.
func (l *life) some() *orders.Order {
	if len(l.orders) == 0 {
		return &orders.Order{Doc: store.Doc{ID: "none"}}
	}
	return l.order(l.orders[l.IntN(len(l.orders))])
}

func (l *life) some1() (*orders.Order, orders.Parcel) {
	o := l.some()
	if len(o.Parcels) == 0 {
		return o, orders.Parcel{}
	}
	return o, o.Parcels[0]
}

func (l *life) someReturn() (*orders.Order, market.ID) {
	var open []*orders.Order
	for _, id := range l.orders {
		if o := l.order(id); len(o.Returns) > 0 {
			open = append(open, o)
		}
	}
	if len(open) == 0 {
		return l.some(), ""
	}
	o := open[l.IntN(len(open))]
	return o, o.Returns[l.IntN(len(o.Returns))].ID
}

func (l *life) placeOne() error {
	method := []string{"wallet", "wallet", "cod"}[l.IntN(3)]
	c, err := l.shop.orders.NewCart(l.ctx, guest)
	if err != nil {
		return err
	}
	for _, v := range l.variants {
		if n := l.Int64N(4); n > 0 {
			if _, err := l.shop.orders.SetLine(l.ctx, guest, c.ID, v, n, nil); err != nil {
				return err
			}
		}
	}
	_, _, err = l.shop.orders.Place(l.ctx, guest, checkout(c.ID, method))
	return err
}

func (l *life) captureOne() error { return l.tells(l.some(), payments.NoticeCapture) }
func (l *life) failOne() error    { return l.tells(l.some(), payments.NoticeFailure) }

// refundOne gives money back at the wallet's own desk: once for an order, and
// the same again when the word of it was lost.
func (l *life) refundOne() error {
	if l.desk == "" {
		o := l.some()
		in, err := l.payments.Intent(l.ctx, o.ID)
		if err != nil || in.Method != "wallet" || in.Refundable() < 2 || l.atDesk[o.ID] > 0 {
			return nil
		}
		l.desk, l.atDesk[o.ID] = o.ID, 1+l.Int64N(int64(in.Refundable()-1))
	}
	_, err := l.payments.Notice(l.ctx, "wallet", payments.Raw{Body: fmt.Appendf(nil, "%s %s %d", l.desk, payments.NoticeRefund, l.atDesk[l.desk])})
	if err == nil {
		l.desk = ""
	}
	return err
}

func (l *life) sendOne() error {
	o, p := l.some1()
	if _, err := l.shop.orders.Pack(l.ctx, sellerActor(l.seller), o.ID, p.ID); err != nil {
		return err
	}
	_, err := l.shop.orders.Ship(l.ctx, sellerActor(l.seller), o.ID, p.ID, orders.Shipment{Carrier: "Xe khách"})
	return err
}

func (l *life) deliverOne() error {
	o, p := l.some1()
	_, err := l.shop.orders.Deliver(l.ctx, sellerActor(l.seller), o.ID, p.ID)
	return err
}

func (l *life) strayOne() (err error) {
	o, p := l.some1()
	by := sellerActor(l.seller)
	switch l.IntN(4) {
	case 0:
		_, err = l.shop.orders.MissDelivery(l.ctx, by, o.ID, p.ID, "vắng nhà")
	case 1:
		_, err = l.shop.orders.TurnAround(l.ctx, by, o.ID, p.ID, "không nhận")
	case 2:
		_, err = l.shop.orders.ComeBack(l.ctx, by, o.ID, p.ID, orders.Unfit{l.variants[0]: l.Int64N(3)})
	default:
		_, err = l.shop.orders.LoseParcel(l.ctx, by, o.ID, p.ID, "xe lật")
	}
	return err
}

func (l *life) askOne() error {
	o, p := l.some1()
	reasons := orders.BuyerReasons()
	w := orders.ReturnWish{ID: market.ID(fmt.Sprint("r", len(l.log))), Parcel: p.ID, Reason: reasons[l.IntN(len(reasons))], Text: "hỏng", Keep: l.IntN(2) == 0}
	for _, line := range p.Lines {
		w.Lines = append(w.Lines, orders.ReturnLine{Variant: line.Variant, Quantity: l.Int64N(3), Grams: l.Int64N(300)})
	}
	_, _, err := l.shop.orders.AskReturn(l.ctx, guest, o.ID, o.Key, w)
	return err
}

func (l *life) answerOne() (err error) {
	o, r := l.someReturn()
	by := sellerActor(l.seller)
	switch l.IntN(5) {
	case 0:
		_, err = l.shop.orders.AcceptReturn(l.ctx, by, o.ID, r, false, orders.Word{})
	case 1:
		_, err = l.shop.orders.AcceptReturn(l.ctx, by, o.ID, r, true, orders.Word{})
	case 2:
		_, err = l.shop.orders.RefuseReturn(l.ctx, by, o.ID, r, said("không"))
	case 3:
		_, err = l.shop.orders.ReceiveReturn(l.ctx, by, o.ID, r, orders.Unfit{l.variants[0]: l.Int64N(2)}, orders.Word{})
	default:
		_, err = l.shop.orders.PayReturn(l.ctx, by, o.ID, r, orders.Word{})
	}
	return err
}

func (l *life) backOne() (err error) {
	o, r := l.someReturn()
	switch l.IntN(4) {
	case 0, 1:
		_, err = l.shop.orders.SendReturn(l.ctx, guest, o.ID, r, o.Key, orders.Shipment{Carrier: "Xe khách"}, orders.Word{})
	case 2:
		_, err = l.shop.orders.DisputeReturn(l.ctx, guest, o.ID, r, o.Key, said("không chịu"))
	default:
		_, err = l.shop.orders.WithdrawReturn(l.ctx, guest, o.ID, r, o.Key)
	}
	return err
}

func (l *life) judgeOne() error {
	o, id := l.someReturn()
	r, err := o.Return(id)
	if err != nil {
		return err
	}
	_, err = l.shop.orders.DecideReturn(l.ctx, market.System, o.ID, id, orders.Verdict{
		Amount: market.VND(l.Int64N(int64(r.Goods+r.Shipping) + 1)), Back: l.IntN(2) == 0, Text: "đã xem ảnh",
	})
	return err
}

func (l *life) goodwillOne() error {
	o, p := l.some1()
	_, err := l.shop.orders.GiveGoodwill(l.ctx, sellerActor(l.seller), o.ID, p.ID, market.ID(fmt.Sprint("g", len(l.log))), market.VND(1+l.IntN(20_000)), said("xin lỗi"))
	return err
}

func (l *life) cancelOne() (err error) {
	o, p := l.some1()
	if l.IntN(2) == 0 {
		_, err = l.shop.orders.Cancel(l.ctx, guest, o.ID, o.Key, "đổi ý")
	} else {
		_, err = l.shop.orders.CancelParcel(l.ctx, sellerActor(l.seller), o.ID, p.ID, "", "hết hàng")
	}
	return err
}

func (l *life) moodOfWallet() error {
	l.wallet.refuse = l.IntN(3) == 0
	return nil
}

func (l *life) retryOne() error {
	o, r := l.someReturn()
	if l.IntN(2) == 0 {
		return l.shop.orders.ConfirmReturnPaid(l.ctx, sellerActor(l.seller), o.ID, r)
	}
	_, err := l.shop.orders.RetryReturn(l.ctx, sellerActor(l.seller), o.ID, r)
	return err
}

func (l *life) timeGoesBy() error {
	l.now = l.now.Add([]time.Duration{time.Minute, 20 * time.Minute, 30 * time.Hour, 100 * time.Hour}[l.IntN(4)])
	if _, err := l.shop.orders.ExpireUnpaid(l.ctx); err != nil {
		return err
	}
	if _, err := l.shop.orders.KeepTime(l.ctx); err != nil {
		return err
	}
	_, err := l.payments.Reconcile(l.ctx)
	return err
}

// agree holds orders, payments and stocks against each other.
func (l *life) agree(step int) {
	l.t.Helper()
	l.must(l.payments.Check(l.ctx))
	sold, lost := map[market.ID]int64{}, map[market.ID]int64{}
	for _, id := range l.orders {
		o := l.order(id)
		l.moneyAgrees(step, o)
		confirmed := slices.ContainsFunc(o.History, func(e orders.Entry) bool { return e.What == "confirmed" })
		if !confirmed || o.State == orders.StateCancelled || o.State == orders.StateRefunding || o.State == orders.StateRefunded {
			for _, p := range o.Parcels {
				for _, line := range p.Lines {
					lost[line.Variant] += line.Lost
				}
			}
			continue
		}
		for _, p := range o.Parcels {
			for _, line := range p.Lines {
				sold[line.Variant] += line.Quantity - line.Returned - line.Lost
				lost[line.Variant] += line.Lost
			}
		}
	}
	for _, v := range l.variants {
		k := l.stock(v)
		// An order that was cut off between settling its goods and saying so is
		// placed again or given up; until then the stock knows more than it.
		for _, h := range k.Holds {
			if h.Settled && l.order(h.Order).State == orders.StatePlaced {
				sold[v] += h.Quantity - h.Returned - h.Lost
			}
		}
		if k.Sold != sold[v] || k.Lost != lost[v] {
			l.t.Errorf("step %d: stock says %d sold and %d lost, the orders %d and %d", step, k.Sold, k.Lost, sold[v], lost[v])
		}
	}
}

func (l *life) moneyAgrees(step int, o *orders.Order) {
	l.t.Helper()
	known := map[market.ID]market.VND{}
	for _, m := range o.Refunds {
		if !m.Failed {
			known[m.Payment] += m.Amount
		}
	}
	for _, p := range o.Parcels {
		in, err := l.payments.Intent(l.ctx, p.Payment)
		if market.KindOf(err) == market.KindNotFound {
			continue
		}
		l.must(err)
		if in.Refunded > in.Captured || in.Refundable() < 0 || in.Refunded != known[in.ID] {
			l.t.Errorf("step %d: order %s: %d captured, %d refunded, the order knows of %d", step, o.Code, in.Captured, in.Refunded, known[in.ID])
		}
	}
	for _, r := range o.Returns {
		if r.Refunded > r.Agreed || r.Agreed > r.Goods+r.Shipping {
			l.t.Errorf("step %d: return %s: %d refunded, %d agreed, %d claimed", step, r.ID, r.Refunded, r.Agreed, r.Goods+r.Shipping)
		}
	}
}
