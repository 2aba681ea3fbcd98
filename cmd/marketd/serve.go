package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"chohue/frontend"
	"chohue/frontend/pages"
	"chohue/orders"
	"chohue/payments/sandbox"
	"chohue/store"
)

// serve runs doors and workers until ctx ends, then lets requests and
// deliveries under way finish.
func serve(ctx context.Context, c Config, _ []string) error {
	collectSeldom()
	metrics := newMetrics()
	out := outdoors()
	out.observe = metrics.delivered
	h, err := open(ctx, c, out)
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }()
	h.watchSearch(metrics.registry)
	doors, err := h.doors(ctx, metrics.registry)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	announce(c)
	return h.run(ctx, listener, doors)
}

// collectSeldom lets garbage grow to three times what is alive, unless GOGC says
// otherwise: little is (some tens of megabytes), and much is short-lived.
func collectSeldom() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}

// run serves on the listener until ctx ends. Workers stop after the last
// request, so that what it caused can still be delivered.
func (h *house) run(ctx context.Context, listener net.Listener, doors *frontend.Doors) error {
	server := &http.Server{
		Handler: doors, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var workers sync.WaitGroup
	h.startWorkers(working, &workers, chore{"old attempts", time.Hour, doors.Sweep})
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	slog.Info("stopping", "grace", h.config.Grace.String())
	doors.Leave()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.config.Grace)
	defer cancel()
	h.feed.Disperse()
	err := server.Shutdown(grace)
	stopWork()
	workers.Wait()
	return err
}

// doors builds the front on the rooms.
func (h *house) doors(ctx context.Context, registry *prometheus.Registry) (*frontend.Doors, error) {
	rates, err := orders.LoadRates()
	if err != nil {
		return nil, err
	}
	rooms := frontend.Rooms{Engine: h.engine, Rooms: pages.Rooms{
		Env: h.env, Areas: h.areas, Sets: h.sets, Files: h.files, Rates: rates,
		Accounts: h.accounts, Sellers: h.sellers, Papers: h.papers, Pool: h.pool, Takedowns: h.takedowns, Catalog: h.catalog, Payments: h.payments, Payouts: h.payouts, Orders: h.orders,
		Search: h.search, Notebook: h.notebook, Livestream: h.livestream, Feed: h.feed, Indicators: h.indicators, Notices: h.notices, Studio: h.studio, Inbox: h.inbox,
	}}
	if h.wallet != nil {
		rooms.Wallet = walletPage{h.wallet}
	}
	return frontend.New(ctx, rooms, frontend.Config{
		BaseURL: h.config.URL, Demo: h.config.Demo, Limits: h.config.Limits, Registry: registry, PushKey: h.pushKey,
		FormTargets: h.config.walletPages(),
	})
}

// walletPage shows the sandbox wallet to the door that draws its page.
type walletPage struct{ *sandbox.Wallet }

// Open implements pages.Wallet.
func (w walletPage) Open(ctx context.Context, query string) (pages.WalletView, error) {
	view, err := w.Wallet.Open(ctx, query)
	return pages.WalletView(view), err
}

func announce(c Config) {
	fmt.Printf("Chợ Huế: %s\n", c.URL)
	if c.Demo {
		fmt.Print(signInHelp(c.URL))
	}
}

// metrics counts what the relay delivers; the doors add their own to the
// registry.
type metrics struct {
	registry *prometheus.Registry
	lag      *prometheus.HistogramVec
	failures *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		lag: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "market_relay_lag_seconds", Help: "Time from a change to its handling by a consumer.",
			Buckets: []float64{.001, .005, .02, .1, .5, 2, 10, 60},
		}, []string{"consumer"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "market_relay_failures_total", Help: "Deliveries that a consumer refused; they are tried again.",
		}, []string{"consumer"}),
	}
	m.registry.MustRegister(m.lag, m.failures, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) delivered(consumer string, lag time.Duration, err error) {
	if err != nil {
		m.failures.WithLabelValues(consumer).Inc()
		return
	}
	m.lag.WithLabelValues(consumer).Observe(lag.Seconds())
}

