package cooperatives

import (
	"context"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
)

func TestADeliverySentTwiceIsOne(t *testing.T) {
	h, w := open(t), newWorld()
	p, seller := h.pool(t, h.engine, w)
	h.bring(t, p, seller, basket()...)
	h.bring(t, p, seller, basket()...)
	page, err := p.Deliveries(t.Context(), manager, seller, store.Query{})
	if err != nil || len(page.Items) != 3 {
		t.Errorf("%d deliveries, %v; want 3", len(page.Items), err)
	}
	other := basket()[0]
	other.Units++
	_, err = p.Deliver(t.Context(), manager, seller, other)
	wantKey(t, err, market.KindConflict, "cooperatives.id_taken")
}

func TestStockFollowsDeliveries(t *testing.T) {
	h, w := open(t), newWorld()
	p, seller := h.pool(t, h.engine, w)
	h.bring(t, p, seller, basket()...)
	if err := p.Correct(t.Context(), manager, seller, "DELIVERY02", "ghi nhầm"); err != nil {
		t.Fatal(err)
	}
	pending, err := h.engine.Pending(t.Context(), nil, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, e := range pending {
			if err := p.Consume(t.Context(), e.Event); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := map[market.ID]int64{"DELIVERY01": 100, "DELIVERY02": 25, "DELIVERY02:contra": -25, "DELIVERY03": 100}
	for id, units := range want {
		if w.shelf[id] != units || len(w.shelf) != len(want) {
			t.Errorf("shelf = %v, want %v", w.shelf, want)
		}
	}
}

func TestActingForAMemberNeedsConsentAndIsNoted(t *testing.T) {
	h, w := open(t), newWorld()
	p, seller := h.pool(t, h.engine, w)
	b := basket()[2]
	if err := h.Disallow(t.Context(), manager, seller, b.Member, "đổi ý"); err != nil {
		t.Fatal(err)
	}
	_, err := p.Deliver(t.Context(), manager, seller, b)
	wantKey(t, err, market.KindConflict, "mandate.none")
	wantKey(t, h.Allow(t.Context(), manager, seller, b.Member, []string{"sell everything"}, "nói miệng"), market.KindInvalid, "mandate.acts")
	wantKey(t, h.Allow(t.Context(), manager, seller, b.Member, []string{ActDeliver}, ""), market.KindInvalid, "mandate.evidence")
	if err := h.Allow(t.Context(), manager, seller, b.Member, []string{ActList}, "giấy ký"); err != nil {
		t.Fatal(err)
	}
	_, err = p.Deliver(t.Context(), manager, seller, b)
	wantKey(t, err, market.KindConflict, "mandate.none")
	if err := h.Allow(t.Context(), manager, seller, b.Member, []string{ActDeliver}, "giấy ký 02"); err != nil {
		t.Fatal(err)
	}
	b.At = h.october(2)
	if _, err := p.Deliver(t.Context(), manager, seller, b); err != nil {
		t.Fatal(err)
	}
	h.hear(t)
	page, err := h.Trail(t.Context(), official, seller, store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	noted := page.Items[0]
	for _, n := range page.Items {
		if n.What == "delivery.noted" {
			noted = n
		}
	}
	if noted.What != "delivery.noted" || noted.By != manager.Person || noted.For != b.Member || noted.ForName != "Lê Quang Tuấn" {
		t.Errorf("noted %+v", noted)
	}
	mandates, err := h.Mandates(t.Context(), manager, seller)
	if err != nil || len(mandates[b.Member].Consents) != 3 || mandates[b.Member].Consents[0].EndedAt == nil {
		t.Errorf("mandates = %+v, %v", mandates, err)
	}
}

func TestMembersWithoutPhone(t *testing.T) {
	h := open(t)
	seller := h.register(t, manager, "HTX An Lỗ").ID
	for range 2 {
		if id, err := h.AddWithoutPhone(t.Context(), manager, seller, "NOPHONE0001", "Hồ Thị Tư"); id != "NOPHONE0001" || err != nil {
			t.Fatal(id, err)
		}
	}
	s, err := h.Seller(t.Context(), seller)
	if err != nil || len(s.Members) != 2 || !s.Members[1].NoPhone {
		t.Errorf("members = %+v, %v", s.Members, err)
	}
	_, err = h.AddWithoutPhone(t.Context(), manager, seller, manager.Person+"xxxxxxxxx$", "Ai đó")
	wantKey(t, err, market.KindInvalid, "cooperatives.id")
}

func TestBadDeliveries(t *testing.T) {
	h, w := open(t), newWorld()
	p, seller := h.pool(t, h.engine, w)
	for key, change := range map[string]func(*Bringing){
		"cooperatives.no_member": func(b *Bringing) { b.Member = "X" },
		"delivery.units":         func(b *Bringing) { b.Units = maxBase + 1 },
		"delivery.grade":         func(b *Bringing) { b.Grade = "Z" },
		"delivery.price":         func(b *Bringing) { b.Price = -1 },
		"delivery.at":            func(b *Bringing) { b.At = h.now.Add(time.Minute) },
		"delivery.lot":           func(b *Bringing) { b.Lot = "{$gt:1}" },
		"delivery.variant":       func(b *Bringing) { b.Variant = "" },
	} {
		b := basket()[0]
		change(&b)
		_, err := p.Deliver(t.Context(), manager, seller, b)
		wantKey(t, err, market.KindInvalid, key)
	}
	b := basket()[0]
	b.Variant = "OTHER"
	_, err := p.Deliver(t.Context(), manager, seller, b)
	wantKey(t, err, market.KindNotFound, "catalog.missing")
}

func TestSharingRulesAreDated(t *testing.T) {
	h, w := open(t), newWorld()
	p, seller := h.pool(t, h.engine, w)
	rule := SharingRule{Fee: 1000, Grades: map[string]int64{"A": 100, "B": 90, "C": 10}, Basis: "Nghị quyết 03/2026"}
	wantKey(t, p.SetSharing(t.Context(), manager, seller, "2026-11", rule), market.KindInvalid, "sharing.past")
	for range 2 {
		if err := p.SetSharing(t.Context(), manager, seller, "2026-12", rule); err != nil {
			t.Fatal(err)
		}
	}
	other := rule
	other.Fee = 0
	wantKey(t, p.SetSharing(t.Context(), manager, seller, "2026-12", other), market.KindConflict, "sharing.later")
	if got, err := p.Sharing(t.Context(), hiep, seller); err != nil || got.Fee != 500 {
		t.Errorf("November: %+v, %v", got, err)
	}
	h.now = time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)
	if got, err := p.Sharing(t.Context(), hiep, seller); err != nil || got.Fee != 1000 || got.Grades["B"] != 90 {
		t.Errorf("December: %+v, %v", got, err)
	}
	for key, change := range map[string]func(*SharingRule){
		"sharing.fee":   func(r *SharingRule) { r.Fee = 9000 },
		"sharing.grade": func(r *SharingRule) { r.Grades = map[string]int64{"A": 1} },
		"sharing.basis": func(r *SharingRule) { r.Basis = "" },
	} {
		bad := rule
		change(&bad)
		wantKey(t, p.SetSharing(t.Context(), manager, seller, "2027-02", bad), market.KindInvalid, key)
	}
}

// everything is each thing that can be done with what belongs to a seller, with
// ids that are there and somebody else's.
func (h *house) everything(p *Pool, papers *Papers) map[string]func(by market.Actor, seller market.ID) error {
	ctx := context.Background()
	id := func(seller market.ID) market.ID { return settlementID(seller, "2026-10", 1) }
	return map[string]func(market.Actor, market.ID) error{
		"checklist": func(by market.Actor, s market.ID) error { _, err := p.Checklist(ctx, by, s); return err },
		"declare":   func(by market.Actor, s market.ID) error { return p.Declare(ctx, by, s, []int{21}) },
		"show": func(by market.Actor, s market.ID) error {
			return papers.Show(ctx, by, s, Upload{Code: "tax", Data: pdf})
		},
		"file": func(by market.Actor, s market.ID) error {
			_, _, err := papers.PaperFile(ctx, by, s, "PAPER00001")
			return err
		},
		"review": func(by market.Actor, s market.ID) error { return p.Review(ctx, by, s, "PAPER00001", true, "") },
		"identify": func(by market.Actor, s market.ID) error {
			return papers.Identify(ctx, by, "manual", IdentityClaim{Seller: s, Person: "Tên", Evidence: "hồ sơ"})
		},
		"add without phone": func(by market.Actor, s market.ID) error {
			_, err := p.AddWithoutPhone(ctx, by, s, "NOPHONE0002", "Tên")
			return err
		},
		"allow": func(by market.Actor, s market.ID) error {
			return p.Allow(ctx, by, s, "HIEP", []string{ActDeliver}, "giấy")
		},
		"disallow": func(by market.Actor, s market.ID) error { return p.Disallow(ctx, by, s, "HIEP", "thôi") },
		"mandates": func(by market.Actor, s market.ID) error { _, err := p.Mandates(ctx, by, s); return err },
		"deliver":  func(by market.Actor, s market.ID) error { _, err := p.Deliver(ctx, by, s, basket()[0]); return err },
		"correct":  func(by market.Actor, s market.ID) error { return p.Correct(ctx, by, s, "DELIVERY09", "nhầm rồi") },
		"deliveries": func(by market.Actor, s market.ID) error {
			_, err := p.Deliveries(ctx, by, s, store.Query{})
			return err
		},
		"preview": func(by market.Actor, s market.ID) error { _, err := p.Preview(ctx, by, s, "2026-10"); return err },
		"prepare": func(by market.Actor, s market.ID) error { _, err := p.Prepare(ctx, by, s, "2026-10"); return err },
		"approve": func(by market.Actor, s market.ID) error { _, err := p.Approve(ctx, by, s, id(s)); return err },
		"drop":    func(by market.Actor, s market.ID) error { _, err := p.Drop(ctx, by, s, id(s)); return err },
		"reverse": func(by market.Actor, s market.ID) error {
			_, err := p.Reverse(ctx, by, s, id(s), "nhầm rồi")
			return err
		},
		"settlements": func(by market.Actor, s market.ID) error {
			_, err := p.Settlements(ctx, by, s, store.Query{})
			return err
		},
		"settlement": func(by market.Actor, s market.ID) error { _, err := p.Settlement(ctx, by, s, id(s)); return err },
		"statement":  func(by market.Actor, s market.ID) error { _, err := p.Statement(ctx, by, s, "HIEP"); return err },
		"balances":   func(by market.Actor, s market.ID) error { _, err := p.Balances(ctx, by, s); return err },
		"sharing":    func(by market.Actor, s market.ID) error { _, err := p.Sharing(ctx, by, s); return err },
		"set sharing": func(by market.Actor, s market.ID) error {
			return p.SetSharing(ctx, by, s, "2027-01", SharingRule{Fee: 1, Grades: map[string]int64{"A": 1, "B": 1, "C": 1}, Basis: "họp xã viên"})
		},
		"trail": func(by market.Actor, s market.ID) error { _, err := p.Trail(ctx, by, s, store.Query{}); return err },
		"check": func(by market.Actor, s market.ID) error { _, err := p.CheckTrail(ctx, by, s); return err },
	}
}

func TestEverythingForeignIsMissing(t *testing.T) {
	h, w := open(t), newWorld()
	p, seller := h.pool(t, h.engine, w)
	papers, _ := h.papers()
	h.bring(t, p, seller, Bringing{ID: "DELIVERY09", Member: "HIEP", Variant: "FRUIT", Units: 9, Grade: "A"})
	w.sales = []Sale{{"1", "POMELO", 3, 90_000, 2_700}}
	if _, err := p.Prepare(t.Context(), manager, seller, "2026-10"); err != nil {
		t.Fatal(err)
	}
	if err := papers.Show(t.Context(), manager, seller, Upload{ID: "PAPER00001", Code: "tax", Data: pdf}); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for who, by := range everybody() {
		for what, do := range h.everything(p, papers) {
			missing := do(by, "NONE")
			wantKey(t, missing, market.KindNotFound, "cooperatives.missing")
			if by.Is(market.RoleOfficial, market.RoleModerator, market.RoleOperator) {
				continue // who may do what is in the tests of each thing
			}
			if foreign := do(by, seller); foreign == nil || foreign.Error() != missing.Error() {
				t.Errorf("%s, %s: foreign %v, missing %v", who, what, foreign, missing)
			}
			checked++
		}
	}
	if checked != 4*len(h.everything(p, papers)) {
		t.Errorf("%d pairs of role and thing were tried", checked)
	}
	for what, do := range h.everything(p, papers) { // officials count, they do not run cooperatives
		err, reads := do(official, seller), what == "trail" || what == "check"
		if reads != (err == nil) || (!reads && market.KindOf(err) != market.KindNotFound) {
			t.Errorf("official, %s: %v", what, err)
		}
	}
	// Another seller's things under one's own seller are missing too.
	mine := h.register(t, hiep, "HTX Khác").ID
	for what, err := range map[string]error{
		"settlement": func() error {
			_, err := p.Settlement(t.Context(), hiep, mine, settlementID(seller, "2026-10", 1))
			return err
		}(),
		"approve": func() error {
			_, err := p.Approve(t.Context(), hiep, mine, settlementID(seller, "2026-10", 1))
			return err
		}(),
		"reverse": func() error {
			_, err := p.Reverse(t.Context(), hiep, mine, settlementID(seller, "2026-10", 1), "nhầm")
			return err
		}(),
		"correct": p.Correct(t.Context(), hiep, mine, "DELIVERY09", "nhầm"),
		"file":    func() error { _, _, err := papers.PaperFile(t.Context(), hiep, mine, "PAPER00001"); return err }(),
	} {
		wantKey(t, err, market.KindNotFound, "cooperatives.missing")
		_ = what
	}
}

func TestMembersSeeTheirOwn(t *testing.T) {
	h, w := open(t), newWorld()
	p, seller := h.pool(t, h.engine, w)
	h.bring(t, p, seller, basket()...)
	w.sales = []Sale{{"1", "POMELO", 150, 4_500_000, 135_000}}
	s, err := p.Prepare(t.Context(), manager, seller, "2026-10")
	if err != nil {
		t.Fatal(err)
	}
	page, err := p.Deliveries(t.Context(), hiep, seller, store.Query{})
	if err != nil || len(page.Items) != 1 || page.Items[0].Member != "HIEP" {
		t.Errorf("deliveries = %+v, %v", page.Items, err)
	}
	seen, err := p.Settlement(t.Context(), hiep, seller, s.ID)
	if err != nil || len(seen.Shares) != 1 || seen.Shares[0].Member != "HIEP" {
		t.Errorf("settlement = %+v, %v", seen, err)
	}
	_, err = p.Statement(t.Context(), hiep, seller, "DIEU")
	wantKey(t, err, market.KindForbidden, "cooperatives.manager_only")
}
