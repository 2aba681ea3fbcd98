package payments

import (
	"testing"
	"time"

	"chohue/market"
)

const schedule = `valid_from,valid_to,seller_kind,rate_bp,basis
2026-07-01,2026-12-31,*,300,first
2027-01-01,,*,250,second
2026-10-01,,ho_kinh_doanh,100,households
`

func TestRateIsDatedInHue(t *testing.T) {
	fees, err := ParseFees(schedule)
	if err != nil {
		t.Fatal(err)
	}
	hue := func(y int, m time.Month, d, h, min int) time.Time {
		return time.Date(y, m, d, h, min, 0, 0, market.HueZone).UTC()
	}
	for _, c := range []struct {
		at   time.Time
		kind string
		want market.Rate
	}{
		{hue(2026, 6, 30, 23, 59), "htx", 0},
		{hue(2026, 7, 1, 0, 0), "htx", 300},
		{hue(2026, 12, 31, 23, 59), "htx", 300},
		{hue(2027, 1, 1, 0, 0), "htx", 250},
		{hue(2026, 9, 30, 23, 59), "ho_kinh_doanh", 300},
		{hue(2026, 10, 1, 0, 0), "ho_kinh_doanh", 100},
		{hue(2027, 6, 1, 0, 0), "ho_kinh_doanh", 100},
	} {
		if got := fees.Rate(c.at, c.kind); got != c.want {
			t.Errorf("Rate(%v, %s) = %d, want %d", c.at, c.kind, got, c.want)
		}
	}
}

func TestBuiltInFees(t *testing.T) {
	fees, err := LoadFees()
	if err != nil || len(fees) == 0 {
		t.Fatalf("%d rows, %v", len(fees), err)
	}
	for _, rule := range fees {
		if rule.Basis == "" {
			t.Errorf("a rate without a basis: %+v", rule)
		}
	}
	if got := fees.Rate(start, "htx"); got != 300 {
		t.Errorf("Rate = %d, want 300", got)
	}
}

func TestParseFeesRefuses(t *testing.T) {
	for _, row := range []string{
		"1 July,,*,300,x", "2026-07-01,never,*,300,x", "2026-07-01,,*,-1,x", "2026-07-01,,*,10001,x", "2026-07-01,,*,3%,x", "2026-07-01,,*,300",
	} {
		if fees, err := ParseFees("h,h,h,h,h\n" + row); err == nil {
			t.Errorf("%q: %+v", row, fees)
		}
	}
}
