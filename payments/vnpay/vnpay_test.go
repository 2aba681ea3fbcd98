package vnpay_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
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
	"chohue/payments/vnpay"
	"chohue/payments/vnpay/vnpaysim"
	"chohue/payments/walletsim"
	"chohue/store"
	"chohue/store/sqlite"
)

const (
	terminal = "CHOHUE01"
	secret   = "HASH-SECRET-OF-THE-TESTS"
)

var start = time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC)

// world is VNPAY, a clock, and a wire between it and the market.
type world struct {
	now  atomic.Int64
	sim  *vnpaysim.VNPAY
	wire *paymentstest.Wire
	on   map[string]*atomic.Bool
}

func (w *world) clock() time.Time { return time.UnixMilli(w.now.Load()).UTC() }

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{on: map[string]*atomic.Bool{"refuse": {}, "pending": {}, "forge": {}}}
	w.now.Store(start.UnixMilli())
	w.sim = w.vnpay(t, terminal, secret)
	w.wire = &paymentstest.Wire{Doors: w.sim}
	return w
}

// vnpay is a gateway whose notices are all lost.
func (w *world) vnpay(t testing.TB, code, key string) *vnpaysim.VNPAY {
	t.Helper()
	sim, err := vnpaysim.New(vnpaysim.Config{
		Common:   walletsim.Common{At: "http://vnpay.test", Now: w.clock, Deliver: lost, On: func(name string) bool { return w.on[name].Load() }},
		Merchant: "Chợ Huế", TmnCode: code, HashSecret: key, NoticeURL: "http://chohue.test/api/v1/payments/vnpay/notices",
	})
	if err != nil {
		t.Fatal(err)
	}
	return sim
}

func lost(func(context.Context) error) {}

func (w *world) provider() vnpay.Provider {
	return vnpay.New(vnpay.Config{
		TmnCode: terminal, HashSecret: payments.Conceal(secret), URL: "http://vnpay.test", IP: "203.0.113.7", Now: w.clock, Client: w.wire.Client(),
	})
}

func charge(id market.ID) payments.Charge {
	return payments.Charge{
		ID: id, Order: "O1", OrderCode: "HUE-4F7K", Amount: 330_000, Method: vnpay.Name,
		Shares: []payments.Share{
			{Seller: "A", Goods: 200_000, Shipping: 20_000, Fee: 6000},
			{Seller: "B", Goods: 100_000, Shipping: 10_000, Fee: 3000},
		},
		Description: "Đơn hàng HUE-4F7K (quà *tặng*)", ReturnURL: "http://chohue.test/thanh-toan/P1?key=k",
		NoticeURL: "http://chohue.test/api/v1/payments/vnpay/notices", ExpiresAt: start.Add(15 * time.Minute),
	}
}

// arrive sends the payer to the address, as a browser would.
func (w *world) arrive(address string) error {
	answer := httptest.NewRecorder()
	w.sim.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, address, nil))
	if answer.Code != http.StatusOK {
		return fmt.Errorf("%d %s", answer.Code, answer.Body)
	}
	return nil
}

