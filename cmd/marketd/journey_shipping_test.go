package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/prometheus/client_golang/prometheus"

	"chohue/market"
	"chohue/orders"
	"chohue/orders/ghn/ghnsim"
)

const playedSecret = "a secret of the test"

// road is a market whose parcels go by GHN, played on the wire.
type road struct {
	t   *testing.T
	h   *house
	sim *ghnsim.Sim
	url string
}

// openRoad serves a market with one product and a carrier.
func openRoad(t *testing.T, product string) *road {
	t.Helper()
	c := testConfig(t)
	setLogger(c.LogLevel)
	stock(t, c, []string{product})
	r := &road{t: t, sim: ghnsim.New("token", "885", time.Now), url: c.URL}
	carrier := httptest.NewServer(r.sim.Handler())
	t.Cleanup(carrier.Close)
	c.GHNURL, c.GHNToken, c.GHNShop, c.GHNSecret = carrier.URL, "token", "885", playedSecret
	r.serve(c, outdoors())
	return r
}

// serve opens the market in a world and serves it until the test ends.
func (r *road) serve(c Config, world outside) {
	t := r.t
	t.Helper()
	listener, err := net.Listen("tcp", c.Addr)
	r.must(err)
	r.h, err = open(t.Context(), c, world)
	r.must(err)
	doors, err := r.h.doors(t.Context(), prometheus.NewRegistry())
	if err != nil {
		unable(t, err.Error())
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var serving sync.WaitGroup
	serving.Go(func() { r.must(r.h.run(ctx, listener, doors)) })
	t.Cleanup(func() {
		stop()
		serving.Wait()
		r.must(r.h.Close())
	})
}

func (r *road) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// buy places so many orders of one unit each, paid on delivery.
func (r *road) buy(slug string, n int) []*orders.Order {
	r.t.Helper()
	p, err := r.h.catalog.BySlug(r.t.Context(), market.System, slug)
	r.must(err)
	var all []*orders.Order
	for i := range n {
		cart, err := r.h.orders.NewCart(r.t.Context(), market.Actor{})
		r.must(err)
		_, err = r.h.orders.SetLine(r.t.Context(), market.Actor{}, cart.ID, p.Variants[0].ID, 1, nil)
		r.must(err)
		o, _, err := r.h.orders.Place(r.t.Context(), market.Actor{}, orders.Checkout{
			Cart: cart.ID, Method: orders.MethodCOD, BaseURL: r.url,
			Address: market.Address{Name: fmt.Sprintf("Nguyễn Thị Mua %d", i+1), Phone: buyerPhone, Province: "46", Ward: buyerIn, Street: "12 kiệt 8 Nguyễn Sinh Cung"},
		})
		r.must(err)
		all = append(all, o)
	}
	return all
}

// says moves a parcel at the carrier, which calls the market over the wire.
func (r *road) says(number, code string) {
	r.t.Helper()
	p, ok := r.sim.Move(number, code)
	if !ok {
		r.t.Fatalf("no parcel %s", number)
	}
	r.must(r.sim.Callback(p).Send(r.t.Context(), http.DefaultClient, r.url+"/api/v1/carriers/ghn/notices?key="+strings.ReplaceAll(playedSecret, " ", "+")))
}

const peelSlug = "mut-vo-thanh-tra"

// TestTheDaysParcelsInThreeTaps: fifty parcels confirmed, their labels printed,
// handed over, on a tablet with script and on a phone without.
func TestTheDaysParcelsInThreeTaps(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	chromium, axe := startBrowser(t), loadAxe(t)
	for name, on := range map[string]struct {
		screen screen
		script bool
	}{"tablet": {screen{width: 768, height: 1024, agent: phoneAgent}, true}, "phone-without-script": {smallPhone, false}} {
		t.Run(name, func(t *testing.T) {
			r := openRoad(t, peelSlug)
			r.buy(peelSlug, 50)
			j := &journey{t: t, base: r.url, browser: chromium, script: on.script, axe: axe, album: newAlbum(t, "three-taps-"+name)}
			v := j.visit("manager", on.screen)
			v.signIn(managerPhone)
			v.open("/hop-tac-xa").says("Xác nhận 50 kiện").keep("fifty to confirm")
			taps := 0
			tap := func(do func()) { taps++; do() }
			tap(func() { v.press(`form[action*="/xac-nhan"] button`) })
			v.says("Đã xác nhận 50 kiện", "In 50 nhãn").keep("confirmed")
			if n := len(r.sim.Parcels()); n != 50 {
				t.Fatalf("%d waybills", n)
			}
			labels := v.sends(`#ban-giao button[formaction]`)
			tap(func() { v.do(v.touch(`#ban-giao button[formaction]`)) })
			v.front()
			if pages := bytes.Count(v.fetch(labels), []byte("/Type /Page\n")); pages != 50 {
				t.Errorf("%d labels", pages)
			}
			tap(func() { v.press(`form[action*="/ban-giao"] button:not([formaction])`) })
			v.says("Đã giao hãng 50 kiện").keep("handed over")
			if taps > 3 {
				t.Errorf("%d taps", taps)
			}
		})
	}
}

// sends is the address that a form is sent to by one of its buttons, by GET.
func (v *visitor) sends(button string) string {
	v.t.Helper()
	return ask(v, chromedp.Evaluate[string](fmt.Sprintf(
		`(b => b.formAction + "?" + new URLSearchParams(new FormData(b.form)))(document.querySelector(%q))`, button)))
}

// front brings the visitor's own page back from behind the one that opened.
func (v *visitor) front() {
	v.t.Helper()
	v.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.BringToFront, cdp.Empty{})
		return err
	}))
}

