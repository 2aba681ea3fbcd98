package payments

import (
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"chohue/market"
)

// payees are sellers as a test sets them.
type payees map[market.ID]Payee

func (p payees) Payee(_ context.Context, seller market.ID) (Payee, error) {
	payee, ok := p[seller]
	if !ok {
		return Payee{}, market.NotFound("cooperatives.missing")
	}
	return payee, nil
}

func everybody() payees {
	bank := Bank{BIN: "970436", Account: "0011001234567", Holder: "HTX PHU BAI"}
	return payees{
		"A": {"HTX A", "htx", "3300100001", bank}, "B": {"HTX B", "htx", "3300100002", bank},
		"H": {"Hộ ông Hiệp", "ho_kinh_doanh", "046085000123", bank},
	}
}

var (
	first  = market.Actor{Person: "1", Name: "Lan", Roles: []market.Role{market.RoleOperator}}
	second = market.Actor{Person: "2", Name: "Minh", Roles: []market.Role{market.RoleOperator}}
)

const week = 7*24*time.Hour + time.Minute

func (w *world) payouts(p payees) *Payouts {
	w.t.Helper()
	out, err := NewPayouts(w.Service, p)
	w.remove(err)
	return out
}

func (w *world) prepared(p *Payouts) *Payout {
	w.t.Helper()
	b, err := p.Prepare(w.t.Context(), first, Clearing("bank"), "")
	w.remove(err)
	return b
}

func (w *world) approved(p *Payouts) *Payout {
	w.t.Helper()
	b, err := p.Approve(w.t.Context(), second, w.prepared(p).ID)
	w.remove(err)
	w.audited()
	return b
}

func answer(l PayoutLine, paid bool) Answer {
	return Answer{Reference: l.Reference, Amount: l.Amount, Paid: paid, Transaction: "FT-" + l.Reference, At: start, Reason: "closed"}
}

// A batch from its preview to the bank's answers, with the books proved after
// every step.
func TestPayoutFromPreviewToPaid(t *testing.T) {
	w := newWorld(t)
	p := w.payouts(everybody())
	w.begunAs(charge("P1"))
	w.pass(week)
	w.audited()
	b := w.prepared(p)
	if len(b.Lines) != 2 || b.Total != 214_000+107_000 || b.Lines[0].Amount != 214_000 {
		t.Fatalf("prepared %+v", b)
	}
	if got, _ := w.Balance(t.Context(), Payable("A")); got != 214_000 {
		t.Errorf("a payout that nobody approved has moved money: %d", got)
	}
	if err := p.WriteBankFile(t.Context(), first, b.ID, &strings.Builder{}); market.KindOf(err) != market.KindConflict {
		t.Errorf("bank file before approval: %v", err)
	}
	if _, err := p.Approve(t.Context(), first, b.ID); market.KindOf(err) != market.KindForbidden {
		t.Fatalf("the first person approved: %v", err)
	}
	for range 2 {
		var err error
		if b, err = p.Approve(t.Context(), second, b.ID); err != nil || b.State != PayoutSent {
			t.Fatalf("approved: %v, %v", b, err)
		}
		w.audited()
	}
	want := map[Account]market.VND{Clearing("bank"): -330_000, PlatformFees: 9000, AtBank(Clearing("bank")): 321_000, Payable("A"): 0, Payable("B"): 0}
	if got := w.balances(); !sameBalances(got, want) {
		t.Errorf("approved %v\nwant %v", got, want)
	}
	w.bankFile(p, b)
	answers := []Answer{answer(b.Lines[0], true), answer(b.Lines[1], false)}
	got, err := p.Take(t.Context(), first, answers)
	if err != nil || got.Paid != 1 || got.Rejected != 1 {
		t.Fatalf("taken %+v, %v", got, err)
	}
	if got, err = p.Take(t.Context(), first, answers); err != nil || got.Known != 2 {
		t.Errorf("taken again %+v, %v", got, err)
	}
	want = map[Account]market.VND{Clearing("bank"): -116_000, PlatformFees: 9000, AtBank(Clearing("bank")): 0, Payable("A"): 0, Payable("B"): 107_000}
	if got := w.balances(); !sameBalances(got, want) {
		t.Errorf("answered %v\nwant %v", got, want)
	}
	if b, _ = p.Payout(t.Context(), first, b.ID); b.State != PayoutDone {
		t.Errorf("all is answered and the payout is %s", b.State)
	}
	for range 2 {
		if b, err = p.Return(t.Context(), first, b.ID, "A", "account closed"); err != nil || b.State != PayoutDone {
			t.Fatalf("returned %v, %v", b, err)
		}
	}
	want[Clearing("bank")], want[Payable("A")] = -330_000, 214_000
	if got := w.balances(); !sameBalances(got, want) {
		t.Errorf("returned %v\nwant %v", got, want)
	}
}