// sign plays VNPAY saying what the notice says.
func (w *world) sign(t testing.TB, n payments.Notice, key string) payments.Raw {
	number, err := strconv.ParseInt(n.Transaction, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	decision := walletsim.Paid
	if n.Type == payments.NoticeFailure {
		decision = walletsim.Cancelled
	}
	return payments.Raw{Query: w.vnpay(t, n.Merchant, key).Notice(walletsim.Payment{
		Ref: string(n.Payment), Amount: int64(n.Amount), Info: "Don hang HUE-4F7K", Decision: decision, DecidedAt: n.At, Number: number,
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
		if err := w.arrive(in.Step.URL); err != nil {
			return err
		}
		_, err := w.sim.Decide(in.Step.Reference, d)
		return err
	}
	paymentstest.Run(t, paymentstest.Subject{
		Provider: w.provider(), Charge: charge(market.NewID(start)), Env: market.NewEnv(w.clock), Open: open,
		Sign:  func(n payments.Notice) payments.Raw { return w.sign(t, n, secret) },
		Forge: func(n payments.Notice) payments.Raw { return w.sign(t, n, "another") },
		Tells: []string{payments.NoticeCapture, payments.NoticeFailure},
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
			SignsAnswers: true, TellsRefunds: true, ForgetsAfter: 24 * time.Hour,
		},
	})
}

// The vector goes through what reads notices and redirects; one character
// changed anywhere is refused.
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
		if v.Provider != vnpay.Name {
			continue
		}
		seen++
		p := vnpay.New(vnpay.Config{TmnCode: "TEST_TMN_CODE", HashSecret: payments.Conceal(v.Key)})
		query := v.Raw + "&vnp_SecureHash=" + v.Expected
		want := payments.Notice{
			Provider: vnpay.Name, Transaction: "14422574", Type: payments.NoticeCapture, Payment: "1716257871703", Merchant: "TEST_TMN_CODE",
			Amount: 10_000, At: time.Date(2024, 5, 21, 2, 18, 6, 0, time.UTC),
		}
		for _, q := range []string{query, v.Raw + "&vnp_SecureHashType=HMACSHA512&vnp_SecureHash=" + strings.ToUpper(v.Expected)} {
			if n, err := p.Returned(q); err != nil || n != want {
				t.Errorf("%s: Returned = %+v, %v; want %+v", v.ID, n, err, want)
			}
			if n, err := p.Notice(t.Context(), payments.Raw{Query: q}); err != nil || n != want {
				t.Errorf("%s: Notice = %+v, %v; want %+v", v.ID, n, err, want)
			}
		}
		for i := range v.Raw {
			if v.Raw[i] < '0' || v.Raw[i] > '9' {
				continue
			}
			changed := []byte(query)
			changed[i] ^= 1
			if n, err := p.Returned(string(changed)); err == nil {
				t.Errorf("%s: character %d changed, yet %+v", v.ID, i, n)
			}
		}
	}
	if seen != 1 {
		t.Errorf("%d vectors, want 1", seen)
	}
}

// Each reply is VNPAY's code for what became of the notice.
func TestReply(t *testing.T) {
	for want, err := range map[string]error{
		`{"Message":"Confirm Success","RspCode":"00"}`:  nil,
		`{"Message":"Order not found","RspCode":"01"}`:  market.NotFound("x"),
		`{"Message":"Invalid amount","RspCode":"04"}`:   market.Conflict("payments.notice_amount"),
		`{"Message":"Invalid Checksum","RspCode":"97"}`: market.Forbidden("x"),
		`{"Message":"Unknown error","RspCode":"99"}`:    market.Unavailable("x"),
	} {
		if r := (vnpay.Provider{}).Reply(err); string(r.Body) != want || r.Status != http.StatusOK {
			t.Errorf("Reply(%v) = %d %s, want %s", err, r.Status, r.Body, want)
		}
	}
}

// What VNPAY gets is made of characters that all its languages encode alike.
func TestOrderInfoIsPlain(t *testing.T) {
	w := newWorld(t)
	step, err := w.provider().Begin(t.Context(), charge(market.NewID(start)))
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(step.URL)
	if err != nil {
		t.Fatal(err)
	}
	if got := u.Query().Get("vnp_OrderInfo"); got != "don hang HUE-4F7K qua tang" {
		t.Errorf("order info %q", got)
	}
	if err := w.arrive(step.URL); err != nil {
		t.Error(err)
	}
	if err := w.arrive(strings.Replace(step.URL, "vnp_Amount=33000000", "vnp_Amount=500000", 1)); err == nil {
		t.Error("a changed amount was let in")
	}
}

// A charge whose id has no time cannot be asked about later.
func TestIdWithoutTime(t *testing.T) {
	if _, err := newWorld(t).provider().Begin(t.Context(), charge("P1")); market.KindOf(err) != market.KindInvalid {
		t.Errorf("Begin = %v, want invalid", err)
	}
}

