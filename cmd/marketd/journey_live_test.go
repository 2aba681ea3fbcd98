package main

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"chohue/frontend/locale"
	"chohue/livestream"
	"chohue/market"
	"chohue/orders"
)

// broadcast is a show from its announcement to what it earned, by the pages.
type broadcast struct {
	*studio

	browser context.Context
	farmer  *visitor
	show    string // its id
	orders  map[string]*orders.Order
	at      map[string]string // the buyers' receipts
}

// livePrice is what a unit costs in the show.
const livePrice = 50_000

// TestLiveSellingJourney: a farmer goes live from a phone, two people see moving
// pictures, what is pinned appears to them without loading the page anew; one
// buys in the room, one by a comment and the private link, one by a link from a
// Zalo group, who sends it back; the show ends, is seen again, and its pages
// name every đồng.
func TestLiveSellingJourney(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	s, addr := furnishStudio(t, "mut-vo-thanh-tra", "siro-thanh-tra")
	seller, err := s.house.sellers.BySlug(t.Context(), pooling)
	if err != nil {
		t.Fatal(err)
	}
	s.identify(seller.ID)
	s.serve(addr)
	browser := startCinema(t)
	b := &broadcast{studio: s, browser: browser, orders: map[string]*orders.Order{}, at: map[string]string{}}
	b.begin()
	first, second := s.person(browser, "viewer", smallPhone), s.person(browser, "viewer-2", desk)
	for _, v := range []*visitor{first, second} {
		v.open("/phien/" + b.show)
		v.state("live")
		v.seesMore(20)
	}
	b.pins(first, second)
	b.inRoom(first)
	b.byComment(second)
	zalo := b.byLink(s.person(browser, "zalo", smallPhone))
	watching := s.person(browser, "watching", desk)
	watching.open("/phien/" + b.show)
	b.end(watching)
	b.playsAgain(s.person(browser, "later", smallPhone))
	b.playsAgain(s.person(browser, "later-desk", desk))
	b.deliver()
	b.sendsBack(zalo)
	b.earned(s.person(browser, "manager", desk))
}

// begin announces the show, offers, accepts the rules and sends the camera, all
// from a phone of 360 px.
func (b *broadcast) begin() {
	b.t.Helper()
	v := b.studio.farmer(b.browser)
	b.farmer = v
	v.open("/nong-ho/phien").keep("shows of the farmer")
	v.write("title", "Mứt và siro thanh trà mới nấu").press(`form[action="/nong-ho/phien"] button`)
	at, err := url.Parse(v.path())
	if err != nil {
		b.t.Fatal(err)
	}
	b.show = path.Base(at.Path)
	b.studio.show = market.ID(b.show)
	for i, slug := range []string{"mut-vo-thanh-tra", "siro-thanh-tra"} {
		product, err := b.house.catalog.BySlug(b.t.Context(), market.System, slug)
		if err != nil {
			b.t.Fatal(err)
		}
		if i > 0 {
			v.do(v.touch(`details:has(input[value="offer"]) > summary`))
		}
		v.choose("goods", string(product.ID)+"/"+string(product.Variants[0].ID)).write("code", fmt.Sprintf("A%d", i+1))
		v.write("price", "50000").write("stock", "10").press(`form:has(input[value="offer"]) button[type=submit]`)
		v.says(fmt.Sprintf("A%d", i+1), "Để riêng 10")
	}
	v.keep("desk before the show")
	v.do(v.touch("#rules"))
	v.press(`form:has(input[value="live"]) button[type=submit]`).says("Đang phát trực tiếp")
	v.broadcasts()
}

// pins puts one product on screen after the other: the pages of those who watch
// follow by themselves, the sender's camera runs on.
func (b *broadcast) pins(viewers ...*visitor) {
	b.t.Helper()
	for _, v := range viewers {
		script[any](v, `window.sameDocument = true`)
	}
	script[any](b.farmer, `window.sameDocument = true`)
	for _, code := range []string{"A2", "A1"} {
		b.farmer.do(b.farmer.touch(fmt.Sprintf(`[data-offer=%q] form:has(input[value="pin"]) button`, code)))
		for _, v := range viewers {
			until(v, "shown "+code, 20*time.Second, func() bool {
				return script[bool](v, fmt.Sprintf(`!!document.querySelector('[data-pinned] [data-offer=%q]')`, code))
			})
		}
		until(b.farmer, "pinned "+code, 20*time.Second, func() bool {
			return script[bool](b.farmer, fmt.Sprintf(`!!document.querySelector('[data-offer=%q].desk-offer--pinned')`, code))
		})
	}
	for _, v := range append(viewers, b.farmer) {
		if !script[bool](v, `window.sameDocument === true`) {
			v.fail("the page was loaded anew")
		}
		if n := script[int](v, `window.legs.length`); n != 1 {
			v.fail(fmt.Sprintf("%d connections: the picture broke off", n))
		}
	}
	for _, v := range viewers {
		v.seesMore(20)
		v.keep("room with a pinned product")
	}
	b.farmer.keep("desk on air")
}

