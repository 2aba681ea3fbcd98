package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"chohue/catalog"
	"chohue/market"
	"chohue/store"
)

// mostTaps is how often a farmer may have to touch the screen from the photo
// to the kept listing.
const mostTaps = 8

// A price as farmers say it, and as it is read.
const (
	saidPrice = "45 nghìn"
	readPrice = "45.000 ₫"
)

// TestListWithoutNetwork lists with the network cut, kills the tab, puts the
// phone's clock a day off, sends every request twice and kills the market at
// every step of sending, before and after it has answered. Each listing must
// be there once, with its photo once, and none may be lost.
func TestListWithoutNetwork(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	f := startField(t)
	phone := f.visit("farmer", smallPhone)
	phone.signIn(farmerPhone)
	phone.open("/nong-ho").keepsShell()
	var names []string
	for i, strike := range []fault{
		{method: "POST", path: "/products"},
		{method: "POST", path: "/products", unheard: true},
		{method: "POST", path: "/uploads"},
		{method: "PATCH", path: "*"},
		{method: "PATCH", path: "*", unheard: true},
		{method: "POST", path: "/submit"},
		{method: "POST", path: "/submit", unheard: true},
	} {
		name := fmt.Sprintf("Mứt vỏ bưởi mẻ %d", i+1)
		names = append(names, name)
		f.survive(phone, name, strike, time.Duration(i%3-1)*24*time.Hour)
	}
	f.market.kill()
	f.wantOnce(names)
	for _, step := range []string{"POST /api/v1", "PATCH /api/v1/uploads"} {
		if f.market.twice[step] == 0 {
			t.Errorf("no %s was sent twice: the test did not try it", step)
		}
	}
}

// field is a farmer's phone far from any mast.
type field struct {
	*journey
	market *between
	worker context.Context // the phone's service worker
	taps   int
}

func startField(t *testing.T) *field {
	t.Helper()
	config := testConfig(t)
	stock(t, config, []string{mamSlug})
	f := &field{market: standBetween(t, config)}
	f.journey = &journey{t: t, base: f.market.front.URL, browser: startBrowser(t), script: true, axe: loadAxe(t), album: newAlbum(t, "offline")}
	return f
}

// survive writes a listing without network, loses the tab, finds the network
// again, loses the market, and waits until the listing has arrived.
func (f *field) survive(phone *visitor, name string, strike fault, skew time.Duration) {
	f.t.Helper()
	writing := phone.tab(skew)
	f.cut(writing, true)
	f.write(writing.visitor, name, saidPrice, readPrice)
	writing.close()
	struck := f.market.expect(strike)
	sending := phone.tab(-skew)
	f.cut(sending, true)
	sending.open("/nong-ho/ngoai-dong").says(name, "Đang chờ mạng")
	f.cut(sending, false)
	select {
	case <-struck:
	case <-sending.ctx.Done():
		sending.fail("the fault never came")
	}
	f.market.raise()
	sending.arrived(name)
	sending.close()
}

// tab is a further window of somebody's browser.
type tab struct {
	*visitor
	parent context.Context
	close  context.CancelFunc // what a phone does that lacks memory
}

// tab opens a further tab of the same browser, on a phone whose clock is off.
func (v *visitor) tab(skew time.Duration) *tab {
	v.t.Helper()
	next := &tab{parent: v.ctx, visitor: &visitor{t: v.t, base: v.base, name: v.name, script: true, screen: v.screen, album: v.album, axe: v.axe, errors: true, links: v.links}}
	next.ctx, next.close = chromedp.NewContext(v.ctx, chromedp.WithListener(next.hear))
	next.do(next.settings()...)
	next.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: wrongClock(skew)})
		return err
	}))
	return next
}

// wrongClock is a Date that is off.
func wrongClock(skew time.Duration) string {
	return fmt.Sprintf(`(() => { const right = Date; const off = %d;
		globalThis.Date = class extends right {
			constructor(...a) { a.length ? super(...a) : super(right.now() + off); }
			static now() { return right.now() + off; }
		}; })()`, skew.Milliseconds())
}

// cut takes the network away, from the page and from its service worker, or
// gives it back. A worker is a target of its own. The market hears again before
// the phone may speak, and goes deaf only when the phone has fallen silent:
// between the two a page that is told of the network would speak too early.
func (f *field) cut(v *tab, off bool) {
	v.t.Helper()
	if !off {
		f.market.cut.Store(false)
	}
	v.do(airwaves(off))
	if f.worker == nil {
		f.worker = v.attachWorker()
	}
	if err := chromedp.Do(f.worker, airwaves(off)); err != nil {
		v.fail(err)
	}
	if off {
		f.market.cut.Store(true)
		f.wantSilence(v)
	}
}

// wantSilence asks for something from the page and from the worker.
func (f *field) wantSilence(v *tab) {
	v.t.Helper()
	for who, ctx := range map[string]context.Context{"page": v.ctx, "worker": f.worker} {
		probe := fmt.Sprintf(`fetch(%q, {mode: "no-cors"}).then(() => false, () => true)`, v.base+probePath)
		failed, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: probe, AwaitPromise: new(true), ReturnByValue: new(true)})
		if err != nil || string(failed.Result.Value) != "true" {
			v.fail(fmt.Sprintf("the %s is not cut off: %v", who, err))
		}
	}
}

func airwaves(off bool) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		rules := network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{}}
		if off {
			rules.MatchedNetworkConditions = []*network.Conditions{{Offline: true, DownloadThroughput: -1, UploadThroughput: -1}}
		}
		if _, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, rules); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: off, DownloadThroughput: -1, UploadThroughput: -1})
		return err
	})
}

