package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// unable skips a test that lacks a tool, or fails it where all tools must be.
func unable(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("MARKET_TEST_REQUIRED") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// startBrowser starts one Chromium for all people of a test.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		unable(t, "chromium is not installed: the journey through the pages cannot be tried")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-sync", true))
	alloc, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	browser, done := chromedp.NewContext(alloc)
	t.Cleanup(done)
	if err := chromedp.Do(browser); err != nil {
		t.Fatal(err)
	}
	return browser
}

// css finds the first element that fits.
type css = chromedp.CSS

// screen is what somebody looks at the market with.
type screen struct {
	width, height int64
	agent         string // User-Agent of a phone; empty on a desk
	dark          bool
}

const phoneAgent = "Mozilla/5.0 (Linux; Android 10; SM-A105G) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"

var (
	smallPhone = screen{width: 360, height: 740, agent: phoneAgent}
	desk       = screen{width: 1280, height: 800}
)

// visitor is one person at a browser of their own: no cookie is shared.
type visitor struct {
	t      *testing.T
	ctx    context.Context
	base   string
	name   string
	script bool
	screen screen
	album  *album
	axe    string // source of the accessibility checker; empty to do without
	errors bool   // pages that refuse something are what is looked at

	links map[string]bool // ways on that pages offered
	scale *scale          // weighs what comes; nil for nobody asking

	mu     sync.Mutex
	wrongs []string
}

// visit gives a person a browser.
func (j *journey) visit(name string, on screen) *visitor { return j.weighed(name, on, nil) }

// weighed is visit with a scale for all that comes.
func (j *journey) weighed(name string, on screen, with *scale) *visitor {
	j.t.Helper()
	v := &visitor{t: j.t, base: j.base, name: name, script: j.script, screen: on, album: j.album, links: map[string]bool{}, scale: with}
	if j.script {
		v.axe = j.axe
	}
	ctx, done := chromedp.NewContext(j.browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(v.hear))
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	j.t.Cleanup(done)
	j.t.Cleanup(cancel)
	v.ctx = ctx
	v.do(v.settings()...)
	return v
}

func (v *visitor) settings() []chromedp.Action[chromedp.Void] {
	agent := v.screen.agent
	if agent == "" {
		agent = strings.NewReplacer("Linux; Android 10; SM-A105G", "X11; Linux x86_64", " Mobile", "").Replace(phoneAgent)
	}
	scheme := "light"
	if v.screen.dark {
		scheme = "dark"
	}
	return []chromedp.Action[chromedp.Void]{
		v.window(v.screen.height),
		chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: "vi"})
			return err
		}),
		chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !v.script})
			return err
		}),
		chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
			})
			return err
		}),
	}
}

// window is the part of a page that is seen at once.
func (v *visitor) window(height int64) chromedp.Action[chromedp.Void] {
	if v.screen.agent != "" {
		return chromedp.EmulateViewport(v.screen.width, height, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	return chromedp.EmulateViewport(v.screen.width, height)
}

// hear notes what a browser complains of: answers that tell of a breakdown,
// messages on the console, breaches of the content security policy.
func (v *visitor) hear(event any) {
	if v.scale != nil {
		v.scale.hear(event)
	}
	switch e := event.(type) {
	case *network.EventResponseReceived:
		if e.Response.Status >= 500 {
			v.wrong("%s answers %d", e.Response.URL, e.Response.Status)
		}
	case *runtime.EventExceptionThrown:
		v.wrong("script: %s", e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			v.wrong("console: %s", e.Type)
		}
	case *log.EventEntryAdded:
		refused := v.errors && e.Entry.Source == log.EntrySourceNetwork
		if e.Entry.Level == log.EntryLevelError && !refused {
			v.wrong("browser: %s %s", e.Entry.Text, e.Entry.URL)
		}
	}
}

func (v *visitor) wrong(format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.wrongs = append(v.wrongs, fmt.Sprintf(format, args...))
}

// complaints takes what was noted since the last time.
func (v *visitor) complaints() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	found := v.wrongs
	v.wrongs = nil
	return found
}

func (v *visitor) do(steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, steps...); err != nil {
		v.fail(err)
	}
}

// fail ends the test with a picture of what the person saw last.
func (v *visitor) fail(why any) {
	v.t.Helper()
	picture, err := chromedp.Run(v.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		v.album.add(v, "failed", picture)
	}
	v.t.Fatalf("%s at %s: %v %s", v.name, v.path(), why, strings.Join(v.complaints(), "; "))
}

// ask runs one step and returns what it says.
func ask[A any](v *visitor, question chromedp.Action[A]) A {
	v.t.Helper()
	answer, err := chromedp.Run(v.ctx, question)
	if err != nil {
		v.fail(err)
	}
	return answer
}

// path is where the person is, without the market's own address.
func (v *visitor) path() string {
	at, err := chromedp.Run(v.ctx, chromedp.Location())
	if err != nil {
		return "nowhere: " + err.Error()
	}
	return strings.TrimPrefix(at, v.base)
}

