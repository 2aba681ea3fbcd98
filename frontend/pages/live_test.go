package pages_test

import (
	"context"
	"net/http"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/livestream"
	"chohue/market"
	"chohue/orders"
)

// latePromises asks the shows, which are opened after the orders.
type latePromises struct{ shop *shop }

func (l latePromises) Promised(ctx context.Context, claims ...market.ID) (map[market.ID]orders.Promise, error) {
	if l.shop.rooms.Livestream == nil {
		return nil, nil
	}
	return l.shop.rooms.Livestream.Promised(ctx, claims...)
}

// liveShow is a live show of thanh trà at 40,000, five kilograms set apart.
func (s *shop) liveShow(farmer *visitor) string {
	s.t.Helper()
	moderator := market.Actor{Person: "moderator", Roles: []market.Role{market.RoleModerator}}
	s.must(s.rooms.Papers.Identify(s.t.Context(), moderator, "manual", cooperatives.IdentityClaim{Seller: s.coop, Person: "Tôn Thất Hiệp", Evidence: "hồ sơ 12"}))
	product, err := s.rooms.Catalog.ByVariant(s.t.Context(), s.variant["kg"])
	s.must(err)
	now := s.now().In(market.HueZone)
	made := farmer.post("/nong-ho/phien", "title", "Thanh trà đầu mùa", "starts_at", now.Format("2006-01-02T15:04"), "ends_at", now.Add(2*time.Hour).Format("2006-01-02T15:04")).is(200)
	desk := made.at.Path
	farmer.post(desk, "do", "live", "rules", "2026-07").is(http.StatusConflict) // nothing is offered
	farmer.post(desk, "do", "offer", "goods", string(product.ID)+"/"+string(s.variant["kg"]), "code", "a1", "price", "40.000", "stock", "5").is(200).says("A1", "Để riêng 5 kg")
	farmer.post(desk, "do", "live").is(422).says("quy chế livestream")
	farmer.post(desk, "do", "live", "rules", "2026-07").is(200).says("Đang phát trực tiếp", "Còn 5 kg")
	farmer.post(desk, "do", "pin", "code", "A1").is(200).says("Bỏ ghim")
	return path.Base(desk)
}

// checkout buys what is in the cart on delivery and returns the order.
func (v *visitor) checkout() *orders.Order {
	v.t.Helper()
	v.post("/thanh-toan", with(address[:6], "area", "province")...).is(200)
	form := v.post("/thanh-toan", with(address, "area", "ward")...)
	expect := attr(form.input("expect"), "value")
	done := v.post("/thanh-toan", with(address, "method", "cod", "expect", expect)...).is(200)
	o, err := v.rooms.Orders.Order(v.t.Context(), market.System, market.ID(path.Base(done.at.Path)), "")
	v.must(err)
	return o
}

func TestAShowSellsInItsRoomAndByComment(t *testing.T) {
	s := newShop(t)
	farmer := s.member("0905000002", "Tôn Thất Hiệp", s.coop, cooperatives.MemberFarmer)
	id := s.liveShow(farmer)
	room := "/phien/" + id
	s.visitor().get("/phien").is(200).says("Thanh trà đầu mùa", "Đang phát")
	s.visitor().get("/quy-che-livestream").is(200).says("ai trước được trước")

	buyer := s.visitor()
	buyer.get(room).is(200).says("40.000 ₫", "45.000 ₫", "Còn 5 kg cho phiên này", "Mua trong phiên")
	buyer.post(room, "do", "buy", "code", "A1", "quantity", "2").is(200)
	first := buyer.checkout()
	if l := first.Parcels[0].Lines[0]; l.Price != 40_000 || l.Quantity != 2 || l.Touch == nil || string(l.Touch.Show) != id || !l.Touch.Room {
		t.Errorf("in the room: %+v", l)
	}

	writer := s.visitor()
	seen := writer.get(room).is(200)
	seen.says("Còn 3 kg")
	said := writer.post(room, "token", attr(seen.input("token"), "value"), "name", "Chị Lan", "text", "A1 2kg 0905 123 456").is(200)
	said.says("Xác nhận đơn", "80.000 ₫")
	if strings.Contains(said.body, "123 456") {
		t.Error("a phone number is in the room")
	}
	s.visitor().post(room, "token", attr(seen.input("token"), "value"), "text", "A1 1kg").is(404) // another visitor's token
	link := regexp.MustCompile(`/chot-don/[^"]+`).FindString(said.body)
	s.visitor().get(link).is(200).says("Xác nhận đơn chốt", "80.000 ₫")
	writer.post(link).is(200)
	s.visitor().post(link).is(http.StatusConflict)
	s.visitor().get(link + "x").is(404)
	second := writer.checkout()
	if l := second.Parcels[0].Lines[0]; l.Price != 40_000 || l.Quantity != 2 || l.Touch == nil || l.Touch.Comment == "" {
		t.Errorf("by comment: %+v", l)
	}
	s.visitor().get(room).is(200).says("Còn 1 kg")

	desk := "/nong-ho/phien/" + id
	farmer.post(desk, "do", "warn", "text", "Hàng tươi, xem kỹ khi nhận").is(200)
	s.visitor().get(room).is(200).says("Hàng tươi, xem kỹ khi nhận", "Phản ánh về phiên này")
	s.visitor().post(room, "do", "complain", "complaint", "Nói quá về số sao").is(200).says("Đã nhận phản ánh")
	farmer.post(desk, "do", "end").is(200).says("Phiên đã kết thúc")
	s.visitor().get(room).is(200).says("Phiên đã kết thúc")
	s.visitor().post(room, "do", "buy", "code", "A1", "quantity", "1").is(http.StatusConflict)
	s.drain()
	for _, door := range []string{"/nong-ho", "/hop-tac-xa"} {
		for _, page := range []string{"/phien/" + id + "/ket-qua", "/phien/doanh-thu"} {
			farmer.get(door+page).is(200).says("160.000 ₫", "Mua trong phòng", "Chốt bằng bình luận", "80.000 ₫", "Thanh trà đầu mùa")
		}
		farmer.get(door + "/phien/doanh-thu?thang=2020-01").is(200).says("Chưa có đơn nào")
	}
	s.visitor().get(room+"/xem-lai").is(200).says("Chưa có bản ghi", "Thanh trà")
	for _, path := range []string{"/phien", "/quy-che-livestream"} {
		if !strings.Contains(s.visitor().get("/sitemap.xml").body, path+"<") {
			t.Errorf("%s is not in the sitemap", path)
		}
	}
	found, err := s.rooms.Catalog.Stocks(t.Context(), s.variant["kg"])
	s.must(err)
	if k := found[s.variant["kg"]]; k.Available != 16 || k.Held+k.Sold != 4 || k.Check() != nil {
		t.Errorf("%+v", k)
	}
}

