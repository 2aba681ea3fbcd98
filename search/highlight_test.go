package search

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestHighlight(t *testing.T) {
	for _, c := range []struct{ text, query, want string }{
		{"Mắm nêm cá cơm", "mam nem", "[Mắm] [nêm] cá cơm"},
		{"Mắm nêm cá cơm", "mắm ca", "[Mắm] nêm [cá] cơm"},
		{"Dừa sấy, dứa sấy", "dứa", "Dừa sấy, [dứa] sấy"},
		{"Trà hoà tan", "hòa", "Trà [hoà] tan"},
		{norm.NFD.String("Trà hoà tan"), "hòa", "Trà [hoà] tan"},
		{"Chai 500ml", "500 ml", "Chai [500ml]"},
		{"Mè xửng dẻo", "me xu", "[Mè] [xửng] dẻo"},
		{"Mè <b>xửng</b>", "b", "Mè <[b]>xửng</[b]>"},
		{"Mè xửng", "", "Mè xửng"},
		{"", "mè", ""},
	} {
		var got strings.Builder
		for _, p := range Highlight(c.text, c.query) {
			if p.Hit {
				got.WriteString("[" + p.Text + "]")
			} else {
				got.WriteString(p.Text)
			}
		}
		if got.String() != c.want {
			t.Errorf("%q in %q: %q, want %q", c.query, c.text, got.String(), c.want)
		}
	}
}

func FuzzHighlight(f *testing.F) {
	f.Add("Mắm nêm", "mam")
	f.Add("a\u0301\xffb", "a")
	f.Fuzz(func(t *testing.T, text, query string) {
		var whole strings.Builder
		for _, p := range Highlight(text, query) {
			whole.WriteString(p.Text)
		}
		if whole.String() != norm.NFC.String(text) {
			t.Errorf("%q becomes %q", text, whole.String())
		}
	})
}
