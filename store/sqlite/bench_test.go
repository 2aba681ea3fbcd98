package sqlite

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"chohue/market"
	"chohue/store"
)

func benchParcels(b *testing.B, n int) *store.Collection[parcel] {
	b.Helper()
	e, err := Open(b.Context(), filepath.Join(b.TempDir(), "market.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close() })
	c, err := store.Open[parcel](b.Context(), e, parcels)
	if err != nil {
		b.Fatal(err)
	}
	for i := range n {
		one := &parcel{Doc: store.Doc{ID: market.ID(fmt.Sprint(i))}, Count: int64(i % 100), Tags: []string{"all"}}
		if err := c.Insert(b.Context(), one); err != nil {
			b.Fatal(err)
		}
	}
	return c
}

// BenchmarkUpdate is a durable read-change-write of a hot document by 64 at
// once.
func BenchmarkUpdate(b *testing.B) {
	c := benchParcels(b, 1)
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, err := c.Update(b.Context(), "0", func(p *parcel) ([]market.Event, error) {
				p.Count++
				return nil, nil
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkGet(b *testing.B) {
	const n = 5000
	c := benchParcels(b, n)
	var next atomic.Int64
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := c.Get(b.Context(), market.ID(fmt.Sprint(next.Add(1)%n))); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkFind is a page of 24 from the middle of an index.
func BenchmarkFind(b *testing.B) {
	c := benchParcels(b, 5000)
	q := store.Query{Index: "tag", Eq: []any{"all"}, From: 50, Limit: 24}
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if page, err := c.Find(b.Context(), q); err != nil || len(page.Items) != 24 {
				b.Error(len(page.Items), err)
			}
		}
	})
}
