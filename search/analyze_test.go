package search

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
)

func folded(text string) []string {
	var out []string
	for _, w := range Words(text) {
		out = append(out, w.Folded)
	}
	return out
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"Mắm Nêm", []string{"mam", "nem"}},
		{norm.NFD.String("Mắm Nêm"), []string{"mam", "nem"}},
		{"500ml", []string{"500", "ml"}},
		{"trà-cung/đình.", []string{"tra", "cung", "dinh"}},
		{"1,5 kg", []string{"1", "5", "kg"}},
		{"Ðặc sản", []string{"dac", "san"}},
		{"", nil},
		{"!?", nil},
		{"\u0301", nil},
	} {
		if diff := cmp.Diff(c.want, folded(c.text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestExactForm(t *testing.T) {
	for _, pair := range [][2]string{
		{"hòa", "hoà"}, {"thủy", "thuỷ"}, {"HÒA", "hoà"}, {"hòa", norm.NFD.String("hoà")}, {"đình", "ĐÌNH"}, {"mỳ", "mì"}, {"quý", "quí"},
	} {
		a, b := Words(pair[0])[0].Exact, Words(pair[1])[0].Exact
		if a != b {
			t.Errorf("%q and %q: %q, %q, want the same", pair[0], pair[1], a, b)
		}
	}
	for _, pair := range [][2]string{{"dứa", "dừa"}, {"dứa", "dua"}, {"me", "mê"}, {"đa", "da"}, {"thúy", "thúi"}, {"tay", "tai"}} {
		if a, b := Words(pair[0])[0].Exact, Words(pair[1])[0].Exact; a == b {
			t.Errorf("%q and %q are both %q", pair[0], pair[1], a)
		}
	}
}

func TestBegins(t *testing.T) {
	for _, c := range []struct {
		word, typed string
		want        bool
	}{
		{"dứa", "dứ", true}, {"dừa", "dứ", false}, {"dứa", "dư", true}, {"dưa", "dứ", false}, {"dua", "dứ", false}, {"xửng", "xử", true},
	} {
		if got := Begins(Words(c.word)[0].Exact, Words(c.typed)[0].Exact); got != c.want {
			t.Errorf("%q goes on from %q: %v, want %v", c.word, c.typed, got, c.want)
		}
	}
}

func TestTelex(t *testing.T) {
	for _, c := range []struct {
		text, want string
		changed    bool
	}{
		{"tra cung ddinhf", "tra cung đình", true},
		{"mawms neem", "mắm nêm", true},
		{"hoaf", "hòa", true},
		{"quyts", "quýt", true},
		{"ruowuj", "rượu", true},
		{"tramf", "tràm", true},
		{"dduwowfng", "đường", true},
		{"basnh", "bánh", true},
		{"gajo", "gạo", true},
		{"toom", "tôm", true},
		{"sesame", "sesame", false},
		{"tra cung dinh", "tra cung dinh", false},
		{"mắm", "mắm", false},
		{"", "", false},
	} {
		got, changed := Telex(c.text)
		if got != c.want || changed != c.changed {
			t.Errorf("Telex(%q) = %q, %v; want %q, %v", c.text, got, changed, c.want, c.changed)
		}
	}
}

func TestTerms(t *testing.T) {
	synonyms, err := ParseSynonyms("# comment\nđậu phộng,lạc\nmè,vừng\n")
	if err != nil {
		t.Fatal(err)
	}
	shape := func(text string) []string {
		var out []string
		for _, term := range Terms(text, synonyms) {
			var words, others []string
			for _, w := range term.Words {
				words = append(words, w.Text)
			}
			for _, o := range term.Others {
				others = append(others, norm.NFC.String(strings.Join(o, "+")))
			}
			out = append(out, strings.Join(words, " ")+"|"+strings.Join(others, ","))
		}
		return out
	}
	for _, c := range []struct {
		text string
		want []string
	}{
		{"đậu phộng rang", []string{"đậu phộng|" + "lac\u0323", "rang|"}},
		{"dau phong", []string{"dau phong|" + "lac\u0323"}},
		{"đấu phong", []string{"đấu|", "phong|"}}, // other marks, another word
		{"kẹo me", []string{"kẹo|", "me|" + "vưng\u0300"}},
		{"trà trà tra", []string{"trà|"}},
		{"mắm 1000ml", []string{"mắm|", "1000 ml|1000+ml,1000+mililit,1+l,1+lit́"}},
		{"0,5 kg", []string{"0 5 kg|500+g,500+gr,500+gam,500+gram,0+5+kg,0+5+ki\u0301,0+5+kilo,nưa\u0309+kg,nưa\u0309+ki\u0301,nưa\u0309+kilo"}},
		{"lô 500", []string{"lô|", "500|"}},
	} {
		for i := range c.want {
			c.want[i] = norm.NFC.String(c.want[i])
		}
		if diff := cmp.Diff(c.want, shape(c.text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
	}
	if n := len(Terms(strings.Repeat("a b c d e f g h i k l m n o p ", 9), synonyms)); n != MaxWords {
		t.Errorf("%d terms of a long text, want %d", n, MaxWords)
	}
}

func TestSynonymTableIsWhole(t *testing.T) {
	if _, err := LoadSynonyms(); err != nil {
		t.Error(err)
	}
	for _, table := range []string{"alone\n", "a,\n", ",\n", "\n"} {
		if _, err := ParseSynonyms(table); err == nil {
			t.Errorf("%q is accepted", table)
		}
	}
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"Mắm nêm", "\xff", "a\u0301\u0301", "500ml", "ﬁ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, w := range Words(s) {
			if utf8.RuneCountInString(w.Text) > MaxWord || strings.ContainsAny(w.Folded, " |\n") {
				t.Errorf("%q: word %q, folded %q", s, w.Text, w.Folded)
			}
		}
		Telex(s)
	})
}
