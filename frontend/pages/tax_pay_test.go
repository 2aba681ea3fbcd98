package pages_test

import (
	"strings"
	"testing"
	"time"

	"chohue/market"
)

// A month's withheld tax from the list of months to the treasury's receipt, by
// two people and every form sent twice. The list, the declaration and the
// ledger say the same all along.
func TestWithheldTaxIsPaidThroughThePages(t *testing.T) {
	s := newShop(t)
	_, variant := s.household()
	s.paid("me-xung-deo", variant)
	first := s.staff("0905000021", "Lan", market.RoleOperator)
	first.get("/quan-tri/thue").is(200).says("Tháng 11/2026", "Chưa hết tháng")
	first.get("/quan-tri/thue?thang=2026-11").is(200).says("Hộ ông Hiệp", "Tháng này chưa hết")
	first.post("/quan-tri/thue/nop", "month", "2026-11", "source", "clearing:sandbox").is(200).says("Tháng này chưa hết. Hãy nộp sau khi tháng kết thúc")

	s.later(20 * 24 * time.Hour)
	first = s.staff("0905000021", "Lan", market.RoleOperator)
	s.later(time.Minute) // so that the newest message is the newest
	second := s.staff("0905000022", "Minh", market.RoleOperator)
	month := first.get("/quan-tri/thue").is(200)
	month.says("Kê khai tháng 11/2026", "Nộp thuế tháng 11/2026", "Cần nộp", "Ví thử nghiệm")
	declared := first.get("/quan-tri/thue/bang.csv?thang=2026-11").is(200)
	if !strings.Contains(declared.body, "Hộ ông Hiệp") {
		t.Errorf("the export lacks the seller: %s", declared.body)
	}

	first.post("/quan-tri/thue/nop", "month", "2026-11", "source", "platform:fees").is(200).says("Cần nộp")
	for range 2 {
		first.post("/quan-tri/thue/nop", "month", "2026-11", "source", "clearing:sandbox").is(200).says("Khoản nộp thuế tháng 11/2026", "Chờ người thứ hai duyệt")
	}
	here := strings.TrimSuffix(first.get("/quan-tri/thue?thang=2026-11").is(200).action("/bo"), "/bo")
	first.post(here+"/duyet").is(200).says("Người lập không được tự duyệt", "Chờ người thứ hai")
	for range 2 {
		second.post(here+"/duyet", "receipt", "").is(200).says("Đã nộp đủ", "Lan", "Minh", "chưa ghi giấy nộp tiền")
	}
	second.post(here+"/giay-nop-tien", "receipt", "").is(200).says("Số giấy nộp tiền gồm 1 đến 100 ký tự")
	for range 2 {
		second.post(here+"/giay-nop-tien", "receipt", "KBNN-0099/2026").is(200).says("KBNN-0099/2026")
	}
	second.post(here+"/giay-nop-tien", "receipt", "KBNN-0100/2026").is(200).says("đã ghi giấy nộp tiền KBNN-0099/2026")
	second.post(here + "/bo").is(200).says("Đã nộp đủ")
	first.post("/quan-tri/thue/nop", "month", "2026-11", "source", "clearing:sandbox").is(200).says("không còn thuế đã khấu trừ nào chưa nộp")
	if err := s.rooms.Payments.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// Officials read the declaration; the months and the paying are the operators'.
func TestTaxIsPaidByOperatorsAlone(t *testing.T) {
	s := newShop(t)
	_, variant := s.household()
	s.paid("me-xung-deo", variant)
	s.later(20 * 24 * time.Hour)
	official := s.staff("0905000009", "Phước", market.RoleOfficial)
	if page := official.get("/quan-tri/thue?thang=2026-11").is(200); strings.Contains(page.text(), "Các tháng") || strings.Contains(page.body, "/nop") {
		t.Error("an official is offered to pay")
	}
	for _, path := range []string{"/nop", "/nop/2026-11.1/duyet", "/nop/2026-11.1/bo", "/nop/2026-11.1/giay-nop-tien"} {
		official.post("/quan-tri/thue"+path, "month", "2026-11", "source", "clearing:sandbox", "receipt", "x").is(404)
		s.visitor().post("/quan-tri/thue"+path, "month", "2026-11").is(401)
	}
}