// pays goes from the checkout to the receipt.
func (b *broadcast) pays(name string, v *visitor) {
	b.t.Helper()
	v.checkOut()
	v.press(`form[action="/thanh-toan"] .summary button[type=submit]`)
	v.press(`button[name="decision"][value="approve"]`)
	v.until(v.path(), "Chờ đóng gói")
	at, err := url.Parse(v.path())
	if err != nil {
		b.t.Fatal(err)
	}
	at.RawQuery = url.Values{"key": at.Query()["key"]}.Encode()
	b.at[name] = at.String()
	if b.orders[name], err = b.house.orders.Order(b.t.Context(), market.System, market.ID(path.Base(at.Path)), ""); err != nil {
		b.t.Fatal(err)
	}
}

func (b *broadcast) inRoom(v *visitor) {
	b.t.Helper()
	v.press(`[data-pinned] .room-offer__buy > button[type=submit]`).keep("checkout from the room")
	b.pays("room", v)
}

func (b *broadcast) byComment(v *visitor) {
	b.t.Helper()
	v.write("name", "Chị Lan").write("text", "A1 2 hộp 0905 123 456").press(`[data-say] button`)
	v.says("Đơn bạn vừa chốt", "100.000 ₫").keep("room with an order by comment")
	if strings.Contains(v.text("main"), "123 456") {
		v.fail("the phone number is to be seen")
	}
	until(b.farmer, "an order by comment at the desk", 20*time.Second, func() bool {
		return script[bool](b.farmer, `document.querySelector('[data-part="drafts"]').textContent.includes("Chị Lan")`)
	})
	v.press(`#chot a.button`).says("Xác nhận đơn chốt", "100.000 ₫").keep("the private link")
	v.press(`form[action^="/chot-don/"] button`)
	b.pays("comment", v)
}

// byLink follows a link that the farmer's cooperative shared in a Zalo group,
// and buys at the shop's own price.
func (b *broadcast) byLink(v *visitor) *visitor {
	b.t.Helper()
	member := market.Actor{Person: "test-member", Name: "Cô Sen", Sellers: []market.ID{b.orders["room"].Parcels[0].Seller}}
	link, err := b.house.livestream.CreateLink(b.t.Context(), member, livestream.LinkDraft{Show: market.ID(b.show), Channel: "zalo", Label: "nhóm chợ quê"})
	if err != nil {
		b.t.Fatal(err)
	}
	v.open("/l/" + link.Code).says("Mứt và siro")
	if at := v.path(); !strings.HasPrefix(at, "/phien/"+b.show) {
		v.fail("the link leads to " + at)
	}
	v.open("/san-pham/siro-thanh-tra")
	v.press(`form[action="/gio-hang/them"] button[type=submit]:not([name])`)
	v.press(`button[name="then"][value="checkout"]`)
	b.pays("link", v)
	return v
}

// end ends the show from the phone: who watches is told, and sees no more.
func (b *broadcast) end(watching *visitor) {
	b.t.Helper()
	b.farmer.keep("desk before the end")
	b.farmer.do(b.farmer.touch(`form:has(input[value="end"]) button`), b.farmer.touch(`dialog button[value="yes"]`))
	until(b.farmer, "ended", 20*time.Second, func() bool {
		return strings.Contains(b.farmer.text("main"), "Phiên đã kết thúc") || strings.Contains(b.farmer.text("body"), "Đã kết thúc")
	})
	until(watching, "told that it is over", 20*time.Second, func() bool { return strings.Contains(watching.text("main"), "Phiên đã kết thúc") })
	by := market.Actor{Person: "test-member", Sellers: []market.ID{b.orders["room"].Parcels[0].Seller}}
	if _, err := b.house.studio.Ticket(b.t.Context(), by, livestream.ShowStage(market.ID(b.show)), livestream.RolePublish); err == nil {
		b.t.Error("a show that is over can be sent")
	}
	begin := time.Now()
	for found := 0; found == 0; time.Sleep(100 * time.Millisecond) {
		all, err := b.house.studio.Replays(b.t.Context(), market.Actor{}, market.ID(b.show), nil)
		if found = len(all); err != nil || time.Since(begin) > 20*time.Second {
			b.t.Fatalf("no recording of the show: %v", err)
		}
	}
	b.farmer.open("/nong-ho/phien/" + b.show).keep("desk after the show")
	watching.open("/phien/" + b.show).says("Xem lại phiên").keep("room after the show")
}

