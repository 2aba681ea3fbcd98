package indicators

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
)

// guarded is a set of published cells with all sums between them: what an
// attacker has before them. Every published margin of a month is in one of
// these, so that no table protects itself at another's cost.
//
// The tables share only what is published of each other (the total, the former
// districts and the industries), so figures that fit every table can be joined
// to one trade; bounds by these sums are then all that can be known.
type guarded struct {
	rule   rule
	cells  []*guard
	sums   []relation
	bySums [][]int // of a cell, the sums that it is in
}

// guard is a cell under protection.
type guard struct {
	key     string
	amounts map[string]amount // by legal person
	total   amount
	reason  Reason // it may not be published by itself
	hidden  bool
}

// amount are the measures of a cell that are published and add up.
type amount [measuresOfCell]int64

const (
	ofValue        = 0
	ofLines        = 1
	measuresOfCell = 2
)

func (a *amount) add(b amount) {
	for i := range a {
		a[i] += b[i]
	}
}

// relation says that the first cell is the sum of the others.
type relation struct {
	whole int
	parts []int
}

func (r relation) each(do func(cell int, sign float64)) {
	do(r.whole, -1)
	for _, p := range r.parts {
		do(p, 1)
	}
}

func newGuarded(r rule) *guarded { return &guarded{rule: r} }

// cell adds a cell and judges it by itself.
func (g *guarded) cell(key string, amounts map[string]amount) int {
	c := &guard{key: key, amounts: amounts}
	for _, a := range amounts {
		c.total.add(a)
	}
	c.reason = g.rule.judge(valuesOf(amounts))
	c.hidden = c.reason != ""
	g.cells, g.bySums = append(g.cells, c), append(g.bySums, nil)
	return len(g.cells) - 1
}

func valuesOf(amounts map[string]amount) map[string]int64 {
	values := make(map[string]int64, len(amounts))
	for person, a := range amounts {
		values[person] = a[ofValue]
		if a[ofValue] == 0 && a[ofLines] != 0 {
			values[person] = 1 // all given back: still somebody's
		}
	}
	return values
}

func (g *guarded) sum(whole int, parts []int) {
	n := len(g.sums)
	g.sums = append(g.sums, relation{whole, parts})
	for _, c := range append([]int{whole}, parts...) {
		g.bySums[c] = append(g.bySums[c], n)
	}
}

// nothing reports a cell that is published as zero: hiding it protects nobody.
func (c *guard) nothing() bool { return c.total == amount{} }

// protect hides further cells until nobody can reckon a hidden one: no sum has
// a hidden rest that would itself be unsafe, and the bounds that all sums
// together put on a hidden cell are wide enough. It reports false when hiding
// everything is not enough.
func (g *guarded) protect() bool {
	for {
		if n := g.unsafeSum(); n >= 0 {
			if !g.hideOne(n) {
				return false
			}
			continue
		}
		n, found := g.narrow()
		if !found {
			return true
		}
		if !g.widen(n) {
			return false
		}
	}
}

// unsafeSum finds a sum whose hidden cells together could not be published as
// one cell: so an insider who knows one of them, or the difference to the
// total, learns nothing that a published cell would not tell.
func (g *guarded) unsafeSum() int {
	return slices.IndexFunc(g.sums, func(r relation) bool {
		hidden := g.hiddenOf(r)
		if len(hidden) == 0 || slices.Contains(hidden, r.whole) {
			return len(hidden) == 1
		}
		return len(hidden) == 1 || g.rule.judge(g.union(hidden)) != ""
	})
}

func (g *guarded) hiddenOf(r relation) (hidden []int) {
	r.each(func(c int, _ float64) {
		if g.cells[c].hidden {
			hidden = append(hidden, c)
		}
	})
	return hidden
}

func (g *guarded) union(cells []int) map[string]int64 {
	together := map[string]int64{}
	for _, c := range cells {
		for person, v := range valuesOf(g.cells[c].amounts) {
			together[person] += v
		}
	}
	return together
}

