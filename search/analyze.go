package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"chohue/market"
)

// Word is one word of a text in the forms by which it is compared.
type Word struct {
	Text   string // as written, composed
	Exact  string // lower case, the tone moved to the end: hòa and hoà are one
	Folded string // without any mark: hoa
}

// Marked reports whether the word says more than its bare letters.
func (w Word) Marked() bool { return w.Exact != w.Folded }

// MaxWord is the longest word, in letters, that is looked at; the rest of a
// longer one is cut off.
const MaxWord = 40

// Words reads a text: composed or decomposed, any case, tone on either vowel.
// Digits and letters that touch are two words, so that "500ml" is "500 ml".
func Words(text string) []Word {
	var words []Word
	text = norm.NFC.String(text)
	start, kind := 0, gap
	for i, r := range text {
		next := kindOf(r, kind)
		if next == kind {
			continue
		}
		if kind != gap {
			words = append(words, newWord(text[start:i]))
		}
		start, kind = i, next
	}
	if kind != gap {
		words = append(words, newWord(text[start:]))
	}
	return words
}

type runeKind uint8

const (
	gap runeKind = iota
	letters
	digits
)

func kindOf(r rune, before runeKind) runeKind {
	switch {
	case unicode.Is(unicode.Mn, r): // a mark that does not compose stays with its letter
		return before
	case unicode.IsDigit(r):
		return digits
	case unicode.IsLetter(r):
		return letters
	default:
		return gap
	}
}

func newWord(text string) Word {
	text = cut(text, MaxWord)
	exact := oneVowel(exactForm(text))
	return Word{Text: text, Exact: exact, Folded: market.Fold(exact)}
}

func cut(s string, limit int) string {
	n := 0
	for i := range s {
		if n == limit {
			return s[:i]
		}
		n++
	}
	return s
}

// oneVowel writes y as i where Vietnamese writes either: mỳ and mì, quý and quí.
func oneVowel(exact string) string {
	at := strings.IndexByte(exact, 'y')
	if at < 1 || strings.IndexFunc(exact[at+1:], unicode.IsLetter) >= 0 {
		return exact
	}
	switch exact[:at] {
	case "h", "k", "l", "m", "s", "t", "qu", "v", "b":
		return exact[:at] + "i" + exact[at+1:]
	}
	return exact
}

// exactForm lowers s and moves its tone mark to the end, which makes the two
// schools of spelling one. The eth of foreign keyboards is read as đ.
func exactForm(s string) string {
	if ascii(s) {
		return strings.ToLower(s)
	}
	var shape strings.Builder
	var tone rune
	for _, r := range norm.NFD.String(s) {
		switch r {
		case '\u0300', '\u0301', '\u0303', '\u0309', '\u0323':
			tone = r
		case 'Đ', 'Ð', 'ð':
			shape.WriteRune('đ')
		default:
			shape.WriteRune(unicode.ToLower(r))
		}
	}
	if tone != 0 {
		return norm.NFC.String(shape.String()) + string(tone)
	}
	return norm.NFC.String(shape.String())
}

// Begins reports whether the exact form of a word goes on from what was typed,
// marks included: "dứ" goes on to "dứa", not to "dừa". A tone that was not typed
// yet may be any.
func Begins(word, typed string) bool {
	shape, tone := splitTone(word)
	start, wanted := splitTone(typed)
	return strings.HasPrefix(shape, start) && (wanted == "" || wanted == tone)
}

func splitTone(exact string) (shape, tone string) {
	r, size := utf8.DecodeLastRuneInString(exact)
	if unicode.Is(unicode.Mn, r) {
		return exact[:len(exact)-size], exact[len(exact)-size:]
	}
	return exact, ""
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
