package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"chohue/accounts"
	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/indicators"
	"chohue/livestream"
	"chohue/market"
	"chohue/notices"
	"chohue/orders"
	"chohue/payments"
	"chohue/payments/cod"
	"chohue/payments/sandbox"
	"chohue/payments/vietqr"
	"chohue/search"
	"chohue/store"
	"chohue/store/mongo"
	"chohue/store/sqlite"
)

// house is every room, wired by hand. Who needs whom can be read off open.
type house struct {
	config     Config
	env        market.Env
	engine     store.Engine
	areas      *market.Areas
	sets       catalog.Sets
	files      files
	inbox      *accounts.Inbox // nil outside demo mode
	wallet     *sandbox.Wallet // nil outside demo mode
	accounts   *accounts.Service
	sellers    *cooperatives.Service
	papers     *cooperatives.Papers
	pool       *cooperatives.Pool
	takedowns  *cooperatives.Takedowns
	catalog    *catalog.Service
	payments   *payments.Service
	payouts    *payments.Payouts
	orders     *orders.Service
	index      search.Engine
	search     *search.Service
	notebook   *search.Notebook
	livestream *livestream.Service
	feed       roomFeed
	indicators *indicators.Service
	city       *indicators.Pusher // nil when nothing is sent to the city
	notices    *notices.Service
	studio     *livestream.Studio // nil without live video
	pushKey    string             // what browsers are asked with; empty without pushing
	relay      *store.Relay
	close      []func() error
}

// outside is what differs between the real market and a seed or test that
// plays its own time and its own network.
type outside struct {
	env     market.Env
	client  *http.Client
	observe func(consumer string, lag time.Duration, err error)
}

func outdoors() outside {
	return outside{env: market.NewEnv(market.SystemClock), client: &http.Client{Timeout: 15 * time.Second}}
}

