package search

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed synonyms.csv
var synonymFile string

// Synonyms are groups of phrases that mean the same. They widen the query, not
// the index, so that a change needs no rebuild and nothing is counted twice.
type Synonyms struct {
	groups  [][]string
	exact   map[string][][]string // phrase → the other phrases of its groups, as exact words
	folded  map[string][][]string
	longest int // words in the longest phrase
}

// LoadSynonyms reads the embedded table.
func LoadSynonyms() (Synonyms, error) { return ParseSynonyms(synonymFile) }

// ParseSynonyms reads one group a line, phrases between commas; lines that
// begin with # say something to people. A group of one is a mistake.
func ParseSynonyms(table string) (Synonyms, error) {
	s := Synonyms{exact: map[string][][]string{}, folded: map[string][][]string{}}
	for line := range strings.Lines(table) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if !s.add(strings.Split(line, ",")) {
			return s, fmt.Errorf("synonyms: %q is no group", line)
		}
	}
	return s, nil
}

// Groups returns the groups as they were read.
func (s Synonyms) Groups() [][]string { return s.groups }

func (s *Synonyms) add(group []string) bool {
	phrases := make([][]Word, 0, len(group))
	for _, g := range group {
		if words := Words(g); len(words) > 0 {
			phrases = append(phrases, words)
		}
	}
	for i, words := range phrases {
		s.longest = max(s.longest, len(words))
		for j, other := range phrases {
			if i == j {
				continue
			}
			exact, folded := join(words)
			s.exact[exact] = append(s.exact[exact], exactWords(other))
			s.folded[folded] = append(s.folded[folded], exactWords(other))
		}
	}
	clean := make([]string, len(group))
	for i, g := range group {
		clean[i] = strings.TrimSpace(g)
	}
	s.groups = append(s.groups, clean)
	return len(phrases) > 1
}

// of returns the other phrases for these words. Words typed without any mark
// are taken for every phrase that they may stand for.
func (s Synonyms) of(words []Word) [][]string {
	exact, folded := join(words)
	if exact == folded {
		return s.folded[folded]
	}
	return s.exact[exact]
}

func join(words []Word) (exact, folded string) {
	var e, f strings.Builder
	for i, w := range words {
		if i > 0 {
			e.WriteByte(' ')
			f.WriteByte(' ')
		}
		e.WriteString(w.Exact)
		f.WriteString(w.Folded)
	}
	return e.String(), f.String()
}

func exactWords(words []Word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.Exact
	}
	return out
}
