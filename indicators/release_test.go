package indicators

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"

	"chohue/market"
	"chohue/orders"
	"chohue/store/memory"
)

// fine is the kind of no error.
const fine = market.Kind(0)

var second = market.Actor{Person: "second", Roles: []market.Role{market.RoleOfficial}}

// publish takes a period through every hand.
func publish(t testing.TB, s *Service, period, reason string) *Release {
	t.Helper()
	ctx := t.Context()
	r, err := s.Draft(ctx, official, period, reason, now)
	if err != nil {
		t.Fatalf("%s: %v", period, err)
	}
	if _, err := s.Check(ctx, official, r.ID); err != nil {
		t.Fatalf("%s: %v", period, err)
	}
	if r, err = s.Approve(ctx, second, r.ID); err != nil {
		t.Fatalf("%s: %v", period, err)
	}
	return r
}

// attacker knows what is published and the sums that every reader knows, and
// nothing else.
type attacker struct {
	sums []keyed
	open map[string]amount
	hid  []string
}

func attack(s *Service, cells []ReleasedCell) *attacker {
	a := &attacker{open: map[string]amount{}}
	r := &Release{Cells: cells}
	for _, c := range cells {
		if c.Hidden {
			a.hid = append(a.hid, c.Key)
		} else {
			a.open[c.Key] = amount{c.Value, c.Lines}
		}
	}
	a.sums = s.sumsOf(&snapshot{Cells: cellsOf(r)})
	return a
}

// bounds solves for the least and the most that a hidden cell can be. The
// system is laid out here on its own: every hidden cell is an unknown, every
// sum an equation.
func (a *attacker) bounds(t testing.TB, cell string, measure int) (float64, float64) {
	t.Helper()
	at := map[string]int{}
	for i, k := range a.hid {
		at[k] = i
	}
	var rows [][]float64
	var right []float64
	scale := 1.0
	for _, s := range a.sums {
		row, sum, any := make([]float64, len(a.hid)), 0.0, false
		put := func(k string, sign float64) {
			if i, ok := at[k]; ok {
				row[i], any = row[i]+sign, true
				return
			}
			sum -= sign * float64(a.open[k][measure])
		}
		put(s.whole, -1)
		for _, p := range s.parts {
			put(p, 1)
		}
		if any {
			rows, right = append(rows, row), append(right, sum)
			scale = max(scale, math.Abs(sum))
		}
	}
	sys := &system{} // leaves out equations that follow from others
	for i, row := range rows {
		sys.add(row, right[i]/scale)
	}
	eq := mat.NewDense(len(sys.coefficients), len(a.hid), nil)
	for i, row := range sys.coefficients {
		eq.SetRow(i, row)
	}
	solve := func(sign float64) float64 {
		c := make([]float64, len(a.hid))
		c[at[cell]] = sign
		v, _, err := lp.Simplex(c, eq, sys.right, 1e-10, nil)
		if err == lp.ErrUnbounded {
			return math.Inf(int(-sign))
		}
		if err != nil {
			t.Fatalf("attacker on %s: %v", cell, err)
		}
		return sign * v * scale
	}
	return solve(1), solve(-1)
}

// recovered lists the hidden cells that the attacker knows within p percent.
func (a *attacker) recovered(t testing.TB, truth map[string]map[string]amount) (all []string) {
	t.Helper()
	for _, cell := range a.hid {
		total := amount{}
		for _, x := range truth[cell] {
			total.add(x)
		}
		for m := range measuresOfCell {
			v := float64(total[m])
			low, high := a.bounds(t, cell, m)
			if v > 0 && low > v*0.9 && high < v*1.1 {
				all = append(all, fmt.Sprintf("%s/%d: %.0f in [%.0f, %.0f]", cell, m, v, low, high))
			}
			if low > v+1 || high < v-1 {
				t.Errorf("the attacker is wrong about %s: %.0f not in [%.0f, %.0f]", cell, v, low, high)
			}
		}
	}
	return all
}

func released(t testing.TB, seed uint64, lines, sellers, months int) (*Service, *trade) {
	t.Helper()
	trade := newTrade(seed, sellers)
	trade.sell(lines, months)
	s := on(t, memory.New())
	hearMany(t, s, trade.deliveries())
	return s, trade
}

// TestAttackerRecoversNothing: from everything that is published of a month, by
// all its sums together, no hidden cell is known within p percent, over markets
// from a village's to a city's.
func TestAttackerRecoversNothing(t *testing.T) {
	for _, c := range []struct{ lines, sellers int }{{60, 8}, {200, 25}, {800, 80}, {3000, 300}} {
		s, _ := released(t, uint64(c.lines), c.lines, c.sellers, 3)
		hidden := 0
		for _, month := range []string{"2026-09", "2026-10"} {
			r := publish(t, s, month, "")
			snap, err := s.snapshot(t.Context(), month)
			if err != nil {
				t.Fatal(err)
			}
			a := attack(s, r.Cells)
			hidden += len(a.hid)
			if got := a.recovered(t, snap.Cells); len(got) > 0 {
				t.Errorf("%d lines, %s: %s", c.lines, month, strings.Join(got, "; "))
			}
			for _, cell := range r.Cells {
				if rule := s.rules.at(month); !cell.Hidden && rule.judge(valuesOf(snap.Cells[cell.Key])) != "" {
					t.Errorf("%d lines, %s: %s is open", c.lines, month, cell.Key)
				}
			}
		}
		if hidden == 0 {
			t.Errorf("%d lines: nothing was hidden, so nothing was shown", c.lines)
		}
		t.Logf("%d lines, %d sellers: %d cells hidden in two months", c.lines, c.sellers, hidden)
	}
}

