package catalog

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
)

// schedules is how many lives of a stock TestStockUnitByUnit plays, each from
// its own seed.
const schedules = 10_000

// unit is one piece of goods as one would see it in the store room.
type unit struct {
	lot   market.ID
	where whereabouts
	order market.ID
}

// room is the store room: it knows every unit and counts nothing.
type room struct {
	units  []*unit
	lots   map[market.ID]*roomLot
	orders map[market.ID]*roomOrder
}

type roomLot struct {
	rank     int // of receipt
	best     *time.Time
	recalled bool
}

type roomOrder struct {
	until     time.Time
	lots      []market.ID // in the order in which they were taken
	settled   bool
	forgotten bool
	returned  int64
}

func newRoom() *room {
	return &room{lots: map[market.ID]*roomLot{"": {}}, orders: map[market.ID]*roomOrder{}}
}

func (r *room) good(lot market.ID, now time.Time) bool {
	l := r.lots[lot]
	return l.best == nil || now.Before(*l.best)
}

// queue lists lots as they go out: by date, then the undated by receipt.
func (r *room) queue() []market.ID {
	ids := slices.Collect(maps.Keys(r.lots))
	slices.SortFunc(ids, func(a, b market.ID) int {
		x, y := r.lots[a], r.lots[b]
		switch {
		case x.best != nil && y.best == nil:
			return -1
		case x.best == nil && y.best != nil:
			return 1
		case x.best != nil && !x.best.Equal(*y.best):
			return x.best.Compare(*y.best)
		}
		return x.rank - y.rank
	})
	return ids
}

func (r *room) find(want func(*unit) bool) []*unit {
	var out []*unit
	for _, u := range r.units {
		if want(u) {
			out = append(out, u)
		}
	}
	return out
}

func (r *room) shelf(lot market.ID) []*unit {
	return r.find(func(u *unit) bool { return u.lot == lot && u.where == atShelf })
}

func (r *room) of(order market.ID, where whereabouts) []*unit {
	return r.find(func(u *unit) bool { return u.order == order && u.where == where })
}

func (r *room) free(now time.Time) int64 {
	return int64(len(r.find(func(u *unit) bool { return u.where == atShelf && r.good(u.lot, now) })))
}

func (r *room) add(lot market.ID, n int64) {
	for range n {
		r.units = append(r.units, &unit{lot: lot})
	}
}

func (r *room) letGo(order market.ID) {
	for _, u := range r.of(order, atHeld) {
		u.where, u.order = atShelf, ""
	}
	delete(r.orders, order)
}

func (r *room) expire(now time.Time, but market.ID) {
	for id, o := range r.orders {
		if id != but && !o.settled && !o.until.After(now) {
			r.letGo(id)
		}
	}
}

// grab takes n good units for the order, those that go out first.
func (r *room) grab(order market.ID, n int64, now time.Time) {
	for _, lot := range r.queue() {
		for _, u := range r.shelf(lot) {
			if n > 0 && r.good(lot, now) {
				u.where, u.order = atHeld, order
				if o := r.orders[order]; !slices.Contains(o.lots, lot) {
					o.lots = append(o.lots, lot)
				}
				n--
			}
		}
	}
}

// drop puts n of the order's units elsewhere, of the lots taken last first.
func (r *room) drop(order market.ID, n int64, from whereabouts) {
	o := r.orders[order]
	for _, lot := range slices.Backward(o.lots) {
		for _, u := range r.of(order, from) {
			if n == 0 || u.lot != lot {
				continue
			}
			u.where, u.order = atShelf, ""
			if r.lots[lot].recalled {
				u.where = atLost
			}
			n--
		}
	}
	if from == atHeld {
		o.lots = slices.DeleteFunc(o.lots, func(lot market.ID) bool {
			return !slices.ContainsFunc(r.of(order, atHeld), func(u *unit) bool { return u.lot == lot })
		})
	}
}

// life is one schedule: a stock and the room it is to agree with.
type life struct {
	*rand.Rand
	now   time.Time
	stock *Stock
	sales map[market.ID]*Sale
	room  *room
	made  int
	steps []string
}

func (l *life) order() market.ID { return market.ID(fmt.Sprint("order-", l.IntN(4))) }

// someLot is a lot that is there, or the unnamed one.
func (l *life) someLot() market.ID {
	return market.ID([]string{"", "lot-0", "lot-1", "lot-2", "lot-3", "lot-4"}[l.IntN(min(l.made, 5)+1)])
}

func (l *life) hold() (string, error) {
	id, qty := l.order(), 1+l.Int64N(12)
	if o := l.room.orders[id]; o != nil && o.forgotten {
		return "", nil // an order that is over holds no more
	}
	until := l.now.Add(time.Duration(1+l.IntN(5)) * time.Minute)
	err := l.stock.Hold(id, qty, l.now, until)
	l.room.expire(l.now, id)
	o := l.room.orders[id]
	switch {
	case o != nil && o.settled && int64(len(l.room.of(id, atSold)))+o.returned != qty:
		return "stock.settled", err
	case o != nil && o.settled:
		return "", err
	}
	have := int64(len(l.room.of(id, atHeld)))
	if qty-have > l.room.free(l.now) {
		return "stock.short", err
	}
	if o == nil {
		o = &roomOrder{}
		l.room.orders[id] = o
	}
	o.until = until
	if qty >= have {
		l.room.grab(id, qty-have, l.now)
	} else {
		l.room.drop(id, have-qty, atHeld)
	}
	return "", err
}

