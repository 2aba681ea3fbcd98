package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// moneyTown is a market in which all has happened that the pages of money
// show: sales that were paid out, tax that was paid, a report with faults,
// returns, complaints, reviews that were reported. All of it came about by the
// rooms' own doors, over months of a clock that the test moves.
type moneyTown struct {
	*road

	ahead                         *atomic.Int64
	buyer, manager, fish, mam     market.Actor
	treasurer, partner, moderator market.Actor
	paid                          []*orders.Order // delivered and paid for months ago
	disputed, sent, complained    market.ID       // orders
	openReturn, sentReturn        market.ID
	talk                          market.ID // a complaint with words of all sides
}

const (
	syrupSlug     = "siro-thanh-tra"
	fishSlug      = "nuoc-mam-ca-com-xuan-anh"
	fishPhone     = "0900000090"
	demoBuyer     = "0900000901"
	treasurePhone = "0905000951"
	partnerPhone  = "0905000952"
)

func openMoneyTown(t *testing.T) *moneyTown {
	t.Helper()
	var ahead atomic.Int64
	world := outdoors()
	world.env = market.NewEnv(func() time.Time { return market.SystemClock().Add(time.Duration(ahead.Load())) })
	c := testConfig(t)
	setLogger(c.LogLevel)
	stock(t, c, []string{peelSlug, syrupSlug, mamSlug, fishSlug})
	w := &moneyTown{road: &road{t: t, url: c.URL}, ahead: &ahead}
	w.serve(c, world)
	w.meet()
	w.trade()
	w.pay()
	w.reconcile()
	w.quarrel()
	w.discounts()
	w.today()
	return w
}

func (w *moneyTown) now() time.Time { return w.h.env.Now() }

// pass moves the clock and waits for nothing: what is due is done by who needs
// it.
func (w *moneyTown) pass(d time.Duration) { w.ahead.Add(int64(d)) }

// until waits for something that the market does by itself.
func (w *moneyTown) until(what string, done func() bool) {
	w.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if done() {
			return
		}
		<-tick.C
	}
	w.t.Fatalf("waited in vain: %s", what)
}

// meet finds the people of the town.
func (w *moneyTown) meet() {
	w.t.Helper()
	for _, one := range []struct {
		phone, name string
		role        market.Role
	}{{treasurePhone, "Hồ Thị Lan", market.RoleOperator}, {partnerPhone, "Nguyễn Nhật Minh", market.RoleOperator}} {
		_, err := w.h.accounts.Ensure(w.t.Context(), market.System, one.phone, one.name, one.role)
		w.must(err)
	}
	w.buyer, w.moderator = w.actor(demoBuyer, ""), w.actor(moderatorPhone, "")
	w.treasurer, w.partner = w.actor(treasurePhone, ""), w.actor(partnerPhone, "")
	w.manager, w.fish, w.mam = w.actor(managerPhone, "htx-thuy-bieu"), w.actor(fishPhone, "ho-xuan-anh"), w.actor(mamPhone, "co-so-me-em")
}

func (w *moneyTown) actor(phone, seller string) market.Actor {
	w.t.Helper()
	person, err := w.h.accounts.ByPhone(w.t.Context(), market.System, phone)
	w.must(err)
	by := market.Actor{Person: person.ID, Name: person.Name, Roles: person.Roles}
	if seller != "" {
		by.Sellers = []market.ID{fixedID("seller " + seller)}
	}
	return by
}

// order puts so many units of each product into a cart and orders them.
func (w *moneyTown) order(by market.Actor, method string, n int64, slugs ...string) *orders.Order {
	w.t.Helper()
	ctx := w.t.Context()
	cart, err := w.h.orders.NewCart(ctx, market.Actor{})
	w.must(err)
	for _, slug := range slugs {
		p, err := w.h.catalog.BySlug(ctx, market.System, slug)
		w.must(err)
		_, err = w.h.orders.SetLine(ctx, market.Actor{}, cart.ID, p.Variants[0].ID, n, nil)
		w.must(err)
	}
	o, _, err := w.h.orders.Place(ctx, by, orders.Checkout{
		Cart: cart.ID, Method: method, BaseURL: w.url, Note: "Gọi trước khi giao giúp chị nhé.",
		Address: market.Address{Name: "Phạm Thu Hà", Phone: demoBuyer, Province: hueCity, Ward: buyerIn, Street: "12 kiệt 8 Nguyễn Sinh Cung"},
	})
	w.must(err)
	return o
}