// work runs the workers without doors.
func work(ctx context.Context, c Config, _ []string) error {
	h, err := open(ctx, c, outdoors())
	if err != nil {
		return err
	}
	var workers sync.WaitGroup
	h.startWorkers(ctx, &workers)
	workers.Wait()
	return h.Close()
}

// chore is something done again and again.
type chore struct {
	name  string
	every time.Duration
	do    func(context.Context) (int, error)
}

func (h *house) chores() []chore {
	all := []chore{
		{"unpaid orders", 30 * time.Second, h.orders.ExpireUnpaid},
		{"deadlines of orders", time.Minute, h.orders.KeepTime},
		{"pre-orders", time.Minute, h.orders.FinishPreorders},
		{"deadlines of complaints", time.Minute, h.orders.KeepComplaints},
		{"expired holds", 30 * time.Second, h.catalog.ExpireHolds},
		{"silent carriers", time.Minute, h.orders.AskCarriers},
		{"expired vouchers", 30 * time.Second, h.orders.ExpireVouchers},
		{"edits to settle", 30 * time.Second, h.orders.SettleEdits},
		{"open payments", time.Minute, h.payments.Reconcile},
		{"refunds made elsewhere", 10 * time.Minute, h.payments.LookBack},
		{"unsealed ledger entries", time.Minute, h.payments.Seal},
		{"interrupted payments of tax", time.Minute, h.payments.ResumeTax},
		{"interrupted payouts", time.Minute, h.payouts.Resume},
		{"interrupted settlements", time.Minute, h.pool.Resume},
		{"ended sessions", time.Hour, h.accounts.Sweep},
		{"photos half sent", time.Hour, h.catalog.SweepUploads},
		{"certificate reminders", 6 * time.Hour, h.catalog.Remind},
		{"notices not sent yet", 20 * time.Second, h.notices.Deliver},
		{"shows to end", 30 * time.Second, h.livestream.LookAfter},
		{"searches asked", time.Minute, h.notebook.Flush},
		{"search engines that were behind", time.Minute, h.search.Recover},
		{"search index against the catalogue", 24 * time.Hour, h.reconcileSearch},
		{"old visits", 24 * time.Hour, h.livestream.ForgetVisitors},
		{"census of the market", time.Hour, h.takeCensus},
		{"facts to fold", time.Minute, h.indicators.Refresh},
		{"authorities that wait too long", time.Hour, h.indicators.OverdueRequests},
	}
	all = append(all, h.cityChores()...)
	all = append(all, h.videoChores()...)
	if h.wallet != nil {
		all = append(all, chore{"wallet notices", 20 * time.Second, h.wallet.Resend})
	}
	return all
}

func (h *house) startWorkers(ctx context.Context, wait *sync.WaitGroup, more ...chore) {
	wait.Go(func() { h.relay.Run(ctx) })
	for _, c := range append(h.chores(), more...) {
		wait.Go(func() { c.run(ctx) })
	}
}

func (c chore) run(ctx context.Context) {
	tick := time.NewTicker(c.every)
	defer tick.Stop()
	for {
		if n, err := c.do(ctx); err != nil && !errors.Is(err, context.Canceled) {
			slog.Error("chore", "name", c.name, "error", err)
		} else if n > 0 {
			slog.Info("chore", "name", c.name, "count", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// migrations change stored documents from one version of the market to the
// next: numbered, append-only, resumable. Indexes need none: opening a
// collection builds what its declaration lacks.
func migrations() []store.Migration { return nil }

func migrate(ctx context.Context, c Config, _ []string) error {
	h, err := openBooks(ctx, c)
	if err != nil {
		return err
	}
	ran, err := store.Migrate(ctx, h.engine, h.env.Now, migrations())
	fmt.Printf("%d migrations ran; all indexes are ready\n", ran)
	return errors.Join(err, h.Close())
}