// open builds the whole house on the configured database, from the ground up.
func open(ctx context.Context, c Config, out outside) (*house, error) {
	h, err := build(ctx, c, out, (*house).openGround, (*house).openSellers, (*house).openCatalog,
		(*house).openPayments, (*house).openPayouts, (*house).openOrders, (*house).openCooperatives, (*house).openSearch, (*house).openUpper, (*house).openNotices, (*house).openVideo)
	if err != nil {
		return nil, err
	}
	h.relay = store.NewRelay(h.engine, slog.Default(), out.observe, append(h.consumers(), h.videoConsumers()...)...)
	if err := h.fillIndex(ctx); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// fillIndex builds the search index when there is none: after a restore, or
// when its folder was lost.
func (h *house) fillIndex(ctx context.Context) error {
	n, err := h.index.Count(ctx)
	if err != nil || n > 0 {
		return err
	}
	if err = h.search.Reindex(ctx); err == nil {
		return nil
	}
	if n, failed := h.index.Count(ctx); n == 0 || failed != nil {
		return errors.Join(err, failed)
	}
	slog.Error("search: not every engine could be filled", "err", err) // Recover will
	return nil
}

// openBooks builds the house without the search index, which belongs to one
// process: for chores beside a market that is serving. What they cause is
// delivered by that market's relay.
func openBooks(ctx context.Context, c Config) (*house, error) {
	return build(ctx, c, outdoors(), (*house).openGround, (*house).openSellers, (*house).openCatalog,
		(*house).openPayments, (*house).openPayouts, (*house).openOrders, (*house).openCooperatives, (*house).openUpper)
}

func build(ctx context.Context, c Config, out outside, parts ...func(*house, context.Context, outside) error) (*house, error) {
	h := &house{config: c, env: out.env}
	for _, part := range parts {
		if err := part(h, ctx, out); err != nil {
			return nil, errors.Join(err, h.Close())
		}
	}
	return h, nil
}

// Close closes what open opened, last first.
func (h *house) Close() error {
	var errs []error
	for i := len(h.close) - 1; i >= 0; i-- {
		errs = append(errs, h.close[i]())
	}
	h.close = nil
	return errors.Join(errs...)
}

func (h *house) openGround(ctx context.Context, _ outside) (err error) {
	if err := os.MkdirAll(h.config.Data, 0o700); err != nil {
		return err
	}
	if h.engine, err = openEngine(ctx, h.config.DB); err != nil {
		return err
	}
	h.close = append(h.close, h.engine.Close)
	if h.areas, err = market.LoadAreas(); err != nil {
		return err
	}
	if h.sets, err = catalog.LoadSets(); err != nil {
		return err
	}
	if h.files, err = openFiles(ctx, h.config); err != nil {
		return err
	}
	h.close = append(h.close, h.files.Close)
	return nil
}

func openEngine(ctx context.Context, address string) (store.Engine, error) {
	if path, ok := strings.CutPrefix(address, "file:"); ok {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		return sqlite.Open(ctx, path)
	}
	if strings.HasPrefix(address, "mongodb://") || strings.HasPrefix(address, "mongodb+srv://") {
		return mongo.Open(ctx, address, databaseName(address))
	}
	return nil, fmt.Errorf("MARKET_DB=%q: want file:PATH or mongodb://…", address)
}

// databaseName is the path of a MongoDB address, or "market".
func databaseName(address string) string {
	if u, err := url.Parse(address); err == nil && len(u.Path) > 1 {
		return u.Path[1:]
	}
	return "market"
}

func (h *house) openSellers(ctx context.Context, _ outside) (err error) {
	var sender accounts.Sender = unsent{}
	if h.config.Demo {
		if h.inbox, err = accounts.NewInbox(ctx, h.engine, h.env); err != nil {
			return err
		}
		sender = h.inbox
	}
	if h.accounts, err = accounts.New(ctx, h.engine, h.env, sender); err != nil {
		return err
	}
	h.sellers, err = cooperatives.New(ctx, h.engine, h.env, h.areas)
	return err
}

// unsent stands where a text-message gateway has not been contracted yet.
type unsent struct{}

func (unsent) Send(context.Context, string, string, string) error {
	return market.Unavailable("signin.no_sender")
}

func (h *house) openCatalog(ctx context.Context, _ outside) (err error) {
	h.catalog, err = catalog.New(ctx, h.engine, h.env, sellerCards{h.sellers, h.areas}, h.files, h.sets)
	return err
}

// sellerCards shows the catalogue what it needs of a seller.
type sellerCards struct {
	sellers *cooperatives.Service
	areas   *market.Areas
}

func (a sellerCards) SellerCard(ctx context.Context, id market.ID) (catalog.SellerCard, error) {
	s, err := a.sellers.Seller(ctx, id)
	if err != nil {
		return catalog.SellerCard{}, err
	}
	licences, err := a.sellers.Licences(ctx, id)
	if err != nil {
		return catalog.SellerCard{}, err
	}
	ward, _ := a.areas.Find(s.Ward)
	return catalog.SellerCard{
		Licences: licences,
		ID:       s.ID, At: catalog.Position{Lat: ward.Lat, Lng: ward.Lng}, Slug: s.Slug, Name: s.Name, Kind: string(s.Kind), Ward: s.Ward,
		Verified: s.Status == cooperatives.StatusVerified,
	}, nil
}

// What the sandbox wallet knows of the market, and gives everybody to spend.
const (
	merchant                 = "CHOHUE"
	walletBalance market.VND = 50_000_000
)

func (h *house) openPayments(ctx context.Context, out outside) error {
	providers := []payments.Provider{vietqr.New("HUE"), cod.New()}
	if h.config.Demo {
		secret, err := h.secret("sandbox", h.config.Secret)
		if err != nil {
			return err
		}
		h.wallet, err = sandbox.NewWallet(ctx, h.engine, h.env, sandbox.WalletConfig{
			Merchant: merchant, MerchantName: "Chợ Huế", Secret: secret, Balance: walletBalance, Client: out.client,
		})
		if err != nil {
			return err
		}
		providers = append([]payments.Provider{sandbox.New(sandbox.Config{
			Merchant: merchant, Secret: secret, WalletURL: h.config.URL + "/sandbox", Now: h.env.Now, Client: out.client,
		})}, providers...)
	}
	wallets, err := h.wallets()
	if err != nil {
		return err
	}
	providers = append(wallets, providers...)
	h.payments, err = payments.New(ctx, h.engine, h.env, providers...)
	return err
}

// secret returns the configured secret, or one made at first start and kept
// readable by the keeper alone.
func (h *house) secret(name, configured string) (string, error) {
	if configured != "" {
		return configured, nil
	}
	return h.keep(name, market.NewSecret())
}

// keep returns the secret kept under the name, which is fresh at first start.
func (h *house) keep(name, fresh string) (string, error) {
	path := filepath.Join(h.config.Data, "secrets", name)
	if kept, err := os.ReadFile(path); err == nil {
		return strings.TrimSpace(string(kept)), nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	return fresh, os.WriteFile(path, []byte(fresh+"\n"), 0o600)
}

func (h *house) openOrders(ctx context.Context, out outside) error {
	carriers, err := h.config.carriers(out.client)
	if err != nil {
		return err
	}
	fees, err := payments.LoadFees()
	if err != nil {
		return err
	}
	secret, err := h.secret("carts", h.config.Secret)
	if err != nil {
		return err
	}
	h.orders, err = orders.New(ctx, h.engine, h.env, h.areas, orders.Rooms{
		Shelf: h.catalog, Till: h.payments, Sellers: h.sellers, Fees: fees, Promises: promises{h}, Files: h.files, Carriers: carriers, Secret: []byte(secret),
	})
	return err
}

func (h *house) openUpper(ctx context.Context, _ outside) (err error) {
	if err = h.openLivestream(ctx); err != nil {
		return err
	}
	if h.indicators, err = indicators.New(ctx, h.engine, h.env); err != nil {
		return err
	}
	return h.openCity()
}

// consumers is who hears of what. Each is idempotent by event id.
func (h *house) consumers() []store.Consumer {
	return []store.Consumer{
		{Name: "ledger", Types: payments.Consumes(), Handle: h.payments.Consume},
		{Name: "orders", Types: orders.Consumes(), Handle: h.orders.Consume},
		{Name: "audit", Types: cooperatives.Consumes(), Handle: h.sellers.Consume},
		{Name: "pool", Types: cooperatives.PoolConsumes(), Handle: h.pool.Consume},
		{Name: "catalog", Types: catalog.Consumes(), Handle: h.catalog.Consume},
		{Name: "search", Types: search.Consumes(), Handle: h.search.Consume},
		{Name: "livestream", Types: livestream.Consumes(), Handle: h.livestream.Consume},
		{Name: "indicators", Types: indicators.Consumes(), Handle: h.indicators.Consume},
		{Name: "notices", Types: notices.Consumes(), Handle: h.notices.Consume},
	}
}
