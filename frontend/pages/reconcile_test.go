package pages_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"chohue/cooperatives"
	"chohue/market"
	"chohue/payments"
)

// TestReconcileByPages: an operator reads a wallet's report, sees the
// difference, asks, closes it; others find nothing there.
func TestReconcileByPages(t *testing.T) {
	s := newShop(t)
	operator, moderator := s.staff("0905000021", "Vận hành", market.RoleOperator), s.staff("0905000022", "Kiểm duyệt", market.RoleModerator)
	moderator.get("/quan-tri/doi-soat").is(404)
	moderator.post("/quan-tri/doi-soat/x/xong", "note", "x").is(404)
	operator.get("/quan-tri/doi-soat").is(200).says("Không có chênh lệch nào đang chờ.", "Báo cáo của ví")

	day := s.now().In(market.HueZone).Format("2006-01-02")
	file := strings.Join(payments.ReportColumns, ",") + "\nT1,X,capture,45000,500," + day + "\nT2,X,gift,1,0," + day + "\n"
	read := operator.attach("/quan-tri/doi-soat/bao-cao", "file", "momo.csv", []byte(file), "party", "sandbox", "from", day, "to", day).is(200)
	read.says("Giao dịch không thuộc đơn nào", "45.000 ₫", "Dòng 3: loại phải là capture hoặc refund", "Hỏi bên kia.")
	operator.attach("/quan-tri/doi-soat/bao-cao", "file", "momo.csv", []byte("a,b\n"), "party", "sandbox", "from", day, "to", day).is(422).says("Dòng đầu phải là")
	operator.attach("/quan-tri/doi-soat/bao-cao", "file", "momo.csv", []byte(file), "party", "sandbox", "from", "mai", "to", day).is(422).says("Hãy chọn ngày.")

	close := operator.get("/quan-tri/doi-soat").is(200).action("/xong")
	operator.post(close, "note", "").is(422).says("Hãy ghi đã xử lý thế nào")
	operator.post(close, "note", "Của sàn khác").is(200).says("Đã đóng chênh lệch.", "Không có chênh lệch nào đang chờ.")
}

// TestBankStatementByPages: a seller's statement confirms the transfer that a
// buyer has made, and another seller can do nothing about it.
func TestBankStatementByPages(t *testing.T) {
	s := newShop(t)
	keeper := s.member("0905000031", "Kế toán", s.coop, cooperatives.MemberManager)
	other := s.member("0905000032", "Làng nghề", s.craft, cooperatives.MemberManager)
	order := s.visitor().get(s.buy("thanh-tra-thuy-bieu", "kg", "vietqr")).is(200)
	code := regexp.MustCompile(`HUE-[0-9A-Z]{8}`).FindString(order.text())
	intents, err := s.rooms.Payments.OfOrder(t.Context(), market.ID(strings.Split(order.at.Path, "/")[2]))
	s.must(err)
	in := intents[0]
	bank, account, _ := strings.Cut(in.Step.Merchant, ":")
	file := strings.Join(payments.BankStatementColumns, ",") + "\n" +
		fmt.Sprintf("%s,FT1,%s,%s,%d,MBVCB.FT1.%s.CT tu 0071,NGUYEN VAN A\n", s.now().Format("2006-01-02T15:04:05Z07:00"), bank, account, in.Amount, strings.ReplaceAll(code, "-", ""))
	other.attach("/hop-tac-xa/sao-ke", "file", "saoke.csv", []byte(file)).is(200).says("Tiền đến không ghi mã đơn")
	keeper.attach("/hop-tac-xa/sao-ke", "file", "saoke.csv", []byte(file)).is(200).says("Đơn được xác nhận 1")
	keeper.attach("/hop-tac-xa/sao-ke", "file", "saoke.csv", []byte(file)).is(200).says("Đơn được xác nhận 0", "Đã biết từ trước 1")
	s.drain()
	if in, err = s.rooms.Payments.Intent(t.Context(), in.ID); err != nil || in.State != payments.StateCaptured || in.Captured != in.Amount {
		t.Errorf("%+v %v", in, err)
	}
}
