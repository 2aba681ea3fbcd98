package payments

import (
	"fmt"
	"testing"

	"chohue/market"
)

// A payment on delivery of 330.000 ₫ whose parcel a carrier takes for 18.000 ₫,
// told before and after the cash was booked: the same balances either way.
func TestCarriageIsOwedToWhoCarries(t *testing.T) {
	for _, c := range []struct {
		carrier string
		late    bool
		want    map[Account]market.VND
	}{
		{"ghn", false, map[Account]market.VND{CollectedBy("ghn"): -330_000, CarriageFees("ghn"): 18_000, PlatformFees: 6000, Payable("A"): 306_000}},
		{"ghn", true, map[Account]market.VND{CollectedBy("ghn"): -330_000, CarrierCOD: 0, CarriageFees("ghn"): 18_000, PlatformFees: 6000, Payable("A"): 306_000}},
		{"tu-giao", false, map[Account]market.VND{CollectedBy("tu-giao"): 0, PlatformFees: 6000, Payable("A"): -6000}},
		{"tu-giao", true, map[Account]market.VND{CarrierCOD: 0, PlatformFees: 6000, Payable("A"): -6000}},
		{"Xe của anh Tư", false, map[Account]market.VND{CarrierCOD: -330_000, PlatformFees: 6000, Payable("A"): 324_000}},
	} {
		t.Run(fmt.Sprint(c.carrier, c.late), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.onDelivery("P1")
			if !c.late {
				w.shippedBy(c.carrier)
			}
			w.remove(w.tell(captured("P1")))
			w.heard()
			if c.late {
				w.shippedBy(c.carrier)
			}
			w.shippedBy(c.carrier) // heard again
			if got := w.balances(); !sameBalances(got, c.want) {
				t.Errorf("%v\nwant %v", got, c.want)
			}
		})
	}
}

// Cash that goes back to a buyer comes out of the seller's hand, before or after
// the carrier has remitted: the carrier has, and remits, what it collected.
func TestRefundedCashIsStillWithTheCarrier(t *testing.T) {
	for _, remitted := range []bool{false, true} {
		w := newWorld(t)
		w.bank.refund = func(*Intent, RefundRequest) (Notice, error) { return Notice{Type: NoticePending}, nil }
		w.onDelivery("P1")
		w.shippedBy("ghn")
		w.remove(w.tell(captured("P1")))
		w.heard()
		line := []Remittance{{Row: 1, Tracking: "G1", Payment: "P1", Collected: 330_000, Fee: 18_000}}
		if remitted {
			_, err := w.MatchCOD(t.Context(), operator, "ghn", line)
			w.remove(err)
		}
		back := captured("P1")
		back.Type, back.Transaction, back.Refund = NoticeRefund, "by hand", "K"
		_, err := w.Refund(t.Context(), market.System, "P1", 330_000, "damaged", "K")
		w.remove(err)
		w.remove(w.tell(back))
		w.heard()
		want := map[Account]market.VND{CollectedBy("ghn"): -330_000, CarriageFees("ghn"): 18_000, PlatformFees: 0, Payable("A"): 312_000}
		if remitted {
			want = map[Account]market.VND{CollectedBy("ghn"): 0, CarriageFees("ghn"): 0, PlatformFees: 0, Payable("A"): 0}
		}
		if got := w.balances(); !sameBalances(got, want) {
			t.Errorf("remitted %v: %v\nwant %v", remitted, got, want)
		}
	}
}

// A parcel may cost more to carry than it brings in: seed 557 of the simulator,
// whose statement nobody could read.
func TestCashThatDoesNotReachForTheFee(t *testing.T) {
	w := newWorld(t)
	w.onDelivery("P1")
	w.remove(w.Consume(t.Context(), market.NewEvent(w.env, eventShipped, "O-P1", map[string]any{
		"parcel": "PA", "payment": "P1", "seller": "A", "carrier": "ghn", "carrier_fee": 350_000,
	})))
	w.remove(w.tell(captured("P1")))
	w.heard()
	for range 2 {
		_, err := w.MatchCOD(t.Context(), operator, "ghn", []Remittance{{Row: 1, Tracking: "G1", Payment: "P1", Collected: 330_000, Fee: 350_000}})
		w.remove(err)
	}
	want := map[Account]market.VND{CollectedBy("ghn"): 0, CarriageFees("ghn"): 0, PlatformFees: 6000, Payable("A"): -6000}
	if got := w.balances(); !sameBalances(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
}

// onDelivery begins a payment that the carrier collects.
func (w *world) onDelivery(id market.ID) {
	w.t.Helper()
	c := charge(id)
	c.Shares = []Share{{Seller: "A", SellerKind: "htx", TaxCode: "3300100001", Goods: 300_000, Shipping: 30_000, Fee: 6000}}
	if _, err := w.Begin(w.t.Context(), market.System, c); err != nil {
		w.t.Fatal(err)
	}
	w.falsifyIntent(id, func(in *Intent) { in.Step.Kind, in.State = StepNone, StateCollectable })
}

func (w *world) shippedBy(carrier string) {
	w.t.Helper()
	w.remove(w.Consume(w.t.Context(), market.NewEvent(w.env, eventShipped, "O-P1", map[string]any{
		"parcel": "PA", "payment": "P1", "seller": "A", "carrier": carrier, "carrier_fee": 18_000,
	})))
	w.heard()
}