// Under way, reversed and suspected are not guessed to be paid or failed.
func TestUnsettledStates(t *testing.T) {
	p := newWorld(t).provider()
	for codes, want := range map[[2]string]string{
		{"00", "00"}: payments.NoticeCapture, {"24", "02"}: payments.NoticeFailure, {"00", "01"}: payments.NoticePending,
		{"00", "04"}: payments.NoticePending, {"07", "00"}: payments.NoticePending, {"07", "07"}: payments.NoticePending, {"", ""}: payments.NoticePending,
	} {
		f := fields()
		f.Set("vnp_ResponseCode", codes[0])
		f.Set("vnp_TransactionStatus", codes[1])
		if n, err := p.Notice(t.Context(), payments.Raw{Query: sealed(f)}); err != nil || n.Type != want {
			t.Errorf("%v: %+v, %v; want %s", codes, n, err, want)
		}
	}
}

// Amounts that are not whole đồng do not exist.
func TestAmountsAreHundredfold(t *testing.T) {
	p := newWorld(t).provider()
	for _, amount := range []string{"33000050", "330000.00", "", "9999999999999999999999"} {
		f := fields()
		f.Set("vnp_Amount", amount)
		if n, err := p.Notice(t.Context(), payments.Raw{Query: sealed(f)}); err == nil {
			t.Errorf("%q: %+v", amount, n)
		}
	}
}

func TestNoSecretInWords(t *testing.T) {
	w := newWorld(t)
	p := w.provider()
	said := []string{fmt.Sprintf("%v %+v %#v", p, p, p)}
	step, err := p.Begin(t.Context(), charge(market.NewID(start)))
	said = append(said, fmt.Sprintf("%+v %v", step, err))
	w.wire.Down.Store(true)
	_, err = p.Query(t.Context(), &payments.Intent{})
	said = append(said, fmt.Sprintf("%+v", err))
	_, err = p.Notice(t.Context(), w.sign(t, payments.Notice{Transaction: "1", Merchant: terminal}, "another"))
	said = append(said, fmt.Sprintf("%+v", err))
	for _, text := range said {
		if strings.Contains(text, secret) || text == "<nil>" {
			t.Errorf("said %s", text)
		}
	}
}

func fields() url.Values {
	return url.Values{
		"vnp_Amount": {"33000000"}, "vnp_TxnRef": {"P1"}, "vnp_TmnCode": {terminal}, "vnp_TransactionNo": {"7"},
		"vnp_ResponseCode": {"00"}, "vnp_TransactionStatus": {"00"}, "vnp_PayDate": {"20261128090000"}, "vnp_OrderInfo": {"a b"},
	}
}

// sealed signs fields as VNPAY's documents spell it out.
func sealed(f url.Values) string {
	signed := url.Values{}
	for name, values := range f {
		if values[0] != "" && strings.HasPrefix(name, "vnp_") {
			signed[name] = values
		}
	}
	h := hmac.New(sha512.New, []byte(secret))
	_, _ = h.Write([]byte(signed.Encode()))
	return f.Encode() + "&vnp_SecureHash=" + hex.EncodeToString(h.Sum(nil))
}

// FuzzNotice reads callbacks as they come and, so that signed ones are reached,
// with one signed field changed.
func FuzzNotice(f *testing.F) {
	p := newWorld(f).provider()
	f.Add(sealed(fields()), "vnp_Amount", "1e99")
	f.Add("vnp_Amount=1&vnp_Amount=2&vnp_SecureHash=x", "vnp_PayDate", "99999999999999")
	f.Add("%zz", "vnp_TransactionNo", "000")
	f.Fuzz(func(t *testing.T, query, name, value string) {
		changed := fields()
		if changed.Has(name) {
			changed.Set(name, value)
		}
		for _, q := range []string{query, sealed(changed)} {
			n, err := p.Notice(t.Context(), payments.Raw{Query: q})
			if kind := market.KindOf(err); err != nil && kind != market.KindForbidden && kind != market.KindInvalid {
				t.Errorf("%v is neither forbidden nor invalid", err)
			}
			if err != nil && n != (payments.Notice{}) {
				t.Errorf("refused, but read %+v", n)
			}
		}
	})
}
