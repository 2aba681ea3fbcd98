package pages_test

import (
	"net/http"
	"testing"
	"time"

	"chohue/cooperatives"
	"chohue/market"
)

// TestVouchersAreMadeUsedAndStoppedOnPages: a seller makes one, sees its use
// against its budget, stops it; a buyer is told why a code does not count.
func TestVouchersAreMadeUsedAndStoppedOnPages(t *testing.T) {
	s := newShop(t)
	seller, v := s.member("0905000301", "Chị Quản Lý", s.coop, cooperatives.MemberManager), s.visitor()
	to := time.Now().In(market.HueZone).AddDate(0, 1, 0).Format(time.DateOnly)
	seller.get("/hop-tac-xa/uu-dai").is(200).says("Tạo ưu đãi", "Thanh trà Thủy Biều")
	bad := seller.post("/hop-tac-xa/uu-dai", "name", "Mùa thanh trà", "kind", "percent", "percent", "95", "most", "", "way", "code", "code", "MUA", "budget", "x", "to", to).is(http.StatusUnprocessableEntity)
	for _, name := range []string{"percent", "most", "code", "budget", "uses"} {
		if in := bad.input(name); in == nil || attr(in, "aria-invalid") != "true" {
			t.Errorf("%s is not marked as wrong", name)
		}
	}
	if attr(bad.input("name"), "value") != "Mùa thanh trà" {
		t.Error("what was typed is lost")
	}
	made := seller.post("/hop-tac-xa/uu-dai", "name", "Mùa thanh trà", "kind", "amount", "amount", "20.000", "percent", "9", "way", "code", "code", "mua01", "min_goods", "100.000",
		"budget", "40.000", "uses", "2", "per_person", "0", "to", to).is(200)
	made.says("Đã tạo ưu đãi", "Giảm 20.000 ₫", "MUA01", "Đã giảm 0 ₫ trên 40.000 ₫", "0/2 lượt", "Đang chạy")

	v.post("/gio-hang/them", "product", "thanh-tra-thuy-bieu", "variant", string(s.variant["kg"]), "quantity", "2").is(200)
	v.post("/thanh-toan", with(address, "apply", "1", "code", "KHONGCO")...).is(200).says("Chợ không có mã này")
	v.post("/thanh-toan", with(address, "drop", "KHONGCO")...).is(200)
	v.post("/thanh-toan", with(address, "apply", "1", "code", "mua01")...).is(200).says("Chưa đủ tiền hàng: mua thêm 10.000 ₫")
	v.post("/gio-hang", "q-"+string(s.variant["kg"]), "3").is(200)
	page := v.post("/thanh-toan", with(address, "area", "province")...).is(200)
	page.says("Đang giảm 20.000 ₫")
	v.post("/thanh-toan", with(address, "method", "cod", "expect", attr(page.input("expect"), "value"))...).is(200)
	s.drain()
	seller.get("/hop-tac-xa/uu-dai").is(200).says("Đã giảm 20.000 ₫ trên 40.000 ₫", "1/2 lượt", "Còn 20.000 ₫, 1 lượt")

	seller.post("/hop-tac-xa/uu-dai/MUA01/dung").is(200).says("Đã dừng ưu đãi", "Đã dừng")
	v.post("/gio-hang/them", "product", "thanh-tra-thuy-bieu", "variant", string(s.variant["kg"]), "quantity", "3").is(200)
	v.post("/thanh-toan", with(address, "apply", "1", "code", "mua01")...).is(200).says("Ưu đãi đã kết thúc")

	operator := s.staff("0905000303", "Vận Hành", market.RoleOperator)
	operator.post("/quan-tri/uu-dai", "name", "Chợ mời", "kind", "shipping", "way", "listed", "budget", "1.000.000", "uses", "50", "to", to, "sets", "7").is(200).says("Miễn phí giao", "Đang chạy")
	if got := s.staff("0905000304", "Kiểm Duyệt", market.RoleModerator).get("/quan-tri/uu-dai"); got.status != http.StatusNotFound {
		t.Errorf("a moderator sees the platform's: %d", got.status)
	}
}
