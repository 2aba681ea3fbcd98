package livestream

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"chohue/market"
)

// word is one word, number or sign of a comment.
type word struct {
	raw    string // lower case, composed, with its marks
	folded string
	milli  int64 // of a number, in thousandths
	number bool
	money  bool // written as prices are: 40.000
	glued  bool // no space before
}

// clause is what stands between two stops.
type clause struct {
	words  []word
	marked bool // ended by a question mark
	text   string
}

var pieces = regexp.MustCompile(`\d+(?:[.,]\d+)*|\p{L}+|[?!;,.\n+&x*]`)

// clauses splits a comment at its stops. Points and commas within numbers are
// no stops.
func clauses(text string) []clause {
	text = strings.ToLower(norm.NFC.String(text))
	var all []clause
	var now clause
	end := 0
	for _, at := range pieces.FindAllStringIndex(text, -1) {
		raw := text[at[0]:at[1]]
		if strings.ContainsAny(raw, "?!;,.\n") && !isDigit(raw[0]) {
			now.marked = raw == "?"
			all, now = closed(all, now), clause{}
			continue
		}
		now.words = append(now.words, newWord(raw, at[0] == end && at[0] > 0))
		end = at[1]
	}
	return closed(all, now)
}

func closed(all []clause, c clause) []clause {
	if len(c.words) == 0 {
		if c.marked && len(all) > 0 {
			all[len(all)-1].marked = true
		}
		return all
	}
	folded := make([]string, len(c.words))
	for i, w := range c.words {
		folded[i] = w.folded
	}
	c.text = " " + strings.Join(folded, " ") + " "
	return append(all, c)
}

func newWord(raw string, glued bool) word {
	w := word{raw: raw, folded: market.Fold(raw), glued: glued}
	if isDigit(raw[0]) {
		w.number = true
		w.milli, w.money = readNumber(raw)
	}
	return w
}

var grouped = regexp.MustCompile(`^\d{1,3}(?:[.,]\d{3})+$`)

// readNumber reads the Vietnamese way: 40.000 is forty thousand, 1,5 and 1.5
// are one and a half.
func readNumber(s string) (milli int64, money bool) {
	if grouped.MatchString(s) {
		return 0, true
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", "."), 64)
	if err != nil || f > 9999 {
		return 0, true
	}
	return int64(f*1000 + 0.5), false
}

// has reports whether the clause contains one of the phrases.
func (c clause) has(phrases []string) bool {
	for _, p := range phrases {
		if strings.Contains(c.text, " "+p+" ") {
			return true
		}
	}
	return false
}

// question looks for the mark, for words that ask, and for the negation that
// ends a Vietnamese question: "còn không shop".
func (c clause) question(f found) bool {
	if c.marked || c.has(asking) {
		return true
	}
	last := len(c.words) - 1
	for last > 0 && courtesies[c.words[last].folded] && c.words[last].raw != "à" {
		last--
	}
	w := c.words[last]
	if w.raw == "à" || w.raw == "hả" {
		return true
	}
	return closing[w.folded] && !f.used[last]
}

// courteous reports whether the clause holds nothing beside codes and amounts
// but address and politeness.
func (c clause) courteous(f found) bool {
	for i, w := range c.words {
		if !f.used[i] && !courtesies[w.folded] && !unicode.IsSymbol([]rune(w.raw)[0]) {
			return false
		}
	}
	return true
}
