package search

// Term is a part of the query that must be found: all of Words, or all words of
// one of the Others, which mean the same and are compared with their marks.
type Term struct {
	Words  []Word
	Others [][]string // exact forms
}

// MaxWords is how many words of a query are looked at.
const MaxWords = 12

// Terms reads a query text. An amount becomes one term with all ways to write
// it, the longest phrase that has synonyms becomes one; any other word is a term of its own. A word that is said twice counts
// once.
func Terms(text string, synonyms Synonyms) []Term {
	words := distinct(Words(text))
	var terms []Term
	for len(words) > 0 {
		n, others := phrase(words, synonyms)
		terms = append(terms, Term{Words: words[:n], Others: others})
		words = words[n:]
	}
	return terms
}

func distinct(words []Word) []Word {
	seen := map[string]bool{}
	out := make([]Word, 0, min(len(words), MaxWords))
	for _, w := range words {
		if len(out) == MaxWords {
			break
		}
		if !seen[w.Folded] && w.Folded != "" {
			seen[w.Folded] = true
			out = append(out, w)
		}
	}
	return out
}

func phrase(words []Word, synonyms Synonyms) (int, [][]string) {
	if n, others := measure(words); n > 0 {
		return n, others
	}
	for n := min(synonyms.longest, len(words)); n > 0; n-- {
		if others := synonyms.of(words[:n]); others != nil {
			return n, others
		}
	}
	return 1, nil
}
