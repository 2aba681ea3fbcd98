package main

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

// watchSearch shows how search does, beside the lag of its news
// (market_relay_lag_seconds of the consumer search).
func (h *house) watchSearch(registry *prometheus.Registry) {
	registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "market_search_degraded", Help: "1 while another engine than the configured one answers searches.",
		}, func() float64 {
			if h.search.Degraded() {
				return 1
			}
			return 0
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "market_search_products", Help: "Products that the embedded index can find.",
		}, func() float64 {
			n, err := h.index.Count(context.Background())
			if err != nil {
				return -1
			}
			return float64(n)
		}),
	)
}
