package pages_test

import (
	"net/url"
	"strings"
	"testing"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
)

// fish is sold by the kilogram from two upwards, weighed when packed.
func (s *shop) fish(keeping catalog.Keeping) *catalog.Product {
	s.t.Helper()
	p := s.product(s.coop, "Cá dìa Tam Giang", 1, 0, catalog.VariantDraft{
		Name: market.Text{VI: "Theo ký", EN: "By the kilo"}, Unit: "kg", Size: market.Size{Base: market.Grams, Amount: 1000}, Price: 100_000, Stock: 40,
		Terms: catalog.Terms{Catch: true, Min: 2, Step: 2},
	})
	d := p.Draft()
	d.Keeping = keeping
	p, err := s.rooms.Catalog.Edit(s.t.Context(), market.System, p.ID, d)
	s.must(err)
	s.drain()
	return p
}

func TestWeighedGoodsFromTheCartToTheReceipt(t *testing.T) {
	s := newShop(t)
	p := s.fish(catalog.Keeping{})
	variant := string(p.Variants[0].ID)
	v := s.visitor()
	page := v.get("/san-pham/" + p.Slug).is(200)
	page.says("Bán từ 2 kg, thêm từng 2", "Hàng cân lại khi gói", "người bán gửi muộn nhất ngày")
	if n := page.input("quantity"); attr(n, "value") != "2" || attr(n, "data-min") != "2" || attr(n, "data-by") != "2" {
		t.Errorf("the stepper begins at %s, from %s by %s", attr(n, "value"), attr(n, "data-min"), attr(n, "data-by"))
	}
	v.post("/gio-hang/them", "product", p.Slug, "variant", variant, "quantity", "1").is(422).says("Cá dìa Tam Giang bán từ 2 trở lên")
	v.post("/gio-hang/them", "product", p.Slug, "variant", variant, "quantity", "2").is(200)
	v.post("/gio-hang", "q-"+variant, "5").is(422).says("Hãy chọn 4")
	total := attr(v.post("/thanh-toan", with(address, "area", "province")...).input("expect"), "value")
	receipt := v.post("/thanh-toan", with(address, "method", "cod", "expect", total)...).is(200)
	receipt.says("Sẽ cân khi gói", "Người bán gửi muộn nhất ngày")

	coop := s.member("0905000201", "Chị Gói", s.coop, cooperatives.MemberManager)
	links := coop.get("/hop-tac-xa").is(200).all("a")
	parcel := ""
	for _, a := range links {
		if href, _, found := strings.Cut(attr(a, "href"), "#can"); found {
			parcel = href
		}
	}
	if parcel == "" {
		t.Fatal("the board does not lead to the scales")
	}
	at, err := url.Parse(parcel)
	s.must(err)
	pack := at.Path + "/dong-goi?" + at.RawQuery
	coop.post(pack, "w-"+variant, "1.800").is(409).says("ít nhất 1900 g")
	coop.post(pack).is(422).says("Hãy nhập cân nặng thật")
	coop.post(pack, "w-"+variant, "1.950").is(200)
	v.get(receipt.at.String()).is(200).says("Cân thật", "trả lại 5.000", "195.000")
}

func TestCheckoutSaysWhatWouldSpoilOnTheWay(t *testing.T) {
	s := newShop(t)
	p := s.fish(catalog.Keeping{MaxHours: 24, Storage: market.Text{VI: "Ướp đá"}, Cold: catalog.Cold{Said: true, Max: 4}, Packing: "foam"})
	v := s.visitor()
	v.get("/san-pham/"+p.Slug).is(200).says("Ướp đá", "0 đến 4 °C", "Thùng xốp giữ lạnh", "24 giờ", "Chỉ giao trong thành phố Huế")
	v.post("/gio-hang/them", "product", p.Slug, "variant", string(p.Variants[0].ID), "quantity", "2").is(200)
	v.post("/thanh-toan", with(address, "area", "province")...).is(200).says("chỉ chịu được 24 giờ", "mất đến 72 giờ")
	v.post("/thanh-toan", with(address, "method", "cod", "expect", "1")...).is(409).says("chọn sản phẩm khác hoặc địa chỉ gần hơn")
	near := with(address, "province", "46", "ward", "19813", "area", "province")
	if got := v.post("/thanh-toan", near...).is(200); strings.Contains(got.text(), "chỉ chịu được") {
		t.Error("a near address is too far")
	}
}

func TestEditOfGoodsOnSaleThroughThePages(t *testing.T) {
	s := newShop(t)
	p := s.fish(catalog.Keeping{})
	farmer := s.member("0905000202", "Anh Nuôi", s.coop, cooperatives.MemberFarmer)
	moderator := s.staff("0905000203", "Kiểm Duyệt", market.RoleModerator)
	look := "/nong-ho/dang-ban/" + string(p.ID) + "/gui"
	farmer.get(look).is(200).says("Tiếng Anh: đã có 2 trong 4 phần")
	farmer.post(look, "description", "Cá tươi buổi sáng", "story", "Đầm phá", "name_en", "Rabbitfish", "day-1", "on", "then", "keep").is(200)
	farmer.get(look).is(200).says("Bản sửa đang chờ duyệt", "Cá tươi buổi sáng")
	if got := s.visitor().get("/san-pham/" + p.Slug).is(200).text(); strings.Contains(got, "Cá tươi buổi sáng") {
		t.Fatal("buyers read what no moderator has read")
	}
	queue := moderator.get("/quan-tri/ban-sua").is(200)
	queue.says("Đang bán", "Muốn sửa thành", "Cá tươi buổi sáng", "EN: Rabbitfish", "Ngày gửi hàng: thứ Hai")
	approve := ""
	for _, f := range queue.all("form") {
		if strings.HasSuffix(attr(f, "action"), "/duyet") {
			approve = attr(f, "action")
		}
	}
	farmer.post(approve).is(404)
	farmer.post(look, "description", "Cá ngon hơn", "story", "Đầm phá", "then", "keep").is(200)
	moderator.post(approve).is(200).says("vừa được người khác sửa")
	for _, f := range moderator.get("/quan-tri/ban-sua").is(200).all("form") {
		if strings.HasSuffix(attr(f, "action"), "/duyet") {
			approve = attr(f, "action")
		}
	}
	refuse := strings.TrimSuffix(approve, "duyet") + "tu-choi"
	moderator.post(refuse).is(422)
	moderator.post(approve).is(200).says("Đã duyệt bản sửa")
	s.visitor().get("/san-pham/" + p.Slug).is(200).says("Cá ngon hơn")
}
