package carrierwire

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"chohue/market"
	"chohue/orders"
)

// Codes is a carrier's table of codes, as its file gives it.
type Codes map[string]orders.CarrierStatus

// ReadCodes reads a table of code,status,meaning.
func ReadCodes(text string) (Codes, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	codes := Codes{}
	for _, row := range rows[1:] {
		if _, twice := codes[row[0]]; twice {
			return nil, fmt.Errorf("code %s is there twice", row[0])
		}
		codes[row[0]] = orders.CarrierStatus(row[1])
	}
	return codes, nil
}

// Status is the common word for a code. One that is in no table, and one that
// says nothing of where the parcel is, is unknown and moves nothing.
func (c Codes) Status(code string) orders.CarrierStatus {
	if s, ok := c[code]; ok {
		return s
	}
	return orders.CarrierUnknown
}

// Phone is a number as carriers take it: 0905123456.
func Phone(e164 string) string {
	if rest, ok := strings.CutPrefix(e164, "+84"); ok {
		return "0" + rest
	}
	return e164
}

// layouts in which carriers write times; without a zone they mean Vietnam's.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "02/01/2006 15:04:05", "02-01-2006 15:04:05", "02/01/2006 15:04", "02/01/2006", time.DateOnly,
}

// Time reads a carrier's time, to the millisecond that is kept.
func Time(s string) (time.Time, error) {
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, strings.TrimSpace(s), market.HueZone); err == nil && t.Year() >= 2000 && t.Year() < 2200 {
			return t.UTC().Truncate(time.Millisecond), nil
		}
	}
	return time.Time{}, Damaged()
}

// maxAmount is more than any parcel is worth.
const maxAmount = 1_000_000_000_000

// Amount reads đồng as statements write them: 45000, 45.000, 45,000, 45.000 ₫.
func Amount(s string) (market.VND, error) {
	s = strings.NewReplacer(" ", "", "\u00a0", "", "₫", "", "đ", "", "VND", "", "VNĐ", "").Replace(strings.TrimSpace(s))
	if s == "" {
		return 0, fmt.Errorf("no amount")
	}
	if plain, ok := grouped(s); ok {
		s = plain
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > maxAmount || n < -maxAmount {
		return 0, fmt.Errorf("%q is no amount of đồng", s)
	}
	return market.VND(n), nil
}

// grouped takes out marks between groups of three digits; any other mark is
// none of ours to guess about.
func grouped(s string) (string, bool) {
	for _, mark := range []string{".", ","} {
		parts := strings.Split(s, mark)
		if len(parts) < 2 || len(strings.TrimPrefix(parts[0], "-")) > 3 || parts[0] == "" {
			continue
		}
		fine := true
		for _, p := range parts[1:] {
			fine = fine && len(p) == 3
		}
		if fine {
			return strings.Join(parts, ""), true
		}
	}
	return s, false
}

// Text is a JSON string or number, which some carriers send by turns.
type Text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*t = Text(s)
		return nil
	}
	if s := string(b); s != "null" {
		var n json.Number
		if err := json.Unmarshal(b, &n); err != nil {
			return err
		}
		*t = Text(s)
	}
	return nil
}

// Money is Text that is a whole amount of đồng; "30000.0" is one.
func (t Text) Money() (market.VND, error) {
	s, fraction, _ := strings.Cut(string(t), ".")
	if strings.Trim(fraction, "0") != "" {
		return 0, fmt.Errorf("%q is not whole đồng", string(t))
	}
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > maxAmount || n < -maxAmount {
		return 0, fmt.Errorf("%q is no amount", string(t))
	}
	return market.VND(n), nil
}
