package salestest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"chohue/market"
	"chohue/store/memory"
)

// world is everything: the disk that survives our process, the process, and
// those outside it who keep their own truth: wallets, bank, carrier, buyers,
// sellers.
type world struct {
	seed      uint64
	plain     bool
	base      *template
	plant     *plant
	disk      *memory.Disk
	env       market.Env
	now       time.Time
	rng       *rand.Rand // of this step alone
	calm      bool       // no more faults: everybody finishes what was begun
	p         *process
	idle      []*thread
	deaths    int
	audit     *audit
	wallets   []*wallet
	bank      *bank
	carriers  []*carrier
	withheld  map[market.ID]bool // parcels that somebody gives up, so that no carrier gets them
	buyers    []*buyer
	refusals  map[delivery]error // the last answer of a consumer
	refusedAt map[delivery]time.Time
	names     map[market.ID]string
	fates     map[market.ID]fate
	traced    bool
	history   []string
	step      int
	failed    *Failure
}

func newWorld(o Options) (*world, error) {
	base, err := onceTemplate()
	if err != nil {
		return nil, err
	}
	w := &world{
		seed: o.Seed, base: base, plant: o.plant, plain: o.plain, disk: base.disk, now: start, traced: o.trace,
		refusals: map[delivery]error{}, refusedAt: map[delivery]time.Time{}, names: map[market.ID]string{}, fates: map[market.ID]fate{}, withheld: map[market.ID]bool{}, bank: newBank(),
	}
	if o.plain {
		w.disk = base.plain
	}
	w.disk = w.disk.Clone()
	if w.plant == nil {
		w.plant = &plant{}
	}
	w.env = sequence(func() time.Time { return w.now }, 1)
	w.audit = newAudit(w)
	for _, kind := range walletKinds {
		w.wallets = append(w.wallets, newWallet(w, kind))
	}
	if !w.plain {
		for _, name := range carrierNames {
			w.carriers = append(w.carriers, &carrier{w: w, name: name, refused: map[market.ID]bool{}})
		}
	}
	for i := range 4 {
		w.buyers = append(w.buyers, &buyer{actor: market.Actor{Person: market.ID(fmt.Sprintf("buyer%d", i)), Name: "Mua"}})
	}
	w.buyers = append(w.buyers, &buyer{}) // guests
	w.draw(-1)
	return w, w.begin()
}

// draw sets the dice of a step. Each step has its own, so that leaving one out
// changes what the others find, but not what they try.
func (w *world) draw(step int) {
	w.step = step
	w.rng = rand.New(rand.NewPCG(w.seed, uint64(step+1)))
}

// play takes one step.
func (w *world) play(step int) {
	w.draw(step)
	w.pass(time.Duration(w.rng.IntN(2000)) * time.Millisecond)
	if w.p.line.dead {
		w.restart()
		return
	}
	if w.plain {
		w.pick(plainMoves)
	} else {
		w.pick(moves)
	}
	w.audit.step()
}

// restart is what happens while our process is down: the world goes on, and
// sooner or later somebody starts it again.
func (w *world) restart() {
	if w.rng.IntN(2) == 0 {
		w.pass(time.Duration(w.rng.IntN(20)) * time.Minute)
		w.pick(outside)
		return
	}
	w.log("our process starts again")
	if err := w.begin(); err != nil {
		w.fail("the process starts again", "%v", err)
	}
}

// move is something that can happen next.
type move struct {
	name   string
	weight int
	do     func(*world) bool // false when there is nothing of the kind to do
}

// pick draws a move by weight among those that can be done.
func (w *world) pick(from []move) {
	total := 0
	for _, m := range from {
		total += m.weight
	}
	for range 8 {
		n := w.rng.IntN(total)
		for _, m := range from {
			if n -= m.weight; n >= 0 {
				continue
			}
			if m.do(w) {
				return
			}
			break
		}
	}
}

// moves are all that can happen while our process is up. A new part of the
// sale adds its rows here.
var moves = slices.Concat(plainMoves, changeMoves, aftercareMoves, carrierMoves)

// plainMoves are those of sales in which nothing is changed, returned or given
// away. Seeds that found something are played with them still.
var plainMoves = slices.Concat([]move{
	{"a task goes on", 60, (*world).someTask},
	{"the relay delivers", 60, (*world).someDelivery},
	{"the relay forgets", 8, (*world).someDone},
	{"a worker's round", 10, (*world).someRound},
	{"the ledger is sealed", 2, (*world).someSeal},
	{"time passes", 6, (*world).someTime},
	{"our process is killed", 1, (*world).someDeath},
	{"our process will be killed after a write", 3, (*world).someDeathLater},
}, buyerMoves, sellerMoves, outside)