// TestAttackerFindsPlantedWeakness: the attacker is worth its name. Tables of
// which only the weak cells are hidden, or the hidden ones but one, are solved.
func TestAttackerFindsPlantedWeakness(t *testing.T) {
	s, _ := released(t, 5, 800, 80, 3)
	snap, err := s.snapshot(t.Context(), "2026-10")
	if err != nil {
		t.Fatal(err)
	}
	primary := s.guarded(snap) // not protected: only what is weak by itself is hidden
	cells := withoutRefund(primary.released())
	if got := attack(s, cells).recovered(t, snap.Cells); len(got) == 0 {
		t.Error("tables with primary suppression alone were not solved")
	}
	r := publish(t, s, "2026-10", "")
	caught, tried := 0, 0
	for i, c := range r.Cells {
		if !c.Hidden || c.Weak != "" || tried == 12 {
			continue
		}
		tried++
		weak := append([]ReleasedCell(nil), r.Cells...)
		total := amount{}
		for _, x := range snap.Cells[c.Key] {
			total.add(x)
		}
		weak[i] = ReleasedCell{Key: c.Key, Value: total[ofValue], Lines: total[ofLines]}
		if len(attack(s, weak).recovered(t, snap.Cells)) > 0 {
			caught++
		}
	}
	if tried == 0 || caught == 0 {
		t.Errorf("of %d tables with one cell too many, %d were solved", tried, caught)
	}
}

// TestLongerPeriodsTellNothingMore: what a quarter or a year opens is the sum
// of what its months open.
func TestLongerPeriodsTellNothingMore(t *testing.T) {
	s, _ := released(t, 11, 2500, 60, 6)
	if _, err := s.Draft(t.Context(), official, "2026-Q3", "", now); market.KindOf(err) != market.KindConflict {
		t.Errorf("before its months: %v", err)
	}
	months := map[string]*Release{}
	for _, m := range []string{"2026-07", "2026-08", "2026-09"} {
		months[m] = publish(t, s, m, "")
	}
	quarter := publish(t, s, "2026-Q3", "")
	open := 0
	for _, c := range quarter.Cells {
		sum := amount{}
		for m, r := range months {
			part, ok := r.Cell(c.Key)
			if ok && part.Hidden && !c.Hidden {
				t.Errorf("%s is open in the quarter and hidden in %s", c.Key, m)
			}
			sum.add(amount{part.Value, part.Lines})
		}
		if !c.Hidden {
			open++
			if sum != (amount{c.Value, c.Lines}) {
				t.Errorf("%s: %d in the quarter, %d in its months", c.Key, c.Value, sum[ofValue])
			}
		}
	}
	if open < 10 {
		t.Errorf("%d open cells: the test shows little", open)
	}
}

