package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// The people of the journey, from the demonstration.
const (
	farmerPhone    = "0900000031" // of HTX Thủy Biều
	managerPhone   = "0900000030" // of HTX Thủy Biều
	mamPhone       = "0900000060" // manager of Cơ sở mắm Mệ Em
	moderatorPhone = "0900000911"
	officialPhone  = "0900000921"
	buyerPhone     = "0912345678" // has no account
)

const (
	teaName  = "Trà cung đình vỏ thanh trà"
	mamName  = "Mắm nêm cá cơm"
	mamSlug  = "mam-nem-ca-com-me-em"
	hueCity  = "46"
	buyerIn  = "19777" // ward of the buyer
	teaWard  = "19813" // Thuỷ Xuân, where HTX Thủy Biều is
	mamWard  = "19900" // Thuận An
	teaSet   = "12"
	mamSet   = "9"
	teaPrice = "120000"
)

// TestJourney takes one product the whole way, from a farmer's phone to the
// official's table, in a browser that runs script and in one that does not.
func TestJourney(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	chromium, axe := startBrowser(t), loadAxe(t)
	for _, script := range []bool{true, false} {
		name := "with-script"
		if !script {
			name = "without-script"
		}
		t.Run(name, func(t *testing.T) {
			j := &journey{t: t, base: startMarket(t, mamSlug, "tra-cung-dinh-hue", "mut-vo-thanh-tra"), browser: chromium, script: script, axe: axe, album: newAlbum(t, name)}
			j.travel()
		})
	}
}

// journey is one way through the market by all of its people.
type journey struct {
	t       *testing.T
	base    string
	browser context.Context
	script  bool
	axe     string
	album   *album

	link  string // what the farmer shares
	order string // code that the buyer was given
}