// outside are the moves of those who do not need our process to be up.
var outside = walletMoves

func (w *world) someTask() bool {
	if len(w.p.tasks) == 0 {
		return false
	}
	t := w.p.tasks[w.rng.IntN(len(w.p.tasks))]
	w.log("go on %s", t.name)
	w.goOn(t)
	return true
}

func (w *world) someDelivery() bool {
	next, _ := w.outbox()
	if len(next) == 0 || len(w.p.tasks) > maxTasks {
		return false
	}
	w.deliver(next[w.rng.IntN(len(next))])
	return true
}

// maxTasks bounds how much our process does at a time.
const maxTasks = 8

func (w *world) someDone() bool {
	_, done := w.outbox()
	if len(done) == 0 {
		return false
	}
	w.forgetDelivered(done)
	return true
}

// rounds are what workers do again and again.
var rounds = []struct {
	name string
	do   func(*process, context.Context) (int, error)
}{
	{"unpaid orders", func(p *process, ctx context.Context) (int, error) { return p.orders.ExpireUnpaid(ctx) }},
	{"expired holds", func(p *process, ctx context.Context) (int, error) { return p.catalog.ExpireHolds(ctx) }},
	{"open payments", func(p *process, ctx context.Context) (int, error) { return p.payments.Reconcile(ctx) }},
	{"deadlines", func(p *process, ctx context.Context) (int, error) { return p.orders.KeepTime(ctx) }},
	{"settled edits", func(p *process, ctx context.Context) (int, error) { return p.orders.SettleEdits(ctx) }},
	{"expired vouchers", func(p *process, ctx context.Context) (int, error) { return p.orders.ExpireVouchers(ctx) }},
	{"silent carriers", func(p *process, ctx context.Context) (int, error) { return p.orders.AskCarriers(ctx) }},
}

func (w *world) someRound() bool {
	if len(w.p.tasks) > maxTasks {
		return false
	}
	w.round(w.rng.IntN(w.rounds()))
	return true
}

// rounds is how many of the rounds there are; the first three were there first.
func (w *world) rounds() int {
	if w.plain {
		return 3
	}
	return len(rounds)
}

func (w *world) round(i int) {
	p := w.p
	w.spawn("round of "+rounds[i].name, func(ctx context.Context) { _, _ = rounds[i].do(p, ctx) })
}

// someSeal seals what waits, in one go: it writes many documents side by side,
// in an order that no seed decides.
func (w *world) someSeal() bool {
	n, err := w.p.payments.Seal(context.Background())
	if err != nil {
		w.fail("the ledger can be sealed", "%v", err)
	}
	return n > 0
}

func (w *world) someTime() bool {
	minutes := []int{1, 3, 10, 20, 60, 600}
	w.pass(time.Duration(1+w.rng.IntN(minutes[w.rng.IntN(len(minutes))])) * time.Minute)
	return true
}

func (w *world) pass(d time.Duration) {
	w.now = w.now.Add(d.Truncate(time.Millisecond))
	if d > time.Minute {
		w.log("it is %s", w.now.Format("2 Jan 15:04:05"))
	}
}

func (w *world) someDeath() bool {
	w.log("our process is killed")
	w.kill()
	return true
}

func (w *world) someDeathLater() bool {
	w.p.line.left = 1 + w.rng.IntN(12)
	w.log("our process will die of its %d. write from now", w.p.line.left)
	return true
}

func (w *world) log(format string, args ...any) {
	if !w.traced {
		return
	}
	at := fmt.Sprintf("%4d ", w.step)
	if w.calm {
		at = " end "
	}
	w.history = append(w.history, at+fmt.Sprintf(format, args...))
}

// fail notes the first rule that was broken.
func (w *world) fail(rule, format string, args ...any) {
	if w.failed == nil {
		w.failed = &Failure{Seed: w.seed, Step: w.step, Rule: rule, Detail: fmt.Sprintf(format, args...)}
		w.log("BROKEN %s: %s", rule, w.failed.Detail)
	}
}

// short gives an id a name that people can follow through a history.
func (w *world) short(id market.ID) string {
	if !w.traced {
		return ""
	}
	return strings.TrimLeft(string(id)[min(10, len(id)):], "0")
}
