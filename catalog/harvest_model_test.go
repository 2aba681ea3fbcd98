package catalog

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"chohue/market"
)

// harvestModel is a harvest told in the plainest way: what each order has.
type harvestModel struct {
	cap    int64
	orders map[market.ID]*bookedOrder
}

type bookedOrder struct {
	quantity int64
	until    time.Time
	firm     bool
}

// forget drops what waited too long, when somebody else asks.
func (m *harvestModel) forget(now time.Time) {
	maps.DeleteFunc(m.orders, func(_ market.ID, o *bookedOrder) bool { return !o.firm && !now.Before(o.until) })
}

func (m *harvestModel) promised(now time.Time) int64 {
	total := int64(0)
	for _, o := range m.orders {
		if o.firm || now.Before(o.until) {
			total += o.quantity
		}
	}
	return total
}

// harvestLife plays one life of a harvest drawn from a seed: reservations,
// deposits late and early, messages twice and in any order, new declarations,
// and a harvest or a storm.
type harvestLife struct {
	t      *testing.T
	seed   uint64
	random *rand.Rand
	now    time.Time
	h      *Harvest
	m      *harvestModel
	gone   map[market.ID]bool // withdrawn after the deposit
}

func playHarvest(t *testing.T, seed uint64) *Harvest {
	t.Helper()
	l := &harvestLife{t: t, seed: seed, random: rand.New(rand.NewPCG(seed, 3)), now: start, gone: map[market.ID]bool{}}
	yield := 10 + l.random.Int64N(60)
	l.h = &Harvest{Yield: yield, CapPermille: 800, Deposit: 2000, State: HarvestOpen, Closes: start.Add(5 * time.Hour), To: start.AddDate(1, 0, 0)}
	l.m = &harvestModel{cap: yield * 8 / 10, orders: map[market.ID]*bookedOrder{}}
	for range 20 + l.random.IntN(40) {
		l.step()
		if l.random.IntN(3) == 0 {
			l.now = l.now.Add(time.Duration(l.random.IntN(9)) * time.Minute)
		}
		if got, want := l.h.Promised(l.now), l.m.promised(l.now); got != want {
			t.Fatalf("seed %d: promised %d, want %d", seed, got, want)
		}
	}
	l.end()
	return l.h
}

// twice delivers a message and perhaps again: the second changes nothing.
func (l *harvestLife) twice(deliver func() error) error {
	err := deliver()
	if l.random.IntN(3) > 0 {
		return err
	}
	before := l.copy()
	if again := deliver(); market.KindOf(again) != market.KindOf(err) || !reflect.DeepEqual(before, l.copy()) {
		l.t.Fatalf("seed %d: delivered again: %v, first %v, state %+v, was %+v", l.seed, again, err, l.copy(), before)
	}
	return err
}

func (l *harvestLife) copy() Harvest {
	c := *l.h
	c.Reservations, c.Notices = slices.Clone(c.Reservations), slices.Clone(c.Notices)
	return c
}

func (l *harvestLife) step() {
	order := market.ID(fmt.Sprintf("order-%d", l.random.IntN(10)))
	switch l.random.IntN(10) {
	case 0:
		l.withdraw(order)
	case 1:
		if l.random.IntN(3) == 0 {
			l.redeclare()
		}
	case 2, 3, 4:
		l.confirm(order)
	default:
		l.reserve(order)
	}
}

func (l *harvestLife) reserve(order market.ID) {
	quantity := 1 + l.random.Int64N(6)
	r := Reservation{Order: order, Buyer: "buyer of " + order, Quantity: quantity, Price: 45_123, Until: l.now.Add(15 * time.Minute)}
	if l.random.IntN(100) == 0 {
		l.now = l.now.Add(3 * time.Hour) // towards and beyond the end
	}
	l.m.forget(l.now)
	known := l.m.orders[order]
	want := false
	switch {
	case l.gone[order]: // the same words again change nothing, others are refused
		want = l.h.reservation(order).Quantity == quantity
	case known != nil:
		want = known.quantity == quantity
	case l.now.Before(l.h.Closes) && l.m.promised(l.now)+quantity <= l.m.cap:
		want = true
		l.m.orders[order] = &bookedOrder{quantity: quantity, until: r.Until}
	}
	err := l.twice(func() error { return l.h.Reserve(r, l.now) })
	if (err == nil) != want {
		l.t.Fatalf("seed %d: reserving %d for %s: %v, want ok %v", l.seed, quantity, order, err, want)
	}
}

func (l *harvestLife) confirm(order market.ID) {
	o := l.m.orders[order]
	err := l.twice(func() error { return l.h.Confirm(order) })
	if (err == nil) != (o != nil) {
		l.t.Fatalf("seed %d: deposit of %s: %v, model %+v", l.seed, order, err, o)
	}
	if o != nil {
		o.firm = true
	}
}

