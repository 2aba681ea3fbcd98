package catalog

import (
	"context"
	"strconv"
	"time"

	"chohue/market"
	"chohue/store"
)

// The events of harvests. The subject of each is the harvest's id.
const (
	EventHarvestOpened    = "catalog.harvest_opened"
	EventHarvestReserved  = "catalog.harvest_reserved" // a reservation was made, became firm or was given back
	EventHarvestChanged   = "catalog.harvest_changed"  // the declared yield
	EventHarvestClosed    = "catalog.harvest_closed"
	EventHarvestAllocated = "catalog.harvest_allocated"
	EventHarvestCancelled = "catalog.harvest_cancelled"
)

// HarvestChanged is the payload of the events of harvests.
type HarvestChanged struct {
	Harvest market.ID `json:"harvest"`
	Product market.ID `json:"product"`
	Order   market.ID `json:"order,omitempty"` // of EventHarvestReserved
	Version int64     `json:"version"`         // the harvest's revision after the change
}

var harvestSpec = store.Spec{
	Name:    "harvests",
	Indexes: []store.Index{{Name: "of_product", Fields: []string{"product", "from"}}},
}

// harvestRule is what may be promised of a crop and asked for it in a period.
type harvestRule struct {
	from, to    time.Time
	capPermille int64
	least, most market.Rate // of the deposit
}

func parseHarvestRule(row map[string]string) (harvestRule, error) {
	var r harvestRule
	var err error
	for column, into := range map[string]*int64{"cap_permille": &r.capPermille, "deposit_least": (*int64)(&r.least), "deposit_most": (*int64)(&r.most)} {
		if *into, err = strconv.ParseInt(row[column], 10, 64); err != nil {
			return r, err
		}
	}
	r.from, r.to, err = parsePeriod(row)
	return r, err
}

func (s Sets) harvestRule(at time.Time) (harvestRule, bool) {
	for _, r := range s.sold.harvests {
		if inForce(r.from, r.to, at) {
			return r, true
		}
	}
	return harvestRule{}, false
}

// HarvestDraft is what a seller says of a crop to come.
type HarvestDraft struct {
	ID      market.ID // made by the client, optional: the same id again is the same harvest
	Product market.ID
	Variant market.ID
	From    time.Time // the harvest is expected in [From, To)
	To      time.Time
	Closes  time.Time   // no reservations from then on; at the latest From
	Yield   int64       // in sold units
	Deposit market.Rate // of the price
}

// maxWindow is the longest time in which a harvest may be expected, and how far
// ahead: beyond a year nobody knows a crop.
const maxWindow = 366 * 24 * time.Hour

// DeclareHarvest opens a crop of a product in the shop for reservation. How
// much may be promised is frozen by the rule of today. A draft sent again under
// its id gives the harvest that is there.
func (s *Service) DeclareHarvest(ctx context.Context, by market.Actor, d HarvestDraft) (*Harvest, error) {
	p, err := s.owned(ctx, by, d.Product)
	if err != nil {
		return nil, err
	}
	if _, has := p.Variant(d.Variant); !has || p.Status != StatusPublished {
		return nil, market.Conflict("harvest.not_in_shop")
	}
	now := s.env.Now()
	rule, known := s.sets.harvestRule(now)
	if !known {
		return nil, market.Unavailable("harvest.no_rule")
	}
	if err := d.check(rule, now); err != nil {
		return nil, err
	}
	if d.ID == "" {
		d.ID = s.env.NewID()
	}
	h := &Harvest{
		Doc: store.Doc{ID: d.ID}, Product: p.ID, Variant: d.Variant, Seller: p.Seller, From: d.From, To: d.To, Closes: d.Closes,
		Yield: d.Yield, CapPermille: rule.capPermille, Deposit: d.Deposit, State: HarvestOpen, CreatedAt: now,
	}
	return s.insertHarvest(ctx, h)
}

func (s *Service) insertHarvest(ctx context.Context, h *Harvest) (*Harvest, error) {
	h.notice(HarvestNotice{Kind: EventHarvestOpened, At: h.CreatedAt, Now: h.Yield})
	err := s.harvests.Insert(ctx, h, market.NewEvent(s.env, EventHarvestOpened, h.ID, HarvestChanged{Harvest: h.ID, Product: h.Product, Version: 1}))
	if !store.Exists(err) {
		return h, err
	}
	there, err := s.harvests.Get(ctx, h.ID)
	if err != nil {
		return nil, err
	}
	if there.Product != h.Product {
		return nil, market.Conflict("harvest.taken").At("id")
	}
	return there, nil
}

func (d HarvestDraft) check(rule harvestRule, now time.Time) error {
	var c market.Checks
	checkID(&c, "id", d.ID)
	c.That(d.From.Before(d.To) && d.To.Sub(now) <= maxWindow, "to", "harvest.window")
	c.That(now.Before(d.Closes) && !d.Closes.After(d.From), "closes", "harvest.closes")
	c.That(d.Yield > 0 && d.Yield <= maxQuantity, "yield", "harvest.yield")
	if d.Deposit < rule.least || d.Deposit > rule.most {
		c.Add("deposit", market.Invalid("harvest.deposit", "deposit").With("least", int64(rule.least)/100).With("most", int64(rule.most)/100))
	}
	return c.Err()
}
