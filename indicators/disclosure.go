package indicators

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"
)

//go:embed disclosure.csv
var disclosureFile string

// rule is from which month on how many sellers a published cell needs.
type rule struct {
	from    string
	sellers int
}

// rules are ordered by month.
type rules []rule

func loadRules() (rules, error) { return parseRules(disclosureFile) }

func parseRules(table string) (rules, error) {
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("disclosure rules: %w", err)
	}
	var all rules
	for _, row := range rows[min(1, len(rows)):] {
		_, bad := time.Parse(monthForm, row[0])
		sellers, err := strconv.Atoi(row[1])
		late := len(all) > 0 && row[0] <= all[len(all)-1].from
		if bad != nil || err != nil || sellers < 1 || late {
			return nil, fmt.Errorf("disclosure rules: row %q", row)
		}
		all = append(all, rule{row[0], sellers})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("disclosure rules: none")
	}
	return all, nil
}

// at returns the rule for a table that ends with the month; before the first
// rule the first one holds.
func (r rules) at(month string) rule {
	found := r[0]
	for _, next := range r {
		if next.from <= month {
			found = next
		}
	}
	return found
}
