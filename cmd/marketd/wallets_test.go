package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/payments/momo/momosim"
	"chohue/payments/vnpay/vnpaysim"
	"chohue/payments/walletsim"
	"chohue/payments/zalopay/zalopaysim"
)

// walletTown is a whole market on a real address, and the three wallets on
// another, on one clock that the test turns.
type walletTown struct {
	t      *testing.T
	house  *house
	config Config
	client *http.Client
	offset atomic.Int64
	books  map[string]*walletsim.Book
	late   []func(context.Context) error // notices that the test holds back

	mu   sync.Mutex
	fate string // of notices: "", "lost", "twice", "held"
}

func (w *walletTown) now() time.Time {
	return market.SystemClock().Add(time.Duration(w.offset.Load()))
}

// deliver is the way of a notice to the market.
func (w *walletTown) deliver(send func(context.Context) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch w.fate {
	case "lost":
	case "held":
		w.late = append(w.late, send)
	case "twice":
		for range 2 {
			w.acknowledged(send)
		}
	default:
		w.acknowledged(send)
	}
}

func (w *walletTown) acknowledged(send func(context.Context) error) {
	if err := send(w.t.Context()); err != nil {
		w.t.Errorf("a notice was not acknowledged: %v", err)
	}
}

func (w *walletTown) destine(fate string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fate = fate
}

func newWalletTown(t *testing.T) *walletTown {
	t.Helper()
	w := &walletTown{t: t, config: testConfig(t), books: map[string]*walletsim.Book{}}
	setLogger(w.config.LogLevel)
	mux := http.NewServeMux()
	wallets := httptest.NewServer(mux)
	t.Cleanup(wallets.Close)
	w.open(mux, wallets.URL)
	stock := &crash{t: t, config: w.config}
	stock.stockShelves()
	w.serve()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	w.client = &http.Client{Jar: jar, Timeout: 30 * time.Second}
	return w
}

// open starts the wallets and tells the market how to reach them.
func (w *walletTown) open(mux *http.ServeMux, at string) {
	common := func(name string) walletsim.Common {
		return walletsim.Common{At: at + "/" + name, Now: w.now, Deliver: w.deliver}
	}
	c := &w.config
	c.MoMoPartner, c.MoMoAccess, c.MoMoSecret, c.MoMoURL = "MOMO1", "access", "momo-secret", at+"/momo"
	c.ZaloPayApp, c.ZaloPayKey1, c.ZaloPayKey2, c.ZaloPayURL = "2553", "zalo-key1", "zalo-key2", at+"/zalopay"
	c.VNPAYTerminal, c.VNPAYSecret, c.VNPAYURL = "VNPAY001", "vnpay-secret", at+"/vnpay"
	m, err1 := momosim.New(momosim.Config{Common: common("momo"), Merchant: "Chợ Huế", PartnerCode: "MOMO1", AccessKey: "access", SecretKey: "momo-secret"})
	z, err2 := zalopaysim.New(zalopaysim.Config{Common: common("zalopay"), Merchant: "Chợ Huế", AppID: "2553", Key1: "zalo-key1", Key2: "zalo-key2"})
	v, err3 := vnpaysim.New(vnpaysim.Config{
		Common: common("vnpay"), Merchant: "Chợ Huế", TmnCode: "VNPAY001", HashSecret: "vnpay-secret", NoticeURL: c.URL + "/api/v1/payments/vnpay/notices",
	})
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			w.t.Fatal(err)
		}
	}
	w.books = map[string]*walletsim.Book{"momo": m.Book, "zalopay": z.Book, "vnpay": v.Book}
	for name, doors := range map[string]http.Handler{"momo": m, "zalopay": z, "vnpay": v} {
		mux.Handle("/"+name+"/", http.StripPrefix("/"+name, doors))
	}
}

func (w *walletTown) serve() {
	t := w.t
	listener, err := net.Listen("tcp", w.config.Addr)
	if err != nil {
		t.Fatal(err)
	}
	out := outdoors()
	out.env = market.NewEnv(w.now)
	if w.house, err = open(t.Context(), w.config, out); err != nil {
		t.Fatal(err)
	}
	doors, err := w.house.doors(t.Context(), prometheus.NewRegistry())
	if err != nil {
		unable(t, err.Error())
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := w.house.run(ctx, listener, doors); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		stop()
		serving.Wait()
		if err := w.house.Close(); err != nil {
			t.Error(err)
		}
	})
}

