package salestest

import (
	"context"
	"fmt"
	"testing"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store"
)

// planted are faults that markets have had. The simulator must find each
// within so many seeds; if it does not, it is the simulator that is broken.
var planted = []plant{
	{name: "a hold is not released", within: 200, onShelf: func(s orders.Shelf) orders.Shelf { return keepsHolds{s} }},
	{name: "goods of an ended order do not come back", within: 200, onShelf: func(s orders.Shelf) orders.Shelf { return keepsGoods{s} }},
	{name: "goods come back twice", within: 200, onShelf: func(s orders.Shelf) orders.Shelf { return bringsTwice{s} }},
	{name: "completing twice sells twice", within: 200, onShelf: func(s orders.Shelf) orders.Shelf { return &sellsTwice{Shelf: s} }},
	{name: "the news of a capture is lost", within: 100, loseEvent: lose(payments.EventCaptured)},
	{name: "the news of a cancellation is lost", within: 200, loseEvent: lose(orders.EventCancelled)},
	{name: "a capture counts twice", within: 300, onProvider: func(p payments.Provider) payments.Provider { return &namesAnew{Provider: p} }},
	{name: "a refund is made twice", within: 600, onProvider: func(p payments.Provider) payments.Provider { return &asksAnew{Provider: p} }},
	{name: "nobody asks about lost notices", within: 200, onProvider: func(p payments.Provider) payments.Provider { return neverKnows{p} }},
	{name: "money of an ended order is kept", within: 200, onTill: func(t orders.Till) orders.Till { return keepsMoney{t} }},
	{name: "payments of an ended order stay open", within: 300, onTill: func(t orders.Till) orders.Till { return keepsOpen{t} }},
	{name: "refunds are not posted", within: 200, onConsumer: func(c store.Consumer) store.Consumer { return deafTo(c, "ledger", payments.EventRefunded) }},
	{name: "delivery does not collect", within: 200, onConsumer: func(c store.Consumer) store.Consumer { return deafTo(c, "orders", orders.EventDelivered) }},
	{name: "the store loses updates", within: 100, stale: "stocks"},
	{name: "the store loses updates of payments", within: 200, stale: "payments"},
	{name: "the news of a return's money is lost", within: 300, late: true, loseEvent: lose(orders.EventReturn(orders.ReturnRefunding))},
	{name: "the news of a correction is lost", within: 200, late: true, loseEvent: lose(orders.EventCorrected)},
	{name: "the news of a lost parcel is lost", within: 300, late: true, loseEvent: lose(orders.EventLost)},
	{name: "the store loses updates of vouchers", within: 300, late: true, stale: "vouchers"},
	{name: "a carrier is asked twice by two names", within: 100, late: true, onCarrier: func(c orders.Carrier) orders.Carrier { return &ordersAnew{Carrier: c} }},
	{name: "carriers are not called off", within: 300, late: true, onCarrier: func(c orders.Carrier) orders.Carrier { return keepsComing{c} }},
	{name: "nobody asks silent carriers", within: 100, late: true, onCarrier: func(c orders.Carrier) orders.Carrier { return neverTells{c} }},
	{name: "the news of who carries is lost", within: 300, late: true, loseEvent: lose(orders.EventShipped)},
	{name: "a carrier's fee is read wrong", within: 300, late: true, onCarrier: func(c orders.Carrier) orders.Carrier { return keepsLess{c} }},
}

func TestPlantedFaultsAreFound(t *testing.T) {
	for i := range planted {
		p := &planted[i]
		t.Run(p.name, func(t *testing.T) {
			found := make(chan *Failure, 16)
			inParallel(1, uint64(p.within), func(seed uint64) bool {
				w, err := run(Options{Seed: seed, plain: !p.late, plant: p})
				if err != nil {
					t.Error(err)
					return false
				}
				if w.failed != nil {
					found <- w.failed
				}
				return w.failed == nil
			})
			if len(found) == 0 {
				t.Fatalf("not found in %d seeds", p.within)
			}
			f := <-found
			t.Logf("seed %d: %s", f.Seed, f.Rule)
		})
	}
}

func lose(kind string) func(market.Event) bool {
	return func(e market.Event) bool { return e.Type == kind }
}

type keepsHolds struct{ orders.Shelf }

func (keepsHolds) Release(context.Context, market.ID, market.ID) error { return nil }

type keepsGoods struct{ orders.Shelf }

func (keepsGoods) TakeBack(context.Context, market.ID, market.ID, int64, int64) error { return nil }

