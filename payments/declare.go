package payments

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// Declaration is a month's withholding as form 01/CNKD-TMĐT with its list
// 01-1/BK-CNKD-TMĐT wants it: one row for each seller, category and rate.
// Returns are offset in the month in which they happen, so a row may be below
// zero.
type Declaration struct {
	Period string
	Due    time.Time // the last day to declare and to pay
	Rows   []DeclaredRow
	Total  DeclaredRow
	// Open is false until the month has ended: no row is final before.
	Open bool
}

// DeclaredRow is what was withheld from one seller in one category.
type DeclaredRow struct {
	Seller    market.ID
	Kind      string
	TaxCode   string
	Residency string
	Category  string
	VATRate   int64 // basis points
	PITRate   int64
	Highest   string // why the highest rates were taken
	Sales     int    // lines that were withheld from
	Returns   int    // reversals
	Base      market.VND
	VAT       market.VND
	PIT       market.VND
	VATRest   int64 // what rounding left out, in ten-thousandths of a đồng
	PITRest   int64
}

// Incomplete reports whether the tax office would refuse the row: it names no
// taxpayer.
func (r DeclaredRow) Incomplete() bool { return r.TaxCode == "" || r.Highest == NoKind }

func (r *DeclaredRow) add(w Withheld) {
	r.Base, r.VAT, r.PIT = r.Base+w.Base, r.VAT+w.VAT, r.PIT+w.PIT
	r.VATRest, r.PITRest = r.VATRest+w.VATRest, r.PITRest+w.PITRest
	if w.Event == Withhold {
		r.Sales++
	} else {
		r.Returns++
	}
}

// key is what rows are told apart by: all but the sums.
func (w Withheld) row() DeclaredRow {
	return DeclaredRow{
		Seller: w.Seller, Kind: w.Kind, TaxCode: w.TaxCode, Residency: w.Residency, Category: w.Category,
		VATRate: w.VATRate, PITRate: w.PITRate, Highest: w.Highest,
	}
}

// Declare gathers what was withheld in a month ("2026-07"). Allowed to
// operators and officials.
func (s *Service) Declare(ctx context.Context, by market.Actor, period string) (*Declaration, error) {
	if !by.Is(market.RoleOperator, market.RoleOfficial) {
		return nil, errMissing
	}
	due, err := s.taxes.Due(period)
	if err != nil {
		return nil, err
	}
	d := &Declaration{Period: period, Due: due, Open: Period(s.env.Now()) <= period}
	rows := map[DeclaredRow]*DeclaredRow{}
	err = s.eachWithheld(ctx, store.Query{Index: "period", Eq: []any{period}}, func(w Withheld) {
		if w.Period != period {
			return
		}
		row := rows[w.row()]
		if row == nil {
			fresh := w.row()
			row = &fresh
			rows[w.row()] = row
		}
		row.add(w)
		d.Total.add(w)
	})
	for _, row := range rows {
		d.Rows = append(d.Rows, *row)
	}
	slices.SortFunc(d.Rows, inOrder)
	return d, err
}

func inOrder(a, b DeclaredRow) int {
	return cmp.Or(
		strings.Compare(a.TaxCode, b.TaxCode), strings.Compare(string(a.Seller), string(b.Seller)),
		strings.Compare(a.Category, b.Category), cmp.Compare(a.VATRate, b.VATRate), cmp.Compare(a.PITRate, b.PITRate),
		strings.Compare(a.Highest, b.Highest), strings.Compare(a.Kind+a.Residency, b.Kind+b.Residency),
	)
}

// eachWithheld walks all that was withheld and reversed in the payments found.
func (s *Service) eachWithheld(ctx context.Context, q store.Query, do func(Withheld)) error {
	return s.intents.Each(ctx, q, func(in *Intent) error {
		for _, w := range in.Withheld {
			do(w)
		}
		return nil
	})
}

// Certificate is a year's withholding from one seller, as form 01/CTKT-TMĐT
// certifies it.
type Certificate struct {
	Seller      market.ID
	Year        int
	Rows        []DeclaredRow // by month, in order
	Months      []string      // of the rows
	Total       DeclaredRow
	TaxCode     string
	Kind        string
	Over        bool // the year has ended
	IssuedAt    time.Time
	FreeRevenue market.VND // up to which no income tax is due; 0 when no rule says
	// Due and Overpaid are an estimate from the sales here alone: what the
	// seller's income tax would be, and what could be claimed back. They are
	// shown when Estimated.
	Due, Overpaid market.VND
	Estimated     bool
}

// Certify gathers a seller's year. Allowed to those who act for the seller, to
// operators and officials.
func (s *Service) Certify(ctx context.Context, by market.Actor, seller market.ID, year int) (*Certificate, error) {
	if !by.For(seller) && !by.Is(market.RoleOperator, market.RoleOfficial) {
		return nil, errMissing
	}
	now := s.env.Now()
	if year < 2025 || year > now.In(market.HueZone).Year() {
		return nil, market.Invalid("tax.year", "year")
	}
	c := &Certificate{Seller: seller, Year: year, Over: now.In(market.HueZone).Year() > year, IssuedAt: now}
	rates := map[int64]*taxSum{}
	for month := range 12 {
		period := time.Date(year, time.Month(month+1), 1, 0, 0, 0, 0, market.HueZone).Format("2006-01")
		if err := s.certifyMonth(ctx, c, period, rates); err != nil {
			return nil, err
		}
	}
	c.estimate(s.taxes, rates)
	return c, nil
}

// taxSum is what was withheld at one rate of income tax.
type taxSum struct {
	rate int64
	base market.VND
	pit  market.VND
}

func (s *Service) certifyMonth(ctx context.Context, c *Certificate, period string, rates map[int64]*taxSum) error {
	var row DeclaredRow
	found := false
	lookup := taxLookup(c.Seller, period)
	err := s.eachWithheld(ctx, store.Query{Index: "taxed", Eq: []any{lookup}}, func(w Withheld) {
		if w.Lookup != lookup {
			return
		}
		found = true
		row.add(w)
		c.Total.add(w)
		c.TaxCode, c.Kind = w.TaxCode, w.Kind
		if rates[w.PITRate] == nil {
			rates[w.PITRate] = &taxSum{rate: w.PITRate}
		}
		rates[w.PITRate].base += w.Base
		rates[w.PITRate].pit += w.PIT
	})
	if found {
		c.Rows, c.Months = append(c.Rows, row), append(c.Months, period)
	}
	return err
}

func (c *Certificate) estimate(r TaxRules, rates map[int64]*taxSum) {
	sums := make([]taxSum, 0, len(rates))
	for _, one := range rates {
		sums = append(sums, *one)
	}
	slices.SortFunc(sums, func(a, b taxSum) int { return cmp.Compare(a.rate, b.rate) })
	c.Due, c.FreeRevenue, c.Estimated = r.due(c.Year, sums)
	c.Overpaid = max(0, c.Total.PIT-c.Due)
}

// due is the income tax on what a year's revenue is above the free amount, each
// rate's part in proportion. ok is false when no rule names a free amount.
func (r TaxRules) due(year int, sums []taxSum) (due, free market.VND, ok bool) {
	free = r.Free(year)
	weights := make([]int64, len(sums))
	var revenue market.VND
	for i, one := range sums {
		weights[i] = int64(max(0, one.base))
		revenue += market.VND(weights[i])
	}
	for i, part := range max(0, revenue-free).Split(weights) {
		due += market.Rate(sums[i].rate).Of(part)
	}
	return due, free, free > 0
}
