package cooperatives

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"chohue/market"
	"chohue/store"
)

// world is the rooms around a pool, as far as a pool can tell.
type world struct {
	mu    sync.Mutex
	sales []Sale
	books map[market.ID]Entry
	shelf map[market.ID]int64 // by delivery
	fails int                 // so many postings do not come through
}

func newWorld() *world {
	return &world{books: map[market.ID]Entry{}, shelf: map[market.ID]int64{}}
}

func (w *world) Good(_ context.Context, _, variant market.ID) (Good, error) {
	switch variant {
	case "FRUIT":
		return Good{"POMELO", market.Text{VI: "Thanh trà"}, "trái", market.Size{Base: market.Pieces, Amount: 1}}, nil
	case "BOX":
		return Good{"POMELO", market.Text{VI: "Thanh trà"}, "hộp", market.Size{Base: market.Pieces, Amount: 4}}, nil
	case "JAM":
		return Good{"JAM", market.Text{VI: "Mứt"}, "hũ", market.Size{Base: market.Grams, Amount: 300}}, nil
	}
	return Good{}, market.NotFound("catalog.missing")
}

func (w *world) Bring(_ context.Context, b Brought) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shelf[b.Delivery] = b.Units
	return nil
}

func (w *world) Sales(context.Context, market.ID, time.Time, time.Time) ([]Sale, error) {
	return append([]Sale(nil), w.sales...), nil
}

var errLine = errors.New("the line is down")

func (w *world) Post(_ context.Context, e Entry) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fails > 0 {
		w.fails--
		return errLine
	}
	if old, ok := w.books[e.ID]; ok && !maps.Equal(old.Owed, e.Owed) {
		return fmt.Errorf("%s posted differently", e.ID)
	}
	w.books[e.ID] = e
	return nil
}

// owed folds the books.
func (w *world) owed() map[market.ID]market.VND {
	all := map[market.ID]market.VND{}
	for _, e := range w.books {
		for member, v := range e.Owed {
			if all[member] += v; all[member] == 0 {
				delete(all, member)
			}
		}
	}
	return all
}

var (
	second = market.Actor{Person: "HAI", Name: "Người thứ hai", Roles: []market.Role{market.RoleManager}}
	hiep   = market.Actor{Person: "HIEP", Name: "Tôn Thất Hiệp"}
)