// open goes to a page of the market.
func (v *visitor) open(path string) *visitor {
	v.t.Helper()
	return v.arrive(path, chromedp.Navigate(v.base+path))
}

// press follows a link or sends a form, and waits for the page that comes.
func (v *visitor) press(button string) *visitor {
	v.t.Helper()
	return v.arrive(button, v.touch(button))
}

func (v *visitor) touch(element string) chromedp.Action[chromedp.Void] {
	if v.screen.agent != "" {
		return chromedp.Steps(chromedp.ScrollIntoView(css(element)), chromedp.Tap(css(element)))
	}
	return chromedp.Click(css(element))
}

func (v *visitor) arrive(how string, steps ...chromedp.Action[chromedp.Void]) *visitor {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, 30*time.Second)
	defer cancel()
	answer, err := chromedp.RunResponse(ctx, steps...)
	if err != nil {
		v.fail(fmt.Errorf("%s: %w", how, err))
	}
	if answer.Status >= 400 && !v.errors {
		v.fail(fmt.Errorf("%s answers %d: %s", how, answer.Status, ask(v, chromedp.Text(css("body")))))
	}
	v.inspect()
	return v
}

// write types into a field, over what was there.
func (v *visitor) write(name, text string) *visitor {
	v.t.Helper()
	field := css(`[name="` + name + `"]`)
	ask(v, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q).value = ''", field)))
	v.do(chromedp.SendKeys(field, text))
	return v
}

// choose picks an answer of a list.
func (v *visitor) choose(name, value string) *visitor {
	v.t.Helper()
	list := `select[name="` + name + `"]`
	v.do(chromedp.WaitReady(css(list+` option[value="`+value+`"]`)), chromedp.SetValue(css(list), value))
	if v.script {
		ask(v, chromedp.Evaluate[bool](`document.querySelector('`+list+`').dispatchEvent(new Event("change", {bubbles: true}))`))
	}
	return v
}

// tick chooses one of the cards of a question.
func (v *visitor) tick(name, value string) *visitor {
	v.t.Helper()
	v.do(v.touch(`[name="` + name + `"][value="` + value + `"]`))
	return v
}

// says fails unless the page has the words.
func (v *visitor) says(words ...string) *visitor {
	v.t.Helper()
	text := v.text("main")
	for _, w := range words {
		if !strings.Contains(text, w) {
			v.fail(fmt.Sprintf("the page does not say %q:\n%s", w, text))
		}
	}
	return v
}

func (v *visitor) text(element string) string {
	v.t.Helper()
	return ask(v, chromedp.TextContent(css(element)))
}

// keep keeps a picture of the whole page for a person to look at. The window
// is made as high as the page, so that bars stand where the page ends.
func (v *visitor) keep(title string) *visitor {
	v.t.Helper()
	height := ask(v, chromedp.Evaluate[int64]("Math.max(innerHeight, document.documentElement.scrollHeight)"))
	v.do(v.window(height))
	v.album.add(v, title, ask(v, chromedp.FullScreenshot(100)))
	v.do(v.window(v.screen.height))
	return v
}

// inspect wants of every page what no page may lack.
func (v *visitor) inspect() {
	v.t.Helper()
	at := v.path()
	for _, wrong := range v.complaints() {
		v.t.Errorf("%s at %s: %s", v.name, at, wrong)
	}
	facts := ask(v, chromedp.Evaluate[struct {
		Title, Lang string
		Width       int64
		Links       []string
	}](`({Title: document.title, Lang: document.documentElement.lang, Width: document.documentElement.scrollWidth,
		Links: [...document.querySelectorAll("a[href^='/']")].map(a => a.getAttribute("href").split("#")[0])})`))
	for _, link := range facts.Links {
		v.links[link] = true
	}
	if facts.Title == "" || facts.Lang != "vi" {
		v.t.Errorf("%s at %s: title %q, language %q", v.name, at, facts.Title, facts.Lang)
	}
	if facts.Width > v.screen.width {
		v.t.Errorf("%s at %s: the page is %d px wide on a screen of %d", v.name, at, facts.Width, v.screen.width)
	}
	if v.axe != "" {
		v.checkAccess(at)
	}
}

// checkAccess lets axe look for breaches of WCAG 2.2 A and AA.
func (v *visitor) checkAccess(at string) {
	v.t.Helper()
	ask(v, chromedp.Evaluate[bool](v.axe+"; true"))
	found := ask(v, chromedp.Evaluate[[]string](`axe.run(document, {preload: false, resultTypes: ["violations"],
		runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}})
		.then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.target.join(" ") + " — " + n.failureSummary)))`,
		chromedp.EvalAwaitPromise))
	for _, breach := range found {
		v.t.Errorf("%s at %s: %s", v.name, at, breach)
	}
}

// loadAxe reads the accessibility checker where the page assets are built.
func loadAxe(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(filepath.FromSlash("../../frontend/ui/node_modules/axe-core/axe.min.js"))
	if err != nil && os.Getenv("MARKET_TEST_REQUIRED") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Log("axe-core is not installed: pages are not checked for accessibility")
	}
	return string(source)
}
