package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/prometheus/client_golang/prometheus"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/frontend/locale"
	"chohue/frontend/ui"
	"chohue/livestream"
	"chohue/market"
)

// studio is a served market with live video, a farmer, and a show of his that
// has begun.
type studio struct {
	t     *testing.T
	house *house
	base  string
	show  market.ID
	by    market.Actor
	apart int64 // units that are set apart for the show
}

// openStudio serves a market, and beside its own pages two that hold nothing
// but the components: the picture of a show, and the desk of its sender.
func openStudio(t *testing.T) *studio {
	t.Helper()
	s, addr := furnishStudio(t, "mut-vo-thanh-tra")
	s.announce()
	s.serve(addr)
	return s
}

// furnishStudio is a market with those products that nobody can visit yet, and
// where it is to be served.
func furnishStudio(t *testing.T, products ...string) (s *studio, addr string) {
	t.Helper()
	c := testConfig(t)
	setLogger(c.LogLevel)
	stock(t, c, products)
	h, err := open(t.Context(), c, outdoors())
	if err != nil {
		t.Fatal(err)
	}
	return &studio{t: t, house: h, base: c.URL}, c.Addr
}

func (s *studio) serve(addr string) {
	s.t.Helper()
	doors, err := s.house.doors(s.t.Context(), prometheus.NewRegistry())
	if err != nil {
		unable(s.t, err.Error())
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(s.t.Context()))
	doors.Handler = s.around(doors.Handler)
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := s.house.run(ctx, listener, doors); err != nil {
			s.t.Error(err)
		}
	})
	s.t.Cleanup(func() {
		stop()
		serving.Wait()
		if err := s.house.Close(); err != nil {
			s.t.Error(err)
		}
	})
}

// announce makes the show that the test is about.
func (s *studio) announce() {
	s.t.Helper()
	ctx := s.t.Context()
	seller, err := s.house.sellers.BySlug(ctx, pooling)
	if err != nil {
		s.t.Fatal(err)
	}
	product, err := s.house.catalog.BySlug(ctx, market.System, "mut-vo-thanh-tra")
	if err != nil {
		s.t.Fatal(err)
	}
	s.by = market.Actor{Person: "test-farmer", Name: "Cô Sen", Sellers: []market.ID{seller.ID}}
	now := s.house.env.Now()
	show, err := s.house.livestream.CreateShow(ctx, s.by, livestream.ShowDraft{
		Title: market.Text{VI: "Thanh trà chín cây"}, Seller: seller.ID, Products: []market.ID{product.ID}, StartsAt: now, EndsAt: now.Add(time.Hour),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.show = show.ID
	s.goLive(product)
}

// goLive makes sure who the host is, offers the product and begins the show.
func (s *studio) goLive(product *catalog.Product) {
	s.t.Helper()
	ctx := s.t.Context()
	s.identify(s.by.Sellers[0])
	variant := product.Variants[0]
	_, err := s.house.livestream.AddOffer(ctx, s.by, s.show, livestream.OfferDraft{Code: "A1", Product: product.ID, Variant: variant.ID, Price: variant.Price, Stock: s.apart})
	if err != nil {
		s.t.Fatal(err)
	}
	rules, err := livestream.LoadRules()
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.house.livestream.GoLive(ctx, s.by, s.show, rules.At(s.house.env.Now()).Version); err != nil {
		s.t.Fatal(err)
	}
}

// identify makes sure who stands behind the seller, as a moderator does.
func (s *studio) identify(seller market.ID) {
	s.t.Helper()
	moderator := market.Actor{Person: "moderator", Roles: []market.Role{market.RoleModerator}}
	claim := cooperatives.IdentityClaim{Seller: seller, Person: "Nguyễn Thị Sen", Evidence: "hồ sơ 12"}
	if err := s.house.papers.Identify(s.t.Context(), moderator, "manual", claim); err != nil {
		s.t.Fatal(err)
	}
}

func (s *studio) around(doors http.Handler) http.Handler {
	assets, err := ui.Load()
	if err != nil {
		unable(s.t, err.Error())
	}
	words, err := locale.Load()
	if err != nil {
		s.t.Fatal(err)
	}
	say, mux := words.Say("vi"), http.NewServeMux()
	draw := func(path, script string, render func(ctx context.Context, w io.Writer) error) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			_, _ = fmt.Fprintf(w, `<!doctype html><html lang="vi"><title>Thử – Chợ Huế</title><meta name="viewport" content="width=device-width"><link rel="stylesheet" href=%q><script type="module" src=%q></script><main>`, assets.URL("app.css"), assets.URL(script))
			if err := render(r.Context(), w); err != nil {
				s.t.Error(err)
			}
		})
	}
	draw("/thu/xem", "page-live-watch.js", ui.LiveVideo(say, ui.WatchShow(string(s.show))).Render)
	draw("/thu/phat", "page-live-send.js", ui.LiveSend(say, ui.SendShow(string(s.show))).Render)
	mux.Handle("/", doors)
	return mux
}