// pool opens a cooperative with two managers, three members with a phone and
// one without, in November; October is over.
func (h *house) pool(t *testing.T, e store.Engine, w *world) (*Pool, market.ID) {
	t.Helper()
	seller := h.register(t, manager, "HTX Thủy Biều").ID
	for _, m := range []Member{
		{Person: "HAI", Name: "Người thứ hai", Role: MemberManager},
		{Person: "HIEP", Name: "Tôn Thất Hiệp", Role: MemberFarmer},
		{Person: "DIEU", Name: "Nguyễn Thị Diệu", Role: MemberFarmer},
		{Person: "TUAN-NO-PHONE", Name: "Lê Quang Tuấn", Role: MemberFarmer, NoPhone: true},
	} {
		if _, err := h.AddMember(t.Context(), manager, seller, m); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Allow(t.Context(), manager, seller, "TUAN-NO-PHONE", []string{ActDeliver}, "giấy ký 01/09/2026"); err != nil {
		t.Fatal(err)
	}
	return h.reopen(t, e, w), seller
}

// reopen is the pool of another process.
func (h *house) reopen(t *testing.T, e store.Engine, w *world) *Pool {
	t.Helper()
	areas, err := market.LoadAreas()
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(t.Context(), e, h.env, areas)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPool(t.Context(), e, s, Outside{w, w, w, w})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (h *house) october(day int) time.Time { return time.Date(2026, 10, day, 3, 0, 0, 0, time.UTC) }

// bring writes deliveries down.
func (h *house) bring(t *testing.T, p *Pool, seller market.ID, all ...Bringing) {
	t.Helper()
	for i, b := range all {
		if b.At.IsZero() {
			b.At = h.october(1 + i)
		}
		if _, err := p.Deliver(t.Context(), manager, seller, b); err != nil {
			t.Fatalf("delivery %d: %v", i, err)
		}
	}
}

func basket() []Bringing {
	return []Bringing{
		{ID: "DELIVERY01", Member: "HIEP", Variant: "FRUIT", Units: 100, Grade: "A"},
		{ID: "DELIVERY02", Member: "DIEU", Variant: "BOX", Units: 25, Grade: "B"},
		{ID: "DELIVERY03", Member: "TUAN-NO-PHONE", Variant: "FRUIT", Units: 100, Grade: "A", Price: 20_000},
	}
}

func (s *Settlement) sum() market.VND {
	t := s.Totals
	total := t.Platform + t.Cooperative + t.Kept
	for _, share := range s.Shares {
		total += share.Amount
	}
	return total
}

func TestASettlementByHand(t *testing.T) {
	h, w := open(t), newWorld()
	p, seller := h.pool(t, h.engine, w)
	h.bring(t, p, seller, basket()...)
	// 150 of 300 pieces are sold for 30,000 each: half of every delivery.
	w.sales = []Sale{{"1", "POMELO", 150, 4_500_000, 135_000}, {"2", "JAM", 300, 90_000, 2_700}}
	s, err := p.Prepare(t.Context(), manager, seller, "2026-10")
	if err != nil {
		t.Fatal(err)
	}
	// Net of POMELO: 4,500,000 − 135,000 − 5 % = 4,140,000; weights 50·100,
	// 50·80, 50·100; Tuấn has his price of 50·20,000 and the rest is kept.
	want := map[market.ID]market.VND{"HIEP": 1_478_572, "DIEU": 1_182_857, "TUAN-NO-PHONE": 1_000_000}
	if got := memberSums(s.Shares); !maps.Equal(got, want) {
		t.Errorf("members = %v, want %v", got, want)
	}
	if want := (Totals{4_590_000, 137_700, 229_500, 478_571 + 82_800}); s.Totals != want || s.sum() != s.Totals.Sales {
		t.Errorf("totals = %+v (sum %d), want %+v", s.Totals, s.sum(), want)
	}
	if len(w.books) != 0 {
		t.Error("something is posted that nobody approved")
	}
	_, err = p.Approve(t.Context(), manager, seller, s.ID)
	wantKey(t, err, market.KindConflict, "settle.second_person")
	_, err = p.Approve(t.Context(), hiep, seller, s.ID)
	wantKey(t, err, market.KindForbidden, "cooperatives.manager_only")
	s, err = p.Approve(t.Context(), second, seller, s.ID)
	if err != nil || s.State != SettlePosted || s.ApprovedBy != "HAI" {
		t.Fatalf("approved: %+v, %v", s, err)
	}
	if !maps.Equal(w.owed(), want) {
		t.Errorf("books = %v, want %v", w.owed(), want)
	}
	_, err = p.Prepare(t.Context(), manager, seller, "2026-10")
	wantKey(t, err, market.KindConflict, "settle.exists")
	_, err = p.Preview(t.Context(), manager, seller, "2026-11")
	wantKey(t, err, market.KindConflict, "settle.month_open")
	wantKey(t, p.Correct(t.Context(), manager, seller, "DELIVERY01", "ghi nhầm"), market.KindConflict, "delivery.settled")
	st, err := p.Statement(t.Context(), hiep, seller, "HIEP")
	if err != nil || st.Balance != 1_478_572 || len(st.Lines) != 1 || st.Lines[0].Shares[0].Taken != 50 {
		t.Errorf("statement = %+v, %v", st, err)
	}
}

func TestPain19ASettlementIsReversedNeverDeleted(t *testing.T) {
	h, w := open(t), newWorld()
	p, seller := h.pool(t, h.engine, w)
	h.bring(t, p, seller, basket()...)
	w.sales = []Sale{{"1", "POMELO", 150, 4_500_000, 135_000}}
	preview, err := p.Preview(t.Context(), manager, seller, "2026-10")
	if err != nil || preview.sum() != preview.Totals.Sales || len(w.books) != 0 {
		t.Fatalf("preview = %+v, books = %v, %v", preview, w.books, err)
	}
	first, err := p.Prepare(t.Context(), manager, seller, "2026-10")
	if err != nil || first.Totals != preview.Totals {
		t.Fatalf("prepared %+v, %v; previewed %+v", first, err, preview)
	}
	_, err = p.Approve(t.Context(), manager, seller, first.ID)
	wantKey(t, err, market.KindConflict, "settle.second_person")
	if len(w.books) != 0 {
		t.Errorf("posted before a second person said yes: %v", w.books)
	}
	if first, err = p.Approve(t.Context(), second, seller, first.ID); err != nil {
		t.Fatal(err)
	}
	_, err = p.Reverse(t.Context(), manager, seller, first.ID, "")
	wantKey(t, err, market.KindInvalid, "settle.reason")
	back, err := p.Reverse(t.Context(), manager, seller, first.ID, "sót một chuyến hàng")
	if err != nil || back.State != SettleReversed {
		t.Fatalf("reversed: %+v, %v", back, err)
	}
	if len(w.owed()) != 0 || len(w.books) != 2 {
		t.Errorf("books = %v after the reversal", w.owed())
	}
	for _, id := range []market.ID{first.ID, back.Contra} { // both stay to be read
		if kept, err := p.Settlement(t.Context(), manager, seller, id); err != nil || kept.ID != id {
			t.Errorf("%s is gone: %v", id, err)
		}
	}
	balances, err := p.Balances(t.Context(), manager, seller)
	for member, v := range balances {
		if v != 0 || err != nil {
			t.Errorf("%s has %d, %v", member, v, err)
		}
	}
	_, err = p.Reverse(t.Context(), manager, seller, first.ID, "lần nữa")
	wantKey(t, err, market.KindConflict, "settle.state")
	_, err = p.Reverse(t.Context(), manager, seller, back.Contra, "đảo cái đảo")
	wantKey(t, err, market.KindConflict, "settle.contra")
	h.bring(t, p, seller, Bringing{ID: "DELIVERY04", Member: "DIEU", Variant: "FRUIT", Units: 50, Grade: "A", At: h.october(9)})
	again, err := p.Prepare(t.Context(), second, seller, "2026-10")
	if err != nil || again.Run != 2 || len(again.Shares) != 4 || again.sum() != again.Totals.Sales {
		t.Fatalf("again = %+v, %v", again, err)
	}
	if _, err = p.Approve(t.Context(), manager, seller, again.ID); err != nil {
		t.Error(err)
	}
	st, err := p.Statement(t.Context(), manager, seller, "HIEP")
	if err != nil || len(st.Lines) != 3 || st.Lines[1].Balance != 0 || st.Balance != again.Of("HIEP") {
		t.Errorf("statement = %+v, %v", st, err)
	}
}

// TestEveryDongGoesSomewhere is the promise of a settlement for any sales, any
// deliveries and any rule, and that nothing of a delivery is shared twice.
func TestEveryDongGoesSomewhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pool := make([]supply, rapid.IntRange(0, 8).Draw(t, "deliveries"))
		for i := range pool {
			base := rapid.Int64Range(1, 1_000_000).Draw(t, "base")
			done := rapid.Int64Range(0, base-1).Draw(t, "done")
			price := market.VND(rapid.SampledFrom([]int64{0, 0, 1, 333, 45_000}).Draw(t, "price"))
			pool[i] = supply{open: base - done, done: done, units: rapid.SampledFrom([]int64{1, 7, 1000}).Draw(t, "unit"), price: price, share: Share{
				Delivery: market.ID(fmt.Sprint("D", i)), Member: market.ID(fmt.Sprint("M", i%3)), Agreed: price > 0,
				Product: market.ID(rapid.SampledFrom([]string{"P", "Q"}).Draw(t, "product")), Weight: rapid.Int64Range(0, 150).Draw(t, "weight"),
			}}
		}
		var total market.VND
		sales := make([]Sale, rapid.IntRange(0, 6).Draw(t, "sales"))
		for i := range sales {
			amount := market.VND(rapid.Int64Range(-50_000, 3_000_000).Draw(t, "amount"))
			sales[i] = Sale{fmt.Sprint(i), market.ID(rapid.SampledFrom([]string{"P", "Q", "R"}).Draw(t, "product")), rapid.Int64Range(-5, 900_000).Draw(t, "sold"), amount, market.Rate(300).Of(amount)}
			total += amount
		}
		totals, shares := plan(sales, pool, market.Rate(rapid.Int64Range(0, 5000).Draw(t, "fee")))
		sum := totals.Platform + totals.Cooperative + totals.Kept
		for _, s := range shares {
			sum += s.Amount
			open := pool[int(s.Delivery[1]-'0')].open
			if s.Taken <= 0 || s.Taken > open {
				t.Fatalf("%s: %d taken of %d", s.Delivery, s.Taken, open)
			}
		}
		if totals.Sales != total || sum != total {
			t.Fatalf("%d sold, %d in the totals, %d given out: %+v %+v", total, totals.Sales, sum, totals, shares)
		}
	})
}

