package indicators

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"chohue/market"
)

// Span is a month, a quarter or a year, written as releases name them: 2026-10,
// 2026-Q4, 2026.
type Span string

// The lengths of a span, in the letters of SDMX.
const (
	SpanMonth   = "M"
	SpanQuarter = "Q"
	SpanYear    = "A"
)

// ParseSpan reads a span; what is none is an error for the field "period".
func ParseSpan(text string) (Span, error) {
	_, err := monthsOf(text)
	return Span(text), err
}

// SpanAt is the span of that length that the moment lies in, in Huế.
func SpanAt(length string, at time.Time) Span {
	at = at.In(market.HueZone)
	return spanOf(length, at.Year(), int(at.Month()))
}

func spanOf(length string, year, month int) Span {
	switch length {
	case SpanYear:
		return Span(fmt.Sprintf("%04d", year))
	case SpanQuarter:
		return Span(fmt.Sprintf("%04d-Q%d", year, (month+2)/3))
	default:
		return Span(fmt.Sprintf("%04d-%02d", year, month))
	}
}

// Length is one of the three lengths.
func (p Span) Length() string { return frequency(string(p)) }

// Months are its months in order; none when it is not a span.
func (p Span) Months() []string {
	months, err := monthsOf(string(p))
	if err != nil {
		return nil
	}
	return months
}

// Back is the span of the same length so many before it.
func (p Span) Back(n int) Span {
	months := p.Months()
	if len(months) == 0 {
		return p
	}
	first, err := time.Parse(monthForm, months[0])
	if err != nil {
		return p
	}
	first = first.AddDate(0, -n*len(months), 0)
	return spanOf(p.Length(), first.Year(), int(first.Month()))
}

// YearBefore is the same span of the year before.
func (p Span) YearBefore() Span { return p.Back(12 / max(1, len(p.Months()))) }

// Over reports whether all of the span lies behind the moment.
func (p Span) Over(now time.Time) bool {
	months := p.Months()
	return len(months) > 0 && months[len(months)-1] < monthOf(now)
}

// Year and Number are 2026 and 4 of 2026-Q4; the number of a year is 0.
func (p Span) Year() string { year, _, _ := strings.Cut(string(p), "-"); return year }

// Number is the month or quarter of the year.
func (p Span) Number() int {
	_, rest, _ := strings.Cut(string(p), "-")
	n, _ := strconv.Atoi(strings.TrimPrefix(rest, "Q"))
	return n
}

func (p Span) query(q TableQuery) TableQuery {
	if months := p.Months(); len(months) > 0 {
		q.From, q.To = months[0], months[len(months)-1]
	}
	return q
}

// Series lists so many spans that end with this one, the oldest first.
func (p Span) Series(n int) []Span {
	all := make([]Span, 0, n)
	for i := range n {
		all = append(all, p.Back(i))
	}
	slices.Reverse(all)
	return all
}
