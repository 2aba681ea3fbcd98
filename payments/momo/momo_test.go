package momo_test

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
	"chohue/payments/momo"
	"chohue/payments/momo/momosim"
	"chohue/payments/paymentstest"
	"chohue/payments/walletsim"
	"chohue/store"
	"chohue/store/sqlite"
)

const (
	partner = "MOMOTEST20261128"
	access  = "access-key-of-the-tests"
	secret  = "secret-key-of-the-tests"
)

var start = time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC)

// world is MoMo, a clock, and a wire between it and the market.
type world struct {
	now  atomic.Int64
	sim  *momosim.MoMo
	wire *paymentstest.Wire
	on   map[string]*atomic.Bool
}

func (w *world) clock() time.Time { return time.UnixMilli(w.now.Load()).UTC() }

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{on: map[string]*atomic.Bool{"refuse": {}, "pending": {}, "forge": {}}}
	w.now.Store(start.UnixMilli())
	w.sim = w.momo(t, partner, secret)
	w.wire = &paymentstest.Wire{Doors: w.sim}
	return w
}

// momo is a gateway whose notices are all lost.
func (w *world) momo(t testing.TB, code, key string) *momosim.MoMo {
	t.Helper()
	sim, err := momosim.New(momosim.Config{
		Common:   walletsim.Common{At: "http://momo.test", Now: w.clock, Deliver: lost, On: func(name string) bool { return w.on[name].Load() }},
		Merchant: "Chợ Huế", PartnerCode: code, AccessKey: access, SecretKey: key,
	})
	if err != nil {
		t.Fatal(err)
	}
	return sim
}

func lost(func(context.Context) error) {}

func (w *world) provider() momo.Provider {
	return momo.New(momo.Config{
		PartnerCode: partner, AccessKey: payments.Conceal(access), SecretKey: payments.Conceal(secret), URL: "http://momo.test", Now: w.clock, Client: w.wire.Client(),
	})
}

func charge(id market.ID) payments.Charge {
	return payments.Charge{
		ID: id, Order: "O1", OrderCode: "HUE-4F7K", Amount: 330_000, Method: momo.Name,
		Shares: []payments.Share{
			{Seller: "A", Goods: 200_000, Shipping: 20_000, Fee: 6000},
			{Seller: "B", Goods: 100_000, Shipping: 10_000, Fee: 3000},
		},
		Description: "Don hang HUE-4F7K", ReturnURL: "http://chohue.test/thanh-toan/P1?key=k",
		NoticeURL: "http://chohue.test/api/v1/payments/momo/notices", ExpiresAt: start.Add(15 * time.Minute),
	}
}

