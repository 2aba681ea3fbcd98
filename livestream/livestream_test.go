package livestream

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
	"chohue/orders"
	"chohue/store"
	"chohue/store/sqlite"
)

// shop is a catalogue in memory: product → seller.
type shop map[market.ID]market.ID

func (s shop) PublishedProduct(_ context.Context, id market.ID) (*catalog.Product, error) {
	if s[id] == "" {
		return nil, market.NotFound("catalog.missing")
	}
	v := catalog.Variant{ID: id + "-box", Unit: "hộp", Size: market.Size{Base: market.Pieces, Amount: 1}, Price: 50_000}
	return &catalog.Product{Doc: store.Doc{ID: id}, Seller: s[id], Name: market.Text{VI: "Trà " + string(id)}, Variants: []catalog.Variant{v}}, nil
}

func (s shop) Products(ctx context.Context, ids ...market.ID) (map[market.ID]*catalog.Product, error) {
	found := map[market.ID]*catalog.Product{}
	for _, id := range ids {
		if p, err := s.PublishedProduct(ctx, id); err == nil {
			found[id] = p
		}
	}
	return found, nil
}

// members are who belongs to which sellers.
type members map[market.ID][]market.ID

func (m members) Of(_ context.Context, person market.ID) ([]*cooperatives.Seller, error) {
	var out []*cooperatives.Seller
	for _, id := range m[person] {
		out = append(out, &cooperatives.Seller{Doc: store.Doc{ID: id}})
	}
	return out, nil
}

// IdentityOf: everybody is known but the seller named "nobody".
func (m members) IdentityOf(_ context.Context, seller market.ID) (*cooperatives.Identity, error) {
	if seller == "nobody" {
		return nil, nil
	}
	return &cooperatives.Identity{Method: "manual", Level: 2, Person: "Nguyễn Thị Hoa", VerifiedAt: start.Add(-time.Hour)}, nil
}

// shelf is the shop with stocks that are as real as the catalogue's.
type shelf struct {
	shop
	now func() time.Time

	mu      sync.Mutex
	stocks  map[market.ID]*catalog.Stock
	noPaper map[market.ID]bool
}

func newShelf(s shop, now func() time.Time) *shelf {
	k := &shelf{shop: s, now: now, stocks: map[market.ID]*catalog.Stock{}, noPaper: map[market.ID]bool{}}
	for id := range s {
		k.stocks[id+"-box"] = &catalog.Stock{Product: id}
		if err := k.stocks[id+"-box"].Receive(100); err != nil {
			panic(err)
		}
	}
	return k
}

func (s *shelf) PapersFor(_ context.Context, id market.ID) (catalog.ShowPapers, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.noPaper[id] {
		return catalog.ShowPapers{}, market.Conflict("catalog.licence_missing")
	}
	return catalog.ShowPapers{Product: id, Stars: 4, Certificate: "cert", Version: "1"}, nil
}

func (s *shelf) change(variant market.ID, do func(*catalog.Stock) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := *s.stocks[variant]
	before.Holds = slices.Clone(before.Holds)
	if err := do(s.stocks[variant]); err != nil {
		s.stocks[variant] = &before
		return err
	}
	return s.stocks[variant].Check()
}

func (s *shelf) Hold(_ context.Context, order, variant market.ID, q int64, until time.Time) error {
	return s.change(variant, func(k *catalog.Stock) error { return k.Hold(order, q, s.now(), until) })
}

func (s *shelf) SetApart(_ context.Context, fence, variant market.ID, total int64, until time.Time) error {
	return s.change(variant, func(k *catalog.Stock) error { return k.SetApart(fence, total, s.now(), until) })
}

func (s *shelf) HoldFrom(_ context.Context, order, variant market.ID, q int64, until time.Time, fences ...market.ID) error {
	return s.change(variant, func(k *catalog.Stock) error { return k.HoldFrom(order, q, s.now(), until, fences...) })
}

