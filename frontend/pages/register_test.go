package pages_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"chohue/catalog"
	"chohue/market"
)

// attach sends a form with a file and does not follow the redirect.
func (v *visitor) attach(path, field, name string, data []byte, pairs ...string) page {
	v.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		v.must(w.WriteField(pairs[i], pairs[i+1]))
	}
	part, err := w.CreateFormFile(field, name)
	v.must(err)
	_, err = part.Write(data)
	v.must(err)
	v.must(w.Close())
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.server.URL+path, &body)
	v.must(err)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Accept", "text/html")
	resp, err := v.client.Do(r)
	v.must(err)
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	v.must(err)
	root, err := html.Parse(bytes.NewReader(answer))
	v.must(err)
	return page{v.t, resp.StatusCode, resp.Request.URL, resp.Header, string(answer), root}
}

const listHead = "Tên sản phẩm;Chủ thể;Số quyết định;Ngày quyết định;Cơ quan;Cấp;Số sao\n"

func TestOfficialImportsAList(t *testing.T) {
	s := newShop(t)
	official := s.staff("0905000111", "Chị Lan", market.RoleOfficial)
	list := listHead + "Nón lá bài thơ;Làng nghề Bao La;77/QĐ-UBND;15/06/2026;UBND thành phố Huế;Thành phố;3\n" +
		"Không ai bán;Làng nghề Bao La;77/QĐ-UBND;hôm qua;UBND;Thành phố;3\n"
	read := official.attach("/thong-ke/chung-nhan/nhap", "file", "qd.csv", []byte(list)).is(http.StatusOK)
	read.says("1 dòng mới", "1 dòng sai", "Cột Ngày quyết định", "Chỉ ghi 1 dòng đúng")
	action := ""
	for _, f := range read.all("form") {
		if a := attr(f, "action"); strings.HasPrefix(a, "/thong-ke/chung-nhan/nhap/") {
			action = a
		}
	}
	official.do(http.MethodPost, action, url.Values{}).is(http.StatusConflict)
	official.post(action, "rows", "valid").is(http.StatusOK).says("Đã ghi 1 giấy công nhận", "77/QĐ-UBND")
	for _, name := range []string{"mau.xlsx", "mau.csv"} {
		file := official.get("/thong-ke/chung-nhan/nhap/" + name).is(http.StatusOK)
		official.attach("/thong-ke/chung-nhan/nhap", "file", name, []byte(file.body)).is(http.StatusOK).says("Kết quả đọc thử")
	}
	official.attach("/thong-ke/chung-nhan/nhap", "file", "x.csv", nil).is(http.StatusUnprocessableEntity)
	for _, path := range []string{"/thong-ke/chung-nhan/nhap", "/thong-ke/ptnt-ocop.csv", "/thong-ke/quyen-ten"} {
		s.staff("0905000112", "Anh Tư", market.RoleBuyer).get(path).is(http.StatusNotFound)
	}
}

func TestStateTable(t *testing.T) {
	s := newShop(t)
	official := s.staff("0905000111", "Chị Lan", market.RoleOfficial)
	table := official.get("/thong-ke/ptnt-ocop.csv?nam=2026").is(http.StatusOK)
	if !strings.HasPrefix(table.body, "\xef\xbb\xbfMA_OCOP,Ma_DonViHanhChinh,Ma_ThoiGian,Ma_SanPham,TenSanPham,XepHang,ChuTheSXKD,DoanhThuNam,TrangThai\n") ||
		!strings.Contains(table.body, ",Thanh trà Thủy Biều,4*,HTX Thủy Biều,0.00,active\n") {
		t.Errorf("table: %s", table.body)
	}
	if book := official.get("/thong-ke/ptnt-ocop.xlsx").is(http.StatusOK); !strings.HasPrefix(book.body, "PK") {
		t.Error("not a workbook")
	}
	official.get("/thong-ke/ptnt-ocop.csv?nam=1999").is(http.StatusUnprocessableEntity)
}

func TestCertificatePageThenAndNow(t *testing.T) {
	s := newShop(t)
	official := s.staff("0905000111", "Chị Lan", market.RoleOfficial)
	p := s.fruit()
	sold := p.Certificates[0]
	path := "/chung-nhan/" + string(sold.ID)
	official.attach(path+"/ban-quet", "evidence", "qd.pdf", []byte("%PDF-1.7 scan")).is(http.StatusSeeOther)
	guest := s.visitor()
	guest.get(path + "/ban-quet").is(http.StatusNotFound)
	scan := official.get(path + "/ban-quet").is(http.StatusOK)
	if scan.body != "%PDF-1.7 scan" || !strings.HasPrefix(scan.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("scan %q as %q", scan.body, scan.header.Get("Content-Disposition"))
	}
	_, err := s.rooms.Catalog.Revoke(t.Context(), market.System, p.ID, sold.ID, catalog.Revocation{Reason: "dieu-8-1", Words: "Sai hồ sơ", DecisionNo: "9/QĐ-UBND"})
	s.must(err)
	shown := guest.get(path + "?ban=" + sold.Version).is(http.StatusOK)
	shown.says("Như khi bán", "Chưa nộp bản quét", "Hiện nay", "Đã bị thu hồi", "Sai hồ sơ")
	guest.get(path + "?ban=0000").is(http.StatusNotFound)
	guest.get("/chung-nhan/none").is(http.StatusNotFound)
}

func (s *shop) fruit() *catalog.Product {
	s.t.Helper()
	p, err := s.rooms.Catalog.ByVariant(s.t.Context(), s.variant["kg"])
	s.must(err)
	return p
}
