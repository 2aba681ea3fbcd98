package pages_test

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"chohue/cooperatives"
	"chohue/frontend/web"
	"chohue/market"
)

// hostile are values that people type by mistake, and that others type on
// purpose.
var hostile = map[string]string{
	"empty": "", "blank": "   ", "negative": "-1", "zero": "0", "fraction": "1,5", "huge number": "999999999999999999999999",
	"huge": strings.Repeat("a", 20_000), "script": `"><script>alert(1)</script>`, "sql": "'; DROP TABLE orders;--", "operator": `{"$gt":""}`,
	"path": "../../../../etc/passwd", "nul": "a\x00b", "not UTF-8": "a\xff\xfeb", "decomposed": "Mắm nêm", "emoji": "🥭🥭🥭", "formula": "=1+1",
}

// TestEveryFormTakesAnything walks the pages that each person can reach and
// sends every form on them with each field missing and wrong in every way.
// Nothing may fail on our side, what is refused is said on a whole page, what
// was typed is never executed, and goods and money agree afterwards.
func TestEveryFormTakesAnything(t *testing.T) {
	s := newShop(t)
	s.submitted("Bánh ép chờ duyệt")
	buyer := s.enter("0905000021")
	s.fillCart(buyer)
	people := map[string]*visitor{
		"guest":     s.visitor(),
		"buyer":     buyer,
		"manager":   s.member("0905000023", "Hồ Xuân Đài", s.coop, cooperatives.MemberManager),
		"moderator": s.staff("0905000024", "Quỳnh Anh", market.RoleModerator),
		"official":  s.staff("0905000025", "Hữu Phước", market.RoleOfficial),
	}
	s.fillCart(people["guest"])
	starts := map[string][]string{
		"guest": {"/", "/thanh-toan", "/theo-doi", "/dang-nhap"}, "buyer": {"/", "/thanh-toan", "/tai-khoan", "/nong-ho/mo-gian-hang"},
		"manager": {"/nong-ho", "/nong-ho/dang-ban", "/hop-tac-xa"}, "moderator": {"/quan-tri"}, "official": {"/thong-ke", "/thong-ke/chung-nhan"},
	}
	sent := 0
	for _, who := range slices.Sorted(maps.Keys(people)) {
		t.Run(who, func(t *testing.T) {
			w := &walker{visitor: people[who], t: t, seen: map[string]bool{}}
			w.walk(starts[who])
			sent += w.sent
		})
	}
	if sent < 500 {
		t.Errorf("only %d wrong forms were sent: the walk finds no forms", sent)
	}
	s.drain()
	s.must(s.rooms.Payments.Check(t.Context()))
	for name, id := range s.variant {
		stocks, err := s.rooms.Catalog.Stocks(t.Context(), id)
		s.must(err)
		if err := stocks[id].Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Logf("%d wrong forms sent", sent)
}

func (s *shop) fillCart(v *visitor) {
	s.t.Helper()
	v.post("/gio-hang/them", "product", "thanh-tra-thuy-bieu", "variant", string(s.variant["kg"]), "quantity", "1").is(200)
	v.post("/gio-hang/them", "product", "non-la-bai-tho", "variant", string(s.variant["hat"]), "quantity", "1").is(200)
}

// walker visits each kind of page once and plays with each kind of form once.
type walker struct {
	*visitor
	t    *testing.T
	seen map[string]bool
	sent int
}

const mostPages = 80

func (w *walker) walk(queue []string) {
	w.t.Helper()
	for visited := 0; len(queue) > 0 && visited < mostPages; {
		path := queue[0]
		queue = queue[1:]
		if !w.first("page " + kind(path)) {
			continue
		}
		visited++
		got := w.get(path)
		if got.status >= 500 {
			w.t.Errorf("GET %s: %d", path, got.status)
		}
		queue = append(queue, got.links()...)
		for _, f := range got.forms() {
			if f.method == "POST" && aboutMoney.MatchString(f.action) && f.values.Get(web.FormKey) == "" {
				w.t.Errorf("the form to %s on %s would happen twice when it is sent twice", f.action, path)
			}
			if w.first("form " + f.kind()) {
				w.play(f)
			}
		}
	}
}

// aboutMoney are the addresses of what is done with orders and money.
var aboutMoney = regexp.MustCompile(`^/(thanh-toan|don-hang/|dat-truoc/|quan-tri/(chi-tra|doi-soat|thue|phan-xu))|/(don|don-nay|tien|mua-vu|tra-hang|uu-dai|ma-giam)(/|$|\?)`)

func (w *walker) first(key string) bool {
	if w.seen[key] {
		return false
	}
	w.seen[key] = true
	return true
}

// kind is a path without what names a single thing in it.
func kind(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	return names.ReplaceAllString(u.Path, "/*")
}

var names = regexp.MustCompile(`/([0-9A-Z]{10,26}|[a-z0-9]+(-[a-z0-9]+){2,})(?:$|\b)`)

// leaving are doors out of the walk: they end the session or lead elsewhere.
var leaving = []string{"/dang-xuat", "/static/", "/anh/", ".png", ".csv", ".xlsx", ".pdf", "/api/", "mailto:", "tel:", "#"}

func leads(path string) bool {
	for _, l := range leaving {
		if strings.Contains(path, l) {
			return false
		}
	}
	return strings.HasPrefix(path, "/")
}

func (p page) links() []string {
	var out []string
	for _, a := range p.all("a") {
		if href := attr(a, "href"); leads(href) {
			out = append(out, href)
		}
	}
	return out
}

// wrongForm is a form as it stands on a page.
type wrongForm struct {
	method, action string
	values         url.Values
}

func (f wrongForm) kind() string {
	return f.method + kind(f.action)
}

func (p page) forms() []wrongForm {
	var out []wrongForm
	for _, n := range p.all("form") {
		f := wrongForm{method: strings.ToUpper(attr(n, "method")), action: attr(n, "action"), values: url.Values{}}
		if f.action == "" {
			f.action = p.at.Path
		}
		if f.method == "" {
			f.method = "GET"
		}
		if !leads(f.action) {
			continue
		}
		for field := range n.Descendants() {
			f.take(field)
		}
		out = append(out, f)
	}
	return out
}

func (f wrongForm) take(n *html.Node) {
	name := attr(n, "name")
	if n.Type != html.ElementNode || name == "" {
		return
	}
	switch n.Data {
	case "input", "button":
		kind := attr(n, "type")
		if kind == "file" || (kind == "radio" || kind == "submit") && f.values.Has(name) {
			return
		}
		f.values.Set(name, attr(n, "value"))
	case "textarea", "select":
		f.values.Set(name, "")
		for option := range n.Descendants() {
			if option.Data == "option" && attr(option, "value") != "" {
				f.values.Set(name, attr(option, "value"))
				return
			}
		}
	}
}

// play sends the form with one field at a time wrong or missing, and last as
// it stands, which may change what there is to see.
func (w *walker) play(f wrongForm) {
	w.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(f.values)) {
		for _, what := range slices.Sorted(maps.Keys(hostile)) {
			wrong := f.but(name, hostile[what])
			w.send(f, wrong, name+" "+what)
		}
		missing := f.but(name, "")
		missing.Del(name)
		w.send(f, missing, name+" missing")
	}
	w.send(f, url.Values{}, "everything missing")
}

