package payments

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
)

func TestBeginIsIdempotent(t *testing.T) {
	w := newWorld(t)
	first := w.begin("P1")
	second := w.begin("P1")
	if second.Step != first.Step || second.Rev != first.Rev || w.bank.begun.Load() != 1 {
		t.Errorf("second Begin = %+v after %d calls", second, w.bank.begun.Load())
	}
	later := charge("P1")
	later.ExpiresAt = start.Add(time.Hour)
	w.pass(time.Hour)
	if in, err := w.Begin(t.Context(), market.System, later); err != nil || in.ID != "P1" {
		t.Errorf("the same after its time: %v", err)
	}
}

func TestBeginRefuses(t *testing.T) {
	w := newWorld(t)
	w.begin("P1")
	other := charge("P1")
	other.Amount, other.Shares = 330_001, append([]Share{{Seller: "A", Goods: 220_001}}, other.Shares[1])
	if _, err := w.Begin(t.Context(), market.System, other); market.KindOf(err) != market.KindConflict {
		t.Errorf("another amount: %v, want conflict", err)
	}
	unknown := charge("P2")
	unknown.Method = "cheque"
	_, err := w.Begin(t.Context(), market.System, unknown)
	var e *market.Error
	if !errors.As(err, &e) || e.Kind != market.KindInvalid || e.Field != "method" {
		t.Errorf("unknown method: %v, want invalid on method", err)
	}
}

func TestBeginGoesOnAfterTheProviderFailed(t *testing.T) {
	w := newWorld(t)
	w.bank.fail = market.Unavailable("down")
	if _, err := w.Begin(t.Context(), market.System, charge("P1")); market.KindOf(err) != market.KindUnavailable {
		t.Fatalf("Begin = %v", err)
	}
	w.bank.fail = nil
	if in := w.begin("P1"); in.Step.Kind != StepRedirect {
		t.Errorf("step %+v", in.Step)
	}
}

func TestBeginAtOnceByMany(t *testing.T) {
	w := newWorld(t)
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if in, err := w.Begin(t.Context(), market.System, charge("P1")); err != nil || in.Step.Kind != StepRedirect {
				t.Errorf("Begin = %+v, %v", in, err)
			}
		})
	}
	wait.Wait()
	all, err := w.OfOrder(t.Context(), "O-P1")
	if err != nil || len(all) != 1 {
		t.Errorf("%d payments, %v", len(all), err)
	}
}

func TestNoticeEventIsWhatOrdersNeed(t *testing.T) {
	w := newWorld(t)
	w.paid("P1")
	events := w.heard()
	if len(events) != 1 || events[0].Type != EventCaptured || events[0].Subject != "O-P1" {
		t.Fatalf("events: %s", types(events))
	}
	var h Happened
	if err := events[0].Decode(&h); err != nil {
		t.Fatal(err)
	}
	want := Happened{Payment: "P1", Order: "O-P1", Amount: 330_000, Method: "bank", State: StateCaptured, Document: "capture:P1"}
	if h != want {
		t.Errorf("payload %+v\nwant    %+v", h, want)
	}
}

func TestLateMoneyIsNewsAgain(t *testing.T) {
	w := newWorld(t)
	w.begin("P1")
	if _, err := w.Cancel(t.Context(), market.System, "P1"); err != nil {
		t.Fatal(err)
	}
	if err := w.tell(captured("P1")); err != nil {
		t.Fatal(err)
	}
	events := w.heard()
	if got := types(events); got != "payments.failed payments.captured " {
		t.Fatalf("events: %s", got)
	}
	var h Happened
	if err := events[1].Decode(&h); err != nil || !h.Late {
		t.Errorf("%+v, %v; want late", h, err)
	}
	w.audited()
}

func TestSameNoticeAtOnceByMany(t *testing.T) {
	w := newWorld(t)
	w.begin("P1")
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if err := w.tell(captured("P1")); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if in := w.want("P1", StateCaptured); len(in.Captures) != 1 {
		t.Errorf("%d captures", len(in.Captures))
	}
	if events := w.heard(); len(events) != 1 {
		t.Errorf("events: %s", types(events))
	}
}

func TestTransactionOfAnotherPaymentIsRefused(t *testing.T) {
	w := newWorld(t)
	w.paid("P1")
	w.begin("P2")
	n := captured("P2")
	n.Transaction = captured("P1").Transaction
	if err := w.tell(n); market.KindOf(err) != market.KindConflict {
		t.Errorf("reused: %v, want conflict", err)
	}
	w.want("P2", StatePending)
}