func (l *harvestLife) withdraw(order market.ID) {
	o := l.m.orders[order]
	late := o != nil && o.firm && !l.now.Before(l.h.Closes)
	err := l.twice(func() error { return l.h.Withdraw(order, l.now) })
	if (err != nil) != late {
		l.t.Fatalf("seed %d: withdrawing %s: %v, late %v", l.seed, order, err, late)
	}
	if o != nil && !late {
		l.gone[order] = o.firm
		delete(l.m.orders, order)
	}
}

func (l *harvestLife) redeclare() {
	yield := 10 + l.random.Int64N(60)
	if err := l.twice(func() error { return l.h.Redeclare(yield, l.now) }); err != nil {
		l.t.Fatalf("seed %d: %v", l.seed, err)
	}
	l.m.cap = yield * 8 / 10
}

// end brings the harvest in, or a storm takes it.
func (l *harvestLife) end() {
	deposits := market.VND(0)
	for _, r := range l.h.Reservations {
		if r.State != ReservationPending {
			deposits += r.Deposit
		}
	}
	if l.random.IntN(2) == 0 {
		_ = l.twice(func() error { return l.h.Close(l.now) })
	}
	if l.random.IntN(4) == 0 {
		_ = l.twice(func() error { return l.h.Cancel("bão", l.now) })
		l.checkRefunded(deposits)
		return
	}
	actual := l.random.Int64N(45)
	shuffled := l.copy()
	l.random.Shuffle(len(shuffled.Reservations), func(i, j int) {
		shuffled.Reservations[i], shuffled.Reservations[j] = shuffled.Reservations[j], shuffled.Reservations[i]
	})
	if err := l.twice(func() error { return l.h.Allocate(actual, l.now) }); err != nil {
		l.t.Fatalf("seed %d: %v", l.seed, err)
	}
	if err := shuffled.Allocate(actual, l.now); err != nil {
		l.t.Fatal(err)
	}
	for _, r := range shuffled.Reservations {
		if same := l.h.reservation(r.Order); *same != r {
			l.t.Fatalf("seed %d: in another order %s gets %d, else %d", l.seed, r.Order, r.Allocated, same.Allocated)
		}
	}
	l.checkShares(actual, deposits)
}

func (l *harvestLife) checkRefunded(deposits market.VND) {
	back := market.VND(0)
	for _, r := range l.h.Reservations {
		if r.State != ReservationRefunded && r.State != ReservationWithdrawn || r.Allocated != 0 {
			l.t.Fatalf("seed %d: stranded after the storm: %+v", l.seed, r)
		}
		back += r.Refund()
	}
	if back != deposits {
		l.t.Fatalf("seed %d: %d of %d đồng go back", l.seed, back, deposits)
	}
}

// checkShares: nothing invented, nothing lost, nobody stranded, and nobody a
// whole unit away from their exact share.
func (l *harvestLife) checkShares(actual int64, deposits market.VND) {
	firm, given, paid := int64(0), int64(0), market.VND(0)
	for _, o := range l.m.orders {
		if o.firm {
			firm += o.quantity
		}
	}
	shared := min(actual, firm)
	for _, r := range l.h.Reservations {
		paid += r.Deposit
		if r.State == ReservationWithdrawn {
			continue
		}
		o := l.m.orders[r.Order]
		if r.State != ReservationAllocated || o == nil || !o.firm || o.quantity != r.Quantity {
			l.t.Fatalf("seed %d: stranded or never confirmed: %+v, model %+v", l.seed, r, o)
		}
		off := r.Allocated*firm - r.Quantity*shared
		if off <= -firm || off >= firm || r.Allocated > r.Quantity || r.Allocated < 0 {
			l.t.Fatalf("seed %d: %d of %d for %s when %d of %d are there", l.seed, r.Allocated, r.Quantity, r.Order, shared, firm)
		}
		if back := r.Refund(); back < 0 || back > r.Deposit || (r.Allocated == r.Quantity) != (back == 0) {
			l.t.Fatalf("seed %d: %d đồng go back of %+v", l.seed, back, r)
		}
		given += r.Allocated
	}
	if given != shared || paid != deposits {
		l.t.Fatalf("seed %d: %d units given of %d, %d đồng of %d", l.seed, given, shared, paid, deposits)
	}
}

func TestHarvestOverManyLives(t *testing.T) {
	ends := map[HarvestState]int{}
	reserved, cut := 0, 0
	for seed := range uint64(schedules) {
		h := playHarvest(t, seed)
		if seed%10 == 0 && !reflect.DeepEqual(h, playHarvest(t, seed)) {
			t.Fatalf("seed %d: another end on replay", seed)
		}
		ends[h.State]++
		for _, r := range h.Reservations {
			reserved++
			if r.State == ReservationAllocated && r.Allocated < r.Quantity {
				cut++
			}
		}
	}
	if ends[HarvestAllocated] < schedules/2 || ends[HarvestCancelled] < schedules/10 || reserved < 2*schedules || cut < schedules/4 {
		t.Errorf("the lives are too dull: %v, %d reservations, %d cut short", ends, reserved, cut)
	}
}
