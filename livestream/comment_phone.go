package livestream

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// span is a run of digits in a comment that could be called.
type span struct {
	from, to int    // bytes
	e164     string // empty when nobody has such a number
}

// hiddenPhone stands where a number stood.
const hiddenPhone = "•••"

// HidePhones takes every number that could be called out of a text that others
// will read: people who watch shows to ship fakes live from them.
func HidePhones(text string) string { return replacePhones(text, hiddenPhone) }

func replacePhones(text, with string) string {
	var b strings.Builder
	at := 0
	for _, s := range phones(text) {
		b.WriteString(text[at:s.from])
		b.WriteString(with)
		at = s.to
	}
	b.WriteString(text[at:])
	return b.String()
}

// takePhone returns the first valid number and the text without any.
func takePhone(text string) (e164, rest string) {
	for _, s := range phones(text) {
		if e164 == "" {
			e164 = s.e164
		}
	}
	return e164, replacePhones(text, " ")
}

// phones finds numbers as people write them, in groups, with dots, with +84,
// with the letter o for zero. Runs of eight digits and more count even when
// they are no valid number: a slip of one digit still leads to somebody.
func phones(text string) []span {
	var all []span
	for i := 0; i < len(text); i++ {
		if !startsPhone(text, i) {
			continue
		}
		if s, ok := phoneAt(text, i); ok {
			all = append(all, s)
			i = s.to - 1
		}
	}
	return all
}

func startsPhone(text string, i int) bool {
	if i > 0 && (isDigit(text[i-1]) || isLetter(text[i-1])) {
		return false
	}
	switch c := text[i]; c {
	case '0', '+', '8', '(':
		return true
	case 'o', 'O':
		return i+1 < len(text) && isDigit(text[i+1])
	default:
		return isDigit(c)
	}
}

const (
	leastDigits = 8
	mostDigits  = 12
)

// phoneAt reads digits from i on, and takes the longest valid number of them,
// else all of them when they are many.
func phoneAt(text string, i int) (span, bool) {
	digits, ends := digitsFrom(text, i)
	for n := len(digits); n >= leastDigits; n-- {
		if n < len(digits) && ends[n-1] < len(text) && isDigit(text[ends[n-1]]) {
			continue // not in the middle of a group
		}
		if e164 := valid(digits[:n]); e164 != "" {
			return span{i, ends[n-1], e164}, true
		}
	}
	if n := len(digits); n >= leastDigits && (digits[0] == '0' || strings.HasPrefix(digits, "84")) {
		return span{i, ends[n-1], ""}, true
	}
	return span{}, false
}

// digitsFrom reads at most mostDigits digits with one separator between groups,
// and where each ends.
func digitsFrom(text string, i int) (digits string, ends []int) {
	var b strings.Builder
	gap := 0
	for ; i < len(text) && b.Len() < mostDigits; i++ {
		c := text[i]
		switch {
		case isDigit(c):
			b.WriteByte(c)
		case c == 'o' || c == 'O':
			if gap > 0 && b.Len() > 0 || i+1 < len(text) && isLetter(text[i+1]) {
				return b.String(), ends
			}
			b.WriteByte('0')
		case gap < 2 && strings.IndexByte(" .-+()", c) >= 0:
			gap++
			continue
		default:
			return b.String(), ends
		}
		gap, ends = 0, append(ends, i+1)
	}
	return b.String(), ends
}

func valid(digits string) string {
	if digits[0] != '0' && !strings.HasPrefix(digits, "84") {
		return ""
	}
	n, err := phonenumbers.Parse(digits, "VN")
	if err != nil || !phonenumbers.IsValidNumber(n) || n.GetCountryCode() != 84 {
		return ""
	}
	return phonenumbers.Format(n, phonenumbers.E164)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 }