// call speaks JSON with the market and wants success.
func (w *walletTown) call(method, path string, in, out any) {
	w.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.config.URL+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", market.NewSecret())
	res, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		w.t.Fatalf("%s %s: %s %s %v", method, path, res.Status, text, err)
	}
	if out != nil && json.Unmarshal(text, out) != nil {
		w.t.Fatalf("%s %s: %s", method, path, text)
	}
}

// place checks a new cart out and returns the order and where to pay.
func (w *walletTown) place(method string, variant int) (order market.ID, page string) {
	w.t.Helper()
	var cart struct{ ID string }
	w.call(http.MethodPost, "/api/v1/carts", nil, &cart)
	w.call(http.MethodPut, fmt.Sprintf("/api/v1/carts/%s/lines/%s", cart.ID, fixedID(fmt.Sprintf("synthetic variant %d", variant))), map[string]any{"quantity": 1}, nil)
	var placed struct {
		Order   struct{ ID market.ID }
		Payment struct{ Kind, URL string }
	}
	w.call(http.MethodPost, "/api/v1/carts/"+cart.ID+"/checkout", map[string]any{"method": method, "address": map[string]any{
		"name": "Nguyễn Thị Mua", "phone": "0905111222", "province": "46", "ward": "19813", "street": "12 Bùi Thị Xuân",
	}}, &placed)
	if placed.Payment.Kind != payments.StepRedirect {
		w.t.Fatalf("step %+v", placed.Payment)
	}
	return placed.Order.ID, placed.Payment.URL
}

var payForm = regexp.MustCompile(`<form method="post" action="([^"]+)"`)

// pay decides on the wallet's page as a browser without script does, and
// follows the way back to the order's page, whose text it returns.
func (w *walletTown) pay(page, decision string) string {
	w.t.Helper()
	form := payForm.FindStringSubmatch(w.get(page))
	if form == nil {
		w.t.Fatalf("nothing to decide at %s", page)
	}
	res, err := w.client.PostForm(strings.ReplaceAll(form[1], "&amp;", "&"), url.Values{"decision": {decision}})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.text(res)
}

func (w *walletTown) get(address string) string {
	w.t.Helper()
	res, err := w.client.Get(address)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.text(res)
}

func (w *walletTown) text(res *http.Response) string {
	w.t.Helper()
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %s %v %s", res.Request.URL, res.Status, err, body)
	}
	return string(body)
}

// wants waits until the order is in that state.
func (w *walletTown) wants(order market.ID, state orders.State) *orders.Order {
	w.t.Helper()
	for range 200 {
		o, err := w.house.orders.Order(w.t.Context(), market.System, order, "")
		if err == nil && o.State == state {
			return o
		}
		wait := time.NewTimer(25 * time.Millisecond)
		select {
		case <-wait.C:
		case <-w.t.Context().Done():
		}
	}
	o, err := w.house.orders.Order(w.t.Context(), market.System, order, "")
	w.t.Fatalf("order is %+v, %v; want %s", o, err, state)
	return nil
}

// intent returns the payment and proves that it was captured once.
func (w *walletTown) intent(order market.ID) *payments.Intent {
	w.t.Helper()
	in, err := w.house.payments.Intent(w.t.Context(), order)
	if err != nil {
		w.t.Fatal(err)
	}
	if in.State.Paid() && (len(in.Captures) != 1 || in.Captured != in.Amount) {
		w.t.Errorf("captured more than once: %+v", in.Captures)
	}
	return in
}

func (w *walletTown) given(method string, in *payments.Intent) (sum market.VND) {
	p, err := w.books[method].Get(in.Step.Reference)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range p.Refunds {
		sum += market.VND(r.Amount)
	}
	return sum
}

// The whole way of each wallet over real HTTP: checkout, the wallet's page,
// its notice, the confirmed order, a partial refund, and the question
// afterwards; then everything that goes wrong on the way of a notice.
func TestWallets(t *testing.T) {
	w := newWalletTown(t)
	for _, method := range []string{"momo", "zalopay", "vnpay"} {
		t.Run(method, func(t *testing.T) {
			w.t = t
			w.paidAndPartlyRefunded(method)
			w.toldTwice(method)
			w.toldLate(method)
			w.neverTold(method)
			w.refusedByPayer(method)
		})
	}
	w.t = t
	w.audited()
}

