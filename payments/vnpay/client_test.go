package vnpay_test

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"chohue/market"
	"chohue/payments/walletsim"
)

// client asks the npm package "vnpay", written by others.
func client(t *testing.T, question map[string]any, answer any) {
	t.Helper()
	script := filepath.Join("..", "testdata", "node", "vnpay.mjs")
	if _, err := os.Stat(filepath.Join(filepath.Dir(script), "node_modules", "vnpay")); err != nil {
		if os.Getenv("MARKET_TEST_REQUIRED") == "1" {
			t.Fatal("run make clients: ", err)
		}
		t.Skip("run make clients: ", err)
	}
	question["tmnCode"], question["secret"] = terminal, secret
	in, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", script)
	cmd.Stdin = bytes.NewReader(in)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	if err := json.Unmarshal(out, answer); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// The same payment gets the same address, signature included, from the client
// of others and from us; and the simulator lets both in.
func TestClientBuildsTheSameAddress(t *testing.T) {
	w := newWorld(t)
	c := charge(market.NewID(start))
	step, err := w.provider().Begin(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := url.Parse(step.URL)
	if err != nil {
		t.Fatal(err)
	}
	f := ours.Query()
	var theirs string
	client(t, map[string]any{"ask": "build", "host": "http://vnpay.test", "fields": map[string]any{
		"vnp_Amount": int64(c.Amount), "vnp_IpAddr": f.Get("vnp_IpAddr"), "vnp_TxnRef": f.Get("vnp_TxnRef"), "vnp_OrderInfo": f.Get("vnp_OrderInfo"),
		"vnp_OrderType": "other", "vnp_ReturnUrl": c.ReturnURL, "vnp_Locale": "vn", "vnp_CreateDate": 20261128090000, "vnp_ExpireDate": 20261128091500,
	}}, &theirs)
	if theirs != step.URL {
		t.Errorf("theirs %s\nours   %s", theirs, step.URL)
	}
	if err := w.arrive(theirs); err != nil {
		t.Error(err)
	}
}

// What the simulator tells is believed by the client of others, and a changed
// word is not.
func TestClientBelievesTheSimulator(t *testing.T) {
	w := newWorld(t)
	told := w.sim.Notice(walletsim.Payment{
		Ref: "P1", Amount: 330_000, Info: "Don hang HUE-4F7K: qua tang", Decision: walletsim.Paid, DecidedAt: start, Number: 7,
	})
	for _, ask := range []string{"ipn", "return"} {
		for _, query := range []string{told, strings.Replace(told, "33000000", "33000001", 1)} {
			var answer struct {
				IsVerified, IsSuccess bool
				Amount                float64 `json:"vnp_Amount"`
			}
			client(t, map[string]any{"ask": ask, "host": "http://vnpay.test", "query": query}, &answer)
			if want := query == told; answer.IsVerified != want || want && (!answer.IsSuccess || answer.Amount != 330_000) {
				t.Errorf("%s %s: %+v", ask, query, answer)
			}
		}
	}
}

// The client of others asks and refunds at the simulator as our adapter does.
func TestClientAsksTheSimulator(t *testing.T) {
	w := newWorld(t)
	c := charge(market.NewID(start))
	step, err := w.provider().Begin(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.arrive(step.URL); err != nil {
		t.Fatal(err)
	}
	if _, err := w.sim.Decide(string(c.ID), walletsim.Paid); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.sim)
	defer server.Close()
	fields := map[string]any{
		"vnp_RequestId": "R1", "vnp_TxnRef": string(c.ID), "vnp_TransactionDate": 20261128090000, "vnp_CreateDate": 20261128090100,
		"vnp_IpAddr": "127.0.0.1", "vnp_OrderInfo": "hoi", "vnp_TransactionNo": 4000000001,
	}
	var asked struct {
		IsVerified, IsSuccess bool
		Status                string `json:"vnp_TransactionStatus"`
	}
	client(t, map[string]any{"ask": "query", "host": server.URL, "fields": fields}, &asked)
	if !asked.IsVerified || !asked.IsSuccess || asked.Status != "00" {
		t.Errorf("query: %+v", asked)
	}
	fields["vnp_Amount"], fields["vnp_TransactionType"], fields["vnp_CreateBy"], fields["vnp_RequestId"] = 100_000, "03", "test", "R2"
	var refunded struct{ IsSuccess bool }
	client(t, map[string]any{"ask": "refund", "host": server.URL, "fields": fields}, &refunded)
	p, err := w.sim.Book.Get(string(c.ID))
	if err != nil || !refunded.IsSuccess || p.Left() != 230_000 {
		t.Errorf("refund: %+v, %+v, %v", refunded, p, err)
	}
}