// sign plays MoMo saying what the notice says.
func (w *world) sign(t testing.TB, n payments.Notice, key string) payments.Raw {
	number, err := strconv.ParseInt(n.Transaction, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	decision := walletsim.Paid
	if n.Type == payments.NoticeFailure {
		decision = walletsim.Cancelled
	}
	return payments.Raw{Body: w.momo(t, n.Merchant, key).Notice(walletsim.Payment{
		Ref: string(n.Payment), Amount: int64(n.Amount), Info: "Đơn hàng <HUE-4F7K> & quà", Decision: decision, DecidedAt: n.At, Number: number,
		Extra: map[string]string{"requestId": string(n.Payment), "extraData": ""},
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
	paymentstest.Run(t, paymentstest.Subject{
		Provider: w.provider(), Charge: charge(market.NewID(start)), Env: market.NewEnv(w.clock), Open: open,
		Sign:  func(n payments.Notice) payments.Raw { return w.sign(t, n, secret) },
		Forge: func(n payments.Notice) payments.Raw { return w.sign(t, n, "another") },
		Tells: []string{payments.NoticeCapture, payments.NoticeFailure},
		Partner: &paymentstest.Partner{
			Wire: w.wire, Set: func(name string, on bool) { w.on[name].Store(on) }, Pass: func(d time.Duration) { w.now.Add(d.Milliseconds()) },
			Pay: func(in *payments.Intent) error { _, err := w.sim.Decide(in.Step.Reference, walletsim.Paid); return err },
			Cancel: func(in *payments.Intent) error {
				_, err := w.sim.Decide(in.Step.Reference, walletsim.Cancelled)
				return err
			},
			GiveBack: func(in *payments.Intent, amount market.VND) error {
				_, err := w.sim.Book.GiveBack(in.Step.Reference, "", int64(amount), w.clock())
				return err
			},
			Given:        func(in *payments.Intent) []market.VND { return given(t, w.sim.Book, in) },
			TellsRefunds: true, AsksToBegin: true,
		},
	})
}

func given(t testing.TB, book *walletsim.Book, in *payments.Intent) []market.VND {
	p, err := book.Get(in.Step.Reference)
	if err != nil {
		t.Fatal(err)
	}
	var out []market.VND
	for _, r := range p.Refunds {
		out = append(out, market.VND(r.Amount))
	}
	return out
}

// vector is one of the examples that others have made.
type vector struct{ ID, Provider, Kind, Key, Raw, Expected string }

func vectors(t *testing.T, provider string) []vector {
	t.Helper()
	raw, err := os.ReadFile("../testdata/payment_vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all, mine []vector
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if v.Provider == provider {
			mine = append(mine, v)
		}
	}
	return mine
}

// The vectors go through what reads notices and what reads redirects; one
// character changed anywhere is refused.
func TestVectors(t *testing.T) {
	all := vectors(t, momo.Name)
	if len(all) != 2 {
		t.Fatalf("%d vectors, want 2", len(all))
	}
	for _, v := range all {
		fields := map[string]string{}
		for pair := range strings.SplitSeq(v.Raw, "&") {
			name, value, _ := strings.Cut(pair, "=")
			fields[name] = value
		}
		p := momo.New(momo.Config{PartnerCode: fields["partnerCode"], AccessKey: payments.Conceal(fields["accessKey"]), SecretKey: payments.Conceal(v.Key)})
		want := payments.Notice{
			Provider: momo.Name, Transaction: fields["transId"], Type: payments.NoticeCapture, Payment: market.ID(fields["orderId"]),
			Merchant: fields["partnerCode"], Amount: 100_000, At: time.UnixMilli(1712696311646).UTC(),
		}
		if v.ID == "M2" {
			want.Type, want.Amount, want.At = payments.NoticeFailure, 10_000, time.UnixMilli(1732804678758).UTC()
		}
		delete(fields, "accessKey") // it is signed, never sent
		fields["signature"] = v.Expected
		if n, err := p.Notice(t.Context(), payments.Raw{Body: body(t, fields)}); err != nil || n != want {
			t.Errorf("%s: Notice = %+v, %v; want %+v", v.ID, n, err, want)
		}
		if n, err := p.Returned(query(fields)); err != nil || n != want {
			t.Errorf("%s: Returned = %+v, %v; want %+v", v.ID, n, err, want)
		}
		for name := range fields {
			changed := map[string]string{}
			maps.Copy(changed, fields)
			changed[name] += "0"
			if n, err := p.Returned(query(changed)); err == nil {
				t.Errorf("%s: %s changed, yet %+v", v.ID, name, n)
			}
		}
	}
}

// body writes the fields as MoMo does: numbers as numbers.
func body(t *testing.T, fields map[string]string) []byte {
	t.Helper()
	all := map[string]any{}
	for name, value := range fields {
		all[name] = value
		switch name {
		case "amount", "responseTime", "resultCode", "transId":
			all[name] = json.Number(value)
		}
	}
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func query(fields map[string]string) string {
	q := url.Values{}
	for name, value := range fields {
		q.Set(name, value)
	}
	return q.Encode()
}

// What the payer comes back with is verified, and says what it claims.
func TestReturned(t *testing.T) {
	w := newWorld(t)
	c := charge(market.NewID(start))
	if _, err := w.provider().Begin(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	back, err := w.sim.Decide(string(c.ID), walletsim.Cancelled)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(back)
	if err != nil || u.Query().Get("key") != "k" {
		t.Fatalf("back to %s, %v", back, err)
	}
	n, err := w.provider().Returned(u.RawQuery)
	if err != nil || n.Type != payments.NoticeFailure || n.Payment != c.ID {
		t.Errorf("Returned = %+v, %v", n, err)
	}
	if _, err := w.provider().Returned(strings.Replace(u.RawQuery, "resultCode=1006", "resultCode=0", 1)); err == nil {
		t.Error("a changed result was believed")
	}
}

// No secret is in anything that may be logged.
func TestNoSecretInWords(t *testing.T) {
	w := newWorld(t)
	p := w.provider()
	said := []string{fmt.Sprintf("%v %+v %#v", p, p, p)}
	w.wire.Down.Store(true)
	_, err := p.Begin(t.Context(), charge(market.NewID(start)))
	said = append(said, fmt.Sprintf("%+v", err))
	_, err = p.Query(t.Context(), &payments.Intent{})
	said = append(said, fmt.Sprintf("%+v", err))
	w.wire.Down.Store(false)
	_, err = p.Notice(t.Context(), w.sign(t, payments.Notice{Transaction: "1", Merchant: partner}, "another"))
	said = append(said, fmt.Sprintf("%+v", err))
	for _, text := range said {
		if strings.Contains(text, secret) || strings.Contains(text, access) || text == "<nil>" {
			t.Errorf("said %s", text)
		}
	}
}

// sealed signs the fields of a notice as MoMo's documents spell it out.
func sealed(t testing.TB, fields map[string]any) []byte {
	t.Helper()
	var raw strings.Builder
	raw.WriteString("accessKey=" + access)
	for _, name := range []string{
		"amount", "extraData", "message", "orderId", "orderInfo", "orderType", "partnerCode", "payType", "requestId",
		"responseTime", "resultCode", "transId",
	} {
		raw.WriteString("&" + name + "=" + fmt.Sprint(fields[name]))
	}
	h := hmac.New(sha256.New, []byte(secret))
	_, _ = h.Write([]byte(raw.String()))
	fields["signature"] = hex.EncodeToString(h.Sum(nil))
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func fields() map[string]any {
	return map[string]any{
		"partnerCode": partner, "orderId": "P1", "requestId": "P1", "amount": 330000, "orderInfo": "x", "orderType": "momo_wallet",
		"transId": 7, "resultCode": 0, "message": "m", "payType": "qr", "responseTime": start.UnixMilli(), "extraData": "",
	}
}

// A code means what the file says; one that is not in it is asked about.
func TestCodes(t *testing.T) {
	p := newWorld(t).provider()
	for code, want := range map[int]string{
		0: payments.NoticeCapture, 9000: payments.NoticePending, 7002: payments.NoticePending, 1006: payments.NoticeFailure,
		99: payments.NoticePending, -5: payments.NoticePending,
	} {
		f := fields()
		f["resultCode"] = code
		if n, err := p.Notice(t.Context(), payments.Raw{Body: sealed(t, f)}); err != nil || n.Type != want {
			t.Errorf("code %d: %+v, %v; want %s", code, n, err, want)
		}
	}
}

// Signed nonsense is refused as well: a number that is none, a field of another
// kind, one that is missing.
func TestSignedNonsense(t *testing.T) {
	p := newWorld(t).provider()
	for name, value := range map[string]any{
		"amount": "many", "responseTime": 1.5, "resultCode": "", "transId": true, "orderInfo": nil, "message": []string{"m"},
	} {
		f := fields()
		f[name] = value
		if n, err := p.Notice(t.Context(), payments.Raw{Body: sealed(t, f)}); err == nil || n != (payments.Notice{}) {
			t.Errorf("%s %v: %+v, %v", name, value, n, err)
		}
	}
}

// FuzzNotice reads callbacks as they come and, so that signed ones are reached,
// with one signed field changed.
func FuzzNotice(f *testing.F) {
	p := newWorld(f).provider()
	f.Add(sealed(f, fields()), "amount=1&amount=2", "amount", "1e99")
	f.Add([]byte(`{"amount":1e99,"signature":""}`), "signature=x", "responseTime", "-9223372036854775808")
	f.Add([]byte(`{}`), "%zz", "orderId", "\xff:")
	f.Fuzz(func(t *testing.T, body []byte, query, name, value string) {
		changed := fields()
		if _, ok := changed[name]; ok {
			changed[name] = value
		}
		for _, read := range []func() (payments.Notice, error){
			func() (payments.Notice, error) { return p.Notice(t.Context(), payments.Raw{Body: body}) },
			func() (payments.Notice, error) { return p.Notice(t.Context(), payments.Raw{Body: sealed(t, changed)}) },
			func() (payments.Notice, error) { return p.Returned(query) },
		} {
			n, err := read()
			if kind := market.KindOf(err); err != nil && kind != market.KindForbidden && kind != market.KindInvalid {
				t.Errorf("%v is neither forbidden nor invalid", err)
			}
			if err != nil && n != (payments.Notice{}) {
				t.Errorf("refused, but read %+v", n)
			}
		}
	})
}

// The way back chooses words and changes nothing, whoever opens it.
func TestReturnedChangesNothing(t *testing.T) {
	w := newWorld(t)
	svc, err := payments.New(t.Context(), open(t), market.NewEnv(w.clock), w.provider())
	if err != nil {
		t.Fatal(err)
	}
	in, err := svc.Begin(t.Context(), market.System, charge(market.NewID(start)))
	if err != nil {
		t.Fatal(err)
	}
	back, err := w.sim.Decide(in.Step.Reference, walletsim.Paid)
	if err != nil {
		t.Fatal(err)
	}
	_, query, _ := strings.Cut(back, "?")
	for q, want := range map[string]string{
		query: payments.NoticeCapture, strings.Replace(query, "amount=330000", "amount=1", 1): payments.NoticePending, "": payments.NoticePending,
	} {
		if claim, err := svc.Returned(t.Context(), in.ID, q); err != nil || claim != want {
			t.Errorf("Returned(%.60s) = %q, %v; want %s", q, claim, err, want)
		}
	}
	if in, err = svc.Intent(t.Context(), in.ID); err != nil || in.State != payments.StatePending || in.Captured != 0 {
		t.Errorf("the way back has changed the payment: %+v, %v", in, err)
	}
}
