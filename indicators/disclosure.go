package indicators

import (
	"cmp"
	_ "embed"
	"encoding/csv"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed disclosure.csv
var disclosureFile string

// rule is what a published cell needs from a month on.
type rule struct {
	from        string
	sellers     int   // at least so many must make up the cell
	largest     int   // the so many largest
	largestPart int64 // may make up at most this, in percent
	p           int64 // the second largest may not know the largest this closely, in percent
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
		one, err := parseRule(row)
		late := len(all) > 0 && one.from <= all[len(all)-1].from
		if err != nil || late {
			return nil, fmt.Errorf("disclosure rules: row %q", row)
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("disclosure rules: none")
	}
	return all, nil
}

func parseRule(row []string) (rule, error) {
	r := rule{from: row[0]}
	if len(row) != 6 {
		return r, fmt.Errorf("%d columns", len(row))
	}
	if _, err := time.Parse(monthForm, r.from); err != nil {
		return r, err
	}
	if _, err := fmt.Sscan(row[3]+" "+row[4], &r.largestPart, &r.p); err != nil || min(r.largestPart, r.p) < 1 || max(r.largestPart, r.p) > 100 {
		return r, fmt.Errorf("percents %q", row[3:5])
	}
	var err error
	if r.sellers, err = strconv.Atoi(row[1]); err != nil || r.sellers < 1 {
		return r, fmt.Errorf("sellers %q", row[1])
	}
	if r.largest, err = strconv.Atoi(row[2]); err != nil || r.largest < 1 {
		return r, fmt.Errorf("largest %q", row[2])
	}
	return r, nil
}

// Reason says why a cell alone may not be published; empty when it may.
type Reason string

// The reasons.
const (
	ReasonFew       Reason = "few"       // too few sellers
	ReasonDominated Reason = "dominated" // the largest make up too much of it
	ReasonKnown     Reason = "known"     // the second largest could reckon the largest
)

// judge says whether a cell is safe by itself. Contributions are of legal
// persons and may be below zero; what counts is how large they are.
func (r rule) judge(contributions map[string]int64) Reason {
	var sizes []int64
	total := int64(0)
	for _, c := range contributions {
		if c != 0 {
			sizes = append(sizes, max(c, -c))
			total += max(c, -c)
		}
	}
	slices.SortFunc(sizes, func(a, b int64) int { return cmp.Compare(b, a) })
	switch {
	case len(sizes) == 0:
		return ""
	case len(sizes) < r.sellers:
		return ReasonFew
	}
	top := int64(0)
	for _, c := range sizes[:min(r.largest, len(sizes))] {
		top += c
	}
	rest := total - sizes[0] - sizes[min(1, len(sizes)-1)]
	switch {
	case beyond(top, 100, total, r.largestPart):
		return ReasonDominated
	case beyond(sizes[0], r.p, rest, 100):
		return ReasonKnown
	}
	return ""
}

// beyond reports whether a × x > b × y, whatever their size.
func beyond(a, x, b, y int64) bool {
	hiA, loA := bits.Mul64(uint64(a), uint64(x))
	hiB, loB := bits.Mul64(uint64(b), uint64(y))
	return hiA > hiB || hiA == hiB && loA > loB
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
