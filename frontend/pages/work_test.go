package pages_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
	"chohue/payments"
)

// enter is a visitor who has signed in with the number.
func (s *shop) enter(phone string) *visitor {
	s.t.Helper()
	v := s.visitor()
	v.post("/dang-nhap", "phone", phone).is(200)
	code := regexp.MustCompile(`\d{6}`).FindString(v.get("/hop-thu").is(200).text())
	v.post("/dang-nhap/ma", "code", code).is(200)
	return v
}

// staff is a visitor with roles of the platform.
func (s *shop) staff(phone, name string, roles ...market.Role) *visitor {
	s.t.Helper()
	_, err := s.rooms.Accounts.Ensure(s.t.Context(), market.System, phone, name, roles...)
	s.must(err)
	return s.enter(phone)
}

// member is a visitor who belongs to a seller.
func (s *shop) member(phone, name string, seller market.ID, role cooperatives.MemberRole) *visitor {
	s.t.Helper()
	person, err := s.rooms.Accounts.Ensure(s.t.Context(), market.System, phone, name)
	s.must(err)
	_, err = s.rooms.Sellers.AddMember(s.t.Context(), market.System, seller, cooperatives.Member{Person: person.ID, Name: name, Role: role})
	s.must(err)
	return s.enter(phone)
}

// upload sends a form with a photo and follows the redirect.
func (v *visitor) upload(path string, picture []byte, pairs ...string) page {
	v.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		v.must(form.WriteField(pairs[i], pairs[i+1]))
	}
	file, err := form.CreateFormFile("photo", "a.jpg")
	v.must(err)
	_, err = file.Write(picture)
	v.must(err)
	v.must(form.Close())
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.server.URL+path, &body)
	v.must(err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Accept", "text/html")
	resp, err := v.client.Do(r)
	v.must(err)
	defer func() { _ = resp.Body.Close() }()
	if to := resp.Header.Get("Location"); to != "" {
		return v.get(to)
	}
	answer, err := io.ReadAll(resp.Body)
	v.must(err)
	root, err := html.Parse(bytes.NewReader(answer))
	v.must(err)
	return page{v.t, resp.StatusCode, resp.Request.URL, resp.Header, string(answer), root}
}

// action is where the form leads whose address ends like this.
func (p page) action(suffix string) string {
	p.t.Helper()
	for _, f := range p.all("form") {
		if path, _, _ := strings.Cut(attr(f, "action"), "?"); strings.HasSuffix(path, suffix) {
			return attr(f, "action")
		}
	}
	p.t.Fatalf("%s: no form to …%s", p.at.Path, suffix)
	return ""
}

// buy orders one of the variant and returns the order's address.
func (s *shop) buy(product, variant, method string) string {
	s.t.Helper()
	v := s.visitor()
	v.post("/gio-hang/them", "product", product, "variant", string(s.variant[variant]), "quantity", "2").is(200)
	step := v.post("/thanh-toan", with(address[:6], "area", "province")...).is(200)
	order := v.post("/thanh-toan", with(address, "method", method, "expect", attr(step.input("expect"), "value"))...).is(200)
	s.drain()
	return order.at.String()
}