func (v *tab) attachWorker() context.Context {
	v.t.Helper()
	all, err := chromedp.Targets(v.parent)
	if err != nil {
		v.fail(err)
	}
	for _, one := range all {
		if one.Type == "service_worker" && strings.HasPrefix(one.URL, v.base) {
			ctx, done := chromedp.NewContext(v.parent, chromedp.WithTargetID(one.TargetID))
			v.t.Cleanup(done)
			return ctx
		}
	}
	v.fail("the browser has no service worker")
	return nil
}

// keepsShell waits until the phone has kept the listing page.
func (v *visitor) keepsShell() *visitor {
	v.t.Helper()
	v.do(chromedp.Poll[chromedp.Void](`navigator.serviceWorker.controller !== null`, chromedp.WithPollingInterval(20*time.Millisecond)))
	return v
}

// write goes through the three steps, counting how often the screen is touched.
func (f *field) write(v *visitor, name, price, read string) {
	v.t.Helper()
	v.open("/nong-ho/dang-ban").says("Đang mất mạng")
	f.taps = 0
	f.tap() // the photo; taking it is the camera's business
	v.do(chromedp.SetUploadFiles(css("#photo"), []string{teaPhoto(v.t)}), chromedp.WaitReady(css(".photos__item--new img")))
	f.fill(v, "name", name)
	f.tap()
	f.tap() // a list is opened and an answer chosen
	v.choose("set", teaSet)
	f.press(v, `[data-listing-step="1"] button[type="submit"], [data-listing-step="1"] > .button`)
	f.fill(v, "price", price)
	f.fill(v, "stock", "20")
	f.press(v, `[data-listing-step="2"] > .button`)
	v.do(chromedp.WaitVisible(css("[data-listing-look] p")))
	if look := v.text("[data-listing-look]"); !strings.Contains(look, read+"/kg") {
		v.fail("the price is read as " + look)
	}
	f.press(v, `[data-listing-step="3"] > .button`)
	v.do(chromedp.WaitReady(css(`.queue__one[data-state="waiting"]`)))
	v.inspect()
	v.keep("waiting for the network").says(name, "Đang chờ mạng")
	if f.taps > mostTaps {
		v.t.Errorf("%d taps from the photo to the kept listing, want at most %d", f.taps, mostTaps)
	}
}

func (f *field) tap() { f.taps++ }

// press touches a button.
func (f *field) press(v *visitor, button string) {
	v.t.Helper()
	f.tap()
	v.do(v.touch(button))
}

// fill types into a field, touching it first unless it waits for it.
func (f *field) fill(v *visitor, name, text string) {
	v.t.Helper()
	v.do(chromedp.WaitVisible(css(`[name="` + name + `"]`)))
	if !ask(v, chromedp.Evaluate[bool](fmt.Sprintf(`document.activeElement?.name === %q`, name))) {
		f.press(v, `[name="`+name+`"]`)
	}
	v.do(chromedp.SendKeys(css(`[name="`+name+`"]`), text))
}

// arrived waits until the phone says that the market has the listing.
func (v *visitor) arrived(name string) {
	v.t.Helper()
	row := fmt.Sprintf(`[...document.querySelectorAll('[data-state="sent"] .queue__name')].some(n => n.textContent === %q)`, name)
	v.do(chromedp.Poll[chromedp.Void](row, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(time.Minute)))
}

// wantOnce opens the house and looks for each listing in it.
func (f *field) wantOnce(names []string) {
	f.t.Helper()
	h, err := open(f.t.Context(), f.market.config, outdoors())
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	found := f.everything(h)
	for _, name := range names {
		if len(found[name]) != 1 {
			f.t.Errorf("%q is there %d times", name, len(found[name]))
			continue
		}
		f.wantWhole(h, found[name][0])
	}
}

func (f *field) wantWhole(h *house, p *catalog.Product) {
	f.t.Helper()
	if p.Status != catalog.StatusSubmitted || len(p.Photos) != 1 || len(p.Variants) != 1 {
		f.t.Errorf("%q is %s with %d photos and %d variants", p.Name.VI, p.Status, len(p.Photos), len(p.Variants))
		return
	}
	stocks, err := h.catalog.Stocks(f.t.Context(), p.Variants[0].ID)
	if err != nil {
		f.t.Fatal(err)
	}
	if v := p.Variants[0]; v.Price != 45_000 || stocks[v.ID].Available != 20 {
		f.t.Errorf("%q costs %d and there are %d", p.Name.VI, v.Price, stocks[v.ID].Available)
	}
}

// everything is all that the farmer's seller has, drafts too, by name.
func (f *field) everything(h *house) map[string][]*catalog.Product {
	f.t.Helper()
	checker := market.Actor{Person: "checker", Roles: []market.Role{market.RoleModerator}}
	sent, err := h.catalog.Queue(f.t.Context(), checker, catalog.StatusSubmitted, "", store.MaxLimit)
	if err != nil || len(sent.Items) == 0 {
		f.t.Fatalf("%d listings wait to be checked: %v", len(sent.Items), err)
	}
	all, err := h.catalog.OfSeller(f.t.Context(), checker, sent.Items[0].Seller, "", store.MaxLimit)
	if err != nil {
		f.t.Fatal(err)
	}
	found := map[string][]*catalog.Product{}
	for _, p := range all.Items {
		found[p.Name.VI] = append(found[p.Name.VI], p)
	}
	return found
}
