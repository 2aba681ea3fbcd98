package pages_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/net/html"

	"chohue/accounts"
	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/frontend/locale"
	"chohue/frontend/pages"
	"chohue/frontend/ui"
	"chohue/frontend/web"
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
	"chohue/search/embedded"
	"chohue/store"
	"chohue/store/sqlite"
)

// shop is the pages over real rooms on a real database, behind a real server.
type shop struct {
	t       *testing.T
	rooms   pages.Rooms
	relay   *store.Relay
	server  *httptest.Server
	coop    market.ID
	craft   market.ID                 // a second seller
	clock   atomic.Pointer[time.Time] // a stopped clock; nil for the wall's
	variant map[string]market.ID
	barn    *barn
	mailbox *mailbox
}

func (s *shop) now() time.Time {
	if at := s.clock.Load(); at != nil {
		return *at
	}
	return market.SystemClock()
}

type files map[string][]byte

func (f files) Put(_ context.Context, key, _ string, data []byte) error {
	f[key] = data
	return nil
}

func (f files) Get(_ context.Context, key string) ([]byte, error) {
	if data, ok := f[key]; ok {
		return data, nil
	}
	return nil, market.NotFound("photo.missing")
}

type cards struct{ sellers *cooperatives.Service }

func (c cards) SellerCard(ctx context.Context, id market.ID) (catalog.SellerCard, error) {
	s, err := c.sellers.Seller(ctx, id)
	if err != nil {
		return catalog.SellerCard{}, err
	}
	return catalog.SellerCard{ID: s.ID, Slug: s.Slug, Name: s.Name, Kind: string(s.Kind), Ward: s.Ward, Verified: true, Licences: []string{"alcohol"}}, nil
}

// payees shows payouts who sellers are.
type payees struct{ sellers *cooperatives.Service }

func (p payees) Payee(ctx context.Context, id market.ID) (payments.Payee, error) {
	s, err := p.sellers.Seller(ctx, id)
	if err != nil {
		return payments.Payee{}, err
	}
	return payments.Payee{
		Name: s.Name.VI, Kind: string(s.Kind), TaxCode: s.TaxCode, Bank: payments.Bank{BIN: s.Bank.BIN, Account: s.Bank.Account, Holder: s.Bank.Holder},
	}, nil
}

// purse shows the sandbox wallet to its page.
type purse struct{ *sandbox.Wallet }

func (p purse) Open(ctx context.Context, query string) (pages.WalletView, error) {
	view, err := p.Wallet.Open(ctx, query)
	return pages.WalletView(view), err
}

const merchant, secret = "CHOHUE", "a secret between the two"

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, variant: map[string]market.ID{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(err)
	base := "http://" + listener.Addr().String()
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "market.db"))
	s.must(err)
	t.Cleanup(func() { _ = engine.Close() })
	wallet := s.furnish(engine, base)
	s.stock()
	s.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: s.handler(engine, wallet, base), ReadHeaderTimeout: time.Minute}}
	s.server.Start()
	t.Cleanup(s.server.Close)
	return s
}

