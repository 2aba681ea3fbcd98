package livestream

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"chohue/market"
)

// RulesVersion is one wording of the livestream rules. The words are in the
// pages; what counts is which version was in force and which was accepted.
type RulesVersion struct {
	Version string
	From    time.Time
	Basis   string
}

// RulesVersions are the wordings, the oldest first.
type RulesVersions []RulesVersion

//go:embed rules.csv
var rulesFile string

// LoadRules reads the versions of the livestream rules.
func LoadRules() (RulesVersions, error) {
	rows, err := dated(rulesFile, 3)
	var all RulesVersions
	for _, r := range rows {
		all = append(all, RulesVersion{r.cells[1], r.from, r.cells[2]})
	}
	return all, err
}

// At returns the version in force.
func (r RulesVersions) At(t time.Time) RulesVersion {
	var at RulesVersion
	for _, v := range r {
		if !v.From.After(t) {
			at = v
		}
	}
	return at
}

type datedRow struct {
	from  time.Time
	cells []string
}

// dated reads a table whose first column is the day from which a row is in
// force, ascending.
func dated(table string, columns int) ([]datedRow, error) {
	r := csv.NewReader(strings.NewReader(table))
	r.FieldsPerRecord = columns
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	var out []datedRow
	for _, row := range rows[min(1, len(rows)):] {
		from, err := time.ParseInLocation(time.DateOnly, row[0], market.HueZone)
		if err != nil || len(out) > 0 && !from.After(out[len(out)-1].from) {
			return nil, fmt.Errorf("dated table: row %q", row)
		}
		out = append(out, datedRow{from, row})
	}
	return out, nil
}
