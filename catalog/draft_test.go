package catalog

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
)

func TestCreateDraft(t *testing.T) {
	s := open(t)
	d := pomelo()
	d.Name.VI = "  Thanh tra\u0300   Thủy Biều " // decomposed and loosely spaced
	p, err := s.CreateDraft(t.Context(), farmer, d)
	if err != nil {
		t.Fatal(err)
	}
	if p.Name.VI != "Thanh trà Thủy Biều" || p.Slug != "thanh-tra-thuy-bieu" || p.Status != StatusDraft {
		t.Errorf("got %q, %q, %s", p.Name.VI, p.Slug, p.Status)
	}
	if p.SellerName.VI != "HTX Thủy Biều" || p.SellerKind != "htx" || p.SellerSlug != "htx-thuy-bieu" || p.Ward != "19774" || p.Producer != "farmer" {
		t.Errorf("seller not copied: %+v", p)
	}
	if p.PriceFrom != 45_000 || !p.InStock || p.Alcohol {
		t.Errorf("price from %d, in stock %v, alcohol %v", p.PriceFrom, p.InStock, p.Alcohol)
	}
	stocks, err := s.Stocks(t.Context(), p.variantIDs()...)
	if err != nil {
		t.Fatal(err)
	}
	k := stocks[p.Variants[0].ID]
	if len(stocks) != 2 || k.Available != 100 || k.Received != 100 || k.Product != p.ID || k.Seller != "thuy-bieu" {
		t.Errorf("stocks: %d, first %+v", len(stocks), k)
	}
	found, err := s.BySlug(t.Context(), farmer, p.Slug)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, found, cmp.AllowUnexported(Product{})); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
}

func TestDraftOfAlcoholIsForAdults(t *testing.T) {
	s := open(t)
	d := pomelo()
	d.Set = 14
	p, err := s.CreateDraft(t.Context(), farmer, d)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Alcohol {
		t.Error("a white spirit is not marked as alcohol")
	}
}

func TestCreateDraftForOthers(t *testing.T) {
	s := open(t)
	for _, by := range []market.Actor{{}, buyer, neighbour, moderator, official} {
		_, err := s.CreateDraft(t.Context(), by, pomelo())
		wantError(t, err, market.KindNotFound, "catalog.missing", "")
	}
	if _, err := s.CreateDraft(t.Context(), market.System, pomelo()); err != nil {
		t.Errorf("system: %v", err)
	}
	d := pomelo()
	d.Seller = "nobody"
	_, err := s.CreateDraft(t.Context(), market.System, d)
	wantError(t, err, market.KindNotFound, "cooperatives.missing", "")
}

