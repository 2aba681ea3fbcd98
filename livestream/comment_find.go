package livestream

import (
	"slices"
	"strings"
)

// found is what one clause names.
type found struct {
	codes, amounts int
	used           []bool // by word
}

// find adds what the clause names to the wants. An amount belongs to the code
// before it that has none; standing first, to the code after it.
func (r *reader) find(c clause) found {
	f := found{used: make([]bool, len(c.words))}
	open := len(r.wants)
	if open > 0 && r.wants[open-1].Amount == (Amount{}) {
		open-- // the amount may come in the next clause
	}
	var waiting *Amount
	listed := open < len(r.wants) // "mã 1, 3"
	for i := 0; i < len(c.words); {
		n := r.variantAt(c.words[i:])
		if n > 0 {
			mark(f.used, i, n)
		} else if code, taken, known := r.codeAt(c.words, i, listed); taken > 0 {
			n = taken
			mark(f.used, i, n)
			if known {
				f.codes++
				r.wants = append(r.wants, Want{Code: code, Amount: deref(waiting)})
				waiting = nil
			} else {
				r.unknown = append(r.unknown, code)
			}
		} else if amount, taken := amountAt(c.words, i, f.used); taken > 0 {
			n = taken
			mark(f.used, i, n)
			f.amounts++
			waiting = r.give(amount, open, each(c.words[:i]))
		}
		listed = n == 0 && joining[c.words[i].folded] && f.codes > 0
		i += max(n, 1)
	}
	if waiting != nil {
		r.keep(*waiting)
	}
	r.choose(c, open)
	return f
}

func mark(used []bool, from, n int) {
	for i := range n {
		used[from+i] = true
	}
}

func deref(a *Amount) Amount {
	if a == nil {
		return Amount{}
	}
	return *a
}

// give sets the amount of the last open want, or of all of them when the
// comment says "mỗi"; else the amount waits.
func (r *reader) give(a Amount, open int, all bool) *Amount {
	given := false
	for i := len(r.wants) - 1; i >= open; i-- {
		if r.wants[i].Amount != (Amount{}) {
			break
		}
		r.wants[i].Amount, given = a, true
		if !all {
			break
		}
	}
	if given {
		return nil
	}
	return &a
}

// keep finds a home for an amount that no code followed: another want of the
// last code, or of what is pinned.
func (r *reader) keep(a Amount) {
	w := Want{Amount: a}
	if n := len(r.wants); n > 0 {
		w.Code, w.Variant = r.wants[n-1].Code, r.wants[n-1].Variant
	}
	r.wants = append(r.wants, w)
}

func each(before []word) bool {
	return slices.ContainsFunc(before, func(w word) bool { return w.folded == "moi" || w.folded == "deu" })
}

// choose sets the variant that the clause names, the longest name first.
func (r *reader) choose(c clause, open int) {
	for i := open; i < len(r.wants); i++ {
		at := slices.IndexFunc(r.offers, func(o Coded) bool { return o.Code == r.wants[i].Code })
		if at < 0 {
			continue
		}
		longest := ""
		for _, name := range r.offers[at].Variants {
			if strings.Contains(c.text, joined(name)) && len(name) > len(longest) {
				longest = name
			}
		}
		if longest != "" {
			r.wants[i].Variant = longest
		}
	}
}

// joined writes a name as the text of a clause.
func joined(name string) string {
	words := wordsOf(name)
	folded := make([]string, len(words))
	for i, w := range words {
		folded[i] = w.folded
	}
	return " " + strings.Join(folded, " ") + " "
}

func wordsOf(s string) []word {
	var all []word
	for _, c := range clauses(s) {
		all = append(all, c.words...)
	}
	return all
}

// variantAt counts the words of the longest variant's name at the start, so
// that the 2 of "loại 2" is no amount.
func (r *reader) variantAt(words []word) int {
	longest := 0
	for _, o := range r.offers {
		for _, name := range o.Variants {
			if v := wordsOf(name); len(v) <= len(words) && slices.EqualFunc(v, words[:len(v)], alike) {
				longest = max(longest, len(v))
			}
		}
	}
	return longest
}

// codeAt reads a code at words[i]: written whole ("MS1", "ms 01"), or by its
// number or letter after a word for code ("mã 1", "sp 1", "m1"); bare where a
// list goes on ("mã 1 và 3"). Letters alone are people: "a" is anh.
func (r *reader) codeAt(all []word, i int, listed bool) (code string, n int, known bool) {
	words := all[i:]
	for _, o := range r.offers {
		if n := whole(words, o.Code); n > 0 {
			return o.Code, n, true
		}
	}
	if n := prefix(words); n > 0 && len(words) > n {
		return r.afterPrefix(words, n, i > 0 && all[i-1].folded == "moi")
	}
	if listed && words[0].number && (len(words) == 1 || joining[words[1].folded] || courtesies[words[1].folded]) {
		if o, ok := r.tail(words[0]); ok {
			return o, 1, true
		}
	}
	return "", 0, false
}

// afterPrefix reads what a word for code announces. In "mỗi mã 2 hộp" the
// number is an amount.
func (r *reader) afterPrefix(words []word, n int, each bool) (code string, taken int, known bool) {
	if each && isUnit(words, n+1) {
		return "", 0, false
	}
	if o, ok := r.tail(words[n]); ok {
		return o, n + 1, true
	}
	if w := words[n]; w.number && !w.money && w.milli%1000 == 0 && !isUnit(words, n+1) {
		return w.raw, n + 1, false
	}
	return "", 0, false
}

