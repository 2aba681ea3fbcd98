package api

import (
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
)

// Terms are how a variant is sold beyond its price.
type Terms struct {
	Band  *Band `json:"band,omitempty" doc:"Weight of one piece, when it varies"`
	Catch bool  `json:"catch,omitempty" doc:"Weighed when packed: what is lacking is paid back, what is too much is not charged"`
	Min   int64 `json:"min,omitempty" minimum:"0" maximum:"10000" doc:"Least quantity of an order; 1 when left out"`
	Step  int64 `json:"step,omitempty" minimum:"0" maximum:"10000" doc:"Quantities beyond the least grow by so many; 1 when left out"`
}

// Band is what a piece may weigh.
type Band struct {
	Min int64 `json:"min" minimum:"1" maximum:"10000000" doc:"Grams"`
	Max int64 `json:"max" minimum:"1" maximum:"10000000" doc:"Grams"`
}

func terms(t catalog.Terms) Terms {
	out := Terms{Catch: t.Catch, Min: t.Min, Step: t.Step}
	if t.Band.Known() {
		out.Band = &Band{t.Band.Min, t.Band.Max}
	}
	return out
}

func (t Terms) plain() catalog.Terms {
	out := catalog.Terms{Catch: t.Catch, Min: t.Min, Step: t.Step}
	if t.Band != nil {
		out.Band = catalog.Band{Min: t.Band.Min, Max: t.Band.Max}
	}
	return out
}

// Keeping is what goods bear on their way and when they are sent.
type Keeping struct {
	Storage     *ListingWords `json:"storage,omitempty" doc:"How to keep it"`
	MaxHours    int           `json:"max_transit_hours,omitempty" minimum:"0" maximum:"720" doc:"Longest way to the buyer; where delivery takes longer it is not sold"`
	Temperature *Temperature  `json:"temperature,omitempty"`
	Packing     string        `json:"packing,omitempty" maxLength:"20" example:"foam"`
	ShipDays    []int         `json:"ship_days,omitempty" nullable:"false" maxItems:"7" doc:"Weekdays on which the seller sends, 0 is Sunday; every day when left out"`
	Season      []int         `json:"season_months,omitempty" nullable:"false" maxItems:"12" doc:"Months 1 to 12; the whole year when left out"`
	Alcohol     int           `json:"alcohol_permille,omitempty" minimum:"0" maximum:"1000" doc:"Alcohol by volume in tenths of a percent"`
}

// Temperature is a range in °C, ends included.
type Temperature struct {
	Min int `json:"min" minimum:"-60" maximum:"60"`
	Max int `json:"max" minimum:"-60" maximum:"60"`
}

func keeping(k catalog.Keeping) *Keeping {
	if k == (catalog.Keeping{}) {
		return nil
	}
	out := &Keeping{MaxHours: k.MaxHours, Packing: k.Packing, Alcohol: k.Alcohol}
	if k.Storage != (market.Text{}) {
		out.Storage = &ListingWords{k.Storage.VI, k.Storage.EN}
	}
	if k.Cold.Said {
		out.Temperature = &Temperature{k.Cold.Min, k.Cold.Max}
	}
	for day := time.Sunday; k.ShipDays != 0 && day <= time.Saturday; day++ {
		if k.ShipDays.Has(day) {
			out.ShipDays = append(out.ShipDays, int(day))
		}
	}
	for month := time.January; k.Season != 0 && month <= time.December; month++ {
		if k.Season.Has(month) {
			out.Season = append(out.Season, int(month))
		}
	}
	return out
}

func (k Keeping) plain() catalog.Keeping {
	out := catalog.Keeping{MaxHours: k.MaxHours, Packing: k.Packing, Alcohol: k.Alcohol, Season: catalog.MonthsOf(k.Season...)}
	if k.Storage != nil {
		out.Storage = k.Storage.plain()
	}
	if k.Temperature != nil {
		out.Cold = catalog.Cold{Said: true, Min: k.Temperature.Min, Max: k.Temperature.Max}
	}
	for _, day := range k.ShipDays {
		if day >= int(time.Sunday) && day <= int(time.Saturday) {
			out.ShipDays |= catalog.DaysOf(time.Weekday(day))
		}
	}
	return out
}

// Weight is the weight of a line that is weighed when packed.
type Weight struct {
	Stated int64 `json:"stated" doc:"Grams that the buyer agreed to pay for"`
	Least  int64 `json:"least" doc:"Grams; less is not sent"`
	Real   int64 `json:"real,omitempty" doc:"Grams; missing until packed"`
	Agreed Money `json:"agreed" doc:"What the line cost before it was weighed"`
}

func weight(w *orders.Weight) *Weight {
	if w == nil {
		return nil
	}
	return &Weight{Stated: w.Stated, Least: w.Least(), Real: w.Real, Agreed: money(w.Agreed)}
}

// spoken makes the names and values of a sentence out of an error's.
func spoken(args market.Args) []any {
	out := make([]any, 0, 2*len(args))
	for name, value := range args {
		out = append(out, name, value)
	}
	return out
}
