package main

import (
	"context"
	"fmt"
	"time"

	"chohue/catalog"
)

// demoLots are how many products of the demonstration are traced by lot.
const demoLots = 8

// keeps is the shelf life in days from which goods were lotted before the
// demonstration's trade; what spoils sooner is fresh.
const keeps = 150

// oldLots names lots of what keeps, before the trade, so that what is sold
// knows its lot.
func (s *seeder) oldLots(ctx context.Context) error {
	return s.lots(ctx, "lot", catalog.MadeProduction, func(d demoProduct) bool { return d.ShelfLife == 0 || d.ShelfLife >= keeps })
}

// freshLots names lots of what was harvested yesterday.
func (s *seeder) freshLots(ctx context.Context) error {
	return s.lots(ctx, "fresh lot", catalog.MadeHarvest, func(d demoProduct) bool { return d.ShelfLife > 0 && d.ShelfLife < keeps })
}

func (s *seeder) lots(ctx context.Context, name, made string, wanted func(demoProduct) bool) error {
	n := 0
	for i, d := range s.texts.products {
		if n >= demoLots || len(d.Variants) == 0 || !wanted(d) {
			continue
		}
		n++
		if err := s.lot(ctx, d, i, name, made); err != nil {
			return fmt.Errorf("%s of %s: %w", name, d.Slug, err)
		}
	}
	return s.house.relay.Drain(ctx)
}

func (s *seeder) lot(ctx context.Context, d demoProduct, i int, name, made string) error {
	maker, err := s.maker(ctx, d.Seller)
	if err != nil {
		return err
	}
	product, variant := fixedID("product "+d.Slug), fixedID(fmt.Sprintf("variant %s %d", d.Slug, 0))
	if _, err := s.house.catalog.SetGTIN(ctx, maker, product, variant, demoGTIN(i)); err != nil {
		return err
	}
	stocks, err := s.house.catalog.Stocks(ctx, variant)
	if err != nil {
		return err
	}
	left := stocks[variant].Unnamed().Available
	if left == 0 {
		return nil
	}
	id := fixedID(name + " " + d.Slug)
	l, err := s.house.catalog.MakeLot(ctx, maker, catalog.LotDraft{
		ID: id, Product: product, Variant: variant, Quantity: (left + 1) / 2, Counted: true, Made: made, MadeAt: s.clock.Add(-24 * time.Hour),
		Place:  catalog.LotPlace{Area: "Vùng làm ra (minh hoạ)"},
		Inputs: []catalog.Input{{Kind: "material", Name: "Nguyên liệu tại chỗ (minh hoạ)", Amount: "theo mẻ"}},
	})
	if err != nil {
		return err
	}
	_, err = s.house.catalog.AddTest(ctx, maker, l.ID, catalog.TestDraft{Test: catalog.Test{
		ID: "demo-test", Name: "Cảm quan (minh hoạ)", Lab: "Phòng thử nghiệm minh hoạ", Result: "Đạt", Passed: true, At: s.clock.Add(-time.Hour),
	}})
	return err
}

// demoGTIN makes a number under 952, which GS1 keeps for demonstrations.
func demoGTIN(i int) string {
	body := fmt.Sprintf("0952123490%03d", i)
	return body + string(catalog.CheckDigit(body))
}
