package indicators

import (
	"context"
	"slices"

	"chohue/market"
)

// Overviews sums several spans at once, in their order. It reads each month
// once, however many spans it is in. For officials and operators.
func (s *Service) Overviews(ctx context.Context, by market.Actor, q TableQuery, spans ...Span) ([]*Overview, error) {
	if err := mayRead(by); err != nil {
		return nil, err
	}
	known, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	wanted := slices.Clone(known)
	for _, p := range spans {
		wanted = append(wanted, p.Months()...)
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	loaded, err := s.loadMonths(ctx, wanted)
	if err != nil {
		return nil, err
	}
	w := &several{s: s, months: map[string]*month{}, first: map[uint32]string{}}
	for i, name := range wanted {
		w.meet(name, loaded[i])
	}
	out := make([]*Overview, len(spans))
	for i, p := range spans {
		if out[i], err = w.overview(ctx, p.query(q)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// several is months that spans are made of.
type several struct {
	s      *Service
	months map[string]*month
	first  map[uint32]string // month in which a legal person delivered first
}

// meet takes months in their order.
func (w *several) meet(name string, m *month) {
	w.months[name] = m
	for i := range m.rows {
		if person := m.rows[i].at.person; w.first[person] == "" {
			w.first[person] = name
		}
	}
}

func (w *several) overview(ctx context.Context, q TableQuery) (*Overview, error) {
	q, names, err := w.s.span(q)
	if err != nil {
		return nil, err
	}
	all := make([]*month, len(names))
	for i, name := range names {
		all[i] = w.months[name]
	}
	o := w.s.overview(q, names, all)
	o.NewSellers = w.newSellers(w.s.pick(q), q.From, all)
	o.part = q.Area != "" || q.Set != 0 || q.Channel != ""
	o.Census, err = w.s.census(ctx, q.To)
	return o, err
}

func (w *several) newSellers(p pick, from string, all []*month) int64 {
	fresh := map[uint32]bool{}
	for _, m := range all {
		for i := range m.rows {
			if at := &m.rows[i].at; p.takes(at) && w.first[at.person] >= from {
				fresh[at.person] = true
			}
		}
	}
	return int64(len(fresh))
}

// cityWide are the indicators that are only known of all of Huế: orders are
// confirmed, complaints made and registers counted without a place.
var cityWide = []string{
	"confirmed_vnd", "complaint_rate", "listings", "farmer_households", "cooperatives_online", "ocop_products_online", "first_listing_minutes",
}

// counted are those that no delivery is part of; they say nothing of a seller.
var counted = []string{"listings", "farmer_households", "cooperatives_online", "ocop_products_online", "first_listing_minutes"}

// Shown is the figure of an indicator as a screen shows it: unknown where it is
// only known of the whole city or nobody counted, and withheld where so few sellers stand behind
// it, or behind what it leaves out, that one might be known by it.
func (o *Overview) Shown(i Indicator) (f Figure, withheld bool) {
	if o.part && slices.Contains(cityWide, i.Code) {
		return Figure{Unknown: true}, false
	}
	if slices.Contains(counted, i.Code) && o.Census.ID == "" {
		return Figure{Unknown: true}, false
	}
	f = i.Figure(o)
	if f.Unknown || slices.Contains(counted, i.Code) {
		return f, false
	}
	return f, o.Total.Small || o.tells(i.Code)
}

// splits are the indicators that divide trade in two by codes of a side.
var splits = map[string]struct {
	side string
	in   func(code string) bool
}{
	"cashless_share":        {SidePay, func(code string) bool { return PaymentOf(code) == PayCashless }},
	"in_province_share":     {SideDestination, func(code string) bool { return DestinationOf(code) == DestHue }},
	"out_of_province_share": {SideDestination, func(code string) bool { return DestinationOf(code) == DestVN }},
	"foreign_share":         {SideDestination, func(code string) bool { return DestinationOf(code) == DestAbroad }},
	"certified_share":       {SideStars, func(code string) bool { return code != "0" }},
}

// tells reports whether one of the two parts is of few sellers. How many there
// are in several codes together is at least how many are in the largest.
func (o *Overview) tells(code string) bool {
	if code == "livestream_share" {
		return slices.ContainsFunc(o.Margins[ByChannel], func(c Cell) bool { return c.Channel == "livestream" && c.Small })
	}
	split, ok := splits[code]
	if !ok {
		return false
	}
	var some, enough [2]bool
	for _, c := range o.Sides[split.side] {
		part := 0
		if split.in(c.Code) {
			part = 1
		}
		some[part] = some[part] || c.Sellers > 0
		enough[part] = enough[part] || !c.Small
	}
	return some[0] && !enough[0] || some[1] && !enough[1]
}
