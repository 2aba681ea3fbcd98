package payments

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"chohue/market"
)

//go:embed tax/*.csv
var taxFiles embed.FS

// Categories of what is sold, as the withholding rates know them.
const (
	CategoryGoods     = "goods"
	CategoryServices  = "services"
	CategoryTransport = "transport" // and services that go with goods, such as delivering them
)

// Residency of a seller for income tax.
const (
	Resident    = "resident"
	NonResident = "non_resident"
)

// TaxRules are the withholding rules by date: rates, who is withheld from, what
// is goods and what a service, and what income is free of tax. All are data with
// their legal basis.
type TaxRules struct {
	rates      []TaxRate
	modifiers  []taxModifier
	entities   []taxEntity
	categories []taxCategory
	exemptions []taxExemption
	holidays   []dated
}

// TaxRate is what is withheld in one category.
type TaxRate struct {
	dated
	Residency, Category string
	VAT, PIT            market.Rate
}

// ID names the rule on what was withheld by it.
func (r TaxRate) ID() string {
	return r.From.In(market.HueZone).Format(time.DateOnly) + "/" + r.Residency + "/" + r.Category
}

type taxModifier struct {
	dated
	name    string
	percent int64 // of the income tax that is left
	on      bool
}

type taxEntity struct {
	dated
	kind     string
	withheld bool
}

type taxCategory struct {
	dated
	first, last int // OCOP sets
	category    string
}

type taxExemption struct {
	dated
	revenue market.VND
}

// LoadTaxRules returns the rules that were built in; nothing changes what was
// read.
func LoadTaxRules() (TaxRules, error) { return taxRulesOnce() }

var taxRulesOnce = sync.OnceValues(readTaxRules)

func readTaxRules() (r TaxRules, err error) {
	if r.rates, err = taxTable("withholding.csv", parseTaxRate); err != nil {
		return r, err
	}
	if r.modifiers, err = taxTable("modifiers.csv", parseTaxModifier); err != nil {
		return r, err
	}
	if r.entities, err = taxTable("entities.csv", parseTaxEntity); err != nil {
		return r, err
	}
	if r.categories, err = taxTable("categories.csv", parseTaxCategory); err != nil {
		return r, err
	}
	if r.exemptions, err = taxTable("exemptions.csv", parseTaxExemption); err != nil {
		return r, err
	}
	r.holidays, err = taxTable("holidays.csv", func(row []string) (dated, error) { return parseDated(row[0], row[1], row[2]) })
	return r, err
}

func taxTable[T any](file string, parse func([]string) (T, error)) ([]T, error) {
	text, err := taxFiles.ReadFile("tax/" + file)
	if err != nil {
		return nil, err
	}
	return readTable(file, string(text), parse)
}

func parseTaxRate(row []string) (r TaxRate, err error) {
	if r.dated, err = parseDated(row[0], row[1], row[6]); err != nil {
		return r, err
	}
	r.Residency, r.Category = row[2], row[3]
	if r.VAT, err = parseRate(row[4]); err != nil {
		return r, err
	}
	r.PIT, err = parseRate(row[5])
	return r, err
}

func parseRate(s string) (market.Rate, error) {
	rate, err := strconv.ParseInt(s, 10, 64)
	if err == nil && (rate < 0 || rate > 10_000) {
		err = fmt.Errorf("rate %q", s)
	}
	return market.Rate(rate), err
}

func parseTaxModifier(row []string) (m taxModifier, err error) {
	if m.dated, err = parseDated(row[1], row[2], row[5]); err != nil {
		return m, err
	}
	m.name = row[0]
	if m.percent, err = strconv.ParseInt(row[3], 10, 64); err != nil {
		return m, err
	}
	m.on, err = strconv.ParseBool(row[4])
	return m, err
}

func parseTaxEntity(row []string) (e taxEntity, err error) {
	if e.dated, err = parseDated(row[0], row[1], row[4]); err != nil {
		return e, err
	}
	e.kind = row[2]
	e.withheld, err = strconv.ParseBool(row[3])
	return e, err
}

func parseTaxCategory(row []string) (c taxCategory, err error) {
	if c.dated, err = parseDated(row[0], row[1], row[5]); err != nil {
		return c, err
	}
	if c.first, err = strconv.Atoi(row[2]); err != nil {
		return c, err
	}
	c.category = row[4]
	c.last, err = strconv.Atoi(row[3])
	return c, err
}