// playsAgain plays the recording: pictures are decoded, and a pinned product's
// time leads to where it was shown.
func (b *broadcast) playsAgain(v *visitor) {
	b.t.Helper()
	v.open("/phien/"+b.show).press(`a[href$="/xem-lai"]`).says("Xem lại", "iro", "ứt")
	script[any](v, `document.querySelector(".replay video").muted = true; document.querySelector(".replay video").play(); null`)
	moves(v, ".replay video")
	marks := script[[]float64](v, `[...document.querySelectorAll(".replay [data-at]")].map(a => Number(a.dataset.at))`)
	if len(marks) != 2 || marks[1] < marks[0] {
		v.fail(fmt.Sprintf("the pinned products are at %v", marks))
	}
	v.do(v.touch(`.replay li:last-child [data-at]`))
	until(v, "at the second product", 20*time.Second, func() bool {
		return script[bool](v, fmt.Sprintf(`(() => { const p = document.querySelector(".replay video"); return !p.seeking && !p.error && p.readyState >= 2 && p.currentTime >= %f && p.currentTime < %f + 20 })()`, marks[1], marks[1]))
	})
	v.keep("replay")
}

// deliver brings all three orders to their buyers.
func (b *broadcast) deliver() {
	b.t.Helper()
	ctx := b.t.Context()
	for _, o := range b.orders {
		parcel := o.Parcels[0].ID
		if _, err := b.house.orders.Pack(ctx, market.System, o.ID, parcel); err != nil {
			b.t.Fatal(err)
		}
		if _, err := b.house.orders.Ship(ctx, market.System, o.ID, parcel, orders.Shipment{Carrier: "Xe khách"}); err != nil {
			b.t.Fatal(err)
		}
		if _, err := b.house.orders.Deliver(ctx, market.System, o.ID, parcel); err != nil {
			b.t.Fatal(err)
		}
	}
}

// sendsBack gives what came by the link back, whole.
func (b *broadcast) sendsBack(v *visitor) {
	b.t.Helper()
	v.until(b.at["link"], "Đổi trả, hoàn tiền")
	v.press(`main a[href*="/doi-tra/"]`).tick("reason", "damaged")
	line := b.orders["link"].Parcels[0].Lines[0]
	v.write("lines/"+string(line.Variant), "1").write("text", "Chai vỡ khi mở kiện.")
	v.press(`main form[action*="/doi-tra/"] button`).says("Chờ người bán trả lời")
	mine := v.path()
	seller := b.person(b.browser, "manager-returns", desk)
	seller.signIn(managerPhone)
	seller.open("/hop-tac-xa/sau-ban").press(seller.linkTo(b.orders["link"].Code))
	seller.press(`form[action*="/hoan-tien-luon"] button`)
	v.until(mine, "Đã hoàn tiền")
}

// earned wants the same to the đồng on the pages of farmer and cooperative, and
// of the orders themselves.
func (b *broadcast) earned(manager *visitor) {
	b.t.Helper()
	amount := func(name string) market.VND { return b.orders[name].Parcels[0].Lines[0].Amount }
	if amount("room") != livePrice || amount("comment") != 2*livePrice || amount("link") <= livePrice {
		b.t.Fatalf("in the room %d, by comment %d, by the link %d", amount("room"), amount("comment"), amount("link"))
	}
	vnd := func(v market.VND) string { return locale.VND("vi", v) }
	settled := amount("room") + amount("comment")
	words := []string{
		"Mua trong phòng", vnd(amount("room")), "Chốt bằng bình luận", vnd(amount("comment")), "Zalo · nhóm chợ quê", vnd(amount("link")), vnd(settled),
		"Có trả lại", "trong " + vnd(amount("link")),
	}
	b.farmer.until("/nong-ho/phien/"+b.show+"/ket-qua", words...).keep("what the show earned")
	manager.signIn(managerPhone)
	manager.until("/hop-tac-xa/phien/"+b.show+"/ket-qua", words...).keep("what the show earned, at the cooperative")
	manager.until("/hop-tac-xa/phien/doanh-thu", append(words, "Mứt và siro thanh trà mới nấu")...).keep("what was earned in the month")
	operator := market.Actor{Person: "operator", Roles: []market.Role{market.RoleOperator}}
	audit, err := b.house.livestream.Replay(b.t.Context(), operator, b.house.orders)
	if err != nil || !audit.OK() || audit.Settled != settled || audit.Shows[market.ID(b.show)] != settled {
		b.t.Errorf("worked out again from the orders: %+v, %v, want %d", audit, err, settled)
	}
	if _, err := b.house.livestream.Records(b.t.Context(), operator, market.ID(b.show)); err != nil {
		b.t.Errorf("the record of the show: %v", err)
	}
}
