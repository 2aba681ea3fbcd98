package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

func TestPace(t *testing.T) {
	h := open(t, func(c *Config, _ *Deps) { c.Limits = Limits{"write": {PerSecond: 0.5, Burst: 3}} })
	b := h.browser()
	for i := range 3 {
		w := b.do("POST", "/keep/1", "")
		if w.Code != http.StatusOK || w.Header().Get("RateLimit") != fmt.Sprintf(`"write";r=%d;t=%d`, 2-i, 2+2*i) {
			t.Errorf("request %d: %d, %s", i, w.Code, w.Header().Get("RateLimit"))
		}
	}
	w := b.do("POST", "/keep/1", "")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "2" || w.Header().Get("RateLimit") != `"write";r=0;t=6` {
		t.Errorf("over the limit: %d, %v", w.Code, w.Header())
	}
	if got := w.Header().Get("RateLimit-Policy"); got != `"write";q=3;w=6` {
		t.Errorf("policy = %s", got)
	}
	if w := b.do("GET", "/who", ""); w.Code != http.StatusOK || w.Header().Get("RateLimit") != "" {
		t.Errorf("another class: %d, %s", w.Code, w.Header().Get("RateLimit"))
	}
	h.pass(2 * time.Second)
	if w := b.do("POST", "/keep/1", ""); w.Code != http.StatusOK {
		t.Errorf("two seconds later: %d", w.Code)
	}
	if w := b.do("POST", "/keep/1", ""); w.Code != http.StatusTooManyRequests {
		t.Errorf("at once after: %d", w.Code)
	}
}

func TestARouteMayHaveItsOwnPace(t *testing.T) {
	h := open(t, func(c *Config, _ *Deps) { c.Limits = Limits{"signin": {PerSecond: 1, Burst: 1}} })
	h.Router().POST("/code", h.Limit("signin"), func(c *gin.Context) { c.Status(http.StatusNoContent) })
	b := h.browser()
	if w := b.do("POST", "/code", ""); w.Code != http.StatusNoContent {
		t.Errorf("first: %d", w.Code)
	}
	if w := b.do("POST", "/code", ""); w.Code != http.StatusTooManyRequests {
		t.Errorf("second: %d", w.Code)
	}
	if w := b.do("POST", "/keep/1", ""); w.Code != http.StatusOK {
		t.Errorf("another route: %d", w.Code)
	}
}

// Strangers cannot choose what they are counted as.
func TestForwardedAddressesAreBelievedOfProxiesOnly(t *testing.T) {
	limits := func(c *Config) { c.Limits = Limits{"read": {PerSecond: 0.001, Burst: 1}} }
	stranger := open(t, func(c *Config, _ *Deps) { limits(c) })
	behind := open(t, func(c *Config, _ *Deps) { limits(c); c.TrustedProxies = []string{"192.0.2.1"} })
	for i, want := range []int{http.StatusOK, http.StatusTooManyRequests} {
		b := stranger.browser()
		b.header.Set("X-Forwarded-For", fmt.Sprint("203.0.113.", i))
		if w := b.do("GET", "/who", ""); w.Code != want {
			t.Errorf("stranger %d: %d, want %d", i, w.Code, want)
		}
		b = behind.browser()
		b.header.Set("X-Forwarded-For", fmt.Sprint("203.0.113.", i))
		if w := b.do("GET", "/who", ""); w.Code != http.StatusOK {
			t.Errorf("behind a proxy %d: %d", i, w.Code)
		}
	}
}

func TestNetwork(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.1":                   "192.0.2.1",
		"::ffff:192.0.2.1":            "192.0.2.1",
		"2001:db8:1:2:3:4:5:6":        "2001:db8:1:2::",
		"fe80::1%eth0":                "fe80::",
		"2001:db8:1:2:ffff:ffff:0:99": "2001:db8:1:2::",
	} {
		if got := network(in).String(); got != want {
			t.Errorf("network(%s) = %s, want %s", in, got, want)
		}
	}
	if network("nonsense").IsValid() {
		t.Error("nonsense is an address")
	}
}

func TestPaceForgetsRatherThanGrows(t *testing.T) {
	now := time.Unix(0, 0)
	p := newPace(nil, 100, func() time.Time { return now })
	rate := Rate{PerSecond: 1, Burst: 10}
	var wait sync.WaitGroup
	for worker := range 4 {
		wait.Go(func() {
			for i := range 2000 {
				address := netip.AddrFrom4([4]byte{10, byte(worker), byte(i >> 8), byte(i)})
				if left, _, pause := p.take(pacer{address, "read"}, rate); pause != 0 || left != 9 {
					t.Errorf("a newcomer has %d left, waits %s", left, pause)
				}
			}
		})
	}
	wait.Wait()
	if len(p.whole) > 100 {
		t.Errorf("%d addresses are remembered, want at most 100", len(p.whole))
	}
}
