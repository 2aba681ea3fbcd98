package main

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"testing"

	"chohue/catalog"
	"chohue/market"
)

// TestEditJourney: the buyer takes one of two boxes out of a paid order, having
// seen what comes back. The seller sees it, packs, and exactly that comes back.
func TestEditJourney(t *testing.T) {
	eachWay(t, "edit", func(p *pocket) {
		before, _ := p.shelf()
		buyer := p.wallet(2)
		buyer.press(`button[name="decision"][value="approve"]`)
		at, id := p.receipt(buyer)
		buyer.until(at, "Chờ đóng gói").keep("the order, before")
		p.order = orderCode.FindString(buyer.text("h1"))
		was := p.intent(id).Captured
		buyer.press(`main a[href*="/sua/"]`).write("q-"+string(p.variant()), "1").keep("taking out")
		buyer.press(`main form > div > button:not([name])`).says("Đơn sau khi sửa", "Hoàn lại cho bạn", "15 phút").keep("what it comes to")
		buyer.press(`button[name="agree"]`).says("Đã sửa đơn", "2 → 1").keep("it can be taken back")
		if in := p.intent(id); in.Refunded != 0 {
			t.Errorf("%d went back before it was settled", in.Refunded)
		}
		seller := p.visit("manager", desk)
		seller.signIn(managerPhone)
		seller.open("/hop-tac-xa").says(p.order, "Khách vừa bớt món").keep("the board")
		seller.press(seller.linkTo(p.order)).says("2 → 1").keep("the parcel")
		seller.press(`form[action*="/dong-goi"] button:not([formaction])`).says("Đã đóng gói")
		p.untilShelf(before - 1)
		o, err := p.road.h.orders.Order(t.Context(), market.System, id, "")
		p.road.must(err)
		buyer.until(at, strings.TrimSuffix(o.Total.String(), " ₫")).keep("settled")
		p.untilRefunded(id, was-o.Total)
		p.road.must(p.road.h.payments.Check(t.Context()))
	})
}

// untilRefunded waits for just that amount to be back.
func (p *pocket) untilRefunded(id market.ID, amount market.VND) {
	p.t.Helper()
	looking := p.visit("somebody", desk)
	for range 50 {
		if p.intent(id).Refunded == amount {
			return
		}
		looking.open("/tro-giup")
	}
	p.t.Errorf("%d is back, want %d", p.intent(id).Refunded, amount)
}

// TestHeavierJourney: the scale says more than was ordered. The seller asks on
// the packing screen, the buyer agrees and pays the difference at the wallet.
func TestHeavierJourney(t *testing.T) {
	eachWay(t, "heavier", func(p *pocket) {
		fish := p.fish()
		buyer := p.visit("buyer", smallPhone)
		buyer.open("/san-pham/" + fish.Slug).press(`form[action="/gio-hang/them"] button[type=submit]:not([name])`)
		buyer.press(`button[name="then"][value="checkout"]`)
		buyer.checkOut()
		buyer.press(`form[action="/thanh-toan"] .summary button[type=submit]`).press(`button[name="decision"][value="approve"]`)
		at, id := p.receipt(buyer)
		buyer.until(at, "Chờ đóng gói")
		p.order = orderCode.FindString(buyer.text("h1"))
		was := p.intent(id).Captured
		seller := p.visit("manager", desk)
		seller.signIn(managerPhone)
		seller.open("/hop-tac-xa").press(seller.linkTo(p.order)).write("w-"+string(fish.Variants[0].ID), "1080").keep("on the scale")
		seller.press(`button[formaction*="/hoi-can"]`).says("Đang hỏi khách về cân nặng", "7.200").keep("asked")
		buyer.until(at, "Hàng nặng hơn lúc đặt").keep("the order asks")
		buyer.press(`main a[href*="/can-nang/"]`).says("1,08", "7.200").keep("the question")
		buyer.press(`button[name="answer"][value="yes"]`).keep("the wallet")
		buyer.press(`button[name="decision"][value="approve"]`)
		buyer.until(at, "Bạn đã đồng ý trả thêm 7.200").keep("agreed")
		seller.open("/hop-tac-xa").press(seller.linkTo(p.order)).says("Khách đồng ý trả thêm 7.200").write("w-"+string(fish.Variants[0].ID), "1080")
		seller.press(`form[action*="/dong-goi"] button:not([formaction])`).says("Đã đóng gói").keep("packed")
		o, err := p.road.h.orders.Order(t.Context(), market.System, id, "")
		p.road.must(err)
		if o.Total != was+7_200 {
			t.Errorf("the order is %d, want %d and 7200", o.Total, was)
		}
		buyer.until(at, strings.TrimSuffix(o.Total.String(), " ₫")).keep("what it is now")
		p.road.must(p.road.h.payments.Check(t.Context()))
	})
}

// fish puts goods on sale that are weighed when they are packed.
func (p *pocket) fish() *catalog.Product {
	p.t.Helper()
	ctx, room := p.t.Context(), p.road.h.catalog
	other, err := room.BySlug(ctx, market.System, peelSlug)
	p.road.must(err)
	g, err := room.CreateDraft(ctx, market.System, catalog.Draft{
		Seller: other.Seller, Set: 1, Name: market.Text{VI: "Thanh trà cân ký"}, Description: market.Text{VI: "Hái sáng, cân khi đóng gói."},
		Variants: []catalog.VariantDraft{{Name: market.Text{VI: "Theo ký"}, Unit: "kg", Size: market.Size{Base: market.Grams, Amount: 1000}, Price: 90_000, Stock: 50, Terms: catalog.Terms{Catch: true}}},
	})
	p.road.must(err)
	var picture bytes.Buffer
	img := image.NewGray(image.Rect(0, 0, 400, 400))
	for i := range img.Pix {
		img.Pix[i] = color.Gray{Y: uint8(120 + i%80)}.Y
	}
	p.road.must(jpeg.Encode(&picture, img, nil))
	_, err = room.AddPhoto(ctx, market.System, g.ID, picture.Bytes(), market.Text{VI: "Thanh trà"})
	p.road.must(err)
	_, err = room.Submit(ctx, market.System, g.ID)
	p.road.must(err)
	g, err = room.Approve(ctx, market.System, g.ID)
	p.road.must(err)
	return g
}
