package catalog

import (
	"testing"
	"time"

	"chohue/market"
)

func TestParseGTIN(t *testing.T) {
	for in, want := range map[string]string{
		"96385074":         "00000096385074", // GS1's own example of eight
		"036000291452":     "00036000291452",
		"4006381333931":    "04006381333931",
		"09521234543213":   "09521234543213", // GS1's own Digital Link example
		"629 1041 50021 3": "06291041500213",
		"629-104150021-3":  "06291041500213",
	} {
		if got, err := ParseGTIN(in); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", in, got, err, want)
		}
	}
	for in, key := range map[string]string{
		"": "gtin.form", "123": "gtin.form", "400638133393X": "gtin.form", "00000000000000": "gtin.form", "４００６３８１３３３９３１": "gtin.form",
		"4006381333932": "gtin.check", "4006381333391": "gtin.check",
	} {
		_, err := ParseGTIN(in)
		wantError(t, err, market.KindInvalid, key, "gtin")
	}
}

func TestCheckDigitCatchesEveryWrongDigit(t *testing.T) {
	const good = "0952123454321"
	for i := range good {
		for d := byte('0'); d <= '9'; d++ {
			bad := []byte(good)
			bad[i] = d
			if d != good[i] && CheckDigit(string(bad)) == CheckDigit(good) {
				t.Errorf("%s has the check digit of %s", bad, good)
			}
		}
	}
}

func TestDigitalLink(t *testing.T) {
	best := time.Date(2027, 1, 1, 0, 0, 0, 0, market.HueZone)
	l := &Lot{GTIN: "09521234543213", Code: "ABC123", MadeAt: time.Date(2026, 11, 1, 18, 0, 0, 0, time.UTC), BestBefore: &best}
	l.ID = "lo-1"
	if got, want := l.DigitalLink(GS1Resolver), "https://id.gs1.org/01/09521234543213/10/ABC123?11=261102&15=261231"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := l.EPCClass("https://cho.test"), "https://id.gs1.org/01/09521234543213/10/ABC123"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	l.GTIN = ""
	if got, want := l.DigitalLink("https://cho.test"), "https://cho.test/lo/lo-1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTenTraceItems(t *testing.T) {
	items, err := LoadTraceItems()
	if err != nil || len(items) != 10 {
		t.Fatalf("%d items, %v", len(items), err)
	}
	for _, item := range items {
		if item.Key == "" || item.Name.VI == "" || item.Name.EN == "" || item.Basis == "" {
			t.Errorf("%+v lacks something", item)
		}
	}
}
