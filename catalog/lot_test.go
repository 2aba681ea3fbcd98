package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/market"
	"chohue/store"
)

func lotOf(p *Product, id market.ID, qty int64) LotDraft {
	return LotDraft{
		ID: id, Product: p.ID, Variant: p.Variants[0].ID, Code: string(id), Quantity: qty, MadeAt: start.Add(-time.Hour),
		Place: LotPlace{Area: "Vườn Nguyệt Biều", PlusCode: "7P8WFH5C+2V"}, Name: "Chị Hoa",
	}
}

func (s *shop) makeLot(t testing.TB, d LotDraft) *Lot {
	t.Helper()
	l, err := s.MakeLot(t.Context(), farmer, d)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (s *shop) drain(t testing.TB) {
	t.Helper()
	for {
		pending, err := s.engine.Pending(t.Context(), nil, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(pending) == 0 {
			return
		}
		for _, p := range pending {
			if err := s.Consume(t.Context(), p.Event); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.engine.Done(t.Context(), pending); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLotIsMadeOnce(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	l := s.makeLot(t, lotOf(p, "lo-1", 40))
	for range 3 {
		again := s.makeLot(t, lotOf(p, "lo-1", 40))
		if again.Rev != l.Rev {
			t.Errorf("made again: revision %d, was %d", again.Rev, l.Rev)
		}
		s.drain(t)
	}
	want := time.Date(2026, 12, 24, 0, 0, 0, 0, market.HueZone).UTC()
	if l.BestBefore == nil || !l.BestBefore.Equal(want) {
		t.Errorf("best before %v, want the end of the thirtieth day, %v", l.BestBefore, want)
	}
	if k := s.stock(t, p.Variants[0].ID); k.Available != 140 || len(k.Lots) != 1 || k.Lots[0].Available != 40 || k.Unnamed().Available != 100 {
		t.Errorf("%d available, lots %+v", k.Available, k.Lots)
	}
	same := lotOf(p, "lo-2", 5)
	same.Code = "lo-1"
	_, err := s.MakeLot(t.Context(), farmer, same)
	wantError(t, err, market.KindConflict, "lot.code_taken", "code")
	other := lotOf(p, "lo-1", 5)
	other.Variant = p.Variants[1].ID
	_, err = s.MakeLot(t.Context(), farmer, other)
	wantError(t, err, market.KindConflict, "lot.taken", "id")
	_, err = s.MakeLot(t.Context(), neighbour, lotOf(p, "lo-3", 5))
	wantError(t, err, market.KindNotFound, "catalog.missing", "")
}

func TestLotNamesGoodsThatAreCounted(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	d := lotOf(p, "lo-1", 60)
	d.Counted = true
	s.makeLot(t, d)
	if k := s.stock(t, p.Variants[0].ID); k.Available != 100 || k.Received != 100 || k.Lots[0].Available != 60 {
		t.Errorf("%d of %d available, lots %+v", k.Available, k.Received, k.Lots)
	}
	d = lotOf(p, "lo-2", 41)
	d.Counted = true
	_, err := s.MakeLot(t.Context(), farmer, d)
	wantError(t, err, market.KindConflict, "stock.short", "quantity")
}

func TestLotDraftSaysWhatIsWrong(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	for name, test := range map[string]struct {
		change     func(*LotDraft)
		key, field string
	}{
		"variant":  {func(d *LotDraft) { d.Variant = "no" }, "lot.variant", "variant"},
		"code":     {func(d *LotDraft) { d.Code = "LÔ 1" }, "lot.code", "code"},
		"dots":     {func(d *LotDraft) { d.Code = ".." }, "lot.code", "code"},
		"long":     {func(d *LotDraft) { d.Code = "123456789012345678901" }, "product.text_long", "code"},
		"quantity": {func(d *LotDraft) { d.Quantity = 0 }, "stock.quantity", "quantity"},
		"future":   {func(d *LotDraft) { d.MadeAt = start.Add(time.Second) }, "lot.made_at", "made_at"},
		"never":    {func(d *LotDraft) { d.MadeAt = time.Time{} }, "lot.made_at", "made_at"},
		"spoiled":  {func(d *LotDraft) { d.BestBefore = &d.MadeAt }, "lot.best_before", "best_before"},
		"how":      {func(d *LotDraft) { d.Made = "found" }, "lot.made", "made"},
		"place":    {func(d *LotDraft) { d.Place.PlusCode = "Huế" }, "lot.plus_code", "plus_code"},
		"input":    {func(d *LotDraft) { d.Inputs = []Input{{Kind: "magic", Name: "x"}} }, "lot.input_kind", "inputs/0/kind"},
		"nameless": {func(d *LotDraft) { d.Inputs = []Input{{Kind: "feed"}} }, "lot.input_name", "inputs/0/name"},
	} {
		d := lotOf(p, "lo", 5)
		test.change(&d)
		_, err := s.MakeLot(t.Context(), farmer, d)
		e, ok := err.(*market.Error)
		if !ok || e.Key != test.key || e.Field != test.field {
			t.Errorf("%s: got %v, want %s at %s", name, err, test.key, test.field)
		}
	}
}

func TestPublicPlaceIsRounded(t *testing.T) {
	for full, want := range map[string]string{"7P8WFH5C+2V": "7P8WFH5C+", "8FVC2222+22": "8FVC2222+", "": "", "nonsense": ""} {
		if got := (LotPlace{PlusCode: full}).Public(); got != want {
			t.Errorf("%q: got %q, want %q", full, got, want)
		}
	}
}

func TestFirstExpiredGoesFirstAndSettleTellsTheLots(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	variant := p.Variants[0].ID
	late, soon := start.AddDate(0, 2, 0), start.AddDate(0, 1, 0)
	for id, best := range map[market.ID]*time.Time{"late": &late, "soon": &soon} {
		d := lotOf(p, id, 5)
		d.BestBefore = best
		s.makeLot(t, d)
	}
	until := start.Add(time.Hour)
	if err := s.Hold(t.Context(), "a", variant, 8, until); err != nil {
		t.Fatal(err)
	}
	want := []Share{{"soon", "soon", 5}, {"late", "late", 3}}
	for range 2 {
		got, err := s.Settle(t.Context(), "a", variant)
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("sold %v, %v; want %v", got, err, want)
		}
	}
	if err := s.Forget(t.Context(), "a", variant); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Settle(t.Context(), "a", variant); err != nil || !cmp.Equal(got, want) {
		t.Errorf("after forgetting: sold %v, %v; want %v", got, err, want)
	}
	if err := s.TakeBack(t.Context(), "a", variant, 4, 0); err != nil {
		t.Fatal(err)
	}
	k := s.stock(t, variant)
	if k.lot("late").Available != 5 || k.lot("soon").Available != 1 {
		t.Errorf("back in late %d, in soon %d; want 5 and 1", k.lot("late").Available, k.lot("soon").Available)
	}
}

func TestPastLotIsNotSoldButHeldGoodsStay(t *testing.T) {
	s := open(t)
	d := pomelo()
	d.Variants[0].Stock = 0
	p := s.draft(t, d)
	variant, best := p.Variants[0].ID, start.Add(time.Hour)
	lot := lotOf(p, "lo-1", 5)
	lot.BestBefore = &best
	s.makeLot(t, lot)
	if err := s.Hold(t.Context(), "a", variant, 2, start.Add(3*time.Hour)); err != nil {
		t.Fatal(err)
	}
	s.drain(t)
	if p, _ = s.Product(t.Context(), farmer, p.ID); !p.InStock {
		t.Error("not in stock while it is good")
	}
	s.wait(time.Hour - time.Millisecond)
	if free := s.stock(t, variant).Free(s.time()); free != 3 {
		t.Errorf("a moment before: %d free, want 3", free)
	}
	s.wait(time.Millisecond)
	if free := s.stock(t, variant).Free(s.time()); free != 0 {
		t.Errorf("past its date: %d free", free)
	}
	wantError(t, s.Hold(t.Context(), "b", variant, 1, start.Add(9*time.Hour)), market.KindConflict, "stock.short", "")
	if _, err := s.ExpireHolds(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.drain(t)
	if p, _ = s.Product(t.Context(), farmer, p.ID); p.InStock {
		t.Error("the shop still shows it as in stock")
	}
	if _, err := s.Settle(t.Context(), "a", variant); err != nil {
		t.Errorf("held goods: %v", err)
	}
	if k := s.stock(t, variant); k.NextExpiry != nil || k.Available != 3 || k.Sold != 2 {
		t.Errorf("%d available, %d sold, next expiry %v", k.Available, k.Sold, k.NextExpiry)
	}
}

func TestRecallStopsTheSale(t *testing.T) {
	s := open(t)
	d := pomelo()
	d.Variants[0].Stock = 3
	p := s.draft(t, d)
	variant := p.Variants[0].ID
	s.makeLot(t, lotOf(p, "bad", 10))
	until := start.Add(time.Hour)
	for order, qty := range map[market.ID]int64{"paid": 2} {
		if err := s.Hold(t.Context(), order, variant, qty, until); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Settle(t.Context(), order, variant); err != nil {
			t.Fatal(err)
		}
	}
	for _, order := range []market.ID{"first", "second"} {
		if err := s.Hold(t.Context(), order, variant, 3, until); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.RecallLot(t.Context(), neighbour, "bad", "vi sinh")
	wantError(t, err, market.KindNotFound, "lot.missing", "")
	_, err = s.RecallLot(t.Context(), farmer, "bad", " ")
	wantError(t, err, market.KindInvalid, "lot.recall_reason", "reason")
	for range 2 {
		l, err := s.RecallLot(t.Context(), official, "bad", "Vượt chỉ tiêu vi sinh")
		if err != nil || l.Recall == nil || l.Recall.ByName != "Chị Lan" {
			t.Fatalf("recall: %+v, %v", l, err)
		}
		s.drain(t)
	}
	if got, err := s.Settle(t.Context(), "first", variant); err != nil || len(got) != 0 {
		t.Errorf("the first gets goods of no named lot: %v, %v", got, err)
	}
	_, err = s.Settle(t.Context(), "second", variant)
	wantError(t, err, market.KindConflict, "stock.hold_gone", "")
	if err := s.TakeBack(t.Context(), "paid", variant, 2, 0); err != nil {
		t.Fatal(err)
	}
	if k := s.stock(t, variant); k.Available != 0 || k.Held != 0 || k.Sold != 3 || k.Lost != 10 {
		t.Errorf("%d available, %d held, %d sold, %d lost", k.Available, k.Held, k.Sold, k.Lost)
	}
	_, err = s.Correct(t.Context(), farmer, variant, Correction{Lot: "bad", Quantity: 1, Why: "kiem_ke"})
	wantError(t, err, market.KindConflict, "lot.recalled", "")
}

// TestCutOffLotsAreFinished writes what a process that died has written and
// lets the events do the rest.
func TestCutOffLotsAreFinished(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	l, err := s.composeLot(farmer, p, lotOf(p, "lo-1", 7))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.lots.Insert(t.Context(), l, s.lotNews(EventLotMade, l)); err != nil {
		t.Fatal(err)
	}
	s.drain(t)
	if k := s.stock(t, l.Variant); k.lot("lo-1") == nil || k.lot("lo-1").Available != 7 {
		t.Errorf("the lot is not on the shelf: %+v", k.Lots)
	}
	if _, err := s.lots.Update(t.Context(), l.ID, func(l *Lot) ([]market.Event, error) {
		l.Recall = &Recall{At: start, Reason: "x"}
		return []market.Event{s.lotNews(EventLotRecalled, l)}, nil
	}); err != nil {
		t.Fatal(err)
	}
	s.drain(t)
	if k := s.stock(t, l.Variant); k.lot("lo-1").Available != 0 || k.lot("lo-1").Lost != 7 {
		t.Errorf("recalled: %+v", k.Lots)
	}
}

func TestCorrections(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	variant := p.Variants[0].ID
	s.makeLot(t, lotOf(p, "lo-1", 10))
	for _, c := range []Correction{
		{Lot: "lo-1", Quantity: -2, Why: "hong", Note: "dập"}, {Lot: "lo-1", Quantity: 1, Why: "kiem_ke"}, {Quantity: -5, Why: "bieu_tang"}, {Quantity: 3, Why: "nhap_them"},
	} {
		if _, err := s.Correct(t.Context(), farmer, variant, c); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
	k := s.stock(t, variant)
	if l := k.lot("lo-1"); l.Available != 9 || l.Lost != 2 || l.Received != 11 || k.Unnamed().Available != 98 || k.Unnamed().Lost != 5 {
		t.Errorf("lot %+v, unnamed %+v", l, k.Unnamed())
	}
	if m := k.Moves[0]; m.Lot != "lo-1" || m.Why != "hong" || m.Quantity != -2 || m.Reason != "dập" {
		t.Errorf("first move: %+v", m)
	}
	for _, c := range []Correction{{Quantity: 1, Why: "hong"}, {Quantity: -1, Why: "nhap_them"}, {Quantity: -1}} {
		_, err := s.Correct(t.Context(), farmer, variant, c)
		wantError(t, err, market.KindInvalid, "stock.why", "why")
	}
	_, err := s.Correct(t.Context(), farmer, variant, Correction{Lot: "lo-1", Quantity: -10, Why: "mat"})
	wantError(t, err, market.KindConflict, "stock.short", "")
	_, err = s.Correct(t.Context(), neighbour, variant, Correction{Quantity: -1, Why: "mat"})
	wantError(t, err, market.KindNotFound, "catalog.missing", "")
}

func TestPapersAreKeptAsTheyWere(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	s.makeLot(t, lotOf(p, "lo-1", 10))
	paper := []byte("%PDF-1.7\nkết quả")
	d := TestDraft{Test: Test{ID: "t1", Name: "Dư lượng thuốc", Lab: "Trung tâm 2", Result: "Không phát hiện", Passed: true, At: start.Add(-time.Hour)}, Paper: paper}
	for range 2 {
		l, err := s.AddTest(t.Context(), farmer, "lo-1", d)
		if err != nil || len(l.Tests) != 1 {
			t.Fatalf("%+v, %v", l, err)
		}
	}
	kept, data, err := s.Paper(t.Context(), "lo-1", "t1")
	sum := sha256.Sum256(paper)
	if err != nil || string(data) != string(paper) || kept.SHA256 != hex.EncodeToString(sum[:]) || kept.Type != "application/pdf" {
		t.Errorf("%+v, %q, %v", kept, data, err)
	}
	d.ID, d.Paper = "t2", []byte("<svg onload=alert(1)>")
	_, err = s.AddTest(t.Context(), farmer, "lo-1", d)
	wantError(t, err, market.KindInvalid, "lot.paper", "paper")
	_, err = s.AddTest(t.Context(), neighbour, "lo-1", TestDraft{Test: Test{Name: "x", Result: "y", At: start}})
	wantError(t, err, market.KindNotFound, "lot.missing", "")
	_, _, err = s.Paper(t.Context(), "lo-1", "t2")
	wantError(t, err, market.KindNotFound, "lot.missing", "")
}

func TestGTINLeadsToTheLot(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	v0, v1 := p.Variants[0].ID, p.Variants[1].ID
	for range 2 {
		if _, err := s.SetGTIN(t.Context(), farmer, p.ID, v0, "9521234543213"); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.SetGTIN(t.Context(), farmer, p.ID, v1, "09521234543213")
	wantError(t, err, market.KindConflict, "gtin.taken", "gtin")
	_, err = s.SetGTIN(t.Context(), neighbour, p.ID, v0, "9521234543213")
	wantError(t, err, market.KindNotFound, "catalog.missing", "")
	l := s.makeLot(t, lotOf(p, "ABC123", 1))
	if got := l.TracePath(); got != "/01/09521234543213/10/ABC123" {
		t.Errorf("path %s", got)
	}
	for _, gtin := range []string{"09521234543213", "9521234543213"} {
		found, err := s.LotByCode(t.Context(), gtin, "ABC123")
		if err != nil || found.ID != l.ID {
			t.Errorf("%s: %v", gtin, err)
		}
	}
	for _, miss := range [][2]string{{"09521234543213", "nope"}, {"4006381333931", "ABC123"}, {"09521234543214", "ABC123"}, {"x", "ABC123"}} {
		_, err := s.LotByCode(t.Context(), miss[0], miss[1])
		wantError(t, err, market.KindNotFound, "lot.missing", "")
	}
	edited := pomelo()
	edited.Variants[0].Price = 70_000
	p, err = s.Edit(t.Context(), farmer, p.ID, edited)
	if err != nil || p.Variants[0].GTIN != "09521234543213" {
		t.Errorf("after an edit the GTIN is %q, %v", p.Variants[0].GTIN, err)
	}
}

// TestStocksOfOldStillSell reads a stock as the market wrote it before there
// were lots, byte for byte by its fields.
func TestStocksOfOldStillSell(t *testing.T) {
	old := bson.D{
		{Key: "_id", Value: "v"},
		{Key: "_rev", Value: int64(3)},
		{Key: "product", Value: "p"},
		{Key: "seller", Value: "s"},
		{Key: "received", Value: int64(10)},
		{Key: "available", Value: int64(3)},
		{Key: "held", Value: int64(2)},
		{Key: "sold", Value: int64(4)},
		{Key: "lost", Value: int64(1)},
		{Key: "holds", Value: bson.A{
			bson.D{{Key: "order", Value: "open"}, {Key: "quantity", Value: int64(2)}, {Key: "until", Value: start.Add(time.Hour)}},
			bson.D{{Key: "order", Value: "paid"}, {Key: "quantity", Value: int64(4)}, {Key: "until", Value: start}, {Key: "settled", Value: true}},
		}},
	}
	raw, err := bson.Marshal(old)
	if err != nil {
		t.Fatal(err)
	}
	var k Stock
	if err := bson.Unmarshal(raw, &k); err != nil {
		t.Fatal(err)
	}
	steps := []func() error{
		k.Check,
		func() error { return k.Settle("open") },
		func() error { return k.TakeBack("paid", 4, 0, start, nil) },
		func() error { return k.ReceiveLot(LotStock{Lot: "l"}, 5, true, start) },
		func() error { return k.Hold("new", 7, start, start.Add(time.Hour)) },
		func() error { return k.TakeBack("open", 2, 0, start, nil) },
		k.Check,
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Errorf("step %d: %v", i, err)
		}
	}
	want := []Share{{Quantity: 2}, {Lot: "l", Quantity: 5}}
	if got := k.hold("new").Lots; !cmp.Equal(got, want) {
		t.Errorf("took %v, want the unnamed first: %v", got, want)
	}
}

func TestStockForgetsLotsThatAreSoldOut(t *testing.T) {
	k := &Stock{Doc: store.Doc{ID: "v"}}
	for i := range maxLots + 10 {
		id := market.ID(fmt.Sprint("lot-", i))
		if err := k.ReceiveLot(LotStock{Lot: id}, 2, false, start); err != nil {
			t.Fatalf("lot %d: %v", i, err)
		}
		if i == 0 {
			k.Recall(id, "", start)
			continue
		}
		if err := k.lose(&id, 2); err != nil {
			t.Fatal(err)
		}
		if err := k.Check(); err != nil {
			t.Fatal(err)
		}
	}
	if len(k.Lots) != maxLots || k.lot("lot-0") == nil || k.lot("lot-1") != nil {
		t.Errorf("%d lots, first %+v", len(k.Lots), k.Lots[0])
	}
	full := &Stock{}
	for i := range maxLots {
		if err := full.ReceiveLot(LotStock{Lot: market.ID(fmt.Sprint(i))}, 1, false, start); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, full.ReceiveLot(LotStock{Lot: "more"}, 1, false, start), market.KindConflict, "lot.many", "")
}

// TestLotsUnderARush lets buyers race for lots, one of which is recalled in
// the midst, through the store.
func TestLotsUnderARush(t *testing.T) {
	s := open(t)
	d := pomelo()
	d.Variants[0].Stock = 50
	p := s.draft(t, d)
	variant := p.Variants[0].ID
	for i, qty := range []int64{60, 70, 80} {
		best := start.AddDate(0, 1, i)
		lot := lotOf(p, market.ID(fmt.Sprint("lo-", i)), qty)
		lot.BestBefore = &best
		s.makeLot(t, lot)
	}
	var bought [3]atomic.Int64
	var unnamed atomic.Int64
	var wait sync.WaitGroup
	for b := range 16 {
		wait.Go(func() {
			for a := range 40 {
				if b == 0 && a == 10 {
					if _, err := s.RecallLot(t.Context(), farmer, "lo-1", "thử"); err != nil {
						t.Error(err)
					}
				}
				order := market.ID(fmt.Sprint("order-", b, "-", a))
				if s.Hold(t.Context(), order, variant, 1, start.Add(time.Hour)) != nil {
					continue
				}
				shares, err := s.Settle(t.Context(), order, variant)
				if market.KindOf(err) == market.KindConflict {
					continue // its goods were recalled and there were no others
				}
				if err != nil {
					t.Error(err)
					return
				}
				if len(shares) == 0 {
					unnamed.Add(1)
				}
				for _, x := range shares {
					bought[x.Lot[3]-'0'].Add(x.Quantity)
				}
			}
		})
	}
	wait.Wait()
	k := s.stock(t, variant)
	for i := range bought {
		if l := k.lot(market.ID(fmt.Sprint("lo-", i))); l.Sold != bought[i].Load() {
			t.Errorf("lot %d: %d sold, buyers have %d", i, l.Sold, bought[i].Load())
		}
	}
	if bad := k.lot("lo-1"); bad.Sold+bad.Lost != 70 || k.Unnamed().Sold != unnamed.Load() {
		t.Errorf("recalled %+v; unnamed sold %d, buyers have %d", bad, k.Unnamed().Sold, unnamed.Load())
	}
	if k.Held != 0 || k.Available != 0 {
		t.Errorf("%d held, %d available after 640 wishes", k.Held, k.Available)
	}
}

func TestFullShelfRefusesALotBeforeItIsNoted(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	for i := range maxLots {
		s.makeLot(t, lotOf(p, market.ID(fmt.Sprint("lo-", i)), 1))
	}
	_, err := s.MakeLot(t.Context(), farmer, lotOf(p, "more", 1))
	wantError(t, err, market.KindConflict, "lot.many", "quantity")
	_, err = s.TracedLot(t.Context(), "more")
	wantError(t, err, market.KindNotFound, "lot.missing", "")
	s.drain(t)
}

// TestUnshelvableLotHoldsNothingUp hears of a lot that the shelf refuses.
func TestUnshelvableLotHoldsNothingUp(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	late, err := s.composeLot(farmer, p, lotOf(p, "late", 1))
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxLots {
		s.makeLot(t, lotOf(p, market.ID(fmt.Sprint("lo-", i)), 1))
	}
	if err := s.lots.Insert(t.Context(), late, s.lotNews(EventLotMade, late)); err != nil {
		t.Fatal(err)
	}
	s.drain(t)
	if k := s.stock(t, late.Variant); k.lot("late") != nil {
		t.Error("a lot was put on a shelf that is full")
	}
}