func (l *life) settle() (string, error) {
	id := l.order()
	err := l.stock.Settle(id)
	o := l.room.orders[id]
	if o == nil || o.forgotten {
		return "stock.hold_gone", err
	}
	for _, u := range l.room.of(id, atHeld) {
		u.where = atSold
	}
	o.settled = true
	return "", err
}

func (l *life) release() (string, error) {
	id := l.order()
	l.stock.Release(id)
	if o := l.room.orders[id]; o != nil && !o.settled {
		l.room.letGo(id)
	}
	return "", nil
}

func (l *life) forget() (string, error) {
	id := l.order()
	h := l.stock.hold(id)
	if h == nil || !h.Settled {
		return "", nil
	}
	l.sales[id] = &Sale{Quantity: h.Quantity, Lots: slices.Clone(h.Lots), Returned: h.Returned, Lost: h.Lost}
	if l.IntN(4) == 0 {
		return "", nil // cut off between the two writes
	}
	l.stock.Forget(id, h.Returned, h.Lost)
	l.room.orders[id].forgotten = true
	return "", nil
}

func (l *life) restock() (string, error) {
	id, qty := l.order(), 1+l.Int64N(12)
	err := l.stock.TakeBack(id, qty, 0, l.now, l.sales[id])
	o := l.room.orders[id]
	if o == nil || !o.settled || qty <= o.returned {
		return "", err
	}
	if bought := int64(len(l.room.of(id, atSold))) + o.returned; qty > bought {
		return "stock.return_too_many", err
	}
	l.room.drop(id, qty-o.returned, atSold)
	o.returned, o.forgotten = qty, false
	return "", err
}

func (l *life) receive() (string, error) {
	qty := 1 + l.Int64N(15)
	l.room.add("", qty)
	return "", l.stock.Receive(qty)
}

func (l *life) newLot() (string, error) {
	id := market.ID(fmt.Sprint("lot-", l.made))
	if l.made > 0 && l.IntN(3) == 0 {
		id = market.ID(fmt.Sprint("lot-", l.IntN(l.made))) // asked again
	}
	qty, counted := 1+l.Int64N(15), l.IntN(2) == 0
	var best *time.Time
	if l.IntN(3) > 0 {
		at := l.now.Add(time.Duration(1+l.IntN(20)) * time.Minute)
		best = &at
	}
	err := l.stock.ReceiveLot(LotStock{Lot: id, Code: string(id), BestBefore: best}, qty, counted, l.now)
	if l.room.lots[id] != nil {
		return "", err
	}
	if counted && int64(len(l.room.shelf(""))) < qty {
		return "stock.short", err
	}
	l.made++
	l.room.lots[id] = &roomLot{rank: l.made, best: best}
	if !counted {
		l.room.add(id, qty)
		return "", err
	}
	for _, u := range l.room.shelf("")[:qty] {
		u.lot = id
	}
	return "", err
}

func (l *life) correct() (string, error) {
	lot, qty := l.someLot(), 1+l.Int64N(4)
	if l.IntN(2) == 0 {
		err := l.stock.receive(lot, qty)
		if l.room.lots[lot].recalled {
			return "lot.recalled", err
		}
		l.room.add(lot, qty)
		return "", err
	}
	err := l.stock.lose(&lot, qty)
	units := l.room.shelf(lot)
	if int64(len(units)) < qty {
		return "stock.short", err
	}
	for _, u := range units[:qty] {
		u.where = atLost
	}
	return "", err
}

func (l *life) lose() (string, error) {
	qty := 1 + l.Int64N(5)
	err := l.stock.Lose(qty)
	var units []*unit
	for _, lot := range l.room.queue() {
		units = append(units, l.room.shelf(lot)...)
	}
	if int64(len(units)) < qty {
		return "stock.short", err
	}
	for _, u := range units[:qty] {
		u.where = atLost
	}
	return "", err
}

func (l *life) recall() (string, error) {
	lot := l.someLot()
	if lot == "" || l.IntN(3) > 0 {
		return "", nil
	}
	waiting := slices.Clone(l.stock.Holds)
	l.stock.Recall(lot, string(lot), l.now)
	l.room.expire(l.now, "")
	l.room.lots[lot].recalled = true
	for _, u := range l.room.shelf(lot) {
		u.where = atLost
	}
	var gone []market.ID
	for _, h := range waiting {
		units := l.room.find(func(u *unit) bool { return u.order == h.Order && u.where == atHeld && u.lot == lot })
		if len(units) == 0 {
			continue
		}
		for _, u := range units {
			u.where, u.order = atLost, ""
		}
		o := l.room.orders[h.Order]
		o.lots = slices.DeleteFunc(o.lots, func(have market.ID) bool { return have == lot })
		if int64(len(units)) > l.room.free(l.now) {
			gone = append(gone, h.Order)
			continue
		}
		l.room.grab(h.Order, int64(len(units)), l.now)
	}
	for _, id := range gone {
		l.room.letGo(id)
	}
	return "", nil
}

