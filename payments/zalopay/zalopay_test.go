package zalopay_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chohue/market"
	"chohue/payments"
	"chohue/payments/paymentstest"
	"chohue/payments/walletsim"
	"chohue/payments/zalopay"
	"chohue/payments/zalopay/zalopaysim"
	"chohue/store"
	"chohue/store/sqlite"
)

const (
	app  = "2553"
	key1 = "key1-of-the-tests"
	key2 = "key2-of-the-tests"
)

// start is ten minutes to midnight in Huế.
var start = time.Date(2026, 11, 28, 16, 50, 0, 0, time.UTC)

// world is ZaloPay, a clock, and a wire between it and the market.
type world struct {
	now  atomic.Int64
	sim  *zalopaysim.ZaloPay
	wire *paymentstest.Wire
	on   map[string]*atomic.Bool
}

func (w *world) clock() time.Time { return time.UnixMilli(w.now.Load()).UTC() }

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{on: map[string]*atomic.Bool{"refuse": {}, "pending": {}, "forge": {}}}
	w.now.Store(start.UnixMilli())
	w.sim = w.zalopay(t, app, key2)
	w.wire = &paymentstest.Wire{Doors: w.sim}
	return w
}

// zalopay is a gateway whose callbacks are all lost.
func (w *world) zalopay(t testing.TB, id, key string) *zalopaysim.ZaloPay {
	t.Helper()
	sim, err := zalopaysim.New(zalopaysim.Config{
		Common:   walletsim.Common{At: "http://zalopay.test", Now: w.clock, Deliver: lost, On: func(name string) bool { return w.on[name].Load() }},
		Merchant: "Chợ Huế", AppID: id, Key1: key1, Key2: key,
	})
	if err != nil {
		t.Fatal(err)
	}
	return sim
}

func lost(func(context.Context) error) {}

func (w *world) provider() zalopay.Provider {
	return zalopay.New(zalopay.Config{
		AppID: app, Key1: payments.Conceal(key1), Key2: payments.Conceal(key2), URL: "http://zalopay.test", Now: w.clock, Client: w.wire.Client(),
	})
}

func charge(id market.ID) payments.Charge {
	return payments.Charge{
		ID: id, Order: "O1", OrderCode: "HUE-4F7K", Amount: 330_000, Method: zalopay.Name,
		Shares: []payments.Share{
			{Seller: "A", Goods: 200_000, Shipping: 20_000, Fee: 6000},
			{Seller: "B", Goods: 100_000, Shipping: 10_000, Fee: 3000},
		},
		Description: "Don hang HUE-4F7K", ReturnURL: "http://chohue.test/thanh-toan/P1?key=k",
		NoticeURL: "http://chohue.test/api/v1/payments/zalopay/notices", ExpiresAt: start.Add(15 * time.Minute),
	}
}

