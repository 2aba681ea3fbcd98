package payments

import (
	"testing"
	"time"

	"chohue/market"
)

// What is withheld, paid and left adds up before, between and after the two
// people's deeds, and a month shows its payment.
func TestTaxMonthsAddUp(t *testing.T) {
	w := taxed(t)
	ctx := t.Context()
	month := func() TaxMonth {
		t.Helper()
		all, err := w.TaxMonths(ctx, first)
		w.remove(err)
		if len(all) != 1 || all[0].Period != "2026-11" {
			t.Fatalf("months %+v", all)
		}
		m := all[0]
		for _, sums := range []TaxSums{m.VAT, m.PIT} {
			if sums.Withheld != sums.Paid+sums.Left {
				t.Errorf("%+v does not add up", sums)
			}
		}
		return m
	}
	d, err := w.Declare(ctx, first, "2026-11")
	w.remove(err)
	before := month()
	if before.VAT.Withheld != d.Total.VAT || before.PIT.Withheld != d.Total.PIT || before.Paid() != 0 || before.Waiting() != nil || before.Open {
		t.Errorf("before: %+v, declared %+v", before, d.Total)
	}
	one, err := w.PrepareTax(ctx, first, "2026-11", Clearing("bank"))
	w.remove(err)
	if m := month(); m.Waiting() == nil || m.Waiting().ID != one.ID || m.Left() != one.Total() {
		t.Errorf("prepared: %+v", m)
	}
	if m := month(); m.Late(m.Due) || !m.Late(m.Due.AddDate(0, 0, 2)) {
		t.Errorf("late: %+v", m)
	}
	_, err = w.KeepTaxReceipt(ctx, first, one.ID, "GNT-1")
	wantTaxKey(t, err, "payouts.move")
	_, err = w.ApproveTax(ctx, second, one.ID, "")
	w.remove(err)
	if m := month(); m.Left() != 0 || m.Paid() != one.Total() || m.Withheld() != one.Total() || m.Waiting() != nil || m.Late(w.env.Now().AddDate(1, 0, 0)) {
		t.Errorf("paid: %+v", m)
	}
	for range 2 {
		if got, err := w.KeepTaxReceipt(ctx, first, one.ID, "GNT-1"); err != nil || got.Receipt != "GNT-1" || got.State != TaxPaid {
			t.Errorf("receipt: %+v, %v", got, err)
		}
	}
	_, err = w.KeepTaxReceipt(ctx, first, one.ID, "GNT-2")
	wantTaxKey(t, err, "tax.receipt_kept")
	_, err = w.KeepTaxReceipt(ctx, first, one.ID, "")
	wantTaxKey(t, err, "tax.receipt")
	w.audited()
}

// Months are an operator's; the month under way is shown and not paid.
func TestTaxMonthsOfTheMonthUnderWay(t *testing.T) {
	w := newWorld(t)
	w.begunAs(taxedCharge("P1"))
	w.pass(time.Minute)
	w.audited()
	all, err := w.TaxMonths(t.Context(), first)
	w.remove(err)
	if len(all) != 1 || !all[0].Open || all[0].Left() == 0 {
		t.Errorf("months %+v", all)
	}
	for _, by := range []market.Actor{{}, {Person: "3", Roles: []market.Role{market.RoleOfficial}}, {Person: "4", Sellers: []market.ID{"S1"}}} {
		if _, err := w.TaxMonths(t.Context(), by); market.KindOf(err) != market.KindNotFound {
			t.Errorf("%+v reads the months: %v", by, err)
		}
		if _, err := w.KeepTaxReceipt(t.Context(), by, "2026-11.1", "GNT"); market.KindOf(err) != market.KindNotFound {
			t.Errorf("%+v writes a receipt: %v", by, err)
		}
	}
}
