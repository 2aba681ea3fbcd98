package indicators

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"chohue/market"
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
	Area     string // of sellers: a ward, a former district; empty for all
	Set      int    // 0 for all
	Channel  string // empty for all
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
	Gross       market.VND // before returns
	Certified   market.VND // of Value, under a certificate valid at the sale
	Buyers      int64
	Orders      int64
	Lines       int64
	Units       int64 // as sold: bottles, boxes, kilograms
	Grams       int64 // of what is sold by weight
	Pieces      int64 // of what is sold by the piece
	Sellers     int
	Small       bool // so few sellers that one might be known by it: not for publication
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
	all, err := s.loadMonths(ctx, months)
	if err != nil {
		return nil, err
	}
	f := newFold(q.By, s.words(), s.pick(q))
	for i, m := range all {
		f.add(months[i], m)
	}
	return f.table(q, s.rules), nil
}

// words are the words by their numbers, as far as they are known now.
func (s *Service) words() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names.word
}

// pick is which rows a query is about.
type pick struct {
	wards   map[uint32]bool // nil for all
	set     int32
	channel uint32
	any     bool // of channels
}

func (s *Service) pick(q TableQuery) pick {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := pick{set: int32(q.Set), any: q.Channel == ""}
	if !p.any {
		p.channel = s.names.of(q.Channel)
	}
	if q.Area == "" {
		return p
	}
	p.wards = map[uint32]bool{s.names.of(q.Area): true}
	for _, d := range s.districts.all {
		if d.Code == q.Area {
			for _, w := range d.Wards {
				p.wards[s.names.of(w)] = true
			}
		}
	}
	return p
}

func (p *pick) takes(at *spot) bool {
	return (p.wards == nil || p.wards[at.ward]) && (p.set == 0 || p.set == at.set) && (p.any || p.channel == at.channel)
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
	q.From, q.To, q.By = months[0], months[len(months)-1], inOrder(q.By)
	return q, months, nil
}

// inOrder puts dimensions into the order of the columns, each once.
func inOrder(by []string) []string {
	if len(by) == 0 {
		return Dimensions()
	}
	return slices.DeleteFunc(Dimensions(), func(d string) bool { return !slices.Contains(by, d) })
}

// fold sums rows into cells, into each margin and into the total at once.
type fold struct {
	by      []string
	whole   bool // margins only, no cells
	words   []string
	pick    pick
	cells   places
	margins map[string]places
	total   *sum
}

type places map[cell]*sum

// sum is a cell under way. Numbers that must be counted once are kept as lists
// and counted at the end.
type sum struct {
	Cell
	orders, buyers [][]uint32
	persons        []uint32
}

func newFold(by, words []string, p pick) *fold {
	f := &fold{by: by, words: words, pick: p, cells: places{}, margins: map[string]places{}, total: newSum(cell{})}
	for _, d := range by {
		f.margins[d] = places{}
	}
	return f
}

func newSum(at cell) *sum {
	return &sum{Cell: Cell{Month: at.month, Ward: at.ward, Set: at.set, Channel: at.channel}}
}

func (f *fold) add(name string, m *month) {
	for i := range m.rows {
		r := &m.rows[i]
		if !f.pick.takes(&r.at) {
			continue
		}
		at := cell{name, f.words[r.at.ward], int(r.at.set), f.words[r.at.channel]}
		if len(f.by) > 1 && !f.whole {
			f.cells.at(at.along(f.by...)).add(r)
		}
		for d, margin := range f.margins {
			margin.at(at.along(d)).add(r)
		}
		f.total.add(r)
	}
}

// along is the place of a row in a table divided by these dimensions.
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

func (s places) at(c cell) *sum {
	found, ok := s[c]
	if !ok {
		found = newSum(c)
		s[c] = found
	}
	return found
}

func (s *sum) add(r *row) {
	s.Value += market.VND(r.sums.Value)
	s.Gross += market.VND(r.sums.Gross)
	s.Certified += market.VND(r.sums.Certified)
	s.Lines += r.sums.Lines
	s.Units += r.sums.Units
	s.Grams += r.sums.Grams
	s.Pieces += r.sums.Pieces
	s.orders = append(s.orders, r.orders)
	s.buyers = append(s.buyers, r.buyers)
	s.persons = append(s.persons, r.at.person)
}

func (f *fold) table(q TableQuery, r rules) *Table {
	least := r.at(q.To).sellers
	var t tick
	table := &Table{
		From: q.From, To: q.To, By: q.By, Cells: f.cells.list(least, &t),
		Margins: map[string][]Cell{}, Total: f.total.done(least, &t),
	}
	for d, margin := range f.margins {
		table.Margins[d] = margin.list(least, &t)
	}
	if len(f.by) == 1 {
		table.Cells = table.Margins[f.by[0]]
	}
	return table
}

func (s places) list(least int, t *tick) []Cell {
	cells := make([]Cell, 0, len(s))
	for _, one := range s {
		cells = append(cells, one.done(least, t))
	}
	slices.SortFunc(cells, func(a, b Cell) int {
		return cmp.Or(
			strings.Compare(a.Month, b.Month), strings.Compare(a.Ward, b.Ward),
			cmp.Compare(a.Set, b.Set), strings.Compare(a.Channel, b.Channel),
		)
	})
	return cells
}

func (s *sum) done(least int, t *tick) Cell {
	c := s.Cell
	c.Orders, c.Buyers = t.count(s.orders), t.count(s.buyers)
	c.Sellers = int(t.count([][]uint32{s.persons}))
	c.Small = c.Sellers > 0 && c.Sellers < least
	return c
}
