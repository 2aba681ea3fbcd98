package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
)

const childFlag = "MARKET_TEST_CHILD"

// TestMain lets the test binary be the market that a test kills.
func TestMain(m *testing.M) {
	if os.Getenv(childFlag) != "" {
		if err := run(context.Background(), []string{"serve"}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// TestKillDuringCheckouts kills a serving market again and again while buyers
// check out and pay, then wants every acknowledged write back, every hold used
// or ended, every captured payment in an order or a refund, and the ledger at
// zero. MARKET_TEST_ROUNDS sets how often.
func TestKillDuringCheckouts(t *testing.T) {
	c := &crash{t: t, config: testConfig(t), acked: map[string]bool{}, dice: rand.New(rand.NewPCG(46, 2026))}
	c.stockShelves()
	for round := range rounds(t) {
		c.round(time.Duration(30+c.dice.IntN(250)) * time.Millisecond)
		if round%20 == 19 {
			c.inspect()
		}
	}
	c.inspect()
	if c.placed == 0 || c.paid == 0 {
		t.Errorf("%d orders placed and %d paid: the load never reached the market", c.placed, c.paid)
	}
	t.Logf("%d orders acknowledged, %d paid", c.placed, c.paid)
}

func rounds(t *testing.T) int {
	t.Helper()
	if text := os.Getenv("MARKET_TEST_ROUNDS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if testing.Short() {
		return 3
	}
	return 100
}

func testConfig(t *testing.T) Config {
	t.Helper()
	dir := t.TempDir()
	c, err := loadConfig(func(name string) (string, bool) {
		set := map[string]string{
			"MARKET_DB": "file:" + filepath.Join(dir, "market.db"), "MARKET_DATA": dir, "MARKET_ADDR": freeAddress(t),
			"MARKET_DEMO": "true", "MARKET_LIMITS": "false", "MARKET_LOG": "error",
		}
		v, ok := set[name]
		return v, ok
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

type crash struct {
	t        *testing.T
	config   Config
	dice     *rand.Rand
	variants []market.ID

	mu     sync.Mutex
	acked  map[string]bool // addresses that must answer for ever after
	orders []market.ID
	placed int
	paid   int
}

// stockShelves lists a few products, one of them scarce enough to sell out.
func (c *crash) stockShelves() {
	s, err := newSeeder(c.t.Context(), c.config)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := s.synthetic(c.t.Context(), synthetic{products: 4, seed: 1}); err != nil {
		c.t.Fatal(err)
	}
	for i := range 4 {
		c.variants = append(c.variants, fixedID(fmt.Sprintf("synthetic variant %d", i)))
	}
	if err := s.house.Close(); err != nil {
		c.t.Fatal(err)
	}
}

func (c *crash) round(life time.Duration) {
	child := c.start()
	ctx, stop := context.WithCancel(c.t.Context())
	var buyers sync.WaitGroup
	for range 8 {
		seed := c.dice.Uint64()
		buyers.Go(func() { c.buy(ctx, rand.New(rand.NewPCG(seed, 1))) })
	}
	select {
	case <-time.After(life):
	case <-ctx.Done():
	}
	if err := child.Process.Kill(); err != nil {
		c.t.Error(err)
	}
	stop()
	buyers.Wait()
	_ = child.Wait() // killed: its exit status says nothing
}

func (c *crash) start() *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	child := exec.Command(self)
	child.Env = append(os.Environ(), childFlag+"=1", "MARKET_DB="+c.config.DB, "MARKET_DATA="+c.config.Data,
		"MARKET_ADDR="+c.config.Addr, "MARKET_DEMO=true", "MARKET_LIMITS=false", "MARKET_LOG=error")
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		c.t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		if r, err := http.Get(c.config.URL + "/readyz"); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return child
			}
		}
	}
	_ = child.Process.Kill()
	c.t.Fatal("the market did not come up")
	return nil
}

// buy checks out and pays until the market is gone.
func (c *crash) buy(ctx context.Context, dice *rand.Rand) {
	jar, _ := cookiejar.New(nil)
	b := &crashBuyer{crash: c, client: &http.Client{Timeout: 5 * time.Second, Jar: jar}}
	for ctx.Err() == nil {
		if err := b.once(ctx, c.variants[dice.IntN(len(c.variants))], dice.IntN(3) > 0); err != nil {
			return
		}
	}
}

type crashBuyer struct {
	*crash
	client *http.Client
}

func (b *crashBuyer) once(ctx context.Context, variant market.ID, pays bool) error {
	var cart struct{ ID string }
	if err := b.call(ctx, http.MethodPost, "/api/v1/carts", nil, &cart); err != nil {
		return err
	}
	b.remember("/api/v1/carts/" + cart.ID)
	line := fmt.Sprintf("/api/v1/carts/%s/lines/%s", cart.ID, variant)
	if err := b.call(ctx, http.MethodPut, line, map[string]any{"quantity": 1}, nil); err != nil {
		return err
	}
	var placed struct {
		Order   struct{ ID, Key string }
		Payment struct{ URL string }
	}
	if err := b.call(ctx, http.MethodPost, "/api/v1/carts/"+cart.ID+"/checkout", map[string]any{
		"method": "sandbox", "address": map[string]any{
			"name": "Nguyễn Thị Mua", "phone": "0905111222", "province": "46", "ward": "19813", "street": "12 Bùi Thị Xuân",
		},
	}, &placed); err != nil {
		return err
	}
	b.order(market.ID(placed.Order.ID), placed.Order.Key)
	if !pays {
		return nil
	}
	return b.pay(ctx, placed.Payment.URL)
}

func (c *crash) remember(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.acked[address] = true
}

func (c *crash) order(id market.ID, key string) {
	c.remember("/api/v1/orders/" + string(id) + "?key=" + url.QueryEscape(key))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.orders = append(c.orders, id)
	c.placed++
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// pay confirms on the wallet's page as a browser without script would.
func (b *crashBuyer) pay(ctx context.Context, page string) error {
	body, err := b.do(ctx, http.MethodGet, page, "", nil)
	if err != nil {
		return err
	}
	form := url.Values{"decision": {"approve"}}
	for _, m := range hiddenInput.FindAllSubmatch(body, -1) {
		form.Set(string(m[1]), html.UnescapeString(string(m[2])))
	}
	if _, err := b.do(ctx, http.MethodPost, b.config.URL+"/sandbox/pay", "application/x-www-form-urlencoded", []byte(form.Encode())); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.paid++
	return nil
}

func (b *crashBuyer) call(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		body, _ = json.Marshal(in)
	}
	answer, err := b.do(ctx, method, b.config.URL+path, "application/json", body)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer, out)
}

func (b *crashBuyer) do(ctx context.Context, method, address, kind string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Idempotency-Key", market.NewSecret())
	answer, err := b.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= 400 {
		b.t.Errorf("%s %s: %d %s", method, address, answer.StatusCode, data)
		return nil, fmt.Errorf("status %d", answer.StatusCode)
	}
	return data, err
}

// inspect opens the house two hours later, lets the chores mend what the kills
// have cut off, and proves that nothing is lost.
func (c *crash) inspect() {
	c.t.Helper()
	ctx := c.t.Context()
	wire := &loopback{}
	later := market.NewEnv(func() time.Time { return market.SystemClock().Add(2 * time.Hour) })
	h, err := open(ctx, c.config, outside{env: later, client: &http.Client{Transport: wire}})
	if err != nil {
		c.t.Fatal(err)
	}
	wire.house = h
	defer func() { _ = h.Close() }()
	for range 3 {
		c.mend(ctx, h)
	}
	c.wantAcknowledged(ctx, h)
	c.wantBalance(ctx, h)
	if err := h.payments.Check(ctx); err != nil {
		c.t.Errorf("ledger: %v", err)
	}
}

func (c *crash) mend(ctx context.Context, h *house) {
	c.t.Helper()
	for _, job := range h.chores() {
		if _, err := job.do(ctx); err != nil {
			c.t.Errorf("%s: %v", job.name, err)
		}
		if err := h.relay.Drain(ctx); err != nil {
			c.t.Errorf("relay: %v", err)
		}
	}
}

func (c *crash) wantAcknowledged(ctx context.Context, h *house) {
	c.t.Helper()
	for address := range c.acked {
		u, _ := url.Parse(address)
		var err error
		if id := market.ID(filepath.Base(u.Path)); u.Query().Has("key") {
			_, err = h.orders.Order(ctx, market.Actor{}, id, u.Query().Get("key"))
		} else {
			_, err = h.orders.Cart(ctx, market.Actor{}, id)
		}
		if err != nil {
			c.t.Errorf("acknowledged %s: %v", address, err)
		}
	}
}

// wantBalance compares shelves, orders and payments with each other.
func (c *crash) wantBalance(ctx context.Context, h *house) {
	c.t.Helper()
	sold := map[market.ID]int64{}
	err := h.orders.Each(ctx, func(o *orders.Order) error {
		intent, err := h.payments.Intent(ctx, o.ID)
		if err != nil && market.KindOf(err) != market.KindNotFound {
			return err
		}
		captured := err == nil && intent.Captured > intent.Refunded
		if confirmed := o.State == orders.StateConfirmed; confirmed != captured {
			c.t.Errorf("order %s is %s but its money is here: %v", o.ID, o.State, captured)
		}
		if o.State == orders.StatePlaced || o.State == orders.StateRefunding {
			c.t.Errorf("order %s is still %s two hours later", o.ID, o.State)
		}
		if o.State == orders.StateConfirmed {
			for _, p := range o.Parcels {
				for _, l := range p.Lines {
					sold[l.Variant] += l.Quantity
				}
			}
		}
		return nil
	})
	if err != nil {
		c.t.Error(err)
	}
	c.wantStocks(ctx, h, sold)
}

func (c *crash) wantStocks(ctx context.Context, h *house, sold map[market.ID]int64) {
	c.t.Helper()
	stocks, err := h.catalog.Stocks(ctx, c.variants...)
	if err != nil || len(stocks) != len(c.variants) {
		c.t.Errorf("%d stocks: %v", len(stocks), err)
	}
	for variant, k := range stocks {
		if err := k.Check(); err != nil {
			c.t.Error(err)
		}
		if k.Held != 0 || k.Sold != sold[variant] || len(stranded(k)) != 0 {
			c.t.Errorf("variant %s: %d held, %d sold of %d ordered, holds %v", variant, k.Held, k.Sold, sold[variant], k.Holds)
		}
	}
}

func stranded(k *catalog.Stock) []catalog.Hold {
	var out []catalog.Hold
	for _, h := range k.Holds {
		if !h.Settled {
			out = append(out, h)
		}
	}
	return out
}