func TestWorkIsForThoseItConcerns(t *testing.T) {
	s := newShop(t)
	guest, buyer := s.visitor(), s.enter("0905000001")
	farmer := s.member("0905000002", "Tôn Thất Hiệp", s.coop, cooperatives.MemberFarmer)
	moderator := s.staff("0905000003", "Quỳnh Anh", market.RoleModerator)
	official := s.staff("0905000004", "Hữu Phước", market.RoleOfficial)
	for _, tt := range []struct {
		path                                      string
		guest, buyer, farmer, moderator, official int
	}{
		{"/nong-ho", 303, 303, 200, 303, 303},
		{"/nong-ho/san-pham", 303, 303, 200, 303, 303},
		{"/nong-ho/lien-ket", 303, 303, 200, 303, 303},
		{"/nong-ho/tien", 303, 303, 200, 303, 303},
		{"/nong-ho/dang-ban", 303, 303, 200, 303, 303},
		{"/nong-ho/mo-gian-hang", 303, 200, 200, 200, 200},
		{"/hop-tac-xa", 303, 303, 200, 303, 303},
		{"/hop-tac-xa/san-pham", 303, 303, 200, 303, 303},
		{"/hop-tac-xa/thanh-vien", 303, 303, 200, 303, 303},
		{"/hop-tac-xa/tien", 303, 303, 200, 303, 303},
		{"/quan-tri", 303, 404, 404, 200, 404},
		{"/quan-tri/nguoi-ban", 303, 404, 404, 200, 404},
		{"/thong-ke", 303, 404, 404, 404, 200},
		{"/thong-ke/bang.csv", 303, 404, 404, 404, 200},
		{"/thong-ke/bao-cao.pdf", 303, 404, 404, 404, 200},
		{"/thong-ke/cong-bo", 303, 404, 404, 404, 200},
		{"/du-lieu-mo", 200, 200, 200, 200, 200},
		{"/du-lieu-mo/chi-tieu", 200, 200, 200, 200, 200},
		{"/thong-ke/bang", 303, 404, 404, 404, 200},
		{"/thong-ke/so-sanh", 303, 404, 404, 404, 200},
		{"/thong-ke/chi-tieu", 303, 404, 404, 404, 200},
		{"/thong-ke/chi-tieu.csv", 303, 404, 404, 404, 200},
		{"/thong-ke/chat-luong", 303, 404, 404, 404, 200},
		{"/thong-ke/chi-so/value_vnd", 303, 404, 404, 404, 200},
		{"/thong-ke/chi-so/value_vnd/bang.csv", 303, 404, 404, 404, 200},
		{"/thong-ke/chung-nhan", 303, 404, 404, 200, 200},
	} {
		got := []int{guest.get(tt.path).status, buyer.get(tt.path).status, farmer.get(tt.path).status, moderator.get(tt.path).status, official.get(tt.path).status}
		want := []int{tt.guest, tt.buyer, tt.farmer, tt.moderator, tt.official}
		for i, who := range []string{"guest", "buyer", "farmer", "moderator", "official"} {
			if got[i] != want[i] {
				t.Errorf("%s as %s: %d, want %d", tt.path, who, got[i], want[i])
			}
		}
	}
}

// TestNobodyReachesAnothersWork names things of one seller in queries and
// forms, as a member of another: they are not there. Those that paths name are
// in TestEveryForeignPageIsMissing.
func TestNobodyReachesAnothersWork(t *testing.T) {
	s := newShop(t)
	own := s.member("0905000002", "Tôn Thất Hiệp", s.coop, cooperatives.MemberManager)
	other := s.member("0905000005", "Thái Văn Nhã", s.craft, cooperatives.MemberManager)
	product, err := s.rooms.Catalog.ByVariant(t.Context(), s.variant["kg"])
	s.must(err)
	id := string(product.ID)
	own.get("/nong-ho/dang-ban?id=" + id).is(200)
	other.get("/nong-ho/dang-ban?id=" + id).is(404)
	other.post("/nong-ho/dang-ban", "id", id, "name", "Của người khác", "set", "1").is(404)
	other.post("/nong-ho/lien-ket", "product", id, "channel", "zalo").is(404)
	after, err := s.rooms.Catalog.ByVariant(t.Context(), s.variant["kg"])
	s.must(err)
	if after.Rev != product.Rev {
		t.Error("the product was changed")
	}
}

