// Package banksim plays a bank on which a VietQR is paid: the payer pastes or
// opens the code, sees whom it pays, and transfers; the account's owner takes
// the statement as CSV, on which the payer's reference stands in the content.
// It reads codes by NAPAS's document on its own, not with the market's decoder.
package banksim

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"chohue/payments/walletsim"
)

// Bank is the simulated bank; it serves HTTP.
type Bank struct {
	http.Handler
	c walletsim.Common

	mu    sync.Mutex
	lines []Line
}

// Line is one credit on a statement.
type Line struct {
	At          time.Time
	Transaction string
	BIN         string
	Account     string
	Amount      int64
	Content     string
	Payer       string
}

// New opens the bank.
func New(c walletsim.Common) *Bank {
	b := &Bank{c: c.Fill()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", b.ask)
	mux.HandleFunc("GET /pay", b.show)
	mux.HandleFunc("POST /pay", b.pay)
	mux.HandleFunc("GET /statement.csv", b.statement)
	b.Handler = mux
	return b
}

// ask is the page on which a code is pasted: a form that leads to show.
func (b *Bank) ask(w http.ResponseWriter, _ *http.Request) {
	walletsim.Page{
		Brand: "Ngân hàng mô phỏng", Colour: "14532D", Question: "Dán nội dung mã VietQR để chuyển khoản", Paste: b.c.At + "/pay",
	}.Write(w, http.StatusOK)
}

func (b *Bank) show(w http.ResponseWriter, r *http.Request) {
	code := r.FormValue("qr")
	q, err := Read(code)
	if err != nil {
		http.Error(w, "Mã không đọc được: "+err.Error(), http.StatusBadRequest)
		return
	}
	walletsim.Page{
		Brand: "Ngân hàng mô phỏng", Colour: "14532D", Question: "Chuyển khoản", Amount: q.Amount,
		Rows:   [][2]string{{"Ngân hàng nhận", q.BIN}, {"Tài khoản", q.Account}, {"Tên", q.Holder}, {"Nội dung", q.Reference}},
		Action: b.c.At + "/pay", Hidden: map[string]string{"qr": code}, Choices: []walletsim.Choice{{Value: "pay", Label: "Chuyển " + walletsim.Dong(q.Amount)}},
	}.Write(w, http.StatusOK)
}

func (b *Bank) pay(w http.ResponseWriter, r *http.Request) {
	l, err := b.Pay(r.FormValue("qr"))
	if err != nil {
		http.Error(w, "Không chuyển được: "+err.Error(), http.StatusBadRequest)
		return
	}
	walletsim.Page{
		Brand: "Ngân hàng mô phỏng", Colour: "14532D", Question: "Đã chuyển", Amount: l.Amount,
		Rows: [][2]string{{"Mã giao dịch", l.Transaction}, {"Tài khoản", l.Account}, {"Nội dung", l.Content}},
		Over: "Người bán thấy khoản này trên sao kê và xác nhận đơn hàng.",
	}.Write(w, http.StatusOK)
}

// Pay transfers what a code asks for. Like people's banking apps it puts words
// of its own around the content.
func (b *Bank) Pay(code string) (Line, error) {
	q, err := Read(code)
	if err != nil {
		return Line{}, err
	}
	if q.Amount <= 0 {
		return Line{}, errors.New("no amount")
	}
	if b.c.On(walletsim.Refuse) {
		return Line{}, errors.New("refused by the bank")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	number := fmt.Sprintf("FT%s%06d", walletsim.Hue(b.c.Now()).Format("060102"), len(b.lines)+1)
	l := Line{
		At: b.c.Now(), Transaction: number, BIN: q.BIN, Account: q.Account, Amount: q.Amount,
		Content: "MBVCB." + number + "." + q.Reference + ".CT tu 0071000123456 NGUYEN VAN A", Payer: "NGUYEN VAN A",
	}
	b.lines = append(b.lines, l)
	return l, nil
}

// statement is the CSV of an account, or of all.
func (b *Bank) statement(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	out := csv.NewWriter(w)
	_ = out.Write([]string{"booked_at", "transaction", "bank", "account", "credit", "content", "payer"}) // Flush reports to nobody: the reader has gone
	for _, l := range b.Lines(r.FormValue("account")) {
		_ = out.Write([]string{
			walletsim.Hue(l.At).Format(time.RFC3339), l.Transaction, l.BIN, l.Account, strconv.FormatInt(l.Amount, 10), l.Content, l.Payer,
		})
	}
	out.Flush()
}

// Lines are the credits of an account, oldest first; of all when it is empty.
func (b *Bank) Lines(account string) []Line {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Line
	for _, l := range b.lines {
		if account == "" || l.Account == account {
			out = append(out, l)
		}
	}
	return out
}
