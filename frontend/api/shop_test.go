package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/accounts"
	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/frontend/locale"
	"chohue/frontend/web"
	"chohue/indicators"
	"chohue/livestream"
	"chohue/market"
	"chohue/notices"
	"chohue/orders"
	"chohue/orders/ghn"
	"chohue/orders/ghn/ghnsim"
	"chohue/payments"
	"chohue/payments/cod"
	"chohue/payments/sandbox"
	"chohue/payments/vietqr"
	"chohue/search"
	"chohue/search/embedded"
	"chohue/store"
	"chohue/store/sqlite"
)

// shop is the API with every room behind it, on a real database, with a clock
// that tests turn, and a wallet that calls back over HTTP.
type shop struct {
	*Door

	t       testing.TB
	ctx     context.Context
	engine  store.Engine
	tape    *tape
	inbox   *accounts.Inbox
	wallet  *sandbox.Wallet
	relay   *store.Relay
	road    *ghnsim.Sim
	log     *bytes.Buffer
	writes  atomic.Int64 // to documents that trade is made of
	killed  atomic.Bool
	handler http.Handler
	url     string
	barn    *barn

	mu  sync.Mutex
	now time.Time
}

// counted counts what is written to documents that trade is made of.
type counted struct {
	store.Engine

	writes *atomic.Int64
	killed *atomic.Bool // after the work and before its answer is kept
}

var errKilled = errors.New("killed")

var tradeDocuments = []string{
	"carts", "orders", "products", "product_slugs", "stocks", "sales", "payments", "payment_ledger", "sellers", "people", "links",
	"deliveries", "settlements", "seller-papers", "seller-mandates", "seller-sharing", "takedowns",
}

func (c *counted) note(collection string) {
	if slices.Contains(tradeDocuments, collection) {
		c.writes.Add(1)
	}
}

func (c *counted) Insert(ctx context.Context, collection string, w store.Write) error {
	err := c.Engine.Insert(ctx, collection, w)
	if err == nil {
		c.note(collection)
	}
	return err
}

func (c *counted) Update(ctx context.Context, collection string, id market.ID, create bool, change store.Change) error {
	if collection == "idempotency" && c.killed.Load() {
		return errKilled
	}
	written := false
	err := c.Engine.Update(ctx, collection, id, create, func(old bson.Raw) (store.Write, error) {
		w, err := change(old)
		written = w.Body != nil
		return w, err
	})
	if err == nil && written {
		c.note(collection)
	}
	return err
}

func (c *counted) Delete(ctx context.Context, collection string, id market.ID) error {
	c.note(collection)
	return c.Engine.Delete(ctx, collection, id)
}

type files struct{ sync.Map }

func (f *files) Put(_ context.Context, key, _ string, data []byte) error {
	f.Store(key, data)
	return nil
}

func (f *files) Get(_ context.Context, key string) ([]byte, error) {
	data, ok := f.Load(key)
	if !ok {
		return nil, market.NotFound("photo.missing")
	}
	raw, _ := data.([]byte)
	return raw, nil
}

type sellerCards struct{ sellers *cooperatives.Service }

func (a sellerCards) SellerCard(ctx context.Context, id market.ID) (catalog.SellerCard, error) {
	s, err := a.sellers.Seller(ctx, id)
	if err != nil {
		return catalog.SellerCard{}, err
	}
	return catalog.SellerCard{
		ID: s.ID, Slug: s.Slug, Name: s.Name, Kind: string(s.Kind), Ward: s.Ward,
		Verified: s.Status == cooperatives.StatusVerified,
	}, nil
}

func (s *shop) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *shop) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func openShop(t testing.TB) *shop {
	t.Helper()
	s := &shop{t: t, ctx: t.Context(), now: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC), log: &bytes.Buffer{}}
	dir := t.TempDir()
	engine, err := sqlite.Open(s.ctx, filepath.Join(dir, "market.db"))
	s.must(err)
	s.tape = &tape{Engine: engine}
	s.engine = &counted{Engine: s.tape, writes: &s.writes, killed: &s.killed}
	t.Cleanup(func() { _ = s.engine.Close() })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	s.url = server.URL
	s.mount(s.rooms(dir))
	return s
}