// TestRevisionsTellNothing: whoever subtracts two revisions finds no difference
// that could not be published by itself.
func TestRevisionsTellNothing(t *testing.T) {
	s, trade := released(t, 13, 2500, 40, 3)
	first := publish(t, s, "2026-10", "")
	old, err := s.kept(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Draft(t.Context(), official, "2026-10", "", now); market.KindOf(err) != market.KindInvalid {
		t.Errorf("without a reason: %v", err)
	}
	back := trade.giveBack(9)
	hearMany(t, s, back)
	again := publish(t, s, "2026-10", "Hàng trả đến sau khi công bố")
	snap, err := s.kept(t.Context(), again)
	if err != nil {
		t.Fatal(err)
	}
	if len(again.Changes) == 0 || len(again.Held) == 0 {
		t.Errorf("%d changes, held %v: the test shows little", len(again.Changes), again.Held)
	}
	g := s.guarded(snap)
	for _, ch := range again.Changes {
		if ch.From == ch.To || g.differs(snap, old, ch.Key) != "" {
			t.Errorf("%+v tells of %s", ch, g.differs(snap, old, ch.Key))
		}
	}
	for _, c := range again.Cells {
		was, ok := first.Cell(c.Key)
		if ok && was.Hidden != c.Hidden {
			t.Errorf("%s changed its mask", c.Key)
		}
	}
	if got := attack(s, again.Cells).recovered(t, snap.Cells); len(again.Held) == 0 && len(got) > 0 {
		t.Error(got)
	}
	single := trade.orders[0]
	for _, o := range trade.orders {
		if monthOf(*o.Parcels[0].DeliveredAt) == "2026-10" && len(o.Returns) == 0 {
			single = o
		}
	}
	p, l := single.Parcels[0], single.Parcels[0].Lines[0]
	one := orders.Return{ID: "lonely", Parcel: p.ID, State: orders.ReturnRefunded, EndedAt: &now, Goods: l.Price, Refunded: l.Price, Lines: []orders.ReturnLine{{Variant: l.Variant, Quantity: 1, Amount: l.Price}}}
	hear(t, s, []market.Event{market.NewEvent(env, orders.EventReturned, single.ID, single.Undone(one, now))})
	if _, err := s.Draft(t.Context(), official, "2026-10", "Một đơn trả hàng nữa đến muộn", now); market.KindOf(err) != market.KindConflict {
		t.Errorf("one seller's return alone: %v", err)
	}
}

func TestSecondOfficialApproves(t *testing.T) {
	s, _ := released(t, 17, 300, 40, 3)
	ctx := t.Context()
	embargo := now.Add(24 * time.Hour)
	r, err := s.Draft(ctx, official, "2026-10", "", embargo)
	if err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		what string
		do   func() (*Release, error)
		want market.Kind
	}{
		{"approved before it is checked", func() (*Release, error) { return s.Approve(ctx, second, r.ID) }, market.KindConflict},
		{"checked by a buyer", func() (*Release, error) {
			return s.Check(ctx, market.Actor{Person: "b", Roles: []market.Role{market.RoleBuyer}}, r.ID)
		}, market.KindForbidden},
		{"checked", func() (*Release, error) { return s.Check(ctx, official, r.ID) }, fine},
		{"approved by its maker", func() (*Release, error) { return s.Approve(ctx, official, r.ID) }, market.KindForbidden},
		{"a draft beside it", func() (*Release, error) { return s.Draft(ctx, official, "2026-10", "Một lý do đủ dài", now) }, market.KindConflict},
		{"approved", func() (*Release, error) { return s.Approve(ctx, second, r.ID) }, fine},
		{"approved again", func() (*Release, error) { return s.Approve(ctx, second, r.ID) }, fine},
		{"rejected after", func() (*Release, error) { return s.Reject(ctx, second, r.ID, "Một lý do đủ dài") }, market.KindConflict},
		{"the running month", func() (*Release, error) { return s.Draft(ctx, official, "2026-11", "", now) }, market.KindInvalid},
		{"no period", func() (*Release, error) { return s.Draft(ctx, official, "2026-Q5", "", now) }, market.KindInvalid},
		{"a guest before the embargo", func() (*Release, error) { return s.Release(ctx, market.Actor{}, r.ID) }, market.KindNotFound},
		{"an official before the embargo", func() (*Release, error) { return s.Release(ctx, second, r.ID) }, fine},
	}
	for _, step := range steps {
		_, err := step.do()
		if (err != nil) != (step.want != fine) || err != nil && market.KindOf(err) != step.want {
			t.Errorf("%s: %v, want %v", step.what, err, step.want)
		}
	}
	if open, err := s.Releases(ctx, market.Actor{}); err != nil || len(open) != 0 {
		t.Errorf("before the embargo everybody sees %d, %v", len(open), err)
	}
	s.env = market.NewEnv(func() time.Time { return embargo })
	if open, err := s.Releases(ctx, market.Actor{}); err != nil || len(open) != 1 {
		t.Errorf("at the embargo everybody sees %d, %v", len(open), err)
	}
}

func TestReleaseIsMadeAgain(t *testing.T) {
	s, trade := released(t, 19, 1200, 60, 4)
	first := publish(t, s, "2026-10", "")
	hearMany(t, s, trade.giveBack(3))
	got, err := s.Remake(t.Context(), official, first.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, got); diff != "" {
		t.Errorf("made again (-first +again):\n%s", diff)
	}
	if first.Program != Program() || len(first.Program) != 64 || len(first.Inputs) != 64 {
		t.Errorf("hashes %s, %s", first.Program, first.Inputs)
	}
}

func TestRuleJudges(t *testing.T) {
	r := rule{sellers: 3, largest: 2, largestPart: 85, p: 10}
	for what, c := range map[string]struct {
		parts []int64
		want  Reason
	}{
		"nothing": {nil, ""}, "two": {[]int64{5, 5}, ReasonFew}, "three alike": {[]int64{5, 5, 5}, ""},
		"two large": {[]int64{50, 50, 10}, ReasonDominated}, "below zero counts": {[]int64{-50, 50, 10}, ReasonDominated},
		"just under": {[]int64{45, 40, 15}, ""}, "one more": {[]int64{46, 40, 14}, ReasonDominated},
		"known": {[]int64{80, 4, 4, 3}, ReasonDominated}, "zero is nobody": {[]int64{5, 5, 0}, ReasonFew},
	} {
		parts := map[string]int64{}
		for i, v := range c.parts {
			parts[fmt.Sprint(i)] = v
		}
		if got := r.judge(parts); got != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
	wide := rule{sellers: 1, largest: 1, largestPart: 100, p: 10}
	if got := wide.judge(map[string]int64{"a": 100, "b": 50, "c": 9}); got != ReasonKnown {
		t.Errorf("the second knows the first within 9: %q", got)
	}
}