func (l *life) wait() (string, error) {
	l.now = l.now.Add(time.Duration(l.IntN(4)) * time.Minute)
	return "", nil
}

func (l *life) expire() (string, error) {
	l.stock.Expire(l.now)
	l.room.expire(l.now, "")
	return "", nil
}

// agree compares every count of the stock with the units in the room.
func (l *life) agree(t *testing.T) {
	t.Helper()
	if err := l.stock.Check(); err != nil {
		l.fail(t, "%v", err)
	}
	for id := range l.room.lots {
		have := l.stock.Unnamed()
		if id != "" {
			have = *l.stock.lot(id)
		}
		for where, got := range map[whereabouts]int64{atShelf: have.Available, atHeld: have.Held, atSold: have.Sold, atLost: have.Lost} {
			want := int64(len(l.room.find(func(u *unit) bool { return u.lot == id && u.where == where })))
			if got != want {
				l.fail(t, "lot %q, place %d: %d, want %d", id, where, got, want)
			}
		}
	}
	for _, h := range l.stock.Holds {
		for _, x := range h.shares() {
			units := l.room.find(func(u *unit) bool { return u.order == h.Order && u.lot == x.Lot })
			if h.Returned == 0 && int64(len(units)) != x.Quantity {
				l.fail(t, "%s has %d of %q, want %d", h.Order, x.Quantity, x.Lot, len(units))
			}
		}
	}
	free := l.room.free(l.now)
	for id, o := range l.room.orders {
		for _, u := range l.room.of(id, atHeld) {
			if !o.until.After(l.now) && l.room.good(u.lot, l.now) {
				free++
			}
		}
	}
	if got := l.stock.Free(l.now); got != free {
		l.fail(t, "%d free, want %d", got, free)
	}
}

func (l *life) fail(t *testing.T, format string, args ...any) {
	t.Helper()
	t.Fatalf("%v\nsteps: %v\nstock: %+v", fmt.Sprintf(format, args...), l.steps, l.stock)
}

// TestStockUnitByUnit plays orders that hold, pay, repeat themselves, are cut
// off and come back, among lots that arrive, spoil and are recalled, and
// compares the counts with a room that moves single units. In the end nothing
// is stranded.
func TestStockUnitByUnit(t *testing.T) {
	acts := []struct {
		name string
		do   func(*life) (string, error)
	}{
		{"hold", (*life).hold},
		{"hold", (*life).hold},
		{"hold", (*life).hold},
		{"settle", (*life).settle},
		{"settle", (*life).settle},
		{"release", (*life).release},
		{"forget", (*life).forget},
		{"restock", (*life).restock},
		{"receive", (*life).receive},
		{"lot", (*life).newLot},
		{"lot", (*life).newLot},
		{"correct", (*life).correct},
		{"lose", (*life).lose},
		{"recall", (*life).recall},
		{"wait", (*life).wait},
		{"expire", (*life).expire},
	}
	outcomes := map[string]int{}
	for seed := range uint64(schedules) {
		l := &life{
			Rand: rand.New(rand.NewPCG(seed, 46)), now: start, room: newRoom(),
			stock: &Stock{Doc: store.Doc{ID: "variant"}}, sales: map[market.ID]*Sale{},
			steps: []string{fmt.Sprint("seed ", seed)},
		}
		for range 40 {
			act := acts[l.IntN(len(acts))]
			l.steps = append(l.steps, act.name)
			want, err := act.do(l)
			if got := keyOf(err); got != want {
				l.fail(t, "got %q, want %q", got, want)
			}
			outcomes[act.name+" "+want]++
			l.agree(t)
		}
		l.quiet(t)
	}
	for _, want := range []string{"hold stock.short", "hold stock.settled", "settle stock.hold_gone", "restock stock.return_too_many", "correct lot.recalled", "lot stock.short"} {
		if outcomes[want] == 0 {
			t.Errorf("%q never happened", want)
		}
	}
}

// quiet lets all that waits fall due.
func (l *life) quiet(t *testing.T) {
	t.Helper()
	l.now = l.now.Add(48 * time.Hour)
	l.stock.Expire(l.now)
	if l.stock.Held != 0 {
		l.fail(t, "%d held for ever", l.stock.Held)
	}
	for _, h := range slices.Clone(l.stock.Holds) {
		l.stock.Forget(h.Order, h.Returned, h.Lost)
	}
	if len(l.stock.Holds) != 0 || l.stock.NextExpiry != nil {
		l.fail(t, "%d holds stay, next expiry %v", len(l.stock.Holds), l.stock.NextExpiry)
	}
}

func keyOf(err error) string {
	if e, ok := err.(*market.Error); ok {
		return e.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
