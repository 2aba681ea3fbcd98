package payments

import (
	"errors"
	"sync"
	"testing"
	"time"

	"chohue/market"
)

// taxed is a world in which a household has sold for 330.000 ₫ in November and
// the month is over: 3.900 ₫ of value added and 1.950 ₫ of income are withheld.
func taxed(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.begunAs(taxedCharge("P1"))
	w.pass(10 * 24 * time.Hour)
	w.audited()
	return w
}

func wantTaxKey(t *testing.T, err error, key string) {
	t.Helper()
	var e *market.Error
	if !errors.As(err, &e) || e.Key != key {
		t.Errorf("got %v, want %s", err, key)
	}
}

// From the declaration to the treasury's receipt, by two people, with the books
// proved after every step.
func TestWithheldTaxIsPaidOnce(t *testing.T) {
	w := taxed(t)
	ctx := t.Context()
	d, err := w.Declare(ctx, first, "2026-11")
	w.remove(err)
	one, err := w.PrepareTax(ctx, first, "2026-11", Clearing("bank"))
	w.remove(err)
	if one.State != TaxPrepared || one.VAT != d.Total.VAT || one.PIT != d.Total.PIT || one.Total() == 0 {
		t.Fatalf("prepared %+v of %+v", one, d.Total)
	}
	w.audited()
	if again, err := w.PrepareTax(ctx, first, "2026-11", Clearing("bank")); err != nil || again.ID != one.ID {
		t.Errorf("prepared again: %+v, %v", again, err)
	}
	_, err = w.PrepareTax(ctx, second, "2026-11", Clearing("bank"))
	wantTaxKey(t, err, "tax.waits")
	_, err = w.ApproveTax(ctx, first, one.ID, "GNT-1")
	wantTaxKey(t, err, "payouts.same_person")
	owed, err := w.Balance(ctx, Clearing("bank"))
	w.remove(err)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if got, err := w.ApproveTax(ctx, second, one.ID, "GNT-1"); err != nil || got.State != TaxPaid {
				t.Errorf("approved: %+v, %v", got, err)
			}
		})
	}
	wait.Wait()
	w.audited()
	left, err := w.Balance(ctx, Clearing("bank"))
	w.remove(err)
	if left != owed+one.Total() {
		t.Errorf("the provider owed %d and owes %d after paying %d", -owed, -left, one.Total())
	}
	for _, a := range []Account{TaxVAT("2026-11"), TaxPIT("2026-11")} {
		if got, err := w.Balance(ctx, a); err != nil || got != 0 {
			t.Errorf("%s = %d, %v after it was paid", a, got, err)
		}
	}
	_, err = w.PrepareTax(ctx, first, "2026-11", Clearing("bank"))
	wantTaxKey(t, err, "tax.nothing")
	_, err = w.DropTax(ctx, first, one.ID)
	wantTaxKey(t, err, "payouts.move")
}

// What comes to a month after it was paid is another payment of it.
func TestALateSaleOfAPaidMonth(t *testing.T) {
	w := taxed(t)
	ctx := t.Context()
	one, err := w.PrepareTax(ctx, first, "2026-11", Clearing("bank"))
	w.remove(err)
	_, err = w.ApproveTax(ctx, second, one.ID, "")
	w.remove(err)
	w.now.Store(start.Add(time.Hour).UnixMilli()) // another process's clock, or a notice that was long on its way
	w.begunAs(taxedCharge("P2"))
	w.pass(10 * 24 * time.Hour)
	w.audited()
	two, err := w.PrepareTax(ctx, first, "2026-11", Clearing("bank"))
	w.remove(err)
	if two.ID == one.ID || two.Total() != one.Total() {
		t.Errorf("the second payment %+v after %+v", two, one)
	}
	if _, err = w.DropTax(ctx, second, two.ID); err != nil {
		t.Error(err)
	}
	if three, err := w.PrepareTax(ctx, second, "2026-11", Clearing("bank")); err != nil || three.ID == two.ID {
		t.Errorf("prepared after it was dropped: %+v, %v", three, err)
	}
}

// A process that dies between the second person's word and the entry is
// finished by the round, once.
func TestAnInterruptedPaymentOfTaxIsFinished(t *testing.T) {
	w := taxed(t)
	ctx := t.Context()
	one, err := w.PrepareTax(ctx, first, "2026-11", Clearing("bank"))
	w.remove(err)
	at := w.env.Now()
	_, err = w.taxPaid.Update(ctx, one.ID, func(t *TaxPayment) ([]market.Event, error) {
		t.State, t.ApprovedBy, t.ApprovedAt = TaxApproved, second.Person, &at
		return nil, nil
	})
	w.remove(err)
	for _, want := range []int{1, 0} {
		if n, err := w.ResumeTax(ctx); err != nil || n != want {
			t.Errorf("resumed %d, %v; want %d", n, err, want)
		}
		w.audited()
	}
	if got, err := w.TaxPayment(ctx, first, one.ID); err != nil || got.State != TaxPaid {
		t.Errorf("after the round: %+v, %v", got, err)
	}
}

func TestTaxThatCannotBePaid(t *testing.T) {
	w := taxed(t)
	ctx := t.Context()
	official := market.Actor{Person: "3", Roles: []market.Role{market.RoleOfficial}}
	_, err := w.PrepareTax(ctx, official, "2026-11", Clearing("bank"))
	if market.KindOf(err) != market.KindNotFound {
		t.Errorf("an official prepared a payment: %v", err)
	}
	_, err = w.PrepareTax(ctx, first, "2026-12", Clearing("bank"))
	wantTaxKey(t, err, "tax.month_open")
	_, err = w.PrepareTax(ctx, first, "2026-11", PlatformFees)
	wantTaxKey(t, err, "payouts.source")
	_, err = w.PrepareTax(ctx, first, "2026-11", Clearing("hand"))
	wantTaxKey(t, err, "tax.source_short")
	_, err = w.PrepareTax(ctx, first, "2026-10", Clearing("bank"))
	wantTaxKey(t, err, "tax.nothing")
}

// A payment whose entry says something else is a breach.
func TestTheAuditSeesAWrongPaymentOfTax(t *testing.T) {
	w := taxed(t)
	ctx := t.Context()
	one, err := w.PrepareTax(ctx, first, "2026-11", Clearing("bank"))
	w.remove(err)
	_, err = w.ApproveTax(ctx, second, one.ID, "")
	w.remove(err)
	_, err = w.taxPaid.Update(ctx, one.ID, func(t *TaxPayment) ([]market.Event, error) {
		t.VAT -= 1000
		return nil, nil
	})
	w.remove(err)
	if err := w.Check(ctx); err == nil {
		t.Error("nobody noticed")
	}
}
