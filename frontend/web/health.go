package web

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Pinger is something the market cannot work without; store.Engine is one.
type Pinger interface {
	Ping(ctx context.Context) error
}

// Health tells whoever watches the process how it is.
type Health struct {
	parts   map[string]Pinger
	leaving atomic.Bool
}

// NewHealth watches the named parts.
func NewHealth(parts map[string]Pinger) *Health { return &Health{parts: parts} }

// Leave makes the process unready, so that no new work is sent to it while it
// ends what it has.
func (h *Health) Leave() { h.leaving.Store(true) }

// pingTime is how long a part may take to answer.
const pingTime = 2 * time.Second

// Routes adds /healthz (the process runs), /readyz (it can work) and /metrics.
func (h *Health) Routes(r gin.IRoutes, metrics prometheus.Gatherer) {
	r.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	r.GET("/readyz", h.ready)
	r.GET("/metrics", gin.WrapH(promhttp.HandlerFor(metrics, promhttp.HandlerOpts{})))
}

func (h *Health) ready(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), pingTime)
	defer cancel()
	status, parts := http.StatusOK, gin.H{}
	for name, part := range h.parts {
		parts[name] = "ok"
		if err := part.Ping(ctx); err != nil {
			status, parts[name] = http.StatusServiceUnavailable, "down"
		}
	}
	if h.leaving.Load() {
		status, parts["process"] = http.StatusServiceUnavailable, "leaving"
	}
	c.JSON(status, parts)
}
