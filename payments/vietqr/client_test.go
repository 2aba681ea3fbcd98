package vietqr

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"chohue/market"
	"chohue/payments/vietqr/banksim"
	"chohue/payments/walletsim"
)

type clientCode struct {
	BIN       string `json:"bin"`
	Account   string `json:"account"`
	Amount    string `json:"amount"`
	Reference string `json:"reference"`
	Valid     bool   `json:"valid"`
	Method    string `json:"method"`
}

// client has the npm package "vietnam-qr-pay", written by others, write the
// codes and read the texts.
func client(t *testing.T, encode []clientCode, decode []string) (encoded []string, decoded []clientCode) {
	t.Helper()
	script := filepath.Join("..", "testdata", "node", "vietqr.cjs")
	if _, err := os.Stat(filepath.Join(filepath.Dir(script), "node_modules", "vietnam-qr-pay")); err != nil {
		if os.Getenv("MARKET_TEST_REQUIRED") == "1" {
			t.Fatal("run make clients: ", err)
		}
		t.Skip("run make clients: ", err)
	}
	in, err := json.Marshal(map[string]any{"encode": encode, "decode": decode})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", script)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Encoded []string     `json:"encoded"`
		Decoded []clientCode `json:"decoded"`
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Encoded, answer.Decoded
}

// many are codes of banks, amounts and references of every length; among so
// many, some have a checksum below 1000 hexadecimal, which must keep its zeros.
func many() []Code {
	var all []Code
	for i, bin := range []string{"970436", "970418", "970415", "970405", "970422", "970407", "970416", "970449", "970446"} {
		for n := range 20 {
			all = append(all, Code{
				BIN: bin, Account: "1234567890123456789"[:1+(n*7+i)%19], Amount: market.VND(1000 + n*n*n*997*(i+1)),
				Reference: fmt.Sprintf("HUE %04X%d", n*2654435+i, i), Dynamic: true,
			})
		}
	}
	return all
}

// What we write others read, what they write we read, and both write the same
// text, checksum included.
func TestClientReadsAndWritesTheSame(t *testing.T) {
	codes := many()
	var texts []string
	var theirs []clientCode
	zeros := 0
	for _, c := range codes {
		text, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(text[len(text)-4:], "0") {
			zeros++
		}
		texts = append(texts, text)
		theirs = append(theirs, clientCode{BIN: c.BIN, Account: c.Account, Amount: fmt.Sprint(int64(c.Amount)), Reference: c.Reference})
	}
	if zeros == 0 {
		t.Fatal("no checksum below 1000: the test shows nothing about its zeros")
	}
	encoded, decoded := client(t, theirs, texts)
	for i, c := range codes {
		if d := decoded[i]; !d.Valid || d.BIN != c.BIN || d.Account != c.Account || d.Amount != theirs[i].Amount || d.Reference != c.Reference || d.Method != "12" {
			t.Errorf("they read %+v of %+v", d, c)
		}
		if encoded[i] != texts[i] {
			t.Errorf("theirs %s\nours   %s", encoded[i], texts[i])
		}
		if back, err := Decode(encoded[i]); err != nil || back != c {
			t.Errorf("we read %+v, %v of theirs; want %+v", back, err, c)
		}
	}
}

// The simulated bank reads our codes with a reader of its own, and the order's
// reference stands on the statement.
func TestBankTakesOurCodes(t *testing.T) {
	bank := banksim.New(walletsim.Common{})
	step, err := New("Huế").Begin(t.Context(), charge())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bank.Pay(step.QR); err != nil {
		t.Fatal(err)
	}
	lines := bank.Lines("4000205123456")
	if len(lines) != 1 || lines[0].Amount != 185_000 || lines[0].BIN != "970405" || !strings.Contains(lines[0].Content, step.Reference) {
		t.Errorf("statement %+v; want %s", lines, step.Reference)
	}
	for _, c := range many() {
		text, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if q, err := banksim.Read(text); err != nil || q.Account != c.Account || q.Amount != int64(c.Amount) || q.Reference != c.Reference {
			t.Errorf("the bank reads %+v, %v of %+v", q, err, c)
		}
		if _, err := banksim.Read(text[:len(text)-1] + "x"); err == nil {
			t.Error("a wrong checksum was taken")
		}
	}
}