func (w *walletTown) paidAndPartlyRefunded(method string) {
	order, page := w.place(method, 0)
	back := w.pay(page, "paid")
	o := w.wants(order, orders.StateConfirmed)
	if !strings.Contains(back, o.Code) {
		w.t.Errorf("the payer is not back at the order: %.300s", back)
	}
	in := w.intent(order)
	for range 2 {
		got, err := w.house.payments.RefundSeller(w.t.Context(), market.System, in.ID, in.Shares[0].Seller, 20_000, "trái dập", "K1")
		if err != nil || got.Refunded != 20_000 || w.given(method, in) != 20_000 {
			w.t.Fatalf("refund: %+v, %v; %d given by %s", got, err, w.given(method, in), method)
		}
	}
	if got, err := w.house.payments.Recheck(w.t.Context(), in.ID); err != nil || got.Refunded != 20_000 || got.State != payments.StatePartlyRefunded {
		w.t.Errorf("asked afterwards: %+v, %v", got, err)
	}
	w.audited()
}

func (w *walletTown) toldTwice(method string) {
	w.destine("twice")
	defer w.destine("")
	order, page := w.place(method, 1)
	w.pay(page, "paid")
	w.wants(order, orders.StateConfirmed)
	w.intent(order)
	w.audited()
}

// toldLate holds two notices back, so that the return page asks first, and
// then lets the later one come before the earlier.
func (w *walletTown) toldLate(method string) {
	w.destine("held")
	defer w.destine("")
	first, page1 := w.place(method, 0)
	second, page2 := w.place(method, 1)
	w.pay(page1, "paid")
	w.pay(page2, "paid")
	w.wants(first, orders.StateConfirmed)
	w.wants(second, orders.StateConfirmed)
	for i := len(w.late) - 1; i >= 0; i-- {
		w.acknowledged(w.late[i])
	}
	w.late = nil
	w.intent(first)
	w.intent(second)
	w.audited()
}

// neverTold loses the notice, and the payer closes the browser: reconciliation
// finds the money.
func (w *walletTown) neverTold(method string) {
	w.destine("lost")
	defer w.destine("")
	order, page := w.place(method, 1)
	w.get(page)
	decide := payForm.FindStringSubmatch(w.get(page))
	noWay := &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := noWay.PostForm(strings.ReplaceAll(decide[1], "&amp;", "&"), url.Values{"decision": {"paid"}})
	if err != nil {
		w.t.Fatal(err)
	}
	_ = res.Body.Close()
	if in := w.intent(order); in.State != payments.StatePending {
		w.t.Fatalf("nobody told, but the payment is %s", in.State)
	}
	w.offset.Add(int64(3 * time.Minute))
	if _, err := w.house.payments.Reconcile(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.wants(order, orders.StateConfirmed)
	w.intent(order)
	w.audited()
}

func (w *walletTown) refusedByPayer(method string) {
	order, page := w.place(method, 0)
	w.pay(page, "cancelled")
	w.wants(order, orders.StateCancelled)
	if in := w.intent(order); in.State != payments.StateFailed || in.Captured != 0 {
		w.t.Errorf("refused, but %+v", in)
	}
	w.audited()
}

func (w *walletTown) audited() {
	w.t.Helper()
	if err := w.house.payments.Check(w.t.Context()); err != nil {
		w.t.Error(err)
	}
}

// A wallet is offered when all of its credentials are set; some of them are a
// mistake that names what is missing.
func TestWalletsNeedTheirCredentials(t *testing.T) {
	c := testConfig(t)
	h := &house{config: c}
	if all, err := h.wallets(); err != nil || len(all) != 0 || len(c.walletPages()) != 0 {
		t.Errorf("without credentials: %v, %v", all, err)
	}
	h.config.MoMoPartner, h.config.MoMoAccess = "P", "a"
	if _, err := h.wallets(); err == nil || !strings.Contains(err.Error(), "MARKET_MOMO_SECRET_KEY") || strings.Contains(err.Error(), "MARKET_MOMO_ACCESS") {
		t.Errorf("without one of three: %v", err)
	}
	h.config.MoMoSecret, h.config.VNPAYTerminal, h.config.VNPAYSecret = "s", "T", "s"
	h.config.ZaloPayApp, h.config.ZaloPayKey1, h.config.ZaloPayKey2 = "1", "k", "k"
	all, err := h.wallets()
	if err != nil || len(all) != 3 || all[0].Name() != "momo" || all[1].Name() != "zalopay" || all[2].Name() != "vnpay" {
		t.Errorf("with all: %v, %v", all, err)
	}
	if pages := strings.Join(h.config.walletPages(), " "); pages != "https://payment.momo.vn https://*.momo.vn https://openapi.zalopay.vn https://*.zalopay.vn https://sandbox.vnpayment.vn" {
		t.Errorf("pages %s", pages)
	}
}