// An agreed price is paid once over, however many settlements it takes.
func TestAnAgreedPriceAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := supply{units: rapid.Int64Range(1, 1000).Draw(t, "unit"), price: market.VND(rapid.Int64Range(1, 100_000).Draw(t, "price"))}
		n := rapid.Int64Range(1, 50).Draw(t, "units")
		var paid market.VND
		for left := n * s.units; left > 0; {
			part := rapid.Int64Range(1, left).Draw(t, "part")
			paid += s.agreed(part)
			s.done, left = s.done+part, left-part
		}
		if want := s.price * market.VND(n); paid != want {
			t.Fatalf("paid %d for %d × %d", paid, n, s.price)
		}
	})
}

func TestOfTwoApprovalsOneIsTaken(t *testing.T) {
	h, w := open(t), newWorld()
	p, seller := h.pool(t, h.engine, w)
	h.bring(t, p, seller, basket()...)
	w.sales = []Sale{{"1", "POMELO", 300, 4_500_001, 135_000}}
	if _, err := h.AddMember(t.Context(), manager, seller, Member{Person: "BA", Name: "Người thứ ba", Role: MemberManager}); err != nil {
		t.Fatal(err)
	}
	s, err := p.Prepare(t.Context(), manager, seller, "2026-10")
	if err != nil {
		t.Fatal(err)
	}
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		won  []market.ID
	)
	for i := range 12 {
		by := []market.Actor{second, {Person: "BA", Name: "Người thứ ba"}}[i%2]
		wait.Go(func() {
			got, err := p.Approve(context.Background(), by, seller, s.ID)
			if err != nil {
				wantKey(t, err, market.KindConflict, "settle.state")
				return
			}
			mu.Lock()
			defer mu.Unlock()
			won = append(won, got.ApprovedBy)
		})
	}
	wait.Wait()
	if won = slices.Compact(won); len(won) != 1 || len(w.books) != 1 { // the same person's yes again is the same yes
		t.Fatalf("approvals of %v taken, %d entries", won, len(w.books))
	}
	if got, err := p.Settlement(t.Context(), manager, seller, s.ID); err != nil || got.State != SettlePosted || got.ApprovedBy != won[0] {
		t.Errorf("settlement = %+v, %v", got, err)
	}
}

