package indicators

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
)

func TestSpansStepBack(t *testing.T) {
	for _, tt := range []struct {
		span         Span
		before, year Span
		months       int
	}{
		{"2026-01", "2025-12", "2025-01", 1}, {"2026-Q1", "2025-Q4", "2025-Q1", 3}, {"2026", "2025", "2025", 12},
	} {
		if got := tt.span.Back(1); got != tt.before {
			t.Errorf("before %s is %s, want %s", tt.span, got, tt.before)
		}
		if got := tt.span.YearBefore(); got != tt.year {
			t.Errorf("a year before %s is %s, want %s", tt.span, got, tt.year)
		}
		if got := len(tt.span.Months()); got != tt.months {
			t.Errorf("%s has %d months, want %d", tt.span, got, tt.months)
		}
	}
	// 31 October 20:00 UTC is the first of November in Huế.
	at := time.Date(2026, 10, 31, 20, 0, 0, 0, time.UTC)
	if got := SpanAt(SpanMonth, at); got != "2026-11" {
		t.Errorf("the month in Huế is %s", got)
	}
	if Span("2026-Q4").Over(at) || !Span("2026-10").Over(at) {
		t.Error("October is over in Huế, the quarter is not")
	}
	if got := Span("2026-01").Series(3); !cmp.Equal(got, []Span{"2025-11", "2025-12", "2026-01"}) {
		t.Errorf("series %v", got)
	}
	for _, bad := range []string{"", "x", "2026-13", "2026-Q5", "2026-1"} {
		if _, err := ParseSpan(bad); err == nil {
			t.Errorf("%q is a span", bad)
		}
	}
}

// TestOverviewsAreOverviews holds several spans at once against each alone.
func TestOverviewsAreOverviews(t *testing.T) {
	s := open(t)
	hear(t, s, sold(400, 7).news())
	names, err := s.known(t.Context())
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	spans := []Span{Span(names[0]), Span(names[len(names)-1]), Span(names[0][:4])}
	for _, q := range []TableQuery{{}, {Area: "474"}, {Set: 9}, {Channel: "store"}} {
		all, err := s.Overviews(t.Context(), official, q, spans...)
		if err != nil {
			t.Fatal(err)
		}
		for i, span := range spans {
			want, err := s.Overview(t.Context(), official, span.query(q))
			if err != nil {
				t.Fatal(err)
			}
			want.part = all[i].part
			if diff := cmp.Diff(want, all[i], cmp.AllowUnexported(Overview{})); diff != "" {
				t.Errorf("%s %+v: %s", span, q, diff)
			}
		}
	}
	if _, err := s.Overviews(t.Context(), market.Actor{Person: "buyer"}, TableQuery{}, spans...); market.KindOf(err) != market.KindForbidden {
		t.Errorf("a buyer gets %v", err)
	}
}

func TestOneWithheldCellTakesAnother(t *testing.T) {
	cells := []Cell{{Value: 50}, {Value: 7, Small: true}, {Value: 20}, {}}
	if got := Kept(cells); !cmp.Equal(got, []bool{false, true, true, false}) {
		t.Errorf("withheld %v", got)
	}
	cells[0].Small = true
	if got := Kept(cells); !cmp.Equal(got, []bool{true, true, false, false}) {
		t.Errorf("two protect each other, yet %v", got)
	}
	if got := Kept([]Cell{{Value: 5}, {Value: 6}}); !cmp.Equal(got, []bool{false, false}) {
		t.Errorf("nothing is small, yet %v", got)
	}
}

func TestScreensWithholdWhatTellsOfAFew(t *testing.T) {
	figure := func(o *Overview, code string) (Figure, bool) {
		for _, i := range Indicators() {
			if i.Code == code {
				return o.Shown(i)
			}
		}
		t.Fatal(code)
		return Figure{}, false
	}
	many := Overview{Table: Table{Total: Cell{Value: 100, Sellers: 9}}, Sides: map[string][]SideCell{
		SidePay:         {{Code: "momo", Value: 90, Sellers: 8}, {Code: CashOnDelivery, Value: 10, Sellers: 2, Small: true}},
		SideDestination: {{Code: market.HueProvince, Value: 60, Sellers: 8}, {Code: "01", Value: 40, Sellers: 5}},
	}}
	if _, hidden := figure(&many, "cashless_share"); !hidden {
		t.Error("what two sellers got in cash can be reckoned from the cashless share")
	}
	if _, hidden := figure(&many, "in_province_share"); hidden {
		t.Error("a share of many sellers is withheld")
	}
	few := Overview{Table: Table{Total: Cell{Value: 100, Sellers: 2, Small: true}}}
	if _, hidden := figure(&few, "value_vnd"); !hidden {
		t.Error("the value of two sellers is shown")
	}
	if f, hidden := figure(&few, "listings"); hidden || !f.Unknown {
		t.Errorf("what nobody counted is %+v, %v", f, hidden)
	}
	few.part = true
	if f, _ := figure(&few, "confirmed_vnd"); !f.Unknown {
		t.Error("a figure of the whole city is shown for a part of it")
	}
}