func TestListInThreeSteps(t *testing.T) {
	s := newShop(t)
	farmer := s.member("0905000002", "Tôn Thất Hiệp", s.coop, cooperatives.MemberFarmer)
	first := farmer.get("/nong-ho/dang-ban").is(200)
	id := attr(first.input("id"), "value")

	wrong := farmer.upload("/nong-ho/dang-ban", []byte("no picture"), "id", id, "name", "Bánh lọc", "set", "").is(422)
	wrong.says("nhóm sản phẩm OCOP")
	if attr(wrong.input("name"), "value") != "Bánh lọc" || attr(wrong.input("id"), "value") != id {
		t.Error("what was typed at step 1 is lost")
	}
	farmer.upload("/nong-ho/dang-ban", []byte("no picture"), "id", id, "name", "Bánh lọc gói", "set", "6").is(422).says("không phải ảnh")
	picture := photo(t, 6)
	farmer.upload("/nong-ho/dang-ban", picture, "id", id, "name", "Bánh lọc gói", "set", "6").is(200)
	second := farmer.upload("/nong-ho/dang-ban", picture, "id", id, "name", "Bánh lọc gói lá", "set", "6").is(200)
	second.says("Bước 2 trên 3", "Bánh lọc gói lá bán thế nào?")
	variant, path := attr(second.input("variant"), "value"), second.at.Path

	farmer.post(path, "variant", variant, "unit", "chục", "price", "45", "stock", "30").is(422).says("Ý bạn là 45.000 ₫?")
	for _, price := range []string{"45", "mười", ""} {
		got := farmer.post(path, "variant", variant, "unit", "chục", "amount", "", "measure", "g", "price", price, "stock", "3o").is(422)
		for _, name := range []string{"price", "stock"} {
			if attr(got.input(name), "aria-invalid") != "true" {
				t.Errorf("price %q: %s is not marked", price, name)
			}
		}
		if attr(got.input("price"), "value") != price || attr(got.input("stock"), "value") != "3o" || attr(got.input("variant"), "value") != variant {
			t.Errorf("price %q: what was typed is lost", price)
		}
	}
	farmer.post(path, "variant", variant, "unit", "hộp", "amount", "", "measure", "g", "price", "45 nghìn", "stock", "30").is(422).says("khối lượng hoặc số cái")

	third := farmer.post(path, "variant", variant, "unit", "chục", "amount", "", "measure", "g", "price", "45 nghìn", "stock", "30").is(200)
	third.says("Bước 3 trên 3", "Chục 10", "45.000 ₫/chục", "đang có 30 chục")
	farmer.post(third.at.Path, "description", "Gói sáng sớm.", "shelf_life_days", "hai").is(422).says("Gói sáng sớm.")
	farmer.post(third.at.Path, "description", "Gói sáng sớm.", "shelf_life_days", "2").is(200).says("Chờ duyệt", "Đã gửi.")

	product, err := s.rooms.Catalog.Product(t.Context(), market.System, market.ID(id))
	s.must(err)
	if product.Status != catalog.StatusSubmitted || product.Name.VI != "Bánh lọc gói lá" || len(product.Photos) != 1 || len(product.Variants) != 1 || product.ProducerName != "Tôn Thất Hiệp" {
		t.Errorf("listed %+v", product)
	}
	if v := product.Variants[0]; v.Price != 45_000 || v.Size != (market.Size{Base: market.Pieces, Amount: 10}) {
		t.Errorf("variant %+v", v)
	}
}

func TestStockSentTwiceCountsOnce(t *testing.T) {
	s := newShop(t)
	farmer := s.member("0905000002", "Tôn Thất Hiệp", s.coop, cooperatives.MemberFarmer)
	shown := farmer.get("/nong-ho/san-pham").is(200)
	path, seen := shown.action(string(s.variant["kg"])), ""
	for _, f := range shown.all("form") {
		if attr(f, "action") == path {
			for n := range f.Descendants() {
				if attr(n, "name") == "seen" {
					seen = attr(n, "value")
				}
			}
		}
	}
	farmer.post(path, "price", "46 nghìn", "add", "7", "lose", "", "seen", seen).is(200).says("46.000 ₫/kg", "còn 27 kg")
	farmer.post(path, "price", "46 nghìn", "add", "7", "lose", "", "seen", seen).is(409).says("đã được lưu rồi", "còn 27 kg")
	farmer.post(path, "price", "x", "add", "-1", "lose", "", "seen", seen).is(422)
	farmer.post("/nong-ho/san-pham/"+strings.Split(path, "/")[3]).is(200).says("Ngừng bán", "Đã ngừng bán.")
	s.visitor().get("/san-pham/thanh-tra-thuy-bieu").is(404)
}

