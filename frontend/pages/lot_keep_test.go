package pages_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
)

// TestALotIsKeptThroughThePages hands in tests, corrects the stock and sets a
// GTIN by forms alone, wrongly first, twice, and as somebody else.
func TestALotIsKeptThroughThePages(t *testing.T) {
	s := newShop(t)
	farmer := s.member("0905000002", "Tôn Thất Hiệp", s.coop, cooperatives.MemberFarmer)
	fruit, err := s.rooms.Catalog.ByVariant(t.Context(), s.variant["kg"])
	s.must(err)
	l, err := s.rooms.Catalog.MakeLot(t.Context(), market.System, catalog.LotDraft{
		Product: fruit.ID, Variant: s.variant["kg"], Code: "NB-7", Quantity: 10, Counted: true, MadeAt: s.now().Add(-time.Hour), Name: "Hiệp",
	})
	s.must(err)
	at := "/nong-ho/lo/" + string(l.ID)
	farmer.get("/nong-ho/lo").is(200).says("NB-7")
	form := farmer.get(at).is(200)
	form.says("Lô NB-7", "Chưa có kết quả kiểm nghiệm", "Điều chỉnh số lượng", "Đường dẫn trên nhãn")

	// tests
	test := []string{"id", "TEST00000001", "name", "Vi sinh", "result", "Không phát hiện", "passed", "yes", "lab", "Trung tâm Quatest 2", "at", s.now().In(market.HueZone).Format(time.DateOnly)}
	farmer.post(at+"/kiem-nghiem", with(test, "result", "")...).is(422).says("Hãy ghi kết quả kiểm nghiệm", "Lô NB-7")
	farmer.post(at+"/kiem-nghiem", with(test, "passed", "")...).is(422).says("Hãy chọn đạt hay không đạt")
	farmer.attach(at+"/kiem-nghiem", "paper", "x.html", []byte("<script>alert(1)</script>"), test...).is(422).says("Giấy kiểm nghiệm phải là PDF")
	for range 2 {
		farmer.attach(at+"/kiem-nghiem", "paper", "phieu.pdf", []byte("%PDF-1.7 phiếu"), test...).is(http.StatusSeeOther)
	}
	trace := s.visitor().get("/lo/" + string(l.ID)).is(200)
	trace.says("Vi sinh", "Không phát hiện", "Quatest 2")
	if n := strings.Count(trace.body, "/giay/TEST00000001"); n != 1 {
		t.Errorf("a test sent twice is shown %d times", n)
	}
	if paper := s.visitor().get("/lo/" + string(l.ID) + "/giay/TEST00000001").is(200); paper.body != "%PDF-1.7 phiếu" {
		t.Errorf("paper %q", paper.body)
	}

	// corrections
	less := []string{"id", "CORRECT00001", "which", "less", "quantity", "3", "why", "hong", "reason", "dập khi bốc"}
	farmer.post(at+"/dieu-chinh", with(less, "quantity", "không")...).is(422).says("Số lượng phải lớn hơn 0")
	farmer.post(at+"/dieu-chinh", with(less, "why", "nhap_them")...).is(422).says("Hãy chọn lý do phù hợp")
	farmer.post(at+"/dieu-chinh", with(less, "quantity", "11")...).is(409)
	for range 2 {
		farmer.post(at+"/dieu-chinh", less...).is(200).says("Đã điều chỉnh", "−3", "Hỏng, dập")
	}
	farmer.post(at+"/dieu-chinh", "id", "CORRECT00002", "which", "more", "quantity", "1", "why", "kiem_ke").is(200).says("+1")
	stocks, err := s.rooms.Catalog.Stocks(t.Context(), s.variant["kg"])
	s.must(err)
	k := stocks[s.variant["kg"]]
	s.must(k.Check())
	if got, want := k.InLot(l.ID), [4]int64{8, 0, 0, 3}; got != want {
		t.Errorf("the lot has %v, want %v: a correction sent twice counts once", got, want)
	}

	// GTIN
	farmer.post(at+"/gtin", "gtin", "9521234543214").is(422).says("Số cuối của mã GTIN không khớp")
	farmer.post(at+"/gtin", "gtin", "9521234543213").is(200).says("Đã lưu mã GTIN", "09521234543213")
}
