package main

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestOnePhoneTwoPeople writes a listing without network, signs out, lets
// somebody else sign in on the same phone, and wants that person neither to see
// nor to send it. It waits for the one who wrote it. Then one that the market
// refuses is mended by what the market says about it.
func TestOnePhoneTwoPeople(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	f := startField(t)
	phone := f.visit("farmer", smallPhone)
	phone.signIn(farmerPhone)
	phone.open("/nong-ho").keepsShell()
	phone.errors = true // what is sent twice is a conflict the second time
	const name = "Mứt gừng mẻ đầu"
	f.writeAway(phone, name, saidPrice, readPrice)
	phone.expire()
	phone.open("/nong-ho/ngoai-dong").waitFor(`!document.querySelector("[data-listing-signin]").hidden`).says("1 món trên máy chưa gửi xong").hides(name)
	phone.signIn(mamPhone)
	phone.open("/nong-ho").hides(name)
	phone.open("/nong-ho/ngoai-dong").waitFor(`!document.querySelector("[data-listing]").hidden`).hides(name)
	phone.leave()
	phone.signIn(farmerPhone)
	phone.open("/nong-ho/ngoai-dong").arrived(name)
	f.mend(phone)
	f.market.kill()
	f.wantOnce([]string{name, "Mứt gừng mẻ hai"})
}

// writeAway writes a listing in a tab of its own, without network.
func (f *field) writeAway(phone *visitor, name, price, read string) {
	f.t.Helper()
	away := phone.tab(0)
	f.cut(away, true)
	f.write(away.visitor, name, price, read)
	away.close()
	off := phone.tab(0)
	f.cut(off, false)
	off.close()
}

// mend puts right what the market refuses.
func (f *field) mend(phone *visitor) {
	f.t.Helper()
	f.writeAway(phone, "Mứt gừng mẻ hai", "45 tỷ", "45.000.000.000 ₫")
	const refused = "Giá phải từ 1.000 đến 1.000.000.000 đồng."
	phone.open("/nong-ho/ngoai-dong").waitFor(`document.querySelector('[data-state="mend"]') !== null`).says("Cần sửa", refused).keep("to be mended")
	phone.do(phone.touch(`[data-state="mend"] a`), chromedp.WaitVisible(css(`.field--wrong [name="price"]`)))
	phone.says(refused).keep("the price to be mended").write("price", saidPrice)
	for _, step := range []string{"2", "3"} {
		button := `[data-listing-step="` + step + `"] > .button`
		phone.do(chromedp.WaitVisible(css(button)), phone.touch(button))
	}
	phone.arrived("Mứt gừng mẻ hai")
}

// leave signs out.
func (v *visitor) leave() {
	v.t.Helper()
	v.open("/tai-khoan").press(`form[action="/dang-xuat"] button`)
	if ask(v, chromedp.Evaluate[bool](`localStorage.getItem("nong-ho") !== null`)) {
		v.fail("signed out, but the phone still knows who it was")
	}
}

// expire ends the session without the phone being told.
func (v *visitor) expire() {
	v.t.Helper()
	ask(v, chromedp.Evaluate[bool](`fetch("/api/v1/session", {method: "DELETE"}).then(r => r.ok)`, chromedp.EvalAwaitPromise))
}

func (v *visitor) waitFor(condition string) *visitor {
	v.t.Helper()
	v.do(chromedp.Poll[chromedp.Void](condition, chromedp.WithPollingMutation()))
	return v
}

// hides fails if the page shows the words.
func (v *visitor) hides(words string) *visitor {
	v.t.Helper()
	if strings.Contains(v.text("body"), words) {
		v.fail("the page shows " + words)
	}
	return v
}

const mostShell = 60 << 10

// TestShellIsSmallAndNobodys adds up what the service worker keeps, as it comes
// over the wire, and wants it to be the same for everybody.
func TestShellIsSmallAndNobodys(t *testing.T) {
	base := startMarket(t, mamSlug)
	worker, sum := fetchPacked(t, base+"/sw.js?lang=vi")
	line, _, _ := strings.Cut(strings.TrimPrefix(worker, "const SHELL="), ";\n")
	var shell struct {
		Version, Page, Source string
		Files                 []string
	}
	if err := json.Unmarshal([]byte(line), &shell); err != nil {
		t.Fatalf("%v in %.200s", err, worker)
	}
	if shell.Version == "" || len(shell.Files) < 5 || !strings.HasPrefix(shell.Source, shell.Page+"?") {
		t.Fatalf("the worker keeps %+v", shell)
	}
	page, size := fetchPacked(t, base+shell.Source)
	sum += size
	for _, file := range shell.Files {
		content, size := fetchPacked(t, base+file)
		sum += size
		if content == "" || !strings.Contains(page, file) {
			t.Errorf("%s is kept (%d bytes), but the page does not want it", file, size)
		}
	}
	if sum > mostShell {
		t.Errorf("the shell takes %d bytes, want at most %d", sum, mostShell)
	}
	t.Logf("the shell takes %d bytes packed, its page %d", sum, size)
	if slices.ContainsFunc([]string{farmerPhone, "person\":", "Thủy Biều\""}, func(w string) bool { return strings.Contains(page, w) }) {
		t.Error("the shell knows somebody")
	}
}

// fetchPacked returns what is at the address and how many bytes it took.
func fetchPacked(t *testing.T, address string) (string, int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	packed, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", address, answer.StatusCode, err)
	}
	if answer.Header.Get("Content-Encoding") != "gzip" {
		return string(packed), len(packed)
	}
	body, err := gzip.NewReader(strings.NewReader(string(packed)))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain), len(packed)
}
