package main

import (
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chohue/market"
	"chohue/payments"
)

// eachWay plays a journey in a browser that runs script and in one that does
// not, in a market of one product whose clock the test moves.
func eachWay(t *testing.T, title string, play func(*pocket)) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	chromium, axe := startBrowser(t), loadAxe(t)
	for _, script := range []bool{true, false} {
		name := title + map[bool]string{true: "-with-script", false: "-without-script"}[script]
		t.Run(name, func(t *testing.T) {
			var ahead atomic.Int64
			world := outdoors()
			world.env = market.NewEnv(func() time.Time { return market.SystemClock().Add(time.Duration(ahead.Load())) })
			c := testConfig(t)
			setLogger(c.LogLevel)
			stock(t, c, []string{peelSlug})
			r := &road{t: t, url: c.URL}
			r.serve(c, world)
			j := &journey{t: t, base: r.url, browser: chromium, script: script, axe: axe, album: newAlbum(t, name)}
			play(&pocket{journey: j, road: r, ahead: &ahead})
		})
	}
}

// pocket is a journey that looks at the money behind the pages.
type pocket struct {
	*journey

	road  *road
	ahead *atomic.Int64 // of the market's clock, in nanoseconds
}

// wallet puts so many units into a guest's cart and goes to the wallet with
// it.
func (p *pocket) wallet(n int) *visitor {
	p.t.Helper()
	buyer := p.visit("buyer", smallPhone)
	for range n {
		buyer.open("/san-pham/" + peelSlug).press(`form[action="/gio-hang/them"] button[type=submit]:not([name])`)
	}
	buyer.press(`button[name="then"][value="checkout"]`)
	buyer.checkOut()
	return buyer.press(`form[action="/thanh-toan"] .summary button[type=submit]`).keep("the wallet")
}

// receipt is the order's page, with the guest's key, and the order's id.
func (p *pocket) receipt(v *visitor) (string, market.ID) {
	p.t.Helper()
	at, err := url.Parse(v.path())
	p.road.must(err)
	id, ok := strings.CutPrefix(at.Path, "/don-hang/")
	if !ok {
		v.fail("no receipt")
	}
	at.RawQuery = url.Values{"key": at.Query()["key"]}.Encode()
	return at.String(), market.ID(id)
}

func (p *pocket) intent(order market.ID) *payments.Intent {
	p.t.Helper()
	in, err := p.road.h.payments.Intent(p.t.Context(), order)
	p.road.must(err)
	return in
}

func (p *pocket) variant() market.ID {
	p.t.Helper()
	product, err := p.road.h.catalog.BySlug(p.t.Context(), market.System, peelSlug)
	p.road.must(err)
	return product.Variants[0].ID
}

// shelf is how much is on sale and how much held.
func (p *pocket) shelf() (available, held int64) {
	p.t.Helper()
	variant := p.variant()
	stocks, err := p.road.h.catalog.Stocks(p.t.Context(), variant)
	p.road.must(err)
	return stocks[variant].Available, stocks[variant].Held
}

func (p *pocket) wantShelf(available, held int64) {
	p.t.Helper()
	if a, h := p.shelf(); a != available || h != held {
		p.t.Errorf("%d on sale and %d held, want %d and %d", a, h, available, held)
	}
}

// TestRefusedPaymentJourney: the buyer says no at the wallet. The order ends,
// the goods are for sale again, nobody has paid.
func TestRefusedPaymentJourney(t *testing.T) {
	eachWay(t, "refused", func(p *pocket) {
		before, _ := p.shelf()
		buyer := p.wallet(2)
		p.wantShelf(before-2, 2)
		buyer.press(`button[name="decision"][value="refuse"]`)
		at, id := p.receipt(buyer)
		buyer.until(at, "Đơn hàng đã huỷ", "Việc trả tiền không thành").keep("refused")
		p.untilShelf(before)
		if in := p.intent(id); in.State != payments.StateFailed || in.Captured != 0 {
			t.Errorf("payment is %s with %d", in.State, in.Captured)
		}
	})
}

// untilShelf waits for what was held to be on sale again.
func (p *pocket) untilShelf(available int64) {
	p.t.Helper()
	looking := p.visit("somebody", desk)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); looking.open("/san-pham/" + peelSlug) {
		if a, _ := p.shelf(); a == available {
			break
		}
	}
	p.wantShelf(available, 0)
}

// TestLateCaptureJourney: the order is given up because nobody pays; then the
// wallet, whose clock is behind, takes the money all the same. It goes back.
func TestLateCaptureJourney(t *testing.T) {
	eachWay(t, "late", func(p *pocket) {
		before, _ := p.shelf()
		buyer := p.wallet(1)
		p.wantShelf(before-1, 1)
		p.ahead.Store(int64(time.Hour))
		if _, err := p.road.h.orders.ExpireUnpaid(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.untilShelf(before)
		p.ahead.Store(0)
		buyer.press(`button[name="decision"][value="approve"]`)
		at, id := p.receipt(buyer)
		buyer.until(at, "tiền đã hoàn", "Tiền đến sau khi đơn đã hết hạn").keep("the money is back")
		p.wantShelf(before, 0)
		if in := p.intent(id); in.Captured == 0 || in.Refunded != in.Captured {
			t.Errorf("%d came and %d went back", in.Captured, in.Refunded)
		}
		p.road.must(p.road.h.payments.Check(t.Context()))
	})
}
