package pages_test

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
)

// paid buys two of the variant with the wallet.
func (s *shop) paid(product string, variant market.ID) {
	s.t.Helper()
	v := s.visitor()
	v.post("/gio-hang/them", "product", product, "variant", string(variant), "quantity", "2").is(200)
	step := v.post("/thanh-toan", with(address[:6], "area", "province")...).is(200)
	wallet := v.post("/thanh-toan", with(address, "method", "sandbox", "expect", attr(step.input("expect"), "value"))...).is(200)
	v.post("/sandbox/pay", "id", attr(wallet.input("id"), "value"), "query", attr(wallet.input("query"), "value"), "decision", "approve")
	s.drain()
}

// later turns the clock.
func (s *shop) later(d time.Duration) {
	at := s.now().Add(d)
	s.clock.Store(&at)
	s.drain()
}

// aWeek is longer than the money of a sale is held.
const aWeek = 8 * 24 * time.Hour

// rows reads a CSV that was downloaded.
func (p page) rows() [][]string {
	p.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(p.body)).ReadAll()
	if err != nil {
		p.t.Fatal(err)
	}
	return rows
}

// A payout from the preview to what its sellers read, every form sent twice.
func TestAPayoutThroughThePages(t *testing.T) {
	s := newShop(t)
	s.paid("thanh-tra-thuy-bieu", s.variant["kg"])
	s.paid("non-la-bai-tho", s.variant["hat"])
	s.later(aWeek)
	first := s.staff("0905000021", "Lan", market.RoleOperator)
	s.later(time.Minute) // so that the newest message is the newest
	second := s.staff("0905000022", "Minh", market.RoleOperator)

	first.get("/quan-tri/chi-tra?nguon=clearing:sandbox").is(200).says("HTX Thủy Biều", "Làng nghề Bao La")
	made := first.post("/quan-tri/chi-tra", "source", "clearing:sandbox").is(200)
	made.says("Chờ người thứ hai duyệt")
	here := made.at.Path
	for range 2 {
		first.post(here + "/duyet").is(200).says("Người lập không được tự duyệt")
		first.get(here).says("Chờ người thứ hai duyệt")
	}
	first.get(here + "/ngan-hang.csv").is(409)
	for range 2 {
		second.post(here+"/duyet").is(200).says("Đã duyệt", "Lan", "Minh")
	}
	told := second.get(here + "/ngan-hang.csv").is(200).rows()
	if len(told) != 3 || told[1][2] != "0000000001" {
		t.Fatalf("the bank is told %q", told)
	}

	answer := []byte(strings.Join([]string{
		"reference,amount_vnd,result,bank_transaction,date,reason",
		told[1][0] + "," + told[1][4] + ",paid,FT001,2026-12-07,",
		told[2][0] + "," + told[2][4] + ",rejected,FT002,2026-12-07,Sai tên chủ tài khoản",
		"CHPNOTOURS,1000,paid,FT003,2026-12-07,", "",
	}, "\n"))
	second.attach("/quan-tri/chi-tra/sao-ke", "file", "a.csv", answer).is(200).says("Không đợt chi trả nào có mã này", "CHPNOTOURS")
	second.attach("/quan-tri/chi-tra/sao-ke", "file", "a.csv", answer).is(200).says("Không đợt chi trả nào có mã này")
	second.attach("/quan-tri/chi-tra/sao-ke", "file", "a.csv", []byte("PK\x03\x04")).is(422)
	done := second.get(here).is(200)
	done.says("FT001", "Sai tên chủ tài khoản")
	if left := second.get(here + "/ngan-hang.csv").is(200).rows(); len(left) != 1 {
		t.Errorf("what was answered for is told to the bank again: %q", left)
	}
	s.read(t, told)
}