func (s *shop) rooms(dir string) Rooms {
	env := market.NewEnv(s.clock)
	r := Rooms{Env: env}
	var err error
	r.Areas, err = market.LoadAreas()
	s.must(err)
	r.Sets, err = catalog.LoadSets()
	s.must(err)
	s.inbox, err = accounts.NewInbox(s.ctx, s.engine, env)
	s.must(err)
	rules := accounts.DefaultRules()
	rules.Argon.Memory, rules.Argon.Iterations = 64, 1
	free := accounts.Limit{}
	rules.CodesPerIP, rules.CodesPerPhone, rules.TriesPerIP, rules.TriesPerPhone = free, free, free, free
	r.Accounts, err = accounts.NewWithRules(s.ctx, s.engine, env, s.inbox, rules)
	s.must(err)
	r.Sellers, err = cooperatives.New(s.ctx, s.engine, env, r.Areas)
	s.must(err)
	r.Catalog, err = catalog.New(s.ctx, s.engine, env, sellerCards{r.Sellers}, &files{}, r.Sets)
	s.must(err)
	s.pay(&r, env)
	r.Payouts, err = payments.NewPayouts(r.Payments, payees{r.Sellers})
	s.must(err)
	fees, err := payments.LoadFees()
	s.must(err)
	r.Orders, err = orders.New(s.ctx, s.engine, env, r.Areas, orders.Rooms{Shelf: r.Catalog, Till: r.Payments, Sellers: r.Sellers, Fees: fees, Carriers: s.carriers(), Files: &files{}})
	s.must(err)
	synonyms, err := search.LoadSynonyms()
	s.must(err)
	index, err := embedded.Open(filepath.Join(dir, "search"), env.Now, synonyms)
	s.must(err)
	s.t.Cleanup(func() { _ = index.Close() })
	r.Search = search.New(index, r.Catalog, r.Sets, r.Areas)
	s.cooperate(&r)
	r.Livestream, err = livestream.New(s.ctx, s.engine, env, livestream.Rooms{Shelf: r.Catalog, Sellers: r.Sellers})
	s.must(err)
	r.Indicators, err = indicators.New(s.ctx, s.engine, env)
	s.must(err)
	r.Notices, err = notices.New(s.ctx, s.engine, env, notices.Rooms{People: readers{r.Accounts, r.Sellers}, Orders: r.Orders, Goods: names{r.Catalog}})
	s.must(err)
	s.relay = store.NewRelay(s.engine, slog.New(slog.NewTextHandler(io.Discard, nil)), nil,
		store.Consumer{Name: "ledger", Types: payments.Consumes(), Handle: r.Payments.Consume},
		store.Consumer{Name: "orders", Types: orders.Consumes(), Handle: r.Orders.Consume},
		store.Consumer{Name: "audit", Types: cooperatives.Consumes(), Handle: r.Sellers.Consume},
		store.Consumer{Name: "catalog", Types: catalog.Consumes(), Handle: r.Catalog.Consume},
		store.Consumer{Name: "search", Types: search.Consumes(), Handle: r.Search.Consume},
		store.Consumer{Name: "livestream", Types: livestream.Consumes(), Handle: r.Livestream.Consume},
		store.Consumer{Name: "indicators", Types: indicators.Consumes(), Handle: r.Indicators.Consume},
		store.Consumer{Name: "notices", Types: notices.Consumes(), Handle: r.Notices.Consume},
	)
	return r
}

// carriers lets parcels go by GHN, played on the wire.
func (s *shop) carriers() orders.Carriers {
	s.road = ghnsim.New("token", "885", s.clock)
	server := httptest.NewServer(s.road.Handler())
	s.t.Cleanup(server.Close)
	carrier, err := ghn.New(ghn.Config{Base: server.URL, Token: "token", ShopID: "885", Secret: "s3cret", Client: server.Client()})
	s.must(err)
	return orders.Carriers{carrier}
}

func (s *shop) pay(r *Rooms, env market.Env) {
	const merchant, secret = "CHOHUE", "an agreed secret"
	var err error
	s.wallet, err = sandbox.NewWallet(s.ctx, s.engine, env, sandbox.WalletConfig{
		Merchant: merchant, MerchantName: "Chợ Huế", Secret: secret, Balance: 100_000_000,
	})
	s.must(err)
	r.Payments, err = payments.New(s.ctx, s.engine, env,
		sandbox.New(sandbox.Config{Merchant: merchant, Secret: secret, WalletURL: s.url + "/sandbox", Now: env.Now}),
		vietqr.New("HUE"), cod.New())
	s.must(err)
}

