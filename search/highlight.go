package search

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Piece is a part of a text; Hit when it answers the query.
type Piece struct {
	Text string
	Hit  bool
}

// Highlight cuts a text into pieces, which together are the text in composed
// form: hits are words of the query, with the marks that were typed if some
// were, and words that the last one typed begins.
func Highlight(text, query string) []Piece {
	text = norm.NFC.String(text)
	typed := distinct(Words(query))
	var out []Piece
	add := func(s string, hit bool) {
		switch last := len(out) - 1; {
		case s == "":
		case last >= 0 && out[last].Hit == hit:
			out[last].Text += s
		default:
			out = append(out, Piece{s, hit})
		}
	}
	for _, w := range Words(text) {
		at := strings.Index(text, w.Text)
		if at < 0 {
			break
		}
		add(text[:at], false)
		add(w.Text, answers(w, typed))
		text = text[at+len(w.Text):]
	}
	add(text, false)
	return out
}

func answers(w Word, typed []Word) bool {
	for i, t := range typed {
		switch {
		case t.Folded == w.Folded && (!t.Marked() || t.Exact == w.Exact):
			return true
		case i == len(typed)-1 && strings.HasPrefix(w.Folded, t.Folded) && (!t.Marked() || Begins(w.Exact, t.Exact)):
			return true
		}
	}
	return false
}
