package catalog

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chohue/market"
	"chohue/store"
)

func TestHoldTakesAndReplaces(t *testing.T) {
	k := &Stock{Received: 10, Available: 10}
	soon := start.Add(time.Minute)
	step := func(name string, err error, available, held, sold int64) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if k.Available != available || k.Held != held || k.Sold != sold {
			t.Errorf("%s: %d available, %d held, %d sold; want %d, %d, %d", name, k.Available, k.Held, k.Sold, available, atHeld, atSold)
		}
		if err := k.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	step("hold", k.Hold("a", 4, start, soon), 6, 4, 0)
	step("hold again", k.Hold("a", 4, start, soon), 6, 4, 0)
	step("hold more", k.Hold("a", 9, start, soon), 1, 9, 0)
	step("hold less", k.Hold("a", 3, start, soon), 7, 3, 0)
	err := k.Hold("b", 8, start, soon)
	wantError(t, err, market.KindConflict, "stock.short", "")
	if got := err.(*market.Error).Args["available"]; got != int64(7) {
		t.Errorf("short: told %v available, want 7", got)
	}
	step("short", nil, 7, 3, 0)
	err = k.Hold("a", 11, start, soon)
	if got := err.(*market.Error).Args["available"]; got != int64(10) {
		t.Errorf("own hold counts: told %v available, want 10", got)
	}
	step("settle", k.Settle("a"), 7, 0, 3)
	step("settle again", k.Settle("a"), 7, 0, 3)
	step("hold what is settled", k.Hold("a", 3, start, soon), 7, 0, 3)
	wantError(t, k.Hold("a", 4, start, soon), market.KindConflict, "stock.settled", "")
	k.Release("a")
	step("release what is settled", nil, 7, 0, 3)
	wantError(t, k.Settle("b"), market.KindConflict, "stock.hold_gone", "")
	for _, qty := range []int64{0, -1, maxQuantity + 1} {
		wantError(t, k.Hold("c", qty, start, soon), market.KindInvalid, "stock.quantity", "quantity")
	}
}

func TestExpiredHoldGoesToOthers(t *testing.T) {
	k := &Stock{Received: 5, Available: 5}
	until := start.Add(time.Minute)
	if err := k.Hold("late", 5, start, until); err != nil {
		t.Fatal(err)
	}
	wantError(t, k.Hold("next", 1, until.Add(-time.Millisecond), until.Add(time.Hour)), market.KindConflict, "stock.short", "")
	if err := k.Hold("next", 1, until, until.Add(time.Hour)); err != nil {
		t.Errorf("at the end of the hold: %v", err)
	}
	wantError(t, k.Settle("late"), market.KindConflict, "stock.hold_gone", "")
}