func (s *shop) mount(rooms Rooms) {
	words, err := locale.Load()
	s.must(err)
	cfg := web.DefaultConfig()
	cfg.Limits = nil
	logger := slog.New(web.LogHandler(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelError})))
	hall, err := web.New(s.ctx, cfg, web.Deps{
		Engine: s.engine, Env: rooms.Env, Log: logger, Metrics: prometheus.NewRegistry(), Words: words,
		Sessions: rooms.Accounts, People: rooms.Accounts, Sellers: rooms.Sellers,
	})
	s.must(err)
	s.Door, err = New(hall, rooms, Config{BaseURL: s.url, Log: logger})
	s.must(err)
	s.handler = hall.Router()
}

func (s *shop) drain() {
	s.t.Helper()
	s.must(s.relay.Drain(s.ctx))
	s.must(s.Payments.Check(s.ctx))
}

// seller makes a verified cooperative.
func (s *shop) seller(name string) market.ID {
	s.t.Helper()
	made, err := s.Sellers.Register(s.ctx, market.System, cooperatives.Registration{
		Name: market.Text{VI: name}, Kind: cooperatives.KindHTX, Ward: "19813", Street: "thôn Một", Phone: "0905123456", TaxCode: "3300100001",
		Bank: cooperatives.Bank{BIN: "970405", Account: "0000000001", Holder: "HTX"},
	})
	s.must(err)
	_, err = s.Sellers.Verify(s.ctx, market.System, made.ID)
	s.must(err)
	return made.ID
}

// draft is what product and tests list.
func draft(seller market.ID, name string, price market.VND, stock int64) catalog.Draft {
	return catalog.Draft{
		Seller: seller, Set: 1, Name: market.Text{VI: name}, Description: market.Text{VI: "Trái cây vườn nhà, hái sáng giao chiều."},
		Variants: []catalog.VariantDraft{{
			Name: market.Text{VI: "1 kg"}, Unit: "kg", Size: market.Size{Base: market.Grams, Amount: 1000}, Price: price, Stock: stock,
		}},
	}
}

// draft lists a product with a photo that nobody has checked yet.
func (s *shop) draft(seller market.ID, name string) *catalog.Product {
	s.t.Helper()
	p, err := s.Catalog.CreateDraft(s.ctx, market.System, draft(seller, name, 45_000, 50))
	s.must(err)
	p, err = s.Catalog.AddPhoto(s.ctx, market.System, p.ID, picture(s.t, 1), market.Text{VI: name})
	s.must(err)
	return p
}

// product publishes a product of one variant.
func (s *shop) product(seller market.ID, name string, price market.VND, stock int64) *catalog.Product {
	s.t.Helper()
	p, err := s.Catalog.CreateDraft(s.ctx, market.System, draft(seller, name, price, stock))
	s.must(err)
	_, err = s.Catalog.AddPhoto(s.ctx, market.System, p.ID, picture(s.t, 1), market.Text{VI: name})
	s.must(err)
	_, err = s.Catalog.Submit(s.ctx, market.System, p.ID)
	s.must(err)
	p, err = s.Catalog.Approve(s.ctx, market.System, p.ID)
	s.must(err)
	return p
}

// certify gives the product four stars that end after the given time.
func (s *shop) certify(product market.ID, lasting time.Duration) {
	s.t.Helper()
	_, err := s.Catalog.Certify(s.ctx, market.System, product, catalog.Certificate{
		DecisionNo: "1810/QĐ-UBND", DecisionDate: s.clock().Add(-time.Hour), Issuer: "UBND thành phố Huế", IssuerLevel: "province",
		Stars: 4, ValidTo: s.clock().Add(lasting), Verification: catalog.ProofDecision, CheckedBy: "test",
	})
	s.must(err)
}

