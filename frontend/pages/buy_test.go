package pages_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"chohue/market"
)

var address = []string{
	"name", "Nguyễn Thị Mua", "phone", "0905 111 222", "province", "01", "ward", "00004", "street", "12 Đội Cấn",
}

func with(pairs []string, more ...string) []string {
	return append(append([]string{}, pairs...), more...)
}

func TestBuyWithTheWalletWithoutScriptOrAccount(t *testing.T) {
	s := newShop(t)
	v := s.visitor()
	v.get("/").is(200).says("Thanh trà Thủy Biều", "Nón lá bài thơ", "Mới lên chợ")
	v.get("/san-pham/thanh-tra-thuy-bieu").is(200).says("45.000 ₫ /kg", "Giá đã gồm thuế, chưa gồm phí giao.", "901/QĐ-UBND", "còn 20 kg")

	cart := v.post("/gio-hang/them", "product", "thanh-tra-thuy-bieu", "variant", string(s.variant["kg"]), "quantity", "2").is(200)
	cart.says("Đã thêm vào giỏ.", "HTX Thủy Biều", "90.000 ₫")
	v.post("/gio-hang/them", "product", "non-la-bai-tho", "variant", string(s.variant["hat"]), "quantity", "1").is(200).says("210.000 ₫", "Làng nghề Bao La")

	// A province first, as without script; then everything.
	step := v.post("/thanh-toan", with(address[:6], "area", "province")...).is(200)
	if attr(step.input("name"), "value") != "Nguyễn Thị Mua" || step.input("ward") == nil {
		t.Error("choosing a province loses what was typed, or offers no wards")
	}
	total := attr(step.input("expect"), "value")
	step.says("Phí giao", market.VND(vnd(t, total)).String())

	wallet := v.post("/thanh-toan", with(address, "method", "sandbox", "expect", total)...).is(200)
	wallet.says("Ví Thử", "Không có tiền thật", market.VND(vnd(t, total)).String())
	order := v.post("/sandbox/pay", "id", attr(wallet.input("id"), "value"), "query", attr(wallet.input("query"), "value"), "decision", "approve")
	s.drain()
	order = v.get(order.at.String()).is(200)
	order.says("Đã xác nhận", "Chờ đóng gói", market.VND(vnd(t, total)).String(), "12 Đội Cấn")
	v.get("/gio-hang").is(200).says("Giỏ hàng đang trống")

	stranger := s.visitor().get(order.at.Path).is(200)
	if strings.Contains(stranger.text(), "Đội Cấn") || strings.Contains(stranger.text(), "0905 111 222") {
		t.Error("who has only the address of an order sees where its buyer lives")
	}
	code := strings.Fields(order.all("h1")[0].FirstChild.Data)[2]
	// Both stand on the parcel's label: they show its way, not where its buyer lives.
	found := s.visitor().post("/theo-doi", "code", strings.ToLower(code), "phone", "+84905111222").is(200)
	found.says(code, "Chờ đóng gói", "N.T.M.")
	if strings.Contains(found.text(), "Đội Cấn") {
		t.Error("whoever reads a label sees all of the order")
	}
	s.visitor().post("/theo-doi", "code", code, "phone", "0905999999").is(422).says("Không có đơn nào với mã và số điện thoại này")
}

func vnd(t *testing.T, digits string) market.VND {
	t.Helper()
	v, err := market.ParseVND(digits)
	if err != nil || v == 0 {
		t.Fatalf("total %q", digits)
	}
	return v
}