// whole reads a code of more than one letter as it is written.
func whole(words []word, code string) int {
	parts := wordsOf(code)
	if len(parts) == 0 || len(parts) > len(words) || len(parts) == 1 && len([]rune(code)) < 3 {
		return 0
	}
	for i, p := range parts {
		if !alike(words[i], p) || i > 0 && !p.number && !words[i].glued {
			return 0
		}
	}
	return len(parts)
}

func alike(a, b word) bool {
	if a.number != b.number {
		return false
	}
	if a.number {
		return a.milli == b.milli && !a.money && !b.money
	}
	return a.folded == b.folded
}

// prefix counts the words for "code" at the start.
func prefix(words []word) int {
	if len(words) > 1 && words[0].folded == "ma" && (words[1].folded == "so" || words[1].folded == "hang" || words[1].folded == "ms") {
		return 2
	}
	switch w := words[0]; w.folded {
	case "ma", "ms", "sp", "code":
		return 1
	case "m":
		if len(words) > 1 && words[1].glued {
			return 1
		}
	}
	return 0
}

// tail finds the one offer whose code ends in the number or is the letter.
func (r *reader) tail(w word) (string, bool) {
	var hits []string
	for _, o := range r.offers {
		parts := wordsOf(o.Code)
		if n := len(parts); n > 0 && alike(parts[n-1], w) && (w.number || n == 1) {
			hits = append(hits, o.Code)
		}
	}
	if len(hits) != 1 {
		return "", false
	}
	return hits[0], true
}

// amountAt reads "2kg", "1kg5", "2 ký rưỡi", "nửa chục", "x2", "sl 2", "3 hộp",
// or a number that stands alone. Prices are none.
func amountAt(words []word, i int, used []bool) (Amount, int) {
	if n := sign(words, i); n > 0 && len(words) > i+n && plainCount(words, i+n) {
		return Amount{Count: words[i+n].milli / 1000}, n + 1
	}
	milli, n := numberAt(words, i)
	if n == 0 {
		return Amount{}, 0
	}
	unit, taken := unitAt(words, i+n)
	if taken == 0 {
		if plainCount(words, i) && alone(words, i, used) {
			return Amount{Count: words[i].milli / 1000}, 1
		}
		return Amount{}, 0
	}
	n += taken
	more, taken := tailAt(words, i+n, words[i].number)
	return unit.amount(milli + more), n + taken
}

// alone reports whether a bare number is an amount and no house number: after a
// code or a verb, or with nothing around it.
func alone(words []word, i int, used []bool) bool {
	if i > 0 {
		return used[i-1] || takes[words[i-1].folded]
	}
	for _, w := range words[1:] {
		if !courtesies[w.folded] {
			return false
		}
	}
	return true
}

// plainCount reports a whole number that is no price and no hour.
func plainCount(words []word, i int) bool {
	w := words[i]
	if !w.number || w.money || w.milli%1000 != 0 || w.milli == 0 || w.milli > 500_000 {
		return false
	}
	if i+1 == len(words) {
		return true
	}
	next := words[i+1]
	return !priceWords[next.folded] && !(next.glued && !next.number && next.folded != "x")
}

// sign counts the words that announce a count.
func sign(words []word, i int) int {
	switch f := words[i].folded; {
	case f == "x" || f == "*" || f == "sl":
		return 1
	case f == "so" && i+1 < len(words) && words[i+1].folded == "luong":
		return 2
	}
	return 0
}

// numberAt reads a number in figures or words; words only before a unit, for
// "ba" is a father too.
func numberAt(words []word, i int) (milli int64, n int) {
	w := words[i]
	switch {
	case w.number && !w.money && w.milli > 0:
		return w.milli, 1
	case w.raw == "nửa" || w.folded == "nua" && w.raw != "nữa":
		if isUnit(words, i+1) {
			return 500, 1
		}
	case numberWords[w.folded] > 0 && isUnit(words, i+1):
		return numberWords[w.folded] * 1000, 1
	}
	return 0, 0
}

// tailAt reads what follows a unit: "rưỡi", or the 5 of "1kg5".
func tailAt(words []word, i int, figures bool) (milli int64, n int) {
	switch {
	case i >= len(words):
		return 0, 0
	case words[i].folded == "ruoi":
		return 500, 1
	case figures && words[i].number && words[i].glued && words[i].milli < 10_000:
		return words[i].milli / 10, 1
	}
	return 0, 0
}

// unit is a word that amounts are counted in.
type unit struct {
	name  string
	grams int64 // of one; zero for what is counted
}

func (u unit) amount(milli int64) Amount {
	switch {
	case u.grams > 0:
		return Amount{Grams: milli * u.grams / 1000}
	case u.name == "chuc" && milli%1000 != 0:
		return Amount{Count: milli * 10 / 1000, Unit: "trai"}
	default:
		return Amount{Count: milli / 1000, Unit: u.name}
	}
}

func isUnit(words []word, i int) bool {
	_, n := unitAt(words, i)
	return n > 0
}

func unitAt(words []word, i int) (unit, int) {
	if i >= len(words) {
		return unit{}, 0
	}
	w := words[i]
	if w.raw == "cân" {
		return unit{grams: 1000}, 1
	}
	if w.folded == "ki" && i+1 < len(words) && words[i+1].folded == "lo" {
		return unit{grams: 1000}, 2
	}
	if g := weights[w.folded]; g > 0 {
		return unit{grams: g}, 1
	}
	if name, ok := counted[w.folded]; ok {
		return unit{name: name}, 1
	}
	return unit{}, 0
}
