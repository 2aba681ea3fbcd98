package orders_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/payments/cod"
	"chohue/payments/vietqr"
	"chohue/store"
	"chohue/store/sqlite"
)

// shop is the rooms that orders stands on, on a real database, with a clock
// that tests turn.
type shop struct {
	t        *testing.T
	ctx      context.Context
	now      time.Time
	env      market.Env
	engine   store.Engine
	sellers  *cooperatives.Service
	catalog  *catalog.Service
	payments *payments.Service
	orders   *orders.Service
	wallet   *fakeWallet
	relay    *store.Relay
	ids      func() market.ID // names things; nil for names that are drawn
	random   func() market.ID // names when ids does not
}

// files keeps photos in memory.
type files map[string][]byte

func (f files) Put(_ context.Context, key, _ string, data []byte) error {
	f[key] = data
	return nil
}

func (f files) Get(_ context.Context, key string) ([]byte, error) { return f[key], nil }

// when is the time that the wallet says things happened.
var when = time.Date(2026, 11, 2, 3, 5, 0, 0, time.UTC)

// fakeWallet is a provider whose payer is the test.
type fakeWallet struct {
	answers map[market.ID]string
	refuse  bool // gives nothing back
}

func (*fakeWallet) Name() string { return "wallet" }

func (*fakeWallet) Begin(_ context.Context, c payments.Charge) (payments.Step, error) {
	return payments.Step{Kind: payments.StepRedirect, URL: "https://wallet.test/" + string(c.ID), Merchant: "M"}, nil
}

func (*fakeWallet) Notice(_ context.Context, raw payments.Raw) (payments.Notice, error) {
	var id, kind string
	var amount int64
	if _, err := fmt.Sscan(string(raw.Body), &id, &kind, &amount); err != nil {
		return payments.Notice{}, market.Forbidden("forged")
	}
	return payments.Notice{
		Provider: "wallet", Transaction: "T" + id + kind, Type: kind, Payment: market.ID(id),
		Merchant: "M", Amount: market.VND(amount), At: when,
	}, nil
}

func (w *fakeWallet) Query(_ context.Context, in *payments.Intent) (payments.Notice, error) {
	kind := w.answers[in.ID]
	if kind == "" {
		kind = payments.NoticePending
	}
	return payments.Notice{Provider: "wallet", Transaction: "T" + string(in.ID) + kind, Type: kind, Payment: in.ID, Merchant: "M", Amount: in.Amount, At: when}, nil
}

func (w *fakeWallet) Refund(_ context.Context, in *payments.Intent, r payments.RefundRequest) (payments.Notice, error) {
	if w.refuse {
		return payments.Notice{}, market.Conflict("wallet.refuses")
	}
	return payments.Notice{Provider: "wallet", Transaction: "R" + string(in.ID+r.Key), Type: payments.NoticeRefund, Payment: in.ID, Refund: r.Key, Merchant: "M", Amount: r.Amount, At: when}, nil
}

func (*fakeWallet) Reply(error) payments.Reply { return payments.Reply{Status: 200} }

func newShop(t *testing.T) *shop {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "market.db"))
	if err != nil {
		t.Fatal(err)
	}
	return newShopOn(t, engine)
}

func newShopOn(t *testing.T, engine store.Engine) *shop {
	t.Helper()
	s := &shop{t: t, ctx: t.Context(), now: time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC), wallet: &fakeWallet{answers: map[market.ID]string{}}}
	s.env = market.NewEnv(func() time.Time { return s.now })
	s.random, s.env.NewID = s.env.NewID, s.name
	s.engine = engine
	t.Cleanup(func() { _ = engine.Close() })
	areas, err := market.LoadAreas()
	s.must(err)
	sets, err := catalog.LoadSets()
	s.must(err)
	fees, err := payments.LoadFees()
	s.must(err)
	s.sellers, err = cooperatives.New(s.ctx, engine, s.env, areas)
	s.must(err)
	s.catalog, err = catalog.New(s.ctx, engine, s.env, cards{s.sellers}, files{}, sets)
	s.must(err)
	s.payments, err = payments.New(s.ctx, engine, s.env, s.wallet, vietqr.New("Chợ Huế"), cod.New())
	s.must(err)
	s.orders, err = orders.New(s.ctx, engine, s.env, areas, orders.Rooms{Shelf: s.catalog, Till: s.payments, Sellers: s.sellers, Fees: fees, Files: files{}})
	s.must(err)
	s.relay = store.NewRelay(engine, quiet(), nil,
		store.Consumer{Name: "ledger", Handle: s.payments.Consume},
		store.Consumer{Name: "orders", Types: orders.Consumes(), Handle: s.orders.Consume},
		store.Consumer{Name: "catalog", Handle: s.catalog.Consume},
	)
	return s
}