func TestBadCheckoutNamesEveryFieldAndKeepsWhatWasTyped(t *testing.T) {
	s := newShop(t)
	v := s.visitor()
	v.post("/gio-hang/them", "product", "thanh-tra-thuy-bieu", "variant", string(s.variant["kg"]), "quantity", "2").is(200)
	got := v.post("/thanh-toan", "name", "M", "phone", "12", "province", "01", "street", "", "note", "Gọi trước nhé").is(http.StatusUnprocessableEntity)
	for _, name := range []string{"name", "phone", "ward", "street"} {
		if in := got.input(name); in == nil || attr(in, "aria-invalid") != "true" || attr(in, "aria-describedby") == "" {
			t.Errorf("%s is not marked as wrong", name)
		}
	}
	if attr(got.input("name"), "value") != "M" || attr(got.input("phone"), "value") != "12" || !strings.Contains(got.body, "Gọi trước nhé") {
		t.Error("what was typed is lost")
	}
	links := map[string]bool{}
	for _, a := range got.all("a") {
		links[attr(a, "href")] = true
	}
	for _, id := range []string{"#name", "#phone", "#ward", "#street", "#method"} {
		if !links[id] {
			t.Errorf("the summary does not lead to %s", id)
		}
	}
}

func TestNobodyBuysAtATotalTheyWereNotShown(t *testing.T) {
	s := newShop(t)
	v := s.visitor()
	v.post("/gio-hang/them", "product", "thanh-tra-thuy-bieu", "variant", string(s.variant["kg"]), "quantity", "2").is(200)
	for _, seen := range []string{"0", "90000", "-5", "x"} {
		got := v.post("/thanh-toan", with(address, "method", "cod", "expect", seen)...).is(http.StatusConflict)
		got.says("Tổng cộng gồm phí giao là")
		if total := attr(got.input("expect"), "value"); total == seen || total == "0" {
			t.Errorf("after %s the page carries total %s", seen, total)
		}
	}
}

func TestCashOnDeliveryAndCancelling(t *testing.T) {
	s := newShop(t)
	v := s.visitor()
	v.post("/gio-hang/them", "product", "ruou-o-lau", "variant", string(s.variant["spirit"]), "quantity", "1").is(200)
	page := v.post("/thanh-toan", with(address, "area", "province")...)
	total := attr(page.input("expect"), "value")
	v.post("/thanh-toan", with(address, "method", "cod", "expect", total)...).is(422).says("từ đủ 18 tuổi")
	order := v.post("/thanh-toan", with(address, "method", "cod", "adult", "1", "expect", total)...).is(200)
	order.says("Đã nhận đơn hàng", "Trả tiền khi nhận hàng", "Đã xác nhận")
	ended := v.post(order.at.Path+"/huy", "key", order.at.Query().Get("key"), "reason", "Đổi ý").is(200)
	ended.says("Đã huỷ đơn hàng.", "Lý do: Đổi ý")
	if got := s.visitor().post(order.at.Path+"/huy", "key", "no"); got.status != http.StatusNotFound {
		t.Errorf("a stranger's cancellation: status %d, want 404", got.status)
	}
}

func TestVietQRShowsWhereToPay(t *testing.T) {
	s := newShop(t)
	v := s.visitor()
	v.post("/gio-hang/them", "product", "thanh-tra-thuy-bieu", "variant", string(s.variant["kg"]), "quantity", "1").is(200)
	total := attr(v.post("/thanh-toan", with(address, "area", "province")...).input("expect"), "value")
	order := v.post("/thanh-toan", with(address, "method", "vietqr", "expect", total)...).is(200)
	order.says("Chờ trả tiền", "Agribank", "Số tài khoản", "Hàng được giữ cho bạn đến lúc đó")
	for _, img := range order.all("img") {
		if src := attr(img, "src"); strings.Contains(src, "ma-qr") {
			if got := v.get(src).is(200); got.header.Get("Content-Type") != "image/png" {
				t.Errorf("the code is %s", got.header.Get("Content-Type"))
			}
			return
		}
	}
	t.Error("no code to scan")
}

