package pages_test

import (
	"testing"

	"chohue/market"
)

// The pages of payouts and of withheld tax are for operators (tax for officials
// too); sellers see their own money.
func TestMoneyPagesAreForThoseItConcerns(t *testing.T) {
	s := newShop(t)
	operator := s.staff("0905000008", "Lan", market.RoleOperator)
	operator.get("/quan-tri/chi-tra").is(200).says("Chi trả người bán", "Chợ không giữ tiền")
	operator.get("/quan-tri/thue?thang=2026-11").is(200).says("Tháng này không khấu trừ của ai")
	operator.get("/quan-tri/thue?thang=mai").is(422).says("Tháng phải viết")
	official := s.staff("0905000009", "Phước", market.RoleOfficial)
	official.get("/quan-tri/thue").is(200)
	official.get("/quan-tri/chi-tra").is(404)
	moderator := s.staff("0905000010", "Anh", market.RoleModerator)
	moderator.get("/quan-tri/chi-tra").is(404)
	moderator.get("/quan-tri/thue").is(404)
	packer := s.member("0905000011", "Người gói", s.coop, "packer")
	packer.get("/hop-tac-xa/tien").is(200).says("Lần chi trả tới", "Chưa có lần chi trả nào", "Thuế đã khấu trừ")
	packer.get("/hop-tac-xa/tien/chung-tu/2026").is(200).says("01/CTKT-TMĐT")
}