// bought is an order that its buyer paid for at the wallet.
func (w *moneyTown) bought(n int64, slugs ...string) *orders.Order {
	w.t.Helper()
	o := w.order(w.buyer, "sandbox", n, slugs...)
	w.must(w.h.payInWallet(w.t.Context(), o.Parcels[0].Payment))
	w.until("the order is confirmed", func() bool { return w.see(o.ID).State == orders.StateConfirmed })
	return w.see(o.ID)
}

func (w *moneyTown) see(id market.ID) *orders.Order {
	w.t.Helper()
	o, err := w.h.orders.Order(w.t.Context(), market.System, id, "")
	w.must(err)
	return o
}

// delivered takes every parcel of an order to its buyer.
func (w *moneyTown) delivered(o *orders.Order) *orders.Order {
	w.t.Helper()
	ctx := w.t.Context()
	for _, p := range o.Parcels {
		_, err := w.h.orders.Pack(ctx, market.System, o.ID, p.ID)
		w.must(err)
		_, err = w.h.orders.Ship(ctx, market.System, o.ID, p.ID, orders.Shipment{Carrier: "Xe khách Hoàng Long", Tracking: "HL-2026-1187"})
		w.must(err)
		_, err = w.h.orders.Deliver(ctx, market.System, o.ID, p.ID)
		w.must(err)
	}
	return w.see(o.ID)
}

// trade is what was sold two months ago.
func (w *moneyTown) trade() {
	w.t.Helper()
	for _, goods := range [][]string{{fishSlug, mamSlug}, {peelSlug}, {fishSlug, peelSlug}} {
		w.paid = append(w.paid, w.delivered(w.bought(2, goods...)))
	}
	w.until("the sales are in the books", func() bool {
		owed, err := w.h.payments.Balance(w.t.Context(), payments.Payable(w.fish.Sellers[0]))
		return err == nil && owed != 0
	})
	w.pass(40 * 24 * time.Hour)
	_, err := w.h.orders.KeepTime(w.t.Context())
	w.must(err)
}

// pay pays sellers and the tax office: one batch that the bank has answered
// for, one that waits for the second person.
func (w *moneyTown) pay() {
	w.t.Helper()
	ctx, source := w.t.Context(), payments.Clearing("sandbox")
	b, err := w.h.payouts.Prepare(ctx, w.treasurer, source, "")
	w.must(err)
	_, err = w.h.payouts.Approve(ctx, w.partner, b.ID)
	w.must(err)
	if b, err = w.h.payouts.Payout(ctx, w.partner, b.ID); err != nil || len(b.Lines) < 2 {
		w.t.Fatalf("the batch has %+v, %v", b, err)
	}
	answers := make([]payments.Answer, 2)
	for i := range answers {
		answers[i] = payments.Answer{Row: i + 2, Reference: b.Lines[i].Reference, Amount: b.Lines[i].Amount, Paid: i == 0, Transaction: fmt.Sprintf("FT26%06d", i+1), At: w.now()}
	}
	answers[1].Reason = "Sai tên chủ tài khoản"
	_, err = w.h.payouts.Take(ctx, w.treasurer, answers)
	w.must(err)
	w.delivered(w.bought(1, fishSlug))
	w.delivered(w.bought(3, peelSlug))
	w.pass(9 * 24 * time.Hour)
	_, err = w.h.payouts.Prepare(ctx, w.treasurer, source, "")
	w.must(err)
	_, err = w.h.payments.PrepareTax(ctx, w.treasurer, payments.Period(w.paid[0].PlacedAt), source)
	w.must(err)
}

// reconcile reads a report of the wallet, and a statement of a seller's bank,
// in which nearly nothing is right.
func (w *moneyTown) reconcile() {
	w.t.Helper()
	ctx := w.t.Context()
	rows := []string{strings.Join(payments.ReportColumns, ",")}
	row := func(transaction, reference, kind string, amount market.VND, at time.Time) {
		rows = append(rows, fmt.Sprintf("%s,%s,%s,%d,%d,%s", transaction, reference, kind, amount, amount/100, at.Format(time.RFC3339)))
	}
	for i, o := range w.paid {
		in, err := w.h.payments.Intent(ctx, o.Parcels[0].Payment)
		w.must(err)
		transaction, reference, at := in.Captures[0].Transaction, string(in.ID), in.CapturedAt
		switch i {
		case 0:
			row(transaction, reference, payments.NoticeCapture, in.Captured-20_000, at)
		case 1:
			row(transaction, reference, payments.NoticeCapture, in.Captured, at)
			row(transaction, reference, payments.NoticeCapture, in.Captured, at)
		}
	}
	row("9704366614626076016", "CHO-HUE-1", payments.NoticeCapture, 1_245_000, w.now().Add(-30*time.Hour))
	lines, err := payments.ReadReport(strings.NewReader(strings.Join(rows, "\n") + "\n"))
	w.must(err)
	_, err = w.h.payments.MatchReport(ctx, w.treasurer, payments.Report{Provider: "sandbox", From: w.now().AddDate(0, -3, 0), To: w.now(), Lines: lines})
	w.must(err)
	w.bank()
}