func TestEveryCallbackIsKeptWithItsVerdict(t *testing.T) {
	w := newWorld(t)
	w.begin("P1")
	good, forged, unknown, wrong := raw(captured("P1")), raw(captured("P1")), raw(captured("P9")), captured("P1")
	forged.Query = "guess"
	wrong.Amount++
	good.Header = map[string][]string{"X-Trace": {"1"}, "Cookie": {"session=1"}, "Authorization": {"Bearer x"}}
	huge := Raw{Body: bytes.Repeat([]byte("x"), 3*MaxNotice)}
	for _, r := range []Raw{good, good, forged, unknown, raw(wrong), huge, {}} {
		_, _ = w.Notice(t.Context(), "bank", r)
		w.pass(time.Second)
	}
	page, err := w.callbacks.Find(t.Context(), store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Verdict{VerdictApplied, VerdictRepeated, VerdictRefused, VerdictUnknown, VerdictRefused, VerdictRefused, VerdictRefused}
	if len(page.Items) != len(want) {
		t.Fatalf("%d callbacks, want %d", len(page.Items), len(want))
	}
	for i, c := range page.Items {
		if c.Verdict != want[i] {
			t.Errorf("callback %d: %s (%s), want %s", i, c.Verdict, c.Reason, want[i])
		}
	}
	first, big := page.Items[0], page.Items[5]
	if !bytes.Equal(first.Body, good.Body) || first.Query != good.Query || first.Payment != "P1" {
		t.Errorf("not kept as it came: %+v", first)
	}
	if len(first.Header) != 1 || first.Header[0].Name != "X-Trace" {
		t.Errorf("headers kept: %+v", first.Header)
	}
	if len(big.Body) != MaxNotice || big.Size != 3*MaxNotice {
		t.Errorf("kept %d of %d bytes", len(big.Body), big.Size)
	}
}

func TestUnknownProvider(t *testing.T) {
	w := newWorld(t)
	if reply, err := w.Notice(t.Context(), "nobody", Raw{}); reply.Status != 404 || market.KindOf(err) != market.KindNotFound {
		t.Errorf("%+v, %v", reply, err)
	}
}

func TestNoticeErrorHoldsNoBody(t *testing.T) {
	w := newWorld(t)
	_, err := w.Notice(t.Context(), "bank", Raw{Body: []byte("hush"), Query: "hush"})
	if err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("error %v", err)
	}
}

func TestConfirmIsForTheSellersOwnPeople(t *testing.T) {
	w := newWorld(t)
	c := charge("P1")
	c.Method, c.Shares, c.Amount = "hand", c.Shares[:1], 220_000
	if _, err := w.Begin(t.Context(), market.System, c); err != nil {
		t.Fatal(err)
	}
	for name, by := range map[string]market.Actor{
		"guest": {}, "buyer": {Person: "1", Roles: []market.Role{market.RoleBuyer}},
		"other seller": {Person: "2", Sellers: []market.ID{"B"}},
	} {
		if _, err := w.Confirm(t.Context(), by, "P1"); err == nil || err.Error() != errMissing.Error() {
			t.Errorf("%s: %v, want as if it were not there", name, err)
		}
	}
	mine := market.Actor{Person: "3", Sellers: []market.ID{"A"}}
	for range 2 {
		if in, err := w.Confirm(t.Context(), mine, "P1"); err != nil || in.Captured != 220_000 {
			t.Fatalf("Confirm = %+v, %v", in, err)
		}
	}
	w.audited()
}

func TestMachinesPaymentsAreNotConfirmedByHand(t *testing.T) {
	w := newWorld(t)
	w.begin("P1")
	if _, err := w.Confirm(t.Context(), market.System, "P1"); market.KindOf(err) != market.KindConflict {
		t.Errorf("Confirm = %v, want conflict", err)
	}
	w.want("P1", StatePending)
}

