package pages_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
	"chohue/orders"
)

// trader makes a seller with a tax code of its own and one thing to sell.
func (s *shop) trader(n int, ward string, set int) market.ID {
	s.t.Helper()
	made, err := s.rooms.Sellers.Register(s.t.Context(), market.System, cooperatives.Registration{
		Name: market.Text{VI: fmt.Sprintf("Hộ số %d", n)}, Kind: cooperatives.KindHousehold, Ward: ward, Street: "thôn Một", Phone: "0905123456",
		TaxCode: fmt.Sprintf("33002%05d", n), Bank: cooperatives.Bank{BIN: "970405", Account: "0000000001", Holder: "HO"},
	})
	s.must(err)
	_, err = s.rooms.Sellers.Verify(s.t.Context(), market.System, made.ID)
	s.must(err)
	p := s.product(made.ID, fmt.Sprintf("Hàng của hộ %d", n), set, 0, catalog.VariantDraft{
		Name: market.Text{VI: "Chai"}, Unit: "chai", Size: market.Size{Base: market.Pieces, Amount: 1}, Price: 100_000, Stock: 100,
	})
	s.drain()
	return p.Variants[0].ID
}

// sell takes a piece of a variant all the way to a buyer.
func (s *shop) sell(variant market.ID) {
	s.t.Helper()
	ctx, guest := s.t.Context(), market.Actor{}
	cart, err := s.rooms.Orders.NewCart(ctx, guest)
	s.must(err)
	_, err = s.rooms.Orders.SetLine(ctx, guest, cart.ID, variant, 1, nil)
	s.must(err)
	o, _, err := s.rooms.Orders.Place(ctx, guest, orders.Checkout{Cart: cart.ID, Method: orders.MethodCOD, Address: market.Address{
		Name: "Khách", Phone: "0905111222", Province: "46", Ward: "19753", Street: "1 Lê Lợi",
	}})
	s.must(err)
	for _, parcel := range o.Parcels {
		_, err = s.rooms.Orders.Pack(ctx, market.System, o.ID, parcel.ID)
		s.must(err)
		_, err = s.rooms.Orders.Ship(ctx, market.System, o.ID, parcel.ID, orders.Shipment{Carrier: "GHN"})
		s.must(err)
		_, err = s.rooms.Orders.Deliver(ctx, market.System, o.ID, parcel.ID)
		s.must(err)
	}
	s.drain()
}

// traded is a month in which four households of one ward sold fish sauce and
// one of another ward a hat; it returns the month.
func (s *shop) traded() string {
	s.t.Helper()
	for n := range 4 {
		s.sell(s.trader(n, "19900", 9))
	}
	s.sell(s.trader(4, "20044", 21))
	return s.now().In(market.HueZone).Format("2006-01")
}

func TestOfficialsSeeTradeAndNotTheFew(t *testing.T) {
	s := newShop(t)
	month := s.traded()
	official := s.staff("0905000004", "Hữu Phước", market.RoleOfficial)
	at := "?ky=" + month
	shown := official.get("/thong-ke" + at).is(200)
	shown.says("500.000 ₫", "Thành phố Huế (cũ)", "Huyện A Lưới (cũ)", "Kỳ này chưa kết thúc", "bảo mật", "Hiện ô bảo mật")
	for _, told := range []string{"100.000 ₫ *", "400.000 ₫"} {
		if strings.Contains(shown.text(), told) {
			t.Errorf("the page tells %s, of which the rest is one household's", told)
		}
	}
	official.get("/thong-ke"+at+"&mat=1").is(200).says("400.000 ₫", "100.000 ₫ *", "Che lại")
	if links := shown.links(); !slices.Contains(links, "/thong-ke/chi-so/value_vnd"+at) || !slices.Contains(links, "/thong-ke"+at[:3]+"="+month+"&noi=474") {
		t.Errorf("no way deeper among %v", links)
	}
	official.get("/thong-ke"+at+"&noi=474").is(200).says("400.000 ₫", "Thuận An")
	official.get("/thong-ke"+at+"&noi=19900&nhom=9&kenh=store").is(200).says("400.000 ₫", "phường Thuận An")
	official.get("/thong-ke?ky=2026-13&nhom=99&noi=00001&kenh=x").is(422).says("Kỳ phải là tháng", "bộ sản phẩm OCOP từ 1 đến 26")
}

func TestAFileNeverSaysZeroForWithheld(t *testing.T) {
	s := newShop(t)
	month := s.traded()
	official := s.staff("0905000004", "Hữu Phước", market.RoleOfficial)
	for query, want := range map[string][]string{"": {"500000", "A"}, "&noi=19900": {"400000", "A"}, "&nhom=21": {"", "Q"}, "&nhom=21&mat=1": {"100000", "A"}, "&nhom=1": {"0", "A"}} {
		rows := official.get("/thong-ke/chi-so/value_vnd/bang.csv?ky=" + month + query).is(200).rows()
		got := rows[len(rows)-1]
		if got[3] != month || !slices.Equal(got[4:], want) {
			t.Errorf("%q: %v, want %v", query, got, want)
		}
	}
	rows := official.get("/thong-ke/chi-tieu.csv?ky=" + month + "&nhom=21").is(200).rows()
	i := slices.IndexFunc(rows, func(r []string) bool { return r[0] == "listings" })
	if i < 0 || rows[i][8] != "M" {
		t.Errorf("what is only known of the whole city is not missing: %v", rows)
	}
	official.get("/thong-ke/chi-so/khong-co").is(404)
	official.get("/thong-ke/chi-so/khong-co/bang.csv").is(404)
}

func TestTwoPartsAreCompared(t *testing.T) {
	s := newShop(t)
	month := s.traded()
	official := s.staff("0905000004", "Hữu Phước", market.RoleOfficial)
	at := "/thong-ke/so-sanh?ky=" + month + "&noi=474&ky-2=" + month
	official.get(at).is(200).says("400.000 ₫", "500.000 ₫", "−20%", "Thành phố Huế (cũ)")
	official.get("/thong-ke/so-sanh").is(200).says("Phần thứ hai")
	official.get(at + "&noi-2=99").is(422)
	official.get("/thong-ke/chi-tieu").is(200).says("Giá trị giao ròng", "có ít hơn 3 người bán", "2 người bán lớn nhất chiếm quá 85%")
	official.get("/thong-ke/chat-luong").is(200).says("Độ bao phủ", "2/40", "2/26")
}
