package catalog

import (
	"fmt"
	"testing"
)

const benchProducts = 10_000

func BenchmarkList(b *testing.B) {
	s := open(b)
	s.stored(b, benchProducts)
	for _, f := range []Filter{{}, {Sort: "price"}, {Set: 3}, {Stars: 3}, {Set: 3, Ward: "19770", Stars: 3}} {
		b.Run(fmt.Sprintf("set%d,ward%s,stars%d,%s", f.Set, f.Ward, f.Stars, f.Sort), func(b *testing.B) {
			for b.Loop() {
				page, err := s.List(b.Context(), f)
				if err != nil || len(page.Items) != defaultLimit {
					b.Fatal(len(page.Items), err)
				}
			}
		})
	}
}

func BenchmarkDetail(b *testing.B) {
	s := open(b)
	all := s.stored(b, benchProducts)
	b.Run("id", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if _, err := s.PublishedProduct(b.Context(), all[i%benchProducts].ID); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("slug", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if _, err := s.BySlug(b.Context(), buyer, all[i%benchProducts].Slug); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkPhoto(b *testing.B) {
	data := photograph(b, 4000, 3000, 1)
	for b.Loop() {
		if _, err := redraw(data); err != nil {
			b.Fatal(err)
		}
	}
}