func TestLatePaymentSettlesWhatNobodyTook(t *testing.T) {
	k := &Stock{Received: 5, Available: 5}
	if err := k.Hold("late", 5, start, start.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := k.Settle("late"); err != nil {
		t.Error(err)
	}
	if k.Sold != 5 || k.NextExpiry != nil {
		t.Errorf("%d sold, next expiry %v", k.Sold, k.NextExpiry)
	}
}

func TestRestock(t *testing.T) {
	sold := func() *Stock {
		return &Stock{Received: 9, Sold: 9, Holds: []Hold{{Order: "a", Quantity: 4, Settled: true}}}
	}
	for _, test := range []struct {
		name      string
		order     market.ID
		sale      *Sale
		qty       []int64
		available int64
		key       string
	}{
		{"all", "a", nil, []int64{4}, 4, ""},
		{"twice", "a", nil, []int64{4, 4}, 4, ""},
		{"bit by bit, late and repeated", "a", nil, []int64{1, 3, 1, 3}, 3, ""},
		{"too many", "a", nil, []int64{5}, 0, "stock.return_too_many"},
		{"never bought", "b", nil, []int64{4}, 0, ""},
		{"remembered elsewhere", "b", &Sale{Quantity: 5}, []int64{5, 5}, 5, ""},
		{"already back", "b", &Sale{Quantity: 5, Returned: 5}, []int64{5}, 0, ""},
		{"the rest", "b", &Sale{Quantity: 5, Returned: 2}, []int64{5}, 3, ""},
		{"nothing", "a", nil, []int64{0}, 0, "stock.quantity"},
	} {
		k := sold()
		var err error
		for _, qty := range test.qty {
			err = k.TakeBack(test.order, qty, 0, start, test.sale)
		}
		if test.key != "" {
			if e, ok := err.(*market.Error); !ok || e.Key != test.key {
				t.Errorf("%s: got %v, want %s", test.name, err, test.key)
			}
		} else if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if k.Available != test.available || k.Available+k.Sold != 9 {
			t.Errorf("%s: %d available, %d sold; want %d available", test.name, k.Available, k.Sold, test.available)
		}
	}
	k := sold()
	k.Holds[0].Settled = false
	if err := k.TakeBack("a", 4, 0, start, nil); err != nil || k.Available != 0 {
		t.Errorf("not settled: %d available, %v", k.Available, err)
	}
}

func TestCheckSeesBrokenCounts(t *testing.T) {
	for name, k := range map[string]*Stock{
		"sum":      {Received: 10, Available: 9},
		"negative": {Received: 10, Available: 11, Lost: -1},
		"holds":    {Received: 10, Available: 5, Held: 5, Holds: []Hold{{Order: "a", Quantity: 4}}},
	} {
		if k.Check() == nil {
			t.Errorf("%s: not seen", name)
		}
	}
}

// model is what one knows of the stock without its document: who holds,
// bought and brought back how much.
type model struct {
	received, lost int64
	orders         map[market.ID]*modelOrder
}

type modelOrder struct {
	held, bought, returned, spoiled int64
	until                           time.Time
	forgotten                       bool
}

func (m *model) available() int64 {
	left := m.received - m.lost
	for _, o := range m.orders {
		left -= o.held + o.bought - o.returned
	}
	return left
}

func (m *model) expire(now time.Time, but market.ID) {
	for id, o := range m.orders {
		if id != but && !o.until.After(now) {
			o.held = 0
		}
	}
}

// stockMachine drives Stock and model with the same steps in any order, with
// whatever repetition rapid thinks of.
type stockMachine struct {
	now   time.Time
	stock *Stock
	sales map[market.ID]*Sale
	model model
}

func (m *stockMachine) order(t *rapid.T) (market.ID, *modelOrder) {
	id := market.ID(fmt.Sprintf("order-%d", rapid.IntRange(1, 3).Draw(t, "order")))
	if m.model.orders[id] == nil {
		m.model.orders[id] = &modelOrder{}
	}
	return id, m.model.orders[id]
}

func (m *stockMachine) Hold(t *rapid.T) {
	id, o := m.order(t)
	if o.forgotten {
		t.Skip("an order that was forgotten holds no more")
	}
	qty := rapid.Int64Range(1, 12).Draw(t, "qty")
	until := m.now.Add(time.Duration(rapid.IntRange(1, 5).Draw(t, "minutes")) * time.Minute)
	want := ""
	m.model.expire(m.now, id)
	switch {
	case o.bought > 0 && qty != o.bought:
		want = "stock.settled"
	case o.bought == 0 && qty > m.model.available()+o.held:
		want = "stock.short"
	case o.bought == 0:
		o.held, o.until = qty, until
	}
	same(t, m.stock.Hold(id, qty, m.now, until), want)
}

func (m *stockMachine) Settle(t *rapid.T) {
	id, o := m.order(t)
	if o.forgotten {
		t.Skip("orders settle before they forget")
	}
	want := ""
	if o.held == 0 && o.bought == 0 {
		want = "stock.hold_gone"
	}
	o.bought, o.held = o.bought+o.held, 0
	same(t, m.stock.Settle(id), want)
}

func (m *stockMachine) Release(t *rapid.T) {
	id, o := m.order(t)
	o.held = 0
	m.stock.Release(id)
}

func (m *stockMachine) Forget(t *rapid.T) {
	id, o := m.order(t)
	if h := m.stock.hold(id); h != nil && h.Settled {
		m.sales[id] = &Sale{Quantity: h.Quantity, Returned: h.Returned, Lost: h.Lost}
		m.stock.Forget(id, h.Returned, h.Lost)
		o.forgotten = true
	}
	m.stock.Forget(id, -1, 0) // from another state of affairs: must do nothing
}

func (m *stockMachine) TakeBack(t *rapid.T) {
	id, o := m.order(t)
	returned, spoiled := rapid.Int64Range(0, 12).Draw(t, "returned"), rapid.Int64Range(0, 6).Draw(t, "spoiled")
	want := ""
	switch sum := max(returned, o.returned) + max(spoiled, o.spoiled); {
	case returned+spoiled == 0:
		want = "stock.quantity"
	case o.bought == 0:
	case sum > o.bought && sum > o.returned+o.spoiled:
		want = "stock.return_too_many"
	default:
		o.returned, o.spoiled = max(returned, o.returned), max(spoiled, o.spoiled)
	}
	same(t, m.stock.TakeBack(id, returned, spoiled, m.now, m.sales[id]), want)
}

func (m *stockMachine) Receive(t *rapid.T) {
	qty := rapid.Int64Range(1, 20).Draw(t, "qty")
	m.model.received += qty
	same(t, m.stock.Receive(qty), "")
}

func (m *stockMachine) Lose(t *rapid.T) {
	qty := rapid.Int64Range(1, 5).Draw(t, "qty")
	want := ""
	if qty > m.model.available() {
		want = "stock.short"
	} else {
		m.model.lost += qty
	}
	same(t, m.stock.Lose(qty), want)
}

func (m *stockMachine) Wait(t *rapid.T) {
	m.now = m.now.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "minutes")) * time.Minute)
}

