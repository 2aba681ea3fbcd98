package orders_test

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store"
	"chohue/store/memory"
)

// seasonWorld is the shop that schedules are played in, each from the same
// beginning: a farmer with one product and no harvest yet.
type seasonWorld struct {
	*orchard

	engine *seasonEngine
	base   *memory.Disk
	begun  time.Time
	named  uint64                   // ids given out
	owed   map[market.ID]market.VND // what each pre-order's buyer has given in the end
	played int                      // seasons
	ended  int                      // pre-orders of all seasons that came to an end
	raced  int                      // times that another process came between two writes
}

func newSeasonWorld(t *testing.T) *seasonWorld {
	t.Helper()
	w := &seasonWorld{base: &memory.Disk{}}
	w.engine = &seasonEngine{Engine: memory.Open(w.base), left: -1}
	s := newShopOn(t, w.engine)
	o := &orchard{shop: s, seller: s.seller("HTX Thủy Biều")}
	o.farmer = market.Actor{Person: "farmer", Sellers: []market.ID{o.seller}}
	o.variant = s.product(o.seller, "Thanh trà", 45_123, 1)
	s.drain()
	w.orchard, w.begun, s.ids = o, s.now, w.name
	return w
}

// name counts, so that the same schedule names the same things the same.
func (w *seasonWorld) name() market.ID {
	w.named++
	return market.NewID(w.now)[:10] + market.ID(fmt.Sprintf("%016d", w.named))
}

// begin forgets the season before.
func (w *seasonWorld) begin() {
	w.must(w.engine.swap(w.ctx, w.base.Clone()))
	w.now, w.named, w.owed, w.wallet.answers = w.begun, 0, map[market.ID]market.VND{}, map[market.ID]string{}
	w.engine.calm()
}

// season plays one harvest by what rapid draws.
type season struct {
	*seasonWorld

	r    *rapid.T
	made []market.ID // pre-orders that may exist
	most int64       // the largest cap there was
	news bool        // is being delivered: by one process at a time
}

const seasonSteps = 28

func (w *seasonWorld) play(r *rapid.T) {
	w.begin()
	w.declare(rapid.Int64Range(10, 40).Draw(r, "yield"))
	s := &season{seasonWorld: w, r: r, most: w.harvest.Cap()}
	for range seasonSteps {
		if rapid.IntRange(0, 3).Draw(r, "crash") == 0 {
			w.engine.left = rapid.IntRange(0, 7).Draw(r, "writes")
		}
		if rapid.IntRange(0, 2).Draw(r, "race") == 0 {
			w.engine.wait = rapid.IntRange(0, 5).Draw(r, "between")
			w.engine.other = func() {
				w.raced++
				s.step()
			}
		}
		s.step()
		w.engine.calm()
		s.check()
	}
	s.finish()
	w.wantBooks(r)
	w.played++
}

func (s *season) step() {
	steps := []func(){s.reserve, s.reserve, s.reserve, s.paysDeposit, s.paysDeposit, s.paysDeposit, s.refuses, s.withdraws, s.passes, s.delivers, s.delivers, s.works, s.redeclares, s.moves, s.ends, s.paysRest, s.paysRest}
	steps[rapid.IntRange(0, len(steps)-1).Draw(s.r, "step")]()
}

// may takes the outcome of a step: a crash, or a refusal that a buyer would
// read. Anything else is a mistake of ours.
func (s *season) may(err error) bool {
	kind := market.KindOf(err)
	if err == nil || errors.Is(err, errCut) || kind == market.KindConflict || kind == market.KindNotFound || kind == market.KindInvalid {
		return err == nil
	}
	s.r.Fatalf("%v", err)
	return false
}

func (s *season) one() (market.ID, bool) {
	if len(s.made) == 0 {
		return "", false
	}
	return rapid.SampledFrom(s.made).Draw(s.r, "who"), true
}

func (s *season) reserve() {
	wish := s.wish(rapid.Int64Range(1, 9).Draw(s.r, "quantity"), "wallet")
	s.made = append(s.made, wish.ID)
	by := market.Actor{Person: "buyer of " + wish.ID}
	for range rapid.IntRange(1, 2).Draw(s.r, "times") {
		_, _, err := s.orders.Reserve(s.ctx, by, wish)
		if !s.may(err) {
			continue
		}
		h := s.field()
		s.most = max(s.most, h.Cap())
		if got := h.Promised(s.now); got > s.most {
			s.r.Fatalf("%d promised of %d", got, s.most)
		}
	}
}

