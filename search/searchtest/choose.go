package searchtest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
	"chohue/search"
)

func filters(t *testing.T, e search.Engine) {
	fill(t, e, Corpus())
	for _, c := range []struct {
		q    search.Query
		want []market.ID
	}{
		{search.Query{Set: 9}, ids("nem", "nuocmam")},
		{search.Query{Ward: "19804"}, ids("dua", "coco", "hoa")},
		{search.Query{Seller: "seller-b"}, ids("duc")},
		{search.Query{Stars: 3}, ids("tra", "nem")},
		{search.Query{Stars: 4}, ids("tra")},
		{search.Query{Stars: 5}, nil}, // its certificate has expired
		{search.Query{PriceFrom: 90_000, PriceTo: 120_000}, ids("tra", "tram", "non")},
		{search.Query{PriceFrom: 90_000, PriceTo: 120_000, InStock: true}, ids("tra", "tram")},
		{search.Query{Text: "mam", Set: 9, PriceTo: 50_000}, ids("nem")},
		{search.Query{Text: "tra", Set: 12}, ids("tra", "hoa")},
		{search.Query{Text: "thủy", Set: 1, Ward: "19789", InStock: true}, ids("thanhtra")},
		{search.Query{Text: "mam", Set: 1}, nil}, // a filter does not loosen the words
		{search.Query{Set: 99}, nil},
		{search.Query{Set: -1}, nil},
		{search.Query{Ward: "nowhere"}, nil},
		{search.Query{PriceFrom: 2, PriceTo: 1}, nil},
	} {
		r := query(t, e, c.q)
		same(t, c.q, r.IDs, c.want)
		if r.Total != len(c.want) {
			t.Errorf("%+v: total %d, want %d", c.q, r.Total, len(c.want))
		}
	}
}

func sorts(t *testing.T, e search.Engine) {
	docs := Corpus()
	fill(t, e, docs)
	all := func(less func(a, b search.Document) int) []market.ID {
		sorted := slices.Clone(docs)
		slices.SortFunc(sorted, less)
		var out []market.ID
		for _, d := range sorted {
			out = append(out, d.ID)
		}
		return out
	}
	byPrice := func(a, b search.Document) int { return int(a.Price - b.Price) }
	for _, c := range []struct {
		sort string
		want []market.ID
	}{
		{search.SortPrice, all(byPrice)},
		{search.SortPriceDown, all(func(a, b search.Document) int { return byPrice(b, a) })},
		{search.SortNewest, all(func(a, b search.Document) int { return b.PublishedAt.Compare(a.PublishedAt) })},
	} {
		ordered(t, c.sort, query(t, e, search.Query{Sort: c.sort}).IDs, c.want)
	}
	ordered(t, "price of what has the word", query(t, e, search.Query{Text: "mam", Sort: search.SortPrice}).IDs, ids("nem", "nuocmam"))
}

func pages(t *testing.T, e search.Engine) {
	fill(t, e, Products(250, 1))
	whole := query(t, e, search.Query{Text: "huế", Limit: 100})
	var paged []market.ID
	for offset := 0; offset < 100; offset += 7 {
		r := query(t, e, search.Query{Text: "huế", Limit: 7, Offset: offset})
		if r.Total != whole.Total {
			t.Errorf("offset %d: total %d, want %d", offset, r.Total, whole.Total)
		}
		paged = append(paged, r.IDs...)
	}
	n := min(100, whole.Total)
	if len(whole.IDs) != n || n < 20 {
		t.Fatalf("%d of %d on a page of 100", len(whole.IDs), whole.Total)
	}
	ordered(t, "pages", paged[:n], whole.IDs)
	if r := query(t, e, search.Query{Limit: 5, Offset: 1 << 40}); len(r.IDs) != 0 || r.Total != 250 {
		t.Errorf("far behind the end: %d ids of %d", len(r.IDs), r.Total)
	}
}

func facets(t *testing.T, e search.Engine) {
	fill(t, e, Corpus())
	if r := query(t, e, search.Query{}); r.Facets != nil {
		t.Errorf("facets that nobody asked for: %v", r.Facets)
	}
	for _, c := range []struct {
		q    search.Query
		want map[string][]search.Count
	}{
		{search.Query{Text: "mam"}, map[string][]search.Count{
			"set": {{Value: "9", N: 2}}, "ward": {{Value: "19900", N: 2}}, "stars": {{Value: "3", N: 1}},
		}},
		// The counts of a facet leave its own choice aside.
		{search.Query{Ward: "19753", Stars: 4}, map[string][]search.Count{
			"set": {{Value: "12", N: 1}}, "ward": {{Value: "19753", N: 1}}, "stars": {{Value: "4", N: 1}},
		}},
		{search.Query{Set: 7, Ward: "19804"}, map[string][]search.Count{
			"set": {{Value: "7", N: 2}, {Value: "12", N: 1}}, "ward": {{Value: "19804", N: 2}}, "stars": {},
		}},
		{search.Query{Stars: 3}, map[string][]search.Count{
			"set": {{Value: "12", N: 1}, {Value: "9", N: 1}}, "ward": {{Value: "19753", N: 1}, {Value: "19900", N: 1}},
			"stars": {{Value: "3", N: 2}, {Value: "4", N: 1}},
		}},
	} {
		c.q.Facets = true
		if diff := cmp.Diff(c.want, query(t, e, c.q).Facets); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.q, diff)
		}
	}
}

// expires moves the clock over the end of a certificate: nothing is written to
// the index, and yet it neither filters nor lifts nor counts any more.
func expires(t *testing.T, open Open) {
	now := Now
	e := open(t, func() time.Time { return now })
	defer closes(t, e)
	fill(t, e, []search.Document{
		{ID: "a", Version: 1, Name: vi("Mứt gừng", ""), InStock: true, Set: 7, Badges: []search.Badge{{Stars: 4, Until: Now.Add(time.Hour)}, {Stars: 3, From: Now.Add(2 * time.Hour), Until: Now.Add(3 * time.Hour)}}},
		{ID: "b", Version: 1, Name: vi("Mứt gừng", ""), InStock: true, Set: 7, PublishedAt: Now},
	})
	ordered(t, "before", query(t, e, search.Query{Text: "mứt gừng"}).IDs, ids("a", "b"))
	same(t, "before", query(t, e, search.Query{Stars: 3}).IDs, ids("a"))
	now = Now.Add(time.Hour)
	ordered(t, "after", query(t, e, search.Query{Text: "mứt gừng"}).IDs, ids("b", "a"))
	r := query(t, e, search.Query{Stars: 3, Facets: true})
	same(t, "after", r.IDs, nil)
	if len(r.Facets["stars"]) != 0 {
		t.Errorf("after: stars counted: %v", r.Facets["stars"])
	}
	now = Now.Add(2 * time.Hour)
	same(t, "the next one begins", query(t, e, search.Query{Stars: 3}).IDs, ids("a"))
}