func TestWhoIsTheSecondPersonWhereThereIsOneManager(t *testing.T) {
	h, w := open(t), newWorld()
	p, seller := h.pool(t, h.engine, w)
	h.bring(t, p, seller, basket()...)
	w.sales = []Sale{{"1", "POMELO", 10, 450_000, 13_500}}
	if _, err := h.RemoveMember(t.Context(), manager, seller, "HAI"); err != nil {
		t.Fatal(err)
	}
	s, err := p.Prepare(t.Context(), manager, seller, "2026-10")
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Approve(t.Context(), manager, seller, s.ID)
	wantKey(t, err, market.KindConflict, "settle.second_person")
	_, err = p.Approve(t.Context(), second, seller, s.ID) // no longer a member
	wantKey(t, err, market.KindNotFound, "cooperatives.missing")
	if s, err = p.Approve(t.Context(), hiep, seller, s.ID); err != nil || s.State != SettlePosted {
		t.Errorf("a member: %v, %v", s, err)
	}
}

func TestACorrectionMakesWhatWasPreparedStale(t *testing.T) {
	h, w := open(t), newWorld()
	p, seller := h.pool(t, h.engine, w)
	h.bring(t, p, seller, basket()...)
	w.sales = []Sale{{"1", "POMELO", 150, 4_500_000, 135_000}}
	s, err := p.Prepare(t.Context(), manager, seller, "2026-10")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.Correct(t.Context(), manager, seller, "DELIVERY02", "ghi nhầm người"); err != nil {
			t.Fatal(err)
		}
	}
	_, err = p.Approve(t.Context(), second, seller, s.ID)
	wantKey(t, err, market.KindConflict, "settle.stale")
	if len(w.books) != 0 {
		t.Error("a stale settlement was posted")
	}
	s, err = p.Prepare(t.Context(), manager, seller, "2026-10")
	if err != nil || s.Run != 2 || s.Of("DIEU") != 0 {
		t.Fatalf("again = %+v, %v", s, err)
	}
	page, err := p.Deliveries(t.Context(), manager, seller, store.Query{})
	if err != nil || len(page.Items) != 4 {
		t.Fatalf("%d deliveries, %v; want three and a contra entry", len(page.Items), err)
	}
	var units int64
	for _, d := range page.Items {
		if d.ID == "DELIVERY02" || d.Corrects == "DELIVERY02" {
			units += d.Units
		}
	}
	if units != 0 {
		t.Errorf("a delivery and its contra entry are %d units", units)
	}
	if _, err := p.Approve(t.Context(), second, seller, s.ID); err != nil {
		t.Error(err)
	}
}

// frail is an engine whose process dies at a chosen write, either before it or
// just after, when nobody hears of it.
type frail struct {
	store.Engine
	mu    sync.Mutex
	left  int
	after bool
}

var errDead = errors.New("killed")

