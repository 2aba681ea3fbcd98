package web

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
)

// BenchmarkHall is what every request costs before a door does anything.
func BenchmarkHall(b *testing.B) {
	h := open(b, func(_ *Config, d *Deps) { d.Log = slog.New(LogHandler(slog.NewJSONHandler(io.Discard, nil))) })
	h.Router().GET("/bench/:id", func(c *gin.Context) { c.Status(http.StatusNoContent) })
	h.cfg.Limits["read"] = Rate{PerSecond: 1e6, Burst: 1 << 30}
	guest := h.browser()
	kept := h.browser()
	kept.do("POST", "/keep/C1", "")
	person := h.browser()
	person.signIn(b, phone)
	for name, visitor := range map[string]*browser{"guest": guest, "cart": kept, "person": person} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest("GET", "/bench/1", nil)
			for name, value := range visitor.cookies {
				r.AddCookie(&http.Cookie{Name: name, Value: value})
			}
			b.ReportAllocs()
			for b.Loop() {
				h.Router().ServeHTTP(httptest.NewRecorder(), r.Clone(r.Context()))
			}
		})
	}
}
