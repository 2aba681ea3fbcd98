package bleve

import (
	"context"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"chohue/search"
	"chohue/search/searchtest"
)

// BenchmarkQuery measures queries at 10,000 products of sixty words, or as many
// as MARKET_BENCH_PRODUCTS says. Nothing is cached between queries. cpu-ms/op is
// what the whole process used, garbage collection included.
func BenchmarkQuery(b *testing.B) {
	e := filled(b, products(b))
	for _, c := range []struct {
		name  string
		texts []string
		q     search.Query
	}{
		{"folded", []string{"tra cung dinh", "mam nem", "tinh dau tram", "hat sen say", "ruou gao", "chuong dong"}, search.Query{}},
		{"marked", []string{"trà cung đình", "mắm nêm", "tinh dầu tràm", "dứa sấy", "dừa", "chuông đồng"}, search.Query{}},
		{"common word", []string{"tra", "mam", "hue", "gao"}, search.Query{}},
		{"as you type", []string{"tra cung di", "mam n", "tinh d", "hat se", "chuon", "t", "th", "x"}, search.Query{}},
		{"typo", []string{"chuogn dong", "tra cunng dinh", "thnah tra bie", "nguyne chat"}, search.Query{}},
		{"nothing", []string{"zebra", "qwerty uiop", "tra zzzz"}, search.Query{}},
		{"three facets", []string{"tra cung dinh", "mam nem", "tinh dau tram", "huu co"}, search.Query{Facets: true, Stars: 3}},
		{"by price", []string{"tra", "mam nem", "tinh dau tram", "huu co"}, search.Query{Sort: search.SortPrice}},
		{"everything with facets", []string{""}, search.Query{Facets: true}},
		{"set by price", []string{""}, search.Query{Set: 9, Sort: search.SortPrice}},
	} {
		b.Run(c.name, func(b *testing.B) { measure(b, e, c.texts, c.q) })
	}
}

func measure(b *testing.B, e *Engine, texts []string, q search.Query) {
	before := cpu(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		q.Text = texts[i%len(texts)]
		if _, err := e.Query(context.Background(), q); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((cpu(b)-before).Seconds()*1000/float64(b.N), "cpu-ms/op")
}

func BenchmarkSuggest(b *testing.B) {
	e := filled(b, products(b))
	texts := []string{"t", "tr", "mam n", "tinh dau", "mè x"}
	for i := 0; b.Loop(); i++ {
		if _, err := e.Suggest(context.Background(), texts[i%len(texts)], 8); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkApply measures one product put in place: durable and visible.
func BenchmarkApply(b *testing.B) {
	n := products(b)
	e := filled(b, n)
	docs := searchtest.Products(n, 46)
	for i := 0; b.Loop(); i++ {
		d := docs[i%n]
		d.Version = int64(i + 2)
		if err := e.Apply(context.Background(), []search.Change{{Document: &d}}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkApplyTogether measures the same with 64 callers, as the relay has.
func BenchmarkApplyTogether(b *testing.B) {
	n := products(b)
	e := filled(b, n)
	docs := searchtest.Products(n, 46)
	var version atomic.Int64
	version.Store(1)
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			v := version.Add(1)
			d := docs[v%int64(n)]
			d.Version = v
			if err := e.Apply(context.Background(), []search.Change{{Document: &d}}); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkRebuild(b *testing.B) {
	n := products(b)
	docs := searchtest.Products(n, 46)
	for b.Loop() {
		e := open(b, b.TempDir(), time.Now)
		build(b, e, docs)
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func products(b *testing.B) int {
	n, err := strconv.Atoi(os.Getenv("MARKET_BENCH_PRODUCTS"))
	if err != nil || n < 1 {
		return 10_000
	}
	return n
}

func filled(b *testing.B, n int) *Engine {
	b.Helper()
	dir := b.TempDir()
	e := open(b, dir, func() time.Time { return searchtest.Now })
	b.Cleanup(func() { _ = e.Close() })
	build(b, e, searchtest.Products(n, 46))
	b.Logf("%d products in %d segments", n, len(e.live.view.parts))
	return e
}

func build(b *testing.B, e *Engine, docs []search.Document) {
	b.Helper()
	err := e.Rebuild(context.Background(), func(yield func(search.Document) error) error {
		for _, d := range docs {
			if err := yield(d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func cpu(b *testing.B) time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
