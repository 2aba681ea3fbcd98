package payments

import (
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"chohue/market"
)

// dated is the period in which a row of the law's data holds and what it rests
// on. Days are Huế's.
type dated struct {
	From, To time.Time // the first instant, and the first beyond; zero To is open
	Basis    string
}

func (d dated) holds(at time.Time) bool {
	return !at.Before(d.From) && (d.To.IsZero() || at.Before(d.To))
}

// parseDated reads the first and last day of a period.
func parseDated(from, to, basis string) (d dated, err error) {
	if d.From, err = time.ParseInLocation(time.DateOnly, from, market.HueZone); err != nil || to == "" {
		return dated{From: d.From, Basis: basis}, err
	}
	last, err := time.ParseInLocation(time.DateOnly, to, market.HueZone)
	return dated{d.From, last.AddDate(0, 0, 1), basis}, err
}

// readTable reads the rows below the heading of an embedded file.
func readTable[T any](file, text string, parse func([]string) (T, error)) ([]T, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var out []T
	for _, row := range rows[min(1, len(rows)):] {
		parsed, err := parse(row)
		if err != nil {
			return nil, fmt.Errorf("%s: row %q: %w", file, row, err)
		}
		out = append(out, parsed)
	}
	return out, nil
}

// Period is the month of the moment, as Huế counts it: "2026-07".
func Period(at time.Time) string { return at.In(market.HueZone).Format("2006-01") }

func validPeriod(period string) bool {
	_, err := time.Parse("2006-01", period)
	return err == nil && len(period) == len("2006-01")
}
