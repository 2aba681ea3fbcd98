package catalog

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"chohue/market"
)

// BenchmarkBuy is what the stock costs one order: hold, settle, forget.
func BenchmarkBuy(b *testing.B) {
	s := open(b)
	d := pomelo()
	d.Variants[0].Stock = maxQuantity
	variant := s.draft(b, d).Variants[0].ID
	until := start.Add(time.Hour)
	var n atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			order := market.ID(fmt.Sprint("order-", n.Add(1)))
			for _, step := range []func() error{
				func() error { return s.Hold(b.Context(), order, variant, 1, until) },
				func() error { _, err := s.Settle(b.Context(), order, variant); return err },
				func() error { return s.Forget(b.Context(), order, variant) },
			} {
				if err := step(); err != nil {
					b.Error(err)
				}
			}
		}
	})
}
