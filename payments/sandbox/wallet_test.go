package sandbox

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// world is the market and the wallet on either side of a real connection.
type world struct {
	*payments.Service
	t      *testing.T
	engine store.Engine // the market's
	other  store.Engine // the wallet's
	env    market.Env
	wallet *Wallet
	server *httptest.Server
	clock  atomic.Int64
	down   atomic.Bool // the market answers nothing
	out    atomic.Bool // the wallet answers nothing
	heard  atomic.Int64
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, engine: open(t), other: open(t)}
	w.clock.Store(now.UnixMilli())
	w.env = market.NewEnv(func() time.Time { return time.UnixMilli(w.clock.Load()).UTC() })
	w.server = httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(w.server.Close)
	w.restart()
	return w
}

// restart starts both programs again on what they had stored.
func (w *world) restart() {
	w.t.Helper()
	p := New(Config{Merchant: "chohue", Secret: secret, WalletURL: w.server.URL + "/sandbox", Now: w.env.Now})
	svc, err := payments.New(w.t.Context(), w.engine, w.env, p)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Service = svc
	w.wallet, err = NewWallet(w.t.Context(), w.other, w.env, WalletConfig{
		Merchant: "chohue", MerchantName: "Chợ Huế", Secret: secret, Balance: 5_000_000,
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	raw := payments.Raw{Body: body, Header: r.Header, Query: r.URL.RawQuery}
	var reply payments.Reply
	switch {
	case r.URL.Path == "/notices" && !w.down.Load():
		w.heard.Add(1)
		reply, _ = w.Notice(r.Context(), Name, raw)
	case r.URL.Path == "/sandbox/api/query" && !w.out.Load():
		reply = w.wallet.Query(r.Context(), raw)
	case r.URL.Path == "/sandbox/api/refund" && !w.out.Load():
		reply = w.wallet.Refund(r.Context(), raw)
	default:
		reply = payments.Reply{Status: http.StatusBadGateway}
	}
	rw.WriteHeader(reply.Status)
	_, _ = rw.Write(reply.Body)
}

func (w *world) pass(d time.Duration) { w.clock.Add(d.Milliseconds()) }

func (w *world) charge() payments.Charge {
	c := charge()
	c.NoticeURL = w.server.URL + "/notices"
	return c
}

// visit begins the payment and opens the wallet's page.
func (w *world) visit() View {
	w.t.Helper()
	in, err := w.Begin(w.t.Context(), market.Actor{}, w.charge())
	if err != nil {
		w.t.Fatal(err)
	}
	_, query, _ := strings.Cut(in.Step.URL, "?")
	v, err := w.wallet.Open(w.t.Context(), query)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

func (w *world) decide(v View, approve bool) string {
	w.t.Helper()
	back, err := w.wallet.Decide(w.t.Context(), v.ID, approve)
	if err != nil {
		w.t.Fatal(err)
	}
	return back
}

func (w *world) want(state payments.State) *payments.Intent {
	w.t.Helper()
	in, err := w.Intent(w.t.Context(), "P1")
	if err != nil || in.State != state {
		w.t.Fatalf("payment is %+v, %v; want %s", in, err, state)
	}
	return in
}

func (w *world) must(n int, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%d, %v", n, err)
	}
}

func TestWalletShowsWhatIsPaid(t *testing.T) {
	w := newWorld(t)
	v := w.visit()
	want := View{
		ID: v.ID, Merchant: "Chợ Huế", OrderCode: "HUE-4F7K", Description: "Don hang HUE-4F7K",
		Amount: 330_000, Balance: 5_000_000, ExpiresAt: now.Add(30 * time.Minute), Open: true,
	}
	if v != want {
		t.Errorf("View = %+v\nwant %+v", v, want)
	}
}

func TestApprovedPaymentIsCaptured(t *testing.T) {
	w := newWorld(t)
	back := w.decide(w.visit(), true)
	in := w.want(payments.StateCaptured)
	if in.Captured != 330_000 || !in.CapturedAt.Equal(now) {
		t.Errorf("captured %d at %v", in.Captured, in.CapturedAt)
	}
	u, err := url.Parse(back)
	if err != nil || u.Query().Get("key") != "k" || u.Query().Get("result") != stateApproved {
		t.Fatalf("back to %q, %v", back, err)
	}
	if _, err := openQuery(secret, forReturn, strings.TrimPrefix(u.RawQuery, "key=k&")); err != nil {
		t.Errorf("the return address is not signed: %v", err)
	}
	if v := w.visit(); v.Open || v.ReturnURL == "" {
		t.Errorf("after the decision: %+v", v)
	}
}

func TestRefusedPaymentFails(t *testing.T) {
	w := newWorld(t)
	v := w.visit()
	w.decide(v, false)
	w.want(payments.StateFailed)
	if _, err := w.wallet.Decide(t.Context(), v.ID, true); market.KindOf(err) != market.KindConflict {
		t.Errorf("a refused payment was approved: %v", err)
	}
}

func TestChangedAddressIsRefused(t *testing.T) {
	w := newWorld(t)
	in, err := w.Begin(t.Context(), market.Actor{}, w.charge())
	if err != nil {
		t.Fatal(err)
	}
	_, query, _ := strings.Cut(in.Step.URL, "?")
	for _, changed := range []string{
		strings.Replace(query, "amount=330000", "amount=330", 1),
		strings.Replace(query, "payment=P1", "payment=P2", 1),
		query + "&amount=1", query[:len(query)-1], "", "signature=",
	} {
		if v, err := w.wallet.Open(t.Context(), changed); market.KindOf(err) != market.KindForbidden {
			t.Errorf("Open(%q) = %+v, %v; want forbidden", changed, v, err)
		}
	}
}

func TestBalanceAndTimeAreChecked(t *testing.T) {
	w := newWorld(t)
	v := w.visit()
	w.wallet.c.Balance = 329_999
	if _, err := w.wallet.Decide(t.Context(), v.ID, true); market.KindOf(err) != market.KindConflict {
		t.Errorf("paid without money: %v", err)
	}
	w.wallet.c.Balance = 330_000
	w.pass(30 * time.Minute)
	if _, err := w.wallet.Decide(t.Context(), v.ID, true); market.KindOf(err) != market.KindConflict {
		t.Errorf("paid after the end: %v", err)
	}
	if _, err := w.wallet.Decide(t.Context(), "nobody", true); market.KindOf(err) != market.KindNotFound {
		t.Errorf("Decide(nobody) = %v", err)
	}
}

func TestNoticeIsSentUntilHeardAcrossRestart(t *testing.T) {
	w := newWorld(t)
	w.down.Store(true)
	w.decide(w.visit(), true)
	w.want(payments.StatePending)
	w.restart()
	w.down.Store(false)
	if n, err := w.wallet.Resend(t.Context()); n != 0 || err != nil {
		t.Errorf("Resend before the pause is over = %d, %v", n, err)
	}
	w.pass(pauses[0])
	if n, err := w.wallet.Resend(t.Context()); n != 1 || err != nil {
		t.Errorf("Resend = %d, %v; want 1", n, err)
	}
	w.want(payments.StateCaptured)
	w.pass(24 * time.Hour)
	if n, err := w.wallet.Resend(t.Context()); n != 0 || err != nil {
		t.Errorf("Resend after it was heard = %d, %v", n, err)
	}
}

func TestWalletGivesUpInTheEnd(t *testing.T) {
	w := newWorld(t)
	w.down.Store(true)
	w.decide(w.visit(), true)
	for i := 0; ; i++ {
		if i > 100 {
			t.Fatal("the wallet never gives up")
		}
		w.pass(pauses[len(pauses)-1])
		if n, _ := w.wallet.Resend(t.Context()); n == 0 {
			break
		}
	}
	if lasted := w.env.Now().Sub(now); lasted < 72*time.Hour {
		t.Errorf("gave up after %v", lasted)
	}
}

func TestDuplicatedNoticeCountsOnce(t *testing.T) {
	w := newWorld(t)
	w.wallet.Break(Faults{Duplicate: true})
	w.decide(w.visit(), true)
	if in := w.want(payments.StateCaptured); in.Captured != 330_000 || w.heard.Load() != 2 {
		t.Errorf("captured %d from %d notices", in.Captured, w.heard.Load())
	}
}

func TestDroppedNoticeIsFoundByAsking(t *testing.T) {
	for name, ask := range map[string]func(*world) error{
		"return page": func(w *world) error { _, err := w.Sync(w.t.Context(), "P1"); return err },
		"reconciliation": func(w *world) error {
			w.pass(2 * time.Minute)
			_, err := w.Reconcile(w.t.Context())
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.wallet.Break(Faults{Drop: true})
			w.decide(w.visit(), true)
			w.want(payments.StatePending)
			if err := ask(w); err != nil {
				t.Fatal(err)
			}
			w.want(payments.StateCaptured)
		})
	}
}

func TestDelayedNoticeAfterAskingIsNoNews(t *testing.T) {
	w := newWorld(t)
	w.wallet.Break(Faults{Delay: true})
	w.decide(w.visit(), true)
	if _, err := w.Sync(t.Context(), "P1"); err != nil {
		t.Fatal(err)
	}
	w.must(w.wallet.Resend(t.Context()))
	if in := w.want(payments.StateCaptured); in.Captured != 330_000 || w.heard.Load() != 1 {
		t.Errorf("captured %d from %d notices", in.Captured, w.heard.Load())
	}
}

func TestNothingIsGuessedWhileTheWalletIsSilent(t *testing.T) {
	w := newWorld(t)
	w.visit()
	w.out.Store(true)
	w.pass(time.Hour)
	if _, err := w.Reconcile(t.Context()); market.KindOf(err) != market.KindUnavailable {
		t.Errorf("Reconcile = %v, want unavailable", err)
	}
	w.want(payments.StatePending)
	w.out.Store(false)
	w.pass(time.Hour)
	w.must(w.Reconcile(t.Context()))
	w.want(payments.StateFailed) // the wallet itself says that it is over
}

func TestNeverOpenedPaymentExpires(t *testing.T) {
	w := newWorld(t)
	if _, err := w.Begin(t.Context(), market.Actor{}, w.charge()); err != nil {
		t.Fatal(err)
	}
	w.pass(29 * time.Minute)
	w.must(w.Reconcile(t.Context()))
	w.want(payments.StatePending)
	w.pass(time.Minute)
	w.must(w.Reconcile(t.Context()))
	w.want(payments.StateExpired)
}

func TestRefundThroughTheWallet(t *testing.T) {
	w := newWorld(t)
	w.decide(w.visit(), true)
	for range 2 {
		in, err := w.RefundSeller(t.Context(), market.System, "P1", "B", 110_000, "returned", "K1")
		if err != nil || in.Refunded != 110_000 || in.State != payments.StatePartlyRefunded {
			t.Fatalf("Refund = %+v, %v", in, err)
		}
	}
	w.must(w.wallet.Resend(t.Context())) // the notice of the same refund
	if in := w.want(payments.StatePartlyRefunded); in.Refunded != 110_000 || in.Refundable() != 220_000 {
		t.Errorf("refunded %d, refundable %d", in.Refunded, in.Refundable())
	}
}

// The wallet does the refund, but its answer is lost: the refund stays pending
// and is found by asking again, not made twice.
func TestRefundWithLostAnswer(t *testing.T) {
	w := newWorld(t)
	w.decide(w.visit(), true)
	w.out.Store(true)
	in, err := w.Refund(t.Context(), market.System, "P1", 30_000, "goodwill", "K1")
	if err != nil || in.Refunded != 0 || in.Refundable() != 300_000 {
		t.Fatalf("Refund = %+v, %v; want it pending and reserved", in, err)
	}
	if _, err := w.Refund(t.Context(), market.System, "P1", 300_001, "too much", "K2"); market.KindOf(err) != market.KindConflict {
		t.Errorf("reserved money was refunded again: %v", err)
	}
	w.out.Store(false)
	w.pass(2 * time.Minute)
	w.must(w.Reconcile(t.Context()))
	if in := w.want(payments.StatePartlyRefunded); in.Refunded != 30_000 || in.Due != nil {
		t.Errorf("after asking again: %+v", in)
	}
}

func TestRefundNoticeBeforeTheAnswer(t *testing.T) {
	w := newWorld(t)
	w.decide(w.visit(), true)
	q := mustJSON(request{Merchant: "chohue", Payment: "P1", Refund: "K1", Amount: 330_000, Nonce: "n"})
	raw := payments.Raw{Body: q, Header: map[string][]string{SignatureHeader: {signBody(secret, forCall, q, now)}}}
	if reply := w.wallet.Refund(t.Context(), raw); reply.Status != http.StatusOK {
		t.Fatalf("Refund = %+v", reply)
	}
	w.must(w.wallet.Resend(t.Context()))
	if in := w.want(payments.StateRefunded); in.Refunded != 330_000 {
		t.Errorf("refunded %d", in.Refunded)
	}
}

func TestForgedCallsAreRefused(t *testing.T) {
	w := newWorld(t)
	w.decide(w.visit(), true)
	q := mustJSON(request{Merchant: "chohue", Payment: "P1", Refund: "K1", Amount: 330_000})
	for name, signature := range map[string]string{
		"other secret": signBody("other", forCall, q, now), "none": "",
		"other purpose": signBody(secret, forNotice, q, now), "stale": signBody(secret, forCall, q, now.Add(-time.Hour)),
	} {
		raw := payments.Raw{Body: q, Header: map[string][]string{SignatureHeader: {signature}}}
		if reply := w.wallet.Refund(t.Context(), raw); reply.Status != http.StatusForbidden {
			t.Errorf("%s: status %d, want 403", name, reply.Status)
		}
	}
	w.want(payments.StateCaptured)
}
