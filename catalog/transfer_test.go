package catalog

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"chohue/market"
)

// outcome is what a sheet would do or did, one line per row.
func (t *Transfer) outcome() []string {
	var out []string
	for _, row := range t.Rows {
		var line strings.Builder
		fmt.Fprintf(&line, "%d %s", row.Row, row.State)
		for _, w := range row.Wrongs {
			line.WriteString(" | " + w.Column + ": " + w.Err.Key)
		}
		out = append(out, line.String())
	}
	return out
}

func (s *shop) preview(t testing.TB, data string) *Transfer {
	t.Helper()
	return s.previewBy(t, farmer, data)
}

func (s *shop) previewBy(t testing.TB, by market.Actor, data string) *Transfer {
	t.Helper()
	got, err := s.PreviewProducts(t.Context(), by, by.Sellers[0], []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// mine are the drafts of all products of the farmer, oldest first.
func (s *shop) mine(t testing.TB) []Draft {
	t.Helper()
	return s.goodsOf(t, "thuy-bieu")
}

func (s *shop) goodsOf(t testing.TB, seller market.ID) []Draft {
	t.Helper()
	var out []Draft
	if err := s.eachOf(t.Context(), seller, func(p *Product) error {
		out = append(out, p.Draft())
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

const sheetHead = "Tên sản phẩm;Bộ sản phẩm OCOP;Hạn dùng (ngày);Mã riêng (SKU);Tên phân loại;Đơn vị bán;Lượng trong một đơn vị;Tính bằng (gam hoặc cái);Giá (đồng);Số lượng ban đầu (chỉ phân loại mới)\n"

func TestProductSheetTellsWhatIsWrongWhere(t *testing.T) {
	s := open(t)
	got := s.preview(t, sheetHead+
		"Mè xửng Huế;5;60;A;Hộp nhỏ;hộp;300;gam;45.000;20\n"+
		"Mè xửng Huế;;;B;Hộp lớn;hộp;;gam;95k;\n"+ // no size
		"mè xửng  huế;;30;C;Hộp vừa;hộp;400;gam;60000;\n"+ // another shelf life, another spelling
		"Trà cung đình;12;;D;Gói;gói;100;gam;mười đồng;\n"+
		"Trà cung đình;;;E;Gói lớn;gói;100;lít;20000;\n"+
		"Trà cung đình;;;F;1 kg;kg;;;400 nghìn;5\n"+
		";;;;;;;;;\n"+
		"Tôm chua;99;;G;Hũ;lọ;250;gam;50000;\n"+
		"Tôm chua;;;H;Hũ to;lọ;500;gam;90000;\n")
	want := []string{
		"2 wrong | Mã sản phẩm: transfer.sibling", "3 wrong | Mã sản phẩm: transfer.sibling",
		"4 wrong | Tên sản phẩm: transfer.differs | Hạn dùng (ngày): transfer.differs",
		"5 wrong | Giá (đồng): transfer.price", "6 wrong | Tính bằng (gam hoặc cái): transfer.base", "7 new",
		"9 wrong | Bộ sản phẩm OCOP: product.set_unknown", "10 wrong | Mã sản phẩm: transfer.sibling",
	}
	if diff := cmp.Diff(want, got.outcome()); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if n := len(s.mine(t)); n != 0 {
		t.Errorf("reading for trial made %d products", n)
	}
}

func TestProductSheetAppliesAllOrTheRightRows(t *testing.T) {
	s := open(t)
	sheet := s.preview(t, sheetHead+
		"Mè xửng Huế;5;60;A;Hộp nhỏ;hộp;300;gam;45.000;20\n"+
		"Mè xửng Huế;;;B;Hộp lớn;hộp;0;gam;95000;\n"+
		"Tôm chua;99;;G;Hũ;lọ;250;gam;50000;\n")
	_, err := s.ApplyProducts(t.Context(), farmer, "thuy-bieu", sheet.File, false)
	wantError(t, err, market.KindConflict, "decisions.wrong", "")
	if n := len(s.mine(t)); n != 0 {
		t.Fatalf("a sheet with wrong rows made %d products", n)
	}
	for want := 1; want >= 0; want-- { // again: nothing
		done, err := s.ApplyProducts(t.Context(), farmer, "thuy-bieu", sheet.File, true)
		if err != nil || done.Applied != want {
			t.Fatalf("wrote %d rows, %v; want %d", done.Applied, err, want)
		}
		drafts := s.mine(t)
		if len(drafts) != 1 || len(drafts[0].Variants) != 1 || drafts[0].Variants[0].Price != 45_000 {
			t.Fatalf("made %+v", drafts)
		}
		p, err := s.Product(t.Context(), farmer, drafts[0].ID)
		if err != nil || p.Status != StatusDraft {
			t.Errorf("status %v, %v; want a draft", p.Status, err)
		}
		stocks, err := s.Stocks(t.Context(), drafts[0].Variants[0].ID)
		if err != nil || stocks[drafts[0].Variants[0].ID].Received != 20 {
			t.Errorf("stock is not what was said once: %+v, %v", stocks, err)
		}
	}
}

func TestProductSheetFollowsTheRulesOfEditing(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	kg := p.Variants[1].ID
	sheet := s.preview(t, "Mã sản phẩm,Mã phân loại,Giá (đồng)\n"+p.Slug+","+string(kg)+",48000\n")
	if diff := cmp.Diff([]string{"2 changed"}, sheet.outcome()); diff != "" {
		t.Fatal(diff)
	}
	if _, err := s.ApplyProducts(t.Context(), farmer, "thuy-bieu", sheet.File, false); err != nil {
		t.Fatal(err)
	}
	now, err := s.PublishedProduct(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := now.Variant(kg); v.Price != 48_000 || now.Pending != nil || len(now.Variants) != 2 || now.Description != p.Description {
		t.Errorf("after a new price: %+v", now)
	}
	sheet = s.preview(t, "product;description\n"+string(p.ID)+";Ngọt hơn năm ngoái\n")
	if _, err := s.ApplyProducts(t.Context(), farmer, "thuy-bieu", sheet.File, false); err != nil {
		t.Fatal(err)
	}
	now, err = s.PublishedProduct(t.Context(), p.ID)
	if err != nil || now.Description != p.Description || now.Pending == nil || now.Pending.Content.Description.VI != "Ngọt hơn năm ngoái" {
		t.Errorf("new words do not wait for a moderator: %+v, %v", now.Pending, err)
	}
}

func TestProductSheetNamesEachVariantOnce(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	got := s.preview(t, sheetHead+
		"Mè xửng;5;;A;Hộp nhỏ;hộp;300;gam;45000;\n"+
		"Mè xửng;;;A;Hộp to;hộp;900;gam;95000;\n"+ // the same SKU
		"Mè xửng;;;;Hộp nhỏ;hộp;300;gam;46000;\n"+ // the same in words
		"Mè xửng;;;B;Hộp nhỏ;hộp;300;gam;46000;\n")
	twice := func(row int) string { return fmt.Sprintf("%d wrong | Mã phân loại: transfer.twice", row) }
	if diff := cmp.Diff([]string{"2 new", twice(3), twice(4), "5 new"}, got.outcome()); diff != "" {
		t.Errorf("new (-want +got):\n%s", diff)
	}
	id := string(p.Variants[0].ID)
	got = s.preview(t, "Mã sản phẩm;Mã phân loại;price\n"+p.Slug+";"+id+";50000\n"+p.Slug+";"+id+";60000\n"+p.Slug+";khac;60000\n")
	if diff := cmp.Diff([]string{"2 changed", twice(3), "4 wrong | Mã phân loại: transfer.variant"}, got.outcome()); diff != "" {
		t.Errorf("known (-want +got):\n%s", diff)
	}
}

func TestProductSheetKeepsTheSetOfACertificate(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	if _, err := s.Certify(t.Context(), official, p.ID, decision()); err != nil {
		t.Fatal(err)
	}
	got := s.preview(t, "product;set\n"+p.Slug+";2\n")
	if diff := cmp.Diff([]string{"2 wrong | set: catalog.set_certified"}, got.outcome()); diff != "" {
		t.Error(diff)
	}
}

// TestProductSheetYieldsToAChangeMeanwhile changes a product between reading
// and writing: its rows say so and nothing is overwritten.
func TestProductSheetYieldsToAChangeMeanwhile(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	list, err := s.readTransfer(t.Context(), farmer, "thuy-bieu", []byte("product;variant;price\n"+p.Slug+";"+string(p.Variants[0].ID)+";50000\n"))
	if err != nil {
		t.Fatal(err)
	}
	d := p.Draft()
	d.Variants[0].Price = 70_000
	if _, err := s.Edit(t.Context(), farmer, p.ID, d); err != nil {
		t.Fatal(err)
	}
	if err := s.applyGroup(t.Context(), farmer, list, list.groups[0]); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2 wrong | product: catalog.stale"}, list.outcome()); diff != "" || list.Applied != 0 {
		t.Errorf("wrote %d, %s", list.Applied, diff)
	}
	if now := s.mine(t)[0].Variants[0].Price; now != 70_000 {
		t.Errorf("the other change was overwritten: %d", now)
	}
}

func TestProductSheetsAreForTheirOwnShop(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	sheet := s.preview(t, "Mã sản phẩm;Mô tả\n"+p.Slug+";Khác\n")
	for _, by := range []market.Actor{neighbour, buyer, moderator, official, {}} {
		_, err := s.PreviewProducts(t.Context(), by, "thuy-bieu", []byte(sheetHead))
		wantError(t, err, market.KindNotFound, "catalog.missing", "")
		_, err = s.ApplyProducts(t.Context(), by, "thuy-bieu", sheet.File, true)
		wantError(t, err, market.KindNotFound, "catalog.missing", "")
		_, err = s.ExportProducts(t.Context(), by, "thuy-bieu", false)
		wantError(t, err, market.KindNotFound, "catalog.missing", "")
	}
	_, err := s.ApplyProducts(t.Context(), neighbour, "bao-la", sheet.File, true)
	wantError(t, err, market.KindNotFound, "decisions.missing", "")
	for _, name := range []string{"", "../../x", strings.Repeat("00", 32)} {
		_, err := s.ApplyProducts(t.Context(), farmer, "thuy-bieu", name, true)
		wantError(t, err, market.KindNotFound, "decisions.missing", "")
	}
	// Another's product is as unknown as one that was never there.
	for _, code := range []string{string(p.ID), p.Slug, "khong-co"} {
		got, err := s.PreviewProducts(t.Context(), neighbour, "bao-la", []byte("Mã sản phẩm;Mô tả\n"+code+";Của tôi\n"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"2 wrong | Mã sản phẩm: transfer.product"}, got.outcome()); diff != "" {
			t.Errorf("%s: %s", code, diff)
		}
	}
}

func TestUnreadableProductSheets(t *testing.T) {
	s := open(t)
	for _, test := range []struct{ name, data, key string }{
		{"nothing", "", "decisions.empty"},
		{"only a heading", sheetHead, "decisions.empty"},
		{"a heading that means nothing", "Tên sản phẩm;Màu\nA;đỏ\n", "transfer.heading"},
		{"a heading twice", "Tên sản phẩm;name\nA;B\n", "transfer.heading_twice"},
		{"no way to tell the product", "Mô tả;Giá (đồng)\nA;5000\n", "decisions.column"},
		{"broken workbook", "PK\x03\x04 and no more", "decisions.format"},
		{"too long", sheetHead + strings.Repeat("a;1\n", maxTransferRows+1), "decisions.long"},
		{"too large", strings.Repeat("x", MaxTransferBytes+1), "decisions.large"},
	} {
		_, err := s.PreviewProducts(t.Context(), farmer, "thuy-bieu", []byte(test.data))
		if market.KindOf(err) != market.KindInvalid || !strings.Contains(err.Error(), test.key) {
			t.Errorf("%s: %v, want %s", test.name, err, test.key)
		}
	}
}

func TestColumnsHaveNamesOfTheirOwn(t *testing.T) {
	sets, err := LoadSets()
	if err != nil {
		t.Fatal(err)
	}
	columns := sets.sheetColumns()
	for i, c := range columns {
		for _, heading := range []string{c.key, c.vi, c.en, strings.ToUpper(c.vi)} {
			for j, other := range columns {
				if other.headed(heading) != (i == j) {
					t.Errorf("%q heads %s: %v", heading, other.key, i != j)
				}
			}
		}
		if strings.ContainsAny(c.vi, ";,\t") {
			t.Errorf("%q would split the heading of a CSV", c.vi)
		}
	}
}

func TestTheProductTemplateCanBeImported(t *testing.T) {
	for _, workbook := range []bool{true, false} {
		s := open(t)
		data, err := s.ProductTemplate(workbook)
		if err != nil {
			t.Fatal(err)
		}
		list := s.preview(t, string(data))
		done, err := s.ApplyProducts(t.Context(), farmer, "thuy-bieu", list.File, false)
		if err != nil || done.Applied != 2 {
			t.Fatalf("workbook %v: wrote %d, %v, %v", workbook, done.Applied, err, list.outcome())
		}
		got, want := s.mine(t)[0], templateExample()
		blank(&got)
		blank(&want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("workbook %v (-want +got):\n%s", workbook, diff)
		}
	}
}

// blank takes out what is another in another market.
func blank(d *Draft) {
	d.ID, d.Seller, d.Revision = "", "", 0
	for i := range d.Variants {
		d.Variants[i].ID, d.Variants[i].Stock = "", 0
	}
}

// hostile makes texts that break sheets: formulas, quotes, separators, line
// ends, escapes of workbooks, wide signs.
func hostile(most int) *rapid.Generator[string] {
	bits := rapid.SampledFrom([]string{
		"=", "+", "-", "@", "'", "''", "\"", ";", ",", "\t", "\n", "\r\n", "_x0041_", "_x005F_", "_", "x0042_", "<b>", "&amp;", "]]>", " ", "\u00a0",
		"=HYPERLINK(\"http://x\")", "@SUM(1)", "＝", "＋1", "ê", "e\u0323\u0302", "🥭", "0012", "1e5", "TRUE", "#REF!", "\\", "|", "a",
	})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(bits, 0, most).Draw(t, "bits"), "")
	})
}

// anyDraft makes a product that may be whatever the room takes.
func anyDraft(t *rapid.T, s *shop, n int) Draft {
	text := func(name string) market.Text {
		line := strings.NewReplacer("\t", "", "\n", "", "\r", "")
		return market.Text{VI: line.Replace(hostile(6).Draw(t, name)), EN: line.Replace(hostile(3).Draw(t, name+" en"))}
	}
	prose := func(name string) market.Text {
		return market.Text{VI: hostile(12).Draw(t, name), EN: hostile(4).Draw(t, name+" en")}
	}
	d := Draft{
		Set: rapid.IntRange(1, 26).Draw(t, "set"), Name: text("name"), Description: prose("description"), Story: prose("story"),
		ShelfLifeDays: rapid.IntRange(0, maxShelf).Draw(t, "life"),
		Keeping: Keeping{
			Storage: text("storage"), MaxHours: rapid.IntRange(0, maxTransit).Draw(t, "hours"), ShipDays: Days(rapid.IntRange(0, int(EveryDay)).Draw(t, "days")),
			Season: Months(rapid.IntRange(0, int(allMonths)).Draw(t, "months")) & allMonths,
		},
	}
	d.Name.VI = fmt.Sprintf("%s %d", d.Name.VI+"abc", n)
	if set, _ := s.sets.Find(d.Set); set.Alcohol {
		d.Keeping.Alcohol = rapid.IntRange(0, maxAlcohol).Draw(t, "alcohol")
	}
	if rapid.Bool().Draw(t, "cold") {
		low := rapid.IntRange(coldest, hottest).Draw(t, "low")
		d.Keeping.Cold = Cold{true, low, rapid.IntRange(low, hottest).Draw(t, "high")}
	}
	if packings := s.sets.Packings(start); rapid.Bool().Draw(t, "packed") {
		d.Keeping.Packing = rapid.SampledFrom(packings).Draw(t, "packing").Code
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "variants") {
		d.Variants = append(d.Variants, anyVariant(t, text, i))
	}
	return d
}

func anyVariant(t *rapid.T, text func(string) market.Text, n int) VariantDraft {
	v := VariantDraft{
		Name: text("variant"), Unit: rapid.SampledFrom([]string{"hộp", "hop", "Gói", "bịch lá"}).Draw(t, "unit"),
		Size:  market.Size{Base: market.Grams, Amount: rapid.Int64Range(1, maxSize).Draw(t, "amount")},
		Price: market.VND(rapid.Int64Range(int64(minPrice), int64(maxPrice)).Draw(t, "price")),
		Terms: Terms{Min: rapid.Int64Range(0, maxOrder).Draw(t, "min"), Step: rapid.Int64Range(0, maxOrder).Draw(t, "step")},
	}
	v.Name.VI = fmt.Sprintf("%s%d", v.Name.VI, n)
	v.SKU = rapid.SampledFrom([]string{"", fmt.Sprintf("=%d", n), fmt.Sprintf("00%d", n)}).Draw(t, "sku")
	if rapid.Bool().Draw(t, "pieces") {
		v.Size.Base = market.Pieces
		low := rapid.Int64Range(1, maxSize).Draw(t, "lightest")
		v.Terms.Band = Band{low, rapid.Int64Range(low, maxSize).Draw(t, "heaviest")}
	} else {
		v.Terms.Catch = rapid.Bool().Draw(t, "catch")
	}
	return v
}

// opened is somebody with a shop of their own, new and empty.
func (s *shop) opened(name string) market.Actor {
	id := market.ID(name)
	s.cards[id] = SellerCard{ID: id, Slug: name, Name: market.Text{VI: name}, Ward: "19774"}
	return market.Actor{Person: id, Sellers: []market.ID{id}}
}

// TestExportThenImportIsTheIdentity: into the same shop it changes nothing,
// into an empty one it makes the same products again.
func TestExportThenImportIsTheIdentity(t *testing.T) {
	s, runs := open(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		from, to := s.opened(fmt.Sprint("from-", runs)), s.opened(fmt.Sprint("to-", runs))
		for n := range rapid.IntRange(1, 3).Draw(rt, "products") {
			d := anyDraft(rt, s, n)
			d.Seller = from.Person
			if _, err := s.CreateDraft(t.Context(), from, d); err != nil {
				rt.Fatal(err)
			}
		}
		workbook := rapid.Bool().Draw(rt, "workbook")
		data, err := s.ExportProducts(t.Context(), from, from.Person, workbook)
		if err != nil {
			rt.Fatal(err)
		}
		before := s.goodsOf(t, from.Person)
		list := s.previewBy(t, from, string(data))
		done, err := s.ApplyProducts(t.Context(), from, from.Person, list.File, false)
		if err != nil || done.Applied != 0 || list.Known != len(list.Rows) {
			rt.Fatalf("wrote %d, %v, %v", done.Applied, err, list.outcome())
		}
		if diff := cmp.Diff(before, s.goodsOf(t, from.Person)); diff != "" {
			rt.Fatalf("changed (-was +is):\n%s", diff)
		}
		list = s.previewBy(t, to, string(withoutIDs(t, data, workbook)))
		done, err = s.ApplyProducts(t.Context(), to, to.Person, list.File, false)
		if err != nil || done.Applied != len(list.Rows) {
			rt.Fatalf("wrote %d of %d, %v, %v", done.Applied, len(list.Rows), err, list.outcome())
		}
		wantSameGoods(rt, before, s.goodsOf(t, to.Person))
	})
}

func wantSameGoods(t *rapid.T, before, after []Draft) {
	for _, drafts := range [][]Draft{before, after} {
		for i := range drafts {
			blank(&drafts[i])
		}
	}
	byName := cmp.Transformer("byName", func(drafts []Draft) map[string]Draft {
		out := map[string]Draft{}
		for _, d := range drafts {
			out[d.Name.VI] = d
		}
		return out
	})
	if diff := cmp.Diff(before, after, byName); diff != "" {
		t.Fatalf("other market (-was +is):\n%s", diff)
	}
}

// withoutIDs takes the ids out of a sheet.
func withoutIDs(t testing.TB, data []byte, workbook bool) []byte {
	t.Helper()
	rows, err := readSheet(data, transferLimits)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		for i, title := range rows[0] {
			if (title == "Mã sản phẩm" || title == "Mã phân loại") && i < len(row) {
				row[i] = ""
			}
		}
	}
	data, err = writeTransfer(rows, workbook)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestNoCellOfAnExportIsAFormula holds the raw cells against ASVS 1.2.10.
func TestNoCellOfAnExportIsAFormula(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(hostile(5), rapid.String()).Draw(rt, "text")
		cell := PlainCell(text)
		if cell != "" && strings.ContainsRune("=+-@\t\r\n\x00", rune(cell[0])) {
			rt.Fatalf("%q is written as %q", text, cell)
		}
		if got := typedCell(cell); got != text {
			rt.Fatalf("%q came back as %q", text, got)
		}
	})
	s := open(t)
	d := pomelo()
	d.Name.VI, d.Description.VI = "=1+1 bưởi", "@SUM(A1)"
	s.draft(t, d)
	data, err := s.ExportProducts(t.Context(), farmer, "thuy-bieu", false)
	if err != nil || !bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) || !bytes.Contains(data, []byte(",'=1+1 bưởi,")) || !bytes.Contains(data, []byte(",'@SUM(A1),")) {
		t.Errorf("%s %v", data, err)
	}
}