type bringsTwice struct{ orders.Shelf }

func (s bringsTwice) TakeBack(ctx context.Context, order, variant market.ID, returned, lost int64) error {
	if err := s.Shelf.TakeBack(ctx, order, variant, returned, lost); err != nil || returned == 0 {
		return err
	}
	_, err := s.Shelf.(*catalog.Service).Receive(ctx, market.System, variant, returned, "again")
	return err
}

type sellsTwice struct {
	orders.Shelf
	sold map[market.ID]bool
}

func (s *sellsTwice) Settle(ctx context.Context, order, variant market.ID) ([]catalog.Share, error) {
	lots, err := s.Shelf.Settle(ctx, order, variant)
	if err != nil || s.sold[order+variant] {
		again := order + "-again"
		if s.Hold(ctx, again, variant, 1, start.AddDate(1, 0, 0)) == nil {
			return s.Shelf.Settle(ctx, again, variant)
		}
	}
	if s.sold == nil {
		s.sold = map[market.ID]bool{}
	}
	s.sold[order+variant] = true
	return lots, err
}

// namesAnew calls the same capture by another name each time it is asked.
type namesAnew struct {
	payments.Provider
	n int
}

func (p *namesAnew) Query(ctx context.Context, in *payments.Intent) (payments.Notice, error) {
	n, err := p.Provider.Query(ctx, in)
	p.n++
	n.Transaction += fmt.Sprint("/", p.n)
	return n, err
}

// asksAnew uses another key each time, as if there were none.
type asksAnew struct {
	payments.Provider
	n int
}

func (p *asksAnew) Refund(ctx context.Context, in *payments.Intent, r payments.RefundRequest) (payments.Notice, error) {
	p.n++
	key := r.Key
	r.Key += market.ID(fmt.Sprint("/", p.n))
	n, err := p.Provider.Refund(ctx, in, r)
	n.Refund = key
	return n, err
}

type neverKnows struct{ payments.Provider }

func (p neverKnows) Query(_ context.Context, in *payments.Intent) (payments.Notice, error) {
	return payments.Notice{Provider: p.Name(), Type: payments.NoticePending, Payment: in.ID}, nil
}

type keepsMoney struct{ orders.Till }

func (t keepsMoney) Refund(ctx context.Context, _ market.Actor, payment market.ID, _ market.VND, _ string, _ market.ID) (*payments.Intent, error) {
	return t.Intent(ctx, payment)
}

type keepsOpen struct{ orders.Till }

func (t keepsOpen) Cancel(ctx context.Context, _ market.Actor, payment market.ID) (*payments.Intent, error) {
	return t.Intent(ctx, payment)
}

// deafTo makes a consumer say that it has handled events which it has not.
func deafTo(c store.Consumer, name, kind string) store.Consumer {
	if c.Name != name {
		return c
	}
	handle := c.Handle
	c.Handle = func(ctx context.Context, e market.Event) error {
		if e.Type == kind {
			return nil
		}
		return handle(ctx, e)
	}
	return c
}

// ordersAnew calls a parcel otherwise each time it is ordered.
type ordersAnew struct {
	orders.Carrier
	n int
}

func (c *ordersAnew) Create(ctx context.Context, s orders.Consignment) (orders.Waybill, error) {
	c.n++
	s.Reference += market.ID(fmt.Sprint("-", 100+c.n))
	return c.Carrier.Create(ctx, s)
}

type keepsComing struct{ orders.Carrier }

func (keepsComing) Cancel(context.Context, orders.Waybill) error { return nil }

type neverTells struct{ orders.Carrier }

func (neverTells) Track(context.Context, orders.Waybill) (orders.Report, error) {
	return orders.Report{}, errCarrierDown
}

// keepsLess reads a smaller fee out of what the carrier says than it is.
type keepsLess struct{ orders.Carrier }

func (c keepsLess) Create(ctx context.Context, s orders.Consignment) (orders.Waybill, error) {
	w, err := c.Carrier.Create(ctx, s)
	w.Fee = min(w.Fee, 1)
	return w, err
}

func (c keepsLess) Track(ctx context.Context, w orders.Waybill) (orders.Report, error) {
	r, err := c.Carrier.Track(ctx, w)
	r.Fee = min(r.Fee, 1)
	return r, err
}

func (c keepsLess) Notice(ctx context.Context, raw payments.Raw) (orders.Report, error) {
	r, err := c.Carrier.Notice(ctx, raw)
	r.Fee = min(r.Fee, 1)
	return r, err
}