func parseTaxExemption(row []string) (e taxExemption, err error) {
	if e.dated, err = parseDated(row[0], row[1], row[3]); err != nil {
		return e, err
	}
	n, err := strconv.ParseInt(row[2], 10, 64)
	e.revenue = market.VND(n)
	return e, err
}

// With switches a modifier on or off: "pit_2026" takes 30 % off the income tax.
func (r TaxRules) With(modifier string, on bool) TaxRules {
	r.modifiers = slices.Clone(r.modifiers)
	for i := range r.modifiers {
		if r.modifiers[i].name == modifier {
			r.modifiers[i].on = on
		}
	}
	return r
}

// Category is what a product of an OCOP set counts as; empty when no rule says.
func (r TaxRules) Category(at time.Time, set int) string {
	i := slices.IndexFunc(r.categories, func(c taxCategory) bool { return c.holds(at) && c.first <= set && set <= c.last })
	if i < 0 {
		return ""
	}
	return r.categories[i].category
}

// Why the highest rates were withheld.
const (
	NoKind     = "no_kind"     // the seller's legal form is missing or not known
	NoTaxCode  = "no_tax_code" // the seller is withheld from and has no tax code
	NoCategory = "no_category" // what was sold cannot be classified
)

// lacks is what of a seller is missing for the ordinary rates, "" for nothing,
// and whether anything is withheld at all. It fails closed: who is not known to
// be a legal entity is withheld from.
func (r TaxRules) lacks(at time.Time, s Share) (reason string, withheld bool) {
	i := slices.IndexFunc(r.entities, func(e taxEntity) bool { return e.holds(at) && e.kind == s.SellerKind })
	switch {
	case i < 0:
		return NoKind, len(r.inForce(at, s.residency())) > 0
	case !r.entities[i].withheld:
		return "", false
	case s.TaxCode == "":
		return NoTaxCode, true
	}
	return "", true
}

// rate is what holds for a line, and why when it is the highest there is.
func (r TaxRules) rate(at time.Time, residency, category, lacking string) (TaxRate, string) {
	rates := r.inForce(at, residency)
	i := slices.IndexFunc(rates, func(t TaxRate) bool { return t.Category == category })
	if lacking == "" && i >= 0 {
		return r.modified(at, rates[i]), ""
	}
	if lacking == "" {
		lacking = NoCategory
	}
	return highest(rates), lacking
}

func (r TaxRules) inForce(at time.Time, residency string) []TaxRate {
	return slices.DeleteFunc(slices.Clone(r.rates), func(t TaxRate) bool { return t.Residency != residency || !t.holds(at) })
}

// highest takes the highest of each tax; no modifier lowers it.
func highest(rates []TaxRate) TaxRate {
	if len(rates) == 0 {
		return TaxRate{}
	}
	most := rates[0]
	for _, r := range rates {
		most.VAT, most.PIT = max(most.VAT, r.VAT), max(most.PIT, r.PIT)
	}
	most.Category = "highest"
	return most
}

func (r TaxRules) modified(at time.Time, rate TaxRate) TaxRate {
	for _, m := range r.modifiers {
		if m.on && m.holds(at) && rate.Residency == Resident {
			rate.PIT = rate.PIT * market.Rate(m.percent) / 100
		}
	}
	return rate
}

// Free is the revenue of a year up to which no income tax is due; 0 when no
// rule says.
func (r TaxRules) Free(year int) market.VND {
	at := time.Date(year, 12, 31, 12, 0, 0, 0, market.HueZone)
	i := slices.IndexFunc(r.exemptions, func(e taxExemption) bool { return e.holds(at) })
	if i < 0 {
		return 0
	}
	return r.exemptions[i].revenue
}

// filingDay is the day of the next month on which a month's declaration is due.
const filingDay = 20

// Due is the last day on which a month's withholding is declared and paid: the
// 20th of the next month, or the next working day when that is a weekend or a
// holiday.
func (r TaxRules) Due(period string) (time.Time, error) {
	month, err := time.ParseInLocation("2006-01", period, market.HueZone)
	if err != nil {
		return time.Time{}, market.Invalid("tax.period", "period")
	}
	day := month.AddDate(0, 1, filingDay-1)
	for !r.working(day) {
		day = day.AddDate(0, 0, 1)
	}
	return day, nil
}

func (r TaxRules) working(day time.Time) bool {
	weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
	return !weekend && !slices.ContainsFunc(r.holidays, func(h dated) bool { return h.holds(day) })
}