// furnish opens every room, from the ground up.
func (s *shop) furnish(engine store.Engine, base string) *sandbox.Wallet {
	s.t.Helper()
	ctx, env := s.t.Context(), market.NewEnv(s.now)
	areas, err := market.LoadAreas()
	s.must(err)
	sets, err := catalog.LoadSets()
	s.must(err)
	fees, err := payments.LoadFees()
	s.must(err)
	rates, err := orders.LoadRates()
	s.must(err)
	r := pages.Rooms{Env: env, Areas: areas, Sets: sets, Rates: rates, Files: files{}}
	r.Inbox, err = accounts.NewInbox(ctx, engine, env)
	s.must(err)
	r.Accounts, err = accounts.New(ctx, engine, env, r.Inbox)
	s.must(err)
	r.Sellers, err = cooperatives.New(ctx, engine, env, areas)
	s.must(err)
	r.Catalog, err = catalog.New(ctx, engine, env, cards{r.Sellers}, r.Files, sets)
	s.must(err)
	wallet, err := sandbox.NewWallet(ctx, engine, env, sandbox.WalletConfig{Merchant: merchant, MerchantName: "Chợ Huế", Secret: secret, Balance: 5_000_000})
	s.must(err)
	r.Wallet = purse{wallet}
	r.Payments, err = payments.New(ctx, engine, env,
		sandbox.New(sandbox.Config{Merchant: merchant, Secret: secret, WalletURL: base + "/sandbox", Now: env.Now, Client: http.DefaultClient}),
		vietqr.New("HUE"), cod.New())
	s.must(err)
	r.Payouts, err = payments.NewPayouts(r.Payments, payees{r.Sellers})
	s.must(err)
	r.Orders, err = orders.New(ctx, engine, env, areas, orders.Rooms{Shelf: r.Catalog, Till: r.Payments, Sellers: r.Sellers, Fees: fees, Files: r.Files, Promises: latePromises{s}})
	s.must(err)
	r.Livestream, err = livestream.New(ctx, engine, env, livestream.Rooms{Shelf: r.Catalog, Sellers: r.Sellers, Secret: []byte(secret)})
	s.must(err)
	r.Studio = s.film(engine, r.Livestream, r.Files.(files), env)
	r.Indicators, err = indicators.New(ctx, engine, env)
	s.must(err)
	synonyms, err := search.LoadSynonyms()
	s.must(err)
	index, err := embedded.Open(filepath.Join(s.t.TempDir(), "search"), env.Now, synonyms)
	s.must(err)
	s.t.Cleanup(func() { _ = index.Close() })
	r.Search = search.New(index, r.Catalog, sets, areas)
	r.Notebook, err = search.NewNotebook(ctx, engine, env)
	s.must(err)
	s.cooperate(engine, &r)
	s.post(engine, &r)
	s.rooms = r
	s.relay = store.NewRelay(engine, slog.New(slog.NewTextHandler(io.Discard, nil)), nil,
		store.Consumer{Name: "ledger", Types: payments.Consumes(), Handle: r.Payments.Consume},
		store.Consumer{Name: "orders", Types: orders.Consumes(), Handle: r.Orders.Consume},
		store.Consumer{Name: "audit", Types: cooperatives.Consumes(), Handle: r.Sellers.Consume},
		store.Consumer{Name: "catalog", Types: catalog.Consumes(), Handle: r.Catalog.Consume},
		store.Consumer{Name: "livestream", Types: livestream.Consumes(), Handle: r.Livestream.Consume},
		store.Consumer{Name: "indicators", Types: indicators.Consumes(), Handle: r.Indicators.Consume},
		store.Consumer{Name: "notices", Types: notices.Consumes(), Handle: r.Notices.Consume},
		store.Consumer{Name: "search", Types: search.Consumes(), Handle: r.Search.Consume},
	)
	return wallet
}

// handler is the hall with the pages in it, and beside them what the wallet
// and the market say to each other.
func (s *shop) handler(engine store.Engine, wallet *sandbox.Wallet, base string) http.Handler {
	s.t.Helper()
	texts, err := locale.Load()
	s.must(err)
	assets, err := ui.Load()
	s.must(err)
	door, err := pages.New(s.rooms, assets, texts, pages.Config{BaseURL: base, Demo: true})
	s.must(err)
	cfg := web.DefaultConfig()
	cfg.Limits = nil
	hall, err := web.New(s.t.Context(), cfg, web.Deps{
		Engine: engine, Env: s.rooms.Env, Log: slog.New(slog.NewTextHandler(testLog{s.t}, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Metrics: prometheus.NewRegistry(), Words: texts, Sessions: s.rooms.Accounts, People: s.rooms.Accounts, Sellers: s.rooms.Sellers,
		ErrorPage: door.ErrorPage,
	})
	s.must(err)
	router := hall.Router()
	router.GET("/static/*file", gin.WrapH(assets))
	for _, r := range door.Routes() {
		router.Handle(r.Method, r.Path, hall.OnceForm, hall.Handle(r.Serve))
	}
	router.POST("/sandbox/api/query", answer(func(ctx context.Context, raw payments.Raw) payments.Reply { return wallet.Query(ctx, raw) }))
	router.POST("/api/v1/payments/:provider/notices", answer(func(ctx context.Context, raw payments.Raw) payments.Reply {
		reply, _ := s.rooms.Payments.Notice(ctx, sandbox.Name, raw) // the reply tells the wallet
		return reply
	}))
	return router
}

func answer(do func(context.Context, payments.Raw) payments.Reply) gin.HandlerFunc {
	return func(c *gin.Context) {
		body, _ := io.ReadAll(c.Request.Body)
		reply := do(c.Request.Context(), payments.Raw{Body: body, Header: c.Request.Header, Query: c.Request.URL.RawQuery})
		c.Data(reply.Status, reply.ContentType, reply.Body)
	}
}

// testLog shows what the hall logs among the test's own words.
type testLog struct{ t *testing.T }

func (l testLog) Write(line []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(line)))
	return len(line), nil
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) drain() {
	s.t.Helper()
	s.must(s.relay.Drain(s.t.Context()))
}

