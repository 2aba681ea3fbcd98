package livestream

import (
	_ "embed"
	"fmt"
	"strconv"
	"time"
)

//go:embed retention.csv
var retentionFile string

// Retention is for how many years what was shown from a day on must be kept:
// the record of a show and its recordings alike.
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
	rows, err := dated(table, 3)
	if err != nil {
		return nil, fmt.Errorf("retention: %w", err)
	}
	var all Retentions
	for _, row := range rows {
		years, err := strconv.Atoi(row.cells[1])
		if err != nil || years < 1 {
			return nil, fmt.Errorf("retention: row %q", row.cells)
		}
		all = append(all, Retention{From: row.from, Years: years, Source: row.cells[2]})
	}
	return all, nil
}

// Until is the day before which what was shown at t must not be deleted, and
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
