package catalog

import (
	"context"

	"chohue/market"
)

// RecallLot calls a lot back: nothing of it is sold from now on, orders that
// wait for their payment get other goods, and whoever has bought of it can be
// found. The seller may, and those who watch over the market. Calling back
// again changes nothing.
func (s *Service) RecallLot(ctx context.Context, by market.Actor, id market.ID, reason string) (*Lot, error) {
	l, err := s.lots.Get(ctx, id)
	if err != nil {
		return nil, missingLot(err)
	}
	if !by.For(l.Seller) && !by.Is(market.RoleModerator, market.RoleOperator, market.RoleOfficial) {
		return nil, errLotMissing
	}
	var c market.Checks
	reason = line(&c, "reason", reason, maxReason)
	c.That(reason != "", "reason", "lot.recall_reason")
	if err := c.Err(); err != nil {
		return nil, err
	}
	recall := Recall{At: s.env.Now(), By: by.Person, ByName: checker(by), Reason: reason}
	l, err = s.lots.Update(ctx, id, func(l *Lot) ([]market.Event, error) {
		if l.Recall != nil {
			return nil, nil
		}
		l.Recall = &recall
		return []market.Event{s.lotNews(EventLotRecalled, l)}, nil
	})
	if err != nil {
		return nil, missingLot(err)
	}
	return l, s.recallStock(ctx, l)
}

func (s *Service) recallStock(ctx context.Context, l *Lot) error {
	return s.changeStock(ctx, l.Variant, func(k *Stock) error { k.Recall(l.ID, l.Code, s.env.Now()); return nil })
}

// hearOfLot finishes what the maker or caller of a lot was cut off from.
func (s *Service) hearOfLot(ctx context.Context, e market.Event) error {
	var news LotNews
	if err := e.Decode(&news); err != nil {
		return err
	}
	l, err := s.lots.Get(ctx, news.Lot)
	if err != nil {
		return err
	}
	if e.Type == EventLotRecalled {
		return s.recallStock(ctx, l)
	}
	err = s.shelveLot(ctx, l)
	if kind := market.KindOf(err); kind == market.KindConflict || kind == market.KindInvalid {
		return nil // the shelf filled up meanwhile: the maker was told, and asks again by the same id
	}
	return err
}

// Events of lots. Their subject is the lot.
const (
	EventLotMade     = "catalog.lot_made"
	EventLotRecalled = "catalog.lot_recalled"
)

// LotNews is the payload of the events of lots.
type LotNews struct {
	Lot     market.ID `json:"lot"`
	Product market.ID `json:"product"`
	Variant market.ID `json:"variant"`
	Seller  market.ID `json:"seller"`
	Code    string    `json:"code"`
	Reason  string    `json:"reason,omitempty"` // of a recall
}

func (s *Service) lotNews(kind string, l *Lot) market.Event {
	news := LotNews{Lot: l.ID, Product: l.Product, Variant: l.Variant, Seller: l.Seller, Code: l.Code}
	if l.Recall != nil {
		news.Reason = l.Recall.Reason
	}
	return market.NewEvent(s.env, kind, l.ID, news)
}
