package stripe_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chohue/market"
	"chohue/payments"
	"chohue/payments/paymentstest"
	"chohue/payments/stripe"
	"chohue/payments/stripe/stripetest"
	"chohue/store"
	"chohue/store/sqlite"
)

const (
	account = "acct_1OZ"
	key     = "sk_test_chohue"
	secret  = "whsec_chohue"
)

var start = time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC)

// world is Stripe, a clock, and a wire between it and the market.
type world struct {
	now    atomic.Int64
	stripe *stripetest.Stripe
	wire   *paymentstest.Wire
	on     map[string]*atomic.Bool
}

func (w *world) clock() time.Time { return time.UnixMilli(w.now.Load()).UTC() }

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{on: map[string]*atomic.Bool{"refuse": {}, "pending": {}}}
	w.now.Store(start.UnixMilli())
	w.stripe = stripetest.New(stripetest.Mock(t), secret, w.clock, func(name string) bool { return w.on[name].Load() })
	w.wire = &paymentstest.Wire{Doors: w.stripe}
	return w
}

func (w *world) provider() stripe.Provider {
	return stripe.New(stripe.Config{
		Account: account, Key: payments.Conceal(key), WebhookSecret: payments.Conceal(secret), URL: "http://stripe.test", Now: w.clock, Client: w.wire.Client(),
	})
}

func charge(id market.ID) payments.Charge {
	return payments.Charge{
		ID: id, Order: "O1", OrderCode: "HUE-4F7K", Amount: 330_000, Method: stripe.Name,
		Shares: []payments.Share{
			{Seller: "A", Goods: 200_000, Shipping: 20_000, Fee: 6000},
			{Seller: "B", Goods: 100_000, Shipping: 10_000, Fee: 3000},
		},
		Description: "Đơn hàng HUE-4F7K", ReturnURL: "http://chohue.test/thanh-toan/P1?key=k",
		NoticeURL: "http://chohue.test/api/v1/payments/stripe/notices", ExpiresAt: start.Add(15 * time.Minute),
	}
}

// events are how Stripe tells what a notice says.
var events = map[string]string{
	payments.NoticeCapture: "payment_intent.succeeded", payments.NoticeFailure: "checkout.session.expired",
	payments.NoticeRefund: "charge.refund.updated", payments.NoticeRefundFailed: "charge.refund.updated",
}

// object is the thing that an event is about.
func object(n payments.Notice, currency string) map[string]any {
	o := map[string]any{"id": n.Transaction, "currency": currency, "created": n.At.Unix(), "metadata": map[string]string{"payment": string(n.Payment), "refund": string(n.Refund)}}
	switch n.Type {
	case payments.NoticeCapture:
		o["object"], o["status"], o["amount"], o["amount_received"] = "payment_intent", "succeeded", n.Amount, n.Amount
	case payments.NoticeFailure:
		o["object"], o["status"], o["amount_total"], o["client_reference_id"] = "checkout.session", "expired", n.Amount, n.Payment
	case payments.NoticeRefund:
		o["object"], o["status"], o["amount"] = "refund", "succeeded", n.Amount
	case payments.NoticeRefundFailed:
		o["object"], o["status"], o["amount"] = "refund", "failed", n.Amount
	}
	return o
}

func (w *world) say(n payments.Notice, at time.Time, by, version, currency string) payments.Raw {
	body := stripetest.Event(events[n.Type], version, n.At, object(n, currency))
	if n.Merchant != account {
		body = []byte(strings.Replace(string(body), `"api_version"`, `"account":"`+n.Merchant+`","api_version"`, 1))
	}
	return payments.Raw{Body: body, Header: http.Header{"Stripe-Signature": {stripetest.Sign(by, at, body)}}}
}