func TestParcelsFromPackingToDelivery(t *testing.T) {
	s := newShop(t)
	s.buy("thanh-tra-thuy-bieu", "kg", "cod")
	packer := s.member("0905000002", "Người gói", s.coop, cooperatives.MemberPacker)
	today := packer.get("/nong-ho").is(200)
	today.says("1 đơn cần đóng gói", "2 kg Thanh trà Thủy Biều")
	board := packer.get("/hop-tac-xa").is(200)
	board.says("Cần đóng gói", "2 kg Thanh trà Thủy Biều", "thu tiền khi giao")
	parcel := strings.TrimSuffix(board.action("/dong-goi"), "/dong-goi")
	packer.get(parcel).is(200).says("Nguyễn Thị Mua", "0905 111 222", "12 Đội Cấn", "Thu khi giao")
	packer.post(parcel + "/da-giao").is(200).says("Chờ đóng gói")
	packer.post(parcel+"/dong-goi", "from", "board").is(200).says("Đã ghi nhận đóng gói.")
	wrong := packer.post(parcel+"/giao-cho-van-chuyen", "carrier", "", "tracking", "VTP-1").is(422)
	if attr(wrong.input("tracking"), "value") != "VTP-1" {
		t.Error("the typed tracking number is lost")
	}
	sent := packer.post(parcel+"/giao-cho-van-chuyen", "carrier", "Viettel Post", "tracking", "VTP-1").is(200)
	sent.says("Viettel Post", "Khách đã nhận")
	if !strings.Contains(sent.body, `value="VTP-1"`) {
		t.Error("no tracking number to copy")
	}
	packer.post(parcel + "/da-giao").is(200).says("Đã giao")
	s.drain()
	packer.get("/hop-tac-xa/tien").is(200).says("Vận chuyển thu hộ tiền của khách", "Phí dịch vụ của chợ", "3% của tiền hàng 90.000 ₫", "−2.700 ₫")
}

func TestTransferIsConfirmedByTheSeller(t *testing.T) {
	s := newShop(t)
	s.buy("thanh-tra-thuy-bieu", "kg", "vietqr")
	manager := s.member("0905000002", "Trần Viết Khôi", s.coop, cooperatives.MemberManager)
	manager.get("/hop-tac-xa").is(200).says("1 đơn chờ khách trả tiền.")
	waiting := manager.get("/hop-tac-xa/tien").is(200)
	waiting.says("Chờ tiền chuyển khoản")
	manager.post(waiting.action("/da-nhan")).is(200).says("Đã ghi nhận.")
	s.drain()
	after := manager.get("/hop-tac-xa/tien").is(200)
	after.says("Bạn còn nợ phí dịch vụ", "Đã vào thẳng tài khoản của bạn")
	if strings.Contains(after.text(), "Chờ tiền chuyển khoản") {
		t.Error("a confirmed transfer is still waited for")
	}
	owed, err := s.rooms.Payments.Balance(t.Context(), payments.Payable(s.coop))
	if err != nil || owed != -2700 {
		t.Errorf("balance %v, %v; want the fee of 2.700 owed", owed, err)
	}
}

