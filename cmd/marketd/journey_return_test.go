package main

import (
	"testing"

	"chohue/market"
)

// TestReturnJourney: of two units one came broken. The seller gives its money
// back without wanting it sent; the other stays sold.
func TestReturnJourney(t *testing.T) {
	eachWay(t, "return", func(p *pocket) {
		buyer := p.wallet(2)
		buyer.press(`button[name="decision"][value="approve"]`)
		at, id := p.receipt(buyer)
		buyer.until(at, "Chờ đóng gói")
		p.order = orderCode.FindString(buyer.text("h1"))
		seller := p.visit("manager", desk)
		seller.send(p.journey, managerPhone)
		buyer.open(at).says("Đổi trả, hoàn tiền").keep("it came")
		buyer.press(`main a[href*="/doi-tra/"]`).tick("reason", "damaged")
		buyer.write("lines/"+string(p.variant()), "1").write("text", "Một hộp vỡ nắp khi mở kiện.").keep("asking for money back")
		buyer.press(`main form[action*="/doi-tra/"] button`).says("Chờ người bán trả lời").keep("asked")
		mine := buyer.path()
		seller.open("/hop-tac-xa/sau-ban").says(p.order, "Chờ người bán trả lời").keep("what buyers came back with")
		seller.press(seller.linkTo(p.order)).says("Một hộp vỡ nắp").keep("the return")
		seller.press(`form[action*="/hoan-tien-luon"] button`)
		buyer.until(mine, "Đã hoàn tiền").keep("the money is back")
		o, err := p.road.h.orders.Order(t.Context(), market.System, id, "")
		p.road.must(err)
		in := p.intent(id)
		if want := o.Parcels[0].Lines[0].Price; in.Refunded != want || in.Captured != o.Total {
			t.Errorf("%d of %d went back, want %d", in.Refunded, in.Captured, want)
		}
		p.road.must(p.road.h.payments.Check(t.Context()))
	})
}