// stock fills the shop: two sellers, a fruit in two variants with a
// certificate, a hat, and a spirit for adults.
func (s *shop) stock() {
	s.t.Helper()
	s.coop = s.seller("HTX Thủy Biều", cooperatives.KindHTX)
	s.craft = s.seller("Làng nghề Bao La", cooperatives.KindGroup)
	kilo := market.Size{Base: market.Grams, Amount: 1000}
	fruit := s.product(s.coop, "Thanh trà Thủy Biều", 1, 4,
		catalog.VariantDraft{Name: market.Text{VI: "Theo ký", EN: "By the kilo"}, Unit: "kg", Size: kilo, Price: 45_000, Stock: 20},
		catalog.VariantDraft{Name: market.Text{VI: "Thùng 5 kg"}, Unit: "thùng", Size: market.Size{Base: market.Grams, Amount: 5000}, Price: 210_000, Stock: 3})
	s.variant["kg"], s.variant["box"] = fruit.Variants[0].ID, fruit.Variants[1].ID
	hat := s.product(s.craft, "Nón lá bài thơ", 21, 0,
		catalog.VariantDraft{Name: market.Text{VI: "Một chiếc"}, Unit: "chiếc", Size: market.Size{Base: market.Pieces, Amount: 1}, Price: 120_000, Stock: 5})
	s.variant["hat"] = hat.Variants[0].ID
	spirit := s.product(s.craft, "Rượu Ô Lâu", 14, 3,
		catalog.VariantDraft{Name: market.Text{VI: "Chai 500 ml"}, Unit: "chai", Size: market.Size{Base: market.Grams, Amount: 500}, Price: 90_000, Stock: 7})
	s.variant["spirit"] = spirit.Variants[0].ID
	s.drain()
}

func (s *shop) seller(name string, kind cooperatives.Kind) market.ID {
	s.t.Helper()
	made, err := s.rooms.Sellers.Register(s.t.Context(), market.System, cooperatives.Registration{
		Name: market.Text{VI: name}, Kind: kind, Ward: "19813", Street: "thôn Một", Phone: "0905123456", TaxCode: "3300100001",
		Story: market.Text{VI: "Làm nghề từ bốn đời nay."}, Bank: cooperatives.Bank{BIN: "970405", Account: "0000000001", Holder: "HTX"},
	})
	s.must(err)
	_, err = s.rooms.Sellers.Verify(s.t.Context(), market.System, made.ID)
	s.must(err)
	return made.ID
}