// hideOne hides the smallest cell of the sum that is not hidden yet; where all
// parts are hidden, of any sum that a part of it is in.
func (g *guarded) hideOne(n int) bool {
	r := g.sums[n]
	if g.hideSmallest(r.parts) || g.hideSmallest([]int{r.whole}) {
		return true
	}
	for _, c := range r.parts {
		for _, other := range g.bySums[c] {
			if g.hideSmallest(g.sums[other].parts) {
				return true
			}
		}
	}
	return false
}

func (g *guarded) hideSmallest(among []int) bool { return g.hideEnough(among, ofValue, math.MinInt64) }

// narrowness is a hidden cell that the sums bound too closely in a measure.
type narrowness struct{ cell, measure int }

// narrow finds one.
func (g *guarded) narrow() (narrowness, bool) {
	for m := range measuresOfCell {
		for _, group := range g.groups() {
			if c := g.weakest(group, m); c >= 0 {
				return narrowness{c, m}, true
			}
		}
	}
	return narrowness{}, false
}

// widen hides one cell more, in the sum whose hidden rest gives the narrow cell
// the least room: the smallest that gives what lacks, so that little is hidden
// that helps nobody. Where the sums of the cell have nothing left, it is taken
// from their other sums.
func (g *guarded) widen(n narrowness) bool {
	sums := slices.Clone(g.bySums[n.cell])
	slices.SortStableFunc(sums, func(a, b int) int { return cmp.Compare(g.room(n, a), g.room(n, b)) })
	need := int64(g.margin(g.cells[n.cell].total[n.measure]))
	for _, sum := range sums {
		if g.hideEnough(g.sums[sum].parts, n.measure, max(1, need-g.room(n, sum))) {
			return true
		}
	}
	return slices.ContainsFunc(sums, g.hideOne)
}

// room is how far the hidden rest of a sum lets the cell move, as this sum
// alone tells.
func (g *guarded) room(n narrowness, sum int) int64 {
	var room int64
	for _, c := range g.hiddenOf(g.sums[sum]) {
		if c != n.cell {
			room += g.cells[c].total[n.measure]
		}
	}
	return room
}

// hideEnough hides the smallest open cell that comes to the amount, else the
// largest there is.
func (g *guarded) hideEnough(among []int, m int, amount int64) bool {
	open := slices.DeleteFunc(slices.Clone(among), func(c int) bool { return g.cells[c].hidden || g.cells[c].nothing() })
	if len(open) == 0 {
		return false
	}
	slices.SortFunc(open, func(a, b int) int {
		return cmp.Or(cmp.Compare(g.cells[a].total[m], g.cells[b].total[m]), cmp.Compare(g.cells[a].key, g.cells[b].key))
	})
	for _, c := range open {
		if g.cells[c].total[m] >= amount {
			g.cells[c].hidden = true
			return true
		}
	}
	g.cells[open[len(open)-1]].hidden = true
	return true
}

// groups are hidden cells that share sums: bounds of one group do not depend on
// another.
func (g *guarded) groups() [][]int {
	seen := make([]bool, len(g.cells))
	var all [][]int
	for c := range g.cells {
		if !g.cells[c].hidden || seen[c] {
			continue
		}
		group, wait := []int(nil), []int{c}
		seen[c] = true
		for len(wait) > 0 {
			c, wait = wait[0], wait[1:]
			group = append(group, c)
			for _, n := range g.bySums[c] {
				for _, next := range g.hiddenOf(g.sums[n]) {
					if !seen[next] {
						seen[next] = true
						wait = append(wait, next)
					}
				}
			}
		}
		slices.Sort(group)
		all = append(all, group)
	}
	return all
}

// margin is how far the bounds of a hidden value must reach, on either side.
func (g *guarded) margin(v int64) float64 { return max(1, math.Ceil(float64(v*g.rule.p)/100)) }

// weakest returns a cell of the group whose bounds are too close, or -1. Each
// solution of the sums that turns up shows how far all cells can move at once,
// so few cells need a solution of their own.
func (g *guarded) weakest(group []int, m int) int {
	s := newSystem(g, group, m)
	for i, c := range group {
		v := g.cells[c].total[m]
		if v != 0 && !s.wide(i, float64(v), g.margin(v), g.cells[c].reason != "") {
			return c
		}
	}
	return -1
}

