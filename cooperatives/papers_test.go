package cooperatives

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
)

// drawer keeps documents in memory.
type drawer struct {
	mu    sync.Mutex
	files map[string][]byte
}

func (d *drawer) Put(_ context.Context, key, _ string, data []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.files[key] = slices.Clone(data)
	return nil
}

func (d *drawer) Get(_ context.Context, key string) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if data, ok := d.files[key]; ok {
		return data, nil
	}
	return nil, market.NotFound("papers.file")
}

func (h *house) papers() (*Papers, *drawer) {
	d := &drawer{files: map[string][]byte{}}
	return NewPapers(h.Service, d), d
}

var (
	moderator = market.Actor{Person: "M", Name: "Kiểm duyệt", Roles: []market.Role{market.RoleModerator}}
	official  = market.Actor{Person: "O", Name: "Cán bộ", Roles: []market.Role{market.RoleOfficial}}
	pdf       = []byte("%PDF-1.7 a paper")
)

// show shows one paper and has it approved.
func (h *house) show(t *testing.T, p *Papers, seller market.ID, code string, days int) market.ID {
	t.Helper()
	end := h.now.AddDate(0, 0, days)
	id := h.env.NewID()
	if err := p.Show(t.Context(), market.System, seller, Upload{ID: id, Code: code, ValidTo: &end, Data: []byte("%PDF-" + code)}); err != nil {
		t.Fatal(err)
	}
	if err := p.Review(t.Context(), moderator, seller, id, true, ""); err != nil {
		t.Fatal(err)
	}
	return id
}

// complete brings a cooperative of crafts all it needs.
func (h *house) complete(t *testing.T, seller market.ID) {
	t.Helper()
	p, _ := h.papers()
	if err := p.Declare(t.Context(), market.System, seller, []int{21}); err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"registration", "tax", "representative", "bank"} {
		h.show(t, p, seller, code, 365)
	}
	h.identify(t, p, seller)
}

func (h *house) identify(t *testing.T, p *Papers, seller market.ID) {
	t.Helper()
	claim := IdentityClaim{Seller: seller, Person: "Nguyễn Đăng Phúc", Evidence: "hồ sơ 12/2026"}
	if err := p.Identify(t.Context(), moderator, "manual", claim); err != nil {
		t.Fatal(err)
	}
}

