package search

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Telex reads a text as the keys of the Telex method, which are left in it when
// the input method was off: "ddinhf" is "đình", "mawms" is "mắm". It reports
// false when no word changes.
func Telex(text string) (string, bool) {
	words := strings.Fields(text)
	changed := false
	for i, w := range words {
		if meant, ok := telexWord(w); ok {
			words[i], changed = meant, true
		}
	}
	return strings.Join(words, " "), changed
}

var (
	telexTones  = map[byte]string{'f': "\u0300", 's': "\u0301", 'x': "\u0303", 'r': "\u0309", 'j': "\u0323"}
	telexShapes = strings.NewReplacer("dd", "đ", "aa", "â", "ee", "ê", "oo", "ô", "aw", "ă", "uow", "ươ", "ow", "ơ", "uw", "ư")
)

const telexVowels = "aeiouyăâêôơư"

func telexWord(word string) (string, bool) {
	lower := strings.ToLower(word)
	if !ascii(lower) {
		return "", false
	}
	shape, tone := lower, ""
	if last := len(lower) - 1; last > 1 {
		if mark, ok := telexTones[lower[last]]; ok && strings.ContainsAny(lower[:last], telexVowels) {
			shape, tone = lower[:last], mark
		}
	}
	shape = telexShapes.Replace(shape)
	if tone != "" {
		at := toneAt(shape)
		shape = norm.NFC.String(shape[:at] + tone + shape[at:])
	}
	return shape, shape != lower
}

// toneAt returns where a tone is written: behind the vowel with a mark of its
// own, else behind the last vowel before a final consonant, else behind the
// first of two.
func toneAt(shape string) int {
	first, last, marked, vowels, end := -1, -1, -1, 0, 0
	for i, r := range shape {
		end = i + len(string(r))
		if !strings.ContainsRune(telexVowels, r) || (r == 'u' && strings.HasSuffix(shape[:i], "q")) {
			continue
		}
		if vowels++; first < 0 {
			first = end
		}
		last = end
		if r >= 0x80 {
			marked = end
		}
	}
	switch {
	case marked >= 0:
		return marked
	case last == end && vowels > 1:
		return first
	default:
		return max(last, 0)
	}
}