func TestDraftIsCheckedFieldByField(t *testing.T) {
	s := open(t)
	for _, test := range []struct {
		key, field string
		change     func(*Draft)
	}{
		{"product.name_short", "name", func(d *Draft) { d.Name.VI = " Mè " }},
		{"product.text_long", "name", func(d *Draft) { d.Name.VI = strings.Repeat("ộ", 121) }},
		{"product.text_long", "name/en", func(d *Draft) { d.Name.EN = strings.Repeat("o", 121) }},
		{"product.text_control", "name", func(d *Draft) { d.Name.VI = "Mè\nxửng" }},
		{"product.text_control", "name", func(d *Draft) { d.Name.VI = "Mè xửng \u202egnux" }},
		{"product.text_encoding", "story", func(d *Draft) { d.Story.VI = "Mè \xff" }},
		{"product.text_control", "description", func(d *Draft) { d.Description.VI = "a\x00b" }},
		{"product.text_long", "description/en", func(d *Draft) { d.Description.EN = strings.Repeat("o", 10_001) }},
		{"product.set_unknown", "set", func(d *Draft) { d.Set = 0 }},
		{"product.set_unknown", "set", func(d *Draft) { d.Set = 27 }},
		{"product.shelf_life", "shelf_life_days", func(d *Draft) { d.ShelfLifeDays = -1 }},
		{"product.variants_many", "variants", func(d *Draft) { d.Variants = make([]VariantDraft, 21) }},
		{"product.price_range", "variants/1/price", func(d *Draft) { d.Variants[1].Price = 999 }},
		{"product.price_range", "variants/0/price", func(d *Draft) { d.Variants[0].Price = 1_000_000_001 }},
		{"product.stock_range", "variants/0/stock", func(d *Draft) { d.Variants[0].Stock = -1 }},
		{"product.size", "variants/0/size", func(d *Draft) { d.Variants[0].Size.Amount = 0 }},
		{"product.size", "variants/0/size", func(d *Draft) { d.Variants[0].Size.Base = "bunches" }},
		{"product.unit_missing", "variants/0/unit", func(d *Draft) { d.Variants[0].Unit = " " }},
		{"product.id_form", "id", func(d *Draft) { d.ID = "a/../b" }},
		{"product.variant_twice", "variants/1/id", func(d *Draft) { d.Variants[0].ID, d.Variants[1].ID = "v1", "v1" }},
	} {
		d := pomelo()
		test.change(&d)
		_, err := s.CreateDraft(t.Context(), farmer, d)
		wantError(t, err, market.KindInvalid, test.key, test.field)
	}
	for _, d := range []func(*Draft){
		func(d *Draft) { d.Name.VI = strings.Repeat("ộ", 120) },
		func(d *Draft) { d.Name.VI = "Tré" },
		func(d *Draft) { d.Variants[0].Price = 1000 },
		func(d *Draft) { d.Variants[0].Price = 1_000_000_000 },
		func(d *Draft) { d.Description.VI = "Một\r\nhai\tba" },
		func(d *Draft) { d.Variants = nil },
	} {
		good := pomelo()
		d(&good)
		if _, err := s.CreateDraft(t.Context(), farmer, good); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
}

func TestSameDraftTwiceIsOneProduct(t *testing.T) {
	s := open(t)
	d := pomelo()
	d.ID = "01KC0000000000000000000001"
	first, err := s.CreateDraft(t.Context(), farmer, d)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.CreateDraft(t.Context(), farmer, d)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("second answer (-first +second):\n%s", diff)
	}
	colleague := farmer
	colleague.Person = "colleague"
	_, err = s.CreateDraft(t.Context(), colleague, d)
	wantError(t, err, market.KindConflict, "catalog.draft_taken", "")
	d.Seller = "bao-la"
	_, err = s.CreateDraft(t.Context(), neighbour, d)
	wantError(t, err, market.KindNotFound, "catalog.missing", "")
}

func TestSameDraftAtOnceIsOneProduct(t *testing.T) {
	s := open(t)
	d := pomelo()
	d.ID = "01KC0000000000000000000002"
	var wait sync.WaitGroup
	got := make([]*Product, 16)
	for i := range got {
		wait.Go(func() {
			p, err := s.CreateDraft(t.Context(), farmer, d)
			if err != nil {
				t.Error(err)
			}
			got[i] = p
		})
	}
	wait.Wait()
	for _, p := range got[1:] {
		if diff := cmp.Diff(got[0], p); diff != "" {
			t.Fatalf("two answers (-one +other):\n%s", diff)
		}
	}
}

func TestSlugsAreUnique(t *testing.T) {
	s := open(t)
	var wait sync.WaitGroup
	got := make([]string, 20)
	for i := range got {
		wait.Go(func() {
			p, err := s.CreateDraft(t.Context(), farmer, pomelo())
			if err != nil {
				t.Error(err)
				return
			}
			got[i] = p.Slug
		})
	}
	wait.Wait()
	seen, plain := map[string]bool{}, 0
	for _, slug := range got {
		if seen[slug] {
			t.Errorf("slug %q twice", slug)
		}
		seen[slug] = true
		if slug == "thanh-tra-thuy-bieu" {
			plain++
		} else if !strings.HasPrefix(slug, "thanh-tra-thuy-bieu-") || len(slug) != len("thanh-tra-thuy-bieu-")+4 {
			t.Errorf("slug %q", slug)
		}
	}
	if plain != 1 {
		t.Errorf("%d products have the plain slug, want 1", plain)
	}
	if got := slugs("茶", "01KC0000000000000000000ABC")[0]; got != "san-pham-0abc" {
		t.Errorf("slug of a name without Latin letters: %q", got)
	}
}

func TestVariantBelongsToOneProduct(t *testing.T) {
	s := open(t)
	d := pomelo()
	d.Variants[0].ID = "variant-1"
	if _, err := s.CreateDraft(t.Context(), farmer, d); err != nil {
		t.Fatal(err)
	}
	theirs := pomelo()
	theirs.Seller, theirs.Variants[0].ID = "bao-la", "variant-1"
	_, err := s.CreateDraft(t.Context(), neighbour, theirs)
	wantError(t, err, market.KindConflict, "catalog.variant_taken", "variants/0/id")
}