func TestCartSaysWhatIsWrongAndOffersAMend(t *testing.T) {
	s := newShop(t)
	v := s.visitor()
	hat := string(s.variant["hat"])
	v.post("/gio-hang/them", "product", "non-la-bai-tho", "variant", hat, "quantity", "9").is(200).says("chỉ còn 5", "Lấy 5 thôi")
	if got := v.get("/thanh-toan"); got.header.Get("Location") != "/gio-hang" {
		t.Errorf("checkout of a cart that cannot be sold: %d to %q", got.status, got.header.Get("Location"))
	}
	v.post("/gio-hang", "mend", hat+"=5", "q-"+hat, "9").is(200).says("600.000 ₫")
	v.post("/gio-hang", "q-"+hat, "hai").is(422).says("Số lượng phải là số nguyên")
	v.post("/gio-hang", "q-"+hat, "2").is(200).says("240.000 ₫")
	v.post("/gio-hang", "remove", hat, "q-"+hat, "2").is(200).says("Giỏ hàng đang trống")
	v.post("/gio-hang/them", "product", "non-la-bai-tho", "variant", hat, "quantity", "0").is(422).says("từ 1 đến 10000")
	v.post("/gio-hang/them", "product", "non-la-bai-tho", "variant", string(s.variant["kg"]), "quantity", "1").is(422).says("Hãy chọn cách mua")
}

func TestProductTellsMachinesWhatItTellsPeople(t *testing.T) {
	s := newShop(t)
	got := s.visitor().get("/san-pham/thanh-tra-thuy-bieu").is(200)
	var ld struct {
		Name   string
		Offers []struct {
			Price         int64
			PriceCurrency string
			Availability  string
		}
		HasCertification struct{ CertificationIdentification string }
	}
	for _, script := range got.all("script") {
		if attr(script, "type") == "application/ld+json" {
			s.must(json.Unmarshal([]byte(script.FirstChild.Data), &ld))
		}
	}
	if ld.Name != "Thanh trà Thủy Biều" || len(ld.Offers) != 2 || ld.Offers[0].Price != 45_000 || ld.Offers[0].PriceCurrency != "VND" ||
		!strings.HasSuffix(ld.Offers[0].Availability, "/InStock") || ld.HasCertification.CertificationIdentification != "901/QĐ-UBND" {
		t.Errorf("JSON-LD: %+v", ld)
	}
	photo := attr(got.all("img")[0], "src")
	image := s.visitor().get(photo).is(200)
	if image.header.Get("Content-Type") != "image/jpeg" || !strings.Contains(image.header.Get("Cache-Control"), "immutable") {
		t.Errorf("photo headers: %v", image.header)
	}
	for _, bad := range []string{"/anh/..%2fmarket.db", "/anh/x.jpg", "/anh/" + strings.Repeat("a", 64) + "-320.jpg"} {
		if got := s.visitor().get(bad); got.status != http.StatusNotFound {
			t.Errorf("%s: status %d", bad, got.status)
		}
	}
}

func TestRefusingAtTheWalletEndsTheOrder(t *testing.T) {
	s := newShop(t)
	v := s.visitor()
	v.post("/gio-hang/them", "product", "non-la-bai-tho", "variant", string(s.variant["hat"]), "quantity", "5").is(200)
	v.get("/san-pham/non-la-bai-tho").is(200).says("còn 5 chiếc")
	total := attr(v.post("/thanh-toan", with(address, "area", "province")...).input("expect"), "value")
	wallet := v.post("/thanh-toan", with(address, "method", "sandbox", "expect", total)...).is(200)
	v.get("/san-pham/non-la-bai-tho").is(200).says("Tạm hết hàng")
	order := v.post("/sandbox/pay", "id", attr(wallet.input("id"), "value"), "query", attr(wallet.input("query"), "value"), "decision", "refuse")
	s.drain()
	v.get(order.at.String()).is(200).says("Đơn hàng đã huỷ", "Việc trả tiền không thành")
	v.get("/san-pham/non-la-bai-tho").is(200).says("còn 5 chiếc")
	again := v.get(wallet.at.String()).is(200)
	again.says("Khoản này đã được quyết định", "Quay lại Chợ Huế")
}
