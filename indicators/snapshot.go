package indicators

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"chohue/market"
)

// snapshot is all that a month's release is made of: who contributed how much
// to which cell, and the indicators. It names sellers by numbers and stays in
// the house; a release is a function of it and of the program.
type snapshot struct {
	Period  string                       `json:"period" bson:"period"`
	Facts   string                       `json:"facts" bson:"facts"` // hash of the facts it was folded from
	Cells   map[string]map[string]amount `json:"cells" bson:"cells"` // cell, legal person
	Figures []ReleasedFigure             `json:"figures" bson:"figures"`
}

// The tables of a release. A cell's key is its table and its code.
const (
	TableTotal       = "total"
	TableDistrict    = "district"
	TableWard        = "ward"
	TableIndustry    = "industry"
	TableSet         = "set"
	TableChannel     = "channel"
	TableDestination = "destination"
	TablePay         = "pay"
	TableStars       = "stars"
	TableKind        = "kind"
	TableCross       = "cross" // district and industry
	tableRefund      = "refund"
)

// Tables lists the tables that are published.
func Tables() []string {
	return []string{TableTotal, TableDistrict, TableWard, TableIndustry, TableSet, TableChannel, TableDestination, TablePay, TableStars, TableKind, TableCross}
}

const allCodes = "_T" // the code of a total, as SDMX has it

func key(table string, codes ...string) string { return table + "/" + strings.Join(codes, "/") }

var totalKey = key(TableTotal, allCodes)

// Destinations of a release: within Huế, elsewhere in Vietnam, abroad.
const (
	DestHue    = "HUE"
	DestVN     = "VN"
	DestAbroad = "ABROAD"
)

// DestinationOf is the destination of goods that go to a province, or to a
// country for the codes that are none.
func DestinationOf(code string) string {
	switch {
	case code == market.HueProvince:
		return DestHue
	case Domestic(code):
		return DestVN
	default:
		return DestAbroad
	}
}

// The ways of paying of a release.
const (
	PayCash     = "CASH"
	PayCashless = "CASHLESS"
)

// PaymentOf is the way of paying that a method belongs to.
func PaymentOf(method string) string {
	if method == CashOnDelivery {
		return PayCash
	}
	return PayCashless
}

// industry numbers the industries of OCOP by the order of the sets; 0 is none.
func (s *Service) industry(set int) string {
	names := s.industries()
	found, ok := s.sets.Find(set)
	if !ok {
		return "0"
	}
	return strconv.Itoa(slices.Index(names, found.Industry) + 1)
}

func (s *Service) industries() (names []string) {
	for _, set := range s.sets.All() {
		if !slices.Contains(names, set.Industry) {
			names = append(names, set.Industry)
		}
	}
	return names
}

// snapshot gathers a month.
func (s *Service) snapshot(ctx context.Context, name string) (*snapshot, error) {
	facts, err := s.inputs(ctx, []string{name})
	if err != nil {
		return nil, err
	}
	m, err := s.month(ctx, name)
	if err != nil {
		return nil, err
	}
	o, err := s.Overview(ctx, market.System, TableQuery{From: name, To: name})
	if err != nil {
		return nil, err
	}
	snap := &snapshot{Period: name, Facts: facts, Cells: map[string]map[string]amount{}, Figures: releasedFigures(o)}
	snap.gather(s, m)
	return snap, nil
}

func (snap *snapshot) gather(s *Service, m *month) {
	words := s.words()
	for i := range m.rows {
		r := &m.rows[i]
		person, ward, set := words[r.at.person], words[r.at.ward], int(r.at.set)
		a := amount{ofValue: r.sums.Value, ofLines: r.sums.Lines}
		district, industry := s.districts.of(ward), s.industry(set)
		snap.add(totalKey, person, a)
		snap.add(key(TableDistrict, district), person, a)
		snap.add(key(TableWard, ward), person, a)
		snap.add(key(TableIndustry, industry), person, a)
		snap.add(key(TableSet, strconv.Itoa(set)), person, a)
		snap.add(key(TableChannel, words[r.at.channel]), person, a)
		snap.add(key(TableCross, district, industry), person, a)
		if back := r.sums.Gross - r.sums.Value; back != 0 {
			snap.add(key(tableRefund, allCodes), person, amount{ofValue: back})
		}
	}
	for _, one := range m.sides {
		code, person := words[one.at.code], words[one.at.person]
		a := amount{ofValue: one.value, ofLines: one.lines}
		switch words[one.at.side] {
		case SideDestination:
			snap.add(key(TableDestination, DestinationOf(code)), person, a)
		case SidePay:
			snap.add(key(TablePay, PaymentOf(code)), person, a)
		case SideStars:
			snap.add(key(TableStars, code), person, a)
		case SideKind:
			snap.add(key(TableKind, code), person, a)
		}
	}
}

func (snap *snapshot) add(cell, person string, a amount) {
	at, ok := snap.Cells[cell]
	if !ok {
		at = map[string]amount{}
		snap.Cells[cell] = at
	}
	sum := at[person]
	sum.add(a)
	at[person] = sum
}

