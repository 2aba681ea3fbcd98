package bleve

import (
	"strings"

	"chohue/search"
)

// corrected says what was found instead of what was typed, word by word as the
// best hit's name spells it. Empty when every word stands as it was typed.
func (c *collector) corrected() string {
	if len(c.top) == 0 {
		return ""
	}
	names := search.Words(c.top[0].row.Names[0] + " " + c.top[0].row.Names[1])
	var said []string
	changed := false
	for i, t := range c.request.terms {
		for _, w := range t.Words {
			better, ok := c.instead(w, names, i == len(c.request.terms)-1)
			changed = changed || ok
			said = append(said, better)
		}
	}
	if !changed {
		return ""
	}
	return strings.Join(said, " ")
}

// instead returns the word of the name that w was taken for.
func (c *collector) instead(w search.Word, names []search.Word, last bool) (string, bool) {
	dfa := c.request.typos[w.Folded]
	taken, ok := w.Text, false
	for _, n := range names {
		switch {
		case n.Folded == w.Folded || last && strings.HasPrefix(n.Folded, w.Folded):
			return w.Text, false
		case dfa != nil && !ok:
			if near, _ := dfa.MatchAndDistance(n.Folded); near {
				taken, ok = strings.ToLower(n.Text), true
			}
		}
	}
	return taken, ok
}
