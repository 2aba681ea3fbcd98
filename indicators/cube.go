package indicators

import (
	"cmp"
	"context"
	"slices"

	"chohue/market"
	"chohue/store"
)

// names gives each word that facts say a small number, for as long as the
// process lives.
type names struct {
	number map[string]uint32
	word   []string
}

func newNames() names { return names{number: map[string]uint32{"": 0}, word: []string{""}} }

func (n *names) of(word string) uint32 {
	number, ok := n.number[word]
	if !ok {
		number = uint32(len(n.word))
		n.number[word] = number
		n.word = append(n.word, word)
	}
	return number
}

// month is what the facts and tallies of one month say to tables. It is not
// changed once it is made.
type month struct {
	rev, tallied int64 // stamps that it was made from
	days         map[string]*dayPart
	rows         []row
	sides        []side
	counts       counts
	facts        int64
	corrections  int64
	late         int64
}

// dayPart is a day's roll-up in numbers.
type dayPart struct {
	stamp, late        int64
	facts, corrections int64
	rows               []row
	sides              []side
}

// row is trade at one place; orders and buyers are sorted numbers.
type row struct {
	at             spot
	sums           sums
	orders, buyers []uint32
}

type spot struct {
	person, kind, ward, channel uint32
	set                         int32
}

func (a spot) compare(b spot) int {
	return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.kind, b.kind), cmp.Compare(a.ward, b.ward), cmp.Compare(a.set, b.set), cmp.Compare(a.channel, b.channel))
}

type side struct {
	at           sideSpot
	value, lines int64
}

type sideSpot struct{ person, ward, side, code uint32 }

func (a sideSpot) compare(b sideSpot) int {
	return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.ward, b.ward), cmp.Compare(a.side, b.side), cmp.Compare(a.code, b.code))
}

