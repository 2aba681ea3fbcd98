package ui

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestInTheBrowser tries what only a browser can tell: that nothing runs off a
// small screen, and that the script does what it says.
func TestInTheBrowser(t *testing.T) {
	srv := storyServer(t)
	ctx := browser(t)
	t.Run("reflow", func(t *testing.T) { testReflow(t, ctx, srv.URL) })
	t.Run("quantity", func(t *testing.T) { testQuantity(t, ctx, srv.URL) })
	t.Run("areas", func(t *testing.T) { testAreas(t, ctx, srv.URL) })
	t.Run("photos", func(t *testing.T) { testPhotos(t, ctx, srv.URL) })
	t.Run("confirm", func(t *testing.T) { testConfirm(t, ctx, srv.URL) })
}

// storyServer serves the storybook in every frame under the policy that pages
// have: nothing inline runs.
func storyServer(t *testing.T) *httptest.Server {
	t.Helper()
	assets, err := Load()
	if err != nil {
		skip(t, err.Error())
	}
	mux := http.NewServeMux()
	mux.Handle("/static/", assets)
	mux.HandleFunc("/khu-vuc/phuong-xa", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`[{"value": "1", "label": "Hải Châu"}, {"value": "2", "label": "Đắc Sơn"}]`))
	})
	for name, frame := range frames {
		page := render(t, storyPage(t, "vi", frame))
		mux.HandleFunc("/"+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' blob: data:")
			_, _ = w.Write([]byte(page))
		})
	}
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv
}

func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("MARKET_TEST_REQUIRED") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		skip(t, "no chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	alloc, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, done := chromedp.NewContext(alloc)
	t.Cleanup(done)
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// do runs steps in the browser.
func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// ask runs one step and returns what it says.
func ask[A any](t *testing.T, ctx context.Context, question chromedp.Action[A]) A {
	t.Helper()
	answer, err := chromedp.Run(ctx, question)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func visit(t *testing.T, ctx context.Context, url string, width int64) {
	t.Helper()
	do(t, ctx, chromedp.EmulateViewport(width, 800), chromedp.Navigate(url),
		chromedp.WaitReady(`[data-step="1"]:not([hidden])`))
}

func testReflow(t *testing.T, ctx context.Context, url string) {
	for name := range frames {
		for _, width := range []int64{320, 360, 768, 1280} {
			visit(t, ctx, url+"/"+name, width)
			if over := ask(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - innerWidth`)); over > 0 {
				t.Errorf("%s at %d px runs off the screen by %d px", name, width, over)
			}
		}
	}
}

func testQuantity(t *testing.T, ctx context.Context, url string) {
	visit(t, ctx, url+"/shop", 390)
	for _, step := range []struct{ from, want string }{{"1,5", "2,5"}, {"11,5", "12"}} {
		do(t, ctx, chromedp.SetValue("#story-quantity", step.from), chromedp.Click(`[data-step="1"]`))
		if got := ask(t, ctx, chromedp.Value("#story-quantity")); got != step.want {
			t.Errorf("one more than %s of 12 is %s, want %s", step.from, got, step.want)
		}
	}
	if !ask(t, ctx, chromedp.Evaluate[bool](`document.querySelector('[data-step="1"]').disabled`)) {
		t.Error("one can ask for more than there is")
	}
}

func testAreas(t *testing.T, ctx context.Context, url string) {
	visit(t, ctx, url+"/shop", 390)
	do(t, ctx, chromedp.SetValue("#story-province", "48"))
	ask(t, ctx, chromedp.Evaluate[bool](`document.querySelector("#story-province").dispatchEvent(new Event("change"))`))
	do(t, ctx, chromedp.WaitReady(`#story-ward option[value="2"]`), chromedp.SendKeys(".areas__search", "dac s"))
	if got := ask(t, ctx, chromedp.Value("#story-ward")); got != "2" {
		t.Errorf("typing \"dac s\" chose %q, want 2 (Đắc Sơn)", got)
	}
}

func testPhotos(t *testing.T, ctx context.Context, url string) {
	visit(t, ctx, url+"/farm", 390)
	do(t, ctx, chromedp.SetUploadFiles("#story-photo", []string{bigPhoto(t)}), chromedp.WaitReady(".photos__item--new img"))
	size := ask(t, ctx, chromedp.Evaluate[int](`document.querySelector("#story-photo").files[0].size`))
	kind := ask(t, ctx, chromedp.Evaluate[string](`document.querySelector("#story-photo").files[0].type`))
	if size > 200*1024 || kind != "image/jpeg" {
		t.Errorf("the photo is sent as %d bytes of %s", size, kind)
	}
	if status := ask(t, ctx, chromedp.Text(".photos__status")); !strings.Contains(status, "KB") {
		t.Errorf("the status says %q", status)
	}
}

func testConfirm(t *testing.T, ctx context.Context, url string) {
	visit(t, ctx, url+"/shop", 390)
	ask(t, ctx, chromedp.Evaluate[int](`{
		const b = document.querySelector("[data-confirm]"), f = document.createElement("form");
		b.before(f); f.append(b);
		f.addEventListener("submit", e => { e.preventDefault(); document.title = "sent" }); 1 }`))
	for _, answer := range []struct {
		button string
		sent   bool
	}{{"no", false}, {"yes", true}} {
		do(t, ctx, chromedp.Click("[data-confirm]"), chromedp.Click(`dialog button[value="`+answer.button+`"]`),
			chromedp.WaitNotPresent("dialog"))
		if sent := ask(t, ctx, chromedp.Title()) == "sent"; sent != answer.sent {
			t.Errorf("after %s the form is sent: %v", answer.button, sent)
		}
	}
}

// bigPhoto writes a photo of 2400 by 1800 with enough detail to be large.
func bigPhoto(t *testing.T) string {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	img := image.NewRGBA(image.Rect(0, 0, 2400, 1800))
	for y := 0; y < 1800; y += 12 {
		for x := 0; x < 2400; x += 12 {
			c := color.RGBA{uint8(r.UintN(256)), uint8(r.UintN(256)), 90, 255}
			for i := range 144 {
				img.SetRGBA(x+i%12, y+i/12, c)
			}
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	if out.Len() < 400*1024 {
		t.Fatalf("the photo to shrink has only %d bytes", out.Len())
	}
	path := filepath.Join(t.TempDir(), "anh.jpg")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
