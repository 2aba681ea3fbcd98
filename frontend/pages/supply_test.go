package pages_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"chohue/cooperatives"
	"chohue/frontend/pages"
	"chohue/market"
	"chohue/search"
	"chohue/store"
)

// barn is what a pool needs of other rooms, with sales that are given.
type barn struct {
	rooms *pages.Rooms
	sales []cooperatives.Sale
}

func (b *barn) Good(ctx context.Context, seller, variant market.ID) (cooperatives.Good, error) {
	p, err := b.rooms.Catalog.ByVariant(ctx, variant)
	if err != nil || p.Seller != seller {
		return cooperatives.Good{}, market.NotFound("catalog.missing")
	}
	return cooperatives.Good{Product: p.ID, Name: p.Name, Unit: "kg", Size: market.Size{Base: market.Grams, Amount: 1000}}, nil
}
func (b *barn) Bring(context.Context, cooperatives.Brought) error { return nil }
func (b *barn) Post(context.Context, cooperatives.Entry) error    { return nil }
func (b *barn) Sales(context.Context, market.ID, time.Time, time.Time) ([]cooperatives.Sale, error) {
	return b.sales, nil
}

func (b *barn) Owner(ctx context.Context, product market.ID) (market.ID, error) {
	p, err := b.rooms.Catalog.Product(ctx, market.System, product)
	if err != nil {
		return "", err
	}
	return p.Seller, nil
}

func (b *barn) TakeDown(ctx context.Context, by market.Actor, product market.ID, reason string) error {
	_, err := b.rooms.Catalog.Reject(ctx, by, product, reason)
	return err
}

// cooperate opens the rooms of papers, pooled stock and takedowns.
func (s *shop) cooperate(engine store.Engine, r *pages.Rooms) {
	s.t.Helper()
	s.barn = &barn{rooms: r}
	var err error
	r.Papers = cooperatives.NewPapers(r.Sellers, r.Files)
	r.Pool, err = cooperatives.NewPool(s.t.Context(), engine, r.Sellers, cooperatives.Outside{Goods: s.barn, Shelf: s.barn, Sales: s.barn, Ledger: s.barn})
	s.must(err)
	r.Takedowns, err = cooperatives.NewTakedowns(s.t.Context(), engine, r.Sellers, s.barn)
	s.must(err)
}

// hand sends a paper with a form.
func (v *visitor) hand(path string, data []byte, pairs ...string) int {
	v.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		v.must(w.WriteField(pairs[i], pairs[i+1]))
	}
	part, err := w.CreateFormFile("file", "giay.pdf")
	v.must(err)
	_, err = part.Write(data)
	v.must(err)
	v.must(w.Close())
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.server.URL+path, &body)
	v.must(err)
	r.Header.Set("Content-Type", w.FormDataContentType())
	resp, err := v.client.Do(r)
	v.must(err)
	v.must(resp.Body.Close())
	return resp.StatusCode
}

func TestPapersFromShownToApproved(t *testing.T) {
	s := newShop(t)
	manager := s.member("0905000101", "Chị Quản Lý", s.coop, cooperatives.MemberManager)
	moderator := s.staff("0905000102", "Kiểm Duyệt", market.RoleModerator)
	manager.post("/hop-tac-xa/giay-to/nganh-hang", "sets", "21").says("Đã ghi nhóm hàng")
	if got := manager.hand("/hop-tac-xa/giay-to", []byte("<script>"), "code", "tax"); got != http.StatusUnprocessableEntity {
		t.Errorf("a script as a paper: %d", got)
	}
	if got := manager.hand("/hop-tac-xa/giay-to", []byte("%PDF-1.7 x"), "code", "tax", "id", "PAPER000001"); got != http.StatusSeeOther {
		t.Fatalf("upload: %d", got)
	}
	manager.get("/hop-tac-xa/giay-to").is(200).says("Chờ duyệt", "Đã xong 0 trên 5")
	dossier := "/quan-tri/nguoi-ban/" + string(s.coop)
	moderator.get("/quan-tri/giay-to").is(200).says("HTX Thủy Biều")
	file := moderator.get(dossier + "/giay-to/PAPER000001").is(200)
	if got := file.header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") || file.header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("a paper is sent with %v", file.header)
	}
	moderator.post(dossier+"/giay-to/PAPER000001", "decision", "approve").is(200).says("Đã duyệt", "Đã xong 1 trên 5")
}

