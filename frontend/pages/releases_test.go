package pages_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"chohue/market"
)

// releaseThing is a draft of a month in which nothing was sold.
func releaseThing(m *foreignMatrix) map[string]string {
	room, by := m.shop.rooms.Indicators, market.Actor{Person: "maker", Roles: []market.Role{market.RoleOfficial}}
	for month := time.Date(2019, 1, 1, 0, 0, 0, 0, market.HueZone); ; month = month.AddDate(0, 1, 0) {
		r, err := room.Draft(m.t.Context(), by, month.Format("2006-01"), "", m.now())
		if market.KindOf(err) == market.KindConflict {
			continue
		}
		m.must(err)
		return map[string]string{"release": string(r.ID), "deed": "kiem-tra"}
	}
}

// TestAReleaseGoesThroughTwoHands takes a month from the draft to everybody,
// with every wrong turn that the office could take.
func TestAReleaseGoesThroughTwoHands(t *testing.T) {
	s := newShop(t)
	sold := time.Date(2026, 9, 12, 9, 0, 0, 0, market.HueZone)
	s.clock.Store(&sold)
	s.traded()
	now := time.Date(2026, 10, 5, 8, 0, 0, 0, market.HueZone)
	s.clock.Store(&now)
	maker, second := s.staff("0905000004", "Hữu Phước", market.RoleOfficial), s.staff("0905000005", "Thuỳ Dung", market.RoleOfficial)
	draft := []string{"period", "2026-09", "embargo", "2026-10-06T08:00", "reason", ""}
	maker.post("/thong-ke/cong-bo", with(draft, "period", "2026-10")...).is(422).says("Kỳ này chưa kết thúc")
	maker.post("/thong-ke/cong-bo", with(draft, "embargo", "mai")...).is(422).says("Ghi ngày và giờ công bố")
	drafted := maker.post("/thong-ke/cong-bo", draft...).is(200)
	drafted.says("Đã lập bản", "Bản nháp", "Hữu Phước", "bảo mật")
	at := drafted.at.Path
	maker.post("/thong-ke/cong-bo", draft...).is(409).says("đang có một bản chờ duyệt")
	if drafted.action("/kiem-tra") == "" || strings.Contains(drafted.body, at+"/duyet") {
		t.Error("a draft can be approved before it is checked")
	}
	second.post(at + "/duyet").is(200).says("Bản này không ở bước đó")
	maker.post(at+"/kiem-tra").is(200).says("các số cộng khớp", "Người lập không được tự duyệt")
	maker.post(at+"/duyet").is(200).says("Người lập không được tự duyệt", "Chờ người thứ hai duyệt")
	second.get(at + "?dung-lai=1").is(200).says("y hệt")
	approved := second.post(at + "/duyet").is(200)
	approved.says("Đã duyệt", "chờ giờ công bố", "Thuỳ Dung", "Hữu Phước")

	guest, open := s.visitor(), strings.Replace(at, "/thong-ke/cong-bo", "/du-lieu-mo", 1)
	for _, path := range []string{open, open + "/bao-cao.pdf", "/api/v1/open-data/releases/2026-09.r1/data.csv"} {
		guest.get(path).is(http.StatusNotFound)
	}
	guest.get("/du-lieu-mo").is(200).says("Chưa công bố kỳ nào")
	second.get(open).is(200).says("Bản này chưa công bố")
	now = now.AddDate(0, 0, 2)
	s.clock.Store(&now)
	guest.get("/du-lieu-mo").is(200).says("Mới nhất: Tháng 09/2026", "Báo cáo in")
	shown := guest.get(open).is(200)
	shown.says("500.000 ₫", "bảo mật", "Tải về")
	for _, one := range []string{"400.000 ₫", "100.000 ₫"} {
		if slices.Contains(strings.Split(shown.text(), "\n"), one) {
			t.Errorf("%s is told, of which the rest is one household's", one)
		}
	}
	if pdf := guest.get(open + "/bao-cao.pdf").is(200); !strings.HasPrefix(pdf.body, "%PDF-") || pdf.header.Get("Content-Type") != "application/pdf" {
		t.Error("the report is no PDF")
	}
	if again, other := guest.get(open+"/bao-cao.pdf").body, s.visitor().get(open+"/bao-cao.pdf").body; again != other {
		t.Error("the report differs from print to print")
	}
	if text := guest.get("/sitemap.xml").is(200).body; !strings.Contains(text, open) {
		t.Error("the sitemap does not name the release")
	}
	guest.get("/").is(200)
	if links := guest.get("/").links(); !slices.Contains(links, "/du-lieu-mo") {
		t.Errorf("no way to open data among %v", links)
	}
}

// TestARevisionSaysWhyAndWhat publishes a month twice.
func TestARevisionSaysWhyAndWhat(t *testing.T) {
	s := newShop(t)
	sold := time.Date(2026, 9, 12, 9, 0, 0, 0, market.HueZone)
	s.clock.Store(&sold)
	s.traded()
	now := time.Date(2026, 10, 5, 8, 0, 0, 0, market.HueZone)
	s.clock.Store(&now)
	maker, second := s.staff("0905000004", "Hữu Phước", market.RoleOfficial), s.staff("0905000005", "Thuỳ Dung", market.RoleOfficial)
	draft := []string{"period", "2026-09", "embargo", "2026-10-05T08:00", "reason", ""}
	first := maker.post("/thong-ke/cong-bo", draft...).is(200).at.Path
	maker.post(first+"/tra-lai", "note", "sai").is(200).says("Ghi lý do, ít nhất 10 chữ")
	maker.post(first+"/tra-lai", "note", "Nhầm kỳ, lập lại giúp").is(200).says("Đã trả lại", "Nhầm kỳ, lập lại giúp")
	again := maker.post("/thong-ke/cong-bo", draft...).is(200).at.Path
	maker.post(again + "/kiem-tra").is(200)
	second.post(again + "/duyet").is(200).says("Đã công bố")
	maker.post("/thong-ke/cong-bo", draft...).is(422).says("Ghi lý do")
	revised := maker.post("/thong-ke/cong-bo", with(draft, "reason", "Thêm kiện hàng ghi nhận muộn")...).is(200)
	revised.says("Thêm kiện hàng ghi nhận muộn", "Thay đổi so với bản trước", "Không ô nào đổi")
	maker.post(revised.at.Path + "/kiem-tra").is(200)
	second.post(revised.at.Path + "/duyet").is(200)
	s.visitor().get(strings.Replace(again, "/thong-ke/cong-bo", "/du-lieu-mo", 1)).is(200).says("Kỳ này đã có bản sửa")
	s.visitor().get("/du-lieu-mo").is(200).says("bản sửa lần 2", "Thêm kiện hàng ghi nhận muộn")
	second.post(revised.at.Path + "/khong-co").is(404)
}
