package orders

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"time"

	"chohue/market"
)

//go:embed rates.csv
var ratesFile string

// Zone says how far a parcel goes.
type Zone string

// The zones that delivery is priced by.
const (
	ZoneSameProvince Zone = "same_province"
	ZoneCountry      Zone = "country"
)

// Rate is what delivery of one parcel costs in one zone during a period.
type Rate struct {
	Dated
	FirstGrams int64
	First      market.VND
	StepGrams  int64
	Step       market.VND
	FreeFrom   market.VND // goods of one parcel from which delivery is free; 0 never
	PieceGrams int64      // weight assumed for one piece of goods not sold by weight
}

// Rates are all delivery prices by date.
type Rates []Rate

// LoadRates reads the embedded price list.
func LoadRates() (Rates, error) { return readDated("rates.csv", ratesFile, parseRate) }

func parseRate(row []string) (Rate, error) {
	var numbers [6]int64
	for i := range numbers {
		n, err := strconv.ParseInt(row[4+i], 10, 64)
		if err != nil {
			return Rate{}, err
		}
		numbers[i] = n
	}
	dated, err := parseDated(row)
	return Rate{
		Dated: dated, FirstGrams: numbers[0], First: market.VND(numbers[1]),
		StepGrams: numbers[2], Step: market.VND(numbers[3]), FreeFrom: market.VND(numbers[4]), PieceGrams: numbers[5],
	}, err
}

// At returns the rate in force for the zone.
func (r Rates) At(at time.Time, zone Zone) (Rate, error) {
	i := slices.IndexFunc(r, func(c Rate) bool { return c.inForce(at, zone) })
	if i < 0 {
		return Rate{}, fmt.Errorf("no delivery rate for %s at %s", zone, at)
	}
	return r[i], nil
}

// Price returns the delivery price of a parcel with these lines.
func (r Rate) Price(lines []Line) market.VND {
	var goods market.VND
	var grams int64
	for _, l := range lines {
		goods += l.Amount + l.Discount // a voucher does not cost the buyer free delivery
		grams += r.weight(l)
	}
	if r.FreeFrom > 0 && goods >= r.FreeFrom {
		return 0
	}
	over := max(grams-r.FirstGrams, 0)
	return r.First + market.VND((over+r.StepGrams-1)/r.StepGrams)*r.Step
}

func (r Rate) weight(l Line) int64 {
	switch {
	case l.Size.Base == market.Grams:
		return l.BaseAmount()
	case l.Band.Known():
		return l.Band.Mid() * l.Size.Amount * l.Quantity
	}
	return l.Size.Amount * l.Quantity * r.PieceGrams
}

func zone(from, to string) Zone {
	if from == to {
		return ZoneSameProvince
	}
	return ZoneCountry
}
