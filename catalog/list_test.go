package catalog

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
	"chohue/store"
)

// stored puts n products straight into the shop: sets 1 to 5 and two wards in
// turn, every third certified, prices going up and down.
func (s *shop) stored(t testing.TB, n int) []*Product {
	t.Helper()
	var all []*Product
	for i := range n {
		id := market.ID(fmt.Sprintf("product-%05d", i))
		p := &Product{
			Doc: store.Doc{ID: id}, Slug: string(id), Seller: market.ID(fmt.Sprintf("seller-%d", i%7)),
			SellerName: market.Text{VI: "HTX Thủy Biều"}, Set: i%5 + 1, Ward: fmt.Sprintf("1977%d", i%2),
			Name:        market.Text{VI: fmt.Sprintf("Thanh trà số %d", i), EN: fmt.Sprintf("Pomelo number %d", i)},
			Description: market.Text{VI: "Trái nhỏ hơn bưởi, hình quả lê, vỏ mỏng thơm mùi tinh dầu. Tép ráo nước, bóc ra không dính tay."},
			Photos:      []Photo{{ID: "0123456789abcdef0123456789abcdef", Widths: []int{320, 640, 1080}, Width: 1600, Height: 1200}},
			Variants:    []Variant{{ID: id + "-v", Unit: "kg", Size: market.Size{Base: market.Grams, Amount: 1000}, Price: market.VND(1000 * (1 + i*37%100))}},
			Status:      StatusPublished, CreatedAt: start, SubmittedAt: start, PublishedAt: start.Add(time.Duration(i) * time.Minute),
		}
		p.PriceFrom = p.Variants[0].Price
		if i%3 == 0 {
			c := decision()
			c.Stars, c.ValidFrom, c.ValidTo = 3+i%2, start, start.Add(time.Hour)
			p.Certificates = []Certificate{c}
		}
		all = append(all, p)
	}
	for chunk := range slices.Chunk(all, 500) {
		s.insertAll(t, chunk)
	}
	return all
}

func (s *shop) insertAll(t testing.TB, products []*Product) {
	t.Helper()
	errs := make(chan error, len(products))
	for _, p := range products {
		go func() { errs <- s.products.Insert(context.Background(), p) }()
	}
	for range products {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
}

// walk reads all pages of a filter.
func (s *shop) walk(t *testing.T, f Filter) []market.ID {
	t.Helper()
	var ids []market.ID
	for range 1000 {
		page, err := s.List(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Items) > pageLimit(f.Limit) {
			t.Fatalf("%d items on a page of %d", len(page.Items), pageLimit(f.Limit))
		}
		for _, p := range page.Items {
			ids = append(ids, p.ID)
		}
		if page.Next == "" {
			return ids
		}
		f.After = page.Next
	}
	t.Fatal("the list does not end")
	return nil
}

func TestListEqualsFilteringByHand(t *testing.T) {
	s := open(t)
	all := s.stored(t, 700)
	hidden := s.draft(t, pomelo())
	now := s.time()
	for _, f := range []Filter{
		{},
		{Limit: 7},
		{Sort: "price"},
		{Sort: "-price", Limit: 100},
		{Set: 3},
		{Ward: "19771", Sort: "price"},
		{Seller: "seller-4"},
		{Stars: 3},
		{Stars: 4, Sort: "price"},
		{Stars: 5},
		{Set: 2, Ward: "19770", Limit: 5},
		{Set: 2, Seller: "seller-1", Stars: 3},
		{Seller: "seller-1", Ward: "19770", Sort: "-price", Limit: 3},
		{Set: 26},
		{Ward: "00000"},
	} {
		var want []*Product
		for _, p := range all {
			badge, _ := p.Badge(now)
			if (f.Set == 0 || p.Set == f.Set) && (f.Ward == "" || p.Ward == f.Ward) && (f.Seller == "" || p.Seller == f.Seller) && badge.Stars >= f.Stars {
				want = append(want, p)
			}
		}
		sortAs(want, f.Sort)
		var ids []market.ID
		for _, p := range want {
			ids = append(ids, p.ID)
		}
		got := s.walk(t, f)
		if diff := cmp.Diff(ids, got); diff != "" {
			t.Errorf("%+v: %d found, want %d (-want +got):\n%s", f, len(got), len(ids), diff)
		}
		if slices.Contains(got, hidden.ID) {
			t.Errorf("%+v shows a draft", f)
		}
	}
}

func sortAs(products []*Product, by string) {
	slices.SortFunc(products, func(a, b *Product) int {
		switch {
		case by == "price" && a.PriceFrom != b.PriceFrom:
			return int(a.PriceFrom - b.PriceFrom)
		case by == "-price" && a.PriceFrom != b.PriceFrom:
			return int(b.PriceFrom - a.PriceFrom)
		case by == "price":
			return slices.Compare([]byte(a.ID), []byte(b.ID))
		case by == "-price":
			return slices.Compare([]byte(b.ID), []byte(a.ID))
		default:
			return b.PublishedAt.Compare(a.PublishedAt)
		}
	})
}

func TestListStaysRightWhileProductsComeAndGo(t *testing.T) {
	s := open(t)
	s.stored(t, 100)
	first, err := s.List(t.Context(), Filter{Limit: 10, Stars: 3})
	if err != nil {
		t.Fatal(err)
	}
	last := first.Items[len(first.Items)-1]
	if _, err := s.Withdraw(t.Context(), market.System, last.ID); err != nil {
		t.Fatal(err)
	}
	s.wait(time.Minute)
	s.show(t, pomelo())
	second, err := s.List(t.Context(), Filter{Limit: 10, Stars: 3, After: first.Next})
	if err != nil {
		t.Fatal(err)
	}
	if len(second.Items) != 10 || !second.Items[0].PublishedAt.Before(last.PublishedAt) {
		t.Errorf("%d items, first published %v; want after the place of %v", len(second.Items), second.Items[0].PublishedAt, last.PublishedAt)
	}
}

func TestExpiredBadgeDoesNotPassTheFilter(t *testing.T) {
	s := open(t)
	s.stored(t, 30)
	if got := len(s.walk(t, Filter{Stars: 3})); got != 10 {
		t.Errorf("%d certified, want 10", got)
	}
	s.wait(time.Hour)
	if got := len(s.walk(t, Filter{Stars: 3})); got != 0 {
		t.Errorf("%d certified after all certificates have ended", got)
	}
}

func TestListReadsOnlySoMuchAtOnce(t *testing.T) {
	s := open(t)
	s.stored(t, scanMost+500)
	page, err := s.List(t.Context(), Filter{Stars: 5})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Items) != 0 || page.Next == "" {
		t.Errorf("%d items, next %q; want an empty page that goes on", len(page.Items), page.Next)
	}
}

