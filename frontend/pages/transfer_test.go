package pages_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"chohue/cooperatives"
)

// sendSheet uploads a file to be read.
func (v *visitor) sendSheet(path, name, content string) page {
	v.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", name)
	v.must(err)
	_, err = io.WriteString(file, content)
	v.must(err)
	v.must(form.Close())
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.server.URL+path, &body)
	v.must(err)
	r.Header.Set("Content-Type", form.FormDataContentType())
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

func TestProductsGoOutAndComeInBySheet(t *testing.T) {
	s := newShop(t)
	v := s.member("0905000002", "Tôn Thất Hiệp", s.coop, cooperatives.MemberManager)
	for _, door := range []string{"/nong-ho", "/hop-tac-xa"} {
		at := door + "/nhap-xuat"
		v.get(at).is(200)
		for _, file := range []string{"/san-pham.csv", "/san-pham.xlsx", "/mau.csv", "/mau.xlsx"} {
			got := v.get(at + file).is(200)
			if !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment;") {
				t.Errorf("%s is not sent as a file: %v", file, got.header)
			}
			if read := v.sendSheet(at, file, got.body).is(200); strings.Contains(read.text(), "Cần sửa: ") || !strings.Contains(read.text(), "0 dòng sai") {
				t.Errorf("%s cannot be read again: %s", file, read.text())
			}
		}
	}
	v.sendSheet("/nong-ho/nhap-xuat", "a.csv", "Tên sản phẩm;Bộ sản phẩm OCOP;Màu\nDưa gang;1;vàng\n").is(422).says("Chợ không biết cột “Màu”")
	read := v.sendSheet("/nong-ho/nhap-xuat", "a.csv", "Tên sản phẩm;Bộ sản phẩm OCOP;Đơn vị bán;Giá (đồng)\nDưa gang muối;7;kg;bốn chục\nDưa món;7;kg;80 nghìn\n").is(200)
	read.says("Cột Giá (đồng): “bốn chục” không phải giá.")
	done := v.post(read.action(sheetOf(read)), "rows", "valid").is(200)
	done.says("Đã ghi 1 dòng")
	done.says("Dưa món")
	if strings.Contains(done.text(), "Dưa gang muối") {
		t.Error("a wrong row was written")
	}
}

// sheetOf is the end of the address under which the sheet can be applied.
func sheetOf(p page) string {
	for _, f := range p.all("form") {
		if _, list, ok := strings.Cut(attr(f, "action"), "/nhap-xuat/"); ok {
			list, _, _ = strings.Cut(list, "?")
			return list
		}
	}
	p.t.Fatalf("nothing to apply: %s", p.text())
	return ""
}
