package catalog

import (
	"context"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// asideBeyond is how much longer than their balance may be paid shares are set
// aside: longer than the slowest payment that was begun at the last moment.
const asideBeyond = 26 * time.Hour

// PreviewHarvest shows what sharing out an amount would give each buyer, and
// changes nothing.
func (s *Service) PreviewHarvest(ctx context.Context, by market.Actor, id market.ID, actual int64) (*Harvest, error) {
	h, err := s.harvests.Get(ctx, id)
	if err != nil {
		return nil, missingHarvest(err)
	}
	if !by.For(h.Seller) {
		return nil, errHarvestMissing
	}
	shared := *h
	shared.Reservations, shared.Notices = slices.Clone(h.Reservations), slices.Clone(h.Notices)
	return &shared, shared.Allocate(actual, s.env.Now())
}

// AllocateHarvest shares out what was brought in, makes a lot of it and sets the
// shares aside. See Harvest.Allocate.
func (s *Service) AllocateHarvest(ctx context.Context, by market.Actor, id market.ID, actual int64) (*Harvest, error) {
	h, err := s.changeHarvest(ctx, by, id, func(h *Harvest) error { return h.Allocate(actual, s.env.Now()) })
	if err != nil {
		return nil, err
	}
	if err := s.ShelveHarvest(ctx, id); err != nil {
		return nil, err
	}
	return s.harvests.Get(ctx, h.ID)
}

// ShelveHarvest makes a lot of what was brought in, under the harvest's id, and
// sets each buyer's share aside in the same write in which the lot comes into
// the stock: nobody can buy it in between. It may be called again at any time;
// a harvest that is not shared out yet, or is shelved, is left as it is.
func (s *Service) ShelveHarvest(ctx context.Context, id market.ID) error {
	h, err := s.harvests.Get(ctx, id)
	if err != nil {
		return missingHarvest(err)
	}
	if h.State != HarvestAllocated || h.Shelved {
		return nil
	}
	if h.Actual > 0 {
		if err := s.shelveHarvest(ctx, h); err != nil {
			return err
		}
	}
	_, err = s.harvests.Update(ctx, id, func(h *Harvest) ([]market.Event, error) {
		h.Shelved = true
		return nil, nil
	})
	return err
}

// shelveHarvest brings the lot into the stock before it is written down, so
// that whoever hears of a new lot finds it on the shelf.
func (s *Service) shelveHarvest(ctx context.Context, h *Harvest) error {
	l, err := s.harvestLot(ctx, h)
	if err != nil {
		return err
	}
	if err := s.claimCode(ctx, l); err != nil {
		return err
	}
	lot := LotStock{Lot: l.ID, Code: l.Code, BestBefore: l.BestBefore}
	err = s.changeStock(ctx, l.Variant, func(k *Stock) error { return k.SetAside(lot, h.Actual, h.aside(), s.env.Now()) })
	if err != nil {
		return err
	}
	if err := s.lots.Insert(ctx, l, s.lotNews(EventLotMade, l)); !store.Exists(err) {
		return err
	}
	return nil
}

func (s *Service) harvestLot(ctx context.Context, h *Harvest) (*Lot, error) {
	p, err := s.products.Get(ctx, h.Product)
	if err != nil {
		return nil, missing(err)
	}
	return s.composeLot(market.System, p, LotDraft{
		ID: h.ID, Product: h.Product, Variant: h.Variant, Quantity: h.Actual, Made: MadeHarvest, MadeAt: *h.AllocatedAt,
	})
}

// aside is what each buyer's share becomes in the stock.
func (h *Harvest) aside() []Hold {
	until := h.BalanceDue().Add(asideBeyond)
	var all []Hold
	for _, r := range h.Reservations {
		if r.State == ReservationAllocated && r.Allocated > 0 {
			all = append(all, Hold{Order: r.Order, Quantity: r.Allocated, Until: until})
		}
	}
	return all
}

// SetAside brings in a new lot of which parts are held already. A lot that is
// there changes nothing.
func (s *Stock) SetAside(l LotStock, qty int64, holds []Hold, now time.Time) error {
	if s.lot(l.Lot) != nil {
		return nil
	}
	if err := s.ReceiveLot(l, qty, false, now); err != nil {
		return err
	}
	for _, h := range holds {
		if free := s.lot(l.Lot).Available; h.Quantity > free {
			return short(free)
		}
		s.move(l.Lot, h.Quantity, atShelf, atHeld)
		h.Lots = []Share{{Lot: l.Lot, Code: l.Code, Quantity: h.Quantity}}
		s.Holds = append(s.Holds, h)
	}
	s.wakeAt()
	return nil
}
