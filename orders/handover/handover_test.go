package handover_test

import (
	"strings"
	"testing"

	"chohue/market"
	"chohue/orders"
	"chohue/orders/carriertest"
	"chohue/orders/handover"
	"chohue/payments"
)

func TestWays(t *testing.T) {
	near := carriertest.Consignment("01JD00000000000000000000P1")
	near.To = near.From
	for _, name := range []string{handover.Own, handover.Coach, handover.Pickup} {
		c, err := handover.New(name)
		if err != nil {
			t.Fatal(err)
		}
		q, err := c.Quote(t.Context(), near)
		if err != nil || q.Service != orders.ServiceByHand || q.Hours <= 0 || q.Hours > 24 {
			t.Errorf("%s inside: %+v, %v", name, q, err)
		}
		if _, err := c.Quote(t.Context(), carriertest.Consignment("p")); market.KindOf(err) != market.KindConflict {
			t.Errorf("%s to Hà Nội: %v", name, err)
		}
		first, err := c.Create(t.Context(), near)
		again, errAgain := c.Create(t.Context(), near)
		if err != nil || errAgain != nil || first != again || len(first.Tracking) < 8 {
			t.Errorf("%s: %+v, %+v", name, first, again)
		}
		if _, err := c.Notice(t.Context(), payments.Raw{Body: []byte("{}")}); market.KindOf(err) != market.KindForbidden {
			t.Errorf("%s took a notice: %v", name, err)
		}
		if _, err := c.ParseCODStatement(strings.NewReader("a")); market.KindOf(err) != market.KindInvalid {
			t.Errorf("%s has a statement: %v", name, err)
		}
		if _, err := c.Track(t.Context(), first); market.KindOf(err) != market.KindUnavailable {
			t.Errorf("%s can be asked: %v", name, err)
		}
	}
}

func TestCoachToDaNangCostsWithinTheSurvey(t *testing.T) {
	c, err := handover.New(handover.Coach)
	if err != nil {
		t.Fatal(err)
	}
	s := carriertest.Consignment("p")
	s.To.ProvinceCode = "48"
	q, err := c.Quote(t.Context(), s)
	if err != nil || q.Fee < 50_000 || q.Fee > 80_000 {
		t.Errorf("%+v, %v", q, err)
	}
	s.At = s.At.AddDate(-1, 0, 0)
	if _, err := c.Quote(t.Context(), s); err == nil {
		t.Error("a price before the list begins")
	}
	if _, err := handover.New("tau-hoa"); err == nil {
		t.Error("an unknown way opened")
	}
}
