package livestream

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"chohue/market"
)

//go:embed retention.csv
var retentionFile string

// Retention is how long recordings made from a day on must be kept.
type Retention struct {
	From   time.Time // start of that day in Huế
	Years  int
	Source string
}

// Retentions are all rules by their day, the earliest first.
type Retentions []Retention

// LoadRetentions reads the embedded table.
func LoadRetentions() (Retentions, error) { return parseRetentions(retentionFile) }

func parseRetentions(table string) (Retentions, error) {
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("retention: %w", err)
	}
	var all Retentions
	for _, row := range rows[min(1, len(rows)):] {
		from, err := time.ParseInLocation(time.DateOnly, row[0], market.HueZone)
		years, bad := strconv.Atoi(row[1])
		late := len(all) > 0 && !from.After(all[len(all)-1].From)
		if err != nil || bad != nil || years < 1 || late {
			return nil, fmt.Errorf("retention: row %q", row)
		}
		all = append(all, Retention{From: from, Years: years, Source: row[2]})
	}
	return all, nil
}

// Until is the day before which a recording made at t must not be deleted, and
// why. Before the first rule nothing must be kept.
func (r Retentions) Until(t time.Time) (time.Time, string) {
	until, source := t, ""
	for _, rule := range r {
		if !rule.From.After(t) {
			until, source = t.AddDate(rule.Years, 0, 0), rule.Source
		}
	}
	return until, source
}
