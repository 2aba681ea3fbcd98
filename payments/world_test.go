package payments

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
	"chohue/store/sqlite"
)

var start = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

// bank is a provider whose answers a test sets. Its notices are plain JSON with
// a password, so that the room's own rules are what is tested.
type bank struct {
	status  func(*Intent) (Notice, error)
	refund  func(*Intent, RefundRequest) (Notice, error)
	begun   atomic.Int64
	refunds atomic.Int64
	fail    error
}

func (b *bank) Name() string { return "bank" }

func (b *bank) Begin(context.Context, Charge) (Step, error) {
	b.begun.Add(1)
	return Step{Kind: StepRedirect, URL: "http://bank/pay", Merchant: "M"}, b.fail
}

func (b *bank) Notice(_ context.Context, raw Raw) (n Notice, err error) {
	if raw.Query != "password" {
		return n, market.Forbidden("payments.signature")
	}
	return n, json.Unmarshal(raw.Body, &n)
}

func (b *bank) Query(_ context.Context, in *Intent) (Notice, error) {
	if b.status == nil {
		return Notice{Type: NoticePending}, nil
	}
	return b.status(in)
}

func (b *bank) Refund(_ context.Context, in *Intent, r RefundRequest) (Notice, error) {
	b.refunds.Add(1)
	if b.refund != nil {
		return b.refund(in, r)
	}
	n := captured(in.ID)
	n.Type, n.Transaction, n.Refund, n.Amount = NoticeRefund, "R-"+string(r.Key), r.Key, r.Amount
	return n, nil
}

func (b *bank) Reply(err error) Reply {
	if err != nil {
		return Reply{Status: 400}
	}
	return Reply{Status: 200}
}

// hand is a bank whose money people see arrive.
type hand struct {
	bank
	named string // the account, "M" when empty
}

func (*hand) Name() string { return "hand" }

func (h *hand) Witnessed(in *Intent, at time.Time) Notice {
	return Notice{
		Provider: "hand", Transaction: "seen:" + string(in.ID), Type: NoticeCapture, Payment: in.ID,
		Merchant: cmp.Or(h.named, "M"), Amount: in.Amount, At: at,
	}
}

// captured is the bank's notice of the whole amount.
func captured(payment market.ID) Notice {
	return Notice{
		Provider: "bank", Transaction: "T-" + string(payment), Type: NoticeCapture, Payment: payment,
		Merchant: "M", Amount: 330_000, At: start,
	}
}

func raw(n Notice) Raw {
	body, err := json.Marshal(n)
	if err != nil {
		panic(err)
	}
	return Raw{Body: body, Query: "password"}
}

func charge(id market.ID) Charge {
	return Charge{
		ID: id, Order: "O-" + id, OrderCode: "HUE-1", Amount: 330_000, Method: "bank",
		Shares: []Share{
			{Seller: "A", SellerKind: "htx", TaxCode: "3300100001", Goods: 200_000, Shipping: 20_000, Fee: 6000},
			{Seller: "B", SellerKind: "htx", TaxCode: "3300100002", Goods: 100_000, Shipping: 10_000, Fee: 3000},
		},
		ExpiresAt: start.Add(30 * time.Minute),
	}
}

// world is the room on a real store with a clock that a test turns.
type world struct {
	*Service
	t      *testing.T
	engine *crashing
	bank   *bank
	hand   *hand
	env    market.Env
	now    atomic.Int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	e, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	w := &world{t: t, engine: &crashing{Engine: e}, bank: &bank{}, hand: &hand{}}
	w.now.Store(start.UnixMilli())
	w.env = market.NewEnv(func() time.Time { return time.UnixMilli(w.now.Load()).UTC() })
	w.restart()
	return w
}

// restart starts the room again on what was stored.
func (w *world) restart() {
	w.t.Helper()
	w.engine.mend()
	svc, err := New(w.t.Context(), w.engine, w.env, w.bank, w.hand)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Service = svc
}

func (w *world) pass(d time.Duration) { w.now.Add(d.Milliseconds()) }

func (w *world) begin(id market.ID) *Intent {
	w.t.Helper()
	in, err := w.Begin(w.t.Context(), market.System, charge(id))
	if err != nil {
		w.t.Fatal(err)
	}
	return in
}

func (w *world) tell(n Notice) error {
	_, err := w.Notice(w.t.Context(), n.Provider, raw(n))
	return err
}

func (w *world) paid(id market.ID) *Intent {
	w.t.Helper()
	w.begin(id)
	if err := w.tell(captured(id)); err != nil {
		w.t.Fatal(err)
	}
	return w.get(id)
}

func (w *world) get(id market.ID) *Intent {
	w.t.Helper()
	in, err := w.Intent(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return in
}

func (w *world) want(id market.ID, state State) *Intent {
	w.t.Helper()
	in := w.get(id)
	if in.State != state {
		w.t.Fatalf("payment is %s, want %s: %+v", in.State, state, in)
	}
	return in
}

// heard drains the events into the ledger and returns them.
func (w *world) heard() []market.Event {
	w.t.Helper()
	var mu sync.Mutex
	var all []market.Event
	relay := store.NewRelay(w.engine.Engine, slog.New(slog.DiscardHandler), nil, store.Consumer{
		Name: "ledger", Handle: func(ctx context.Context, e market.Event) error {
			mu.Lock()
			all = append(all, e)
			mu.Unlock()
			return errors.Join(w.Consume(ctx, e), w.Consume(ctx, e)) // delivery may be doubled
		},
	})
	if err := relay.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return all
}

// audited drains the events and proves the books.
func (w *world) audited() {
	w.t.Helper()
	w.heard()
	if err := w.Check(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) balances() map[Account]market.VND {
	w.t.Helper()
	w.audited()
	all, err := w.Balances(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

var errCrash = errors.New("the process was killed")

// crashing stops all writes from a chosen one on, either before it is done or
// before its success is known.
type crashing struct {
	store.Engine
	left  atomic.Int64 // writes until the crash; none planned when zero
	after atomic.Bool  // the last write is done, only not known
	dead  atomic.Bool
}

func (c *crashing) plan(left int64, after bool) {
	c.left.Store(left)
	c.after.Store(after)
}

func (c *crashing) mend() {
	c.left.Store(0)
	c.dead.Store(false)
}

func (c *crashing) write(do func() error) error {
	if c.dead.Load() {
		return errCrash
	}
	if c.left.Load() > 0 && c.left.Add(-1) == 0 {
		c.dead.Store(true)
		if c.after.Load() {
			if err := do(); err != nil {
				return err
			}
		}
		return errCrash
	}
	return do()
}

func (c *crashing) Insert(ctx context.Context, collection string, w store.Write) error {
	return c.write(func() error { return c.Engine.Insert(ctx, collection, w) })
}

func (c *crashing) Update(ctx context.Context, collection string, id market.ID, create bool, change store.Change) error {
	return c.write(func() error { return c.Engine.Update(ctx, collection, id, create, change) })
}

func types(events []market.Event) string {
	var out strings.Builder
	for _, e := range events {
		out.WriteString(fmt.Sprintf("%s ", e.Type))
	}
	return out.String()
}
