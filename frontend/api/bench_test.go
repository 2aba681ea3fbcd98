package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"syscall"
	"testing"
	"time"

	"chohue/catalog"
)

// The aims, in CPU of the server: a product 0.08 ms, a list of 24 by set and
// price 0.2 ms, a search 1 ms, a whole checkout 1 ms.

func stocked(b *testing.B) (*shop, []*catalog.Product) {
	b.Helper()
	s := openShop(b)
	coop := s.seller("HTX Đo")
	all := make([]*catalog.Product, 400)
	for i := range all {
		all[i] = s.product(coop, fmt.Sprintf("Trà cung đình số %d", i), 45_000, 1_000_000)
	}
	s.drain()
	return s, all
}

// cpu is what the process has used so far.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// measure reports the CPU of each time.
func measure(b *testing.B, do func(i int)) {
	b.Helper()
	b.ReportAllocs()
	i, before := 0, cpu(b)
	for b.Loop() {
		do(i)
		i++
	}
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(i), "cpu-ms/op")
}

func (s *shop) ask(b *testing.B, path func(i int) string, status int, header ...string) {
	b.Helper()
	measure(b, func(i int) {
		r := httptest.NewRequest("GET", Prefix+path(i), nil)
		for h := 0; h+1 < len(header); h += 2 {
			r.Header.Set(header[h], header[h+1])
		}
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code != status {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	s, all := stocked(b)
	slug := func(i int) string { return "/products/" + all[i%len(all)].Slug }
	b.Run("detail", func(b *testing.B) { s.ask(b, slug, http.StatusOK) })
	b.Run("detail unchanged", func(b *testing.B) { s.ask(b, slug, http.StatusNotModified, "If-None-Match", "*") })
	list := func(int) string { return "/products?set=1&sort=price&limit=24" }
	b.Run("list", func(b *testing.B) { s.ask(b, list, http.StatusOK) })
	found := "/search?limit=24&q=" + url.QueryEscape("tra cung dinh")
	b.Run("search", func(b *testing.B) { s.ask(b, func(int) string { return found }, http.StatusOK) })
	b.Run("wards", func(b *testing.B) { s.ask(b, func(int) string { return "/areas/provinces/46/wards" }, http.StatusOK) })
}

func BenchmarkCheckout(b *testing.B) {
	s, all := stocked(b)
	guest := s.guest()
	measure(b, func(i int) { guest.buy("cod", all[i%len(all)]) })
}
