package pages

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"chohue/market"
)

//go:embed seasons.csv
var seasonFile string

// season says in which months something is harvested. A season may run over
// the new year.
type season struct {
	name        market.Text
	words       string
	set         int
	first, last time.Month
}

func loadSeasons() ([]season, error) {
	rows, err := csv.NewReader(strings.NewReader(seasonFile)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("seasons.csv: %w", err)
	}
	var out []season
	for _, row := range rows[1:] {
		var n [3]int
		for i := range n {
			if n[i], err = strconv.Atoi(row[3+i]); err != nil {
				return nil, fmt.Errorf("seasons.csv %q: %w", row[0], err)
			}
		}
		out = append(out, season{market.Text{VI: row[0], EN: row[1]}, row[2], n[0], time.Month(n[1]), time.Month(n[2])})
	}
	return out, nil
}

// on reports whether at is in the season, by the calendar of Huế.
func (s season) on(at time.Time) bool {
	month := at.In(market.HueZone).Month()
	if s.first <= s.last {
		return s.first <= month && month <= s.last
	}
	return month >= s.first || month <= s.last
}