func (f wrongForm) but(name, value string) url.Values {
	wrong := url.Values{}
	maps.Copy(wrong, f.values)
	wrong.Set(name, value)
	return wrong
}

func (w *walker) send(f wrongForm, values url.Values, what string) {
	w.t.Helper()
	w.sent++
	if key := values.Get(web.FormKey); key != "" && !strings.HasPrefix(what, web.FormKey) { // as on a page that was drawn anew
		values = wrongForm{values: values}.but(web.FormKey, web.NewFormKey())
	}
	path, body := f.action, values
	if f.method == "GET" {
		path, body = f.action+"?"+values.Encode(), nil
	}
	got := w.do(f.method, path, body)
	switch {
	case got.status >= 500:
		w.t.Errorf("%s %s with %s: %d", f.method, f.action, what, got.status)
	case got.status >= 400 && (len(got.all("h1")) == 0 || len(got.text()) < 20):
		w.t.Errorf("%s %s with %s: %d without a page that says why: %.200s", f.method, f.action, what, got.status, got.body)
	case got.status == 422 && !got.complains():
		w.t.Errorf("%s %s with %s: 422 without saying which field", f.method, f.action, what)
	case strings.Contains(got.body, "<script>alert(1)"):
		w.t.Errorf("%s %s with %s: what was typed came back as script", f.method, f.action, what)
	}
}

// complains reports whether the page says what is wrong: at its top, at a
// field, or because it is an error page.
func (p page) complains() bool {
	for _, class := range []string{".notice--danger", ".field__error", ".empty"} {
		if len(p.all(class)) > 0 {
			return true
		}
	}
	return false
}