func TestARoomShowsOnlyVideosOfKnownPlaces(t *testing.T) {
	s := newShop(t)
	farmer := s.member("0905000002", "Tôn Thất Hiệp", s.coop, cooperatives.MemberFarmer)
	product, err := s.rooms.Catalog.ByVariant(t.Context(), s.variant["kg"])
	s.must(err)
	show, err := s.rooms.Livestream.CreateShow(t.Context(), market.Actor{Person: "x", Sellers: []market.ID{s.coop}}, livestream.ShowDraft{
		Title: market.Text{VI: "Phiên YouTube"}, Seller: s.coop, Products: []market.ID{product.ID}, StartsAt: s.now(), EndsAt: s.now().Add(time.Hour), Video: "https://youtu.be/dQw4w9WgXcQ",
	})
	s.must(err)
	got := s.visitor().get("/phien/" + string(show.ID)).is(200)
	if frame := got.all("iframe"); len(frame) != 1 || attr(frame[0], "src") != "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ" {
		t.Errorf("%d frames", len(frame))
	}
	if csp := got.header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-src 'self' https://www.youtube-nocookie.com;") {
		t.Errorf("%s", csp)
	}
	if csp := s.visitor().get("/phien").header.Get("Content-Security-Policy"); strings.Contains(csp, "youtube") {
		t.Errorf("another page: %s", csp)
	}
	farmer.post("/nong-ho/phien", "title", "Phiên lạ", "video", "https://evil.example/watch?v=dQw4w9WgXcQ").is(422)
}

// TestALinkOfAShowLeadsToItsRoom: a link of a show in a Zalo group
// leads to its room and counts for it, with a card that weighs little; over, it
// says so and nobody is owed for it.
func TestALinkOfAShowLeadsToItsRoom(t *testing.T) {
	s := newShop(t)
	farmer := s.member("0905000002", "Tôn Thất Hiệp", s.coop, cooperatives.MemberFarmer)
	show := s.liveShow(farmer)
	made := farmer.post("/nong-ho/lien-ket", "show", show, "channel", "zalo", "label", "nhóm chợ quê", "days", "7").is(200)
	made.says("Thanh trà đầu mùa", "nhóm chợ quê", "dùng đến", "Vào xem và chốt đơn")
	code := made.at.Fragment
	for _, path := range []string{"/l/" + code + "/the.jpg", "/phien/" + show + "/the.jpg", "/san-pham/" + s.slug("kg") + "/the.jpg"} {
		card := s.visitor().get(path).is(200)
		if kind := card.header.Get("Content-Type"); kind != "image/jpeg" || len(card.body) > 300_000 || len(card.body) < 5_000 {
			t.Errorf("%s: %s of %d bytes", path, kind, len(card.body))
		}
	}
	poster := farmer.get("/nong-ho/lien-ket/" + code + "/to-roi.pdf").is(200)
	if !strings.HasPrefix(poster.body, "%PDF-") {
		t.Errorf("the poster is %.20q", poster.body)
	}
	buyer := s.visitor()
	if to := buyer.get("/l/" + strings.ToLower(code)).is(http.StatusSeeOther).header.Get("Location"); to != "/phien/"+show {
		t.Errorf("leads to %s", to)
	}
	buyer.post("/gio-hang/them", "product", s.slug("kg"), "variant", string(s.variant["kg"]), "quantity", "1").is(200)
	if l := buyer.checkout().Parcels[0].Lines[0]; l.Touch == nil || string(l.Touch.Show) != show || string(l.Touch.Link) != code || l.Touch.Room || l.Price != 45_000 {
		t.Errorf("by the link: %+v", l)
	}
	s.visitor().get("/l/" + code[:len(code)-1] + "7").is(404)
	s.visitor().get("/l/" + code[:len(code)-1] + "7/the.jpg").is(404)

	later := s.now().AddDate(0, 0, 7)
	s.clock.Store(&later)
	late := s.visitor()
	late.get("/l/" + code).is(http.StatusGone).says("đã hết hạn")
	late.get("/l/" + code + "/the.jpg").is(404)
	late.post("/gio-hang/them", "product", s.slug("kg"), "variant", string(s.variant["kg"]), "quantity", "1").is(200)
	if l := late.checkout().Parcels[0].Lines[0]; l.Touch != nil {
		t.Errorf("by a link that is over: %+v", l.Touch)
	}
	farmer.post("/nong-ho/lien-ket", "show", show, "channel", "zalo", "days", "9999").is(422).says("hai năm")
}