func TestMembersComeAndGo(t *testing.T) {
	s := newShop(t)
	manager := s.member("0905000002", "Trần Viết Khôi", s.coop, cooperatives.MemberManager)
	farmer := s.member("0905000006", "Võ Đình Thuận", s.coop, cooperatives.MemberFarmer)
	wrong := manager.post("/hop-tac-xa/thanh-vien", "name", "Nguyễn Thị Diệu", "phone", "12", "role", "farmer").is(422)
	wrong.says("Số điện thoại chưa đúng")
	if attr(wrong.input("name"), "value") != "Nguyễn Thị Diệu" {
		t.Error("the typed name is lost")
	}
	added := manager.post("/hop-tac-xa/thanh-vien", "name", "Nguyễn Thị Diệu", "phone", "0905000007", "role", "packer").is(200)
	added.says("3 thành viên", "Nguyễn Thị Diệu", "Đóng gói")
	farmer.post("/hop-tac-xa/thanh-vien", "name", "Ai đó", "phone", "0905000008", "role", "manager").is(403)
	s.enter("0905000007").get("/hop-tac-xa").is(200)

	seller, err := s.rooms.Sellers.Seller(t.Context(), s.coop)
	s.must(err)
	farmer.post("/hop-tac-xa/thanh-vien/" + string(seller.Members[2].Person) + "/bo").is(403)
	manager.post("/hop-tac-xa/thanh-vien/" + string(seller.Members[2].Person) + "/bo").is(200).says("2 thành viên")
	manager.post("/hop-tac-xa/thanh-vien/" + string(seller.Members[0].Person) + "/bo").is(200).says("ít nhất một người quản lý")
}

func TestOpenAShopAndBeVerified(t *testing.T) {
	s := newShop(t)
	v := s.enter("0905000001")
	asked := v.get("/nong-ho/mo-gian-hang").is(200)
	id := attr(asked.input("id"), "value")
	good := []string{"id", id, "kind", "ho_kinh_doanh", "name/vi", "Hộ kinh doanh Nguyễn Thị Lài", "ward", "19813", "phone", "0905000001", "bank/bin", "970405", "bank/account", "4000205123456", "bank/holder", "Nguyễn Thị Lài"}
	wrong := v.post("/nong-ho/mo-gian-hang", with(good, "ward", "00004", "bank/account", "?")...).is(422)
	for _, name := range []string{"ward", "bank/account"} {
		if attr(wrong.input(name), "aria-invalid") != "true" {
			t.Errorf("%s is not marked", name)
		}
	}
	if attr(wrong.input("name/vi"), "value") != "Hộ kinh doanh Nguyễn Thị Lài" {
		t.Error("the typed name is lost")
	}
	v.post("/nong-ho/mo-gian-hang", good...).is(200).says("Gian hàng đang chờ xác minh")
	v.post("/nong-ho/mo-gian-hang", good...).is(200)

	moderator := s.staff("0905000003", "Quỳnh Anh", market.RoleModerator)
	queue := moderator.get("/quan-tri/nguoi-ban").is(200)
	queue.says("Hộ kinh doanh Nguyễn Thị Lài", "Agribank · 4000205123456 · NGUYEN THI LAI", "chưa có mã số thuế")
	moderator.post(queue.action("/xac-minh")).is(200).says("Có lỗi", "Hộ kinh doanh Nguyễn Thị Lài") // no papers yet
	_, err := s.rooms.Sellers.Verify(t.Context(), market.System, market.ID(id))
	s.must(err)
	moderator.get("/quan-tri/nguoi-ban").is(200).says("Không có ai đang chờ")
	if strings.Contains(v.get("/nong-ho").is(200).text(), "chờ xác minh") {
		t.Error("a verified seller still waits")
	}
}

