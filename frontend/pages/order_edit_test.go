package pages_test

import (
	"net/http"
	"strings"
	"testing"

	"chohue/cooperatives"
	"chohue/market"
	"chohue/orders"
)

// ordered places an order of goods and returns its page.
func (s *shop) ordered(v *visitor, method, slug, variant, n string) page {
	s.t.Helper()
	v.post("/gio-hang/them", "product", slug, "variant", variant, "quantity", n).is(200)
	step := v.post("/thanh-toan", with(address[:6], "area", "province")...).is(200)
	at := v.post("/thanh-toan", with(address, "method", method, "expect", attr(step.input("expect"), "value"))...).is(200)
	s.drain()
	return v.get(at.at.String()).is(200)
}

func (s *shop) orderAt(p page) *orders.Order {
	s.t.Helper()
	o, err := s.rooms.Orders.Order(s.t.Context(), market.System, market.ID(ulids.FindString(p.at.Path)), "")
	s.must(err)
	return o
}

// TestPain05AnEditIsSeenBeforeItIsAgreedTo: without script a buyer takes goods
// out, sees the difference, agrees to that very sum, and takes it back.
func TestPain05AnEditIsSeenBeforeItIsAgreedTo(t *testing.T) {
	s := newShop(t)
	v := s.visitor()
	at := s.ordered(v, "cod", "thanh-tra-thuy-bieu", string(s.variant["kg"]), "3")
	o := s.orderAt(at)
	key := at.at.Query().Get("key")
	path := "/don-hang/" + string(o.ID) + "/sua/" + string(o.Parcels[0].ID)
	if !strings.Contains(at.body, path) {
		t.Error("no way to take goods out")
	}
	form := v.get(path + "?key=" + key).is(200)
	kg := "q-" + string(s.variant["kg"])
	if got := attr(form.input(kg), "value"); got != "3" {
		t.Errorf("the form begins with %s", got)
	}
	v.post(path, "key", key, kg, "4").is(422).says("chỉ sửa được từ 0 đến 3")
	v.post(path, "key", key, kg, "0").is(http.StatusConflict).says("Phải giữ lại ít nhất một món")
	seen := v.post(path, "key", key, kg, "1").is(200)
	seen.says("Đơn sau khi sửa", "Bớt khi nhận hàng", "15 phút")
	if now := s.orderAt(at); now.Total != o.Total {
		t.Fatalf("looking changed the order: %d, was %d", now.Total, o.Total)
	}
	expect := attr(seen.input("expect"), "value")
	v.post(path, "key", key, kg, "2", "expect", expect, "agree", "1").is(200).says("Số tiền đã khác lúc bạn xem")
	done := v.post(path, "key", key, kg, "1", "expect", expect, "agree", "1").is(200)
	done.says("Đã sửa đơn", "Thanh trà Thủy Biều 3 → 1 kg")
	now := s.orderAt(at)
	if dongOf(now.Total) != expect || now.Parcels[0].Cheaper() != o.Total-now.Total {
		t.Errorf("agreed to %s, is %d", expect, now.Total)
	}
	seller := s.member("0905000301", "Chị Quản Lý", o.Parcels[0].Seller, cooperatives.MemberManager)
	work := seller.get("/hop-tac-xa/don/" + string(o.ID) + "/" + string(o.Parcels[0].ID)).is(200)
	work.says("Đơn vừa được bớt", "3 → 1 kg", "đóng gói bây giờ là chốt ngay")
	back := v.post(path, "key", key, kg, "3").is(200)
	v.post(path, "key", key, kg, "3", "expect", attr(back.input("expect"), "value"), "agree", "1").is(200)
	if now := s.orderAt(at); now.Total != o.Total || now.Parcels[0].Sold != nil {
		t.Errorf("taken back, yet %d of %d", now.Total, o.Total)
	}
	if got := s.visitor().get(path); got.status != http.StatusNotFound {
		t.Errorf("a stranger's form: %d", got.status)
	}
	work = seller.post("/hop-tac-xa/don/"+string(o.ID)+"/"+string(o.Parcels[0].ID)+"/sua", kg, "2").is(200)
	work.says("Đã bớt món")
	v.get(at.at.String()).is(200).says("3 → 2 kg")
	v.post(path, "key", key, kg, "3").is(http.StatusConflict).says("chỉ họ mới tăng lại được")
}

func dongOf(v market.VND) string { return strings.NewReplacer(".", "", " ₫", "").Replace(v.String()) }

