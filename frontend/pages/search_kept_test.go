package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"chohue/market"
)

func TestWhatIsSearchedForIsMarkedInNames(t *testing.T) {
	v := newShop(t).visitor()
	if got := v.get("/tim?q=thanh+tra").is(200); len(got.all("mark")) == 0 {
		t.Error("nothing is marked in the names found")
	}
	if got := v.get("/tim").is(200); len(got.all("mark")) != 0 {
		t.Error("names are marked although nothing was searched for")
	}
}

func TestNearestWardFirst(t *testing.T) {
	v := newShop(t).visitor()
	v.get("/tim?near=19813").is(200).says("Gần Thuỷ Xuân trước", "3 sản phẩm")
	v.get("/tim?near=zzz").is(200).says("3 sản phẩm")
}

func TestNothingFoundOffersFewerWords(t *testing.T) {
	newShop(t).visitor().get("/tim?q=thanh+tra+xyzzyq").is(200).says("Chưa tìm thấy", "thanh tra (")
}

func TestSearchesAreKeptByWhoIsSignedIn(t *testing.T) {
	s := newShop(t)
	list := "/tim?" + url.Values{"q": {"thanh trà"}, "stars": {"4"}}.Encode()
	guest := s.visitor()
	if strings.Contains(guest.get(list).text(), "Lưu tìm kiếm này") {
		t.Error("a guest is offered to keep a search")
	}
	if got := guest.post("/tim/luu", "address", list); got.at.Path != "/dang-nhap" && got.status != http.StatusUnauthorized && got.status != http.StatusSeeOther {
		t.Errorf("a guest keeps a search: %d", got.status)
	}
	lan := s.enter("0905333444")
	lan.get(list).is(200).says("Lưu tìm kiếm này")
	lan.post("/tim/luu", "address", list).is(200).says("Đã lưu tìm kiếm", "xem các tìm kiếm đã lưu")
	lan.get("/tai-khoan/tim-da-luu").is(200).says("thanh trà · Từ 4 sao OCOP", "Chưa có gì mới")
	s.enter("0905333555").get("/tai-khoan/tim-da-luu").is(200).says("Chưa lưu tìm kiếm nào")
	lan.post("/tim/luu", "address", "https://evil.example/x?q=a&y=1").is(200)
	if got := lan.get("/tai-khoan/tim-da-luu").is(200); strings.Contains(got.text(), "evil") {
		t.Error("an address that is no list is kept")
	}
	lan.post("/tai-khoan/tim-da-luu", "address", list).is(200).says("Đã bỏ lưu")
}

func TestWhatPeopleDidNotFind(t *testing.T) {
	s := newShop(t)
	for range 3 {
		s.visitor().get("/tim?q=bánh+khoái").is(200)
	}
	if _, err := s.rooms.Notebook.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.staff("0905000102", "Kiểm Duyệt", market.RoleModerator).get("/quan-tri/tim-khong-thay").is(200).says("Người mua tìm mà không thấy", "bánh khoái")
	s.visitor().get("/quan-tri/tim-khong-thay").is(http.StatusSeeOther)
}