// forget takes the news so far as read.
func (h *house) forget(t *testing.T) {
	t.Helper()
	pending, err := h.engine.Pending(t.Context(), nil, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.engine.Done(t.Context(), pending); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyWaitsForEveryPaperAndTheIdentity(t *testing.T) {
	h := open(t)
	ctx, seller := t.Context(), h.register(t, manager, "HTX Rượu").ID
	p, _ := h.papers()
	progress := func() Checklist {
		c, err := h.Checklist(ctx, manager, seller)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	refused := func() {
		t.Helper()
		_, err := h.Verify(ctx, moderator, seller)
		wantKey(t, err, market.KindConflict, "cooperatives.papers_missing")
	}
	if c := progress(); c.Needed != 5 || c.Done != 0 || c.Ready() {
		t.Errorf("nothing shown: %d of %d", c.Done, c.Needed)
	}
	if err := p.Declare(ctx, manager, seller, []int{14, 9, 14}); err != nil {
		t.Fatal(err)
	}
	if c := progress(); c.Needed != 8 { // food safety, declaration, alcohol too
		t.Errorf("spirits and sauces need %d", c.Needed)
	}
	for _, code := range []string{"registration", "tax", "representative", "bank", "food_safety", "food_declaration"} {
		h.show(t, p, seller, code, 100)
		refused()
	}
	h.identify(t, p, seller)
	refused()
	licensed := func() bool {
		all, err := h.Licences(ctx, seller)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Contains(all, "alcohol")
	}
	if licensed() {
		t.Error("licensed for spirits without a licence")
	}
	h.show(t, p, seller, "alcohol", 30)
	if !licensed() {
		t.Error("not licensed with all papers")
	}
	if s, err := h.Verify(ctx, moderator, seller); err != nil || s.Status != StatusVerified {
		t.Errorf("all is there: %v, %v", s, err)
	}
	h.now = h.now.AddDate(0, 0, 31)
	if licensed() {
		t.Error("licensed a day after the licence ended")
	}
	if c := progress(); c.Ready() || c.Done != 7 {
		t.Errorf("after the licence ended: %d of %d", c.Done, c.Needed)
	}
}

func TestAPaperIsValidToTheEndOfItsLastDay(t *testing.T) {
	end := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	p := &Paper{State: PaperApproved, ValidTo: &end}
	if got := p.StateAt(end.Add(-time.Millisecond)); got != PaperApproved {
		t.Errorf("just before its end: %s", got)
	}
	if got := p.StateAt(end); got != PaperExpired {
		t.Errorf("at its end: %s", got)
	}
}

func TestReview(t *testing.T) {
	h := open(t)
	ctx, seller := t.Context(), h.register(t, manager, "HTX An Lỗ").ID
	p, files := h.papers()
	first := Upload{ID: "PAPER00001", Code: "tax", Number: "12", Data: pdf}
	for range 2 { // sent twice by a phone with a bad line
		if err := p.Show(ctx, manager, seller, first); err != nil {
			t.Fatal(err)
		}
	}
	page, err := h.Waiting(ctx, moderator, store.Query{})
	if err != nil || len(page.Items) != 1 || len(page.Items[0].Papers) != 1 {
		t.Fatalf("waiting = %+v, %v", page.Items, err)
	}
	paper, data, err := p.PaperFile(ctx, moderator, seller, first.ID)
	if err != nil || string(data) != string(pdf) || len(paper.SHA256) != 64 {
		t.Errorf("file = %q, %+v, %v", data, paper, err)
	}
	wantKey(t, p.Review(ctx, moderator, seller, first.ID, false, " "), market.KindInvalid, "papers.reason")
	if err := p.Review(ctx, moderator, seller, first.ID, false, "Ảnh mờ"); err != nil {
		t.Fatal(err)
	}
	wantKey(t, p.Review(ctx, moderator, seller, first.ID, true, ""), market.KindConflict, "papers.decided")
	second := first
	second.ID, second.Data = "PAPER00002", []byte("\xff\xd8\xff a better photo")
	if err := p.Show(ctx, manager, seller, second); err != nil {
		t.Fatal(err)
	}
	c, err := h.Checklist(ctx, manager, seller)
	if err != nil || len(c.Earlier) != 1 || c.Earlier[0].Reason != "Ảnh mờ" {
		t.Errorf("earlier = %+v, %v", c.Earlier, err)
	}
	for key := range files.files {
		files.files[key] = []byte("%PDF-forged")
	}
	if _, _, err := p.PaperFile(ctx, moderator, seller, second.ID); market.KindOf(err) != market.KindInternal {
		t.Errorf("a file changed behind our back: %v", err)
	}
	own := moderator
	own.Person = manager.Person
	wantKey(t, p.Review(ctx, own, seller, second.ID, true, ""), market.KindForbidden, "cooperatives.own_seller")
	_, err = h.Verify(ctx, own, seller)
	wantKey(t, err, market.KindForbidden, "cooperatives.own_seller")
}

func TestBadPapers(t *testing.T) {
	h := open(t)
	seller := h.register(t, manager, "HTX An Lỗ").ID
	p, files := h.papers()
	past, next := h.now.AddDate(0, 0, -1), h.now.AddDate(1, 0, 0)
	for key, u := range map[string]Upload{
		"papers.code":     {Code: "passport", Data: pdf},
		"papers.type":     {Code: "tax", Data: []byte("<svg onload=alert(1)>")},
		"papers.large":    {Code: "tax", Data: append(slices.Clone(pdf), make([]byte, MaxPaperBytes)...)},
		"papers.valid_to": {Code: "representative", Data: pdf, ValidTo: &past},
		"papers.number":   {Code: "tax", Data: pdf, Number: strings.Repeat("1", 100)},
		"cooperatives.id": {ID: "../x", Code: "representative", Data: pdf, ValidTo: &next},
	} {
		wantKey(t, p.Show(t.Context(), manager, seller, u), market.KindInvalid, key)
	}
	wantKey(t, p.Show(t.Context(), manager, seller, Upload{Code: "alcohol", Data: pdf}), market.KindInvalid, "papers.valid_to")
	if len(files.files) != 0 {
		t.Errorf("%d files kept of papers that were refused", len(files.files))
	}
	for _, sets := range [][]int{nil, {0}, {27}, {-1, 3}} {
		wantKey(t, p.Declare(t.Context(), manager, seller, sets), market.KindInvalid, "papers.sets")
	}
}

// electronic stands for a checker that answers no.
type electronic struct{}

func (electronic) Method() string { return "vneid" }

func (electronic) Check(_ context.Context, _ market.Actor, claim IdentityClaim) (string, error) {
	if claim.Evidence != "token" {
		return "", market.Conflict("identity.refused")
	}
	return "vneid:1", nil
}

func TestIdentityMethodsAreDated(t *testing.T) {
	h := open(t)
	seller := h.register(t, manager, "HTX An Lỗ").ID
	p := NewPapers(h.Service, &drawer{files: map[string][]byte{}}, electronic{})
	if got := fmt.Sprint(p.Methods()); got != "[manual vneid]" {
		t.Errorf("methods = %s", got)
	}
	claim := IdentityClaim{Seller: seller, Person: "Phúc", Evidence: "forged"}
	wantKey(t, p.Identify(t.Context(), moderator, "vneid", claim), market.KindConflict, "identity.refused")
	claim.Evidence = "token"
	if err := p.Identify(t.Context(), moderator, "vneid", claim); err != nil {
		t.Fatal(err)
	}
	c, err := p.Checklist(t.Context(), moderator, seller)
	if err != nil || c.Identity == nil || c.Identity.Level != 3 || c.Identity.Evidence != "vneid:1" || !c.Identity.VerifiedAt.Equal(h.now) {
		t.Errorf("identity = %+v, %v", c.Identity, err)
	}
	h.now = time.Date(2027, 1, 1, 1, 0, 0, 0, market.HueZone)
	wantKey(t, p.Identify(t.Context(), moderator, "manual", claim), market.KindInvalid, "identity.method")
	claim.Evidence = ""
	h.now = time.Date(2026, 12, 31, 23, 59, 0, 0, market.HueZone)
	wantKey(t, p.Identify(t.Context(), moderator, "manual", claim), market.KindInvalid, "identity.evidence")
}
