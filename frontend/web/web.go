// Package web is the hall behind every door: it knows who is asking and in
// which language, keeps sessions, refuses what must be refused, turns errors
// into answers, and counts and logs. Pages and API stand on it and meet HTTP
// the same way.
//
// Every request passes, in this order:
//
//	recover          a panic becomes a logged 500
//	observe          request id, access log, metrics
//	headers          security headers
//	language         ?lang, cookie, Accept-Language, Vietnamese
//	pace             so many requests per address and class of route
//	session          read when there is a cookie, made when a value is set
//	cross-origin     unsafe methods from other sites are refused
//	actor            who the session's person is, read anew each time
//	body             no more than so many bytes
package web

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"chohue/accounts"
	"chohue/cooperatives"
	"chohue/frontend/locale"
	"chohue/market"
	"chohue/store"
)

// Sessions keeps who is signed in where; accounts.Service does.
type Sessions interface {
	StartSession(ctx context.Context, person market.ID, values map[string]string, d accounts.Device) (*accounts.Session, string, error)
	Session(ctx context.Context, token string) (*accounts.Session, error)
	SaveSession(ctx context.Context, token string, values map[string]string) error
	EndSession(ctx context.Context, token string) error
}

// People tells who a person is; accounts.Service does.
type People interface {
	Person(ctx context.Context, id market.ID) (*accounts.Person, error)
}

// Sellers tells for whom a person may act; cooperatives.Service does.
type Sellers interface {
	Of(ctx context.Context, person market.ID) ([]*cooperatives.Seller, error)
}

// Deps is what the hall is built from. ErrorPage shows a problem to a person;
// without it, or when it shows nothing, people get JSON too.
type Deps struct {
	Engine    store.Engine
	Env       market.Env
	Log       *slog.Logger
	Metrics   prometheus.Registerer
	Words     *locale.Catalog
	Sessions  Sessions
	People    People
	Sellers   Sellers
	ErrorPage func(c *gin.Context, p *Problem)
}

// Hall is what New builds.
type Hall struct {
	cfg      Config
	deps     Deps
	router   *gin.Engine
	sessions *Store
	origin   *http.CrossOriginProtection
	pace     *pace
	metrics  *metrics
	attempts *store.Collection[attempt]
	headers  http.Header
}

// New builds the hall and its router with all middleware in place.
func New(ctx context.Context, cfg Config, deps Deps) (*Hall, error) {
	h := &Hall{cfg: cfg, deps: deps, headers: securityHeaders(cfg), origin: http.NewCrossOriginProtection()}
	h.sessions = NewStore(deps.Sessions, cfg.Secure)
	h.pace = newPace(cfg.Limits, cfg.PaceSize, deps.Env.Now)
	for _, pattern := range cfg.CrossOriginOpen {
		h.origin.AddInsecureBypassPattern(pattern)
	}
	var err error
	if h.metrics, err = newMetrics(deps.Metrics); err != nil {
		return nil, err
	}
	if h.attempts, err = openAttempts(ctx, deps.Engine); err != nil {
		return nil, err
	}
	return h, h.route()
}

func (h *Hall) route() error {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.ContextWithFallback = true // *gin.Context passes for the request's context
	r.HandleMethodNotAllowed = true
	r.RemoveExtraSlash = true
	if err := r.SetTrustedProxies(h.cfg.TrustedProxies); err != nil {
		return err
	}
	r.Use(h.recover, h.observe, h.secure, h.language, h.limitAll, h.session, h.sameOrigin, h.actor, h.forPerson, h.limitBody)
	r.NoRoute(func(c *gin.Context) { h.Fail(c, market.NotFound("web.no_page")) })
	r.NoMethod(func(c *gin.Context) { h.fail(c, h.problem(c, http.StatusMethodNotAllowed, "web.method", nil)) })
	h.router = r
	return nil
}

// Router is where doors add their routes.
func (h *Hall) Router() *gin.Engine { return h.router }

// Get adds a route for GET and for HEAD, which bots and caches ask with.
func Get(r gin.IRoutes, path string, handlers ...gin.HandlerFunc) {
	r.GET(path, handlers...)
	r.HEAD(path, handlers...)
}

// Handler is a page or operation that may fail.
type Handler func(c *gin.Context) error

// Handle makes a gin handler of one that returns an error.
func (h *Hall) Handle(do Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := do(c); err != nil {
			h.Fail(c, err)
		}
	}
}

// Fail answers err: a page for people, problem+json for programs. Internal
// errors are logged under the request's id and not shown.
func (h *Hall) Fail(c *gin.Context, err error) {
	p := h.Problem(c, err)
	if p.Status >= http.StatusInternalServerError && !gone(c, err) {
		h.deps.Log.ErrorContext(c, "request failed", "request", RequestID(c), "route", c.FullPath(), "error", err)
	}
	h.fail(c, p)
}

// gone reports whether the error is only that the client has hung up.
func gone(ctx context.Context, err error) bool {
	return errors.Is(err, context.Canceled) && ctx.Err() != nil
}

func (h *Hall) fail(c *gin.Context, p *Problem) {
	c.Abort()
	if c.Writer.Written() {
		return
	}
	maps.Copy(c.Writer.Header(), p.GetHeaders())
	if h.deps.ErrorPage == nil || wantsJSON(c) {
		p.Write(c.Writer)
		return
	}
	h.deps.ErrorPage(c, p)
	if led := c.Writer.Header().Get("Location") != ""; !led && !c.Writer.Written() {
		p.Write(c.Writer)
	}
}

func wantsJSON(c *gin.Context) bool {
	if strings.HasPrefix(c.Request.URL.Path, "/api/") {
		return true
	}
	accept := c.GetHeader("Accept")
	return strings.Contains(accept, "json") && !strings.Contains(accept, "text/html")
}
