package payments

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"chohue/market"
)

//go:embed limits.csv
var limitFile string

// What a limit is on.
const (
	limitPay    = "pay"
	limitRefund = "refund"
)

// limit is one row: the least and the most that a provider moves at once.
type limit struct {
	provider, operation string
	least, most         market.VND
	from, to            time.Time // [from, to), zero to is open
}

// limits are what providers move at once, by date. Who is not listed has none.
type limits []limit

// loadLimits returns the rows that were built in: provider, operation, min, max,
// valid_from, valid_to (the last day), basis, days counted in Huế.
func loadLimits() (limits, error) { return limitsOnce() }

var limitsOnce = sync.OnceValues(func() (limits, error) { return parseLimits(limitFile) })

func parseLimits(text string) (limits, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("limits: %w", err)
	}
	var all limits
	for _, row := range rows[min(1, len(rows)):] {
		l, err := parseLimit(row)
		if err != nil {
			return nil, fmt.Errorf("limits: row %q: %w", row, err)
		}
		all = append(all, l)
	}
	return all, nil
}

func parseLimit(row []string) (l limit, err error) {
	if len(row) != 7 {
		return l, fmt.Errorf("%d columns, want 7", len(row))
	}
	l.provider, l.operation = row[0], row[1]
	least, err := strconv.ParseInt(row[2], 10, 64)
	if err != nil {
		return l, err
	}
	most, err := strconv.ParseInt(row[3], 10, 64)
	if err != nil {
		return l, err
	}
	if l.least, l.most = market.VND(least), market.VND(most); least < 0 || most < least || l.operation != limitPay && l.operation != limitRefund {
		return l, fmt.Errorf("%d to %d of %s", least, most, l.operation)
	}
	if l.from, err = time.ParseInLocation(time.DateOnly, row[4], market.HueZone); err != nil || row[5] == "" {
		return l, err
	}
	last, err := time.ParseInLocation(time.DateOnly, row[5], market.HueZone)
	l.to = last.AddDate(0, 0, 1)
	return l, err
}

// check says whether the provider moves that amount at once at that time; a
// later row goes before an earlier.
func (all limits) check(provider, operation string, amount market.VND, at time.Time) error {
	for i := len(all) - 1; i >= 0; i-- {
		l := all[i]
		if l.provider != provider || l.operation != operation || at.Before(l.from) || !l.to.IsZero() && !at.Before(l.to) {
			continue
		}
		if amount < l.least || amount > l.most {
			return market.Invalid("payments.limit_"+operation, "method").With("least", l.least).With("most", l.most)
		}
		return nil
	}
	return nil
}

// Accepts says whether an amount may be paid by a method: an invalid error
// names the limits of the provider. For pages that show methods, before an
// order is placed.
func (s *Service) Accepts(method string, amount market.VND) error {
	return s.limits.check(method, limitPay, amount, s.env.Now())
}