func TestModeratorsApproveAndSendBack(t *testing.T) {
	s := newShop(t)
	moderator := s.staff("0905000003", "Quỳnh Anh", market.RoleModerator)
	farmer := s.member("0905000002", "Tôn Thất Hiệp", s.coop, cooperatives.MemberFarmer)
	id := s.submitted("Mứt gừng Kim Long")
	queue := moderator.get("/quan-tri").is(200)
	queue.says("Mứt gừng Kim Long", "HTX Thủy Biều", "80.000 ₫/hộp", "7. Chế biến từ rau")
	if len(queue.all(".queue__photos")) != 1 {
		t.Error("no photo to decide by")
	}
	moderator.post("/quan-tri/"+id+"/tu-choi", "canned", "", "reason", " ").is(422).says("Hãy ghi lý do")
	moderator.post("/quan-tri/"+id+"/tu-choi", "canned", "claim", "reason", "Bỏ câu cuối.").is(200).says("Đã trả lại", "Không còn gì chờ duyệt")
	farmer.get("/nong-ho").is(200).says("Mứt gừng Kim Long: cần sửa", "Bỏ câu cuối.")
	farmer.post("/nong-ho/dang-ban/"+id+"/gui", "description", "Gừng già.").is(200)
	moderator.post("/quan-tri/" + id + "/duyet").is(200).says("Đã duyệt.")
	s.visitor().get("/san-pham/mut-gung-kim-long").is(200)
	farmer.post("/quan-tri/" + id + "/tu-choi").is(404)
	moderator.post("/quan-tri/01AAAAAAAAAAAAAAAAAAAAAAAA/duyet").is(404)
}

// submitted is a listing of the cooperative that waits for a moderator.
func (s *shop) submitted(name string) string {
	s.t.Helper()
	ctx, room := s.t.Context(), s.rooms.Catalog
	p, err := room.CreateDraft(ctx, market.System, catalog.Draft{Seller: s.coop, Set: 7, Name: market.Text{VI: name}, Variants: []catalog.VariantDraft{
		{Name: market.Text{VI: "Hộp 500 g"}, Unit: "hộp", Size: market.Size{Base: market.Grams, Amount: 500}, Price: 80_000, Stock: 4},
	}})
	s.must(err)
	_, err = room.AddPhoto(ctx, market.System, p.ID, photo(s.t, 7), market.Text{})
	s.must(err)
	_, err = room.Submit(ctx, market.System, p.ID)
	s.must(err)
	return string(p.ID)
}

func TestSaleLinkAndItsCode(t *testing.T) {
	s := newShop(t)
	farmer := s.member("0905000002", "Tôn Thất Hiệp", s.coop, cooperatives.MemberFarmer)
	product, err := s.rooms.Catalog.ByVariant(t.Context(), s.variant["kg"])
	s.must(err)
	farmer.post("/nong-ho/lien-ket", "product", "", "channel", "zalo", "label", "chợ quê").is(422).says("Chia sẻ ở đâu?")
	made := farmer.post("/nong-ho/lien-ket", "product", string(product.ID), "channel", "zalo", "label", "chợ quê").is(200)
	made.says("Zalo", "chợ quê", "Lượt xem")
	code := made.at.Fragment
	if !strings.Contains(made.body, "Thanh trà Thủy Biều\nGiá: 45.000") || !strings.Contains(made.body, s.server.URL+"/l/"+code) {
		t.Error("no text to copy into a group")
	}
	image := farmer.get("/nong-ho/lien-ket/" + code + "/qr.png").is(200)
	if image.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(image.body, "\x89PNG") {
		t.Error("the QR code is no PNG")
	}
	if got := s.visitor().get("/l/" + code); got.header.Get("Location") != "/san-pham/thanh-tra-thuy-bieu" {
		t.Errorf("the link leads to %q", got.header.Get("Location"))
	}
}

