package livestream

import (
	"slices"
	"strings"
)

// Wish is what one comment under a show asks for.
type Wish struct {
	Kind  WishKind
	Wants []Want
	// Cancels are the codes that are taken back; none in a cancellation means
	// everything.
	Cancels []string
	// Unknown are codes that the comment names and the show does not offer.
	Unknown []string
	// Phone is the first number that can be called, in E.164.
	Phone string
}

// WishKind tells orders from talk.
type WishKind string

// The kinds. Talk is everything that must not hold stock: questions, praise,
// stories, a bare "chốt" or "mua".
const (
	WishTalk   WishKind = "talk"
	WishOrder  WishKind = "order"
	WishCancel WishKind = "cancel"
)

// Want is one offer wanted. Without a Code it is what is pinned at that moment;
// without an amount it is one unit.
type Want struct {
	Code    string
	Variant string // its name as the show writes it, when the comment names one
	Amount  Amount
}

// Amount is how much a comment wants: grams, or a count of Unit. The zero value
// means that the comment does not say.
type Amount struct {
	Grams int64
	Count int64
	Unit  string // folded, "hop" for hộp; empty for a bare number
}

// Coded is an offer as comments name it.
type Coded struct {
	Code     string
	Variants []string // names; empty when there is nothing to choose
}

// MaxComment is how many letters of a comment are read.
const MaxComment = 500

// ReadComment finds what a comment asks for, as people write it in Huế: "MS1
// 2kg 0905…", "mã 2 lấy 3 hộp", "cho e 2 ký rưỡi". It never guesses: where a
// comment could be a question or a story it is talk, and somebody asks.
func ReadComment(text string, offers []Coded) Wish {
	text = shorten(text)
	phone, rest := takePhone(text)
	r := reader{offers: offers, phone: phone != ""}
	for _, c := range clauses(rest) {
		r.read(c)
	}
	if len(r.unknown) > 0 { // what has no code belongs to those
		r.wants = slices.DeleteFunc(r.wants, func(w Want) bool { return w.Code == "" })
	}
	w := Wish{Kind: WishTalk, Cancels: r.taken, Unknown: r.unknown, Phone: phone}
	switch {
	case r.ordered && len(r.wants) > 0:
		w.Kind, w.Wants = WishOrder, r.wants
	case r.cancels:
		w.Kind = WishCancel
	}
	return w
}

func shorten(text string) string {
	letters := []rune(strings.ToValidUTF8(text, " "))
	return string(letters[:min(len(letters), MaxComment)])
}

// reader gathers what one clause after the other says.
type reader struct {
	offers  []Coded
	phone   bool // a number to call was left: nobody leaves it to praise
	wants   []Want
	unknown []string
	ordered bool
	cancels bool
	taken   []string // codes taken back
}

func (r *reader) read(c clause) {
	before := len(r.wants)
	found := r.find(c)
	switch {
	case c.has(cancelling):
		r.takeBack(before)
	case c.has(telling) && !r.phone:
		r.wants = r.wants[:before]
	case c.question(found) && !r.phone:
		r.wants = about(r.wants, before)
	case r.asks(c, found, before > 0):
		r.ordered = true
	}
}

// takeBack turns what the clause names into a cancellation.
func (r *reader) takeBack(from int) {
	r.cancels = true
	for _, w := range r.wants[from:] {
		if w.Code != "" {
			r.taken = append(r.taken, w.Code)
		}
	}
	r.wants = r.wants[:from]
}

// about keeps what a question is about, for "mã 2 còn không, lấy 3 hộp", and
// not how much it asks about.
func about(wants []Want, from int) []Want {
	kept := wants[:from]
	for _, w := range wants[from:] {
		if w.Code != "" {
			kept = append(kept, Want{Code: w.Code, Variant: w.Variant})
		}
	}
	return kept
}

// asks reports whether a clause that is neither question nor story asks for
// goods. named tells that an earlier clause has named some.
func (r *reader) asks(c clause, f found, named bool) bool {
	verb := c.has(ordering)
	switch {
	case f.codes+f.amounts == 0:
		return named && (verb || r.phone && c.courteous(f))
	case r.phone:
		return true
	case f.amounts > 0 && (f.codes > 0 || named):
		return !c.has(praising) || verb
	case f.amounts > 0 || f.codes > 0:
		return c.courteous(f) || verb && !c.has(praising)
	}
	return false
}
