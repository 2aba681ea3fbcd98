package catalog

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
	"chohue/store/sqlite"
)

// shop is the room on a fresh file with a clock that tests turn.
type shop struct {
	*Service
	engine store.Engine
	cards  map[market.ID]SellerCard
	now    time.Time
	clock  sync.RWMutex
}

var (
	start     = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	farmer    = market.Actor{Person: "farmer", Name: "Chị Hoa", Roles: []market.Role{market.RoleFarmer}, Sellers: []market.ID{"thuy-bieu"}}
	neighbour = market.Actor{Person: "neighbour", Roles: []market.Role{market.RoleFarmer}, Sellers: []market.ID{"bao-la"}}
	buyer     = market.Actor{Person: "buyer", Roles: []market.Role{market.RoleBuyer}}
	moderator = market.Actor{Person: "moderator", Name: "Anh Minh", Roles: []market.Role{market.RoleModerator}}
	official  = market.Actor{Person: "official", Name: "Chị Lan", Roles: []market.Role{market.RoleOfficial}}
)

func (s *shop) time() time.Time {
	s.clock.RLock()
	defer s.clock.RUnlock()
	return s.now
}

func (s *shop) wait(d time.Duration) {
	s.clock.Lock()
	defer s.clock.Unlock()
	s.now = s.now.Add(d)
}

func (s *shop) SellerCard(_ context.Context, id market.ID) (SellerCard, error) {
	card, ok := s.cards[id]
	if !ok {
		return card, market.NotFound("cooperatives.missing")
	}
	return card, nil
}

func open(t testing.TB) *shop {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "market.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	return openOn(t, engine)
}

func openOn(t testing.TB, engine store.Engine) *shop {
	t.Helper()
	sets, err := LoadSets()
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{engine: engine, now: start, cards: map[market.ID]SellerCard{
		"thuy-bieu": {ID: "thuy-bieu", Slug: "htx-thuy-bieu", Name: market.Text{VI: "HTX Thủy Biều"}, Kind: "htx", Ward: "19774", Verified: true},
		"bao-la":    {ID: "bao-la", Slug: "htx-bao-la", Name: market.Text{VI: "HTX Bao La"}, Kind: "htx", Ward: "19960", Verified: false},
	}}
	s.Service, err = New(t.Context(), engine, market.NewEnv(s.time), s, newFolder(), sets)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// folder keeps files in memory.
type folder struct {
	mu    sync.Mutex
	files map[string][]byte
}

func newFolder() *folder { return &folder{files: map[string][]byte{}} }

func (f *folder) Put(_ context.Context, key, _ string, data []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files[key] = data
	return nil
}

func (f *folder) Get(_ context.Context, key string) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	data, ok := f.files[key]
	if !ok {
		return nil, market.NotFound("photo.missing")
	}
	return data, nil
}

func pomelo() Draft {
	return Draft{
		Seller: "thuy-bieu", Set: 1, Name: market.Text{VI: "Thanh trà Thủy Biều", EN: "Thủy Biều pomelo"},
		Description: market.Text{VI: "Ngọt thanh.\nMỗi trái dán tem."},
		Variants: []VariantDraft{
			{Name: market.Text{VI: "Trái"}, Unit: "trái", Size: market.Size{Base: market.Pieces, Amount: 1}, Price: 65_000, Stock: 100},
			{Name: market.Text{VI: "Theo ký"}, Unit: "kg", Size: market.Size{Base: market.Grams, Amount: 1000}, Price: 45_000, Stock: 0},
		},
		ShelfLifeDays: 30,
	}
}

