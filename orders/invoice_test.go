package orders

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"chohue/market"
)

func invoiceRule(t *testing.T, at time.Time) InvoiceRule {
	t.Helper()
	rules, err := LoadInvoiceRules()
	if err != nil {
		t.Fatal(err)
	}
	rule, err := rules.At(at)
	if err != nil {
		t.Fatal(err)
	}
	return rule
}

var invoiced = Parcel{
	ID: "P1", Goods: 149_000, Shipping: 18_000,
	Lines: []Line{
		{Name: market.Text{VI: "Mè xửng"}, VariantName: market.Text{VI: "hộp 300 g"}, Unit: "hộp", Quantity: 2, Price: 50_000, Amount: 100_000},
		{Name: market.Text{VI: "Trà cung đình"}, Unit: "gói", Quantity: 1, Price: 50_000, Amount: 50_000},
	},
}

// A request sums to what was agreed to, names a buyer who gave no data as the law
// says, and bears the sentence of a correction.
func TestInvoiceRequest(t *testing.T) {
	at := time.Date(2026, 11, 30, 17, 30, 0, 0, time.UTC) // 1 December in Huế
	rule := invoiceRule(t, at)
	o := &Order{Code: "HUE-1", Method: "cod"}
	r := o.invoice(invoiced, InvoiceSeller{Name: "HTX", TaxCode: "3300100001"}, rule, InvoiceWish{Delegated: true}, at)
	var sum market.VND
	for _, l := range r.Lines {
		sum += l.Amount
	}
	if r.Template != "7" || r.Symbol != "7K26X??" || r.Buyer.Name != "Bán cho người tiêu dùng" || r.Total != 167_000 || sum != r.Total || len(r.Lines) != 3 || !r.Delegated {
		t.Errorf("request %+v", r)
	}
	wish := InvoiceWish{Buyer: InvoiceBuyer{Name: "Công ty A", TaxCode: "3300200002", Address: "Huế"}, Corrects: &InvoiceCorrection{Kind: InvoiceReplaces, Symbol: "7K26XAB", Number: "12", Date: at, Reason: "sai tên"}}
	if err := wish.check(); err != nil {
		t.Fatal(err)
	}
	r = o.invoice(invoiced, InvoiceSeller{}, rule, wish, at)
	want := "Thay thế cho hóa đơn Mẫu số 7 ký hiệu 7K26XAB số 12 ngày 01 tháng 12 năm 2026"
	if r.Words != want || r.Form != "04/SS-HĐĐT" || r.Buyer.Name != "Công ty A" || r.ID == "invoice:P1" {
		t.Errorf("correction %+v", r)
	}
	got, err := InvoiceExport{}.Issue(t.Context(), r)
	var back InvoiceRequest
	if err != nil || json.Unmarshal(got.File, &back) != nil || back.Words != want || !strings.HasSuffix(got.FileName, "-replace.json") || got.Number != "" {
		t.Errorf("exported %+v, %v", got, err)
	}
}

func TestInvoiceRefusesHalfABuyer(t *testing.T) {
	for name, wish := range map[string]InvoiceWish{
		"tax code of nine digits": {Buyer: InvoiceBuyer{Name: "A", Address: "B", TaxCode: "330010000"}},
		"tax code without a name": {Buyer: InvoiceBuyer{TaxCode: "3300100001"}},
		"correction of nothing":   {Corrects: &InvoiceCorrection{Kind: InvoiceAdjusts}},
		"no such correction":      {Corrects: &InvoiceCorrection{Kind: "undo", Symbol: "7K26XAB", Number: "1", Date: time.Now(), Reason: "x"}},
	} {
		if err := wish.check(); market.KindOf(err) != market.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	rules, err := LoadInvoiceRules()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rules.At(time.Date(2026, 6, 30, 16, 59, 0, 0, time.UTC)); market.KindOf(err) != market.KindConflict {
		t.Errorf("before any rule: %v", err)
	}
}