// fetch gets a file with the visitor's own session.
func (v *visitor) fetch(address string) []byte {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	v.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		found, err := chromedp.Call(ctx, network.GetCookies, network.GetCookiesParams{})
		for _, c := range found.Cookies {
			req.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
		return err
	}))
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		v.t.Fatalf("%s: %d, %v", address, answer.StatusCode, err)
	}
	return body
}

// TestCODThatNobodyTakes: a parcel to be paid at the door is not delivered,
// goes back, is looked at. Buyer and seller see each step; nothing is owed.
func TestCODThatNobodyTakes(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	chromium, axe := startBrowser(t), loadAxe(t)
	for _, script := range []bool{true, false} {
		name := map[bool]string{true: "with-script", false: "without-script"}[script]
		t.Run(name, func(t *testing.T) {
			r := openRoad(t, peelSlug)
			o := r.buy(peelSlug, 1)[0]
			j := &journey{t: t, base: r.url, browser: chromium, script: script, axe: axe, album: newAlbum(t, "cod-back-"+name)}
			seller := j.visit("manager", desk)
			seller.signIn(managerPhone)
			seller.open("/hop-tac-xa").press(`form[action*="/dong-goi"] button`)
			seller.press(seller.linkTo(o.Code)).tick("carrier", "ghn").keep("offers")
			seller.press(`form[action*="/dat-hang-van-chuyen"] button`).says("LH000001VN").keep("booked")
			for _, code := range []string{"picked", "delivering", "delivery_fail"} {
				r.says("LH000001VN", code)
			}
			seller.open("/hop-tac-xa").says("Giao chưa được", "Cần để ý").keep("not delivered")
			buyer := j.visit("buyer", smallPhone)
			buyer.open("/theo-doi").write("code", o.Code).write("phone", buyerPhone).press(`form[action="/theo-doi"] button`)
			buyer.says("Giao chưa được", "Đang đi giao", "Giao Hàng Nhanh").keep("the way so far")
			if strings.Contains(buyer.text("main"), "kiệt 8") {
				t.Error("whoever reads the label sees where the buyer lives")
			}
			for _, code := range []string{"return", "returned"} {
				r.says("LH000001VN", code)
			}
			seller.open("/hop-tac-xa").says("Đang hoàn về", "Hàng hoàn đã về")
			seller.press(seller.linkTo(o.Code)).keep("goods to look at")
			seller.press(`form[action*="/hang-ve"] button`).says("Đã ghi hàng về", "Đã hoàn về người bán").keep("back on the shelf")
			buyer.until("/don-hang/"+string(o.ID), "Đã hoàn về người bán").keep("came back")
			in, err := r.h.payments.Intent(t.Context(), o.Parcels[0].Payment)
			r.must(err)
			if in.Captured != 0 {
				t.Errorf("cash of a parcel that came back: %d", in.Captured)
			}
		})
	}
}
