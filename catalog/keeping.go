package catalog

import (
	"slices"
	"time"

	"chohue/market"
)

// Keeping is what goods bear: how they are kept, how long and how cold they
// travel, when they are sent. Zero fields say nothing.
type Keeping struct {
	Storage  market.Text `bson:"storage"`
	MaxHours int         `bson:"max_hours,omitempty"` // longest way to the buyer; 0 for any
	Cold     Cold        `bson:"cold"`
	Packing  string      `bson:"packing,omitempty"` // code of a Packing
	ShipDays Days        `bson:"ship_days,omitempty"`
	Season   Months      `bson:"season,omitempty"`
	Alcohol  int         `bson:"alcohol,omitempty"` // tenths of a percent by volume
}

// Cold is the range of temperatures, in °C with both ends, that goods must
// travel in.
type Cold struct {
	Said bool `bson:"said,omitempty"`
	Min  int  `bson:"min,omitempty"`
	Max  int  `bson:"max,omitempty"`
}

// Days is a set of weekdays: bit n for time.Weekday n.
type Days uint8

// EveryDay is all of them.
const EveryDay Days = 1<<7 - 1

// DaysOf makes a set.
func DaysOf(days ...time.Weekday) Days {
	var d Days
	for _, day := range days {
		d |= 1 << day
	}
	return d
}

// Has reports whether the day is in the set. The empty set is every day:
// nobody has said otherwise.
func (d Days) Has(day time.Weekday) bool { return d == 0 || d&(1<<day) != 0 }

// Months is a set of months: bit n for time.Month n.
type Months uint16

// MonthsOf makes a set.
func MonthsOf(months ...int) Months {
	var m Months
	for _, month := range months {
		if month >= 1 && month <= 12 {
			m |= 1 << month
		}
	}
	return m
}

// Has reports whether the month is in the set; the empty set is the whole year.
func (m Months) Has(month time.Month) bool { return m == 0 || m&(1<<month) != 0 }

// What a keeping may say.
const (
	allMonths  Months = 1<<13 - 2
	maxStorage        = 200
	maxTransit        = 720 // hours: a month
	coldest           = -60 // °C
	hottest           = 60
	maxAlcohol        = 1000
)

// Packing is a way to pack.
type Packing struct {
	Code string
	Name market.Text

	from, to time.Time
}

// Packings lists the ways to pack that are offered at a moment.
func (s Sets) Packings(at time.Time) []Packing {
	return slices.DeleteFunc(slices.Clone(s.sold.packings), func(p Packing) bool { return !inForce(p.from, p.to, at) })
}

// Packing finds a way to pack by its code, whether or not it is still offered.
func (s Sets) Packing(code string) (Packing, bool) {
	i := slices.IndexFunc(s.sold.packings, func(p Packing) bool { return p.Code == code })
	if i < 0 {
		return Packing{}, false
	}
	return s.sold.packings[i], true
}

func parsePacking(row map[string]string) (Packing, error) {
	from, to, err := parsePeriod(row)
	return Packing{row["code"], market.Text{VI: row["vi"], EN: row["en"]}, from, to}, err
}

// cleanKeeping returns the keeping as it is kept.
func (s *Service) cleanKeeping(c *market.Checks, k Keeping, alcoholic bool) Keeping {
	k.Storage = lineIn(c, "storage", k.Storage, maxStorage)
	c.That(k.MaxHours >= 0 && k.MaxHours <= maxTransit, "max_transit_hours", "product.transit_hours")
	c.That(k.ShipDays <= EveryDay, "ship_days", "product.ship_days")
	c.That(k.Season&^allMonths == 0, "season", "product.season")
	c.That(k.Alcohol >= 0 && k.Alcohol <= maxAlcohol, "alcohol", "product.alcohol")
	c.That(k.Alcohol == 0 || alcoholic, "alcohol", "product.alcohol_set")
	_, known := s.sets.Packing(k.Packing)
	c.That(k.Packing == "" || known, "packing", "product.packing")
	if !k.Cold.Said {
		k.Cold = Cold{}
	}
	c.That(k.Cold.Min >= coldest && k.Cold.Max <= hottest && k.Cold.Min <= k.Cold.Max, "temperature", "product.temperature")
	return k
}
