package searchtest

import (
	"testing"
	"time"

	"chohue/market"
	"chohue/search"
)

// criteria holds an engine to the published order: of two products, the one
// that a criterion prefers is first, although all that comes after that
// criterion prefers the other.
func criteria(t *testing.T, e search.Engine) {
	type traits struct {
		name, text, maker string
		stock             bool
		stars             int
		days              int
	}
	cases := map[string]struct {
		query         string
		better, worse traits
	}{
		"one":    {"hương thọ", traits{name: "Bưởi", maker: "Hương Thọ"}, traits{name: "Hương", text: "Thọ", stock: true, stars: 5, days: 9}},
		"slips":  {"cunng dinhh", traits{name: "Cunng đình"}, traits{name: "Cung đình", stock: true, stars: 5, days: 9}},
		"marks":  {"dứa", traits{name: "Kẹo", text: "vị dứa"}, traits{name: "Dừa", stock: true, stars: 5, days: 9}},
		"name":   {"mứt gừng cay", traits{name: "Mứt gừng", text: "cay"}, traits{name: "Mứt", text: "gừng", maker: "cay", stock: true, stars: 5, days: 9}},
		"maker":  {"bưởi hương thọ", traits{name: "Bưởi", maker: "Hương", text: "Thọ"}, traits{name: "Bưởi", text: "ở Hương Thọ", stock: true, stars: 5, days: 9}},
		"said":   {"lạc", traits{name: "Kẹo lạc rang"}, traits{name: "Đậu phộng", stock: true, stars: 5, days: 9}},
		"phrase": {"trà sen", traits{name: "Hộp trà sen lớn"}, traits{name: "Trà ướp sen", stock: true, stars: 5, days: 9}},
		"whole":  {"trà sen", traits{name: "Trà sen"}, traits{name: "Trà sen lớn", stock: true, stars: 5, days: 9}},
		"stock":  {"trà sen", traits{name: "Trà sen", stock: true}, traits{name: "Trà sen", stars: 5, days: 9}},
		"stars":  {"trà sen", traits{name: "Trà sen", stock: true, stars: 4}, traits{name: "Trà sen", stock: true, stars: 3, days: 9}},
		"newest": {"trà sen", traits{name: "Trà sen", stock: true, days: 9}, traits{name: "Trà sen", stock: true, days: 8}},
	}
	document := func(id market.ID, of traits) search.Document {
		d := search.Document{
			ID: id, Version: 1, Name: vi(of.name, ""), Description: vi(of.text, ""), SellerName: vi(of.maker, ""),
			InStock: of.stock, Set: 7, PublishedAt: Now.Add(time.Duration(of.days-20) * 24 * time.Hour),
		}
		if of.stars > 0 {
			certify(&d, of.stars, Now.AddDate(1, 0, 0))
		}
		return d
	}
	for _, name := range search.Criteria() {
		c, ok := cases[name]
		if !ok {
			t.Errorf("no case for the published criterion %q", name)
			continue
		}
		if err := rebuild(e, []search.Document{document("worse", c.worse), document("better", c.better)}); err != nil {
			t.Fatal(err)
		}
		ordered(t, name, query(t, e, search.Query{Text: c.query}).IDs, ids("better", "worse"))
	}
	if len(cases) != len(search.Criteria()) {
		t.Errorf("%d cases for %d criteria", len(cases), len(search.Criteria()))
	}
}