// startCinema starts a browser with a camera and a microphone that are not
// there, and lets them be used.
func startCinema(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		unable(t, "chromium is not installed: live video cannot be tried")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("allow-loopback-in-peer-connection", true), chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		chromedp.Flag("disable-features", "WebRtcHideLocalIpsWithMdns"))
	alloc, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	browser, done := chromedp.NewContext(alloc)
	t.Cleanup(done)
	if err := chromedp.Do(browser); err != nil {
		t.Fatal(err)
	}
	return browser
}

// remember keeps every connection of a page, so that the test can ask it.
const remember = `(() => {
	const Real = window.RTCPeerConnection;
	window.legs = [];
	window.RTCPeerConnection = class extends Real { constructor(...all) { super(...all); window.legs.push(this); } };
})()`

// person gives somebody a browser that remembers its connections.
func (s *studio) person(browser context.Context, name string, on screen) *visitor {
	s.t.Helper()
	j := &journey{t: s.t, base: s.base, browser: browser, script: true, album: newAlbum(s.t, "video")}
	v := j.visit(name, on)
	v.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: remember})
		return err
	}))
	return v
}

// frames is how many pictures the page's connections have decoded.
const frames = `(async () => {
	let n = 0;
	for (const leg of window.legs ?? []) for (const s of (await leg.getStats()).values())
		if (s.type === "inbound-rtp" && s.kind === "video") n += s.framesDecoded ?? 0;
	return n;
})()`

// script runs an expression, which may be a promise, and returns its value.
func script[A any](v *visitor, expression string) A {
	v.t.Helper()
	return ask(v, chromedp.Evaluate[A](expression, chromedp.EvalAwaitPromise))
}

// until asks again and again.
func until(v *visitor, what string, limit time.Duration, true_ func() bool) {
	v.t.Helper()
	for begin := time.Now(); !true_(); {
		if time.Since(begin) > limit {
			v.fail(fmt.Sprintf("not %s after %v; state %q", what, limit, script[string](v, `[...document.querySelectorAll("[data-state]")].map(e => e.dataset.state + ": " + e.querySelector("[data-status]")?.textContent).join("; ")`)))
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// seesMore waits for another n decoded pictures.
func (v *visitor) seesMore(n int) {
	v.t.Helper()
	before := script[int](v, frames)
	until(v, fmt.Sprintf("%d pictures more than %d", n, before), 30*time.Second, func() bool { return script[int](v, frames) >= before+n })
}

func (v *visitor) state(want string) {
	v.t.Helper()
	until(v, want, 30*time.Second, func() bool {
		return script[bool](v, fmt.Sprintf(`[...document.querySelectorAll("[data-state]")].some(e => e.dataset.state === %q)`, want))
	})
}

// broadcasts begins to send from the desk.
func (v *visitor) broadcasts() {
	v.t.Helper()
	v.do(v.touch("[data-begin]"))
	v.state("ready")
	v.keep("camera open")
	v.do(v.touch("[data-start]"))
	v.state("live")
}

func (s *studio) farmer(browser context.Context) *visitor {
	s.t.Helper()
	v := s.person(browser, "farmer", smallPhone)
	v.signIn(farmerPhone)
	return v
}

// TestLiveVideo: a farmer sends from a phone, two people see moving pictures,
// the connection breaks and comes back, and what was sent can be seen again.
func TestLiveVideo(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	s, browser := openStudio(t), startCinema(t)
	before := connections()
	farmer := s.farmer(browser)
	first, second := s.person(browser, "viewer", smallPhone), s.person(browser, "viewer-2", desk)
	first.open("/thu/xem")
	first.state("wait")
	farmer.open("/thu/phat")
	farmer.broadcasts()
	second.open("/thu/xem")
	for _, v := range []*visitor{first, second} {
		v.state("live")
		v.seesMore(20)
	}
	first.keep("watching")
	farmer.keep("sending")
	codec := script[string](first, `(async () => { for (const leg of window.legs) for (const s of (await leg.getStats()).values()) if (s.type === "codec" && s.mimeType.startsWith("video")) return s.mimeType; return "" })()`)
	t.Logf("passed on as %s", codec)

	// The sender's connection dies without a word, as in a tunnel.
	script[any](farmer, `window.legs.at(-1).close()`)
	script[any](farmer, `window.legs.at(-1).dispatchEvent(new Event("connectionstatechange"))`)
	until(farmer, "sending by a new connection", 30*time.Second, func() bool {
		return script[bool](farmer, `window.legs.length > 1 && window.legs.at(-1).connectionState === "connected"`)
	})
	for _, v := range []*visitor{first, second} {
		v.seesMore(20)
	}
	if n := script[int](first, `window.legs.length`); n != 1 {
		t.Errorf("the viewer opened %d connections, want to keep the one", n)
	}
	s.watchHLS(browser)
	farmer.do(farmer.touch("[data-stop]"))
	farmer.state("stopped")
	if _, err := s.house.livestream.End(t.Context(), s.by, s.show); err != nil {
		t.Fatal(err)
	}
	s.replay(browser)
	for _, v := range []*visitor{farmer, first, second} {
		v.do(chromedp.Navigate("about:blank"))
	}
	s.noneLeft(before)
}

// connections is how many goroutines work for live video.
func connections() int {
	all := make([]byte, 4<<20)
	n := 0
	for one := range strings.SplitSeq(string(all[:runtime.Stack(all, true)]), "\n\n") {
		if strings.Contains(one, "/pion") {
			n++
		}
	}
	return n
}

// noneLeft waits until what the connections needed is gone.
func (s *studio) noneLeft(before int) {
	s.t.Helper()
	for begin := time.Now(); connections() > before; time.Sleep(200 * time.Millisecond) {
		if time.Since(begin) > 30*time.Second {
			s.t.Fatalf("%d goroutines before, %d after", before, connections())
		}
	}
}

// watchHLS looks at the show as those see it whom WebRTC does not reach: by the
// player of the browser, and by ours.
func (s *studio) watchHLS(browser context.Context) {
	s.t.Helper()
	for _, native := range []bool{true, false} {
		v := s.person(browser, fmt.Sprintf("hls-native-%v", native), smallPhone)
		hide := `delete window.RTCPeerConnection;`
		if !native {
			hide += `HTMLMediaElement.prototype.canPlayType = () => "";`
		}
		v.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: hide})
			return err
		}))
		v.open("/thu/xem")
		v.state("hls")
		moves(v, "[data-player]")
	}
}