func TestOfficialsReadFiguresThatAddUp(t *testing.T) {
	s := newShop(t)
	official := s.staff("0905000004", "Hữu Phước", market.RoleOfficial)
	official.get("/thong-ke").is(200).says("Chưa có hàng nào được giao", "không chia cho GRDP")
	official.get("/thong-ke/bang").is(200).says("Chưa có hàng nào được giao")
	packer := s.member("0905000002", "Người gói", s.coop, cooperatives.MemberPacker)
	for range 2 {
		s.buy("thanh-tra-thuy-bieu", "kg", "cod")
		parcel := strings.TrimSuffix(packer.get("/hop-tac-xa").action("/dong-goi"), "/dong-goi")
		packer.post(parcel + "/dong-goi").is(200)
		packer.post(parcel+"/giao-cho-van-chuyen", "carrier", "GHN").is(200)
		packer.post(parcel + "/da-giao").is(200)
		s.drain()
	}
	official.get("/thong-ke/bang").is(200).says("180.000 ₫", "Thuỷ Xuân", "1. Rau, củ, quả, hạt tươi", "Tổng cộng")
	official.get("/thong-ke/bang?by=ward").is(200).says("180.000 ₫", "1 *")
	official.get("/thong-ke/bang?from=2026-12&to=2026-01").is(422)
	official.get("/thong-ke/bang?from=x").is(422)

	file := official.get("/thong-ke/bang.csv?by=month&by=ward").is(200)
	if got := file.header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="cho-hue-20`) {
		t.Errorf("Content-Disposition %q", got)
	}
	rows, err := csv.NewReader(strings.NewReader(file.body)).ReadAll()
	if err != nil || len(rows) != 2 || rows[0][0] != "month" || rows[1][1] != "19813" || rows[1][3] != "180000" {
		t.Errorf("rows %v, %v", rows, err)
	}
	official.get("/thong-ke/bang.csv?by=seller").is(422)
}

func TestCertificatesAreEnteredAndRevoked(t *testing.T) {
	s := newShop(t)
	official := s.staff("0905000004", "Hữu Phước", market.RoleOfficial)
	product, err := s.rooms.Catalog.ByVariant(t.Context(), s.variant["hat"])
	s.must(err)
	official.get("/thong-ke/chung-nhan").is(200).says("Thanh trà Thủy Biều", "901/QĐ-UBND")
	official.get("/thong-ke/chung-nhan?q=" + "n%C3%B3n").is(200).says("Nón lá bài thơ · Làng nghề Bao La")
	path := "/thong-ke/chung-nhan/" + string(product.ID)
	good := []string{"id", "ocop-non-la-1", "decision_no", "77/QĐ-UBND", "decision_date", "2026-06-20", "issuer", "UBND thành phố Huế", "issuer_level", "province", "score", "78,5", "stars", "", "verification", "A"}
	wrong := official.post(path, with(good, "score", "")...).is(422)
	if attr(wrong.input("stars"), "aria-invalid") != "true" {
		t.Error("neither stars nor score, and nothing is marked")
	}
	if attr(wrong.input("issuer"), "value") != "UBND thành phố Huế" || attr(wrong.input("decision_date"), "value") != "2026-06-20" {
		t.Error("what was typed is lost")
	}
	official.post(path, with(good, "decision_no", "số 7")...).is(422).says("Số quyết định chưa đúng")
	entered := official.post(path, good...).is(200)
	entered.says("Đã ghi vào sổ.", "77/QĐ-UBND, ngày 20/06/2026", "Hữu Phước")
	s.visitor().get("/san-pham/non-la-bai-tho").is(200).says("77/QĐ-UBND")
	revoke := entered.action("/thu-hoi")
	undone := official.post(revoke, "reason", "dieu-8-1", "words", "", "withdrawal_no", "số 9").is(422)
	if attr(undone.input("withdrawal_no"), "value") != "số 9" || attr(undone.input("words"), "aria-invalid") != "true" {
		t.Error("a revocation without its reason is not asked for again")
	}
	official.post(revoke, "reason", "dieu-8-1", "words", "Không còn sản xuất", "withdrawal_no", "99/QĐ-UBND").is(200).says("Đã thu hồi.")
	if strings.Contains(s.visitor().get("/san-pham/non-la-bai-tho").is(200).text(), "77/QĐ-UBND") {
		t.Error("a revoked certificate is still shown")
	}
	official.get("/thong-ke/chung-nhan/01AAAAAAAAAAAAAAAAAAAAAAAA").is(404)
	s.enter("0905000001").post(path, good...).is(404)
}