// picture is a JPEG that differs by shade.
func picture(t testing.TB, shade uint8) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 120, 120))
	for i := range img.Pix {
		img.Pix[i] = color.Gray{Y: shade}.Y
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// visitor is a client with its cookies.
type visitor struct {
	*shop

	cookies map[string]string
	header  http.Header
}

func (s *shop) guest() *visitor {
	return &visitor{shop: s, cookies: map[string]string{}, header: http.Header{"Accept-Language": {"en"}}}
}

// person signs in by code, with these roles and as a manager of these sellers.
func (s *shop) person(phone string, roles []market.Role, sellers ...market.ID) *visitor {
	s.t.Helper()
	s.pass(time.Second) // so that of two codes the later one is known
	p, err := s.Accounts.Ensure(s.ctx, market.System, phone, "Người Thử", append(roles, market.RoleBuyer)...)
	s.must(err)
	for _, seller := range sellers {
		_, err := s.Sellers.AddMember(s.ctx, market.System, seller, cooperatives.Member{Person: p.ID, Name: p.Name, Role: cooperatives.MemberManager})
		s.must(err)
	}
	v := s.guest()
	if w := v.do("POST", "/signin/codes", CodeRequest{Phone: phone}); w.Code != http.StatusNoContent {
		s.t.Fatalf("code: %d %s", w.Code, w.Body)
	}
	if w := v.do("POST", "/signin", SignIn{Phone: phone, Code: s.code(phone)}); w.Code != http.StatusOK {
		s.t.Fatalf("sign in: %d %s", w.Code, w.Body)
	}
	return v
}

// code is what was sent to the phone.
func (s *shop) code(phone string) string {
	s.t.Helper()
	sent, err := s.inbox.Messages(s.ctx, 100)
	s.must(err)
	number, err := accounts.ParsePhone(phone)
	s.must(err)
	for _, m := range sent {
		if m.Phone == number {
			return m.Code
		}
	}
	s.t.Fatal("no code was sent")
	return ""
}

// noKey is how a test says that a request goes without an Idempotency-Key.
const noKey = "without"

// do asks with body as JSON, or as it is when it is bytes. Like every client,
// it sends a key of its own with what must happen once.
func (v *visitor) do(method, path string, body any, header ...string) *httptest.ResponseRecorder {
	v.t.Helper()
	var reader io.Reader
	media := ""
	switch b := body.(type) {
	case nil:
	case []byte:
		reader, media = bytes.NewReader(b), mediaJSON
	default:
		raw, err := json.Marshal(b)
		v.must(err)
		reader, media = bytes.NewReader(raw), mediaJSON
	}
	r := httptest.NewRequest(method, Prefix+path, reader)
	maps.Copy(r.Header, v.header)
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	if method == http.MethodPost {
		r.Header.Set(web.KeyHeader, market.NewSecret())
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if r.Header.Get(web.KeyHeader) == noKey {
		r.Header.Del(web.KeyHeader)
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	v.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		v.cookies[c.Name] = c.Value
	}
	return w
}

// get asks for path and reads the answer, which must be a success.
func get[T any](v *visitor, path string) T {
	v.t.Helper()
	return ok[T](v.t, v.do("GET", path, nil))
}

func ok[T any](t testing.TB, w *httptest.ResponseRecorder) T {
	t.Helper()
	var out T
	if w.Code >= 300 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return out
}

// problem reads an answer that must be a problem of that status.
func problem(t testing.TB, w *httptest.ResponseRecorder, status int) web.Problem {
	t.Helper()
	var p web.Problem
	if w.Code != status || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Fatalf("got %d %s %s, want problem %d", w.Code, w.Header().Get("Content-Type"), w.Body, status)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != status || p.Instance == "" || p.Type == "" || p.Title == "" || strings.HasPrefix(p.Title, "problem.") {
		t.Fatalf("problem %s", w.Body)
	}
	return p
}

var home = Address{Name: "Nguyễn Thị Mua", Phone: "0905 111 222", Province: "01", Ward: "00004", Street: "12 Đội Cấn"}

// fill puts goods into a new cart.
func (v *visitor) fill(products ...*catalog.Product) Cart {
	v.t.Helper()
	c := ok[Cart](v.t, v.do("POST", "/carts", nil))
	for _, p := range products {
		c = ok[Cart](v.t, v.do("PUT", "/carts/"+string(c.ID)+"/lines/"+string(p.Variants[0].ID), LineWish{Quantity: 2}))
	}
	return c
}

func (v *visitor) buy(method string, products ...*catalog.Product) Placed {
	v.t.Helper()
	c := v.fill(products...)
	return ok[Placed](v.t, v.do("POST", "/carts/"+string(c.ID)+"/checkout", Checkout{Address: home, Method: method}))
}