func (w *moneyTown) bank() {
	w.t.Helper()
	transfer := w.order(w.buyer, "vietqr", 1, peelSlug)
	in, err := w.h.payments.Intent(w.t.Context(), transfer.Parcels[0].Payment)
	w.must(err)
	bin, account, _ := strings.Cut(in.Step.Merchant, ":")
	credit := func(transaction string, amount market.VND, text string) string {
		return fmt.Sprintf("%s,%s,%s,%s,%d,%s,NGUYEN THI PHUONG THAO", w.now().Format(time.RFC3339), transaction, bin, account, amount, text)
	}
	file := strings.Join([]string{
		strings.Join(payments.BankStatementColumns, ","),
		credit("FT2633400128", 185_000, "CHUYEN TIEN MUA MUT"),
		credit("FT2633400131", in.Amount-5000, "MBVCB.6612347781.CT tu 0071000912345 NGUYEN THI PHUONG THAO "+strings.ReplaceAll(transfer.Code, "-", "")),
	}, "\n") + "\n"
	lines, err := payments.ReadBankStatement(strings.NewReader(file))
	w.must(err)
	_, err = w.h.payments.MatchBank(w.t.Context(), w.manager, w.manager.Sellers[0], lines)
	w.must(err)
}

// evidencePhoto is a picture of a jar with a crack, as far as one can draw it
// in twenty lines; shade tells photos apart.
func evidencePhoto(shade uint8) []byte {
	picture := image.NewRGBA(image.Rect(0, 0, 480, 360))
	for y := range 360 {
		for x := range 480 {
			c := color.RGBA{R: 214 - shade, G: 196, B: 170 + shade, A: 255}
			if x > 170 && x < 310 && y > 90 && y < 320 {
				c = color.RGBA{R: 150, G: 84 + shade, B: 40, A: 255}
			}
			if d := x - 240 - y%37/3; y > 90 && y < 320 && d > -2 && d < 2 {
				c = color.RGBA{R: 255, G: 255, B: 255, A: 255}
			}
			picture.Set(x, y, c)
		}
	}
	var out bytes.Buffer
	_ = jpeg.Encode(&out, picture, nil) // into memory: nothing can fail
	return out.Bytes()
}

// quarrel is what buyers came back with.
func (w *moneyTown) quarrel() {
	w.t.Helper()
	ctx := w.t.Context()
	o := w.delivered(w.bought(3, mamSlug))
	r := w.wish(o, "Ba hũ thì hai hũ nứt, nước mắm chảy ướt hết thùng. Chị mở ngay trước mặt người giao.", 2)
	_, err := w.h.orders.RefuseReturn(ctx, w.mam, o.ID, r, orders.Word{Text: "Bên em đóng xốp kỹ, ảnh trước khi gửi còn nguyên.", Photos: w.photos(o.ID, w.mam, 40)})
	w.must(err)
	w.pass(3 * time.Hour)
	_, err = w.h.orders.DisputeReturn(ctx, w.buyer, o.ID, r, "", orders.Word{Text: "Nhờ sàn xem giúp, ảnh của chị chụp lúc vừa nhận."})
	w.must(err)
	w.disputed, w.openReturn = o.ID, r

	o = w.delivered(w.bought(2, peelSlug))
	r = w.wish(o, "Một hộp bị ẩm.", 1)
	_, err = w.h.orders.AcceptReturn(ctx, w.manager, o.ID, r, false, orders.Word{Text: "Dạ chị gửi lại giúp, bên em trả phí."})
	w.must(err)
	w.pass(5 * time.Hour)
	_, err = w.h.orders.SendReturn(ctx, w.buyer, o.ID, r, "", orders.Shipment{Carrier: "Giao Hàng Nhanh", Tracking: "GHN-88213"}, orders.Word{})
	w.must(err)
	w.sent, w.sentReturn = o.ID, r
	w.complain()
}

// wish asks for money back for so many units, with a photo.
func (w *moneyTown) wish(o *orders.Order, text string, n int64) market.ID {
	w.t.Helper()
	p := o.Parcels[0]
	_, r, err := w.h.orders.AskReturn(w.t.Context(), w.buyer, o.ID, "", orders.ReturnWish{
		Parcel: p.ID, Reason: orders.ReasonDamaged, Text: text, Photos: w.photos(o.ID, w.buyer, 0, 20), Lines: []orders.ReturnLine{{Variant: p.Lines[0].Variant, Quantity: n}},
	})
	w.must(err)
	return r.ID
}

