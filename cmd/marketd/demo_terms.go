package main

import (
	"context"
	"math"
	"time"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
	"chohue/orders"
)

// keeping is how a demonstration product is kept and carried. What is chilled
// is sent early in the week, so that nothing lies over a Sunday.
func (d demoProduct) keeping() catalog.Keeping {
	k := catalog.Keeping{
		Storage: d.Storage, MaxHours: d.MaxTransit, Season: catalog.MonthsOf(d.Season...),
		Alcohol: int(math.Round(d.Alcohol * 10)),
	}
	const wholeYear = 12
	if len(d.Season) == wholeYear {
		k.Season = 0
	}
	if d.MaxTransit > 0 {
		k.Cold, k.Packing = catalog.Cold{Said: true, Min: 2, Max: 8}, "foam"
		k.ShipDays = catalog.DaysOf(time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday)
	}
	return k
}

func (v demoVariant) size() market.Size {
	if v.Chuc > 0 {
		return market.Size{Base: market.Pieces, Amount: v.Chuc}
	}
	return market.Size{Base: v.Kind, Amount: v.Amount}
}

// scale weighs a parcel's weighed goods: mostly full, sometimes a little short.
func (t *trader) scale(p orders.Parcel) orders.Weights {
	weights := orders.Weights{}
	for _, l := range p.Lines {
		if l.Weight != nil {
			weights[l.Variant] = max(l.Weight.Least(), l.Weight.Stated*(970+t.dice.Int64N(50))/1000)
		}
	}
	return weights
}

// alcoholLicence shows a seller's licence to the moderators and lets it pass.
func (s *seeder) alcoholLicence(ctx context.Context, seller market.ID, d demoSeller) error {
	if d.Alcohol == "" {
		return nil
	}
	scan, err := illustration("scene-certificate.svg")
	if err != nil {
		return err
	}
	id, end := fixedID("alcohol licence "+d.Slug), s.clock.AddDate(5, 0, 0)
	papers := cooperatives.NewPapers(s.house.sellers, s.house.files)
	if err := papers.Show(ctx, s.staff, seller, cooperatives.Upload{ID: id, Code: "alcohol", Number: d.Alcohol, ValidTo: &end, Data: scan}); err != nil {
		return err
	}
	return s.house.sellers.Review(ctx, s.staff, seller, id, true, "")
}
