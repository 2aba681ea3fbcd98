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

//go:embed policies.csv
var policyFile string

// Policy is the rule of attribution from a day on.
type Policy struct {
	From   time.Time     // start of that day in Huế
	Window time.Duration // how long a click counts
	Source string
}

// Policies are all rules by their day, the earliest first.
type Policies []Policy

// LoadPolicies reads the embedded table.
func LoadPolicies() (Policies, error) { return parsePolicies(policyFile) }

func parsePolicies(table string) (Policies, error) {
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("attribution policies: %w", err)
	}
	var all Policies
	for _, row := range rows[min(1, len(rows)):] {
		from, err := time.ParseInLocation(time.DateOnly, row[0], market.HueZone)
		days, bad := strconv.Atoi(row[1])
		late := len(all) > 0 && !from.After(all[len(all)-1].From)
		if err != nil || bad != nil || days < 1 || late {
			return nil, fmt.Errorf("attribution policies: row %q", row)
		}
		all = append(all, Policy{From: from, Window: time.Duration(days) * 24 * time.Hour, Source: row[2]})
	}
	return all, nil
}

// At returns the rule in force at the time; before the first there is none,
// and nothing is attributed.
func (p Policies) At(t time.Time) Policy {
	var at Policy
	for _, next := range p {
		if !next.From.After(t) {
			at = next
		}
	}
	return at
}
