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
	shape, tone := telexTone(lower)
	shape = telexShapes.Replace(shape)
	if tone != "" {
		at := toneAt(shape)
		shape = norm.NFC.String(shape[:at] + tone + shape[at:])
	}
	return shape, shape != lower
}

// telexTone takes the key of the tone out of a word: the last letter, one
// between the vowels and the consonants at the end, as in "dufng", or one that
// no syllable has, as in "gajo".
func telexTone(lower string) (shape, tone string) {
	for at := len(lower) - 1; at > 0; at-- {
		mark, ok := telexTones[lower[at]]
		rest := lower[at+1:]
		if ok && strings.ContainsAny(lower[:at], telexVowels) && (rest == "" || telexEnds[rest] || lower[at] == 'f' || lower[at] == 'j') {
			return lower[:at] + rest, mark
		}
	}
	return lower, ""
}

// telexEnds are the consonants that end a syllable.
var telexEnds = map[string]bool{"c": true, "ch": true, "m": true, "n": true, "ng": true, "nh": true, "p": true, "t": true}

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
