package indicators

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"chohue/market"
)

// Overview is a period as an official looks at it: the total, each way of
// dividing it, and what the measures are made of.
type Overview struct {
	Table
	Districts  []Cell                // by former district; Ward holds its code
	Sides      map[string][]SideCell // nil when the query is about a set or a channel
	Confirmed  market.VND            // of all parcels of orders placed in the period, by area only
	Parcels    int64                 // confirmed
	Complaints int64                 // about parcels
	Promised   int64                 // parcels that were promised by a time
	Kept       int64                 // of them
	NewSellers int64                 // who delivered for the first time ever
	Census     Census                // of the last month
	Quality    Quality
	part       bool // not of all of Huế's trade
}

// SideCell is one part of a way of dividing trade that stands by itself.
type SideCell struct {
	Code    string
	Value   market.VND
	Lines   int64
	Sellers int
	Small   bool
}

// Quality is how good the figures of a period are.
type Quality struct {
	Facts       int64
	Late        int64 // came more than three days past their delivery
	Corrections int64 // moved by officials, two facts each
	Unplaced    int64 // đồng delivered by sellers whose ward is not one of Huế's
	Unsorted    int64 // đồng of goods without an OCOP set
}

// Overview sums a period in every way at once. For officials and operators.
func (s *Service) Overview(ctx context.Context, by market.Actor, q TableQuery) (*Overview, error) {
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
	o := s.overview(q, months, all)
	if o.Census, err = s.census(ctx, q.To); err != nil {
		return nil, err
	}
	o.NewSellers, err = s.newSellers(ctx, q, all)
	return o, err
}

func (s *Service) overview(q TableQuery, names []string, all []*month) *Overview {
	words, p := s.words(), s.pick(q)
	f := newFold(Dimensions(), words, p)
	f.whole = true
	districts := places{}
	for i, m := range all {
		f.add(names[i], m)
		for j := range m.rows {
			if r := &m.rows[j]; p.takes(&r.at) {
				districts.at(cell{ward: s.districts.of(words[r.at.ward])}).add(r)
			}
		}
	}
	least := s.rules.at(q.To).sellers
	o := &Overview{Table: *f.table(q, s.rules), Districts: districts.list(least, new(tick))}
	o.sum(s, q, p, all)
	return o
}

// sum adds what the table does not hold.
func (o *Overview) sum(s *Service, q TableQuery, p pick, all []*month) {
	for _, m := range all {
		o.Confirmed += m.counts.confirmed
		o.Parcels += m.counts.parcels
		o.Complaints += m.counts.complaints
		o.Quality.Facts += m.facts
		o.Quality.Late += m.late
		o.Quality.Corrections += m.corrections / 2
	}
	for _, c := range o.Margins[ByWard] {
		if s.districts.of(c.Ward) == elsewhere {
			o.Quality.Unplaced += int64(c.Value)
		}
	}
	for _, c := range o.Margins[BySet] {
		if _, ok := s.sets.Find(c.Set); !ok {
			o.Quality.Unsorted += int64(c.Value)
		}
	}
	if q.Set != 0 || q.Channel != "" {
		return
	}
	o.Sides = foldSides(s.words(), p, all, s.rules.at(q.To).sellers)
	for _, c := range o.Sides[sidePromise] {
		o.Promised += c.Lines
		if c.Code == PromiseKept {
			o.Kept = c.Lines
		}
	}
	delete(o.Sides, sidePromise)
}

type sideFold struct {
	SideCell
	persons []uint32
}

func foldSides(words []string, p pick, all []*month, least int) map[string][]SideCell {
	found := map[[2]uint32]*sideFold{}
	for _, m := range all {
		for _, one := range m.sides {
			if p.wards != nil && !p.wards[one.at.ward] {
				continue
			}
			key := [2]uint32{one.at.side, one.at.code}
			f, ok := found[key]
			if !ok {
				f = &sideFold{SideCell: SideCell{Code: words[one.at.code]}}
				found[key] = f
			}
			f.Value += market.VND(one.value)
			f.Lines += one.lines
			f.persons = append(f.persons, one.at.person)
		}
	}
	sides, t := map[string][]SideCell{}, new(tick)
	for key, f := range found {
		f.Sellers = int(t.count([][]uint32{f.persons}))
		f.Small = f.Sellers < least
		sides[words[key[0]]] = append(sides[words[key[0]]], f.SideCell)
	}
	for _, cells := range sides {
		slices.SortFunc(cells, func(a, b SideCell) int {
			return cmp.Or(cmp.Compare(b.Value, a.Value), strings.Compare(a.Code, b.Code))
		})
	}
	return sides
}

// newSellers counts who delivered in the period and never before it.
func (s *Service) newSellers(ctx context.Context, q TableQuery, all []*month) (int64, error) {
	names, err := s.known(ctx)
	if err != nil {
		return 0, err
	}
	names = slices.DeleteFunc(names, func(n string) bool { return n >= q.From })
	before, err := s.loadMonths(ctx, names)
	if err != nil {
		return 0, err
	}
	p := s.pick(TableQuery{Area: q.Area, Set: q.Set, Channel: q.Channel})
	old := map[uint32]bool{}
	for _, m := range before {
		for i := range m.rows {
			old[m.rows[i].at.person] = true
		}
	}
	fresh := map[uint32]bool{}
	for _, m := range all {
		for i := range m.rows {
			if at := &m.rows[i].at; p.takes(at) && !old[at.person] {
				fresh[at.person] = true
			}
		}
	}
	return int64(len(fresh)), nil
}
