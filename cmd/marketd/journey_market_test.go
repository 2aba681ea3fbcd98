package main

import (
	"context"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// startMarket serves a market with demonstration people and sellers, and of
// the products only those named; with none named, the whole demonstration. It
// returns where the market is.
func startMarket(t *testing.T, products ...string) string {
	t.Helper()
	c := testConfig(t)
	setLogger(c.LogLevel)
	stock(t, c, products)
	return serveMarket(t, c)
}

// serveMarket serves the market that was stocked before.
func serveMarket(t *testing.T, c Config) string {
	t.Helper()
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		t.Fatal(err)
	}
	h, err := open(t.Context(), c, outdoors())
	if err != nil {
		t.Fatal(err)
	}
	doors, err := h.doors(t.Context(), prometheus.NewRegistry())
	if err != nil {
		unable(t, err.Error())
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := h.run(ctx, listener, doors); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		stop()
		serving.Wait()
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return c.URL
}

func stock(t *testing.T, c Config, products []string) {
	t.Helper()
	s, err := newSeeder(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	steps := []func(context.Context) error{s.people, s.sellers, s.products}
	if len(products) == 0 {
		steps = []func(context.Context) error{s.demo}
	} else {
		s.texts.products = slices.DeleteFunc(s.texts.products, func(p demoProduct) bool { return !slices.Contains(products, p.Slug) })
	}
	for _, step := range steps {
		if err := step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.house.Close(); err != nil {
		t.Fatal(err)
	}
}