// sign plays ZaloPay saying what the notice says.
func (w *world) sign(t testing.TB, n payments.Notice, key string) payments.Raw {
	number, err := strconv.ParseInt(n.Transaction, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return payments.Raw{Body: w.zalopay(t, n.Merchant, key).Notice(walletsim.Payment{
		Ref: "261128_" + string(n.Payment), Amount: int64(n.Amount), Decision: walletsim.Paid, DecidedAt: n.At, Number: number,
		Extra: map[string]string{"app_time": "1732804678758", "app_user": "khách \"quen\"", "embed_data": `{"redirecturl":"x"}`, "item": "[]"},
	})}
}

func open(t *testing.T) store.Engine {
	e, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func TestProvider(t *testing.T) {
	w := newWorld(t)
	decide := func(in *payments.Intent, d walletsim.Decision) error {
		_, err := w.sim.Decide(in.Step.Reference, d)
		return err
	}
	paymentstest.Run(t, paymentstest.Subject{
		Provider: w.provider(), Charge: charge(market.NewID(start)), Env: market.NewEnv(w.clock), Open: open,
		Sign:  func(n payments.Notice) payments.Raw { return w.sign(t, n, key2) },
		Forge: func(n payments.Notice) payments.Raw { return w.sign(t, n, "another") },
		Tells: []string{payments.NoticeCapture}, Renames: true,
		Partner: &paymentstest.Partner{
			Wire: w.wire, Set: func(name string, on bool) { w.on[name].Store(on) }, Pass: func(d time.Duration) { w.now.Add(d.Milliseconds()) },
			Pay:    func(in *payments.Intent) error { return decide(in, walletsim.Paid) },
			Cancel: func(in *payments.Intent) error { return decide(in, walletsim.Cancelled) },
			GiveBack: func(in *payments.Intent, amount market.VND) error {
				_, err := w.sim.Book.GiveBack(in.Step.Reference, "", int64(amount), w.clock())
				return err
			},
			Given: func(in *payments.Intent) (out []market.VND) {
				p, err := w.sim.Book.Get(in.Step.Reference)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range p.Refunds {
					out = append(out, market.VND(r.Amount))
				}
				return out
			},
			AsksToBegin: true,
		},
	})
}

// The vector of a redirect goes through what reads redirects; one character
// changed in what is signed is refused.
func TestVectors(t *testing.T) {
	raw, err := os.ReadFile("../testdata/payment_vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct{ ID, Provider, Key, Raw, Expected string }
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, v := range all {
		if v.Provider != zalopay.Name {
			continue
		}
		seen++
		p := zalopay.New(zalopay.Config{AppID: "2553", Key2: payments.Conceal(v.Key), Now: func() time.Time { return start }})
		q := url.Values{"checksum": {v.Expected}}
		names := []string{"appid", "apptransid", "pmcid", "bankcode", "amount", "discountamount", "status"}
		for i, value := range strings.Split(v.Raw, "|") {
			q.Set(names[i], value)
		}
		want := payments.Notice{
			Provider: zalopay.Name, Transaction: "220713_695232", Type: payments.NoticeCapture, Payment: "695232", Merchant: "2553", Amount: 323_123, At: start,
		}
		if n, err := p.Returned(q.Encode()); err != nil || n != want {
			t.Errorf("%s: Returned = %+v, %v; want %+v", v.ID, n, err, want)
		}
		for _, name := range append(names, "checksum") {
			changed := url.Values{}
			maps.Copy(changed, q)
			changed.Set(name, q.Get(name)+"1")
			if n, err := p.Returned(changed.Encode()); err == nil {
				t.Errorf("%s: %s changed, yet %+v", v.ID, name, n)
			}
		}
	}
	if seen != 1 {
		t.Errorf("%d vectors, want 1", seen)
	}
}

// What the payer comes back with is verified, and says what it claims.
func TestReturned(t *testing.T) {
	w := newWorld(t)
	p, c := w.provider(), charge(market.NewID(start))
	step, err := p.Begin(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	back, err := w.sim.Decide(step.Reference, walletsim.Cancelled)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(back)
	if err != nil || u.Query().Get("key") != "k" {
		t.Fatalf("back to %s, %v", back, err)
	}
	if n, err := p.Returned(u.RawQuery); err != nil || n.Type != payments.NoticeFailure || n.Payment != c.ID {
		t.Errorf("Returned = %+v, %v", n, err)
	}
	if _, err := p.Returned(strings.Replace(u.RawQuery, "status=-49", "status=1", 1)); err == nil {
		t.Error("a changed result was believed")
	}
}

// Names begin with the day in Vietnam, fit, and lead back to the charge, also
// when the first is taken and when midnight lies between two tries.
func TestNames(t *testing.T) {
	w := newWorld(t)
	p, c := w.provider(), charge(market.NewID(start))
	for _, want := range []string{"261128_" + string(c.ID), "261128_" + string(c.ID) + "_2", "261128_" + string(c.ID) + "_3"} {
		step, err := p.Begin(t.Context(), c)
		if err != nil || step.Reference != want || len(want) > 40 {
			t.Fatalf("Begin = %+v, %v; want %s", step, err, want)
		}
		n, err := p.Notice(t.Context(), payments.Raw{Body: w.sim.Notice(walletsim.Payment{Ref: want, Amount: 1, Number: 5, DecidedAt: start, Extra: map[string]string{}})})
		if err != nil || n.Payment != c.ID {
			t.Errorf("%s leads to %+v, %v", want, n, err)
		}
	}
	w.now.Add((20 * time.Minute).Milliseconds())
	c.ExpiresAt = w.clock().Add(time.Minute)
	if step, err := p.Begin(t.Context(), c); err != nil || step.Reference != "261129_"+string(c.ID) {
		t.Errorf("after midnight: %+v, %v", step, err)
	}
}

// ZaloPay gives a payer five minutes at least; money that comes after our own
// time is over is heard all the same.
func TestLeastTime(t *testing.T) {
	w := newWorld(t)
	c := charge(market.NewID(start))
	c.ExpiresAt = start.Add(time.Minute)
	step, err := w.provider().Begin(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := w.sim.Book.Get(step.Reference); err != nil || !p.ExpiresAt.Equal(start.Add(5*time.Minute)) {
		t.Errorf("%+v, %v", p, err)
	}
}

// Each reply tells ZaloPay whether to come again.
func TestReply(t *testing.T) {
	for want, err := range map[string]error{
		`{"return_code":1,"return_message":"success"}`:        nil,
		`{"return_code":-1,"return_message":"mac not equal"}`: market.Forbidden("x"),
		`{"return_code":2,"return_message":"not ours"}`:       market.NotFound("x"),
		`{"return_code":0,"return_message":"come again"}`:     market.Unavailable("x"),
	} {
		if r := (zalopay.Provider{}).Reply(err); string(r.Body) != want || r.Status != 200 {
			t.Errorf("Reply(%v) = %d %s, want %s", err, r.Status, r.Body, want)
		}
	}
}

func TestNoSecretInWords(t *testing.T) {
	w := newWorld(t)
	p := w.provider()
	said := []string{fmt.Sprintf("%v %+v %#v", p, p, p)}
	w.wire.Down.Store(true)
	_, err := p.Begin(t.Context(), charge(market.NewID(start)))
	said = append(said, fmt.Sprintf("%+v", err))
	_, err = p.Query(t.Context(), &payments.Intent{})
	said = append(said, fmt.Sprintf("%+v", err))
	_, err = p.Notice(t.Context(), w.sign(t, payments.Notice{Transaction: "1", Merchant: app}, "another"))
	said = append(said, fmt.Sprintf("%+v", err))
	for _, text := range said {
		if strings.Contains(text, key1) || strings.Contains(text, key2) || text == "<nil>" {
			t.Errorf("said %s", text)
		}
	}
}

// sealed signs data as ZaloPay's documents spell it out.
func sealed(t testing.TB, data string, kind int) []byte {
	t.Helper()
	h := hmac.New(sha256.New, []byte(key2))
	_, _ = h.Write([]byte(data))
	body, err := json.Marshal(map[string]any{"data": data, "mac": hex.EncodeToString(h.Sum(nil)), "type": kind})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// FuzzNotice reads callbacks as they come, and signed ones with any data.
func FuzzNotice(f *testing.F) {
	p := newWorld(f).provider()
	good := `{"app_id":2553,"app_trans_id":"261128_P1","amount":330000,"zp_trans_id":7,"server_time":1732804678758}`
	f.Add(sealed(f, good, 1), good, 1, "appid=2553&appid=2")
	f.Add([]byte(`{"data":1,"mac":"x","type":1}`), `{"app_id":"2553","amount":1e99,"zp_trans_id":-7}`, 2, "%zz")
	f.Add([]byte(`{}`), `[]`, 0, "")
	f.Fuzz(func(t *testing.T, body []byte, data string, kind int, query string) {
		for _, read := range []func() (payments.Notice, error){
			func() (payments.Notice, error) { return p.Notice(t.Context(), payments.Raw{Body: body}) },
			func() (payments.Notice, error) {
				return p.Notice(t.Context(), payments.Raw{Body: sealed(t, data, kind)})
			},
			func() (payments.Notice, error) { return p.Returned(query) },
		} {
			n, err := read()
			if k := market.KindOf(err); err != nil && k != market.KindForbidden && k != market.KindInvalid {
				t.Errorf("%v is neither forbidden nor invalid", err)
			}
			if err != nil && n != (payments.Notice{}) {
				t.Errorf("refused, but read %+v", n)
			}
		}
	})
}