func TestConfirmRefundByHand(t *testing.T) {
	w := newWorld(t)
	w.hand.refund = func(*Intent, RefundRequest) (Notice, error) { return Notice{Type: NoticePending}, nil }
	c := charge("P1")
	c.Method, c.Shares, c.Amount, c.Payee = "hand", c.Shares[:1], 220_000, &Bank{BIN: "970405", Account: "1"}
	mine := market.Actor{Person: "3", Sellers: []market.ID{"A"}}
	if _, err := w.Begin(t.Context(), market.System, c); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Confirm(t.Context(), mine, "P1"); err != nil {
		t.Fatal(err)
	}
	in, err := w.Refund(t.Context(), mine, "P1", 20_000, "late", "K")
	if err != nil || in.Refunded != 0 || in.Refundable() != 200_000 {
		t.Fatalf("Refund = %+v, %v; want it reserved", in, err)
	}
	w.pass(time.Hour)
	if _, err := w.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ConfirmRefund(t.Context(), mine, "P1", "nope"); market.KindOf(err) != market.KindNotFound {
		t.Errorf("unknown refund: %v", err)
	}
	for range 2 {
		if in, err = w.ConfirmRefund(t.Context(), mine, "P1", "K"); err != nil || in.Refunded != 20_000 {
			t.Fatalf("ConfirmRefund = %+v, %v", in, err)
		}
	}
	want := map[Account]market.VND{Clearing("hand"): 0, Payable("A"): -5455, PlatformFees: 5455}
	for account, balance := range w.balances() {
		if balance != want[account] {
			t.Errorf("%s = %d, want %d", account, balance, want[account])
		}
	}
}

func TestCancelIsForTheBuyer(t *testing.T) {
	w := newWorld(t)
	buyer := market.Actor{Person: "1", Roles: []market.Role{market.RoleBuyer}}
	if _, err := w.Begin(t.Context(), buyer, charge("P1")); err != nil {
		t.Fatal(err)
	}
	for _, by := range []market.Actor{{}, {Person: "2"}, {Person: "3", Sellers: []market.ID{"A"}}} {
		if _, err := w.Cancel(t.Context(), by, "P1"); market.KindOf(err) != market.KindNotFound {
			t.Errorf("Cancel by %+v: %v", by, err)
		}
	}
	if in, err := w.Cancel(t.Context(), buyer, "P1"); err != nil || in.State != StateFailed {
		t.Errorf("Cancel = %+v, %v", in, err)
	}
}

func TestRefundIsForThoseWhoPayIt(t *testing.T) {
	w := newWorld(t)
	w.paid("P1")
	a := market.Actor{Person: "1", Sellers: []market.ID{"A"}}
	if _, err := w.Refund(t.Context(), a, "P1", 1000, "x", "K1"); market.KindOf(err) != market.KindNotFound {
		t.Errorf("A refunds from B's share: %v", err)
	}
	if _, err := w.RefundSeller(t.Context(), a, "P1", "B", 1000, "x", "K2"); market.KindOf(err) != market.KindNotFound {
		t.Errorf("A refunds B's share: %v", err)
	}
	if in, err := w.RefundSeller(t.Context(), a, "P1", "A", 1000, "x", "K3"); err != nil || in.Refunded != 1000 {
		t.Errorf("A refunds A's share: %+v, %v", in, err)
	}
	if _, err := w.Refund(t.Context(), market.System, "P1", 0, "x", "K4"); market.KindOf(err) != market.KindInvalid {
		t.Errorf("nothing: %v", err)
	}
	w.audited()
}

func TestRefundAgainIsTheSame(t *testing.T) {
	w := newWorld(t)
	w.paid("P1")
	for range 3 {
		in, err := w.Refund(t.Context(), market.System, "P1", 1000, "x", "K")
		if err != nil || in.Refunded != 1000 {
			t.Fatalf("Refund = %+v, %v", in, err)
		}
	}
	if n := w.bank.refunds.Load(); n != 1 {
		t.Errorf("the provider was asked %d times", n)
	}
	other := captured("P1")
	other.Type, other.Transaction, other.Refund, other.Amount = NoticeRefund, "R-other", "K", 1000
	if err := w.tell(other); err != nil {
		t.Fatal(err)
	}
	if in := w.get("P1"); in.Refunded != 1000 {
		t.Errorf("one key was refunded twice: %d", in.Refunded)
	}
	if _, err := w.Refund(t.Context(), market.System, "P1", 1001, "x", "K"); market.KindOf(err) != market.KindConflict {
		t.Errorf("same key, other amount: %v", err)
	}
}

