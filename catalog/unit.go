package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"chohue/market"
)

// Unit is a word that people sell by. A variant keeps the Vietnamese word; the
// code is for programs. What no unit is named for may be sold by any word.
type Unit struct {
	Code  string      // "chuc"
	Name  market.Text // "chục"; the Vietnamese is what Variant.Unit holds
	Base  market.Base // what one unit is measured in; empty when either
	Usual int64       // what one unit holds when nobody says otherwise; 0 when it must be said
	Least int64       // grams or pieces in one unit; 0 for no bound
	Most  int64

	from, to time.Time
}

// Units lists the units in use at a moment, the commonest first.
func (s Sets) Units(at time.Time) []Unit {
	return slices.DeleteFunc(slices.Clone(s.sold.units), func(u Unit) bool { return !inForce(u.from, u.to, at) })
}

// Unit finds a unit by its word or its code. Units that are no longer offered
// are found too, because old orders are still read.
func (s Sets) Unit(word string) (Unit, bool) {
	for _, u := range s.sold.units {
		if u.Code == word || strings.EqualFold(u.Name.VI, word) {
			return u, true
		}
	}
	return Unit{}, false
}

// holds reports whether one unit may hold that much.
func (u Unit) holds(size market.Size) bool {
	if u.Base != "" && size.Base != u.Base {
		return false
	}
	return (u.Least == 0 || size.Amount >= u.Least) && (u.Most == 0 || size.Amount <= u.Most)
}

// sold is the data about how goods are sold and sent.
type sold struct {
	units     []Unit
	packings  []Packing
	weighings []weighing
	licences  []licence
	harvests  []HarvestRule
}

func loadSold() (sold, error) {
	var s sold
	var err error
	if s.units, err = readRows("taxonomy/units.csv", parseUnit); err != nil {
		return s, err
	}
	if s.packings, err = readRows("taxonomy/packings.csv", parsePacking); err != nil {
		return s, err
	}
	if s.weighings, err = readRows("taxonomy/weighing.csv", parseWeighing); err != nil {
		return s, err
	}
	if s.licences, err = readRows("taxonomy/licences.csv", parseLicence); err != nil {
		return s, err
	}
	s.harvests, err = readRows("taxonomy/harvests.csv", parseHarvestRule)
	return s, err
}

// readRows reads an embedded table into what its rows mean.
func readRows[T any](name string, parse func(map[string]string) (T, error)) ([]T, error) {
	rows, err := readTable(name)
	if err != nil {
		return nil, err
	}
	out := make([]T, len(rows))
	for i, row := range rows {
		if out[i], err = parse(row); err != nil {
			return nil, fmt.Errorf("%s, row %d: %w", name, i+2, err)
		}
	}
	return out, nil
}

func parseUnit(row map[string]string) (Unit, error) {
	u := Unit{Code: row["code"], Name: market.Text{VI: row["vi"], EN: row["en"]}, Base: market.Base(row["base"])}
	for column, into := range map[string]*int64{"usual": &u.Usual, "least": &u.Least, "most": &u.Most} {
		if row[column] == "" {
			continue
		}
		n, err := strconv.ParseInt(row[column], 10, 64)
		if err != nil {
			return u, err
		}
		*into = n
	}
	var err error
	u.from, u.to, err = parsePeriod(row)
	return u, err
}

// parsePeriod reads valid_from and valid_to; an empty valid_to is zero.
func parsePeriod(row map[string]string) (from, to time.Time, err error) {
	if from, err = parseDay(row["valid_from"]); err != nil || row["valid_to"] == "" {
		return from, to, err
	}
	to, err = parseDay(row["valid_to"])
	return from, to, err
}
