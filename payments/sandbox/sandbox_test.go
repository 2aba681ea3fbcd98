package sandbox

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chohue/market"
	"chohue/payments"
	"chohue/payments/paymentstest"
	"chohue/store"
	"chohue/store/sqlite"
)

const secret = "a secret for tests only"

var now = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

func open(t *testing.T) store.Engine {
	e, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func charge() payments.Charge {
	return payments.Charge{
		ID: "P1", Order: "O1", OrderCode: "HUE-4F7K", Amount: 330_000, Method: Name,
		Shares: []payments.Share{
			{Seller: "A", Goods: 200_000, Shipping: 20_000, Fee: 6000},
			{Seller: "B", Goods: 100_000, Shipping: 10_000, Fee: 3000},
		},
		Description: "Don hang HUE-4F7K", ReturnURL: "http://127.0.0.1/thanh-toan/P1?key=k",
		NoticeURL: "http://127.0.0.1/notices", ExpiresAt: now.Add(30 * time.Minute),
	}
}

func provider(clock market.Clock) Provider {
	return New(Config{Merchant: "chohue", Secret: secret, WalletURL: "http://127.0.0.1/sandbox", Now: clock})
}

func signed(n payments.Notice, key string, at time.Time) payments.Raw {
	body := mustJSON(notice{
		Merchant: n.Merchant, Payment: n.Payment, Transaction: n.Transaction, Type: n.Type,
		Refund: n.Refund, Amount: n.Amount, At: n.At,
	})
	return payments.Raw{Body: body, Header: map[string][]string{SignatureHeader: {signBody(key, forNotice, body, at)}}}
}

func TestProvider(t *testing.T) {
	clock := func() time.Time { return now }
	paymentstest.Run(t, paymentstest.Subject{
		Provider: provider(clock), Charge: charge(), Env: market.NewEnv(clock), Open: open,
		Sign:  func(n payments.Notice) payments.Raw { return signed(n, secret, now) },
		Forge: func(n payments.Notice) payments.Raw { return signed(n, "another secret", now) },
		Stale: func(n payments.Notice) payments.Raw { return signed(n, secret, now.Add(-tolerance-time.Second)) },
	})
}

// A signature made for one purpose must not serve another.
func TestSignaturesAreForOnePurpose(t *testing.T) {
	p := provider(func() time.Time { return now })
	body := mustJSON(notice{Merchant: "chohue", Payment: "P1", Transaction: "T1", Type: payments.NoticeCapture, Amount: 1, At: now})
	raw := payments.Raw{Body: body, Header: map[string][]string{SignatureHeader: {signBody(secret, forCall, body, now)}}}
	if n, err := p.Notice(t.Context(), raw); err == nil {
		t.Errorf("a call's signature was taken for a notice's: %+v", n)
	}
}

// An answer kept from earlier must not settle a question of today.
func TestOldAnswerIsNotBelieved(t *testing.T) {
	p := provider(nil)
	w := &Wallet{c: WalletConfig{Merchant: "chohue", Secret: secret}}
	asked := request{Payment: "P1", Nonce: "new"}
	capture := notice{Transaction: "T1", Type: payments.NoticeCapture, Amount: 330_000, At: now}
	if a, err := p.open(w.answer(asked, capture, "").Body, asked); err != nil || a.Transaction != "T1" {
		t.Fatalf("the right answer: %+v, %v", a, err)
	}
	for name, q := range map[string]request{
		"old nonce": {Payment: "P1", Nonce: "old"}, "other payment": {Payment: "P2", Nonce: "new"},
		"other question": {Payment: "P1", Refund: "K", Nonce: "new"},
	} {
		if a, err := p.open(w.answer(q, capture, "").Body, asked); market.KindOf(err) != market.KindUnavailable {
			t.Errorf("%s: %+v, %v; want unavailable", name, a, err)
		}
	}
	w.c.Secret = "another"
	if a, err := p.open(w.answer(asked, capture, "").Body, asked); err == nil {
		t.Errorf("forged: %+v", a)
	}
}

func TestBeginNeedsADeadline(t *testing.T) {
	c := charge()
	c.ExpiresAt = time.Time{}
	if _, err := provider(nil).Begin(t.Context(), c); market.KindOf(err) != market.KindInvalid {
		t.Errorf("Begin = %v, want invalid", err)
	}
}

func TestNoSecretInWhatLeaves(t *testing.T) {
	step, err := provider(nil).Begin(t.Context(), charge())
	if err != nil || strings.Contains(step.URL, url.QueryEscape(secret)) || strings.Contains(step.URL, secret) {
		t.Errorf("step %+v, %v", step, err)
	}
}

func FuzzNotice(f *testing.F) {
	p := provider(func() time.Time { return now })
	good := signed(payments.Notice{Merchant: "chohue", Payment: "P1", Transaction: "T", Type: "capture", Amount: 1, At: now}, secret, now)
	f.Add(good.Body, good.Header[SignatureHeader][0], true)
	f.Add([]byte(`{"amount":1e99}`), "t=,v1=", false)
	f.Fuzz(func(t *testing.T, body []byte, signature string, sign bool) {
		if sign {
			signature = signBody(secret, forNotice, body, now)
		}
		header := map[string][]string{SignatureHeader: {signature}}
		n, err := p.Notice(t.Context(), payments.Raw{Body: body, Header: header})
		kind := market.KindOf(err)
		if err != nil && kind != market.KindForbidden && kind != market.KindInvalid {
			t.Errorf("Notice: %v is neither forbidden nor invalid", err)
		}
		if err != nil && n != (payments.Notice{}) {
			t.Errorf("refused, but read %+v", n)
		}
	})
}
