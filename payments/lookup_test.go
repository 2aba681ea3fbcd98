package payments

import (
	"testing"

	"chohue/market"
)

// A line of a provider's report finds the payment and the entry that it was
// booked as.
func TestLookupOfAProvidersTransaction(t *testing.T) {
	w := newWorld(t)
	w.paid("P1")
	got, err := w.Lookup(t.Context(), first, "bank", NoticeCapture, "T-P1")
	if err != nil || got.Payment.ID != "P1" || got.Entry != nil {
		t.Errorf("before its event %+v, %v", got, err)
	}
	w.audited()
	got, err = w.Lookup(t.Context(), first, "bank", NoticeCapture, "T-P1")
	if err != nil || got.Entry == nil || got.Entry.ID != "capture:P1" {
		t.Errorf("booked %+v, %v", got, err)
	}
	entries, err := w.Entries(t.Context(), first, "P1")
	if err != nil || len(entries) != 1 || entries[0].ID != "capture:P1" {
		t.Errorf("entries %v, %v", entries, err)
	}
	for name, err := range map[string]error{
		"unknown":     second2(w.Lookup(t.Context(), first, "bank", NoticeCapture, "T-other")),
		"another way": second2(w.Lookup(t.Context(), first, "bank", NoticeRefund, "T-P1")),
		"a seller":    second2(w.Lookup(t.Context(), market.Actor{Person: "9", Sellers: []market.ID{"A"}}, "bank", NoticeCapture, "T-P1")),
		"the entries": second2(w.Entries(t.Context(), market.Actor{Person: "9", Sellers: []market.ID{"A"}}, "P1")),
	} {
		if market.KindOf(err) != market.KindNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
}
