package catalog

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
)

const listHead = "Tên sản phẩm;Chủ thể;Số quyết định;Ngày quyết định;Cơ quan;Cấp;Số sao;Điểm;Hiệu lực đến\n"

func TestDecisionListTellsWhatIsWrongWhere(t *testing.T) {
	s := open(t)
	s.show(t, pomelo())
	list := listHead +
		"Thanh trà Thủy Biều;HTX Thủy Biều;912/QĐ-UBND;15/06/2026;UBND thành phố Huế;Thành phố;;78,5;\n" +
		"THANH TRA THUY BIEU;htx thuy bieu;912/QĐ-UBND;2026-06-15;UBND thành phố Huế;tỉnh;4;;\n" + // the same again
		"Thanh trà Thủy Biền;HTX Thủy Biều;1/QĐ-UBND;31/02/2026;UBND;xã;4 sao;;\n" +
		"Thanh trà Thủy Biều;HTX Bao La;2/QĐ-UBND;15/06/2026;UBND;tỉnh;bốn;;\n" +
		";;;;;;;;\n" +
		"Thanh trà Thủy Biều;HTX Thủy Biều;3/QĐ-UBND;15/06/2026;=HYPERLINK(\"x\");tỉnh;2;;15/06/2035\n" +
		"Thanh trà Thủy Biều;HTX Thủy Biều;4/QĐ-UBND;15/06/2026;UBND;tỉnh;5;40;15/06/2035\n"
	got, err := s.PreviewDecisions(t.Context(), official, []byte(list))
	if err != nil {
		t.Fatal(err)
	}
	var report []string
	for _, row := range got.Rows {
		var line strings.Builder
		line.WriteString(string(row.State))
		for _, w := range row.Wrongs {
			line.WriteString(" | " + w.Column + ": " + w.Err.Key)
		}
		report = append(report, line.String())
	}
	want := []string{
		"new", "known",
		"wrong | Cấp: decisions.level | Ngày quyết định: decisions.date | Tên sản phẩm: decisions.name",
		"wrong | Chủ thể: decisions.seller | Số sao: decisions.stars",
		"wrong | Cơ quan: decisions.formula",
		"wrong | Hiệu lực đến: certificate.valid_to | Số sao: certificate.stars",
	}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if got.Rows[4].Row != 7 {
		t.Errorf("row below an empty one is %d, want 7 as spreadsheets count", got.Rows[4].Row)
	}
}

func TestDecisionListIsEnteredOnce(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	good := "Thanh trà Thủy Biều;HTX Thủy Biều;912/QĐ-UBND;15/06/2026;UBND thành phố Huế;Thành phố;;78,5;\n"
	list, err := s.PreviewDecisions(t.Context(), official, []byte(listHead+good+"Không có;HTX;5/QĐ-UBND;15/06/2026;UBND;tỉnh;3;;\n"))
	if err != nil {
		t.Fatal(err)
	}
	if now, _ := s.PublishedProduct(t.Context(), p.ID); len(now.Certificates) != 0 {
		t.Fatal("the preview entered something")
	}
	_, err = s.ApplyDecisions(t.Context(), official, list.File, false)
	wantError(t, err, market.KindConflict, "decisions.wrong", "")
	if now, _ := s.PublishedProduct(t.Context(), p.ID); len(now.Certificates) != 0 {
		t.Fatal("a list with a wrong row was entered whole")
	}
	for want := 1; want >= 0; want-- {
		done, err := s.ApplyDecisions(t.Context(), official, list.File, true)
		if err != nil || done.Applied != want || done.Known != 1-want {
			t.Errorf("entered %d, known %d, %v; want %d entered", done.Applied, done.Known, err, want)
		}
	}
	if _, err := s.Revoke(t.Context(), official, p.ID, list.Rows[0].Certificate.ID, withdrawal); err != nil {
		t.Fatal(err)
	}
	done, err := s.ApplyDecisions(t.Context(), official, list.File, true)
	if err != nil || done.Applied != 0 {
		t.Errorf("a revoked decision came back: %d entered, %v", done.Applied, err)
	}
}

func TestDecisionListIsForOfficials(t *testing.T) {
	s := open(t)
	for _, by := range []market.Actor{farmer, moderator, buyer, {}} {
		_, err := s.PreviewDecisions(t.Context(), by, []byte(listHead))
		wantError(t, err, market.KindForbidden, "catalog.forbidden", "")
		_, err = s.ApplyDecisions(t.Context(), by, strings.Repeat("00", 32), true)
		wantError(t, err, market.KindForbidden, "catalog.forbidden", "")
	}
	for _, name := range []string{strings.Repeat("00", 32), "../../etc/passwd", ""} {
		_, err := s.ApplyDecisions(t.Context(), official, name, true)
		wantError(t, err, market.KindNotFound, "decisions.missing", "")
	}
}

func TestUnreadableLists(t *testing.T) {
	s := open(t)
	for _, test := range []struct{ name, data, key string }{
		{"nothing", "", "decisions.empty"},
		{"only a heading", listHead, "decisions.empty"},
		{"other columns", "a,b\n1,2\n", "decisions.column"},
		{"broken workbook", "PK\x03\x04 and no more", "decisions.format"},
		{"too long", listHead + strings.Repeat("a;b\n", maxListRows+1), "decisions.long"},
		{"too large", strings.Repeat("x", MaxListBytes+1), "decisions.large"},
	} {
		_, err := s.PreviewDecisions(t.Context(), official, []byte(test.data))
		if market.KindOf(err) != market.KindInvalid || !strings.Contains(err.Error(), test.key) {
			t.Errorf("%s: %v, want %s", test.name, err, test.key)
		}
	}
}

func TestTheTemplateCanBeImported(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	for _, workbook := range []bool{true, false} {
		data, err := DecisionTemplate(workbook)
		if err != nil {
			t.Fatal(err)
		}
		list, err := s.PreviewDecisions(t.Context(), official, data)
		if err != nil {
			t.Fatal(err)
		}
		if list.New != 1 || list.Rows[0].Product != p.ID || list.Rows[0].Certificate.Stars != 4 {
			t.Errorf("workbook %v: %d new, %+v", workbook, list.New, list.Rows[0].Wrongs)
		}
	}
}

func TestWorkbookDaysAreNumbers(t *testing.T) {
	for text, want := range map[string]string{"46188": "2026-06-15", "15/06/2026": "2026-06-15", "5-1-2026": "2026-01-05", "2026-06-15": "2026-06-15"} {
		at, ok := readDate(text)
		if got := at.In(market.HueZone).Format("2006-01-02"); !ok || got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"", "31/02/2026", "12", "06-15-26", "mai"} {
		if at, ok := readDate(text); ok {
			t.Errorf("%q was read as %s", text, at)
		}
	}
}

func TestSheetsRunNoFormulas(t *testing.T) {
	rows := [][]string{{"=1+1", "+84", "-2", "@a", "plain"}}
	data, err := WriteSheetCSV(rows)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(bytes.TrimSpace(data)), "\xef\xbb\xbf'=1+1,'+84,'-2,'@a,plain"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	book, err := WriteWorkbook("a", rows)
	if err != nil {
		t.Fatal(err)
	}
	got, err := readSheet(book, listLimits)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows, got); diff != "" {
		t.Errorf("workbook (-want +got):\n%s", diff)
	}
}