func (m *stockMachine) Expire(*rapid.T) {
	m.model.expire(m.now, "")
	m.stock.Expire(m.now)
}

func (m *stockMachine) Check(t *rapid.T) {
	if err := m.stock.Check(); err != nil {
		t.Fatal(err)
	}
	if got, want := m.stock.Available, m.model.available(); got != want {
		t.Fatalf("%d available, want %d", got, want)
	}
	var next *time.Time
	for _, h := range m.stock.Holds {
		if (!h.Settled || h.Returned+h.Lost > 0) && (next == nil || h.Until.Before(*next)) {
			next = &h.Until
		}
	}
	if (next == nil) != (m.stock.NextExpiry == nil) || (next != nil && !next.Equal(*m.stock.NextExpiry)) {
		t.Fatalf("next expiry %v, want %v", m.stock.NextExpiry, next)
	}
	spoiled := m.model.lost
	for _, o := range m.model.orders {
		spoiled += o.spoiled
	}
	if m.stock.Lost != spoiled {
		t.Fatalf("%d lost, want %d", m.stock.Lost, spoiled)
	}
	if len(m.stock.Holds) > len(m.model.orders) {
		t.Fatalf("%d holds of %d orders", len(m.stock.Holds), len(m.model.orders))
	}
}

func same(t *rapid.T, err error, want string) {
	got := ""
	if e, ok := err.(*market.Error); ok {
		got = e.Key
	}
	if got != want || (err != nil && got == "") {
		t.Fatalf("got %v, want %q", err, want)
	}
}

func TestStockAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &stockMachine{
			now: start, stock: &Stock{Doc: store.Doc{ID: "variant"}},
			sales: map[market.ID]*Sale{}, model: model{orders: map[market.ID]*modelOrder{}},
		}
		for range 5 { // long lives: buying, forgetting and bringing back takes many steps
			t.Repeat(rapid.StateMachineActions(m))
		}
	})
}