// dies counts a write down; it reports whether to do it and whether to die.
func (f *frail) dies() (do, die bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left--
	return f.left > 0 || (f.left == 0 && f.after), f.left <= 0
}

func (f *frail) Insert(ctx context.Context, c string, w store.Write) error {
	do, die := f.dies()
	var err error
	if do {
		err = f.Engine.Insert(ctx, c, w)
	}
	if die && err == nil {
		return errDead
	}
	return err
}

func (f *frail) Update(ctx context.Context, c string, id market.ID, create bool, change store.Change) error {
	do, die := f.dies()
	var err error
	if do {
		err = f.Engine.Update(ctx, c, id, create, func(old bson.Raw) (store.Write, error) { return change(old) })
	}
	if die && err == nil {
		return errDead
	}
	return err
}

// TestCrashes kills the process at every write of a settlement and its reversal
// and lets another finish: whole or not at all, and the books as the documents.
func TestCrashes(t *testing.T) {
	for _, after := range []bool{false, true} {
		for at := 1; at <= 13; at++ {
			t.Run(fmt.Sprint(at, after), func(t *testing.T) {
				h, w := open(t), newWorld()
				healthy, seller := h.pool(t, h.engine, w)
				h.bring(t, healthy, seller, basket()...)
				w.sales = []Sale{{"1", "POMELO", 150, 4_500_000, 135_000}}
				dying := h.reopen(t, &frail{Engine: h.engine, left: at, after: after}, w)
				h.settleAndReverse(t, dying, seller)
				if _, err := healthy.Resume(t.Context()); err != nil {
					t.Fatal(err)
				}
				h.settleAndReverse(t, healthy, seller)
				h.wantAsBooked(t, healthy, seller, w)
				s, err := healthy.Prepare(t.Context(), manager, seller, "2026-10")
				if err != nil || len(s.Shares) != 3 || s.sum() != s.Totals.Sales {
					t.Errorf("after all: %+v, %v", s, err)
				}
			})
		}
	}
}

// settleAndReverse goes on from wherever October stands until it is reversed or
// the process dies.
func (h *house) settleAndReverse(t *testing.T, p *Pool, seller market.ID) {
	t.Helper()
	id := settlementID(seller, "2026-10", 1)
	if _, err := p.Prepare(t.Context(), manager, seller, "2026-10"); err != nil && market.KindOf(err) != market.KindConflict {
		return
	}
	if _, err := p.Approve(t.Context(), second, seller, id); err != nil && market.KindOf(err) != market.KindConflict {
		return
	}
	if _, err := p.Reverse(t.Context(), manager, seller, id, "thử lại"); err != nil && market.KindOf(err) != market.KindConflict {
		return
	}
	if s, err := p.Settlement(t.Context(), manager, seller, settlementID(seller, "2026-10", 2)); err == nil && s.State == SettlePrepared {
		_, _ = p.Drop(t.Context(), manager, seller, s.ID) // made by going on twice
	}
}

func (h *house) wantAsBooked(t *testing.T, p *Pool, seller market.ID, w *world) {
	t.Helper()
	first, err := p.Settlement(t.Context(), manager, seller, settlementID(seller, "2026-10", 1))
	if err != nil || first.State != SettleReversed {
		t.Fatalf("October is %+v, %v; want reversed", first, err)
	}
	balances, err := p.Balances(t.Context(), manager, seller)
	if err != nil || len(balances) != 3 || len(w.books) != 2 || len(w.owed()) != 0 {
		t.Errorf("balances %v, books %v, %v", balances, w.books, err)
	}
	for member, v := range balances {
		if v != 0 {
			t.Errorf("%s has %d", member, v)
		}
	}
}

func TestResumePostsWhatTheBooksMissed(t *testing.T) {
	h, w := open(t), newWorld()
	p, seller := h.pool(t, h.engine, w)
	h.bring(t, p, seller, basket()...)
	w.sales, w.fails = []Sale{{"1", "POMELO", 150, 4_500_000, 135_000}}, 1
	s, err := p.Prepare(t.Context(), manager, seller, "2026-10")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = p.Approve(t.Context(), second, seller, s.ID); !errors.Is(err, errLine) {
		t.Fatalf("approve: %v", err)
	}
	for _, want := range []int{1, 0} {
		if n, err := p.Resume(t.Context()); n != want || err != nil {
			t.Errorf("resumed %d, %v; want %d", n, err, want)
		}
	}
	if got, err := p.Settlement(t.Context(), manager, seller, s.ID); err != nil || got.State != SettlePosted || len(w.books) != 1 {
		t.Errorf("settlement = %v, %v", got, err)
	}
}