func (j *journey) travel() {
	farmer := j.visit("farmer", smallPhone)
	farmer.signIn(farmerPhone)
	farmer.list(j)
	j.visit("moderator", desk).approve()
	j.visit("official", desk).certify()
	farmer.share(j)
	buyer := j.visit("buyer", smallPhone)
	buyer.buy(j)
	buyer.tryLinks()
	for _, manager := range []struct {
		name, phone string
		screen      screen
	}{{"manager", managerPhone, desk}, {"household", mamPhone, smallPhone}} {
		j.visit(manager.name, manager.screen).send(j, manager.phone)
	}
	j.visit("buyer-again", smallPhone).follow(j)
	j.visit("official-again", desk).count()
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// signIn asks for a code and reads it where a demonstration shows it.
func (v *visitor) signIn(phone string) {
	v.t.Helper()
	v.open("/dang-nhap")
	v.write("phone", phone).press(`form[action="/dang-nhap"] > button`).keep("asked for the code")
	v.open("/hop-thu").keep("inbox")
	code := sixDigits.FindString(v.text(".message__title"))
	v.open("/dang-nhap/ma").write("code", code).press(`form[action="/dang-nhap/ma"] button`)
	if at := v.path(); at != "/" {
		v.fail("signed in, but at " + at)
	}
}

// list offers a tea in three steps, from a phone, with a photo.
func (v *visitor) list(j *journey) {
	v.t.Helper()
	v.open("/nong-ho").keep("the farmer's day")
	v.open("/nong-ho/dang-ban").keep("listing step 1")
	v.do(chromedp.SetUploadFiles(css("#photo"), []string{teaPhoto(v.t)}))
	if v.script {
		v.do(chromedp.WaitReady(css(".photos__item--new img")))
	}
	v.write("name", teaName).choose("set", teaSet).keep("listing step 1 filled in")
	v.press("main form > button").keep("listing step 2")
	v.tick("unit", "hộp").write("amount", "200").choose("measure", "g").write("price", teaPrice).write("stock", "20")
	v.press("main form > button").keep("listing step 3")
	v.write("description", "Vỏ thanh trà Thủy Biều phơi ba nắng, sao cùng táo đỏ, hoa cúc, cam thảo.\nHãm 5 phút với nước sôi.")
	v.press(`main form button:not([name])`).says("Đã gửi", teaName).keep("the listing is sent")
}

func teaPhoto(t *testing.T) string {
	t.Helper()
	photo, err := illustration("tra-cung-dinh-hue.svg")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "IMG_2026.jpg")
	if err := os.WriteFile(path, photo, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// approve lets the tea into the shop.
func (v *visitor) approve() {
	v.t.Helper()
	v.signIn(moderatorPhone)
	v.open("/quan-tri").says(teaName, "HTX Thủy Biều").keep("the queue")
	v.press(`form[action$="/duyet"] button`).says("Đã duyệt").keep("approved")
}

// certify enters a decision that recognises the tea. Nobody has issued it: it
// says so itself.
func (v *visitor) certify() {
	v.t.Helper()
	v.signIn(officialPhone)
	v.until("/thong-ke/chung-nhan?q=tra+cung+dinh", teaName).keep("the register")
	v.press(v.linkTo(teaName)).keep("a product in the register")
	v.write("decision_no", "46/QĐ-MINH-HOẠ").day("decision_date", time.Now().AddDate(0, 0, -3)).write("score", "75,5")
	v.write("note", "Chứng nhận minh hoạ, không có thật.")
	v.press(`main form.panel[action^="/thong-ke/chung-nhan/"] > button`).says("Đã ghi vào sổ", "46/QĐ-MINH-HOẠ").keep("recognised")
}

// share makes a link for a chat group.
func (v *visitor) share(j *journey) {
	v.t.Helper()
	v.open("/nong-ho/san-pham").says(teaName).keep("the farmer's products")
	v.open("/nong-ho/lien-ket").keep("links")
	v.choose("product", v.option("product", teaName)).choose("channel", "zalo").write("label", "Nhóm xóm Bầu")
	v.press("main form > button").says("Nhóm xóm Bầu").keep("a link to share")
	j.link = strings.TrimPrefix(ask(v, chromedp.Value(css(`input[id^="url-"]`))), v.base)
}

// buy finds two products of two sellers, one by a link and one by searching,
// and pays for both at once.
func (v *visitor) buy(j *journey) {
	v.t.Helper()
	v.open("/").keep("the shop")
	v.write("q", "tra cung dinh").press(".search button").says(teaName).keep("found without marks")
	v.open(j.link).says(teaName).keep("the product behind a link")
	v.press(`form[action="/gio-hang/them"] button[type=submit]:not([name])`).keep("in the cart")
	v.open("/").write("q", "mam nem").press(".search button").says(mamName).keep("the second one found")
	v.press(v.linkTo(mamName)).keep("the second product")
	v.press(`form[action="/gio-hang/them"] button[type=submit]:not([name])`).says(teaName, mamName, "HTX Thủy Biều", "Mệ Em").keep("two sellers in one cart")
	v.press(`button[name="then"][value="checkout"]`).keep("checkout")
	v.checkOut()
	v.press(`form[action="/thanh-toan"] .summary button[type=submit]`).keep("the wallet")
	v.press(`button[name="decision"][value="approve"]`)
	v.until(v.path(), "Chờ đóng gói").says(teaName, mamName).keep("paid")
	j.order = orderCode.FindString(v.text("h1"))
}

var orderCode = regexp.MustCompile(`HUE-[0-9A-Z-]+`)

// checkOut says who the parcels are for and where they go.
func (v *visitor) checkOut() {
	v.t.Helper()
	v.write("name", "Trần Thị Mai").write("phone", buyerPhone)
	v.choose("province", hueCity)
	if v.script {
		v.do(chromedp.WaitReady(css(`#tong input[name="expect"]:not([value="0"])`)))
	} else {
		v.press(`button[name="area"]`).keep("wards of the province")
	}
	v.choose("ward", buyerIn).write("street", "12 kiệt 8 Nguyễn Sinh Cung").tick("method", "sandbox").keep("checkout filled in")
}

// send packs, hands over and delivers the seller's parcel of the order.
func (v *visitor) send(j *journey, phone string) {
	v.t.Helper()
	v.signIn(phone)
	v.open("/hop-tac-xa").says(j.order).keep("the board")
	v.press(`form[action*="/dong-goi"] button`).keep("packed")
	v.press(v.linkTo(j.order)).tick("carrier", "Xe khách").write("tracking", "75B-01234").keep("ready to hand over")
	v.press(`form[action*="/giao-cho-van-chuyen"] > button`).says("Đang giao").keep("handed over")
	v.press(`form[action*="/da-giao"] button`).says("Đã ghi nhận khách nhận hàng").keep("delivered")
}

// follow looks the order up by its code, as somebody does who lost the page.
func (v *visitor) follow(j *journey) {
	v.t.Helper()
	v.open("/theo-doi").keep("tracking")
	v.write("code", j.order).write("phone", buyerPhone).press(`form[action="/theo-doi"] button`)
	v.says("Đã giao đủ", teaName, mamName).keep("delivered")
}

// count finds both sales in the table and in the file.
func (v *visitor) count() {
	v.t.Helper()
	v.signIn(officialPhone)
	v.until("/thong-ke/bang", "Thuỷ Xuân", "12. Sản phẩm chè", "Liên kết mạng xã hội", "Thuận An", "9. Tương, nước mắm", "Trên sàn").keep("the figures")
	rows := v.download(`a[href^="/thong-ke/bang.csv"]`)
	month := time.Now().UTC().Add(7 * time.Hour).Format("2006-01")
	want := []map[string]string{
		{"month": month, "ward": teaWard, "set": teaSet, "channel": "social"},
		{"month": month, "ward": mamWard, "set": mamSet, "channel": "store"},
	}
	for _, w := range want {
		if !slices.ContainsFunc(rows, func(row map[string]string) bool { return within(row, w) }) {
			v.t.Errorf("no row with %v in %v", w, rows)
		}
	}
	if len(rows) != len(want) {
		v.t.Errorf("%d rows for %d sales: %v", len(rows), len(want), rows)
	}
}

func within(row, want map[string]string) bool {
	for column, value := range want {
		if row[column] != value {
			return false
		}
	}
	return true
}

// tryLinks wants a page behind every way on that a guest was offered.
func (v *visitor) tryLinks() {
	v.t.Helper()
	for link := range v.links {
		answer, err := http.Get(v.base + link)
		if err != nil {
			v.t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode >= 400 {
			v.t.Errorf("%s was offered, but answers %d", link, answer.StatusCode)
		}
	}
}

// until opens a page again and again while what was done before is on its way
// there, until it says the words.
func (v *visitor) until(path string, words ...string) *visitor {
	v.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		v.open(path)
		text := v.text("main")
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			return v
		}
		if time.Now().After(deadline) {
			v.fail(fmt.Sprintf("never says %q:\n%s", words, text))
		}
	}
}

// linkTo finds the link in the page whose words contain text.
func (v *visitor) linkTo(text string) string {
	v.t.Helper()
	href := ask(v, chromedp.Evaluate[string](fmt.Sprintf(
		`[...document.querySelectorAll("main a")].find(a => a.textContent.includes(%q))?.getAttribute("href") ?? ""`, text)))
	if href == "" {
		v.fail("no link to " + text)
	}
	return fmt.Sprintf("main a[href=%q]", href)
}

// option is the value of the answer with such words.
func (v *visitor) option(name, text string) string {
	v.t.Helper()
	return ask(v, chromedp.Evaluate[string](fmt.Sprintf(
		`[...document.querySelectorAll("select[name=%s] option")].find(o => o.text.includes(%q))?.value ?? ""`, name, text)))
}

// day fills in a date, as its picker would.
func (v *visitor) day(name string, day time.Time) *visitor {
	v.t.Helper()
	v.do(chromedp.SetValue(css(`input[name="`+name+`"]`), day.Format(time.DateOnly)))
	return v
}

// download presses a link to a CSV file and reads what the browser saved.
func (v *visitor) download(link string) []map[string]string {
	v.t.Helper()
	folder := v.t.TempDir()
	on := true
	_, err := chromedp.CallBrowser(v.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, BrowserContextID: chromedp.FromContext(v.ctx).BrowserContextID,
		DownloadPath: folder, EventsEnabled: &on,
	})
	if err != nil {
		v.fail(err)
	}
	progress := chromedp.BrowserEvents(v.ctx, browser.DownloadProgress)
	v.do(v.touch(link))
	for p, err := range progress {
		if err != nil {
			v.fail(err)
		}
		if p.State == browser.DownloadProgressStateCompleted {
			return readCSV(v.t, filepath.Join(folder, p.GUID))
		}
	}
	v.fail("nothing was saved")
	return nil
}

func readCSV(t *testing.T, path string) []map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, column := range lines[0] {
			row[strings.TrimPrefix(column, "\ufeff")] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}
