package searchtest

import (
	"context"
	"testing"

	"golang.org/x/text/unicode/norm"

	"chohue/market"
	"chohue/search"
)

func finds(t *testing.T, e search.Engine) { find(t, e, false) }

func findsFirst(t *testing.T, e search.Engine) { find(t, e, true) }

func find(t *testing.T, e search.Engine, more bool) {
	fill(t, e, Corpus())
	for _, c := range []struct {
		text string
		want []market.ID
	}{
		{"tra cung dinh", ids("tra")},
		{"trà cung đình", ids("tra")},
		{"TRÀ CUNG ĐÌNH", ids("tra")},
		{norm.NFD.String("trà cung đình"), ids("tra")},
		{"cung đình trà", ids("tra")},
		{"  trà,   cung-đình!", ids("tra")},
		{"mam nem", ids("nem")},
		{"mắm nêm", ids("nem")},
		{"me em", ids("nem")},
		{"duc dong", ids("duc")},
		{"đúc đồng", ids("duc")},
		{"Ðúc", ids("duc")}, // eth, as some keyboards write Đ
		{"hòa tan", ids("hoa")},
		{"hoà tan", ids("hoa")},
		{norm.NFD.String("hòa tan"), ids("hoa")},
		{"hoa tan", ids("hoa")},
		{"thủy biều", ids("thanhtra")},
		{"thuỷ biều", ids("thanhtra")},
		{"mam 500 ml", ids("nuocmam")},
		{"mam 500ml", ids("nuocmam")},
		{"sesame candy", ids("me")},
		{"thao moc", ids("tra")},
		{"phuong duc", ids("duc")},
		{"thanh tr", ids("thanhtra")},
		{"cung đìn", ids("tra")},
		{"c", nil}, // see below
		{"vừng", ids("me")},
		{"đậu phộng", ids("me")},
		{"khóm", ids("dua")},
		{"zebra", nil},
		{"tra cung zebra", nil},
		{"!!!", nil},
	} {
		r := query(t, e, search.Query{Text: c.text})
		if c.text == "c" {
			if r.Total < 3 {
				t.Errorf("one letter finds %d products, want all that have a word so begun", r.Total)
			}
			continue
		}
		if more {
			r.IDs = r.IDs[:min(len(c.want), len(r.IDs))]
		}
		same(t, c.text, r.IDs, c.want)
		if r.Corrected != "" {
			t.Errorf("%q: corrected to %q although it is right", c.text, r.Corrected)
		}
	}
	if r := query(t, e, search.Query{}); r.Total != len(Corpus()) {
		t.Errorf("no text finds %d, want all", r.Total)
	}
}

func ranks(t *testing.T, e search.Engine) {
	docs := Corpus()
	docs = append(docs,
		search.Document{ID: "mention", Version: 1, Name: vi("Kẹo gừng", ""), Description: vi("Ăn với trà cung đình.", ""), InStock: true, Price: 1, Set: 6},
		search.Document{ID: "apart", Version: 1, Name: vi("Trà sen, bộ ấm cung nữ, sân đình", ""), InStock: true, Price: 1, Set: 6},
		search.Document{ID: "gone", Version: 1, Name: vi("Mè xửng dẻo", ""), InStock: false, Price: 1, Set: 6},
		search.Document{ID: "star", Version: 1, Name: vi("Mè xửng dẻo", ""), InStock: true, Price: 1, Set: 6, Badges: []search.Badge{{Stars: 3, Until: Now.AddDate(1, 0, 0)}}},
		search.Document{ID: "expired", Version: 1, Name: vi("Mè xửng dẻo", ""), InStock: true, Price: 1, Set: 6, Badges: []search.Badge{{Stars: 5, Until: Now}}},
	)
	fill(t, e, docs)
	for _, c := range []struct {
		text string
		want []market.ID // the first hits, in order
	}{
		{"dứa", ids("dua", "coco")},
		{"dừa", ids("coco", "dua")},
		{norm.NFD.String("dứa sấy"), ids("dua", "coco")},
		{"dứ", ids("dua", "coco")},
		{"tra cung dinh", ids("tra", "apart", "mention")},
		{"mè xửng dẻo", ids("star", "me", "expired", "gone")},
	} {
		r := query(t, e, search.Query{Text: c.text})
		ordered(t, c.text, r.IDs[:min(len(c.want), len(r.IDs))], c.want)
	}
}