// photograph makes a JPEG of some gradients, different for each seed.
func photograph(t testing.TB, w, h int, seed uint8) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			picture.SetRGBA(x, y, color.RGBA{uint8(x * 255 / w), uint8(y * 255 / h), seed, 255})
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// draft lists a product with a photo.
func (s *shop) draft(t testing.TB, d Draft) *Product {
	t.Helper()
	p, err := s.CreateDraft(t.Context(), farmer, d)
	if err != nil {
		t.Fatal(err)
	}
	p, err = s.AddPhoto(t.Context(), farmer, p.ID, photograph(t, 120, 100, 7), market.Text{VI: "Trái trên cành"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// publish lists a product and takes it into the shop.
func (s *shop) show(t testing.TB, d Draft) *Product {
	t.Helper()
	p := s.draft(t, d)
	if _, err := s.Submit(t.Context(), farmer, p.ID); err != nil {
		t.Fatal(err)
	}
	p, err := s.Approve(t.Context(), moderator, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// heard returns the types of the events not yet delivered and forgets them.
func (s *shop) heard(t testing.TB) []string {
	t.Helper()
	var kinds []string
	pending, err := s.engine.Pending(t.Context(), nil, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pending {
		kinds = append(kinds, p.Event.Type)
	}
	if err := s.engine.Done(t.Context(), pending); err != nil {
		t.Fatal(err)
	}
	return kinds
}

// wantError checks kind, key and, when given, field.
func wantError(t testing.TB, err error, kind market.Kind, key, field string) {
	t.Helper()
	var e *market.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want %s", err, key)
	}
	if e.Kind != kind || e.Key != key || (field != "" && e.Field != field) {
		t.Errorf("got %d %s at %q, want %d %s at %q", e.Kind, e.Key, e.Field, kind, key, field)
	}
}

func TestBadgeIsComputedWhenRead(t *testing.T) {
	from, to := start, start.AddDate(3, 0, 0)
	revoked := start.AddDate(1, 0, 0)
	cert := func(stars int, change func(*Certificate)) Certificate {
		c := Certificate{Stars: stars, ValidFrom: from, ValidTo: to, Verification: ProofDecision}
		if change != nil {
			change(&c)
		}
		return c
	}
	for _, test := range []struct {
		name  string
		certs []Certificate
		at    time.Time
		want  int
	}{
		{"none", nil, from, 0},
		{"first moment", []Certificate{cert(3, nil)}, from, 3},
		{"just before", []Certificate{cert(3, nil)}, from.Add(-time.Millisecond), 0},
		{"last moment", []Certificate{cert(3, nil)}, to.Add(-time.Millisecond), 3},
		{"end is exclusive", []Certificate{cert(3, nil)}, to, 0},
		{"two stars never", []Certificate{cert(2, nil)}, from, 0},
		{"highest", []Certificate{cert(3, nil), cert(4, nil), cert(3, nil)}, from, 4},
		{"highest that is valid", []Certificate{cert(3, nil), cert(5, func(c *Certificate) { c.ValidTo = from })}, from, 3},
		{"before revocation", []Certificate{cert(4, func(c *Certificate) { c.RevokedAt = &revoked })}, revoked.Add(-time.Millisecond), 4},
		{"second of revocation", []Certificate{cert(4, func(c *Certificate) { c.RevokedAt = &revoked })}, revoked, 0},
		{"named by the state", []Certificate{cert(4, func(c *Certificate) { c.Verification = ProofState })}, from, 4},
		{"not yet checked", []Certificate{cert(4, func(c *Certificate) { c.Verification = ProofPending })}, from, 0},
		{"only the seller says so", []Certificate{cert(4, func(c *Certificate) { c.Verification = ProofVendor })}, from, 0},
	} {
		p := &Product{Certificates: test.certs}
		badge, ok := p.Badge(test.at)
		if badge.Stars != test.want || ok != (test.want > 0) {
			t.Errorf("%s: got %d stars, %v, want %d", test.name, badge.Stars, ok, test.want)
		}
	}
}

func TestMovesLeadOnlyToKnownStatuses(t *testing.T) {
	for from, nexts := range moves {
		for _, next := range nexts {
			if _, ok := moves[next]; !ok {
				t.Errorf("%s leads to unknown %s", from, next)
			}
		}
		p := &Product{Status: from}
		if err := p.move(afterEdit[from]); err != nil {
			t.Errorf("editing a %s product: %v", from, err)
		}
	}
	p := &Product{Status: StatusDraft}
	wantError(t, p.move(StatusPublished), market.KindConflict, "catalog.move", "")
	if p.Status != StatusDraft {
		t.Errorf("refused move changed the status to %s", p.Status)
	}
}
