package locale

import (
	"strings"
	"testing"
	"time"
)

func TestFormats(t *testing.T) {
	// 17:30 UTC is already the next day in Vietnam.
	late := time.Date(2026, 11, 22, 17, 30, 0, 0, time.UTC)
	tests := []struct{ name, got, want string }{
		{"money vi", VND(VI, 45000), "45.000 ₫"},
		{"money en", VND(EN, 1250000), "1,250,000 ₫"},
		{"refund", VND(VI, -45000), "−45.000 ₫"},
		{"small money", VND(VI, 500), "500 ₫"},
		{"kilograms", Weight(VI, 1500), "1,5 kg"},
		{"kilograms en", Weight(EN, 1250), "1.25 kg"},
		{"whole kilograms", Weight(VI, 12_000_000), "12.000 kg"},
		{"grams", Weight(VI, 500), "500 g"},
		{"negative decimal", Decimal(VI, -0.5, 1), "−0,5"},
		{"rounds to nothing", Decimal(VI, -0.04, 1), "0"},
		{"percent", Percent(VI, 150), "1,5%"},
		{"date vi", Date(VI, late), "23/11/2026"},
		{"date en", Date(EN, late), "23 Nov 2026"},
		{"hour", DateTime(VI, late), "23/11/2026 00:30"},
		{"clock", Clock(late), "00:30"},
		{"no date", Date(VI, time.Time{}), ""},
	}
	for _, tt := range tests {
		if got := strings.ReplaceAll(tt.got, noBreak, " "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