func TestASettlementThroughThePages(t *testing.T) {
	s := newShop(t)
	manager := s.member("0905000101", "Chị Quản Lý", s.coop, cooperatives.MemberManager)
	farmer := s.member("0905000103", "Anh Hiệp", s.coop, cooperatives.MemberFarmer)
	hiep, err := s.rooms.Accounts.ByPhone(t.Context(), market.System, "0905000103")
	s.must(err)
	last := time.Now().In(market.HueZone).AddDate(0, 0, -time.Now().In(market.HueZone).Day())
	month := last.Format("2006-01")
	manager.post("/hop-tac-xa/nhap-hang", "id", "DELIVERY0001", "member", string(hiep.ID), "variant", string(s.variant["kg"]), "units", "10", "grade", "A", "at", last.Format(time.DateOnly)).is(200).says("Đã ghi", "Anh Hiệp")
	product, err := s.rooms.Catalog.ByVariant(t.Context(), s.variant["kg"])
	s.must(err)
	s.barn.sales = []cooperatives.Sale{{ID: "1", Product: product.ID, Base: 5000, Amount: 225_000, Fee: 6_750}}
	manager.get("/hop-tac-xa/chia-tien?thang="+month).is(200).says("225.000 ₫", "207.000 ₫")
	one := manager.post("/hop-tac-xa/chia-tien", "month", month).is(200)
	one.says("Chờ duyệt", "Cần một người khác")
	manager.post(one.at.Path + "/duyet").says("Cần một người thứ hai")
	farmer.post(one.at.Path + "/duyet").is(200).says("Đã duyệt và vào sổ")
	farmer.get("/hop-tac-xa/xa-vien/"+string(hiep.ID)).is(200).says("207.000 ₫", "5 kg")
	csv := manager.get(one.at.Path + "/bang.csv").is(200)
	if !strings.Contains(csv.body, month+",Anh Hiệp,Thanh trà Thủy Biều,A,100,5000,grams,207000") {
		t.Errorf("csv = %s", csv.body)
	}
	manager.post(one.at.Path+"/dao", "reason", "ghi sót một chuyến").is(200).says("Đã đảo")
	manager.get("/hop-tac-xa/nhat-ky").is(200).says("duyệt kỳ chia tiền", "không dòng nào bị sửa")
}

func TestTakedownThroughThePages(t *testing.T) {
	s := newShop(t)
	official := s.staff("0905000105", "Cán Bộ", market.RoleOfficial)
	moderator := s.staff("0905000102", "Kiểm Duyệt", market.RoleModerator)
	official.post("/quan-tri/go-bo", "id", "LETTER0001", "product", s.server.URL+"/san-pham/non-la-bai-tho", "authority", "Sở Công Thương", "document", "12/SCT", "basis", "Luật 122/2025/QH15", "grounds", "Nhãn sai").
		is(200).says("Nón lá bài thơ", "còn 23 h 59 m")
	official.post("/quan-tri/go-bo/LETTER0001/go").is(403)
	moderator.post("/quan-tri/go-bo/LETTER0001/go").is(200).says("Đã gỡ khỏi chợ", "trước hạn")
	s.visitor().get("/san-pham/non-la-bai-tho").is(404)
}

func TestRankingIsPublishedInBothLanguages(t *testing.T) {
	s := newShop(t)
	for _, lang := range []string{"vi", "en"} {
		got := s.visitor().get("/quy-che/xep-hang?lang=" + lang).is(200)
		rows := len(got.all("tr")) - 1
		if rows != len(search.Criteria()) {
			t.Errorf("%s: %d rows, want %d", lang, rows, len(search.Criteria()))
		}
		if strings.Contains(got.text(), "ranking.") {
			t.Errorf("%s: words are missing: %s", lang, got.text())
		}
	}
}