// guarded lays the snapshot out with every sum between its cells, cells without
// trade among them.
func (s *Service) guarded(snap *snapshot) *guarded {
	g := newGuarded(s.rules.at(snap.Period))
	at := map[string]int{}
	cell := func(k string) int {
		n, ok := at[k]
		if !ok {
			n = g.cell(k, snap.Cells[k])
			at[k] = n
		}
		return n
	}
	sum := func(whole string, parts []string) {
		numbers := make([]int, len(parts))
		for i, p := range parts {
			numbers[i] = cell(p)
		}
		g.sum(cell(whole), numbers)
	}
	for _, r := range s.sumsOf(snap) {
		sum(r.whole, r.parts)
	}
	cell(key(tableRefund, allCodes))
	return g
}

// keyed is a sum by the keys of its cells.
type keyed struct {
	whole string
	parts []string
}

// sumsOf lists the sums that tie a release's cells together.
func (s *Service) sumsOf(snap *snapshot) []keyed {
	codes := snap.codes(s)
	all := []keyed{{totalKey, keysOf(TableDistrict, codes[TableDistrict])}}
	for _, d := range codes[TableDistrict] {
		var wards, cross []string
		for _, w := range codes[TableWard] {
			if s.districts.of(w) == d {
				wards = append(wards, key(TableWard, w))
			}
		}
		for _, i := range codes[TableIndustry] {
			cross = append(cross, key(TableCross, d, i))
		}
		all = append(all, keyed{key(TableDistrict, d), wards}, keyed{key(TableDistrict, d), cross})
	}
	all = append(all, keyed{totalKey, keysOf(TableIndustry, codes[TableIndustry])})
	for _, i := range codes[TableIndustry] {
		var sets, cross []string
		for _, n := range codes[TableSet] {
			if number, _ := strconv.Atoi(n); s.industry(number) == i {
				sets = append(sets, key(TableSet, n))
			}
		}
		for _, d := range codes[TableDistrict] {
			cross = append(cross, key(TableCross, d, i))
		}
		all = append(all, keyed{key(TableIndustry, i), sets}, keyed{key(TableIndustry, i), cross})
	}
	for _, t := range []string{TableChannel, TableDestination, TablePay, TableStars, TableKind} {
		all = append(all, keyed{totalKey, keysOf(t, codes[t])})
	}
	return all
}

func keysOf(table string, codes []string) []string {
	keys := make([]string, len(codes))
	for i, c := range codes {
		keys[i] = key(table, c)
	}
	return keys
}

// codes are those of each table: all that the city has, and what else turned up.
func (snap *snapshot) codes(s *Service) map[string][]string {
	codes := map[string][]string{
		TableChannel:     {"store", "livestream", "social", "preorder"},
		TableDestination: {DestHue, DestVN, DestAbroad},
		TablePay:         {PayCash, PayCashless},
		TableStars:       {"0", "3", "4", "5"},
		TableKind:        {"htx", "to_hop_tac", "ho_kinh_doanh", "company"},
	}
	for _, d := range s.districts.all {
		codes[TableDistrict] = append(codes[TableDistrict], d.Code)
		codes[TableWard] = append(codes[TableWard], d.Wards...)
	}
	for i := range s.industries() {
		codes[TableIndustry] = append(codes[TableIndustry], strconv.Itoa(i+1))
	}
	for _, set := range s.sets.All() {
		codes[TableSet] = append(codes[TableSet], strconv.Itoa(set.Number))
	}
	var more []string
	for k := range snap.Cells {
		more = append(more, k)
	}
	slices.Sort(more)
	for _, k := range more {
		table, code, _ := strings.Cut(k, "/")
		if known, ok := codes[table]; ok && !slices.Contains(known, code) {
			codes[table] = append(known, code)
		}
	}
	return codes
}

//go:embed *.go *.csv
var source embed.FS

// Program is the hash of this room's source and rules: what a figure was made
// with.
func Program() string {
	h := sha256.New()
	names, _ := fs.Glob(source, "*")
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := fs.ReadFile(source, name)
		if err == nil {
			_, _ = fmt.Fprintf(h, "%s %d\n%s", name, len(text), text)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// monthsOf lists the months of a period: 2026-11, 2026-Q4 or 2026.
func monthsOf(period string) ([]string, error) {
	year, rest, divided := strings.Cut(period, "-")
	if _, err := time.Parse("2006", year); err != nil {
		return nil, errPeriod
	}
	first, n := 1, 12
	if divided {
		n = 1
		if quarter, ok := strings.CutPrefix(rest, "Q"); ok {
			q, err := strconv.Atoi(quarter)
			if err != nil || q < 1 || q > 4 || len(quarter) != 1 {
				return nil, errPeriod
			}
			first, n = 3*q-2, 3
		} else if at, err := time.Parse(monthForm, period); err == nil {
			first = int(at.Month())
		} else {
			return nil, errPeriod
		}
	}
	months := make([]string, n)
	for i := range months {
		months[i] = fmt.Sprintf("%s-%02d", year, first+i)
	}
	return months, nil
}

// periodBounds are the first and the last second of a period, in Huế.
func periodBounds(period string) (first, last time.Time) {
	months, err := monthsOf(period)
	if err != nil {
		return first, last
	}
	first, _ = time.ParseInLocation(monthForm, months[0], market.HueZone)
	return first, first.AddDate(0, len(months), 0).Add(-time.Second)
}

var errPeriod = market.Invalid("indicators.period", "period")
