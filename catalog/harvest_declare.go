package catalog

import (
	"cmp"
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
	EventHarvestMoved     = "catalog.harvest_moved"    // the days on which it is expected
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
	Name: "harvests",
	Indexes: []store.Index{
		{Name: "of_product", Fields: []string{"product", "from"}},
		{Name: "of_seller", Fields: []string{"seller", "created_at"}},
		{Name: "open", Fields: []string{"state", "closes"}},
	},
}

// HarvestRule is what may be promised of a crop and asked for it in a period.
type HarvestRule struct {
	from, to     time.Time
	CapPermille  int64       // of the declared yield
	Least, Most  market.Rate // of the deposit
	BalanceDays  int64       // to pay the balance once the crop is brought in
	KeptPermille int64       // of the deposit, by the seller, when the balance is not paid
}

func parseHarvestRule(row map[string]string) (HarvestRule, error) {
	var r HarvestRule
	var err error
	for column, into := range map[string]*int64{
		"cap_permille": &r.CapPermille, "deposit_least": (*int64)(&r.Least), "deposit_most": (*int64)(&r.Most),
		"balance_days": &r.BalanceDays, "kept_permille": &r.KeptPermille,
	} {
		if *into, err = strconv.ParseInt(row[column], 10, 64); err != nil {
			return r, err
		}
	}
	r.from, r.to, err = parsePeriod(row)
	return r, err
}

// HarvestRule returns the rule in force, if there is one.
func (s Sets) HarvestRule(at time.Time) (HarvestRule, bool) {
	for _, r := range s.sold.harvests {
		if inForce(r.from, r.to, at) {
			return r, true
		}
	}
	return HarvestRule{}, false
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
	Most    int64       // how many units the seller promises at most; 0 as many as the rule allows
	Price   market.VND  // of one unit; 0 for the variant's price of today
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
	v, has := p.Variant(d.Variant)
	if !has || p.Status != StatusPublished {
		return nil, market.Conflict("harvest.not_in_shop")
	}
	now := s.env.Now()
	rule, known := s.sets.HarvestRule(now)
	if !known {
		return nil, market.Unavailable("harvest.no_rule")
	}
	d.Price = cmp.Or(d.Price, v.Price)
	if err := d.check(rule, now); err != nil {
		return nil, err
	}
	if d.ID == "" {
		d.ID = s.env.NewID()
	}
	h := &Harvest{
		Doc: store.Doc{ID: d.ID}, Product: p.ID, Variant: d.Variant, Seller: p.Seller, From: d.From, To: d.To, Closes: d.Closes,
		Yield: d.Yield, CapPermille: rule.CapPermille, Most: d.Most, Price: d.Price, Deposit: d.Deposit,
		BalanceDays: rule.BalanceDays, KeptPermille: rule.KeptPermille, State: HarvestOpen, CreatedAt: now,
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

func (d HarvestDraft) check(rule HarvestRule, now time.Time) error {
	var c market.Checks
	checkID(&c, "id", d.ID)
	checkWindow(&c, d.From, d.To, d.Closes, now)
	c.That(now.Before(d.Closes), "closes", "harvest.closes")
	c.That(d.Yield > 0 && d.Yield <= maxQuantity, "yield", "harvest.yield")
	c.That(d.Most >= 0 && d.Most <= maxQuantity, "most", "harvest.most")
	c.That(d.Price >= minPrice && d.Price <= maxPrice, "price", "product.price_range")
	if d.Deposit < rule.Least || d.Deposit > rule.Most {
		c.Add("deposit", market.Invalid("harvest.deposit", "deposit").With("least", int64(rule.Least)/100).With("most", int64(rule.Most)/100))
	}
	return c.Err()
}

// checkWindow holds the days of a harvest against each other. Once nobody can
// reserve any more, when that ended does not matter.
func checkWindow(c *market.Checks, from, to, closes, now time.Time) {
	c.That(from.Before(to) && to.Sub(now) <= maxWindow, "to", "harvest.window")
	c.That(!closes.After(from), "closes", "harvest.closes")
}
