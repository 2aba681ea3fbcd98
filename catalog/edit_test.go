package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
)

func TestEditKeepsVariantsByTheirLikeness(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	d := pomelo()
	d.Variants[0].Price, d.Variants[0].Stock = 70_000, 5
	d.Variants[1].Unit = "rổ"
	got, err := s.Edit(t.Context(), farmer, p.ID, d)
	if err != nil {
		t.Fatal(err)
	}
	if got.Variants[0].ID != p.Variants[0].ID || got.Variants[0].Price != 70_000 {
		t.Errorf("first variant %+v, was %+v", got.Variants[0], p.Variants[0])
	}
	if got.Variants[1].ID == p.Variants[1].ID {
		t.Error("a variant with another unit kept its id")
	}
	stocks, err := s.Stocks(t.Context(), got.variantIDs()...)
	if err != nil {
		t.Fatal(err)
	}
	if k := stocks[p.Variants[0].ID]; k.Available != 100 {
		t.Errorf("editing changed the stock of an old variant to %d", k.Available)
	}
	if got.Slug != p.Slug || got.Seller != p.Seller || len(got.Photos) != 1 {
		t.Errorf("lost something: %+v", got)
	}
}

func TestEditOfShownProductKeepsItOnSale(t *testing.T) {
	words := func(d *Draft) { d.Description.VI = "Khác hẳn" }
	price := func(d *Draft) { d.Variants[0].Price = 66_000 }
	for _, test := range []struct {
		name   string
		by     market.Actor
		change func(*Draft)
		want   string // the description that buyers read
		events []string
	}{
		{"words", farmer, words, pomelo().Description.VI, []string{EventChanged, EventEdited}},
		{"price", farmer, price, pomelo().Description.VI, []string{EventChanged}},
		{"words by the system", market.System, words, "Khác hẳn", []string{EventChanged}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			p := s.show(t, pomelo())
			s.heard(t)
			d := pomelo()
			test.change(&d)
			got, err := s.Edit(t.Context(), test.by, p.ID, d)
			if err != nil {
				t.Fatal(err)
			}
			if got.Status != StatusPublished || got.Description.VI != test.want {
				t.Errorf("got %s, %q, want %q on sale", got.Status, got.Description.VI, test.want)
			}
			if diff := cmp.Diff(test.events, s.heard(t)); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEditTakesSubmittedBack(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	if _, err := s.Submit(t.Context(), farmer, p.ID); err != nil {
		t.Fatal(err)
	}
	got, err := s.Edit(t.Context(), farmer, p.ID, pomelo())
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != StatusDraft {
		t.Errorf("got %s, want draft", got.Status)
	}
	_, err = s.Approve(t.Context(), moderator, p.ID)
	wantError(t, err, market.KindConflict, "catalog.move", "")
}

func TestEditCannotEmptyWhatIsShown(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	d := pomelo()
	d.Variants = nil
	_, err := s.Edit(t.Context(), farmer, p.ID, d)
	wantError(t, err, market.KindInvalid, "product.variant_missing", "variants")
	_, err = s.RemovePhoto(t.Context(), farmer, p.ID, p.Photos[0].ID)
	wantError(t, err, market.KindInvalid, "product.photo_missing", "photos")
}

func TestCertifiedProductKeepsItsSet(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	if _, err := s.Certify(t.Context(), official, p.ID, decision()); err != nil {
		t.Fatal(err)
	}
	d := pomelo()
	d.Set = 13
	_, err := s.Edit(t.Context(), farmer, p.ID, d)
	wantError(t, err, market.KindConflict, "catalog.set_certified", "set")
}