func (s *shop) product(seller market.ID, name string, set, stars int, variants ...catalog.VariantDraft) *catalog.Product {
	s.t.Helper()
	ctx, room := s.t.Context(), s.rooms.Catalog
	p, err := room.CreateDraft(ctx, market.System, catalog.Draft{
		Seller: seller, Set: set, Name: market.Text{VI: name, EN: name}, Variants: variants,
		Description: market.Text{VI: "Hái sáng giao chiều, không phun thuốc.\n\nĐể nơi thoáng mát."}, Story: market.Text{VI: "Vườn bên bờ sông Hương."},
	})
	s.must(err)
	_, err = room.AddPhoto(ctx, market.System, p.ID, photo(s.t, set), market.Text{VI: name})
	s.must(err)
	_, err = room.Submit(ctx, market.System, p.ID)
	s.must(err)
	p, err = room.Approve(ctx, market.System, p.ID)
	s.must(err)
	if stars == 0 {
		return p
	}
	p, err = room.Certify(ctx, market.System, p.ID, catalog.Certificate{
		ID: p.ID, DecisionNo: fmt.Sprintf("%d/QĐ-UBND", 900+set), DecisionDate: time.Date(2026, time.June, 15, 0, 0, 0, 0, market.HueZone),
		Issuer: "UBND thành phố Huế", IssuerLevel: "province", Score: map[int]float64{3: 55, 4: 78.5}[stars], Verification: catalog.ProofDecision,
	})
	s.must(err)
	return p
}

// photo draws something that is not grey; sets differ in colour.
func photo(t *testing.T, set int) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for i := range 400 * 300 {
		picture.Set(i%400, i/400, color.RGBA{uint8(set * 9), uint8(120 + i%97), 90, 255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// visitor is one browser without script.
type visitor struct {
	*shop
	client *http.Client
}

// page is what a visitor got.
type page struct {
	t      *testing.T
	status int
	at     *url.URL
	header http.Header
	body   string
	root   *html.Node
}

func (s *shop) visitor() *visitor {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	s.must(err)
	return &visitor{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (v *visitor) do(method, path string, form url.Values) page {
	v.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = v.server.URL + path
	}
	r, err := http.NewRequestWithContext(v.t.Context(), method, path, strings.NewReader(form.Encode()))
	v.must(err)
	r.Header.Set("User-Agent", "Mozilla/5.0 (Linux; Android 14) Firefox/140.0")
	r.Header.Set("Accept", "text/html")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := v.client.Do(r)
	v.must(err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	v.must(err)
	root, err := html.Parse(bytes.NewReader(body))
	v.must(err)
	return page{v.t, resp.StatusCode, resp.Request.URL, resp.Header, string(body), root}
}

func (v *visitor) get(path string) page {
	v.t.Helper()
	return v.do(http.MethodGet, path, nil)
}

// post sends a form and follows the redirect, as browsers do.
func (v *visitor) post(path string, pairs ...string) page {
	v.t.Helper()
	got := v.do(http.MethodPost, path, form(pairs...))
	for got.status == http.StatusSeeOther {
		v.drain()
		to, err := got.at.Parse(got.header.Get("Location"))
		v.must(err)
		got = v.get(to.String())
	}
	return got
}

func form(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values
}

// all returns the elements of that name, or of that class (".bag").
func (p page) all(name string) []*html.Node {
	var out []*html.Node
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		class, byClass := strings.CutPrefix(name, ".")
		if !byClass && n.Data == name || byClass && strings.Contains(" "+attr(n, "class")+" ", " "+class+" ") {
			out = append(out, n)
		}
	}
	return out
}

// input returns the form element of that name, or nil.
func (p page) input(name string) *html.Node {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && attr(n, "name") == name {
			return n
		}
	}
	return nil
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text is what the page says, in one line.
func (p page) text() string {
	var b strings.Builder
	for n := range p.root.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "script" {
			b.WriteString(n.Data + " ")
		}
	}
	return strings.ReplaceAll(strings.Join(strings.Fields(b.String()), " "), "\u00a0", " ")
}

func (p page) says(wanted ...string) {
	p.t.Helper()
	text := p.text()
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			p.t.Errorf("%s (%d) does not say %q; it says: %s", p.at.Path, p.status, w, text)
		}
	}
}

func (p page) is(status int) page {
	p.t.Helper()
	if p.status != status {
		p.t.Fatalf("%s: status %d, want %d: %s", p.at, p.status, status, p.text())
	}
	return p
}
