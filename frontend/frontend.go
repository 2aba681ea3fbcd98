// Package frontend is every door of the market: pages for people, an API for
// programs, and what watches the process.
package frontend

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"
	"github.com/prometheus/client_golang/prometheus"

	"chohue/frontend/api"
	"chohue/frontend/locale"
	"chohue/frontend/pages"
	"chohue/frontend/ui"
	"chohue/frontend/video"
	"chohue/frontend/web"
	"chohue/payments"
	"chohue/store"
)

// Rooms are what the doors open to.
type Rooms struct {
	pages.Rooms
	Engine store.Engine
	Wallet Wallet // nil without the sandbox provider
}

// Wallet is the sandbox wallet: a page for payers and two questions that the
// market asks over the wire.
type Wallet interface {
	pages.Wallet
	Query(ctx context.Context, raw payments.Raw) payments.Reply
	Refund(ctx context.Context, raw payments.Raw) payments.Reply
}

// Config is what the doors must know of the place.
type Config struct {
	BaseURL  string // scheme and host that people reach, without a slash at the end
	Demo     bool
	PushKey  string // public key for pushing to browsers; empty without
	Limits   bool   // pace requests per address
	Registry *prometheus.Registry
	// FormTargets are origins of payment partners' pages, to which the form of
	// checkout may lead.
	FormTargets []string
}

// Doors is the whole front of the market; it serves HTTP.
type Doors struct {
	http.Handler
	hall   *web.Hall
	health *web.Health
}

// New opens every door. This is the one route list: what the API and the pages
// add, they add here and nowhere else.
func New(ctx context.Context, rooms Rooms, cfg Config) (*Doors, error) {
	gin.SetMode(gin.ReleaseMode)
	words, err := locale.Load()
	if err != nil {
		return nil, err
	}
	assets, err := ui.Load()
	if err != nil {
		return nil, err
	}
	if rooms.Wallet != nil {
		rooms.Rooms.Wallet = rooms.Wallet
	}
	people, err := pages.New(rooms.Rooms, assets, words, pages.Config{BaseURL: cfg.BaseURL, Video: rooms.Studio != nil, Demo: cfg.Demo, PushKey: cfg.PushKey})
	if err != nil {
		return nil, err
	}
	hall, err := web.New(ctx, cfg.hall(), web.Deps{
		Engine: rooms.Engine, Env: rooms.Env, Log: slog.Default(), Metrics: cfg.Registry, Words: words,
		Sessions: rooms.Accounts, People: rooms.Accounts, Sellers: rooms.Sellers, ErrorPage: people.ErrorPage,
	})
	if err != nil {
		return nil, err
	}
	packed, err := compress(hall.Router())
	if err != nil {
		return nil, err
	}
	d := &Doors{Handler: packed, hall: hall, health: web.NewHealth(map[string]web.Pinger{"store": rooms.Engine})}
	d.health.Routes(hall.Router(), cfg.Registry)
	web.Get(hall.Router(), "/static/*file", gin.WrapH(assets))
	mountPages(hall, people.Routes())
	mountWallet(hall.Router(), rooms.Wallet)
	video.Mount(hall, rooms.Studio)
	_, err = api.New(hall, rooms.api(), api.Config{BaseURL: cfg.BaseURL, Log: slog.Default()})
	return d, err
}

// compress packs pages and JSON of a kilobyte and more for those who accept it.
// Static files come packed already and photos would not shrink.
func compress(inner http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.CompressionLevel(5),
		gzhttp.ContentTypes([]string{"text/html", "application/json", "application/problem+json", "text/csv", "image/svg+xml", "text/plain", "application/xml"}))
	if err != nil {
		return nil, err
	}
	return wrap(inner), nil
}

// Sweep forgets what the doors remember longer than needed.
func (d *Doors) Sweep(ctx context.Context) (int, error) { return d.hall.Sweep(ctx) }

// Leave makes the process unready before it stops.
func (d *Doors) Leave() { d.health.Leave() }

func (c Config) hall() web.Config {
	hall := web.DefaultConfig()
	hall.Secure = strings.HasPrefix(c.BaseURL, "https://")
	hall.Quiet = append(hall.Quiet, "/static/", "/anh/", "/sandbox/api/", video.HLSPrefix)
	hall.FormTargets = append(hall.FormTargets, c.FormTargets...)
	if !c.Limits {
		hall.Limits = nil
	}
	return hall
}

func (r Rooms) api() api.Rooms {
	return api.Rooms{
		Env: r.Env, Areas: r.Areas, Sets: r.Sets, Accounts: r.Accounts, Sellers: r.Sellers, Papers: r.Papers, Pool: r.Pool, Takedowns: r.Takedowns, Catalog: r.Catalog,
		Orders: r.Orders, Payments: r.Payments, Payouts: r.Payouts, Notices: r.Notices, Search: r.Search, Livestream: r.Livestream, Indicators: r.Indicators,
	}
}

func mountPages(hall *web.Hall, routes []pages.Route) {
	for _, r := range routes {
		var chain []gin.HandlerFunc
		if r.Class != "" {
			chain = append(chain, hall.Limit(r.Class))
		}
		hall.Router().Handle(r.Method, r.Path, append(chain, hall.OnceForm, hall.Handle(r.Serve))...)
	}
}

// mountWallet lets the market ask the sandbox wallet as it would ask a real
// one: over HTTP, with signatures.
func mountWallet(router *gin.Engine, wallet Wallet) {
	if wallet == nil {
		return
	}
	router.POST("/sandbox/api/query", ask(wallet.Query))
	router.POST("/sandbox/api/refund", ask(wallet.Refund))
}

func ask(answer func(context.Context, payments.Raw) payments.Reply) gin.HandlerFunc {
	return func(c *gin.Context) {
		body, err := io.ReadAll(io.LimitReader(c.Request.Body, payments.MaxNotice+1))
		if err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		reply := answer(c.Request.Context(), payments.Raw{Body: body, Header: c.Request.Header, Query: c.Request.URL.RawQuery})
		c.Data(reply.Status, reply.ContentType, reply.Body)
	}
}
