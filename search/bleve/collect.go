package bleve

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"chohue/market"
	"chohue/search"
)

// collector takes the matches of all parts to one page, a total and facets.
type collector struct {
	request *request
	stage   stage
	keep    int
	top     []hit // a heap with the worst kept hit at its root
	total   int
	wards   map[string]int
	sets    [64]int
	stars   [8]int
	scores  []int32
}

func newCollector(r *request, s stage) *collector {
	return &collector{request: r, stage: s, keep: r.query.Offset + r.query.Limit, wards: map[string]int{}}
}

// Filters a row fails, one bit each: a facet counts what fails by it alone.
const (
	failSet = 1 << iota
	failWard
	failStars
	failOther
)

func (c *collector) fails(r *row, stars int) int {
	q, bits := &c.request.query, 0
	if q.Set != 0 && r.Set != q.Set {
		bits |= failSet
	}
	if q.Ward != "" && r.Ward != q.Ward {
		bits |= failWard
	}
	if stars < q.Stars {
		bits |= failStars
	}
	if q.Seller != "" && r.Seller != q.Seller || q.InStock && !r.InStock ||
		r.Price < q.PriceFrom || q.PriceTo > 0 && r.Price > q.PriceTo {
		bits |= failOther
	}
	return bits
}

func (c *collector) collect(m match) {
	scores := c.scratch(len(m.part.rows))
	m.scores(scores)
	m.each(func(n uint32) {
		r := m.part.rows[n]
		if r == nil || r.Gone {
			return
		}
		stars := r.stars(c.request.now)
		bits := c.fails(r, stars)
		if c.request.query.Facets {
			c.count(r, stars, bits)
		}
		if bits != 0 {
			return
		}
		c.total++
		score := int64(scores[n]) + c.phrase(m, n, r) + int64(stars)*search.RankEachStar
		if r.InStock {
			score += search.RankInStock
		}
		c.add(c.hit(r, score))
	})
}

func (c *collector) scratch(n int) []int32 {
	if cap(c.scores) < n {
		c.scores = make([]int32, n)
		return c.scores
	}
	clear(c.scores[:n])
	return c.scores[:n]
}

// phrase rewards words that stand together in the name. What was typed with
// marks is compared with marks, as far as the stage lets it.
func (c *collector) phrase(m match, n uint32, r *row) int64 {
	if m.names == nil || !m.names.Contains(n) {
		return 0
	}
	name, needle, bonus := r.folded, c.request.folded, int64(0)
	switch {
	case c.stage > whole:
		bonus = c.begun(r)
	case c.request.marked:
		name, needle = r.exact, c.request.exact
	}
	at := strings.Index(name, needle)
	if at < 0 {
		return bonus
	}
	rest := name[at+len(needle):]
	switch {
	case rest[0] != ' ' && c.stage == whole:
		return bonus
	case (at == 0 || name[at-1] == '|') && (rest == " " || strings.HasPrefix(rest, " |")):
		return bonus + search.RankPhrase + search.RankWhole
	default:
		return bonus + search.RankPhrase
	}
}

// begun rewards a name with a word that goes on from the last one typed, marks
// included.
func (c *collector) begun(r *row) int64 {
	last := c.request.terms[len(c.request.terms)-1].Words
	typed := last[len(last)-1]
	if !typed.Marked() {
		return 0
	}
	for word := range strings.FieldsSeq(r.exact) {
		if search.Begins(word, typed.Exact) {
			return search.RankExactName - search.RankNamePrefix
		}
	}
	return 0
}

// add keeps the hit when it is among the best.
func (c *collector) add(h hit) {
	if len(c.top) < c.keep {
		c.top = append(c.top, h)
		c.up(len(c.top) - 1)
		return
	}
	if before(h, c.top[0]) < 0 {
		c.top[0] = h
		c.down()
	}
}

func (c *collector) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if before(c.top[i], c.top[parent]) <= 0 {
			return
		}
		c.top[i], c.top[parent] = c.top[parent], c.top[i]
		i = parent
	}
}

func (c *collector) down() {
	for i := 0; ; {
		worst := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(c.top); child++ {
			if before(c.top[child], c.top[worst]) > 0 {
				worst = child
			}
		}
		if worst == i {
			return
		}
		c.top[i], c.top[worst] = c.top[worst], c.top[i]
		i = worst
	}
}

func (c *collector) page() []market.ID {
	slices.SortFunc(c.top, before)
	ids := make([]market.ID, 0, c.request.query.Limit)
	for _, h := range c.top[min(c.request.query.Offset, len(c.top)):] {
		ids = append(ids, h.row.ID)
	}
	return ids
}

func (c *collector) count(r *row, stars, bits int) {
	if bits&^failSet == 0 && r.Set < len(c.sets) {
		c.sets[max(r.Set, 0)]++
	}
	if bits&^failWard == 0 {
		c.wards[r.Ward]++
	}
	if bits&^failStars == 0 {
		c.stars[min(stars, len(c.stars)-1)]++
	}
}

func (c *collector) facets() map[string][]search.Count {
	sets, stars := []search.Count{}, []search.Count{}
	for set, n := range c.sets {
		if n > 0 && set > 0 {
			sets = append(sets, search.Count{Value: strconv.Itoa(set), N: n})
		}
	}
	for least, n := len(c.stars)-1, 0; least > 0; least-- {
		if n += c.stars[least]; c.stars[least] > 0 {
			stars = append(stars, search.Count{Value: strconv.Itoa(least), N: n})
		}
	}
	wards := make([]search.Count, 0, len(c.wards))
	for ward, n := range c.wards {
		wards = append(wards, search.Count{Value: ward, N: n})
	}
	facets := map[string][]search.Count{"set": sets, "ward": wards, "stars": stars}
	for _, counts := range facets {
		slices.SortFunc(counts, func(a, b search.Count) int {
			return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(a.Value, b.Value))
		})
	}
	return facets
}
