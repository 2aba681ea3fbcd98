package cooperatives

import (
	"strings"
	"testing"

	"chohue/market"
	"chohue/store"
)

func plain(h *house, t *testing.T) *Seller {
	t.Helper()
	r := registration("Hộ ông Hiệp")
	r.Kind, r.Bank = KindHousehold, Bank{}
	s, err := h.Register(t.Context(), manager, r)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var whole = Fiscal{Kind: KindHousehold, TaxCode: " 046085000123 ", Residency: Resident, Bank: Bank{BIN: "970405", Account: "0000 000 001", Holder: "Tôn Thất Hiệp"}}

func TestFiscalIsEnteredOnceAndNoted(t *testing.T) {
	h := open(t)
	seller := plain(h, t).ID
	for range 2 {
		got, err := h.SetFiscal(t.Context(), manager, seller, whole)
		if err != nil {
			t.Fatal(err)
		}
		if got.TaxCode != "046085000123" || got.Residency != Resident || got.Bank.Holder != "TON THAT HIEP" || got.Bank.Account != "0000000001" {
			t.Errorf("entered %+v", got.fiscal())
		}
	}
	h.hear(t)
	notes, err := h.Trail(t.Context(), manager, seller, store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if len(notes.Items) != 2 || notes.Items[0].What != "fiscal.set" || notes.Items[0].By != manager.Person {
		t.Fatalf("the trail says %+v", notes.Items)
	}
	if words := notes.Items[0].Words; words != "ho_kinh_doanh 046085000123 resident …001" {
		t.Errorf("the trail's words: %q", words)
	}
	if c := h.chain(t, seller); c.Broken != "" {
		t.Errorf("the trail is broken: %+v", c)
	}
}

func TestFiscalIsChecked(t *testing.T) {
	h := open(t)
	seller := plain(h, t).ID
	for key, change := range map[string]func(*Fiscal){
		"cooperatives.tax_code":     func(f *Fiscal) { f.TaxCode = "12345678901" }, // eleven
		"cooperatives.residency":    func(f *Fiscal) { f.Residency = "here" },
		"cooperatives.kind":         func(f *Fiscal) { f.Kind = "guild" },
		"cooperatives.bank_account": func(f *Fiscal) { f.Bank.Account = "" },
	} {
		bad := whole
		change(&bad)
		_, err := h.SetFiscal(t.Context(), manager, seller, bad)
		wantKey(t, err, market.KindInvalid, key)
	}
	found, err := h.Seller(t.Context(), seller)
	if err != nil {
		t.Fatal(err)
	}
	if found.TaxCode != "" || found.Bank != (Bank{}) || strings.Contains(h.news(t), "noted") {
		t.Errorf("what was refused was written: %+v", found.fiscal())
	}
}

// The legal form decides about tax and was checked; an account leads the money.
// Neither is changed by whoever holds a manager's phone.
func TestVerifiedFormAndAccountStand(t *testing.T) {
	h := open(t)
	seller := plain(h, t).ID
	if _, err := h.SetFiscal(t.Context(), manager, seller, whole); err != nil {
		t.Fatal(err)
	}
	other := whole
	other.Bank.Account = "0000000002"
	_, err := h.SetFiscal(t.Context(), manager, seller, other)
	wantKey(t, err, market.KindConflict, "cooperatives.bank_stands")
	if _, err := h.Verify(t.Context(), market.System, seller); err != nil {
		t.Fatal(err)
	}
	free := whole
	free.Kind, free.Bank = KindHTX, Bank{}
	_, err = h.SetFiscal(t.Context(), manager, seller, free)
	wantKey(t, err, market.KindConflict, "cooperatives.kind_stands")
	mended := whole
	mended.TaxCode, mended.Residency, mended.Bank = "3300100009", NonResident, Bank{}
	got, err := h.SetFiscal(t.Context(), manager, seller, mended)
	if err != nil {
		t.Fatal(err)
	}
	if got.TaxCode != "3300100009" || got.Residency != NonResident || got.Bank.Account != "0000000001" || got.Kind != KindHousehold {
		t.Errorf("changed to %+v", got.fiscal())
	}
}