// loadMonths returns the months, from memory where their stamps are the same. Stamps
// are read first: what is written during a walk is stamped later.
func (s *Service) loadMonths(ctx context.Context, wanted []string) ([]*month, error) {
	var ids []market.ID
	for _, m := range wanted {
		ids = append(ids, market.ID(m), tallyStamp(m))
	}
	stamps, err := s.periods.GetMany(ctx, ids...)
	if err != nil {
		return nil, err
	}
	all := make([]*month, len(wanted))
	for i, m := range wanted {
		if all[i], err = s.fresh(ctx, m, stampOf(stamps, market.ID(m)), stampOf(stamps, tallyStamp(m))); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func stampOf(stamps map[market.ID]*period, id market.ID) *period {
	if p := stamps[id]; p != nil {
		return p
	}
	return &period{}
}

// month returns one month as it is now.
func (s *Service) month(ctx context.Context, name string) (*month, error) {
	all, err := s.loadMonths(ctx, []string{name})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

func (s *Service) fresh(ctx context.Context, name string, facts, tallies *period) (*month, error) {
	s.mu.Lock()
	kept := s.months[name]
	s.mu.Unlock()
	switch {
	case kept == nil:
		kept = &month{}
	case kept.rev == facts.Rev && kept.tallied == tallies.Rev:
		return kept, nil
	}
	made := &month{rev: facts.Rev, tallied: tallies.Rev}
	var err error
	if made.counts, err = s.fewCounts(ctx, name); err != nil {
		return nil, err
	}
	if err := s.fold(ctx, made, kept, facts); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.months[name]; now == nil || now.rev <= made.rev && now.tallied <= made.tallied {
		s.months[name] = made
		s.folded++
	}
	return made, nil
}

func (s *Service) folds() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.folded
}

// fold brings the month's days up to date and joins them.
func (s *Service) fold(ctx context.Context, m, kept *month, stamps *period) error {
	days := map[string]*dayPart{}
	err := stamps.each(func(name string, d day) error {
		part := kept.days[name]
		if part == nil || part.stamp != d.news {
			var err error
			if part, err = s.part(ctx, name, d); err != nil {
				return err
			}
		}
		days[name] = part
		return nil
	})
	if err != nil {
		return err
	}
	m.join(days)
	return nil
}

// part is a day in numbers, from its roll-up if that is up to date.
func (s *Service) part(ctx context.Context, name string, d day) (*dayPart, error) {
	r, err := s.rollups.Get(ctx, market.ID(name))
	if store.Missing(err) || err == nil && r.Stamp != d.news {
		r, err = s.rollUp(ctx, name, d)
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &dayPart{stamp: d.news, late: d.late, facts: r.Facts, corrections: r.Corrections}
	for _, one := range r.Rows {
		p.rows = append(p.rows, row{s.names.spot(one.At), one.Sums, s.names.all(one.Orders), s.names.all(one.Buyers)})
	}
	for _, one := range r.Sides {
		at := sideSpot{s.names.of(one.At.Person), s.names.of(one.At.Ward), s.names.of(one.At.Side), s.names.of(one.At.Code)}
		p.sides = append(p.sides, side{at, one.Value, one.Lines})
	}
	return p, nil
}

func (n *names) spot(p place) spot {
	return spot{n.of(p.Person), n.of(p.Kind), n.of(p.Ward), n.of(p.Channel), int32(p.Set)}
}

func (n *names) all(words []string) []uint32 {
	out := make([]uint32, len(words))
	for i, w := range words {
		out[i] = n.of(w)
	}
	return out
}

// join sums the days.
func (m *month) join(days map[string]*dayPart) {
	rows, sides := map[spot]*row{}, map[sideSpot]*side{}
	m.days, m.facts, m.corrections, m.late = days, 0, 0, 0
	for _, d := range days {
		m.facts, m.corrections, m.late = m.facts+d.facts, m.corrections+d.corrections, m.late+d.late
		for i := range d.rows {
			joinRow(rows, &d.rows[i])
		}
		for _, one := range d.sides {
			joined, ok := sides[one.at]
			if !ok {
				joined = &side{at: one.at}
				sides[one.at] = joined
			}
			joined.value += one.value
			joined.lines += one.lines
		}
	}
	m.rows, m.sides = make([]row, 0, len(rows)), make([]side, 0, len(sides))
	for _, r := range rows {
		r.orders, r.buyers = distinct(r.orders), distinct(r.buyers)
		m.rows = append(m.rows, *r)
	}
	for _, one := range sides {
		m.sides = append(m.sides, *one)
	}
	slices.SortFunc(m.rows, func(a, b row) int { return a.at.compare(b.at) })
	slices.SortFunc(m.sides, func(a, b side) int { return a.at.compare(b.at) })
}

func joinRow(rows map[spot]*row, r *row) {
	joined, ok := rows[r.at]
	if !ok {
		joined = &row{at: r.at}
		rows[r.at] = joined
	}
	joined.sums.add(r.sums)
	joined.orders = append(joined.orders, r.orders...)
	joined.buyers = append(joined.buyers, r.buyers...)
}

func distinct(numbers []uint32) []uint32 {
	slices.Sort(numbers)
	return slices.Clip(slices.Compact(numbers))
}

// tick counts distinct numbers.
type tick struct{ bits []uint64 }

// count returns how many different numbers the lists hold.
func (t *tick) count(lists [][]uint32) int64 {
	n := int64(0)
	for _, list := range lists {
		for _, v := range list {
			word, bit := v>>6, uint64(1)<<(v&63)
			if int(word) >= len(t.bits) {
				t.bits = append(t.bits, make([]uint64, int(word)+1-len(t.bits))...)
			}
			if t.bits[word]&bit == 0 {
				t.bits[word] |= bit
				n++
			}
		}
	}
	for _, list := range lists {
		for _, v := range list {
			t.bits[v>>6] = 0
		}
	}
	return n
}