// moves waits until a video has drawn pictures and its clock runs.
func moves(v *visitor, element string) {
	v.t.Helper()
	drawn := func() int {
		return script[int](v, fmt.Sprintf(`document.querySelector(%q).getVideoPlaybackQuality().totalVideoFrames`, element))
	}
	before := drawn()
	until(v, "moving", 30*time.Second, func() bool { return drawn() >= before+15 })
	if width := script[int](v, fmt.Sprintf(`document.querySelector(%q).videoWidth`, element)); width < 100 {
		v.fail(fmt.Sprintf("a picture %d wide", width))
	}
}

// replay plays what was recorded, all of it and from the middle.
func (s *studio) replay(browser context.Context) {
	s.t.Helper()
	var found []livestream.Replay
	for begin := time.Now(); len(found) < 2; time.Sleep(100 * time.Millisecond) {
		var err error
		if found, err = s.house.studio.Replays(s.t.Context(), market.Actor{}, s.show, nil); err != nil || time.Since(begin) > 20*time.Second {
			s.t.Fatalf("%d recordings, want one for each connection of the sender (%v)", len(found), err)
		}
	}
	v := s.person(browser, "later", smallPhone)
	for _, r := range found {
		s.t.Logf("recording: %s, %v, %d bytes, until %s", r.Container, r.Length, r.Size, r.KeepUntil.Format(time.DateOnly))
		if r.Length < 2*time.Second || r.SHA256 == "" || r.Cut {
			s.t.Errorf("recording %+v", r.Recording)
		}
		for _, file := range []string{"index.m3u8", "show." + string(r.Container)} {
			at, _ := json.Marshal(fmt.Sprintf("/video/replay/%s/%s", r.ID, file))
			v.open("/dang-nhap")
			script[any](v, fmt.Sprintf(`document.body.innerHTML = '<video muted width=360></video>'; const v = document.querySelector("video"); v.src = %s; v.play(); null`, at))
			moves(v, "video")
			script[any](v, fmt.Sprintf(`document.querySelector("video").currentTime = %f`, r.Length.Seconds()/2))
			until(v, "there", 20*time.Second, func() bool {
				return script[bool](v, `(() => { const v = document.querySelector("video"); return !v.seeking && !v.error && v.readyState >= 2 })()`)
			})
		}
	}
}