func (s *season) field() *catalog.Harvest {
	h, err := s.catalog.HarvestSeen(s.ctx, market.System, s.harvest.ID)
	if err != nil {
		s.r.Fatal(err)
	}
	return h
}

func (s *season) find(id market.ID) *orders.Preorder {
	p, err := s.orders.Preorder(s.ctx, market.System, id)
	if err != nil && market.KindOf(err) != market.KindNotFound {
		s.r.Fatal(err)
	}
	return p
}

// says plays the wallet: its notice may be lost, cut off or said twice, but it
// knows what was paid when it is asked.
func (s *season) says(id market.ID, kind string, amount market.VND) {
	if s.wallet.answers[id] == "" {
		s.wallet.answers[id] = kind
	}
	for range rapid.IntRange(0, 2).Draw(s.r, "notices") {
		_, err := s.payments.Notice(s.ctx, "wallet", payments.Raw{Body: fmt.Appendf(nil, "%s %s %d", id, s.wallet.answers[id], amount)})
		s.may(err)
	}
}

func (s *season) paysDeposit() { s.answersDeposit(payments.NoticeCapture) }

func (s *season) refuses() { s.answersDeposit(payments.NoticeFailure) }

func (s *season) answersDeposit(kind string) {
	id, ok := s.one()
	if !ok {
		return
	}
	if p := s.find(id); p != nil {
		if in, err := s.payments.Intent(s.ctx, p.DepositID()); err == nil && in.Step.Kind != "" {
			s.says(in.ID, kind, in.Amount)
		}
	}
}

func (s *season) paysRest() {
	id, ok := s.one()
	if !ok {
		return
	}
	p := s.find(id)
	if p == nil {
		return
	}
	if rapid.IntRange(0, 3).Draw(s.r, "old") > 0 || len(p.Attempts) == 0 {
		var err error
		if p, _, err = s.orders.PayBalance(s.ctx, market.Actor{Person: p.Buyer}, id, rapid.SampledFrom([]string{"wallet", "vietqr"}).Draw(s.r, "method"), ""); !s.may(err) {
			return
		}
	}
	a := rapid.SampledFrom(p.Attempts).Draw(s.r, "attempt")
	in, err := s.payments.Intent(s.ctx, a.Payment)
	switch {
	case err != nil || rapid.IntRange(0, 4).Draw(s.r, "leaves") == 0:
	case a.Method == "vietqr":
		_, err := s.payments.Confirm(s.ctx, s.farmer, in.ID)
		s.may(err)
	default:
		s.says(in.ID, payments.NoticeCapture, in.Amount)
	}
}

func (s *season) withdraws() {
	if id, ok := s.one(); ok {
		_, err := s.orders.CancelPreorder(s.ctx, market.Actor{Person: "buyer of " + id}, id)
		s.may(err)
	}
}

func (s *season) passes() {
	s.now = s.now.Add(rapid.SampledFrom([]time.Duration{time.Minute, 10 * time.Minute, time.Hour, 26 * time.Hour, 10 * 24 * time.Hour}).Draw(s.r, "time"))
}

// delivers hands out some of the news, some of it twice.
func (s *season) delivers() { s.deliver(rapid.IntRange(1, 12).Draw(s.r, "news")) }

func (s *season) deliver(most int) {
	if s.news {
		return
	}
	s.news = true
	defer func() { s.news = false }()
	pending, err := s.engine.Pending(s.ctx, nil, 200)
	if err != nil {
		s.r.Fatal(err)
	}
	held := map[market.ID]bool{}
	for _, p := range pending[:min(most, len(pending))] {
		if held[p.Event.Subject] {
			continue
		}
		err := s.hand(p.Event)
		if err == nil && rapid.IntRange(0, 3).Draw(s.r, "again") == 0 {
			err = s.hand(p.Event)
		}
		if err != nil {
			s.may(err)
			held[p.Event.Subject] = true
			continue
		}
		if err := s.engine.Done(s.ctx, []store.Pending{p}); err != nil {
			s.r.Fatal(err)
		}
	}
}

func (s *season) hand(e market.Event) error {
	return errors.Join(s.payments.Consume(s.ctx, e), s.orders.Consume(s.ctx, e), s.catalog.Consume(s.ctx, e))
}

func (s *season) works() {
	_, err := s.orders.FinishPreorders(s.ctx)
	s.may(err)
	_, err = s.payments.Reconcile(s.ctx)
	s.may(err)
}

func (s *season) redeclares() {
	_, err := s.catalog.RedeclareHarvest(s.ctx, s.farmer, s.harvest.ID, rapid.Int64Range(5, 40).Draw(s.r, "yield"))
	s.may(err)
	s.most = max(s.most, s.field().Cap())
}

