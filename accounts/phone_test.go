package accounts

import (
	"strings"
	"testing"

	"chohue/market"
)

func TestParsePhone(t *testing.T) {
	for in, want := range map[string]string{
		"0905123012":        "+84905123012",
		"0905 123 012":      "+84905123012",
		"0905.123.012":      "+84905123012",
		"+84 905-123-012":   "+84905123012",
		"84905123012":       "+84905123012",
		"(+84) 905 123 012": "+84905123012",
		"0234 3822 222":     "+842343822222", // a desk in Huế
		"0900000010":        "+84900000010",
		"+66 81 234 5678":   "+66812345678",
	} {
		if got, err := ParsePhone(in); err != nil || got != want {
			t.Errorf("ParsePhone(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", " ", "123", "abc", "0905123", "09051230120000", "+", "{\"$gt\":\"\"}", "<b>0905</b>", "\x00", strings.Repeat("0905123012", 1000)} {
		got, err := ParsePhone(in)
		wantKey(t, err, market.KindInvalid, "phone.invalid")
		if got != "" {
			t.Errorf("ParsePhone(%q) = %q", in, got)
		}
	}
}

func TestCodesGoToMobilesOnly(t *testing.T) {
	h := open(t, nil)
	wantKey(t, h.RequestCode(t.Context(), "0234 3822 222", "vi", ""), market.KindInvalid, "phone.not_mobile")
}

func TestMaskPhone(t *testing.T) {
	for in, want := range map[string]string{
		"+84905123012": "0905***012",
		"+66812345678": "+668***678",
		"+8490":        "***",
		"":             "***",
	} {
		if got := MaskPhone(in); got != want {
			t.Errorf("MaskPhone(%q) = %q, want %q", in, got, want)
		}
	}
}
