package search

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// Fewer is a query with a word less, and how much it finds.
type Fewer struct {
	Text  string
	Total int
}

// fewerMost is how many words are tried to be left out.
const fewerMost = 6

// Fewer says what a query that finds nothing would find without one of its
// words, and without its conditions; the most promising first.
func (s *Service) Fewer(ctx context.Context, q Query) ([]Fewer, error) {
	words := strings.Fields(q.Text)
	if len(words) < 2 || len(words) > fewerMost {
		return nil, nil
	}
	var out []Fewer
	for i := range words {
		text := strings.Join(slices.Concat(words[:i], words[i+1:]), " ")
		r, err := s.query(ctx, Query{Text: text, Sort: SortRelevance, Limit: 1})
		if err != nil {
			return nil, err
		}
		if r.Total > 0 && r.Corrected == "" {
			out = append(out, Fewer{text, r.Total})
		}
	}
	slices.SortStableFunc(out, func(a, b Fewer) int { return cmp.Compare(a.Total, b.Total) })
	return out[:min(len(out), 3)], nil
}