func TestRefundsAtOnceNeverExceedWhatCame(t *testing.T) {
	w := newWorld(t)
	w.paid("P1")
	var wait sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for i := range 40 {
		wait.Go(func() {
			_, err := w.Refund(t.Context(), market.System, "P1", 30_000, "x", market.ID("K"+strconv.Itoa(i)))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				done++
			} else if market.KindOf(err) != market.KindConflict {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if in := w.want("P1", StateRefunded); done != 11 || in.Refunded != 330_000 {
		t.Errorf("%d refunds of 30.000 from 330.000, %d in all", done, in.Refunded)
	}
	w.audited()
}

func TestRefusedRefundIsToldAndFree(t *testing.T) {
	w := newWorld(t)
	w.paid("P1")
	w.bank.refund = func(*Intent, RefundRequest) (Notice, error) { return Notice{}, market.Conflict("bank.no") }
	in, err := w.Refund(t.Context(), market.System, "P1", 1000, "x", "K")
	if err != nil || in.Refunds[0].State != RefundFailed || in.Refundable() != 330_000 {
		t.Errorf("Refund = %+v, %v", in, err)
	}
	if got := types(w.heard()); got != "payments.captured payments.refund_failed " {
		t.Errorf("events: %s", got)
	}
}

func TestUnknownRefundOutcomeIsAskedForAgain(t *testing.T) {
	w := newWorld(t)
	w.paid("P1")
	w.bank.refund = func(*Intent, RefundRequest) (Notice, error) { return Notice{}, errors.New("timeout") }
	if in, err := w.Refund(t.Context(), market.System, "P1", 1000, "x", "K"); err != nil || in.Refunds[0].State != RefundPending {
		t.Fatalf("Refund = %+v, %v", in, err)
	}
	w.bank.refund = nil
	if n, err := w.Reconcile(t.Context()); n != 0 || err != nil {
		t.Errorf("too early: %d, %v", n, err)
	}
	w.pass(2 * time.Minute)
	if n, err := w.Reconcile(t.Context()); n != 1 || err != nil {
		t.Errorf("Reconcile = %d, %v", n, err)
	}
	if in := w.want("P1", StatePartlyRefunded); in.Refunded != 1000 || w.bank.refunds.Load() != 2 {
		t.Errorf("%+v", in)
	}
	w.audited()
}

func TestRefundMadeAtTheProviderIsTakenOver(t *testing.T) {
	w := newWorld(t)
	w.paid("P1")
	n := captured("P1")
	n.Type, n.Transaction, n.Amount = NoticeRefund, "R9", 33_000
	for range 2 {
		if err := w.tell(n); err != nil {
			t.Fatal(err)
		}
	}
	if in := w.want("P1", StatePartlyRefunded); in.Refunded != 33_000 || len(in.Refunds) != 1 {
		t.Errorf("%+v", in)
	}
	n.Transaction, n.Amount = "R10", 330_000
	if err := w.tell(n); market.KindOf(err) != market.KindConflict {
		t.Errorf("more than came: %v, want conflict", err)
	}
	w.audited()
}

func TestSurplusGoesBackByItself(t *testing.T) {
	w := newWorld(t)
	w.paid("P1")
	twice := captured("P1")
	twice.Transaction = "T2"
	if err := w.tell(twice); err != nil {
		t.Fatal(err)
	}
	if got := w.balances()[BuyerClaims]; got != 330_000 {
		t.Errorf("buyers claim %d, want 330000", got)
	}
	w.pass(2 * time.Minute)
	if _, err := w.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	in := w.want("P1", StateCaptured)
	if in.Refunded != 330_000 || in.Captured != 660_000 || in.Refundable() != 330_000 || in.Due != nil {
		t.Errorf("%+v", in)
	}
	if got := w.balances()[BuyerClaims]; got != 0 {
		t.Errorf("buyers still claim %d", got)
	}
}

func TestReconcileGoesOnPastOneThatFails(t *testing.T) {
	w := newWorld(t)
	w.begin("P1")
	w.begin("P2")
	w.bank.status = func(in *Intent) (Notice, error) {
		if in.ID == "P1" {
			return Notice{}, market.Unavailable("down")
		}
		return captured(in.ID), nil
	}
	w.pass(time.Hour)
	if n, err := w.Reconcile(t.Context()); n != 2 || market.KindOf(err) != market.KindUnavailable {
		t.Errorf("Reconcile = %d, %v; want 2 and unavailable", n, err)
	}
	w.want("P1", StatePending) // nothing is guessed
	w.want("P2", StateCaptured)
	if n, err := w.Reconcile(t.Context()); n != 0 || err != nil {
		t.Errorf("at once again: %d, %v", n, err)
	}
}
