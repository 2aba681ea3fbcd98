package vietqr

import (
	"encoding/json"
	"os"
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

var now = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

func charge() payments.Charge {
	return payments.Charge{
		ID: "P1", Order: "O1", OrderCode: "HUE-4F7K", Amount: 185_000, Method: Name,
		Shares:    []payments.Share{{Seller: "A", Goods: 160_000, Shipping: 25_000, Fee: 4800}},
		Payee:     &payments.Bank{BIN: "970405", Account: "4000205123456", Holder: "HTX Thuỷ Biều"},
		ExpiresAt: now.Add(time.Hour),
	}
}

func TestProvider(t *testing.T) {
	env := market.NewEnv(func() time.Time { return now })
	paymentstest.Run(t, paymentstest.Subject{Provider: New("Huế"), Charge: charge(), Env: env, Open: open})
}

func open(t *testing.T) store.Engine {
	e, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func TestBeginWritesTheCharge(t *testing.T) {
	step, err := New("Huế").Begin(t.Context(), charge())
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(step.QR)
	want := Code{
		BIN: "970405", Account: "4000205123456", Amount: 185_000, Holder: "HTX THUY BIEU", City: "HUE",
		Reference: "HUE 4F7K", Dynamic: true,
	}
	if err != nil || got != want {
		t.Errorf("Decode = %+v, %v\nwant %+v", got, err, want)
	}
	if step.Merchant != "970405:4000205123456" || step.Reference != "HUE 4F7K" {
		t.Errorf("step = %+v", step)
	}
}

func TestBeginWithoutAccount(t *testing.T) {
	c := charge()
	c.Payee = nil
	if _, err := New("Huế").Begin(t.Context(), c); market.KindOf(err) != market.KindInvalid {
		t.Errorf("Begin = %v, want invalid", err)
	}
}

// The vectors were made by others: NAPAS's own document.
func TestChecksumVectors(t *testing.T) {
	raw, err := os.ReadFile("../testdata/payment_vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct{ ID, Provider, Raw, Expected string }
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, v := range vectors {
		if v.Provider != Name {
			continue
		}
		seen++
		if got := checksum(v.Raw); got != v.Expected {
			t.Errorf("%s: checksum = %s, want %s", v.ID, got, v.Expected)
		}
		if _, err := Decode(v.Raw + v.Expected); err != nil {
			t.Errorf("%s: Decode: %v", v.ID, err)
		}
	}
	if seen != 3 {
		t.Errorf("%d vectors, want 3", seen)
	}
}

// These codes were written by another program, npm vietnam-qr-pay 1.5.1.
func TestCodesOfOthers(t *testing.T) {
	raw, err := os.ReadFile("../testdata/vietqr_vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		BIN, Account, Reference, QR string
		Amount                      market.VND
	}
	if err := json.Unmarshal(raw, &vectors); err != nil || len(vectors) == 0 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for _, v := range vectors {
		want := Code{BIN: v.BIN, Account: v.Account, Amount: v.Amount, Reference: v.Reference, Dynamic: v.Amount > 0}
		if got, err := Decode(v.QR); err != nil || got != want {
			t.Errorf("Decode(%s) = %+v, %v\nwant %+v", v.QR, got, err, want)
		}
		if v.Reference != strings.ToUpper(v.Reference) {
			continue // we write capitals only
		}
		if got, err := want.Encode(); err != nil || got != v.QR {
			t.Errorf("Encode = %s, %v\nwant     %s", got, err, v.QR)
		}
	}
}

// The check value of CRC-16/CCITT-FALSE, and a checksum that begins with zero.
func TestChecksumKeepsLeadingZeros(t *testing.T) {
	if got := checksum("123456789"); got != "29B1" {
		t.Errorf("checksum = %s, want 29B1", got)
	}
	for n := range 10_000 {
		got := checksum(strings.Repeat("A", n%50) + string(rune('0'+n%10)) + strings.Repeat("7", n/50))
		if len(got) != 4 {
			t.Fatalf("checksum %q has %d digits", got, len(got))
		}
		if got[0] == '0' {
			return
		}
	}
	t.Error("no checksum below 1000 was met")
}

func TestNapasExampleIsWritten(t *testing.T) {
	got, err := Code{BIN: "970403", Account: "0011012345678", Dynamic: true, Amount: 180_000, Bill: "NPS6869"}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	want := "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA530370454061800005802VN62110107NPS68696304"
	if got[:len(got)-4] != want {
		t.Errorf("Encode = %s\nwant     %s", got, want)
	}
}

func TestEncodeRefuses(t *testing.T) {
	good := Code{BIN: "970405", Account: "123"}
	for name, change := range map[string]func(*Code){
		"short bin":      func(c *Code) { c.BIN = "97040" },
		"letters in bin": func(c *Code) { c.BIN = "97040A" },
		"no account":     func(c *Code) { c.Account = "" },
		"long account":   func(c *Code) { c.Account = strings.Repeat("1", 20) },
		"marks":          func(c *Code) { c.Account = "tài khoản" },
		"negative":       func(c *Code) { c.Amount = -1 },
		"14 digits":      func(c *Code) { c.Amount = 10_000_000_000_000 },
	} {
		c := good
		change(&c)
		if qr, err := c.Encode(); market.KindOf(err) != market.KindInvalid {
			t.Errorf("%s: Encode = %q, %v; want invalid", name, qr, err)
		}
	}
}

// body seals a hand-written code, so that only the fault meant is in it.
func sealed(body string) string { return body + "6304" + checksum(body+"6304") }

func TestDecodeRefuses(t *testing.T) {
	const head, payee, tail = "000201010211", "38540010A00000072701240006970423011000999999990208QRIBFTTA", "53037045802VN"
	if _, err := Decode(sealed(head + payee + tail)); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"empty":             "",
		"no payee":          head + tail,
		"tag twice":         head + payee + payee + tail,
		"length beyond end": head + "3899" + payee[4:] + tail,
		"other currency":    head + payee + "53038405802VN",
		"other country":     head + payee + "53037045802US",
		"other network":     head + strings.Replace(payee, "A000000727", "A000000728", 1) + tail,
		"other service":     head + strings.Replace(payee, "QRIBFTTA", "QRPUSHXX", 1) + tail,
		"method 13":         "000201010213" + payee + tail,
		"amount with dot":   head + payee + "5405100.0" + tail,
		"amount zero":       head + payee + "54010" + tail,
		"signed amount":     head + payee + "5403+10" + tail,
		"version 2":         "000202010211" + payee + tail,
	} {
		if c, err := Decode(sealed(body)); market.KindOf(err) != market.KindInvalid {
			t.Errorf("%s: Decode = %+v, %v; want invalid", name, c, err)
		}
	}
	good := sealed(head + payee + tail)
	for i := range len(good) {
		bad := []byte(good)
		bad[i] ^= 1
		if _, err := Decode(string(bad)); err == nil {
			t.Errorf("accepted with character %d changed: %s", i, bad)
		}
	}
}

func TestASCII(t *testing.T) {
	for in, want := range map[string]string{
		"Đơn hàng Huế": "DON HANG HUE",
		"  a--b  ":     "A B",
		"Nguyễn Thị Minh Khai và các cộng sự": "NGUYEN THI MINH KHAI VA C",
		"日本":                          "",
		"1234567890123456789012345 6": "1234567890123456789012345",
	} {
		if got := ASCII(in, 25); got != want {
			t.Errorf("ASCII(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzDecode proves that what is read can be written and read again to the
// same, and that nothing crashes.
func FuzzDecode(f *testing.F) {
	step, err := New("Huế").Begin(f.Context(), charge())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(step.QR)
	f.Add(sealed("00020101021138540010A00000072701240006970423011000999999990208QRIBFTTA53037045802VN"))
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Decode(s)
		if err != nil {
			if market.KindOf(err) != market.KindInvalid {
				t.Errorf("Decode(%q): %v is not invalid", s, err)
			}
			return
		}
		again, err := c.Encode()
		if err != nil {
			t.Fatalf("Encode(%+v): %v", c, err)
		}
		back, err := Decode(again)
		if err != nil {
			t.Fatalf("Decode(%q): %v", again, err)
		}
		for _, v := range []*Code{&c, &back} {
			v.Holder, v.City = ASCII(v.Holder, maxHolder), ASCII(v.City, maxCity)
			v.Bill, v.Reference = ASCII(v.Bill, maxContent), ASCII(v.Reference, maxContent)
		}
		if back != c {
			t.Errorf("%+v became %+v", c, back)
		}
	})
}