func TestListRefuses(t *testing.T) {
	s := open(t)
	_, err := s.List(t.Context(), Filter{Sort: "luck"})
	wantError(t, err, market.KindInvalid, "list.sort", "sort")
	_, err = s.List(t.Context(), Filter{After: "bad"})
	wantError(t, err, market.KindInvalid, "cursor.invalid", "cursor")
}

func TestQueueAndOfSeller(t *testing.T) {
	s := open(t)
	older, newer := s.draft(t, pomelo()), s.draft(t, pomelo())
	s.wait(time.Minute)
	if _, err := s.Submit(t.Context(), farmer, newer.ID); err != nil {
		t.Fatal(err)
	}
	s.wait(time.Minute)
	if _, err := s.Submit(t.Context(), farmer, older.ID); err != nil {
		t.Fatal(err)
	}
	s.draft(t, pomelo())
	drafts, err := s.Queue(t.Context(), moderator, StatusDraft, "", 0)
	if err != nil || len(drafts.Items) != 0 {
		t.Errorf("%d products that were never submitted are in the queue, %v", len(drafts.Items), err)
	}
	queue, err := s.Queue(t.Context(), moderator, StatusSubmitted, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(queue.Items) != 2 || queue.Items[0].ID != newer.ID {
		t.Errorf("queue of %d does not begin with the one waiting longest", len(queue.Items))
	}
	own, err := s.OfSeller(t.Context(), farmer, "thuy-bieu", "", 1)
	if err != nil || len(own.Items) != 1 || own.Next == "" {
		t.Errorf("own products: %d, next %q, %v", len(own.Items), own.Next, err)
	}
}

func TestProductsForSearch(t *testing.T) {
	s := open(t)
	all := s.stored(t, 5)
	draft := s.draft(t, pomelo())
	found, err := s.Products(t.Context(), all[0].ID, draft.ID, "unknown")
	if err != nil || len(found) != 1 || found[all[0].ID] == nil {
		t.Errorf("Products: %d, %v", len(found), err)
	}
	n := 0
	if err := s.EachPublished(t.Context(), func(*Product) error { n++; return nil }); err != nil || n != 5 {
		t.Errorf("EachPublished: %d, %v", n, err)
	}
	p, err := s.ByVariant(t.Context(), all[3].Variants[0].ID)
	if err != nil || p.ID != all[3].ID {
		t.Errorf("ByVariant: %v", err)
	}
	_, err = s.ByVariant(t.Context(), draft.Variants[0].ID)
	wantError(t, err, market.KindNotFound, "catalog.missing", "")
}
