package meili

import (
	"cmp"
	"slices"
	"strings"

	"chohue/search"
)

// standing is how a product stands by search.Criteria, in their order; greater
// is better.
type standing [10]int

// inOrder puts the server's hits in the published order.
func inOrder(docs []document, terms []search.Term, now int64) []document {
	type placed struct {
		document
		standing
	}
	all := make([]placed, len(docs))
	for i, d := range docs {
		all[i] = placed{d, stand(&d, terms, now)}
	}
	slices.SortStableFunc(all, func(a, b placed) int {
		return cmp.Or(slices.Compare(b.standing[:], a.standing[:]), cmp.Compare(b.Published, a.Published), -strings.Compare(string(a.ID), string(b.ID)))
	})
	out := make([]document, len(docs))
	for i, p := range all {
		out[i] = p.document
	}
	return out
}

// reading is how well one word of the query is in one text.
type reading struct{ said, begun, marked bool }

func read(words []search.Word, t search.Word, last bool) reading {
	var r reading
	for _, w := range words {
		same := w.Folded == t.Folded
		starts := last && strings.HasPrefix(w.Folded, t.Folded)
		r.said = r.said || same
		r.begun = r.begun || same || starts
		r.marked = r.marked || w.Exact == t.Exact || starts && search.Begins(w.Exact, t.Exact)
	}
	return r
}

func stand(d *document, terms []search.Term, now int64) standing {
	texts := [4][]search.Word{spelt(d.Name), spelt(d.SellerName), spelt(d.Place), spelt(d.Description)}
	typed := wordsOf(terms)
	otherwise := synonymous(terms, texts)
	var s standing
	one := [3]bool{true, true, true}
	for i, t := range typed {
		last := i == len(typed)-1
		var in [4]reading
		anywhere := reading{}
		for k, words := range texts {
			in[k] = read(words, t, last)
			in[k].begun = in[k].begun || otherwise[k][i]
			anywhere.said = anywhere.said || in[k].said
			anywhere.begun = anywhere.begun || in[k].begun
			anywhere.marked = anywhere.marked || in[k].marked
		}
		named := in[0].begun && (!t.Marked() || in[0].marked || !anywhere.marked)
		one[0] = one[0] && in[0].begun && (!t.Marked() || in[0].marked || !in[0].said)
		one[1] = one[1] && in[1].begun
		one[2] = one[2] && in[2].begun
		s[1] += truth(anywhere.begun)
		s[2] += truth(t.Marked() && anywhere.marked)
		s[3] += truth(named)
		s[4] += truth(in[0].begun || in[1].begun || in[2].begun)
		s[5] += truth(anywhere.said)
	}
	s[0] = truth(one[0] || one[1] || one[2])
	s[6], s[7] = together(d.Name, typed)
	s[8], s[9] = d.Stock, d.starsAt(now)
	return s
}

func wordsOf(terms []search.Term) []search.Word {
	var words []search.Word
	for _, t := range terms {
		words = append(words, t.Words...)
	}
	return words
}

// synonymous says for each text and word of the query whether another phrase
// for it stands there.
func synonymous(terms []search.Term, texts [4][]search.Word) [4][]bool {
	var out [4][]bool
	for k, words := range texts {
		for _, t := range terms {
			has := slices.ContainsFunc(t.Others, func(other []string) bool {
				return !slices.ContainsFunc(other, func(exact string) bool {
					return !slices.ContainsFunc(words, func(w search.Word) bool { return w.Exact == exact })
				})
			})
			for range t.Words {
				out[k] = append(out[k], has)
			}
		}
	}
	return out
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func spelt(texts []string) []search.Word { return search.Words(strings.Join(texts, " . ")) }

// together reports whether the words stand side by side in a name, and whether
// they are all of it.
func together(names []string, typed []search.Word) (phrase, whole int) {
	needle := folded(typed)
	for _, n := range names[:min(len(names), 2)] {
		name := folded(search.Words(n))
		if strings.Contains(name, needle) || strings.Contains(name, strings.TrimSuffix(needle, " ")) {
			phrase = 1
		}
		if name == needle {
			whole = 1
		}
	}
	return phrase, whole
}

func folded(words []search.Word) string {
	var b strings.Builder
	b.WriteString(" ")
	for _, w := range words {
		b.WriteString(w.Folded + " ")
	}
	return b.String()
}

// corrected says what the best hit has in place of words that were mistyped.
func corrected(d document, terms []search.Term) string {
	all := spelt(slices.Concat(d.Name, d.SellerName, d.Place, d.Description))
	typed, otherwise := wordsOf(terms), synonymous(terms, [4][]search.Word{all})[0]
	said := make([]string, len(typed))
	changed := false
	for i, t := range typed {
		said[i] = t.Text
		if otherwise[i] || read(all, t, i == len(typed)-1).begun {
			continue
		}
		for _, w := range all {
			if distance(w.Folded, t.Folded) <= 1+len(t.Folded)/8 && len(t.Folded) >= 4 {
				said[i], changed = strings.ToLower(w.Text), true
				break
			}
		}
	}
	if !changed {
		return ""
	}
	return strings.Join(said, " ")
}

// distance counts letters that are missing, too many, others, or in the wrong
// order beside each other.
func distance(a, b string) int {
	before, last, row := []int(nil), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row = append([]int{i}, make([]int, len(b))...)
		for j := 1; j <= len(b); j++ {
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+1-truth(a[i-1] == b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return row[len(b)]
}
