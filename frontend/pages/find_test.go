package pages_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"chohue/livestream"
	"chohue/market"
)

func TestSearch(t *testing.T) {
	v := newShop(t).visitor()
	for path, want := range map[string]string{
		"/tim":                        "3 sản phẩm",
		"/tim?q=thanh+tra":            "Thanh trà Thủy Biều",
		"/tim?q=NON+LA":               "Nón lá bài thơ",
		"/tim?set=14":                 "Rượu Ô Lâu",
		"/tim?stars=4":                "Thanh trà Thủy Biều",
		"/tim?from=100k&to=1tr":       "Nón lá bài thơ",
		"/tim?ward=19813&sort=-price": "3 sản phẩm",
		"/tim?q=m%C3%A1y+bay":         "Chưa tìm thấy “máy bay”",
		"/tim?set=x&stars=9&sort=zz&offset=-1&from=abc": "3 sản phẩm",
	} {
		v.get(path).is(200).says(want)
	}
	if text := v.get("/tim?stars=4").text(); strings.Contains(text, "Nón lá bài thơ · Thuỷ") {
		t.Error("a product without stars is among those with four")
	}
	v.get("/tim?q=khong+co+gi").says("Gõ có dấu hay không dấu đều được", "Có thể bạn thích", "Mới lên chợ")
}

func TestSaleLinkMarksWhatIsBought(t *testing.T) {
	s := newShop(t)
	product, err := s.rooms.Catalog.ByVariant(t.Context(), s.variant["kg"])
	s.must(err)
	by := market.Actor{Person: "p1", Roles: []market.Role{market.RoleFarmer}, Sellers: []market.ID{s.coop}}
	link, err := s.rooms.Livestream.CreateLink(t.Context(), by, livestream.LinkDraft{Product: product.ID, Channel: "facebook_live"})
	s.must(err)
	v := s.visitor()
	got := v.get("/l/" + link.Code).is(http.StatusSeeOther)
	if got.header.Get("Location") != "/san-pham/thanh-tra-thuy-bieu" {
		t.Fatalf("the link leads to %q", got.header.Get("Location"))
	}
	for _, name := range []string{"kg", "hat"} {
		slug := map[string]string{"kg": "thanh-tra-thuy-bieu", "hat": "non-la-bai-tho"}[name]
		v.post("/gio-hang/them", "product", slug, "variant", string(s.variant[name]), "quantity", "1").is(200)
	}
	total := attr(v.post("/thanh-toan", with(address, "area", "province")...).input("expect"), "value")
	order := v.post("/thanh-toan", with(address, "method", "cod", "expect", total)...).is(200)
	o, err := s.rooms.Orders.Order(t.Context(), market.System, market.ID(strings.TrimPrefix(order.at.Path, "/don-hang/")), "")
	s.must(err)
	for _, parcel := range o.Parcels {
		line := parcel.Lines[0]
		if mine := parcel.Seller == s.coop; (line.Touch != nil && line.Touch.Link == link.ID) != mine {
			t.Errorf("%s: touch %+v, want the link only on its seller's goods", line.Name.VI, line.Touch)
		}
	}
	head := v.do(http.MethodHead, "/l/"+link.Code, nil)
	if head.status != 200 {
		t.Errorf("HEAD: status %d, want a page to preview", head.status)
	}
	if again, err := s.rooms.Livestream.Link(t.Context(), link.Code); err != nil || again.Clicks != 1 {
		t.Errorf("clicks %d, %v; want the one visitor", again.Clicks, err)
	}
}

