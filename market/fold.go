package market

import (
	"strings"
	"unicode"
)

// Fold lowers s and takes off every Vietnamese mark, đ included, whether the
// text is composed (NFC) or decomposed (NFD): "Mắm Nêm" and "mam nem" fold to
// the same. Other letters stay.
func Fold(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		r = unicode.ToLower(r)
		if base, ok := folded[r]; ok {
			r = base
		}
		b.WriteRune(r)
	}
	return b.String()
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || (s[i] >= 'A' && s[i] <= 'Z') {
			return false
		}
	}
	return true
}

var folded = foldTable(map[rune]string{
	'a': "àáảãạăằắẳẵặâầấẩẫậ",
	'e': "èéẻẽẹêềếểễệ",
	'i': "ìíỉĩị",
	'o': "òóỏõọôồốổỗộơờớởỡợ",
	'u': "ùúủũụưừứửữự",
	'y': "ỳýỷỹỵ",
	'd': "đ",
})

func foldTable(families map[rune]string) map[rune]rune {
	table := map[rune]rune{}
	for base, family := range families {
		for _, r := range family {
			table[r] = base
		}
	}
	return table
}

// Slug writes s as it may stand in an address: folded, words joined by
// hyphens, at most 80 letters.
func Slug(s string) string {
	words := strings.FieldsFunc(Fold(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	slug := strings.Join(words, "-")
	return strings.TrimSuffix(slug[:min(len(slug), 80)], "-")
}
