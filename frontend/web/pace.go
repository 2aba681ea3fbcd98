package web

import (
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/market"
)

// pace holds one moment for each address and class: when its allowance will be
// whole again (the generic cell rate algorithm, a token bucket without tokens).
type pace struct {
	limits Limits
	size   int
	now    market.Clock

	mu    sync.Mutex
	whole map[pacer]time.Time
}

type pacer struct {
	address netip.Addr
	class   string
}

func newPace(limits Limits, size int, now market.Clock) *pace {
	return &pace{limits: limits, size: max(1, size), now: now, whole: map[pacer]time.Time{}}
}

// take uses one request of the class. left is how many remain at once, reset
// when all will be there again, wait how long to pause when none is left.
func (p *pace) take(who pacer, r Rate) (left int, reset, wait time.Duration) {
	each := time.Duration(float64(time.Second) / r.PerSecond)
	window := each * time.Duration(r.Burst)
	now := p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	whole := p.whole[who]
	if whole.Before(now) {
		whole = now
	}
	next := whole.Add(each)
	if over := next.Sub(now) - window; over > 0 {
		return 0, whole.Sub(now), over
	}
	p.keep(who, next, now)
	return int((window - next.Sub(now)) / each), next.Sub(now), 0
}

// keep remembers the moment. When the table is full, a few entries are looked
// at: those that are whole again go, else one goes anyway; to forget somebody
// is to be generous once.
func (p *pace) keep(who pacer, next, now time.Time) {
	if _, ok := p.whole[who]; !ok && len(p.whole) >= p.size {
		looked := 0
		for other, whole := range p.whole {
			if looked++; !whole.After(now) || looked == 8 {
				delete(p.whole, other)
			}
			if looked == 8 {
				break
			}
		}
		if len(p.whole) >= p.size {
			for other := range p.whole {
				delete(p.whole, other)
				break
			}
		}
	}
	p.whole[who] = next
}

// limitAll paces every route by its class.
func (h *Hall) limitAll(c *gin.Context) {
	if !h.quiet(c) {
		h.limit(c, class(c))
	}
}

func class(c *gin.Context) string {
	switch {
	case strings.HasSuffix(c.FullPath(), "/notices"):
		return "notice"
	case c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead:
		return "read"
	default:
		return "write"
	}
}

// Limit paces a route by a class of its own, besides "read" or "write".
func (h *Hall) Limit(class string) gin.HandlerFunc {
	return func(c *gin.Context) { h.limit(c, class) }
}

func (h *Hall) limit(c *gin.Context, class string) {
	rate, ok := h.cfg.Limits[class]
	if !ok || rate.PerSecond <= 0 {
		return
	}
	left, reset, wait := h.pace.take(pacer{network(of(c).ip), class}, rate)
	header := c.Writer.Header()
	header["Ratelimit-Policy"] = []string{policy(class, rate)}
	header["Ratelimit"] = []string{`"` + class + `";r=` + strconv.Itoa(left) + ";t=" + strconv.Itoa(seconds(reset))}
	if wait > 0 {
		p := h.problem(c, http.StatusTooManyRequests, "web.too_fast", market.Args{"n": seconds(wait)})
		p.Retry = wait
		h.fail(c, p)
	}
}

// policy writes the limit as draft-ietf-httpapi-ratelimit-headers does: a
// quota of q requests in a window of w seconds.
func policy(class string, r Rate) string {
	window := int(math.Ceil(float64(r.Burst) / r.PerSecond))
	return `"` + class + `";q=` + strconv.Itoa(r.Burst) + ";w=" + strconv.Itoa(window)
}

// network is what one household has: an IPv4 address or a /64 of IPv6.
func network(ip string) netip.Addr {
	address, err := netip.ParseAddr(ip)
	if err != nil {
		return netip.Addr{}
	}
	address = address.Unmap().WithZone("")
	if address.Is4() {
		return address
	}
	prefix, err := address.Prefix(64)
	if err != nil {
		return address
	}
	return prefix.Addr()
}
