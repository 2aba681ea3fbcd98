package indicators

import (
	"context"
	"maps"
	"slices"
	"strings"

	"chohue/market"
)

// revise fills a revision. Which cells are hidden stays as it was, because what
// was told cannot be taken back and what was kept must not be told. Whoever
// holds both revisions can subtract them, so a table changes only if every
// difference in it could be published by itself; otherwise it stays as it was.
func (s *Service) revise(r *Release, g *guarded, snap *snapshot, before *Release, old *snapshot) error {
	was := map[string]ReleasedCell{}
	for _, c := range before.Cells {
		was[c.Key] = c
	}
	for _, c := range g.cells {
		kept, known := was[c.key]
		c.hidden = known && kept.Hidden
	}
	held := s.heldTables(g, snap, old)
	if slices.Contains(held, TableTotal) {
		return market.Conflict("indicators.revision_tells")
	}
	for _, c := range withoutRefund(g.released()) {
		kept, known := was[c.Key]
		if slices.Contains(held, c.Table()) {
			if !known {
				continue
			}
			c = kept
		}
		if known && !c.Hidden && c.Value != kept.Value {
			r.Changes = append(r.Changes, Change{c.Key, kept.Value, c.Value})
		}
		r.Cells = append(r.Cells, c)
	}
	r.Held = held
	r.Figures = s.revisedFigures(snap, before, g, old, len(held) > 0)
	return nil
}

// revisedFigures keeps the figures before where what they rest on was held.
func (s *Service) revisedFigures(snap *snapshot, before *Release, g *guarded, old *snapshot, anyHeld bool) []ReleasedFigure {
	refunds := g.differs(snap, old, key(tableRefund, allCodes))
	out := slices.Clone(before.Figures)
	for i, f := range out {
		fresh := snap.Figures[slices.IndexFunc(snap.Figures, func(n ReleasedFigure) bool { return n.Code == f.Code })]
		tells := len(needs[f.Code]) > 0 && (anyHeld || refunds != "")
		if !f.Hidden && !tells {
			out[i] = fresh
		}
	}
	return out
}

// heldTables are the tables that would tell something by changing.
func (s *Service) heldTables(g *guarded, snap, old *snapshot) []string {
	held := map[string]bool{}
	for _, c := range g.cells {
		table, _, _ := strings.Cut(c.key, "/")
		newlyWeak := !c.hidden && c.reason != ""
		if table != tableRefund && (newlyWeak && changed(snap, old, c.key) || !c.hidden && g.differs(snap, old, c.key) != "") {
			held[table] = true
		}
	}
	for _, r := range g.sums {
		hidden := g.hiddenOf(r)
		difference := map[string]int64{}
		for _, c := range hidden {
			maps.Copy(difference, joined(difference, g.difference(snap, old, g.cells[c].key)))
		}
		if len(hidden) > 0 && (g.rule.judge(difference) != "" || g.rule.judge(g.union(hidden)) != "") {
			for _, c := range append(hidden, r.whole) {
				if table, _, _ := strings.Cut(g.cells[c].key, "/"); table != TableTotal {
					held[table] = true
				}
			}
		}
	}
	if _, found := g.narrow(); found {
		for _, t := range Tables() {
			held[t] = t != TableTotal
		}
		delete(held, TableTotal)
	}
	return slices.Sorted(maps.Keys(held))
}

func joined(a, b map[string]int64) map[string]int64 {
	sum := maps.Clone(a)
	for person, v := range b {
		sum[person] += v
	}
	return sum
}

func changed(snap, old *snapshot, key string) bool {
	return !maps.Equal(snap.Cells[key], old.Cells[key])
}

// difference is by how much each legal person's part of a cell changed.
func (g *guarded) difference(snap, old *snapshot, key string) map[string]int64 {
	d := map[string]int64{}
	for person, a := range snap.Cells[key] {
		d[person] = a[ofValue]
	}
	for person, a := range old.Cells[key] {
		d[person] -= a[ofValue]
	}
	return d
}

func (g *guarded) differs(snap, old *snapshot, key string) Reason {
	return g.rule.judge(g.difference(snap, old, key))
}

// makeLonger adds up the months of a quarter or a year. Every month must have
// been released; a cell that one of them hides is hidden.
func (s *Service) makeLonger(ctx context.Context, r *Release, months []string, before *Release) error {
	o, err := s.Overview(ctx, market.System, TableQuery{From: months[0], To: months[len(months)-1]})
	if err != nil {
		return err
	}
	snap := &snapshot{Period: r.Period, Cells: map[string]map[string]amount{}, Figures: releasedFigures(o)}
	for _, m := range months {
		one, err := s.latest(ctx, m, true)
		if err != nil {
			return err
		}
		if one == nil {
			return market.Conflict("indicators.month_missing").With("month", m)
		}
		snap.Facts += string(one.ID) + " " + one.Inputs + "\n"
	}
	if err := s.keep(ctx, r, snap); err != nil {
		return err
	}
	return s.addUp(ctx, r, snap, before)
}

// addUp fills the release from the months that the snapshot names.
func (s *Service) addUp(ctx context.Context, r *Release, snap *snapshot, before *Release) error {
	sum, hidden, held := map[string]*ReleasedCell{}, map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(snap.Facts) {
		id, _, _ := strings.Cut(line, " ")
		one, err := s.releases.Get(ctx, market.ID(id))
		if err != nil {
			return err
		}
		for _, c := range one.Cells {
			at, ok := sum[c.Key]
			if !ok {
				at = &ReleasedCell{Key: c.Key}
				sum[c.Key] = at
			}
			at.Value, at.Lines, at.Hidden = at.Value+c.Value, at.Lines+c.Lines, at.Hidden || c.Hidden
		}
		for _, f := range one.Figures {
			hidden[f.Code] = hidden[f.Code] || f.Hidden
		}
		for _, table := range one.Held {
			held[table] = true
		}
	}
	r.Held = slices.Sorted(maps.Keys(held)) // what a month's revision left, its longer periods leave
	for _, k := range slices.Sorted(maps.Keys(sum)) {
		c := *sum[k]
		if c.Hidden {
			c.Value, c.Lines = 0, 0
		}
		r.Cells = append(r.Cells, c)
	}
	r.Inputs, r.Changes = snap.Facts, changesOf(before, r)
	r.Figures = censor(snap.Figures, func(k string) bool { c, ok := sum[k]; return ok && c.Hidden })
	for i, f := range r.Figures {
		if hidden[f.Code] {
			r.Figures[i] = ReleasedFigure{Code: f.Code, Hidden: true}
		}
	}
	return nil
}

func changesOf(before, r *Release) (all []Change) {
	if before == nil {
		return nil
	}
	for _, c := range r.Cells {
		if kept, ok := before.Cell(c.Key); ok && !c.Hidden && !kept.Hidden && kept.Value != c.Value {
			all = append(all, Change{c.Key, kept.Value, c.Value})
		}
	}
	return all
}