func (w *moneyTown) photos(order market.ID, by market.Actor, shades ...uint8) []string {
	w.t.Helper()
	var ids []string
	for _, shade := range shades {
		id, err := w.h.orders.AddEvidence(w.t.Context(), by, order, "", evidencePhoto(shade))
		w.must(err)
		ids = append(ids, id)
	}
	return ids
}

func (w *moneyTown) complain() {
	w.t.Helper()
	ctx := w.t.Context()
	o := w.delivered(w.bought(1, mamSlug))
	k, err := w.h.orders.Complain(ctx, w.buyer, orders.Grievance{
		Category: "late", Order: o.ID, Parcel: o.Parcels[0].ID, Text: "Hẹn giao thứ Ba mà thứ Sáu mới tới, gọi ba lần không ai bắt máy.", Photos: [][]byte{evidencePhoto(60)},
	})
	w.must(err)
	w.pass(2 * time.Hour)
	_, err = w.h.orders.Speak(ctx, w.mam, k.ID, orders.Plea{Side: orders.SideSeller, Text: "Dạ xe hỏng dọc đường, em xin lỗi chị. Em gửi tặng chị một hũ ở đơn sau."})
	w.must(err)
	w.pass(26 * time.Hour)
	_, err = w.h.orders.Speak(ctx, w.buyer, k.ID, orders.Plea{Side: orders.SideBuyer, Text: "Chị không cần quà, chị muốn được báo trước.", Escalate: true})
	w.must(err)
	w.complained, w.talk = o.ID, k.ID
	review, err := w.h.orders.WriteReview(ctx, w.buyer, o.ID, "", orders.Opinion{Variant: o.Parcels[0].Lines[0].Variant, Stars: 2, Text: "Ngon nhưng giao chậm. Số của chủ quán 0905 123 456."})
	w.must(err)
	_, err = w.h.orders.ReportReview(ctx, w.mam, review.ID, "Có số điện thoại riêng trong lời đánh giá.")
	w.must(err)
	second := w.delivered(w.bought(1, peelSlug))
	_, err = w.h.orders.Complain(ctx, w.buyer, orders.Grievance{Category: "money", Order: second.ID, Parcel: second.Parcels[0].ID, Text: "Thu hai lần tiền giao."})
	w.must(err)
}

// discounts are vouchers that the checkout offers, counts and refuses.
func (w *moneyTown) discounts() {
	w.t.Helper()
	terms := orders.VoucherTerms{From: w.now(), To: w.now().AddDate(0, 1, 0), Budget: 2_000_000, Uses: 100, Way: orders.VoucherListed}
	make := func(by market.Actor, seller market.ID, code, name string, t orders.VoucherTerms) {
		_, err := w.h.orders.MakeVoucher(w.t.Context(), by, orders.NewVoucher{Seller: seller, Code: code, Name: market.Text{VI: name}, Terms: t})
		w.must(err)
	}
	percent, shipping, big := terms, terms, terms
	percent.Kind, percent.Percent, percent.Most = orders.VoucherPercent, 1000, 30_000
	make(w.treasurer, "", "OCOPHUE", "Tuần lễ hàng OCOP Huế", percent)
	shipping.Kind, shipping.Way, shipping.MinGoods, shipping.Most = orders.VoucherShipping, orders.VoucherAuto, 150_000, 20_000
	make(w.treasurer, "", "GIAO0DONG", "Miễn phí giao hàng từ 150.000 ₫", shipping)
	big.Kind, big.Amount, big.MinGoods = orders.VoucherAmount, 100_000, 900_000
	make(w.manager, w.manager.Sellers[0], "THUYBIEU100", "Mừng vụ thanh trà", big)
}

// today is what waits on a cooperative's board now.
func (w *moneyTown) today() {
	w.t.Helper()
	ctx := w.t.Context()
	for i := range 5 {
		o := w.order(w.buyer, orders.MethodCOD, int64(i+1), []string{peelSlug, syrupSlug}[i%2])
		if i < 2 {
			continue
		}
		_, err := w.h.orders.Pack(ctx, w.manager, o.ID, o.Parcels[0].ID)
		w.must(err)
		if i == 4 {
			_, err = w.h.orders.Ship(ctx, w.manager, o.ID, o.Parcels[0].ID, orders.Shipment{Carrier: "Xe khách Hoàng Long", Tracking: "HL-2026-1301"})
			w.must(err)
		}
	}
}
