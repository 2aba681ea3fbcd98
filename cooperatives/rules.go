package cooperatives

import (
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"chohue/market"
)

//go:embed rules/*.csv
var ruleFiles embed.FS

// span is when a row of law or custom holds: from a day to the end of another,
// open when To is zero; days of Huế, kept in UTC.
type span struct{ From, To time.Time }

func (s span) holds(at time.Time) bool {
	return !at.Before(s.From) && (s.To.IsZero() || at.Before(s.To))
}

// PaperRule is one kind of document that sellers show, by which law, and to whom
// it applies.
type PaperRule struct {
	span
	Code     string
	Kinds    []Kind // of sellers; none for all
	From, To int    // OCOP sets that need it; zeros for whatever is sold
	Required bool
	Expires  bool // the document says until when it is valid
	Name     market.Text
	Basis    string
}

func (r PaperRule) applies(kind Kind, sets []int, at time.Time) bool {
	if !r.holds(at) || (r.Kinds != nil && !slices.Contains(r.Kinds, kind)) {
		return false
	}
	return r.From == 0 || slices.ContainsFunc(sets, r.covers)
}

func (r PaperRule) covers(set int) bool { return r.From > 0 && set >= r.From && set <= r.To }

// methodRule says from when to when a way of checking identity counts.
type methodRule struct {
	span
	method string
	level  int
	basis  string
}

// SharingRule is how a cooperative shares what it sells: what it keeps, and
// what a delivery of each grade counts. Dated and never changed: a new rule
// follows an old one.
type SharingRule struct {
	From   time.Time        `bson:"from"` // first day of a month in Huế
	Fee    market.Rate      `bson:"fee"`  // of the goods sold
	Grades map[string]int64 `bson:"grades"`
	Basis  string           `bson:"basis"`
}

// Duty is something to be done within hours of being asked.
type Duty struct {
	span
	Hours, Urgent time.Duration
	Basis         string
}

// rules is the dated data of the room.
type rules struct {
	papers   []PaperRule
	methods  []methodRule
	sharing  []SharingRule
	takedown []Duty
}

// loadRules returns the embedded rules; nothing changes what was read.
func loadRules() (rules, error) { return rulesOnce() }

var rulesOnce = sync.OnceValues(readRules)

func readRules() (r rules, err error) {
	err = eachRow("papers", func(row row) error {
		p, err := row.paper()
		r.papers = append(r.papers, p)
		return err
	})
	if err != nil {
		return r, err
	}
	err = eachRow("identity", func(row row) error {
		m := methodRule{method: row.text("method"), level: row.number("level"), basis: row.text("basis"), span: row.span()}
		r.methods = append(r.methods, m)
		return row.err
	})
	if err != nil {
		return r, err
	}
	err = eachRow("sharing", func(row row) error {
		r.sharing = append(r.sharing, row.sharing())
		return row.err
	})
	if err != nil {
		return r, err
	}
	return r, eachRow("duties", func(row row) error {
		hours := func(name string) time.Duration { return time.Duration(row.number(name)) * time.Hour }
		r.takedown = append(r.takedown, Duty{row.span(), hours("hours"), hours("urgent_hours"), row.text("basis")})
		return row.err
	})
}

// row is one row of a rule file by column name; err is the first thing in it
// that could not be read.
type row struct {
	*rowData
}

type rowData struct {
	cells map[string]string
	err   error
}

func eachRow(name string, do func(row) error) error {
	raw, err := ruleFiles.ReadFile("rules/" + name + ".csv")
	if err != nil {
		return err
	}
	all, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
	if err != nil {
		return fmt.Errorf("rules/%s.csv: %w", name, err)
	}
	for i, cells := range all[1:] {
		r := row{&rowData{cells: map[string]string{}}}
		for j, cell := range cells {
			r.cells[all[0][j]] = cell
		}
		if err := do(r); err != nil {
			return fmt.Errorf("rules/%s.csv line %d: %w", name, i+2, err)
		}
	}
	return nil
}

func (r row) text(name string) string { return r.cells[name] }

func (r row) number(name string) int {
	n, err := strconv.Atoi(r.cells[name])
	if err != nil && r.err == nil {
		r.err = err
	}
	return n
}

func (r row) day(name string) time.Time {
	at, err := time.ParseInLocation(time.DateOnly, r.cells[name], market.HueZone)
	if err != nil && r.err == nil {
		r.err = err
	}
	return at
}

func (r row) span() span {
	s := span{From: r.day("valid_from").UTC()}
	if r.text("valid_to") != "" {
		s.To = r.day("valid_to").AddDate(0, 0, 1).UTC()
	}
	return s
}

func (r row) paper() (PaperRule, error) {
	p := PaperRule{
		span: r.span(), Code: r.text("code"), Required: r.text("required") == "yes", Expires: r.text("expires") == "yes",
		Name: market.Text{VI: r.text("name_vi"), EN: r.text("name_en")}, Basis: r.text("basis"),
	}
	if kinds := r.text("kinds"); kinds != "*" {
		for kind := range strings.SplitSeq(kinds, "|") {
			if p.Kinds = append(p.Kinds, Kind(kind)); !Kind(kind).Known() {
				return p, fmt.Errorf("kind %q", kind)
			}
		}
	}
	if sets := r.text("sets"); sets != "" {
		first, last, two := strings.Cut(sets, "-")
		r.cells["first"], r.cells["last"] = first, last
		if p.From = r.number("first"); !two {
			p.To = p.From
		} else {
			p.To = r.number("last")
		}
	}
	return p, r.err
}

func (r row) sharing() SharingRule {
	s := SharingRule{From: r.day("valid_from").UTC(), Fee: market.Rate(r.number("fee_bp")), Basis: r.text("basis"), Grades: map[string]int64{}}
	for _, grade := range Grades() {
		s.Grades[grade] = int64(r.number("grade_" + strings.ToLower(grade)))
	}
	return s
}

// duty returns the duty that holds at that time; false when none does.
func duty(all []Duty, at time.Time) (Duty, bool) {
	for _, d := range slices.Backward(all) {
		if d.holds(at) {
			return d, true
		}
	}
	return Duty{}, false
}
