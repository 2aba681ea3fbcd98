package orders

import (
	"encoding/csv"
	"fmt"
	"strings"
	"sync"
	"time"

	"chohue/market"
)

// Dated is what every row of the room's dated data begins with: its version,
// the period in which it holds, and the zone it is for.
type Dated struct {
	Version  string
	From, To time.Time // [From, To), Huế time; zero To is open
	Zone     Zone
}

func (d Dated) inForce(at time.Time, zone Zone) bool {
	return d.Zone == zone && !at.Before(d.From) && (d.To.IsZero() || at.Before(d.To))
}

func parseDated(row []string) (Dated, error) {
	d := Dated{Version: row[0], Zone: Zone(row[3])}
	var err error
	if d.From, err = time.ParseInLocation(time.DateOnly, row[1], market.HueZone); err != nil || row[2] == "" {
		return d, err
	}
	d.To, err = time.ParseInLocation(time.DateOnly, row[2], market.HueZone)
	return d, err
}

// datedRows keeps what was read of embedded files, by file and text: they are part
// of the program, and nothing changes what was read.
var datedRows sync.Map

// readDated returns the rows of an embedded file below its heading.
func readDated[T any](file, text string, parse func([]string) (T, error)) ([]T, error) {
	key := [2]string{file, text}
	if known, ok := datedRows.Load(key); ok {
		if rows, ok := known.([]T); ok {
			return rows, nil
		}
	}
	rows, err := parseDatedRows(file, text, parse)
	if err == nil {
		datedRows.Store(key, rows)
	}
	return rows, err
}

func parseDatedRows[T any](file, text string, parse func([]string) (T, error)) ([]T, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var out []T
	for _, row := range rows[1:] {
		parsed, err := parse(row)
		if err != nil {
			return nil, fmt.Errorf("%s %q: %w", file, row[0], err)
		}
		out = append(out, parsed)
	}
	return out, nil
}