func (s *season) moves() {
	later := rapid.IntRange(0, 20).Draw(s.r, "days")
	_, err := s.catalog.MoveHarvest(s.ctx, s.farmer, s.harvest.ID, s.harvest.From, s.harvest.To.AddDate(0, 0, later), s.harvest.Closes)
	s.may(err)
}

// ends brings the harvest in, or a storm takes it; now and then.
func (s *season) ends() {
	switch rapid.IntRange(0, 5).Draw(s.r, "end") {
	case 0:
		_, err := s.catalog.CancelHarvest(s.ctx, s.farmer, s.harvest.ID, "Bão")
		s.may(err)
	case 1, 2:
		before := s.field()
		actual := rapid.Int64Range(0, 40).Draw(s.r, "actual")
		_, err := s.catalog.AllocateHarvest(s.ctx, s.farmer, s.harvest.ID, actual)
		s.may(err)
		if after := s.field(); before.State != catalog.HarvestAllocated && after.State == catalog.HarvestAllocated {
			s.wantShares(after)
		}
	}
}

// wantShares replays the allocation on the reservations in another order: the
// same figure gives everybody the same.
func (s *season) wantShares(after *catalog.Harvest) {
	again := *after
	again.State, again.Actual, again.AllocatedAt = catalog.HarvestClosed, 0, nil
	again.Notices = slices.Clone(after.Notices)
	again.Reservations = slices.Clone(after.Reservations)
	for i := range again.Reservations {
		if r := &again.Reservations[i]; r.State == catalog.ReservationAllocated {
			r.State, r.Allocated = catalog.ReservationHeld, 0
		}
	}
	rand.New(rand.NewPCG(uint64(after.Actual), 7)).Shuffle(len(again.Reservations), func(i, j int) {
		again.Reservations[i], again.Reservations[j] = again.Reservations[j], again.Reservations[i]
	})
	if err := again.Allocate(after.Actual, s.now); err != nil {
		s.r.Fatal(err)
	}
	for _, r := range after.Reservations {
		if replayed, _ := again.Reservation(r.Order); replayed.Allocated != r.Allocated {
			s.r.Fatalf("%s gets %d, on replay %d", r.Order, r.Allocated, replayed.Allocated)
		}
	}
}

// check holds what must be true after every step, whatever was cut off.
func (s *season) check() {
	k, err := s.catalog.Stocks(s.ctx, s.variant)
	if err != nil {
		s.r.Fatal(err)
	}
	if err := k[s.variant].Check(); err != nil {
		s.r.Fatal(err)
	}
	for _, id := range s.made {
		found, err := s.payments.OfOrder(s.ctx, id)
		if err != nil {
			s.r.Fatal(err)
		}
		for _, in := range found {
			if in.Refunded > in.Captured {
				s.r.Fatalf("%s: %d back of %d", in.ID, in.Refunded, in.Captured)
			}
		}
	}
}

// finish lets everything come to its end without crashes: days pass, workers
// work, news arrives. Then nothing may be stranded.
func (s *season) finish() {
	if s.field().State == catalog.HarvestOpen || s.field().State == catalog.HarvestClosed {
		if rapid.Bool().Draw(s.r, "storm") {
			_, err := s.catalog.CancelHarvest(s.ctx, s.farmer, s.harvest.ID, "Bão")
			s.may(err)
		} else {
			_, err := s.catalog.AllocateHarvest(s.ctx, s.farmer, s.harvest.ID, rapid.Int64Range(0, 40).Draw(s.r, "last"))
			s.may(err)
		}
	}
	s.repeats()
	for range 4 {
		s.settleNews()
		s.confirmByHand()
		s.works()
		s.now = s.now.Add(3 * 24 * time.Hour)
	}
	s.settleNews()
	s.wantEnded()
}

// repeats is the wallet saying again what nobody has acknowledged.
func (s *season) repeats() {
	for _, id := range s.made {
		found, err := s.payments.OfOrder(s.ctx, id)
		if err != nil {
			s.r.Fatal(err)
		}
		for _, in := range found {
			if kind := s.wallet.answers[in.ID]; kind != "" && in.Step.Kind != "" {
				_, err := s.payments.Notice(s.ctx, "wallet", payments.Raw{Body: fmt.Appendf(nil, "%s %s %d", in.ID, kind, in.Amount)})
				s.may(err)
			}
		}
	}
}