// read looks at the money as both sellers see it.
func (s *shop) read(t *testing.T, told [][]string) {
	t.Helper()
	words := map[bool]string{true: "Sai tên chủ tài khoản", false: "Đã trả"}
	for i, seller := range []market.ID{s.coop, s.craft} {
		s.later(time.Minute)
		manager := s.member([]string{"0905000023", "0905000024"}[i], "Quản lý", seller, cooperatives.MemberManager)
		money := manager.get("/hop-tac-xa/tien").is(200)
		rejected := strings.Contains(money.text(), told[2][0])
		money.says(words[rejected], "Tiền hàng")
		if back := strings.Contains(money.text(), "Chi trả không tới"); back != rejected {
			t.Errorf("rejected %v, but the money is said to be back: %v", rejected, back)
		}
		if strings.Contains(money.text(), told[1][0]) == rejected {
			t.Errorf("the seller sees the line of another: %s", money.text())
		}
		if ready := strings.Contains(money.text(), "Sẵn sàng chi trả"); ready != rejected {
			t.Errorf("rejected %v, but the money is ready again: %v", rejected, ready)
		}
	}
	if err := s.rooms.Payments.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// household is a seller from whom tax is withheld, with one product.
func (s *shop) household() (seller, variant market.ID) {
	s.t.Helper()
	made, err := s.rooms.Sellers.Register(s.t.Context(), market.System, cooperatives.Registration{
		Name: market.Text{VI: "Hộ ông Hiệp"}, Kind: cooperatives.KindHousehold, Ward: "19813", Street: "thôn Hai", Phone: "0905123457",
	})
	s.must(err)
	_, err = s.rooms.Sellers.Verify(s.t.Context(), market.System, made.ID)
	s.must(err)
	goods := s.product(made.ID, "Mè xửng dẻo", 6, 0, catalog.VariantDraft{
		Name: market.Text{VI: "Hộp"}, Unit: "hộp", Size: market.Size{Base: market.Grams, Amount: 300}, Price: 60_000, Stock: 9,
	})
	s.drain()
	return made.ID, goods.Variants[0].ID
}

// Who sold without a tax code is told so, enters it, and is paid.
func TestATaxCodeEnteredLaterLetsTheMoneyGo(t *testing.T) {
	s := newShop(t)
	made, variant := s.household()
	s.paid("me-xung-deo", variant)
	s.later(aWeek)
	operator := s.staff("0905000021", "Lan", market.RoleOperator)
	s.later(time.Minute)
	manager := s.member("0905000025", "Tôn Thất Hiệp", made, cooperatives.MemberManager)
	s.later(time.Minute)
	packer := s.member("0905000026", "Người gói", made, cooperatives.MemberPacker)

	operator.get("/quan-tri/chi-tra?nguon=clearing:sandbox").is(200).says("Chưa có mã số thuế")
	operator.post("/quan-tri/chi-tra", "source", "clearing:sandbox").is(200).says("Không có ai được trả")
	manager.get("/nong-ho/tien").is(200).says("Chưa có mã số thuế", "Thuế và tài khoản nhận tiền")
	packer.get("/nong-ho/thue-tai-khoan").is(200).says("Chỉ quản lý gian hàng sửa được")
	packer.post("/nong-ho/thue-tai-khoan", "tax_code", "046085000123").is(403)

	wrong := manager.post("/nong-ho/thue-tai-khoan", "tax_code", "12345678901", "bank/bin", "970405", "bank/account", "0000 000 009", "bank/holder", "Tôn Thất Hiệp").is(422)
	wrong.says("Mã số thuế gồm 10 hoặc 12 số")
	if attr(wrong.input("bank/account"), "value") == "" || attr(wrong.input("tax_code"), "aria-invalid") != "true" {
		t.Error("what was typed is lost, or its field is not marked")
	}
	for range 2 {
		manager.post("/nong-ho/thue-tai-khoan", "tax_code", "046085000123", "residency", "resident", "bank/bin", "970405", "bank/account", "0000 000 009", "bank/holder", "Tôn Thất Hiệp").is(200).
			says("Đã lưu", "046085000123", "…009")
	}
	manager.get("/hop-tac-xa/nhat-ky").is(200).says("ghi thông tin thuế và tài khoản")
	paid := operator.post("/quan-tri/chi-tra", "source", "clearing:sandbox").is(200)
	paid.says("Hộ ông Hiệp", "Chờ người thứ hai duyệt")
}
