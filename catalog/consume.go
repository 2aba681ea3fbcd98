package catalog

import (
	"context"

	"chohue/market"
)

// Consumes lists the events that Consume wants.
func Consumes() []string {
	return []string{EventStock, EventChanged, EventPublished, EventLotMade, EventLotRecalled, EventHarvestAllocated, eventRated}
}

// Consume keeps Product.InStock equal to the stocks. It looks at the stocks
// themselves, so hearing of an event twice or late does no harm. It wants
// the events of Consumes and ignores the rest. What was cut off between a lot
// and its stock is finished here.
func (s *Service) Consume(ctx context.Context, e market.Event) error {
	switch e.Type {
	case EventStock, EventChanged, EventPublished:
		return s.refreshStock(ctx, e.Subject)
	case EventLotMade, EventLotRecalled:
		return s.hearOfLot(ctx, e)
	case EventHarvestAllocated:
		return s.ShelveHarvest(ctx, e.Subject)
	case eventRated:
		return s.rated(ctx, e)
	}
	return nil
}

func (s *Service) refreshStock(ctx context.Context, id market.ID) error {
	p, err := s.products.Get(ctx, id)
	if market.KindOf(err) == market.KindNotFound {
		return nil // the stock is made before the product
	}
	if err != nil {
		return err
	}
	stocks, err := s.stocks.GetMany(ctx, p.variantIDs()...)
	if err != nil {
		return err
	}
	stocked := false
	for _, k := range stocks {
		stocked = stocked || k.sellable(s.env.Now()) > 0
	}
	return s.setInStock(ctx, id, stocked)
}

func (s *Service) setInStock(ctx context.Context, id market.ID, stocked bool) error {
	_, err := s.update(ctx, id, func(p *Product) ([]market.Event, error) {
		if p.InStock == stocked {
			return nil, nil
		}
		p.InStock = stocked
		if p.Status != StatusPublished {
			return nil, nil
		}
		return s.news(p, EventChanged), nil
	})
	return err
}
