package indicators

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// The dimensions by which a table may be divided.
const (
	ByMonth   = "month"
	ByWard    = "ward"
	BySet     = "set"
	ByChannel = "channel"
)

// Dimensions lists them in the order of a table's columns.
func Dimensions() []string { return []string{ByMonth, ByWard, BySet, ByChannel} }

// TableQuery asks for the months From to To, both included, divided By any of
// the dimensions; none means all. Without To the table ends with the present
// month, without From it spans a year.
type TableQuery struct {
	From, To string // 2026-11
	By       []string
}

// MaxMonths is the longest span of one table.
const MaxMonths = 120

// Table is what was delivered in some months. Value, Lines, Units, Grams and
// Pieces of the cells, and of the cells of each margin, sum to the Total;
// Orders and Sellers count distinct ones, so they need not.
type Table struct {
	From, To string
	By       []string
	Cells    []Cell            // by month, ward, set, channel
	Margins  map[string][]Cell // for each dimension of By, the cells of it alone
	Total    Cell
}

// Cell is one figure with what it is made of. Dimensions by which the table is
// not divided are empty.
type Cell struct {
	Month, Ward string
	Set         int
	Channel     string
	Value       market.VND
	Orders      int64
	Lines       int64
	Units       int64 // as sold: bottles, boxes, kilograms
	Grams       int64 // of what is sold by weight
	Pieces      int64 // of what is sold by the piece
	Sellers     int
	Small       bool // so few sellers that one might be known by it: not for publication
}

// month is what the facts of one month say to a table.
type month struct {
	rev   int64
	facts []atom
}

// atom is a fact without what tables do not need.
type atom struct {
	cell
	order, seller        market.ID
	value                market.VND
	units, grams, pieces int64
	lines                int64 // 1, or 0 for what undoes part of a line
}

// cell is a place in a table.
type cell struct {
	month, ward string
	set         int
	channel     string
}

// Table sums what was delivered. For officials and operators.
func (s *Service) Table(ctx context.Context, by market.Actor, q TableQuery) (*Table, error) {
	if err := mayRead(by); err != nil {
		return nil, err
	}
	q, months, err := s.span(q)
	if err != nil {
		return nil, err
	}
	f := newFold(q.By)
	for _, m := range months {
		facts, err := s.month(ctx, m)
		if err != nil {
			return nil, err
		}
		for i := range facts {
			f.add(&facts[i])
		}
	}
	return f.table(q, s.rules), nil
}

// span checks the query, fills in what it leaves out and lists its months.
func (s *Service) span(q TableQuery) (TableQuery, []string, error) {
	var c market.Checks
	to := s.env.Now().In(market.HueZone)
	if q.To != "" {
		var err error
		to, err = time.ParseInLocation(monthForm, q.To, market.HueZone)
		c.That(err == nil, "to", "indicators.month")
	}
	to = time.Date(to.Year(), to.Month(), 1, 0, 0, 0, 0, market.HueZone)
	from := to.AddDate(0, -11, 0)
	if q.From != "" {
		var err error
		from, err = time.ParseInLocation(monthForm, q.From, market.HueZone)
		c.That(err == nil, "from", "indicators.month")
	}
	c.That(!from.After(to), "from", "indicators.span")
	c.That(from.AddDate(0, MaxMonths, 0).After(to), "from", "indicators.long")
	for _, d := range q.By {
		c.That(slices.Contains(Dimensions(), d), "by", "indicators.by")
	}
	if err := c.Err(); err != nil {
		return q, nil, err
	}
	var months []string
	for ; !from.After(to); from = from.AddDate(0, 1, 0) {
		months = append(months, from.Format(monthForm))
	}
	return TableQuery{From: months[0], To: months[len(months)-1], By: inOrder(q.By)}, months, nil
}

// inOrder puts dimensions into the order of the columns, each once.
func inOrder(by []string) []string {
	if len(by) == 0 {
		return Dimensions()
	}
	return slices.DeleteFunc(Dimensions(), func(d string) bool { return !slices.Contains(by, d) })
}