func (w *world) bankFile(p *Payouts, b *Payout) {
	w.t.Helper()
	var file strings.Builder
	w.remove(p.WriteBankFile(w.t.Context(), first, b.ID, &file))
	rows, err := csv.NewReader(strings.NewReader(file.String())).ReadAll()
	w.remove(err)
	if len(rows) != 1+len(b.Lines) || strings.Join(rows[0], ",") != strings.Join(BankColumns, ",") || rows[1][0] != b.Lines[0].Reference || rows[1][4] != "214000" {
		w.t.Errorf("bank file %v", rows)
	}
}

// The process is killed at every write of an approval and of the bank's answers;
// whatever is resumed or asked again, each claim is set aside and paid once.
func TestPayoutIsNeverPaidTwiceAfterACrash(t *testing.T) {
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("after=%v", after), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for at := int64(1); w.crashPayout(at, after); at++ {
				if at > 60 {
					t.Fatal("more writes than there can be")
				}
			}
		})
	}
}

// crashPayout reports whether the crash came before the end.
func (w *world) crashPayout(at int64, after bool) bool {
	w.t.Helper()
	p := w.payouts(everybody())
	w.begunAs(charge(market.ID(fmt.Sprintf("P%d", at))))
	w.heard()
	w.pass(week)
	b := w.prepared(p)
	w.engine.plan(at, after)
	crashed := false
	for _, step := range []func() error{
		func() error { _, err := p.Approve(w.t.Context(), second, b.ID); return err },
		func() error {
			_, err := p.Take(w.t.Context(), first, []Answer{answer(b.Lines[0], true), answer(b.Lines[1], false)})
			return err
		},
		func() error { _, err := p.Return(w.t.Context(), first, b.ID, "A", "closed"); return err },
	} {
		if err := step(); err != nil {
			crashed = true
			w.restart()
			p = w.payouts(everybody())
			if _, err := p.Resume(w.t.Context()); err != nil {
				w.t.Fatal(err)
			}
			w.remove(step())
		}
	}
	crashed = crashed || w.engine.dead.Load()
	w.engine.mend()
	if _, err := p.Resume(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.audited()
	if pending, _ := w.Balance(w.t.Context(), AtBank(Clearing("bank"))); pending != 0 {
		w.t.Fatalf("killed at write %d: %d are left at the bank", at, pending)
	}
	if a, _ := w.Balance(w.t.Context(), Payable("A")); a != b.Lines[0].Amount {
		w.t.Fatalf("killed at write %d: A is owed %d of %d that came back", at, a, b.Lines[0].Amount)
	}
	return crashed
}

// Two payouts of the same balance, approved at the same moment in two processes:
// one pays, the other finds nothing left.
func TestTwoPayoutsOfOneBalance(t *testing.T) {
	w := newWorld(t)
	w.begunAs(charge("P1"))
	w.heard()
	w.pass(week)
	p := w.payouts(everybody())
	batches := []*Payout{w.prepared(p), w.prepared(p), w.prepared(p)}
	var all sync.WaitGroup
	for _, b := range batches {
		all.Go(func() {
			other, err := New(w.t.Context(), w.engine, w.env, w.bank)
			if err != nil {
				t.Error(err)
				return
			}
			q, err := NewPayouts(other, everybody())
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := q.Approve(t.Context(), second, b.ID); err != nil && market.KindOf(err) != market.KindUnavailable {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for range batches {
		if _, err := p.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.audited()
	if pending, _ := w.Balance(t.Context(), AtBank(Clearing("bank"))); pending != 321_000 {
		t.Errorf("%d are at the bank, want 321000", pending)
	}
}

// A return after the payout leaves the seller owing; the next sales pay it back
// before anything is paid out: the commission frozen at the sale comes back with
// it, whatever the rates are by then.
func TestPain06ANegativeBalanceNetsInTheNextPayout(t *testing.T) {
	w := newWorld(t)
	p := w.payouts(everybody())
	w.begunAs(charge("P1"))
	w.heard()
	w.pass(week)
	b := w.approved(p)
	if _, err := p.Take(t.Context(), first, []Answer{answer(b.Lines[0], true), answer(b.Lines[1], true)}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.RefundSeller(t.Context(), market.System, "P1", "A", 220_000, "returned", "K"); err != nil {
		t.Fatal(err)
	}
	w.audited()
	if owes, _ := w.Balance(t.Context(), Payable("A")); owes != -214_000 {
		t.Fatalf("A owes %d, want −214.000", owes)
	}
	view, err := p.Preview(t.Context(), first, Clearing("bank"))
	if err != nil || len(view.Lines) != 0 || len(view.Skipped) != 1 || view.Skipped[0].Why != SkipOwes {
		t.Errorf("preview %+v, %v", view, err)
	}
	w.begunAs(charge("P2"))
	w.begunAs(charge("P3"))
	w.heard()
	w.pass(week)
	b = w.prepared(p)
	if l := b.line("A"); l == nil || l.Amount != 214_000 || l.Opening != 0 {
		t.Fatalf("A's line %+v, want two sales less the return: 214.000", l)
	}
}

// Every line is explained to the đồng: what was left, what came by what it is
// for, what is held back.
func TestPayoutLinesAreExplained(t *testing.T) {
	w := newWorld(t)
	p := w.payouts(everybody())
	w.begunAs(taxedCharge("P1"))
	w.heard()
	w.pass(week)
	w.begunAs(taxedCharge("P2"))
	w.heard()
	b := w.approved(p)
	l := b.line("H")
	want := []Sum{{ForFee, -18_000}, {ForGoods, 600_000}, {ForPIT, -3_900}, {ForShipping, 60_000}, {ForVAT, -7_800}}
	if fmt.Sprint(l.By) != fmt.Sprint(want) || l.Held != 315_150 || l.Amount != 315_150 {
		t.Errorf("explained as %v, %d held, %d paid", l.By, l.Held, l.Amount)
	}
	w.pass(week)
	w.begunAs(taxedCharge("P3"))
	w.heard()
	for _, one := range []*Payout{b, w.prepared(p)} {
		l := one.line("H")
		if sum := l.Opening + sumOf(l.By) - l.Held - l.Left; sum != l.Amount {
			t.Errorf("opening %d and %v less %d held and %d left are %d, not %d", l.Opening, l.By, l.Held, l.Left, sum, l.Amount)
		}
	}
	mine := market.Actor{Person: "9", Sellers: []market.ID{"H"}}
	seen, _, err := p.OfSeller(t.Context(), mine, "H", "", 10)
	if err != nil || len(seen) != 1 || seen[0].Line.Amount != 315_150 {
		t.Errorf("the seller sees %+v, %v", seen, err)
	}
	next, err := p.Upcoming(t.Context(), mine, "H")
	if err != nil || next.Ready != 315_150 || next.Opening+sumOf(next.By) != next.Balance {
		t.Errorf("next %+v, %v", next, err)
	}
}

func (w *world) begunAs(c Charge) {
	w.t.Helper()
	c.ExpiresAt = w.env.Now().Add(time.Hour)
	if _, err := w.Begin(w.t.Context(), market.System, c); err != nil {
		w.t.Fatal(err)
	}
	n := captured(c.ID)
	n.At = w.env.Now()
	w.remove(w.tell(n))
}

// Who cannot be declared to the tax office is not paid out: named, and the
// claim stays.
func TestPayoutFailsClosed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Payee)
		why    string
	}{
		"no legal form": {func(p *Payee) { p.Kind = "" }, SkipNoKind},
		"no tax code":   {func(p *Payee) { p.TaxCode = "" }, SkipNoTaxCode},
		"no account":    {func(p *Payee) { p.Bank = Bank{} }, SkipNoBank},
	} {
		w := newWorld(t)
		all := everybody()
		a := all["A"]
		c.change(&a)
		all["A"] = a
		p := w.payouts(all)
		w.begunAs(charge("P1"))
		w.heard()
		w.pass(week)
		b := w.prepared(p)
		if b.line("A") != nil || len(b.Skipped) != 1 || b.Skipped[0] != (PayoutSkip{"A", "HTX A", 214_000, c.why}) {
			t.Errorf("%s: %+v", name, b)
		}
	}
}

func TestPayoutsAreForOperators(t *testing.T) {
	w := newWorld(t)
	p := w.payouts(everybody())
	w.begunAs(charge("P1"))
	w.heard()
	w.pass(week)
	b := w.approved(p)
	seller := market.Actor{Person: "9", Roles: []market.Role{market.RoleManager}, Sellers: []market.ID{"A"}}
	ctx := t.Context()
	for name, err := range map[string]error{
		"preview": second2(p.Preview(ctx, seller, Clearing("bank"))), "prepare": second2(p.Prepare(ctx, seller, Clearing("bank"), "")),
		"approve": second2(p.Approve(ctx, seller, b.ID)), "read": second2(p.Payout(ctx, seller, b.ID)),
		"take": second2(p.Take(ctx, seller, nil)), "return": second2(p.Return(ctx, seller, b.ID, "A", "x")),
		"another's list": third(p.OfSeller(ctx, seller, "B", "", 10)), "declaration": second2(w.Declare(ctx, seller, "2026-11")),
		"another's certificate": second2(w.Certify(ctx, seller, "B", 2026)),
	} {
		if market.KindOf(err) != market.KindNotFound {
			t.Errorf("%s: %v, want not found", name, err)
		}
	}
}

func second2[T any](_ T, err error) error       { return err }
func third[T, U any](_ T, _ U, err error) error { return err }

// A statement is read whole; what fits nothing is named.
func TestStatementOfPayouts(t *testing.T) {
	w := newWorld(t)
	p := w.payouts(everybody())
	w.begunAs(charge("P1"))
	w.heard()
	w.pass(week)
	b := w.approved(p)
	head := strings.Join(AnswerColumns, ",") + "\n"
	for _, bad := range []string{"", "a,b\n", head + "X,abc,paid,FT1,2026-12-01,\n", head + "X,1,maybe,FT1,2026-12-01,\n", head + "X,1,paid,,2026-12-01,\n", head + "X,1,paid,FT1,1.12.2026,\n"} {
		if _, err := ParseAnswers(strings.NewReader(bad)); market.KindOf(err) != market.KindInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	text := head +
		fmt.Sprintf("%s,214000,paid,FT1,2026-12-01,\n", b.Lines[0].Reference) +
		fmt.Sprintf("%s,1,paid,FT2,2026-12-01,\n", b.Lines[1].Reference) +
		fmt.Sprintf("%s,107000,paid,FT1,2026-12-01,\n", b.Lines[1].Reference) +
		fmt.Sprintf("%s,214000,rejected,FT3,2026-12-01,\n", b.Lines[0].Reference) +
		"CHPNOBODY,5,paid,FT4,2026-12-01,\n"
	answers, err := ParseAnswers(strings.NewReader(text))
	w.remove(err)
	got, err := p.Take(t.Context(), first, answers)
	w.remove(err)
	var whys []string
	for _, d := range got.Differences {
		whys = append(whys, fmt.Sprintf("%d %s", d.Row, d.Why))
	}
	if got.Paid != 1 || strings.Join(whys, " ") != "3 amount 4 again 5 again 6 unknown" {
		t.Errorf("taken %+v: %v", got, whys)
	}
	w.audited()
	if cells := plainCells("=1+1", "+84", "-5", "@x", "HTX"); strings.Join(cells, " ") != "'=1+1 '+84 '-5 '@x HTX" {
		t.Errorf("cells %q", cells)
	}
}

// One transaction of the bank that stands for two lines is found.
func TestCheckFindsATransferThatPaysTwice(t *testing.T) {
	w := newWorld(t)
	p := w.payouts(everybody())
	w.begunAs(charge("P1"))
	w.heard()
	w.pass(week)
	b := w.approved(p)
	if _, err := p.Take(t.Context(), first, []Answer{answer(b.Lines[0], true), answer(b.Lines[1], true)}); err != nil {
		t.Fatal(err)
	}
	_, err := p.payouts.Update(t.Context(), b.ID, func(b *Payout) ([]market.Event, error) {
		b.Lines[1].Transaction = b.Lines[0].Transaction
		return nil, nil
	})
	w.remove(err)
	if found := w.breaches(); !found[Once] {
		t.Errorf("found %v", found)
	}
}
