package livestream

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"chohue/market"
	"chohue/store"
)

// Pin is an offer that was on screen, as it was then.
type Pin struct {
	Offer

	At time.Time
}

// Pins are the offers that were on screen in a show, the first first, as its
// record tells them to everybody.
func (s *Service) Pins(ctx context.Context, show market.ID) ([]Pin, error) {
	if _, err := s.Show(ctx, show); err != nil {
		return nil, err
	}
	var out []Pin
	err := s.records.Each(ctx, store.Query{Index: "show", Eq: []any{show}}, func(r *Record) error {
		if r.What != EventPinned {
			return nil
		}
		pin := Pin{At: r.At}
		if err := json.Unmarshal([]byte(r.Data), &pin.Offer); err != nil {
			return fmt.Errorf("record %s: %w", r.ID, err)
		}
		out = append(out, pin)
		return nil
	})
	return out, err
}
