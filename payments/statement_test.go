package payments

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
)

var operator = market.Actor{Person: "op", Roles: []market.Role{market.RoleOperator}}

// report is a provider's file of the test's day.
func report(t *testing.T, lines ...string) Report {
	t.Helper()
	r, err := ReadReport(strings.NewReader(strings.Join(ReportColumns, ",") + "\n" + strings.Join(lines, "\n") + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return Report{Provider: "bank", From: start.Add(-time.Hour), To: start.Add(24 * time.Hour), Lines: r}
}

func line(transaction, reference, kind string, amount market.VND) string {
	return fmt.Sprintf("%s,%s,%s,%d,1650,%s", transaction, reference, kind, amount, start.Format(time.RFC3339))
}

// whys are the differences found, as "why transaction document".
func whys(found []*Mismatch) []string {
	var all []string
	for _, m := range found {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s", m.Why, m.Transaction, m.Document)))
	}
	slices.Sort(all)
	return all
}

// TestReportNamesEveryDifference plants each difference once and reads the file
// twice: the queue holds each once.
func TestReportNamesEveryDifference(t *testing.T) {
	w := newWorld(t)
	for _, id := range []market.ID{"P1", "P2", "P3", "P4", "P5", "P6", "P7"} {
		w.paid(id)
	}
	w.begin("P8") // they say it is paid, we have not heard
	w.audited()
	w.paid("P9") // paid, its entry still on the way
	lines := []string{
		line("T-P1", "P1", NoticeCapture, 330_000),
		line("T-P2", "P2", NoticeCapture, 330_001),
		line("T-P3", "P3", NoticeRefund, 330_000),
		line("T-P4", "P5", NoticeCapture, 330_000),
		line("T-P5", "P5", NoticeCapture, 330_000),
		line("T-P6", "", NoticeCapture, 330_000), line("T-P6", "", NoticeCapture, 330_000),
		line("T-P8", "261128_P8", NoticeCapture, 330_000),
		line("T-P9", "P9", NoticeCapture, 330_000),
		line("T-X", "X", NoticeCapture, 1_000),
	}
	want := []string{
		"amount T-P2 capture:P2", "not_here T-P8", "not_there  capture:P7", "payment T-P4 capture:P4", "twice T-P6",
		"type T-P3 capture:P3", "unbooked T-P9 capture:P9", "unknown T-X",
	}
	for range 2 {
		got, err := w.MatchReport(t.Context(), operator, report(t, lines...))
		if err != nil {
			t.Fatal(err)
		}
		if found := whys(got.Mismatches); !slices.Equal(found, want) {
			t.Errorf("found\n%s\nwant\n%s", strings.Join(found, "\n"), strings.Join(want, "\n"))
		}
		if got.Lines != 10 || got.Fits != 3 || got.Captured != 7*330_000+330_001+1000 || got.Refunded != 330_000 || got.Fees != 16_500 {
			t.Errorf("%+v", got)
		}
	}
	queue, err := w.Mismatches(t.Context(), operator, "", "", 0)
	if err != nil || len(queue.Items) != len(want) {
		t.Errorf("%d in the queue, %v", len(queue.Items), err)
	}
}

// TestRecheckBooksWhatWasLost: the difference's action asks the provider, and
// the difference closes when the books have the movement.
func TestRecheckBooksWhatWasLost(t *testing.T) {
	w := newWorld(t)
	w.begin("P1")
	got, err := w.MatchReport(t.Context(), operator, report(t, line("T-P1", "P1", NoticeCapture, 330_000)))
	if err != nil || len(got.Mismatches) != 1 || got.Mismatches[0].Action() != "recheck" {
		t.Fatalf("%+v %v", got, err)
	}
	id := got.Mismatches[0].ID
	if m, err := w.RecheckMismatch(t.Context(), operator, id); err != nil || m.State != MismatchOpen {
		t.Errorf("the provider knows nothing yet: %+v %v", m, err)
	}
	w.bank.status = func(in *Intent) (Notice, error) { return captured(in.ID), nil }
	for range 2 {
		if m, err := w.RecheckMismatch(t.Context(), operator, id); err != nil || m.State != MismatchDone {
			t.Errorf("after the provider has told: %+v %v", m, err)
		}
	}
	w.want("P1", StateCaptured)
	w.audited()
	if queue, _ := w.Mismatches(t.Context(), operator, "", "", 0); len(queue.Items) != 0 {
		t.Errorf("still in the queue: %v", whys(queue.Items))
	}
}

// TestQueueIsForThoseItConcerns: others hear that there is nothing.
func TestQueueIsForThoseItConcerns(t *testing.T) {
	w := newWorld(t)
	got, err := w.MatchReport(t.Context(), operator, report(t, line("T-X", "", NoticeCapture, 1)))
	if err != nil {
		t.Fatal(err)
	}
	seller := market.Actor{Person: "s", Sellers: []market.ID{"A"}}
	_, e1 := w.Mismatches(t.Context(), seller, "", "", 0)
	_, e2 := w.CloseMismatch(t.Context(), seller, got.Mismatches[0].ID, "xong")
	_, e3 := w.RecheckMismatch(t.Context(), seller, got.Mismatches[0].ID)
	_, e4 := w.MatchReport(t.Context(), seller, report(t))
	_, e5 := w.MatchCOD(t.Context(), seller, "ghn", nil)
	_, e6 := w.MatchBank(t.Context(), seller, "B", nil)
	_, e7 := w.CloseMismatch(t.Context(), operator, "no such", "xong")
	for i, err := range []error{e1, e2, e3, e4, e5, e6, e7} {
		if market.KindOf(err) != market.KindNotFound {
			t.Errorf("%d: %v", i+1, err)
		}
	}
	if _, err := w.CloseMismatch(t.Context(), operator, got.Mismatches[0].ID, " "); market.KindOf(err) != market.KindInvalid {
		t.Errorf("closed without a word: %v", err)
	}
	if m, err := w.CloseMismatch(t.Context(), operator, got.Mismatches[0].ID, "hỏi MoMo: của sàn khác"); err != nil || m.State != MismatchDone || m.By != "op" {
		t.Errorf("%+v %v", m, err)
	}
}

// TestBadRowsAreNamed: the good ones are read all the same.
func TestBadRowsAreNamed(t *testing.T) {
	w := newWorld(t)
	w.paid("P1")
	w.audited()
	got, err := w.MatchReport(t.Context(), operator, report(t,
		"T,P,capture,12x,0,2026-11-28", "T,P,gift,1,0,2026-11-28", "T,P,capture,1,0,tomorrow", ",P,capture,1,0,2026-11-28", "T,P",
		line("T-P1", "P1", NoticeCapture, 330_000)))
	if err != nil || len(got.Unreadable) != 5 || got.Fits != 1 || len(got.Mismatches) != 0 {
		t.Errorf("%+v %v", got, err)
	}
	for i, err := range got.Unreadable {
		var e *market.Error
		if !errors.As(err, &e) || e.Field != fmt.Sprintf("rows/%d", i+2) {
			t.Errorf("row %d: %v", i+2, err)
		}
	}
	if _, err := ReadReport(strings.NewReader("a,b\n")); market.KindOf(err) != market.KindInvalid {
		t.Errorf("another file: %v", err)
	}
}

// statement is a bank's file of one account.
func statement(t *testing.T, lines ...string) *ReportReader {
	t.Helper()
	r, err := ReadBankStatement(strings.NewReader(strings.Join(BankStatementColumns, ",") + "\n" + strings.Join(lines, "\n") + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func credit(transaction, account, amount, text string) string {
	return start.Format(time.RFC3339) + "," + transaction + ",970436," + account + "," + amount + "," + text + ",NGUYEN VAN A"
}

// transfer begins a payment to the seller's own account.
func (w *world) transfer(id market.ID, code string) {
	w.t.Helper()
	c := charge(id)
	c.Method, c.OrderCode, c.Amount = "hand", code, 220_000
	c.Shares, c.Payee = c.Shares[:1], &Bank{BIN: "970436", Account: "0071000", Holder: "HTX A"}
	if _, err := w.Begin(w.t.Context(), market.System, c); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.intents.Update(w.t.Context(), id, func(in *Intent) ([]market.Event, error) {
		in.Step.Merchant = "970436:0071000"
		return nil, nil
	}); err != nil {
		w.t.Fatal(err)
	}
}

// TestBankStatementConfirmsTransfers by the reference, whatever the bank's
// systems have done to it; the same file again changes nothing, and neither
// does a person's word before.
func TestBankStatementConfirmsTransfers(t *testing.T) {
	w := newWorld(t)
	w.hand.named = "970436:0071000"
	w.transfer("P1", "HUE-7K3F9Q2M")
	w.transfer("P2", "HUE-7K3F9Q2N")
	w.transfer("P3", "HUE-7K3F9Q2P")
	seller := market.Actor{Person: "s", Sellers: []market.ID{"A"}}
	if _, err := w.Confirm(t.Context(), seller, "P2"); err != nil {
		t.Fatal(err)
	}
	lines := []string{
		credit("FT1", "0071000", "220000", "MBVCB.FT1.HUE7K3F9Q2M.CT tu 0071 NGUYEN VAN A"),
		credit("FT2", "0071000", "220.000", "hue-7k3f9q2n thanh toan"),
		credit("FT3", "0071000", "219999", "HUE 7K3F9Q2P"),
		credit("FT4", "0071000", "50000", "tien nha"),
		credit("FT5", "9999999", "220000", "HUE7K3F9Q2P"),
	}
	for i := range 2 {
		got, err := w.MatchBank(t.Context(), seller, "A", statement(t, lines...))
		if err != nil || got.Lines != 5 || got.Confirmed != 1-i || got.Known != 1+i {
			t.Errorf("time %d: %+v %v", i+1, got, err)
		}
		if found, want := whys(got.Mismatches), []string{"amount FT3", "unmatched FT4", "unmatched FT5"}; !slices.Equal(found, want) {
			t.Errorf("found %q, want %q", found, want)
		}
	}
	for id, want := range map[market.ID]market.VND{"P1": 220_000, "P2": 220_000, "P3": 0} {
		if in := w.get(id); in.Captured != want {
			t.Errorf("%s has %d, want %d", id, in.Captured, want)
		}
	}
	got, err := w.MatchBank(t.Context(), seller, "A", statement(t, credit("FT6", "0071000", "220000", "HUE7K3F9Q2N")))
	if err != nil || got.Confirmed != 1 || w.get("P2").surplus() != 220_000 {
		t.Errorf("money that came a second time: %+v %v", got, err)
	}
	w.audited()
	queue, err := w.Mismatches(t.Context(), seller, "A", "", 0)
	if err != nil || len(queue.Items) != 3 {
		t.Errorf("queue %v %v", whys(queue.Items), err)
	}
}

// TestCarrierStatement: cash is with the seller when the carrier says so, for
// what the books say, once.
func TestCarrierStatement(t *testing.T) {
	w := newWorld(t)
	cash := func(id market.ID, carrier string, fee market.VND) {
		w.paid(id)
		if _, err := w.intents.Update(t.Context(), id, func(in *Intent) ([]market.Event, error) {
			in.Shares, in.Amount, in.Captured, in.Step.Kind = in.Shares[:1], 220_000, 220_000, StepNone
			in.Captures[0].Amount = 220_000
			in.Carriages = []Carriage{{Parcel: id, Seller: "A", Carrier: carrier, Fee: fee, At: start}}
			return []market.Event{w.event(EventCarried, in, Happened{Document: Carriage{Parcel: id}.document(), Seller: "A"})}, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	cash("P1", "ghn", 18_000)
	cash("P2", "ghn", 18_000)
	cash("P3", "ghn", 18_000)
	w.begin("P4")
	w.heard()
	lines := []Remittance{
		{Tracking: "G1", Payment: "P1", Collected: 220_000, Fee: 18_000},
		{Tracking: "G2", Payment: "P2", Collected: 200_000, Fee: 18_000},
		{Tracking: "G3", Payment: "P3", Collected: 220_000, Fee: 25_000},
		{Tracking: "G4", Payment: "P4", Collected: 220_000},
		{Tracking: "G5", Collected: 1},
	}
	before, _ := w.Balance(t.Context(), Payable("A"))
	for i := range 2 {
		got, err := w.MatchCOD(t.Context(), operator, "ghn", lines)
		if err != nil || got.Remitted != 1-i || got.Known != i {
			t.Errorf("time %d: %+v %v", i+1, got, err)
		}
		if found, want := whys(got.Mismatches), []string{"amount G2", "fee G3", "not_booked G4", "unknown G5"}; !slices.Equal(found, want) {
			t.Errorf("found %q, want %q", found, want)
		}
	}
	after, _ := w.Balance(t.Context(), Payable("A"))
	if before-after != 202_000 {
		t.Errorf("the seller was owed %d, now %d", before, after)
	}
	changed := []Remittance{{Tracking: "G1", Payment: "P1", Collected: 220_000, Fee: 18_000}, {Tracking: "G1b", Payment: "P1", Collected: 220_000, Fee: 18_000}}
	if got, err := w.MatchCOD(t.Context(), operator, "ghn", changed); err != nil || got.Known != 2 {
		t.Errorf("told again: %+v %v", got, err)
	}
}

// TestReportOfAHundredThousand plants faults in a month's file and wants every
// one named and nothing else. 10,000 lines by default; MARKET_TEST_SEEDS set
// (as in CI) makes it 100,000. Time and memory are logged.
func TestReportOfAHundredThousand(t *testing.T) {
	n := 10_000
	if os.Getenv("MARKET_TEST_SEEDS") != "" {
		n = 100_000
	}
	w := newWorld(t)
	w.book(n)
	lines := make([]string, 0, n)
	want := map[string]bool{}
	for i := range n {
		id := market.ID(fmt.Sprintf("P%06d", i))
		txn := "T-" + string(id)
		switch {
		case i%1009 == 7:
			want["amount "+txn+" capture:"+string(id)] = true
			lines = append(lines, line(txn, string(id), NoticeCapture, 330_007))
		case i%1013 == 11:
			want["not_there  capture:"+string(id)] = true
		case i%1019 == 13:
			want["twice "+txn] = true
			lines = append(lines, line(txn, string(id), NoticeCapture, 330_000), line(txn, string(id), NoticeCapture, 330_000))
		case i%1021 == 17:
			want["unknown X-"+txn] = true
			lines = append(lines, line(txn, string(id), NoticeCapture, 330_000), line("X-"+txn, "", NoticeCapture, 330_000))
		default:
			lines = append(lines, line(txn, string(id), NoticeCapture, 330_000))
		}
	}
	r := report(t, lines...)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := time.Now()
	got, err := w.MatchReport(t.Context(), operator, r)
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d lines in %v, %.1f µs a line; heap %d MB before, %d MB after", got.Lines, took.Round(time.Millisecond),
		float64(took.Microseconds())/float64(got.Lines), before.HeapAlloc>>20, after.HeapAlloc>>20)
	if found, planted := whys(got.Mismatches), slices.Sorted(maps.Keys(want)); !slices.Equal(found, planted) {
		t.Errorf("%d found, %d planted", len(found), len(planted))
	}
}

// book fills the books with n paid payments, many at once because each write
// waits for the disk.
func (w *world) book(n int) {
	w.t.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				w.booked(market.ID(fmt.Sprintf("P%06d", i)))
			}
		})
	}
	all.Wait()
}

// booked writes a paid payment as notices and relay would have left it.
func (w *world) booked(id market.ID) {
	w.t.Helper()
	in := newIntent(charge(id), "", start)
	in.Step, in.State, in.Captured, in.Due = Step{Kind: StepRedirect, Merchant: "M"}, StateCaptured, in.Amount, nil
	in.Captures = []Capture{{Transaction: "T-" + string(id), Amount: in.Amount, At: start}}
	if err := errors.Join(
		w.intents.Insert(w.t.Context(), in),
		w.claims.Insert(w.t.Context(), &claim{Doc: store.Doc{ID: "bank:capture:T-" + id}, Payment: id, Amount: in.Amount, At: start}),
		w.Post(w.t.Context(), in.transactions()[KindCapture+":"+string(id)]),
	); err != nil {
		w.t.Error(err)
	}
}

func FuzzReport(f *testing.F) {
	f.Add(strings.Join(ReportColumns, ",") + "\n" + line("T", "P", NoticeCapture, 1))
	f.Add(strings.Join(BankStatementColumns, ",") + "\n" + credit("T", "1", "1.000", "HUE-7K3F9Q2M"))
	f.Fuzz(func(t *testing.T, file string) {
		for _, open := range []func(io.Reader) (*ReportReader, error){ReadReport, ReadBankStatement} {
			r, err := open(strings.NewReader(file))
			for err == nil {
				var l StatementLine
				if l, err = r.Next(); err == nil && (l.Amount <= 0 || l.Transaction == "" || l.At.IsZero()) {
					t.Errorf("%q gave %+v", file, l)
				}
				if market.KindOf(err) == market.KindInvalid {
					err = nil
				}
			}
		}
	})
}