// wide reports whether the bounds of cell i reach far enough: of one that may
// not be published by itself on both sides, of one that protects others on
// either, for nobody knows it within the margin then.
func (s *system) wide(i int, v, need float64, both bool) bool {
	up := func() bool {
		return s.high[i] >= v+need-rounding || s.push(i, -1) && s.high[i] >= v+need-rounding
	}
	down := func() bool {
		least := v - min(need, v) + rounding
		return s.low[i] <= least || s.push(i, 1) && s.low[i] <= least
	}
	if both {
		return up() && down()
	}
	return down() || up()
}

// rounding is what the solver's arithmetic may be off by, in đồng.
const rounding = 1e-3

// system are the sums over a group of hidden cells in one measure: rows of
// coefficients, and what they must come to.
type system struct {
	coefficients [][]float64
	right        []float64
	low, high    []float64 // how far each cell is known to reach
	scale        float64
}

func newSystem(g *guarded, group []int, m int) *system {
	s := &system{low: make([]float64, len(group)), high: make([]float64, len(group)), scale: 1}
	at := map[int]int{}
	for i, c := range group {
		at[c] = i
		v := float64(g.cells[c].total[m])
		s.low[i], s.high[i] = v, v
		s.scale = max(s.scale, v)
	}
	for _, r := range g.sums {
		row, right, ours := make([]float64, len(group)), 0.0, false
		r.each(func(c int, sign float64) {
			if i, ok := at[c]; ok {
				row[i], ours = sign, true
				return
			}
			right -= sign * float64(g.cells[c].total[m])
		})
		if ours {
			s.add(row, right/s.scale)
		}
	}
	return s
}

// add keeps a row unless it follows from those before.
func (s *system) add(row []float64, right float64) {
	row = slices.Clone(row)
	for i, kept := range s.coefficients {
		if lead := pivot(kept); row[lead] != 0 {
			f := row[lead] / kept[lead]
			for j := range row {
				row[j] -= f * kept[j]
			}
			right -= f * s.right[i]
		}
	}
	lead := pivot(row)
	if lead < 0 {
		return
	}
	s.coefficients, s.right = append(s.coefficients, row), append(s.right, right)
}

// pivot is the first coefficient of a row that is not nothing; rows hold small
// whole numbers and fractions of them.
func pivot(row []float64) int {
	return slices.IndexFunc(row, func(v float64) bool { return math.Abs(v) > 1e-9 })
}

// push solves for the least of cell i times sign and notes what the solution
// shows of all cells. It reports false when there is no solution that it can
// trust.
func (s *system) push(i int, sign float64) bool {
	n := len(s.low)
	if len(s.coefficients) == 0 {
		s.low[i], s.high[i] = 0, math.Inf(1)
		return true
	}
	if len(s.coefficients) >= n {
		return true // one solution only: the bounds stay where they are
	}
	goal := make([]float64, n)
	goal[i] = sign
	a := mat.NewDense(len(s.coefficients), n, nil)
	for r, row := range s.coefficients {
		a.SetRow(r, row)
	}
	_, x, err := lp.Simplex(goal, a, s.right, 1e-10, nil)
	if err == lp.ErrUnbounded {
		s.high[i] = math.Inf(1)
		return true
	}
	if err != nil || !s.solves(x) {
		return false
	}
	for j, v := range x {
		s.low[j], s.high[j] = min(s.low[j], v*s.scale), max(s.high[j], v*s.scale)
	}
	return true
}

// solves checks a solution: the solver is trusted with finding, not with being
// right.
func (s *system) solves(x []float64) bool {
	for r, row := range s.coefficients {
		sum := 0.0
		for j, v := range row {
			sum += v * x[j]
		}
		if math.Abs(sum-s.right[r]) > 1e-6 {
			return false
		}
	}
	return !slices.ContainsFunc(x, func(v float64) bool { return v < -1e-9 })
}