func (s *shelf) Release(_ context.Context, order, variant market.ID) error {
	return s.change(variant, func(k *catalog.Stock) error { k.Release(order); return nil })
}

func (s *shelf) Stocks(_ context.Context, variants ...market.ID) (map[market.ID]*catalog.Stock, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[market.ID]*catalog.Stock{}
	for _, v := range variants {
		if k := s.stocks[v]; k != nil {
			c := *k
			c.Holds = slices.Clone(k.Holds)
			out[v] = &c
		}
	}
	return out, nil
}

// world is the room with a clock that stands still until it is set.
type world struct {
	*Service
	t   *testing.T
	now time.Time
	env market.Env

	store  store.Engine
	shelf  *shelf
	people members
}

var (
	start    = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	farmer   = market.Actor{Person: "farmer", Sellers: []market.ID{"coop"}}
	stranger = market.Actor{Person: "stranger", Sellers: []market.ID{"other"}}
	goods    = shop{"tea": "coop", "paste": "coop", "hat": "other"}
)

func newWorld(t *testing.T) *world {
	t.Helper()
	e, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "market.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	w := &world{t: t, now: start, store: e}
	w.env = market.NewEnv(func() time.Time { return w.now })
	w.shelf = newShelf(goods, func() time.Time { return w.now })
	w.people = members{"farmer": {"coop"}, "packer": {"coop"}, "stranger": {"other"}}
	w.Service, err = New(context.Background(), e, w.env, Rooms{Shelf: w.shelf, Sellers: w.people, Secret: []byte("0123456789abcdef")})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) link(d LinkDraft) *Link {
	w.t.Helper()
	l, err := w.CreateLink(context.Background(), farmer, d)
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

func (w *world) show(products ...market.ID) *Show {
	w.t.Helper()
	show, err := w.CreateShow(context.Background(), farmer, ShowDraft{
		Title: market.Text{VI: "Phiên trà"}, Seller: "coop", Products: products,
		StartsAt: start.Add(time.Hour), EndsAt: start.Add(3 * time.Hour),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return show
}

// click follows the link as a person and returns the touch.
func (w *world) click(l *Link, visitor string) *orders.Touch {
	w.t.Helper()
	_, touch, err := w.Follow(context.Background(), l.Code, Visitor{ID: visitor, UserAgent: phone, Method: "GET"})
	if err != nil {
		w.t.Fatal(err)
	}
	return &touch
}

func (w *world) clicks(l *Link) int64 {
	w.t.Helper()
	kept, err := w.Link(context.Background(), l.Code)
	if err != nil {
		w.t.Fatal(err)
	}
	return kept.Clicks
}

const phone = "Mozilla/5.0 (Linux; Android 12; CUBOT NOTE 20) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36 Zalo android/23.10"

func kind(t *testing.T, what string, err error, want market.Kind) {
	t.Helper()
	if err == nil || market.KindOf(err) != want {
		t.Errorf("%s: %v, want kind %d", what, err, want)
	}
}

func TestLinksAreForMembers(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show := w.show("tea")
	for _, c := range []struct {
		what string
		by   market.Actor
		d    LinkDraft
		want market.Kind
	}{
		{"guest", market.Actor{}, LinkDraft{Product: "tea", Channel: "zalo"}, market.KindUnauthenticated},
		{"another seller", stranger, LinkDraft{Product: "tea", Channel: "zalo"}, market.KindForbidden},
		{"another seller's show", stranger, LinkDraft{Show: show.ID, Channel: "zalo"}, market.KindForbidden},
		{"no such product", farmer, LinkDraft{Product: "gold", Channel: "zalo"}, market.KindNotFound},
		{"no such show", farmer, LinkDraft{Show: "gold", Channel: "zalo"}, market.KindNotFound},
		{"no channel", farmer, LinkDraft{Product: "tea"}, market.KindInvalid},
		{"leads nowhere", farmer, LinkDraft{Channel: "zalo"}, market.KindInvalid},
		{"not in the show", farmer, LinkDraft{Product: "paste", Show: show.ID, Channel: "zalo"}, market.KindInvalid},
	} {
		_, err := w.CreateLink(ctx, c.by, c.d)
		kind(t, c.what, err, c.want)
	}
	l := w.link(LinkDraft{Product: "tea", Channel: "zalo", Label: " nhóm chợ quê "})
	if l.Seller != "coop" || l.Person != "farmer" || len(l.Code) < 8 || l.Label != "nhóm chợ quê" {
		t.Errorf("link %+v", l)
	}
	_, err := w.LinksOf(ctx, stranger, "coop", "", 10)
	kind(t, "another seller's links", err, market.KindForbidden)
	_, err = w.Attributions(ctx, stranger, l.Code, "", 10)
	kind(t, "another seller's lines", err, market.KindForbidden)
}

func TestCodesForgiveTyping(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	code := "AB01CD1234" + w.codeSign("AB01CD1234")
	l := &Link{Doc: store.Doc{ID: market.ID(code)}, Code: code, Seller: "coop", Channel: "zalo"}
	if err := w.links.Insert(ctx, l); err != nil {
		t.Fatal(err)
	}
	signed := code[codeLength:]
	for _, code := range []string{code, strings.ToLower(code), "abolcdi234" + signed} {
		if _, err := w.Link(ctx, code); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
	for _, code := range []string{"", "AB01CD1235" + signed, "AB01CD1234", "AB01CD1234" + signed[:3], code + "5", "AB01CD1234ZZZZ", "../../etc/" + signed} {
		_, err := w.Link(ctx, code)
		kind(t, code, err, market.KindNotFound)
	}
}

func TestChannels(t *testing.T) {
	w := newWorld(t)
	show := w.show("tea")
	for _, c := range []struct {
		d    LinkDraft
		want string
	}{
		{LinkDraft{Product: "tea", Channel: "facebook"}, "social"},
		{LinkDraft{Product: "tea", Channel: "facebook_live"}, "livestream"},
		{LinkDraft{Product: "tea", Channel: "zalo"}, "social"},
		{LinkDraft{Product: "tea", Channel: "poster"}, "store"},
		{LinkDraft{Show: show.ID, Channel: "zalo"}, "livestream"},
		{LinkDraft{Product: "tea", Show: show.ID, Channel: "store"}, "livestream"},
	} {
		l := w.link(c.d)
		touch := w.click(l, "visitor")
		if touch.Channel != c.want || touch.Link != l.ID || touch.Show != c.d.Show || touch.Person != "farmer" || !touch.At.Equal(start) {
			t.Errorf("%+v: touch %+v, want channel %s", c.d, touch, c.want)
		}
	}
}

func TestClicksCountPeopleOnceADay(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	l := w.link(LinkDraft{Product: "tea", Channel: "zalo"})
	for what, v := range map[string]Visitor{
		"HEAD":             {ID: "x", UserAgent: phone, Method: "HEAD"},
		"prefetch":         {ID: "x", UserAgent: phone, Method: "GET", Purpose: "prefetch;prerender"},
		"old prefetch":     {ID: "x", UserAgent: phone, Method: "GET", Purpose: "Preview"},
		"facebook preview": {ID: "x", UserAgent: "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", Method: "GET"},
		"google":           {ID: "x", UserAgent: "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", Method: "GET"},
		"curl":             {ID: "x", UserAgent: "curl/8.5.0", Method: "GET"},
		"no agent":         {ID: "x", Method: "GET"},
		"no id":            {UserAgent: phone, Method: "GET"},
	} {
		if _, touch, err := w.Follow(ctx, l.Code, v); err != nil || touch.Link != l.ID {
			t.Errorf("%s: %+v, %v", what, touch, err)
		}
	}
	if n := w.clicks(l); n != 0 {
		t.Errorf("machines counted: %d", n)
	}
	w.click(l, "a")
	w.click(l, "a")
	w.click(l, "b")
	if n := w.clicks(l); n != 2 {
		t.Errorf("two people, %d clicks", n)
	}
	w.now = start.Add(9 * time.Hour) // 00:00 the next day in Huế
	w.click(l, "a")
	if n := w.clicks(l); n != 3 {
		t.Errorf("the next day: %d clicks, want 3", n)
	}
	w.click(w.link(LinkDraft{Product: "tea", Channel: "zalo"}), "a")
	if n := w.clicks(l); n != 3 {
		t.Errorf("another link: %d clicks, want 3", n)
	}
}

func TestForgetsVisitors(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	l := w.link(LinkDraft{Product: "tea", Channel: "zalo"})
	for i := range 3 {
		w.click(l, fmt.Sprint(i))
	}
	w.now = start.Add(visitsKept)
	w.click(l, "late")
	if n, err := w.ForgetVisitors(ctx); n != 0 || err != nil {
		t.Errorf("forgot %d, %v; too early", n, err)
	}
	w.now = w.now.Add(time.Second)
	if n, err := w.ForgetVisitors(ctx); n != 3 || err != nil {
		t.Errorf("forgot %d, %v; want 3", n, err)
	}
	if n := w.clicks(l); n != 4 {
		t.Errorf("clicks after forgetting: %d, want 4", n)
	}
}

func TestShows(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	good := ShowDraft{
		ID: "show-1", Title: market.Text{VI: "Chợ quê"}, Seller: "coop", Products: []market.ID{"tea", "paste"},
		StartsAt: start.Add(time.Hour), EndsAt: start.Add(2 * time.Hour),
	}
	for _, c := range []struct {
		what string
		by   market.Actor
		bad  func(*ShowDraft)
		want market.Kind
	}{
		{"guest", market.Actor{}, func(*ShowDraft) {}, market.KindUnauthenticated},
		{"stranger", stranger, func(*ShowDraft) {}, market.KindForbidden},
		{"no title", farmer, func(d *ShowDraft) { d.Title.VI = "" }, market.KindInvalid},
		{"long ago", farmer, func(d *ShowDraft) { d.StartsAt = start.Add(-2 * time.Hour) }, market.KindInvalid},
		{"ends first", farmer, func(d *ShowDraft) { d.EndsAt = d.StartsAt }, market.KindInvalid},
		{"too long", farmer, func(d *ShowDraft) { d.EndsAt = d.StartsAt.Add(13 * time.Hour) }, market.KindInvalid},
		{"nothing to sell", farmer, func(d *ShowDraft) { d.Products = nil }, market.KindInvalid},
		{"another's goods", farmer, func(d *ShowDraft) { d.Products = []market.ID{"hat"} }, market.KindInvalid},
		{"unknown goods", farmer, func(d *ShowDraft) { d.Products = []market.ID{"gold"} }, market.KindInvalid},
	} {
		d := good
		c.bad(&d)
		_, err := w.CreateShow(ctx, c.by, d)
		kind(t, c.what, err, c.want)
	}
	for range 2 {
		if show, err := w.CreateShow(ctx, farmer, good); err != nil || show.ID != "show-1" {
			t.Fatalf("show %+v, %v", show, err)
		}
	}
	theirs := good
	theirs.Seller, theirs.Products = "other", []market.ID{"hat"}
	_, err := w.CreateShow(ctx, stranger, theirs)
	kind(t, "another's id", err, market.KindConflict)

	w.show("tea")
	page, err := w.Shows(ctx, "coop", "", 10)
	if err != nil || len(page.Items) != 2 {
		t.Errorf("%d shows, %v; want 2", len(page.Items), err)
	}
	w.now = good.EndsAt
	ahead, err := w.Upcoming(ctx, 10)
	if err != nil || len(ahead) != 1 || ahead[0].OnAir(w.now) {
		t.Errorf("upcoming %+v, %v; want the longer one, which nobody has begun", ahead, err)
	}
	_, err = w.Show(ctx, "none")
	kind(t, "no such show", err, market.KindNotFound)
}
