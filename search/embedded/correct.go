package embedded

import (
	"strings"

	"chohue/search"
)

// corrected says what was found instead of what was typed, word by word as the
// best hit spells it. Empty when the best hit has every word as it was typed.
func (e *Engine) corrected(x *index, r *request, m match, best *row) string {
	n := x.byID[best.ID]
	var texts []string
	texts = append(texts, best.Names[:]...)
	spelt := search.Words(strings.Join(append(texts, best.SellerName, best.WardName), " . "))
	said := make([]string, len(r.words))
	changed := false
	for i, w := range r.words {
		said[i] = w.Text
		if m.words[i].sure.Contains(n) {
			continue
		}
		if better := e.instead(x, r, m.stage, w.Folded, spelt); better != "" {
			said[i], changed = better, true
		}
	}
	if !changed {
		return ""
	}
	return strings.Join(said, " ")
}

// instead returns how the best hit spells the word.
func (e *Engine) instead(x *index, r *request, s stage, word string, spelt []search.Word) string {
	if parts := (&matcher{e, x, r, s}).apart(word); s == respaced && parts != nil {
		return spell(parts, spelt)
	}
	dfa := e.automaton(r, word, s)
	if dfa == nil {
		return ""
	}
	for _, w := range spelt {
		if near, _ := dfa.MatchAndDistance(w.Folded); near {
			return strings.ToLower(w.Text)
		}
	}
	return ""
}

// spell gives folded words the marks that they have in a text.
func spell(folded []string, spelt []search.Word) string {
	out := make([]string, len(folded))
	for i, f := range folded {
		out[i] = f
		for _, w := range spelt {
			if w.Folded == f {
				out[i] = strings.ToLower(w.Text)
				break
			}
		}
	}
	return strings.Join(out, " ")
}
