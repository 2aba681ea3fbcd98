package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestScreens takes a picture of every page as each person sees it, on three
// screens, by day and by night, with demonstration data. It is for people who
// look at them: it runs only where MARKET_TEST_SCREENSHOTS says where to keep
// them.
func TestScreens(t *testing.T) {
	if os.Getenv("MARKET_TEST_SCREENSHOTS") == "" {
		t.Skip("MARKET_TEST_SCREENSHOTS does not say where to keep pictures")
	}
	j := &journey{t: t, base: startMarket(t), browser: startBrowser(t), script: true, axe: loadAxe(t)}
	for _, s := range j.sights() {
		t.Run(s.who, func(t *testing.T) {
			here := *j
			here.t, here.album = t, newAlbum(t, "screens-"+s.who)
			here.photograph(s)
		})
	}
}

// sight is what one person goes to see.
type sight struct {
	who, phone string
	before     func(v *visitor) // brings about what there is to see
	pages      []string
	links      []css                     // first pages behind such links on the last of the pages
	more       func(v *visitor) []string // pages named on the page before
	refused    []refusal
}

// sized photographs what one person sees on a small phone, a phone and a desk.
func (j *journey) sized(t *testing.T, album string, s sight) {
	here := *j
	here.t, here.album = t, newAlbum(t, album+s.who)
	v := here.visit(s.who, smallPhone)
	if s.phone != "" {
		v.signIn(s.phone)
	}
	if s.before != nil {
		s.before(v)
	}
	v.errors = true
	for _, width := range []int64{320, 360, 1280} {
		v.screen = screen{width: width, height: 800}
		if width < 768 {
			v.screen.agent = phoneAgent
		}
		v.do(v.settings()...)
		v.walk(s)
	}
}

// listingSteps are the second and third step of the listing whose first step
// is in sight.
func listingSteps(v *visitor) []string {
	id := ask(v, chromedp.Value(css(`input[name="id"]`)))
	return []string{"/nong-ho/dang-ban/" + id + "/gia", "/nong-ho/dang-ban/" + id + "/gui"}
}

// refusal is a form that is sent with something wrong.
type refusal struct {
	page, field, text string
	button            string
}

func (j *journey) sights() []sight {
	return []sight{
		{
			who: "guest",
			pages: []string{
				"/", "/tim", "/tim?q=tra+cung+dinh", "/tim?q=xe+may+dien", "/san-pham/" + mamSlug, "/san-pham/ruou-o-lau", "/san-pham/thanh-tra-thuy-bieu",
				"/gian-hang/htx-thuy-bieu", "/gio-hang", "/theo-doi", "/dang-nhap", "/hop-thu", "/tro-giup", "/quy-che", "/du-lieu-ca-nhan", "/khong-co-trang-nay",
			},
			refused: []refusal{
				{"/dang-nhap", "phone", "12", `form[action="/dang-nhap"] > button`},
				{"/theo-doi", "code", "HUE-0", `form[action="/theo-doi"] button`},
			},
		},
		{
			who: "buyer", phone: "0900000901", before: (*visitor).fillCart,
			pages:   []string{"/gio-hang", "/thanh-toan", "/tai-khoan", "/tai-khoan/don-hang"},
			links:   []css{`main a[href^="/don-hang/"]`},
			refused: []refusal{{"/thanh-toan", "name", "", `form[action="/thanh-toan"] .summary button[type=submit]`}},
		},
		{
			who: "farmer", phone: farmerPhone, before: func(v *visitor) { v.list(j) },
			pages: []string{"/nong-ho", "/nong-ho/dang-ban", "/nong-ho/lien-ket", "/nong-ho/tien", "/nong-ho/mo-gian-hang", "/nong-ho/san-pham"},
			links: []css{`main a[href*="/nong-ho/dang-ban?id="]`},
			more:  listingSteps,
			refused: []refusal{
				{"/nong-ho/dang-ban", "name", "", "main form > button"},
				{"/nong-ho/mo-gian-hang", "name/vi", "", "main form button[type=submit]"},
			},
		},
		{
			who: "manager", phone: managerPhone,
			pages: []string{"/hop-tac-xa/san-pham", "/hop-tac-xa/thanh-vien", "/hop-tac-xa/tien", "/hop-tac-xa"},
			links: []css{`main a[href*="/don/"]`},
		},
		{
			who: "moderator", phone: moderatorPhone,
			pages: []string{"/quan-tri", "/quan-tri/nguoi-ban"},
		},
		{
			who: "official", phone: officialPhone,
			pages:   []string{"/thong-ke", "/thong-ke/so-sanh", "/thong-ke/bang?by=ward&by=channel", "/thong-ke/chi-tieu", "/thong-ke/chat-luong", "/thong-ke/chi-so/value_vnd", "/thong-ke/cong-bo", "/du-lieu-mo", "/du-lieu-mo/chi-tieu", "/thong-ke/chung-nhan"},
			links:   []css{`main th a`},
			refused: []refusal{{"/thong-ke/chung-nhan?q=xe", "q", "xe", ".period button"}},
		},
	}
}

func (j *journey) photograph(s sight) {
	v := j.visit(s.who, smallPhone)
	if s.phone != "" {
		v.signIn(s.phone)
	}
	if s.before != nil {
		s.before(v)
	}
	v.errors = true
	for _, width := range []int64{360, 768, 1280} {
		for _, dark := range []bool{false, true} {
			v.screen = screen{width: width, height: 800, dark: dark}
			if width == smallPhone.width {
				v.screen.agent = phoneAgent
			}
			v.do(v.settings()...)
			v.tour(s)
		}
	}
}

// tour goes round all that is to be seen, once.
func (v *visitor) tour(s sight) {
	look := fmt.Sprintf("%d", v.screen.width)
	if v.screen.dark {
		look += " dark"
	}
	for _, page := range s.pages {
		v.open(page).keep(look + " " + page)
	}
	for _, link := range s.links {
		v.open(s.pages[len(s.pages)-1])
		href := ask(v, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector(%q)?.getAttribute("href") ?? ""`, string(link))))
		if href == "" {
			v.fail("no link " + string(link))
		}
		v.open(href).keep(look + " behind " + string(link))
	}
	if s.more != nil {
		for _, page := range s.more(v) {
			v.open(page).keep(look + " " + page)
		}
	}
	for _, r := range s.refused {
		v.open(r.page).write(r.field, r.text).press(r.button).keep(look + " refused " + r.page)
	}
}

// fillCart puts goods of two sellers into the cart.
func (v *visitor) fillCart() {
	for _, slug := range []string{"tra-cung-dinh-hue", mamSlug} {
		v.open("/san-pham/" + slug).press(`form[action="/gio-hang/them"] button[type=submit]:not([name])`)
	}
}