func (s *season) settleNews() {
	for {
		pending, err := s.engine.Pending(s.ctx, nil, 1)
		if err != nil {
			s.r.Fatal(err)
		}
		if len(pending) == 0 {
			return
		}
		s.deliver(200)
	}
}

// confirmByHand is the seller sending transfers back.
func (s *season) confirmByHand() {
	for _, id := range s.made {
		found, err := s.payments.OfOrder(s.ctx, id)
		if err != nil {
			s.r.Fatal(err)
		}
		for _, in := range found {
			for _, r := range in.Refunds {
				if in.Method == "vietqr" && r.State == payments.RefundPending {
					_, err := s.payments.ConfirmRefund(s.ctx, s.farmer, in.ID, r.Key)
					s.may(err)
				}
			}
		}
	}
}

// wantEnded: every pre-order has an end, every đồng is where that end says, and
// the shelf holds nothing for anybody.
func (s *season) wantEnded() {
	stocks, err := s.catalog.Stocks(s.ctx, s.variant)
	if err != nil {
		s.r.Fatal(err)
	}
	k := stocks[s.variant]
	for _, id := range s.made {
		if k.HeldBy(id) {
			s.r.Fatalf("stranded hold of %s: %+v", id, k.Holds)
		}
		if p := s.find(id); p != nil {
			s.wantEnd(p)
		}
	}
}

func (s *season) wantEnd(p *orders.Preorder) {
	want := map[orders.PreorderState]market.VND{
		orders.PreorderLapsed: 0, orders.PreorderRefunded: 0, orders.PreorderForfeited: p.Credit, orders.PreorderOrdered: p.Total(),
	}
	owed, ended := want[p.State]
	if !ended {
		s.r.Fatalf("%s is still %s: %+v", p.ID, p.State, p.History)
	}
	if sum := s.paid(p); sum != owed {
		s.r.Fatalf("%s is %s with %d paid, want %d", p.ID, p.State, sum, owed)
	}
	s.owed[p.ID] = owed
	s.ended++
	_, err := s.orders.Order(s.ctx, market.System, p.ID, "")
	if (err == nil) != (p.State == orders.PreorderOrdered) {
		s.r.Fatalf("%s is %s, its order: %v", p.ID, p.State, err)
	}
}

// wantBooks: what the ledger says that buyers gave and got back is what the
// ends of all pre-orders say, to the đồng.
func (w *seasonWorld) wantBooks(r *rapid.T) {
	if err := w.payments.Check(w.ctx); err != nil {
		r.Fatal(err)
	}
	posted := map[market.ID]market.VND{}
	for after, first := store.Cursor(""), true; first || after != ""; first = false {
		page, err := w.payments.Statement(w.ctx, w.farmer, w.seller, after, 500)
		if err != nil {
			r.Fatal(err)
		}
		for _, t := range page.Items {
			for _, p := range t.Postings {
				switch p.For {
				case payments.ForGoods, payments.ForShipping:
					posted[t.Order] += p.Amount
				case payments.ForRefund:
					posted[t.Order] -= p.Amount
				}
			}
		}
		after = page.Next
	}
	for id, owed := range w.owed {
		if posted[id] != owed {
			r.Fatalf("%s: %d in the ledger, want %d", id, posted[id], owed)
		}
	}
}

// TestPreorderSeasons plays many seasons: reservations, deposits in time, late
// and twice, refusals, withdrawals, changes, storms and short harvests, balances
// by two ways, with crashes between any two writes, other people's steps between
// any two writes, and news late and repeated. MARKET_TEST_SEASONS says how many;
// a season is the same each time, whatever was played before it.
func TestPreorderSeasons(t *testing.T) {
	checks := cmp.Or(os.Getenv("MARKET_TEST_SEASONS"), "150")
	wanted, err := strconv.Atoi(checks)
	if err != nil {
		t.Fatalf("MARKET_TEST_SEASONS=%q: want a number", checks)
	}
	for name, value := range map[string]string{"rapid.checks": checks, "rapid.nofailfile": "true", "rapid.seed": "2026"} {
		before := flag.Lookup(name).Value.String()
		t.Cleanup(func() { _ = flag.Set(name, before) }) // the other models keep their own number
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	w := newSeasonWorld(t)
	rapid.Check(t, w.play)
	if w.played < wanted && !t.Failed() { // rapid stops early, and content, when a deadline is near
		t.Errorf("%d seasons of %d were played", w.played, wanted)
	}
	if w.ended < 60 || w.raced < 60 {
		t.Errorf("the seasons are too dull: %d pre-orders, %d races", w.ended, w.raced)
	}
}