func corrects(t *testing.T, e search.Engine) {
	fill(t, e, Corpus())
	for _, c := range []struct {
		text, corrected string
		want            []market.ID
	}{
		{"tra cunng dinh", "tra cung dinh", ids("tra")},
		{"thnah tra", "thanh tra", ids("thanhtra")},
		{"tinh dau trmam", "tinh dau tràm", ids("tram")},
		{"chuogn dong", "chuông dong", ids("duc")},
		{"sesane candy", "sesame candy", ids("me")},
		{"nom", "", nil}, // three letters: one off is another word
	} {
		r := query(t, e, search.Query{Text: c.text})
		same(t, c.text, r.IDs, c.want)
		if market.Fold(r.Corrected) != market.Fold(c.corrected) {
			t.Errorf("%q: corrected to %q, want %q", c.text, r.Corrected, c.corrected)
		}
	}
}

func suggests(t *testing.T, e search.Engine) {
	docs := Corpus()
	docs = append(docs, search.Document{ID: "twin", Version: 1, Name: vi("Mè xửng dẻo", ""), InStock: true, Set: 6})
	fill(t, e, docs)
	for _, c := range []struct {
		prefix string
		want   []string
	}{
		{"me x", []string{"Mè xửng dẻo"}},
		{"mè xử", []string{"Mè xửng dẻo"}},
		{"nuoc", []string{"Nước mắm cá cơm Xuân Anh 500ml"}},
		{"dứ", []string{"Dứa sấy", "Dừa sấy", "Chuông đồng đúc thủ công"}},
		{"thao moc", nil}, // stands in a description only
		{"", nil},
	} {
		got, err := e.Suggest(context.Background(), c.prefix, 5)
		if err != nil {
			t.Fatalf("suggest %q: %v", c.prefix, err)
		}
		if len(got) == 0 && len(c.want) == 0 {
			continue
		}
		if !equal(texts(got), c.want) {
			t.Errorf("suggest %q = %q, want %q", c.prefix, texts(got), c.want)
		}
	}
	if got, err := e.Suggest(context.Background(), "t", 2); err != nil || len(got) != 2 {
		t.Errorf("suggest at most two: %+v, %v", got, err)
	}
}

func texts(suggestions []search.Suggestion) []string {
	var out []string
	for _, s := range suggestions {
		if s.Kind == search.SuggestProduct && s.Value == "" {
			out = append(out, s.Text)
		}
	}
	return out
}

// suggestsPlaces wants who sells and where beside what is sold.
func suggestsPlaces(t *testing.T, e search.Engine) {
	docs := Corpus()
	for i := range docs {
		docs[i].SellerSlug, docs[i].WardName = string(docs[i].Seller), "phường "+docs[i].Ward
	}
	give(docs, "nem", func(d *search.Document) { d.WardName = "xã Phú Vinh" })
	give(docs, "nuocmam", func(d *search.Document) { d.WardName = "xã Phú Vinh" })
	fill(t, e, docs)
	for _, c := range []struct {
		prefix string
		want   search.Suggestion
	}{
		{"hop tac xa phu", search.Suggestion{Kind: search.SuggestSeller, Text: "Hợp tác xã Phú Bài", Value: "seller-a"}},
		{"hop tac xa phu ba", search.Suggestion{Kind: search.SuggestSeller, Text: "Hợp tác xã Phú Bài", Value: "seller-a", Begun: true}},
		{"phú bà", search.Suggestion{Kind: search.SuggestSeller, Text: "Hợp tác xã Phú Bài", Value: "seller-a", Begun: true}},
		{"làng đúc", search.Suggestion{Kind: search.SuggestSeller, Text: "Làng đúc Phường Đúc", Value: "seller-b"}},
		{"phu vin", search.Suggestion{Kind: search.SuggestWard, Text: "xã Phú Vinh", Value: "19900", Begun: true}},
	} {
		got, err := e.Suggest(context.Background(), c.prefix, 8)
		if err != nil || len(got) == 0 || got[0] != c.want {
			t.Errorf("suggest %q = %+v, %v; want first %+v", c.prefix, got, err, c.want)
		}
	}
	apply(t, e, search.Change{Delete: "nem", Version: 9}, search.Change{Delete: "nuocmam", Version: 9})
	if got, err := e.Suggest(context.Background(), "phu vin", 8); err != nil || len(got) != 0 {
		t.Errorf("a ward without goods is suggested: %+v, %v", got, err)
	}
}

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