// month returns the facts of a month, from memory when its stamp is the same.
// The stamp is read first: what is written during the walk is stamped later.
func (s *Service) month(ctx context.Context, name string) ([]atom, error) {
	stamp, err := s.periods.Get(ctx, market.ID(name))
	if store.Missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	kept := s.months[name]
	s.mu.Unlock()
	if kept.rev == stamp.Rev {
		return kept.facts, nil
	}
	fresh := month{rev: stamp.Rev}
	err = s.facts.Each(ctx, store.Query{Index: "month", Eq: []any{name}}, func(f *Fact) error {
		fresh.facts = append(fresh.facts, f.atom())
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if fresh.rev > s.months[name].rev {
		s.months[name] = fresh
	}
	return fresh.facts, nil
}

func (f *Fact) atom() atom {
	a := atom{
		cell:  cell{f.Month, f.Ward, f.Set, f.Channel},
		order: f.Order, seller: f.Seller, value: f.Value, units: f.Quantity, lines: 1,
	}
	if f.Kind == KindReturned {
		a.lines = 0
	}
	switch f.Base {
	case market.Grams:
		a.grams = f.BaseAmount
	case market.Pieces:
		a.pieces = f.BaseAmount
	}
	return a
}

// fold sums facts into cells, into each margin and into the total at once.
type fold struct {
	by      []string
	cells   sums
	margins map[string]sums
	total   *sum
}

type sums map[cell]*sum

type sum struct {
	Cell
	orders, sellers map[market.ID]struct{}
}

func newFold(by []string) *fold {
	f := &fold{by: by, cells: sums{}, margins: map[string]sums{}, total: newSum(cell{})}
	for _, d := range by {
		f.margins[d] = sums{}
	}
	return f
}

func newSum(at cell) *sum {
	return &sum{
		Cell:   Cell{Month: at.month, Ward: at.ward, Set: at.set, Channel: at.channel},
		orders: map[market.ID]struct{}{}, sellers: map[market.ID]struct{}{},
	}
}

func (f *fold) add(a *atom) {
	f.cells.at(a.along(f.by...)).add(a)
	for d, margin := range f.margins {
		margin.at(a.along(d)).add(a)
	}
	f.total.add(a)
}

// along is the place of the fact in a table divided by these dimensions.
func (c cell) along(by ...string) cell {
	var at cell
	for _, d := range by {
		switch d {
		case ByMonth:
			at.month = c.month
		case ByWard:
			at.ward = c.ward
		case BySet:
			at.set = c.set
		case ByChannel:
			at.channel = c.channel
		}
	}
	return at
}

func (s sums) at(c cell) *sum {
	found, ok := s[c]
	if !ok {
		found = newSum(c)
		s[c] = found
	}
	return found
}

func (s *sum) add(a *atom) {
	s.Value += a.value
	s.Lines += a.lines
	s.Units += a.units
	s.Grams += a.grams
	s.Pieces += a.pieces
	s.orders[a.order] = struct{}{}
	s.sellers[a.seller] = struct{}{}
}

func (f *fold) table(q TableQuery, r rules) *Table {
	least := r.at(q.To).sellers
	t := &Table{
		From: q.From, To: q.To, By: q.By, Cells: f.cells.list(least),
		Margins: map[string][]Cell{}, Total: f.total.done(least),
	}
	for d, margin := range f.margins {
		t.Margins[d] = margin.list(least)
	}
	return t
}

func (s sums) list(least int) []Cell {
	cells := make([]Cell, 0, len(s))
	for _, one := range s {
		cells = append(cells, one.done(least))
	}
	slices.SortFunc(cells, func(a, b Cell) int {
		return cmp.Or(
			strings.Compare(a.Month, b.Month), strings.Compare(a.Ward, b.Ward),
			cmp.Compare(a.Set, b.Set), strings.Compare(a.Channel, b.Channel),
		)
	})
	return cells
}

func (s *sum) done(least int) Cell {
	c := s.Cell
	c.Orders, c.Sellers = int64(len(s.orders)), len(s.sellers)
	c.Small = c.Sellers > 0 && c.Sellers < least
	return c
}