func (s *shop) name() market.ID {
	if s.ids != nil {
		return s.ids()
	}
	return s.random()
}

// counter counts how often an event is told.
func counter(event string, n *int) store.Consumer {
	return store.Consumer{Name: "counter", Types: []string{event}, Handle: func(context.Context, market.Event) error { *n++; return nil }}
}

type cards struct{ sellers *cooperatives.Service }

func (c cards) SellerCard(ctx context.Context, id market.ID) (catalog.SellerCard, error) {
	s, err := c.sellers.Seller(ctx, id)
	if err != nil {
		return catalog.SellerCard{}, err
	}
	return catalog.SellerCard{ID: s.ID, Slug: s.Slug, Name: s.Name, Kind: string(s.Kind), Ward: s.Ward, Verified: true}, nil
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) drain() {
	s.t.Helper()
	s.must(s.relay.Drain(s.ctx))
	s.must(s.payments.Check(s.ctx))
}

// seller makes a verified cooperative.
func (s *shop) seller(name string) market.ID {
	s.t.Helper()
	made, err := s.sellers.Register(s.ctx, market.System, cooperatives.Registration{
		Name: market.Text{VI: name}, Kind: cooperatives.KindHTX, Ward: "19813", Street: "thôn Một", Phone: "0905123456", TaxCode: "3300100001",
		Bank: cooperatives.Bank{BIN: "970405", Account: "0000000001", Holder: "HTX"},
	})
	s.must(err)
	_, err = s.sellers.Verify(s.ctx, market.System, made.ID)
	s.must(err)
	return made.ID
}

// product publishes a product of one variant and returns the variant.
func (s *shop) product(seller market.ID, name string, price market.VND, stock int64) market.ID {
	s.t.Helper()
	p, err := s.catalog.CreateDraft(s.ctx, market.System, catalog.Draft{
		Seller: seller, Set: 1, Name: market.Text{VI: name}, Description: market.Text{VI: "Trái cây vườn nhà, hái sáng giao chiều."},
		Variants: []catalog.VariantDraft{{Name: market.Text{VI: "1 kg"}, Unit: "kg", Size: market.Size{Base: market.Grams, Amount: 1000}, Price: price, Stock: stock}},
	})
	s.must(err)
	_, err = s.catalog.AddPhoto(s.ctx, market.System, p.ID, photo(s.t), market.Text{VI: name})
	s.must(err)
	_, err = s.catalog.Submit(s.ctx, market.System, p.ID)
	s.must(err)
	_, err = s.catalog.Approve(s.ctx, market.System, p.ID)
	s.must(err)
	return p.Variants[0].ID
}

func photo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 120, 120)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type want struct {
	variant  market.ID
	quantity int64
}

func (s *shop) cart(by market.Actor, wants ...want) market.ID {
	s.t.Helper()
	c, err := s.orders.NewCart(s.ctx, by)
	s.must(err)
	for _, w := range wants {
		_, err := s.orders.SetLine(s.ctx, by, c.ID, w.variant, w.quantity, nil)
		s.must(err)
	}
	return c.ID
}

func checkout(cart market.ID, method string) orders.Checkout {
	return orders.Checkout{Cart: cart, Method: method, Address: market.Address{
		Name: "Nguyễn Thị Mua", Phone: "0905 111 222", Province: "01", Ward: "00004", Street: "12 Đội Cấn",
	}}
}

func (s *shop) place(by market.Actor, method string, wants ...want) *orders.Order {
	s.t.Helper()
	o, _, err := s.orders.Place(s.ctx, by, checkout(s.cart(by, wants...), method))
	s.must(err)
	return o
}

// notice plays the wallet's word about an order's payment.
func (s *shop) notice(o *orders.Order, kind string) {
	s.t.Helper()
	body := fmt.Sprintf("%s %s %d", o.ID, kind, int64(o.Total))
	_, err := s.payments.Notice(s.ctx, "wallet", payments.Raw{Body: []byte(body)})
	s.must(err)
}

func (s *shop) order(id market.ID) *orders.Order {
	s.t.Helper()
	o, err := s.orders.Order(s.ctx, market.System, id, "")
	s.must(err)
	return o
}

func (s *shop) stock(variant market.ID) *catalog.Stock {
	s.t.Helper()
	found, err := s.catalog.Stocks(s.ctx, variant)
	s.must(err)
	s.must(found[variant].Check())
	return found[variant]
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
