package pages_test

import (
	"net/http"
	"strings"
	"testing"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
)

// TestARightOfNameThroughThePages enters a geographical indication, sees a
// listing that uses it refused, hands in the permit, has it refused and then
// accepted, and sees the same listing pass: by forms alone.
func TestARightOfNameThroughThePages(t *testing.T) {
	s := newShop(t)
	official := s.staff("0905000111", "Chị Lan", market.RoleOfficial)
	farmer := s.member("0905000002", "Tôn Thất Hiệp", s.coop, cooperatives.MemberManager)
	stranger := s.member("0905000006", "Người khác", s.craft, cooperatives.MemberManager)

	entered := []string{"type", "gi", "name", "Cam Nam Thử", "number", "00099", "holder", "UBND xã Nam Thử", "words", "cam nam thử", "sets", "1", "decision", "1/QĐ-SHTT", "valid_from", "2026-01-01"}
	official.post("/thong-ke/quyen-ten", with(entered, "sets", "một")...).is(422).says("26 nhóm sản phẩm")
	official.post("/thong-ke/quyen-ten", with(entered, "words", "")...).is(422).says("chỉ dẫn địa lý cần ít nhất một")
	official.post("/thong-ke/quyen-ten", entered...).is(200).says("Đã ghi quyền đối với tên gọi", "Cam Nam Thử")
	rights, err := s.rooms.Catalog.Rights(t.Context())
	s.must(err)
	var right market.ID
	for _, r := range rights {
		if r.Name == "Cam Nam Thử" {
			right = r.ID
		}
	}

	draft, err := s.rooms.Catalog.CreateDraft(t.Context(), market.System, catalog.Draft{
		Seller: s.coop, Set: 1, Name: market.Text{VI: "Cam Nam Thử chín cây"}, Description: market.Text{VI: "Hái sáng giao chiều, ngọt và thơm."},
		Variants: []catalog.VariantDraft{{Name: market.Text{VI: "1 kg"}, Unit: "kg", Size: market.Size{Base: market.Grams, Amount: 1000}, Price: 40_000, Stock: 5}},
	})
	s.must(err)
	_, err = s.rooms.Catalog.AddPhoto(t.Context(), market.System, draft.ID, photo(t, 1), market.Text{VI: "Cam"})
	s.must(err)
	send := "/nong-ho/dang-ban/" + string(draft.ID) + "/gui"
	farmer.post(send).says("là tên được bảo hộ")
	s.status(draft.ID, catalog.StatusDraft)

	claim := []string{"right", string(right), "document_no", "12/GP", "issuer", "UBND xã Nam Thử", "valid_from", "2026-02-01"}
	farmer.attach("/nong-ho/quyen-ten", "evidence", "x.html", []byte("<script>"), claim...).is(422)
	farmer.attach("/nong-ho/quyen-ten", "evidence", "gp.pdf", []byte("%PDF-1.7 giấy phép"), claim...).is(http.StatusSeeOther)
	farmer.get("/nong-ho/quyen-ten").is(200).says("12/GP", "Chờ kiểm tra")
	farmer.post(send).says("là tên được bảo hộ") // nothing rests on what nobody has checked

	judge := "/thong-ke/quyen-ten/" + string(right) + "/" + string(s.coop)
	scan := official.get(judge + "/ban-quet").is(200)
	if scan.body != "%PDF-1.7 giấy phép" || !strings.HasPrefix(scan.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("scan %q as %q", scan.body, scan.header.Get("Content-Disposition"))
	}
	stranger.get(judge + "/ban-quet").is(404)
	stranger.get("/nong-ho/quyen-ten/" + string(right) + "/ban-quet").is(404)
	stranger.post(judge).is(404)
	official.post(judge, "refused", "1", "reason", "").is(200).says("lý do")
	official.post(judge, "refused", "1", "reason", "mờ, không đọc được").is(200)
	farmer.get("/nong-ho/quyen-ten").is(200).says("Không nhận: mờ, không đọc được")
	farmer.attach("/nong-ho/quyen-ten", "evidence", "gp.pdf", []byte("%PDF-1.7 giấy phép rõ"), claim...).is(http.StatusSeeOther)
	official.post(judge).is(200).says("Được dùng")
	farmer.post(send)
	s.status(draft.ID, catalog.StatusSubmitted)
}

func (s *shop) status(product market.ID, want catalog.Status) {
	s.t.Helper()
	p, err := s.rooms.Catalog.Product(s.t.Context(), market.System, product)
	s.must(err)
	if p.Status != want {
		s.t.Errorf("the listing is %s, want %s", p.Status, want)
	}
}
