package main

import (
	"regexp"
	"testing"
	"time"
)

const (
	pomeloSlug = "thanh-tra-thuy-bieu"
	pomeloName = "Thanh trà Thủy Biều"
	otherPhone = "0912345679" // has no account either
)

// TestPreorderJourney takes a crop from its declaration on a farmer's phone
// through deposits, a short harvest and the balance to delivery, and another to
// a storm that gives everybody their money back.
func TestPreorderJourney(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	chromium, axe := startBrowser(t), loadAxe(t)
	for _, script := range []bool{true, false} {
		name := "preorder-with-script"
		if !script {
			name = "preorder-without-script"
		}
		t.Run(name, func(t *testing.T) {
			j := &journey{t: t, base: startMarket(t, pomeloSlug), browser: chromium, script: script, axe: axe, album: newAlbum(t, name)}
			j.harvest()
			j.storm()
		})
	}
}

func (j *journey) harvest() {
	farmer := j.visit("farmer", smallPhone)
	farmer.signIn(farmerPhone)
	crop := farmer.declare("20", j)
	mai, hoa := j.visit("mai", smallPhone), j.visit("hoa", desk)
	mai.signIn(buyerPhone)
	hoa.signIn(otherPhone)
	mine := mai.reserve("8")
	hoa.reserve("8")
	mai.until(mine, "Đã cọc").says("Phần của bạn đã chắc").keep("deposit paid")
	farmer.until(crop, "Đã cọc", "Trần Thị Mai").keep("who has reserved")
	farmer.unfold(`details:has(form[action$="/doi"])`).write("yield", "15").press(`form[action$="/doi"] button`).says("Người đặt được báo").keep("fewer expected")
	mai.until(mine, "Người bán đổi sản lượng dự kiến").keep("told of the change")
	farmer.write("actual", "13").press(`form[action$="/thu-hoach"] button`).says("Chia 13", "Chốt thì không đổi").keep("who would get what")
	farmer.press(`#chia form button`).says("Đã chia phần").keep("shared out")
	mai.until(mine, "Hàng đã về!", "7 trên 8").keep("balance due")
	mai.tick("method", "sandbox").press(`form[action$="/tra-not"] button`).press(`button[name="decision"][value="approve"]`)
	mai.until(mine, "Thành đơn hàng").keep("became an order")
	mai.press(mai.linkTo("Xem đơn hàng")).says("Chờ đóng gói").keep("the order")
	j.order = orderCode.FindString(mai.text("h1"))
	j.visit("manager", desk).send(j, managerPhone)
	mai.open(mai.path()).says("Đã giao đủ").keep("delivered")
	j.visit("official", desk).countPreorder()
}

// unfold opens a part of the page that is folded away.
func (v *visitor) unfold(part string) *visitor {
	v.t.Helper()
	v.do(v.touch(part + " > summary"))
	return v
}

// confirm presses a button that asks first where script runs.
func (v *visitor) confirm(button string) *visitor {
	v.t.Helper()
	if !v.script {
		return v.press(button)
	}
	v.do(v.touch(button))
	return v.press(`dialog[open] button[value="yes"]`)
}

func (v *visitor) countPreorder() {
	v.t.Helper()
	v.signIn(officialPhone)
	v.until("/thong-ke/bang", "Đặt trước").keep("counted as a pre-order")
}

func (j *journey) storm() {
	farmer, mai := j.visit("farmer-again", smallPhone), j.visit("mai-again", smallPhone)
	farmer.signIn(farmerPhone)
	crop := farmer.declare("30", j)
	mai.signIn(buyerPhone)
	mine := mai.reserve("4")
	mai.until(mine, "Đã cọc")
	farmer.open(crop).unfold(`details:has(form[action$="/huy"])`).write("reason", "Bão số 12 làm gãy vườn").confirm(`form[action$="/huy"] button`)
	farmer.says("Đã huỷ vụ").keep("lost to a storm")
	mai.until(mine, "Đã trả lại tiền", "Bão số 12 làm gãy vườn").keep("the deposit is back")
	mai.open("/tai-khoan/dat-truoc").says("Đã trả lại tiền").keep("my pre-orders")
}

// declare opens a crop and returns its page.
func (v *visitor) declare(yield string, j *journey) string {
	v.t.Helper()
	v.open("/nong-ho/mua-vu").keep("my harvests")
	from := time.Now().AddDate(0, 2, 0)
	v.day("from", from).day("to", from.AddDate(0, 2, 0)).day("closes", from.AddDate(0, 0, -7))
	v.write("yield", yield).write("deposit", "20").keep("a crop filled in")
	v.press("main form.panel > button").says("Đã mở đặt trước").keep("open for reservations")
	return v.path()
}

var preorderPage = regexp.MustCompile(`^/dat-truoc/[0-9A-Z]{26}`)

// reserve finds the crop at its product and pays the deposit.
func (v *visitor) reserve(units string) string {
	v.t.Helper()
	v.open("/san-pham/"+pomeloSlug).says("Đặt trước mùa vụ", "Huỷ trước").keep("the product")
	v.write("so-luong", units).press(`.crop form button[type=submit]`).says("Đặt cọc hôm nay").keep("before reserving")
	v.write("name", "Trần Thị Mai").write("phone", buyerPhone)
	v.choose("province", hueCity)
	if !v.script {
		v.press(`button[name="area"]`)
	}
	v.choose("ward", buyerIn).write("street", "12 kiệt 8 Nguyễn Sinh Cung").tick("method", "sandbox").keep("filled in")
	v.press(`button[form="dat-truoc"]`).keep("the wallet")
	v.press(`button[name="decision"][value="approve"]`)
	at := preorderPage.FindString(v.path())
	if at == "" {
		v.fail("paid, but at " + v.path())
	}
	return at
}
