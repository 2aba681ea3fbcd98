package market_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"chohue/market"
)

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		"mam nem":                   "mam nem",
		"Mắm Nêm":                   "mam nem",
		"Ma\u0306\u0301m Ne\u0302m": "mam nem", // decomposed
		"ĐẶC SẢN HUẾ":               "dac san hue",
		"đ":                         "d",
		"Thuỷ Xuân, Thủy Xuân":      "thuy xuan, thuy xuan",
		"Ưu tiên: nước mắm Phú Thuận 40°": "uu tien: nuoc mam phu thuan 40°",
		"Straße 東京 ñ":                     "straße 東京 ñ",
	} {
		if got := market.Fold(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestFoldEveryLetter folds each vowel with each mark and tone, composed and
// decomposed, in both cases.
func TestFoldEveryLetter(t *testing.T) {
	families := map[string]string{
		"a": "àáảãạăằắẳẵặâầấẩẫậ", "e": "èéẻẽẹêềếểễệ", "i": "ìíỉĩị",
		"o": "òóỏõọôồốổỗộơờớởỡợ", "u": "ùúủũụưừứửữự", "y": "ỳýỷỹỵ", "d": "đ",
	}
	letters := 0
	for base, family := range families {
		for _, r := range family {
			letters++
			for _, text := range []string{string(r), string(unicode.ToUpper(r))} {
				if got := market.Fold(text); got != base {
					t.Errorf("%q: %q, want %q", text, got, base)
				}
			}
		}
	}
	if letters != 67 {
		t.Errorf("%d letters, Vietnamese has 67 with marks", letters)
	}
	for _, base := range []string{"a", "a\u0306", "a\u0302", "e", "e\u0302", "i", "o", "o\u0302", "o\u031b", "u", "u\u031b", "y"} {
		for _, tone := range []string{"\u0300", "\u0301", "\u0309", "\u0303", "\u0323"} {
			if got := market.Fold(base + tone); got != base[:1] {
				t.Errorf("%q: %q, want %q", base+tone, got, base[:1])
			}
		}
	}
}

func TestSlug(t *testing.T) {
	for text, want := range map[string]string{
		"Mè xửng Thiên Hương (gói 300 g)": "me-xung-thien-huong-goi-300-g",
		"  --Nón lá!! ":                   "non-la",
		"東京":                              "",
		"../../etc/passwd":                "etc-passwd",
		strings.Repeat("đ", 100):          strings.Repeat("d", 80),
		strings.Repeat("ab ", 100):        strings.TrimSuffix(strings.Repeat("ab-", 27), "-"),
		strings.Repeat("a", 79) + " b":    strings.Repeat("a", 79),
	} {
		if got := market.Slug(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzFold: folding is done after one time, and a slug is fit for an address
// and its own slug.
func FuzzFold(f *testing.F) {
	for _, seed := range []string{"Mắm Nêm", "Ma\u0306\u0301m", "ĐẶC SẢN", "\xff\u0300", "İıſK", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		folded := market.Fold(text)
		if again := market.Fold(folded); again != folded {
			t.Fatalf("%q folds to %q, then to %q", text, folded, again)
		}
		if utf8.ValidString(text) && !utf8.ValidString(folded) {
			t.Fatalf("%q folds to broken text %q", text, folded)
		}
		slug := market.Slug(text)
		if len(slug) > 80 || strings.Trim(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || strings.Trim(slug, "-") != slug {
			t.Fatalf("%q has slug %q", text, slug)
		}
		if again := market.Slug(slug); again != slug {
			t.Fatalf("slug %q has slug %q", slug, again)
		}
	})
}