func open(t *testing.T) store.Engine {
	e, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// TestProvider runs the suite of every way of paying: each request is judged by
// stripe-mock, remembered by stripetest.
func TestProvider(t *testing.T) {
	w := newWorld(t)
	env := market.NewEnv(w.clock)
	paymentstest.Run(t, paymentstest.Subject{
		Provider: w.provider(), Charge: charge("P1"), Env: env, Open: open,
		Sign: func(n payments.Notice) payments.Raw { return w.say(n, w.clock(), secret, stripetest.Version, "vnd") },
		Forge: func(n payments.Notice) payments.Raw {
			return w.say(n, w.clock(), "whsec_other", stripetest.Version, "vnd")
		},
		Stale: func(n payments.Notice) payments.Raw {
			return w.say(n, w.clock().Add(-301*time.Second), secret, stripetest.Version, "vnd")
		},
		Foreign: func(n payments.Notice) payments.Raw { return w.say(n, w.clock(), secret, stripetest.Version, "usd") },
		Partner: &paymentstest.Partner{
			Wire: w.wire, Set: func(name string, on bool) {
				if s := w.on[name]; s != nil {
					s.Store(on)
				}
			},
			Pay:    func(in *payments.Intent) error { return w.stripe.Pay(in.Step.Reference) },
			Cancel: func(in *payments.Intent) error { return w.stripe.Expire(in.Step.Reference) },
			GiveBack: func(in *payments.Intent, amount market.VND) error {
				w.stripe.GiveBack(in.Step.Reference, int64(amount))
				return nil
			},
			Given: func(in *payments.Intent) (all []market.VND) {
				for _, amount := range w.stripe.Given(in.Step.Reference) {
					all = append(all, market.VND(amount))
				}
				return all
			},
			Pass:         func(d time.Duration) { w.now.Add(d.Milliseconds()) },
			TellsRefunds: true, AsksToBegin: true,
		},
	})
}

// TestOtherVersionsAreRefused: the endpoint must be made at the version that
// the library reads, or fields would be read wrongly.
func TestOtherVersionsAreRefused(t *testing.T) {
	w := newWorld(t)
	n := payments.Notice{Type: payments.NoticeCapture, Transaction: "pi_1", Payment: "P1", Merchant: account, Amount: 330_000, At: start}
	for version, want := range map[string]bool{stripetest.Version: true, "2024-06-20": false, "": false} {
		_, err := w.provider().Notice(t.Context(), w.say(n, w.clock(), secret, version, "vnd"))
		if (err == nil) != want {
			t.Errorf("version %q: %v", version, err)
		}
	}
}

// TestUnknownEventsAreTaken: Stripe stops telling what an endpoint refuses, so
// what we have no use for is kept and answered like the rest.
func TestUnknownEventsAreTaken(t *testing.T) {
	w := newWorld(t)
	svc, err := payments.New(t.Context(), open(t), market.NewEnv(w.clock), w.provider())
	if err != nil {
		t.Fatal(err)
	}
	body := stripetest.Event("customer.created", stripetest.Version, start, map[string]any{"id": "cus_1"})
	raw := payments.Raw{Body: body, Header: http.Header{"Stripe-Signature": {stripetest.Sign(secret, w.clock(), body)}}}
	if reply, err := svc.Notice(t.Context(), stripe.Name, raw); err != nil || reply.Status != 204 {
		t.Errorf("%+v %v", reply, err)
	}
}

// TestAmountsAreWholeDong: what is sent to Stripe is what people pay, not a
// hundred times as much.
func TestAmountsAreWholeDong(t *testing.T) {
	w := newWorld(t)
	var sent string
	spy := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			_ = r.ParseForm()
			sent = r.PostForm.Get("line_items[0][price_data][unit_amount]") + " " + r.PostForm.Get("line_items[0][price_data][currency]")
		}
		http.Error(rw, "{}", http.StatusServiceUnavailable)
	})
	w.wire.Doors = spy
	if _, err := w.provider().Begin(t.Context(), charge("P1")); market.KindOf(err) != market.KindUnavailable {
		t.Errorf("Begin = %v", err)
	}
	if sent != "330000 vnd" {
		t.Errorf("sent %q", sent)
	}
}

// TestNothingTellsTheKey in errors, whatever happens.
func TestNothingTellsTheKey(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":{"type":"invalid_request_error","message":"Invalid API Key provided: ` + key + `"}}`))
	}))
	defer server.Close()
	p := stripe.New(stripe.Config{Account: account, Key: payments.Conceal(key), WebhookSecret: payments.Conceal(secret), URL: server.URL})
	for _, err := range []error{
		func() error { _, err := p.Begin(t.Context(), charge("P1")); return err }(),
		func() error { _, err := p.Notice(context.Background(), payments.Raw{Body: []byte("{}")}); return err }(),
	} {
		if err == nil || strings.Contains(err.Error(), key) || strings.Contains(err.Error(), secret) {
			t.Errorf("error %v", err)
		}
	}
}

func FuzzNotice(f *testing.F) {
	w := &world{}
	w.now.Store(start.UnixMilli())
	w.wire = &paymentstest.Wire{Doors: http.NotFoundHandler()}
	p := w.provider()
	for kind := range events {
		n := payments.Notice{Type: kind, Transaction: "x_1", Payment: "P1", Merchant: account, Amount: 1, At: start}
		f.Add(w.say(n, start, secret, stripetest.Version, "vnd").Body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		signed := http.Header{"Stripe-Signature": {stripetest.Sign(secret, start, body)}}
		n, err := p.Notice(t.Context(), payments.Raw{Body: body, Header: signed})
		if err == nil && n.Type != payments.NoticePending && n.Merchant != account {
			t.Errorf("%q gave %+v", body, n)
		}
	})
}