func TestSigningInBringsTheCartAlong(t *testing.T) {
	s := newShop(t)
	v := s.visitor()
	v.post("/gio-hang/them", "product", "thanh-tra-thuy-bieu", "variant", string(s.variant["kg"]), "quantity", "3").is(200)
	if got := v.get("/tai-khoan"); got.header.Get("Location") != "/dang-nhap?tiep=%2Ftai-khoan" {
		t.Errorf("the account of a guest: %d to %q", got.status, got.header.Get("Location"))
	}
	v.post("/dang-nhap", "phone", "123").is(422).says("Số điện thoại chưa đúng")
	v.post("/dang-nhap", "phone", "0905 333 444", "tiep", "//evil.example").is(200).says("Mã 6 số đã gửi tới 0905 333 444")
	v.post("/dang-nhap/ma", "code", "000000").is(422).says("Mã chưa đúng")
	code := regexp.MustCompile(`\d{6}`).FindString(v.get("/hop-thu").is(200).text())
	home := v.post("/dang-nhap/ma", "code", code).is(200)
	if home.at.Path != "/" || home.at.Host != strings.TrimPrefix(s.server.URL, "http://") {
		t.Errorf("signing in leads to %s, want the home page", home.at)
	}
	v.get("/gio-hang").is(200).says("135.000 ₫")

	// The same person elsewhere finds the cart again.
	other := s.visitor()
	other.post("/dang-nhap", "phone", "0905333444", "tiep", "/gio-hang").is(200)
	code = regexp.MustCompile(`\d{6}`).FindString(other.get("/hop-thu").text())
	other.post("/dang-nhap/ma", "code", code).is(200).says("135.000 ₫")

	saved := v.post("/tai-khoan", "name", "Lê Thị Hoa", "lang", "vi", "province", "46", "ward", "19813", "street", "5 Kim Long").is(200)
	saved.says("Đã lưu.", "Lê Thị Hoa")
	v.post("/tai-khoan", "name", "", "lang", "vi").is(422).says("họ tên")
	if got := v.get("/thanh-toan").is(200); attr(got.input("street"), "value") != "5 Kim Long" || attr(got.input("expect"), "value") == "0" {
		t.Error("the saved address is not filled in at checkout, or delivery to it not priced")
	}
	v.post("/dang-xuat/tat-ca").is(200)
	if got := other.get("/tai-khoan"); got.status != http.StatusSeeOther {
		t.Errorf("after signing out everywhere another device still has the account: %d", got.status)
	}
}

func TestEveryPageInBothLanguages(t *testing.T) {
	s := newShop(t)
	v := s.visitor()
	key := regexp.MustCompile(`\b(?:section|home|listing|item|shop|basket|till|receipt|order|parcel|step|orders|track|enter|me|demo|wallet|help|rules|privacy|rank|craft|method|bill|seller|error|words|words)\.[a-z_.]+\b`)
	for _, path := range []string{
		"/", "/tim", "/tim?q=zzz", "/san-pham/ruou-o-lau", "/gian-hang/htx-thuy-bieu", "/gio-hang", "/theo-doi", "/dang-nhap",
		"/tro-giup", "/quy-che", "/du-lieu-ca-nhan", "/hop-thu",
	} {
		for _, lang := range []string{"vi", "en"} {
			join := "?"
			if strings.Contains(path, "?") {
				join = "&"
			}
			got := v.get(path + join + "lang=" + lang).is(200)
			if found := key.FindAllString(got.text(), -1); len(found) > 0 {
				t.Errorf("%s in %s prints keys: %v", path, lang, found)
			}
			if n := len(got.all("h1")); n != 1 {
				t.Errorf("%s has %d h1", path, n)
			}
			if strings.Contains(got.body, " style=") {
				t.Errorf("%s has an inline style, which the content policy refuses", path)
			}
		}
	}
}

func TestErrorPages(t *testing.T) {
	s := newShop(t)
	v := s.visitor()
	for path, want := range map[string]int{
		"/khong-co": 404, "/san-pham/khong-co": 404, "/gian-hang/khong-co": 404, "/don-hang/khong-co": 404, "/l/khong-co": 404,
		"/thanh-toan/khong-co": 404, "/sandbox/pay?amount=1": 403,
	} {
		v.get(path).is(want).says("Về trang chủ")
	}
	if got := v.get("/thanh-toan"); got.header.Get("Location") != "/gio-hang" {
		t.Errorf("checkout without a cart: %d", got.status)
	}
	if text := v.get("/sitemap.xml").is(200).body; !strings.Contains(text, "/san-pham/non-la-bai-tho") || !strings.Contains(text, "</urlset>") {
		t.Errorf("sitemap: %s", text)
	}
	if got := v.do(http.MethodHead, "/tim", nil); got.status != 200 || got.body != "" {
		t.Errorf("HEAD: status %d, body %q", got.status, got.body)
	}
	v.get("/robots.txt").is(200).says("Sitemap:")
	v.get("/phuong-xa?province=46").is(200).says("Thuận Hoá")
}
