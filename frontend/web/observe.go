package web

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	open     prometheus.Gauge
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "market_http_requests_total", Help: "Answers by route pattern, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "market_http_request_seconds", Help: "Time to answer by route pattern.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route"}),
		open: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "market_http_requests_open", Help: "Requests being answered now.",
		}),
	}
	for _, c := range []prometheus.Collector{m.requests, m.seconds, m.open} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// observe names the request, counts it and writes one line about it. The line
// holds the route's pattern, never the path or query: those may name a phone
// number, a cart or an order's key.
func (h *Hall) observe(c *gin.Context) {
	v := h.enter(c)
	c.Writer.Header()["X-Request-Id"] = []string{v.id}
	start := time.Now() // how long it took, not when it was
	h.metrics.open.Inc()
	ended := false
	defer func() {
		status := c.Writer.Status()
		if !ended && !c.Writer.Written() {
			status = http.StatusInternalServerError
		}
		h.note(c, v, status, time.Since(start))
	}()
	c.Next()
	ended = true
}

func (h *Hall) note(c *gin.Context, v *visitor, status int, took time.Duration) {
	h.metrics.open.Dec()
	route := c.FullPath()
	if route == "" {
		route = "unmatched"
	}
	h.metrics.requests.WithLabelValues(route, method(c.Request.Method), strconv.Itoa(status)).Inc()
	h.metrics.seconds.WithLabelValues(route).Observe(took.Seconds())
	if h.quiet(c) && status < http.StatusInternalServerError {
		return
	}
	h.deps.Log.LogAttrs(c, slog.LevelInfo, "request",
		slog.String("request", v.id), slog.String("method", method(c.Request.Method)), slog.String("route", route),
		slog.Int("status", status), slog.Int("bytes", max(0, c.Writer.Size())),
		slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("person", string(v.actor.Person)))
}

// method bounds what strangers can put into labels.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	default:
		return "other"
	}
}

// LogHandler adds the request's id to every line that a room logs with the
// request's context.
func LogHandler(inner slog.Handler) slog.Handler { return logHandler{inner} }

type logHandler struct{ slog.Handler }

// Handle implements slog.Handler.
func (l logHandler) Handle(ctx context.Context, r slog.Record) error {
	if id := RequestID(ctx); id != "" && !named(r) {
		r.AddAttrs(slog.String("request", id))
	}
	return l.Handler.Handle(ctx, r)
}

func named(r slog.Record) bool {
	found := false
	r.Attrs(func(a slog.Attr) bool {
		found = a.Key == "request"
		return !found
	})
	return found
}

// WithAttrs implements slog.Handler.
func (l logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{l.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (l logHandler) WithGroup(name string) slog.Handler { return logHandler{l.Handler.WithGroup(name)} }
