package search_test

import (
	"strings"
	"testing"

	"chohue/catalog"
	"chohue/market"
	"chohue/search"
	"chohue/search/searchtest"
)

// FuzzDraftsAreNotFound asks a shop with drafts, rejected and withdrawn goods of
// several sellers for whatever comes: no query fails, none of these is found,
// suggested or counted.
func FuzzDraftsAreNotFound(f *testing.F) {
	for _, text := range append(searchtest.Hostile(), "bí mật", "bi mat", "bimat", "bí m", "bis maatj", "") {
		f.Add(text, "", 0, 0, "")
	}
	f.Add("bí mật", "other", 12, 3, search.SortPrice)
	f.Add("", "other", 0, 0, search.SortNear)
	source := shop{}
	source.put("shown", 2, "Trà công khai", catalog.StatusPublished)
	hidden := []catalog.Status{catalog.StatusDraft, catalog.StatusSubmitted, catalog.StatusRejected, catalog.StatusWithdrawn}
	s := service(f, source, open(f))
	consume(f, s, news("shown", catalog.EventPublished, 2))
	for _, status := range hidden {
		id := market.ID(status)
		source.put(id, 1, "Trà bí mật", catalog.StatusPublished)
		consume(f, s, news(id, catalog.EventPublished, 1))
		source.put(id, 2, "Trà bí mật", status)
		source[id].Seller = "other"
		consume(f, s, news(id, catalog.EventWithdrawn, 2), news(id, catalog.EventChanged, 2), news(id, catalog.EventPublished, 1))
	}
	f.Fuzz(func(t *testing.T, text, seller string, set, stars int, sort string) {
		q := search.Query{Text: text, Seller: market.ID(seller), Set: set, Stars: stars, Sort: sort, Facets: true}
		r, err := s.Search(t.Context(), q)
		if err != nil && market.KindOf(err) != market.KindInvalid {
			t.Fatalf("%+v: %v", q, err)
		}
		for _, id := range r.IDs {
			if id != "shown" {
				t.Errorf("%+v finds %s", q, id)
			}
		}
		if r.Total > 1 || strings.Contains(market.Fold(r.Corrected), "mat") && !strings.Contains(market.Fold(text), "mat") {
			t.Errorf("%+v tells of what is hidden: %+v", q, r)
		}
		names, err := s.Suggest(t.Context(), text, 10)
		if err != nil {
			t.Fatalf("suggest %q: %v", text, err)
		}
		for _, n := range names {
			if strings.Contains(n.Text, "bí mật") {
				t.Errorf("suggest %q: %v", text, n)
			}
		}
	})
}
