package catalog

import (
	"context"

	"chohue/market"
	"chohue/store"
)

// Sale remembers what one order has settled of one variant, outside the
// stock's own document, which must stay small.
type Sale struct {
	store.Doc `bson:",inline"`
	Order     market.ID `bson:"order"`
	Variant   market.ID `bson:"variant"`
	Quantity  int64     `bson:"quantity"`
	Lots      []Share   `bson:"lots,omitempty"` // as in Hold
	Returned  int64     `bson:"returned,omitempty"`
	Lost      int64     `bson:"lost,omitempty"`
}

func saleID(order, variant market.ID) market.ID { return order + ":" + variant }

// Forget moves a settled hold from the stock to its Sale. The order calls it
// when its own document says that the hold is settled. Nothing settled is no
// error.
func (s *Service) Forget(ctx context.Context, order, variant market.ID) error {
	k, err := s.stocks.Get(ctx, variant)
	if err != nil {
		return missing(err)
	}
	h := k.hold(order)
	if h == nil || !h.Settled {
		return nil
	}
	_, err = s.sales.Upsert(ctx, saleID(order, variant), func(sale *Sale) ([]market.Event, error) {
		sale.Order, sale.Variant, sale.Quantity, sale.Lots = order, variant, h.Quantity, h.Lots
		sale.Returned, sale.Lost = max(sale.Returned, h.Returned), max(sale.Lost, h.Lost)
		return nil, nil
	})
	if err != nil {
		return err
	}
	return s.changeStock(ctx, variant, func(k *Stock) error { k.Forget(order, h.Returned, h.Lost); return nil })
}

// TakeBack undoes part of a sale: returned is how many units of the variant
// have come back from the order to the shelf in all, lost how many came back
// unfit to sell or never will. For an order that has settled nothing, or whose
// units are accounted for already, it does nothing. See Stock.TakeBack.
func (s *Service) TakeBack(ctx context.Context, order, variant market.ID, returned, lost int64) error {
	sale, err := s.sales.Get(ctx, saleID(order, variant))
	if err != nil && !store.Missing(err) {
		return err
	}
	return s.changeStock(ctx, variant, func(k *Stock) error { return k.TakeBack(order, returned, lost, s.env.Now(), sale) })
}
