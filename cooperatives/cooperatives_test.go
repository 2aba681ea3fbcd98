package cooperatives

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
	"chohue/store/sqlite"
)

type house struct {
	*Service
	engine store.Engine
	folder string
	now    time.Time
}

func open(t *testing.T) *house {
	t.Helper()
	folder := t.TempDir()
	e, err := sqlite.Open(t.Context(), filepath.Join(folder, "market.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	areas, err := market.LoadAreas()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{engine: e, folder: folder, now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	if h.Service, err = New(t.Context(), e, market.NewEnv(func() time.Time { return h.now }), areas); err != nil {
		t.Fatal(err)
	}
	return h
}

// news returns the types of the events written so far.
func (h *house) news(t *testing.T) string {
	t.Helper()
	pending, err := h.engine.Pending(t.Context(), nil, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, p := range pending {
		types = append(types, strings.TrimPrefix(p.Event.Type, "cooperatives."))
	}
	return strings.Join(types, " ")
}

func registration(name string) Registration {
	return Registration{
		Name: market.Text{VI: name}, Kind: KindHTX, Ward: "19858", Street: "Thôn An Lỗ", Phone: "0900 000 010",
		Bank: Bank{BIN: "970405", Account: "0000 000 001", Holder: "Htx An Lỗ"},
	}
}

var manager = market.Actor{Person: "PHUC", Name: "Nguyễn Đăng Phúc", Roles: []market.Role{market.RoleBuyer}}

func (h *house) register(t *testing.T, by market.Actor, name string) *Seller {
	t.Helper()
	s, err := h.Register(t.Context(), by, registration(name))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func wantKey(t *testing.T, err error, kind market.Kind, key string) {
	t.Helper()
	var e *market.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Key != key {
		t.Errorf("error = %v, want %s of kind %d", err, key, kind)
	}
}

func TestRegister(t *testing.T) {
	h := open(t)
	s := h.register(t, manager, "HTX  An Lỗ")
	if s.Slug != "htx-an-lo" || s.Name.VI != "HTX An Lỗ" || s.Phone != "+84900000010" || s.Status != StatusPending {
		t.Errorf("seller = %+v", s)
	}
	if want := (Bank{BIN: "970405", Account: "0000000001", Holder: "HTX AN LO"}); s.Bank != want {
		t.Errorf("bank = %+v, want %+v", s.Bank, want)
	}
	if s.RoleOf("PHUC") != MemberManager || s.RoleOf("") != "" || s.RoleOf("other") != "" {
		t.Errorf("members = %+v", s.Members)
	}
	byID, err := h.Seller(t.Context(), s.ID)
	if err != nil || byID.Slug != s.Slug {
		t.Errorf("by id = %v, %v", byID, err)
	}
	bySlug, err := h.BySlug(t.Context(), "htx-an-lo")
	if err != nil || bySlug.ID != s.ID {
		t.Errorf("by slug = %v, %v", bySlug, err)
	}
	if got := h.news(t); got != "registered" {
		t.Errorf("news = %s", got)
	}
	if _, err := h.Register(t.Context(), market.Actor{}, registration("HTX")); market.KindOf(err) != market.KindUnauthenticated {
		t.Errorf("guest: %v", err)
	}
}

func TestRegisteringTheSameIDAgainIsTheSameSeller(t *testing.T) {
	h := open(t)
	r := registration("HTX An Lỗ")
	r.ID = "01KAAAAAAAAAAAAAAAAAAAAAAA"
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		seen = map[string]int{}
	)
	for range 16 {
		wait.Go(func() {
			s, err := h.Register(context.Background(), manager, r)
			if err != nil {
				t.Errorf("register: %v", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			seen[string(s.ID)+" "+s.Slug]++
		})
	}
	wait.Wait()
	if len(seen) != 1 || seen[string(r.ID)+" htx-an-lo"] != 16 {
		t.Errorf("seen = %v, want one seller", seen)
	}
	if got := h.news(t); got != "registered" {
		t.Errorf("news = %s", got)
	}
	_, err := h.Register(t.Context(), market.Actor{Person: "other"}, r)
	wantKey(t, err, market.KindConflict, "cooperatives.id_taken")
	if s, err := h.Register(t.Context(), market.System, r); err != nil || s.ID != r.ID {
		t.Errorf("system: %v, %v", s, err)
	}
}

func TestSameNamesGetDifferentAddressesAlsoSideBySide(t *testing.T) {
	h := open(t)
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		slugs = map[string]bool{}
	)
	for i := range 16 {
		wait.Go(func() {
			by := market.Actor{Person: market.ID(fmt.Sprint("P", i))}
			s, err := h.Register(context.Background(), by, registration("Tổ hợp tác Mắm Nêm"))
			if err != nil {
				t.Errorf("register: %v", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			slugs[s.Slug] = true
		})
	}
	wait.Wait()
	if len(slugs) != 16 || !slugs["to-hop-tac-mam-nem"] || !slugs["to-hop-tac-mam-nem-16"] {
		t.Errorf("addresses = %v, want 16 in a row", slugs)
	}
}

func TestAWantedAddressIsGivenOnce(t *testing.T) {
	h := open(t)
	r := registration("HTX Một")
	r.Slug = "cho-que"
	if _, err := h.Register(t.Context(), manager, r); err != nil {
		t.Fatal(err)
	}
	_, err := h.Register(t.Context(), manager, r)
	wantKey(t, err, market.KindConflict, "cooperatives.slug_taken")
}

// A crash may come between the claim and the seller.
func TestAnAddressWithoutSellerIsFreeAfterAnHour(t *testing.T) {
	h := open(t)
	if ok, err := h.claim(t.Context(), "cho-que", "LOST"); !ok || err != nil {
		t.Fatal(ok, err)
	}
	_, err := h.BySlug(t.Context(), "cho-que")
	wantKey(t, err, market.KindNotFound, "cooperatives.missing")
	r := registration("HTX Một")
	r.Slug = "cho-que"
	_, err = h.Register(t.Context(), manager, r)
	wantKey(t, err, market.KindConflict, "cooperatives.slug_taken")
	h.now = h.now.Add(time.Hour)
	if s, err := h.Register(t.Context(), manager, r); err != nil || s.Slug != "cho-que" {
		t.Errorf("an hour later: %v, %v", s, err)
	}
}

func TestBadRegistrationsNameEveryField(t *testing.T) {
	h := open(t)
	long := strings.Repeat("ạ", 6000)
	tests := []struct {
		name   string
		change func(*Registration)
		fields string
	}{
		{"nothing", func(r *Registration) { *r = Registration{} }, "name/vi kind ward phone"},
		{"huge", func(r *Registration) {
			r.Name, r.Story, r.Street, r.Phone = market.Text{VI: long, EN: long}, market.Text{VI: long, EN: long}, long, long
		}, "name/vi name/en street phone story/vi story/en"},
		{"name without letters", func(r *Registration) { r.Name.VI = "!!! ???" }, "name/vi"},
		{"not unicode", func(r *Registration) { r.Name.VI, r.Street = "HTX\xff", "a\x00b" }, "name/vi street"},
		{"kind", func(r *Registration) { r.Kind = "bank" }, "kind"},
		{"ward elsewhere", func(r *Registration) { r.Ward = "00004" }, "ward"},
		{"province for ward", func(r *Registration) { r.Ward = "46" }, "ward"},
		{"query for ward", func(r *Registration) { r.Ward = `{"$gt":""}` }, "ward"},
		{"phone", func(r *Registration) { r.Phone = "12345" }, "phone"},
		{"tax code", func(r *Registration) { r.TaxCode = "330012345" }, "tax_code"},
		{"tax code letters", func(r *Registration) { r.TaxCode = "33001234ab" }, "tax_code"},
		{"address", func(r *Registration) { r.Slug = "../../etc" }, "slug"},
		{"address capitals", func(r *Registration) { r.Slug = "HTX" }, "slug"},
		{"id", func(r *Registration) { r.ID = "$x" }, "id"},
		{"half a bank", func(r *Registration) { r.Bank = Bank{Account: "123456"} }, "bank/bin bank/holder"},
		{"bank with markup", func(r *Registration) { r.Bank = Bank{"97040", "12-34", "<B>"} }, "bank/bin bank/account bank/holder"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := registration("HTX An Lỗ")
			tt.change(&r)
			_, err := h.Register(t.Context(), manager, r)
			var e *market.Error
			if !errors.As(err, &e) || e.Kind != market.KindInvalid {
				t.Fatalf("error = %v, want invalid", err)
			}
			var fields []string
			for _, one := range e.Many {
				fields = append(fields, one.Field)
			}
			if got := strings.Join(fields, " "); got != tt.fields {
				t.Errorf("fields = %q, want %q", got, tt.fields)
			}
		})
	}
	if page, err := h.sellers.Find(t.Context(), store.Query{}); err != nil || len(page.Items) != 0 {
		t.Errorf("%d sellers, %v; want nothing half-written", len(page.Items), err)
	}
	if page, err := h.slugs.Find(t.Context(), store.Query{}); err != nil || len(page.Items) != 0 {
		t.Errorf("%d addresses, %v; want nothing half-written", len(page.Items), err)
	}
}

func TestListShowsTheVerifiedInPages(t *testing.T) {
	h := open(t)
	var want []market.ID
	for i := range 7 {
		s := h.register(t, manager, fmt.Sprint("HTX số ", i))
		h.now = h.now.Add(time.Second)
		if i%2 == 0 {
			want = append(want, s.ID)
			if _, err := h.Verify(t.Context(), market.System, s.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	var got []market.ID
	q := store.Query{Limit: 3}
	for {
		page, err := h.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.Items {
			got = append(got, s.ID)
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("list = %v, want %v", got, want)
	}
	_, err := h.List(t.Context(), store.Query{After: "nonsense"})
	wantKey(t, err, market.KindInvalid, "cursor.invalid")
	page, err := h.Queue(t.Context(), market.System, StatusPending, store.Query{})
	if err != nil || len(page.Items) != 3 {
		t.Errorf("queue = %d, %v; want 3", len(page.Items), err)
	}
	_, err = h.Queue(t.Context(), manager, StatusPending, store.Query{})
	wantKey(t, err, market.KindForbidden, "cooperatives.moderator_only")
	_, err = h.Queue(t.Context(), market.System, "sold", store.Query{})
	wantKey(t, err, market.KindInvalid, "cooperatives.status")
}