// slug names the product of a variant in addresses.
func (s *shop) slug(unit string) string {
	s.t.Helper()
	product, err := s.rooms.Catalog.ByVariant(s.t.Context(), s.variant[unit])
	s.must(err)
	return product.Slug
}

// TestAGuestSellsWhenItAgrees: a cooperative asks its neighbour into its show;
// nothing of the neighbour's is on sale before its people say so, on a page of
// their own.
func TestAGuestSellsWhenItAgrees(t *testing.T) {
	s := newShop(t)
	guest := s.seller("Cơ sở hàng xóm", cooperatives.KindHTX)
	neighbour := s.member("0905000088", "Bà Hàng Xóm", guest, cooperatives.MemberManager)
	paste := s.product(guest, "Mứt gừng Kim Long", 1, 4, catalog.VariantDraft{
		Name: market.Text{VI: "Hộp"}, Unit: "hộp", Size: market.Size{Base: market.Grams, Amount: 500}, Price: 80_000, Stock: 10,
	})
	s.drain()
	farmer := s.member("0905000002", "Tôn Thất Hiệp", s.coop, cooperatives.MemberFarmer)
	s.must(s.rooms.Papers.Identify(t.Context(), market.Actor{Person: "moderator", Roles: []market.Role{market.RoleModerator}}, "manual",
		cooperatives.IdentityClaim{Seller: s.coop, Person: "Tôn Thất Hiệp", Evidence: "hồ sơ 12"}))
	farmer.get("/nong-ho/phien").is(200).says("Mời người bán cùng", "Cơ sở hàng xóm")
	now := s.now().In(market.HueZone)
	made := farmer.post("/nong-ho/phien", "title", "Phiên của xã", "starts_at", now.Format("2006-01-02T15:04"), "ends_at", now.Add(2*time.Hour).Format("2006-01-02T15:04"), "guests", string(guest)).is(200)
	desk, join := made.at.Path, made.at.Path+"/tham-gia"
	farmer.post(desk, "do", "offer", "goods", string(paste.ID)+"/"+string(paste.Variants[0].ID), "code", "g1", "price", "70.000", "stock", "4").is(200).says("G1", "chờ người bán đồng ý")
	farmer.post(desk, "do", "live", "rules", "2026-07").is(http.StatusConflict) // nothing that may be sold
	s.drain()
	neighbour.get("/thong-bao").is(200).says("được mời bán trong phiên")
	neighbour.get("/nong-ho/phien").is(200).says("Phiên của xã")
	neighbour.get(join).is(200).says("Bạn có đồng ý bán", "Mứt gừng", "70.000 ₫/hộp", "80.000 ₫", "Chờ bạn đồng ý", "chưa trả lời")
	neighbour.get(desk).is(404)
	s.member("0905000089", "Người Khác", s.craft, cooperatives.MemberManager).get(join).is(404)
	neighbour.post(join, "do", "agree").is(200).says("Đã ghi nhận", "Được bán")
	farmer.post(desk, "do", "live", "rules", "2026-07").is(200)
	room := "/phien/" + path.Base(desk)
	s.visitor().get(room).is(200).says("Mứt gừng", "70.000 ₫", "Còn 4 hộp")
	neighbour.post(join, "do", "withdraw", "code", "G1").is(200).says("Đã rút món")
	if seen := s.visitor().get(room).is(200); strings.Contains(seen.body, "Mứt gừng") {
		t.Error("what was taken out is on sale")
	}
}
