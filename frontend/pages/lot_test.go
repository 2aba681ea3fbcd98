package pages_test

import (
	"strings"
	"testing"
	"time"

	"chohue/cooperatives"
	"chohue/market"
)

// TestFromLotToRecall walks a lot from its form to a buyer and back.
func TestFromLotToRecall(t *testing.T) {
	s := newShop(t)
	farmer := s.member("0905000002", "Tôn Thất Hiệp", s.coop, cooperatives.MemberFarmer)
	official := s.staff("0905000004", "Hữu Phước", market.RoleOfficial)
	stranger := s.member("0905000006", "Người khác", s.craft, cooperatives.MemberFarmer)
	product, err := s.rooms.Catalog.ByVariant(t.Context(), s.variant["kg"])
	s.must(err)
	_, err = s.rooms.Catalog.SetGTIN(t.Context(), market.System, product.ID, s.variant["kg"], "9521234543213")
	s.must(err)

	form := farmer.get("/nong-ho/lo").is(200)
	made := []string{
		"id", attr(form.input("id"), "value"), "variant", string(product.ID) + ":" + string(s.variant["kg"]), "quantity", "20", "counted", "on",
		"made", "harvest", "made_at", s.now().In(market.HueZone).Format(time.DateOnly), "area", "Vườn Nguyệt Biều", "code", "NB-01",
	}
	wrong := farmer.post("/nong-ho/lo", with(made, "quantity", "0")...)
	if wrong.status != 422 || !strings.Contains(wrong.text(), "Số lượng phải lớn hơn 0") {
		t.Errorf("a lot of nothing: %d", wrong.status)
	}
	first := farmer.post("/nong-ho/lo", made...).is(200)
	again := farmer.post("/nong-ho/lo", made...).is(200)
	if first.at.Path != again.at.Path || !strings.HasPrefix(first.at.Path, "/lo/") {
		t.Fatalf("sent twice: %s and %s", first.at.Path, again.at.Path)
	}
	lot := first.at.Path
	for _, path := range []string{lot, "/01/09521234543213/10/NB-01", "/01/9521234543213/10/NB-01"} {
		text := s.visitor().get(path).is(200).text()
		for _, want := range []string{
			"Thanh trà Thủy Biều", "Vườn Nguyệt Biều", "GTIN 09521234543213", "https://id.gs1.org/01/09521234543213/10/NB-01",
			"HTX Thủy Biều", "Tiêu chuẩn, quy chuẩn áp dụng", "Thu hoạch ngày", "4 sao",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", path, want)
			}
		}
		if strings.Contains(text, "In nhãn") {
			t.Errorf("%s offers strangers to print labels", path)
		}
	}
	pdf := farmer.get(lot + "/nhan.pdf?giay=roll&so=2").is(200)
	if pdf.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(pdf.body, "%PDF-") {
		t.Errorf("labels are %s", pdf.header.Get("Content-Type"))
	}
	stranger.get(lot + "/nhan.pdf").is(404)
	stranger.get(lot + "/thu-hoi").is(404)

	s.buy(product.Slug, "kg", "cod")
	if text := farmer.get(lot + "/thu-hoi").is(200).text(); !strings.Contains(text, "HUE-") {
		t.Error("the seller does not see the order with goods of the lot")
	}
	if text := official.get(lot + "/thu-hoi").is(200).text(); strings.Contains(text, "HUE-") {
		t.Error("an official sees buyers of a lot that is not recalled")
	}
	stranger.post(lot+"/thu-hoi", "reason", "ghen tị").is(404)
	if official.post(lot+"/thu-hoi", "reason", "").status != 422 {
		t.Error("recalled without a reason")
	}
	official.post(lot+"/thu-hoi", "reason", "Dư lượng thuốc").is(200)
	s.drain()
	if text := official.get(lot + "/thu-hoi").is(200).text(); !strings.Contains(text, "HUE-") {
		t.Error("the official cannot reach the buyers of a recalled lot")
	}
	if text := s.visitor().get(lot).is(200).text(); !strings.Contains(text, "đã bị thu hồi") || !strings.Contains(text, "Dư lượng thuốc") {
		t.Error("the public page does not say that the lot is recalled")
	}
	found, err := s.rooms.Catalog.Stocks(t.Context(), s.variant["kg"])
	s.must(err)
	if k := found[s.variant["kg"]]; k.Available != 0 || k.Sold != 2 || k.Lost != 18 {
		t.Errorf("after the recall: %+v", k)
	}
	s.visitor().get("/lo/nope").is(404)
	s.visitor().get("/01/09521234543213/10/nope").is(404)
}
