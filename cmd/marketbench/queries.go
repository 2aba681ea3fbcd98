package main

import (
	"math/rand/v2"
	"strings"
	"sync"

	"chohue/market"
)

// queries makes searches that nobody has asked before, so that no kept answer
// helps: two to four syllables of what products are called, half of them
// without marks, as people type.
type queries struct {
	names []string

	mu    sync.Mutex
	asked map[string]bool
}

func newQueries(names []string) *queries { return &queries{names: names, asked: map[string]bool{}} }

func (q *queries) next(dice *rand.Rand) string {
	for {
		if text := q.think(dice); q.fresh(text) {
			return text
		}
	}
}

func (q *queries) think(dice *rand.Rand) string {
	words := strings.Fields(q.names[dice.IntN(len(q.names))])
	dice.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	text := strings.Join(words[:min(len(words), 2+dice.IntN(3))], " ")
	if dice.IntN(2) == 0 {
		return market.Fold(text)
	}
	return text
}

func (q *queries) fresh(text string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.asked[text] {
		return false
	}
	q.asked[text] = true
	return true
}
