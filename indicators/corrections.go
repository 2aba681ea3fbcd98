package indicators

import (
	"context"
	"slices"

	"chohue/market"
	"chohue/store"
)

// corrections shown at once.
const correctionsShown = 100

// Corrections lists what officials corrected, the latest first. For officials
// and operators.
func (s *Service) Corrections(ctx context.Context, by market.Actor) ([]*Correction, error) {
	if err := mayRead(by); err != nil {
		return nil, err
	}
	var all []*Correction
	err := s.corrections.Each(ctx, store.Query{}, func(c *Correction) error {
		one := *c
		all = append(all, &one)
		return nil
	})
	slices.SortStableFunc(all, func(a, b *Correction) int { return b.At.Compare(a.At) })
	return all[:min(len(all), correctionsShown)], err
}
