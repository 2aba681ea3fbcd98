package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestSupplyScreens takes a picture of what sellers and those who check them
// work with, on a small phone, a phone and a desk, with demonstration data. As
// TestScreens, it runs only where MARKET_TEST_SCREENSHOTS says where to keep
// pictures.
func TestSupplyScreens(t *testing.T) {
	if os.Getenv("MARKET_TEST_SCREENSHOTS") == "" {
		t.Skip("MARKET_TEST_SCREENSHOTS does not say where to keep pictures")
	}
	j := &journey{t: t, base: startMarket(t), browser: startBrowser(t), script: true, axe: loadAxe(t)}
	for _, s := range j.supplySights() {
		t.Run(s.who, func(t *testing.T) { j.sized(t, "supply-", s) })
	}
}

// walk opens the pages of a sight, and each page behind one of its links where
// the link stands.
func (v *visitor) walk(s sight) {
	v.t.Helper()
	look := fmt.Sprintf("%d", v.screen.width)
	for _, page := range s.pages {
		v.open(page).keep(look + " " + page)
		for _, link := range s.links {
			href := ask(v, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector(%q)?.getAttribute("href") ?? ""`, string(link))))
			if href != "" && href != page {
				v.open(href).keep(look + " behind " + string(link)).open(page)
			}
		}
	}
	if s.more != nil {
		s.more(v)
	}
}

// tries sends the sheet that we ship, with a price that is none.
func (v *visitor) tries(door string) {
	v.t.Helper()
	v.open(door)
	sheet := ask(v, chromedp.Evaluate[string](fmt.Sprintf(`fetch(%q).then(r => r.text())`, door+"/mau.csv"), chromedp.EvalAwaitPromise))
	file := filepath.Join(v.t.TempDir(), "hang.csv")
	if err := os.WriteFile(file, []byte(strings.Replace(sheet, "65000", "sáu mươi lăm", 1)), 0o600); err != nil {
		v.t.Fatal(err)
	}
	v.do(chromedp.SetUploadFiles(css(`main input[type="file"]`), []string{file}))
	v.press(`main form[enctype] button`).keep(fmt.Sprintf("%d tried %s", v.screen.width, door))
}

func (j *journey) supplySights() []sight {
	return []sight{
		{
			who:   "guest",
			pages: []string{"/san-pham/" + pomeloSlug, "/gian-hang/htx-thuy-bieu", "/quy-che/xep-hang"},
			links: []css{`main a[href^="/lo/"]`, `main a[href^="/chung-nhan/"]`, `main a[href^="/mua-vu/"]`},
		},
		{
			who: "farmer", phone: farmerPhone, before: func(v *visitor) { v.list(j) },
			pages: []string{"/nong-ho", "/nong-ho/lo", "/nong-ho/mua-vu", "/nong-ho/giay-to", "/nong-ho/quyen-ten", "/nong-ho/san-pham", "/nong-ho/dang-ban"},
			links: []css{
				`main a[href^="/nong-ho/lo/"]`, `main a[href^="/lo/"][href$="/thu-hoi"]`, `main a[href^="/nong-ho/mua-vu/"]`, `main a[href*="/nong-ho/dang-ban?id="]`,
				`main a[href*="/nong-ho/san-pham/"]`,
			},
		},
		{
			who: "manager", phone: managerPhone,
			pages: []string{
				"/hop-tac-xa", "/hop-tac-xa/san-pham", "/hop-tac-xa/thanh-vien", "/hop-tac-xa/nhap-hang", "/hop-tac-xa/chia-tien", "/hop-tac-xa/uy-quyen",
				"/hop-tac-xa/nhat-ky", "/hop-tac-xa/giay-to", "/hop-tac-xa/nhap-xuat", "/hop-tac-xa/lo",
			},
			links: []css{`main a[href^="/hop-tac-xa/chia-tien/"]:not([href$=".csv"])`, `main a[href^="/hop-tac-xa/xa-vien/"]`, `main a[href^="/hop-tac-xa/lo/"]`},
			more: func(v *visitor) []string {
				v.tries("/hop-tac-xa/nhap-xuat")
				return nil
			},
		},
		{
			who: "moderator", phone: moderatorPhone,
			pages: []string{"/quan-tri", "/quan-tri/ban-sua", "/quan-tri/nguoi-ban", "/quan-tri/giay-to", "/quan-tri/go-bo", "/thong-ke/quyen-ten"},
			links: []css{`main a[href^="/quan-tri/nguoi-ban/"]`, `main a[href^="/quan-tri/nhat-ky/"]`},
		},
		{
			who: "official", phone: officialPhone,
			pages: []string{"/thong-ke/chung-nhan", "/thong-ke/chung-nhan/nhap", "/thong-ke/quyen-ten", "/quan-tri/go-bo"},
			links: []css{`main th a`},
		},
	}
}
