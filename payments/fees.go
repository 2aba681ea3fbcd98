package payments

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"chohue/market"
)

//go:embed fees.csv
var feeFile string

// FeeSchedule is the platform's commission by date and kind of seller. Orders
// freeze what they find at the sale; nothing is ever computed again from later
// rates.
type FeeSchedule []FeeRule

// FeeRule is one row: from a day, to the end of another (zero for open), for
// one kind of seller or "*" for all.
type FeeRule struct {
	From, To   time.Time // the first instant, and the first beyond, in UTC
	SellerKind string
	Rate       market.Rate
	Basis      string // the policy or law it rests on
}

// LoadFees reads the schedule that was built in.
func LoadFees() (FeeSchedule, error) { return ParseFees(feeFile) }

// ParseFees reads a schedule: valid_from, valid_to, seller_kind, rate_bp,
// basis, days counted in Huế.
func ParseFees(text string) (FeeSchedule, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("fees: %w", err)
	}
	var all FeeSchedule
	for _, row := range rows[min(1, len(rows)):] {
		rule, err := parseFee(row)
		if err != nil {
			return nil, fmt.Errorf("fees: row %q: %w", row, err)
		}
		all = append(all, rule)
	}
	return all, nil
}

func parseFee(row []string) (FeeRule, error) {
	if len(row) != 5 {
		return FeeRule{}, fmt.Errorf("%d columns, want 5", len(row))
	}
	from, err := time.ParseInLocation(time.DateOnly, row[0], market.HueZone)
	if err != nil {
		return FeeRule{}, err
	}
	var to time.Time
	if row[1] != "" {
		last, err := time.ParseInLocation(time.DateOnly, row[1], market.HueZone)
		if err != nil {
			return FeeRule{}, err
		}
		to = last.AddDate(0, 0, 1).UTC()
	}
	rate, err := strconv.ParseInt(row[3], 10, 64)
	if err != nil || rate < 0 || rate > 10000 {
		return FeeRule{}, fmt.Errorf("rate %q", row[3])
	}
	return FeeRule{from.UTC(), to, row[2], market.Rate(rate), row[4]}, nil
}

// Rate returns the commission at that time for that kind of seller. A row for
// the kind goes before one for all, a later row before an earlier. Without a
// published row nothing is charged.
func (f FeeSchedule) Rate(at time.Time, sellerKind string) market.Rate {
	rate, exact := market.Rate(0), false
	for _, rule := range f {
		if at.Before(rule.From) || (!rule.To.IsZero() && !at.Before(rule.To)) {
			continue
		}
		switch {
		case rule.SellerKind == sellerKind:
			rate, exact = rule.Rate, true
		case rule.SellerKind == "*" && !exact:
			rate = rule.Rate
		}
	}
	return rate
}
