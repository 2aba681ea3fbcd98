package orders

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"time"

	"chohue/catalog"
	"chohue/market"
)

//go:embed leadtimes.csv
var leadsFile string

// Lead is how long a parcel is on its way in one zone during a period.
type Lead struct {
	Dated
	Hours  int // from the seller's door to the buyer's, at most
	Cutoff int // hour of the day in Huế from which an order is sent the next day
}

// Leads are all lead times by date.
type Leads []Lead

// LoadLeads reads the embedded lead times.
func LoadLeads() (Leads, error) { return readDated("leadtimes.csv", leadsFile, parseLead) }

func parseLead(row []string) (l Lead, err error) {
	if l.Dated, err = parseDated(row); err != nil {
		return l, err
	}
	if l.Hours, err = strconv.Atoi(row[4]); err != nil {
		return l, err
	}
	l.Cutoff, err = strconv.Atoi(row[5])
	return l, err
}

// At returns the lead time in force for the zone.
func (l Leads) At(at time.Time, zone Zone) (Lead, error) {
	i := slices.IndexFunc(l, func(c Lead) bool { return c.inForce(at, zone) })
	if i < 0 {
		return Lead{}, fmt.Errorf("no lead time for %s at %s", zone, at)
	}
	return l[i], nil
}

// ShipBy is the day, at its end in Huế, by which goods ordered at a moment are
// handed over: the first on which all that is in the parcel is sent. Goods that
// have no day in common wait for the last of their first days.
func (l Lead) ShipBy(at time.Time, days ...catalog.Days) time.Time {
	common := catalog.EveryDay
	for _, d := range days {
		if d != 0 {
			common &= d
		}
	}
	if common != 0 {
		return l.first(at, common)
	}
	var latest time.Time
	for _, d := range days {
		if day := l.first(at, d); day.After(latest) {
			latest = day
		}
	}
	return latest
}

// first is the end of the first day in the set, from today until the cutoff and
// from tomorrow after it.
func (l Lead) first(at time.Time, days catalog.Days) time.Time {
	at = at.In(market.HueZone)
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, market.HueZone)
	if at.Hour() >= l.Cutoff {
		day = day.AddDate(0, 0, 1)
	}
	for !days.Has(day.Weekday()) {
		day = day.AddDate(0, 0, 1)
	}
	return day.AddDate(0, 0, 1).Add(-time.Second).UTC()
}
