package main

import (
	"context"
	"fmt"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
)

// demoHarvest opens the next thanh trà season for reservations, and lets the
// demonstration's buyer reserve of it.
func (s *seeder) demoHarvest(ctx context.Context) error {
	const slug = "thanh-tra-thuy-bieu"
	maker, err := s.maker(ctx, "htx-thuy-bieu")
	if err != nil {
		return err
	}
	from, to := thanhTraSeason(*s.clock)
	h, err := s.house.catalog.DeclareHarvest(ctx, maker, catalog.HarvestDraft{
		ID: fixedID("harvest " + slug), Product: fixedID("product " + slug), Variant: fixedID(fmt.Sprintf("variant %s %d", slug, 0)),
		From: from, To: to, Closes: from.AddDate(0, 0, -14), Yield: 2000, Deposit: 2000,
	})
	if err != nil {
		return err
	}
	for _, d := range s.texts.people {
		if d.Key != "buyer" || len(d.Addresses) == 0 {
			continue
		}
		if err := s.demoPreorder(ctx, d, h.ID); err != nil {
			return err
		}
	}
	return s.house.relay.Drain(ctx)
}

func (s *seeder) demoPreorder(ctx context.Context, d demoPerson, harvest market.ID) error {
	person, err := s.house.accounts.ByPhone(ctx, s.staff, d.Phone)
	if err != nil {
		return err
	}
	p, _, err := s.house.orders.Reserve(ctx, market.Actor{Person: person.ID, Name: person.Name, Roles: person.Roles}, orders.Reserving{
		ID: fixedID("preorder " + d.Key), Harvest: harvest, Quantity: 10, Method: "sandbox", Address: d.address(), BaseURL: s.house.config.URL,
	})
	if err != nil {
		return err
	}
	return s.house.payInWallet(ctx, p.DepositID())
}

// thanhTraSeason is the next season that can still be reserved, July to
// September; within a season it is a late crop a month ahead.
func thanhTraSeason(now time.Time) (from, to time.Time) {
	now = now.In(market.HueZone)
	from = time.Date(now.Year(), time.July, 1, 0, 0, 0, 0, market.HueZone)
	if now.AddDate(0, 1, 0).After(from) {
		from = from.AddDate(1, 0, 0)
	}
	if to = from.AddDate(0, 3, 0); to.Sub(now) > 360*24*time.Hour {
		from = time.Date(now.Year(), now.Month(), now.Day()+30, 0, 0, 0, 0, market.HueZone)
		to = from.AddDate(0, 1, 0)
	}
	return from.UTC(), to.UTC()
}