func TestAReceiverIsChangedOnAPage(t *testing.T) {
	s := newShop(t)
	v := s.visitor()
	at := s.ordered(v, "cod", "thanh-tra-thuy-bieu", string(s.variant["kg"]), "1")
	key := at.at.Query().Get("key")
	form := v.get(at.link("Đổi người nhận, địa chỉ, ghi chú")).is(200)
	form.says("Hà Nội")
	path := form.at.Path
	v.post(path, "key", key, "name", "T", "phone", "12", "ward", "00004", "street", "").is(422)
	v.post(path, "key", key, "name", "Trần Văn Nhận", "phone", "0905 999 888", "ward", "00004", "street", "5 Kim Mã", "note", "Gọi trước").is(200).says("Đã đổi người nhận", "Trần Văn Nhận", "0905 999 888", "5 Kim Mã", "Gọi trước")
}

// TestPain16ABuyerAnswersTheScale: the seller asks on the packing screen, the
// buyer answers on a page, and only the buyer.
func TestPain16ABuyerAnswersTheScale(t *testing.T) {
	s := newShop(t)
	fish, v := s.kingfish(), s.visitor()
	seller := s.member("0905000301", "Chị Quản Lý", s.coop, cooperatives.MemberManager)
	for _, c := range []struct {
		method, answer, said string
		more                 market.VND
	}{
		{"cod", "yes", "Bạn đã đồng ý trả thêm 9.000 ₫", 9_000},
		{"cod", "no", "Bạn không trả thêm", 0},
		{"sandbox", "yes", "Bạn đã đồng ý trả thêm 9.000 ₫", 9_000},
	} {
		at := s.placedBy(v, c.method, fish.Slug, string(fish.Variants[0].ID))
		o, key := s.orderAt(at), at.at.Query().Get("key")
		work := "/hop-tac-xa/don/" + string(o.ID) + "/" + string(o.Parcels[0].ID)
		weight := "w-" + string(fish.Variants[0].ID)
		seller.get(work).is(200).says("Hỏi khách về phần nặng hơn", "hơn 10 %")
		seller.post(work+"/hoi-can", weight, "2500").is(http.StatusConflict).says("chỉ được hỏi đến 2200 g")
		seller.post(work+"/hoi-can", weight, "2.100").is(200).says("Đã hỏi khách", "Xin thêm 9.000 ₫")
		told := v.get(at.at.String()).is(200)
		told.says("Hàng nặng hơn lúc đặt")
		ask := v.get(told.link("Xem và trả lời")).is(200)
		ask.says("2,1 kg", "9.000 ₫", (o.Total + 9_000).String())
		if strings.Contains(told.body, "Bớt món") {
			t.Error("goods can be taken out while they are being asked about")
		}
		s.visitor().post(ask.at.Path, "answer", "yes").is(404)
		v.post(ask.at.Path, "key", key, "answer", "perhaps").is(422)
		got := v.post(ask.at.Path, "key", key, "answer", c.answer).is(200)
		if c.method == "sandbox" {
			s.drain()
			v.post("/sandbox/pay", "id", attr(got.input("id"), "value"), "query", attr(got.input("query"), "value"), "decision", "approve")
			s.drain()
		}
		v.get(at.at.String()).is(200).says(c.said)
		seller.post(work+"/dong-goi", weight, "2100").is(200)
		s.drain()
		if now := s.orderAt(at); now.Total != o.Total+c.more {
			t.Errorf("%s, %s: %d, want %d", c.method, c.answer, now.Total, o.Total+c.more)
		}
	}
}

// placedBy is ordered, of two units, paid at the wallet when that is the way.
func (s *shop) placedBy(v *visitor, method, slug, variant string) page {
	s.t.Helper()
	if method == orders.MethodCOD {
		return s.ordered(v, method, slug, variant, "2")
	}
	v.post("/gio-hang/them", "product", slug, "variant", variant, "quantity", "2").is(200)
	step := v.post("/thanh-toan", with(address[:6], "area", "province")...).is(200)
	wallet := v.post("/thanh-toan", with(address, "method", method, "expect", attr(step.input("expect"), "value"))...).is(200)
	at := v.post("/sandbox/pay", "id", attr(wallet.input("id"), "value"), "query", attr(wallet.input("query"), "value"), "decision", "approve")
	s.drain()
	return v.get(at.at.String()).is(200)
}
