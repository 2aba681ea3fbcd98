package indicators

import (
	"slices"
	"time"

	"chohue/market"
)

// Kept reports which cells of one division of trade a screen withholds: those
// of few sellers and, where that is one alone, the smallest other, so that
// nobody has it by subtraction. It keeps officials from telling by accident;
// what is published is protected by all its sums (see protect.go).
func Kept(cells []Cell) []bool {
	return kept(len(cells), func(i int) (bool, market.VND) { return cells[i].Small, cells[i].Value })
}

// KeptSides is Kept for a way of dividing trade that stands by itself.
func KeptSides(cells []SideCell) []bool {
	return kept(len(cells), func(i int) (bool, market.VND) { return cells[i].Small, cells[i].Value })
}

func kept(n int, cell func(i int) (small bool, value market.VND)) []bool {
	out, hidden, least, smallest := make([]bool, n), 0, market.VND(0), -1
	for i := range n {
		small, value := cell(i)
		if out[i] = small; small {
			hidden++
		} else if value != 0 && (smallest < 0 || value < least) {
			smallest, least = i, value
		}
	}
	if hidden == 1 && smallest >= 0 {
		out[smallest] = true
	}
	return out
}

// KeptWards is Kept for cells by ward, within each former district, which stand
// beside them: a district that is withheld has a ward withheld too, or its
// wards would add up to it.
func (s *Service) KeptWards(wards, districts []Cell) map[string]bool {
	groups, veiled := map[string][]Cell{}, map[string]bool{}
	for i, hidden := range Kept(districts) {
		veiled[districts[i].Ward] = hidden
	}
	for _, c := range wards {
		d := s.districts.of(c.Ward)
		groups[d] = append(groups[d], c)
	}
	out := map[string]bool{}
	for d, group := range groups {
		hidden := Kept(group)
		if veiled[d] && !slices.Contains(hidden, true) {
			hidden[0] = true
		}
		for i, c := range group {
			out[c.Ward] = hidden[i]
		}
	}
	return out
}

// Channels lists the channels that trade is counted by.
func Channels() []string { return []string{"store", "livestream", "social", "preorder"} }

// IsDistrict reports whether the code is a former district's.
func (s *Service) IsDistrict(code string) bool {
	return slices.ContainsFunc(s.districts.all, func(d District) bool { return d.Code == code })
}

// DistrictOf is the former district that a ward belongs to; ok is false
// outside Huế.
func (s *Service) DistrictOf(ward string) (district string, ok bool) {
	district, ok = s.districts.ofWard[ward]
	return district, ok
}

// Rule is which cells may not be published by themselves.
type Rule struct {
	Sellers     int   // fewer than so many make up the cell
	Largest     int   // or so many largest
	LargestPart int64 // make up more than so many percent
	P           int64 // or the second largest knows the largest to so many percent
}

// DisclosureRule is the rule that holds at the moment.
func (s *Service) DisclosureRule(now time.Time) Rule {
	r := s.rules.at(monthOf(now))
	return Rule{r.sellers, r.largest, r.largestPart, r.p}
}

// Industries are the names of OCOP's industries in the order of their codes,
// from 1.
func (s *Service) Industries() []string { return s.industries() }
