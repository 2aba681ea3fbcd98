package pages

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/search"
)

const (
	pageSize    = 24
	maxOffset   = 10_000
	maxQuestion = 200 // bytes of what is searched for
)

// search is the list of products: all of them, or what was asked for.
func (p *Pages) search(c *gin.Context) error {
	s := p.speaker(c)
	asked := readAsked(c.Request.URL.Query())
	result, found, err := p.find(c.Request.Context(), asked.query())
	if err != nil {
		return err
	}
	v := searchView{
		Page: p.page(c, asked.title(s, p.Areas)), Count: s.t("listing.count", "n", result.Total),
		Products: p.cards(s, found), Filter: p.filter(s, asked, result), Cursor: asked.cursor(s, result.Total),
	}
	v.introduce(p.cfg.BaseURL, s, asked, result)
	v.mark(asked.text)
	p.remember(c, s, asked, result, &v)
	if len(found) == 0 {
		if v.Nothing, err = p.nothing(c, s, asked); err != nil {
			return err
		}
	}
	return web.Render(c, http.StatusOK, searchPage(v))
}

// firstRow is how many pictures are seen before anybody scrolls.
const firstRow = 4

// introduce says what the list is of, to people and to search engines, which
// are to know each list once and by its plain address.
func (v *searchView) introduce(base string, s speaker, a asked, r search.Result) {
	v.Query, v.Heading = a.text, v.Title
	v.Canonical = base + a.only("q", "set", "ward", "stars")
	v.NoIndex = a.offset > 0 || a.narrow() > 1 || r.Total == 0
	v.Description = s.t("listing.description", "what", v.Title)
	for i := range min(firstRow, len(v.Products)) {
		v.Products[i].Eager = true
	}
	if r.Corrected != "" {
		v.Notices = append(v.Notices, ui.Notice{Text: s.t("listing.corrected", "asked", a.text, "instead", r.Corrected)})
	}
}

// asked is what the address of a list says.
type asked struct {
	text     string
	set      int
	ward     string
	stars    int
	from, to market.VND
	stock    bool
	near     string // ward that is asked from
	sort     string
	offset   int
}

var sorts = []string{search.SortRelevance, search.SortNewest, search.SortPrice, search.SortPriceDown}

// readAsked reads a list's address. What cannot be read is left out: a list is
// never an error page.
func readAsked(q url.Values) asked {
	a := asked{text: strings.TrimSpace(q.Get("q")), ward: q.Get("ward"), stock: q.Get("stock") != ""}
	if len(a.text) > maxQuestion {
		a.text = strings.ToValidUTF8(a.text[:maxQuestion], "")
	}
	a.near = q.Get("near")
	a.set = number(q.Get("set"), 1, 26)
	a.stars = number(q.Get("stars"), catalog.MinBadgeStars, 5)
	a.offset = number(q.Get("offset"), 0, maxOffset)
	a.from, a.to = amount(q.Get("from")), amount(q.Get("to"))
	for _, known := range sorts[1:] {
		if q.Get("sort") == known {
			a.sort = known
		}
	}
	return a
}

func number(text string, least, most int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0
	}
	return n
}

func amount(text string) market.VND {
	v, err := market.ParseVND(text)
	if err != nil {
		return 0
	}
	return v
}

func (a asked) query() search.Query {
	return search.Query{
		Text: a.text, Set: a.set, Ward: a.ward, Stars: a.stars, PriceFrom: a.from, PriceTo: a.to, InStock: a.stock,
		Sort: a.order(), NearWard: a.near, Limit: pageSize, Offset: a.offset, Facets: true,
	}
}

// values writes the list's address again.
func (a asked) values() url.Values {
	v := url.Values{}
	put := func(name, value string) {
		if value != "" && value != "0" {
			v.Set(name, value)
		}
	}
	put("q", a.text)
	put("set", strconv.Itoa(a.set))
	put("ward", a.ward)
	put("stars", strconv.Itoa(a.stars))
	put("from", strconv.FormatInt(int64(a.from), 10))
	put("to", strconv.FormatInt(int64(a.to), 10))
	put("near", a.near)
	put("sort", a.sort)
	if a.stock {
		v.Set("stock", "1")
	}
	return v
}

// without is the address of the list with one thing less, from its start.
func (a asked) without(name string) string {
	v := a.values()
	v.Del(name)
	return address(v)
}

// only keeps the named parts.
func (a asked) only(names ...string) string {
	v, all := url.Values{}, a.values()
	for _, name := range names {
		if all.Has(name) {
			v.Set(name, all.Get(name))
		}
	}
	return address(v)
}

func address(v url.Values) string {
	if len(v) == 0 {
		return "/tim"
	}
	return "/tim?" + v.Encode()
}

// narrow counts what narrows the list.
func (a asked) narrow() int {
	v := a.values()
	v.Del("sort")
	return len(v)
}

// title is what the list is of: "Kết quả cho “mắm”", "Phong Điền · 4 sao".
func (a asked) title(s speaker, areas *market.Areas) string {
	if a.text != "" {
		return s.t("listing.title.q", "text", a.text)
	}
	var parts []string
	if a.set != 0 {
		parts = append(parts, s.craft(a.set))
	}
	if a.ward != "" {
		parts = append(parts, wardName(areas, a.ward))
	}
	if a.stars != 0 {
		parts = append(parts, s.t("listing.stars", "n", a.stars))
	}
	if len(parts) == 0 {
		return s.t("listing.title")
	}
	return strings.Join(parts, " · ")
}

func (a asked) cursor(s speaker, total int) ui.Cursor {
	shown := min(a.offset+pageSize, total)
	c := ui.Cursor{Shown: s.t("listing.shown", "n", shown, "total", total)}
	if next := a.offset + pageSize; next < total && next <= maxOffset {
		v := a.values()
		v.Set("offset", strconv.Itoa(next))
		c.Next = address(v)
	}
	if a.offset > 0 {
		c.First = address(a.values())
	}
	return c
}

// nothing offers ways on: fewer conditions, the crafts there are, what is new.
func (p *Pages) nothing(c *gin.Context, s speaker, a asked) (nothing, error) {
	n := nothing{Title: s.t("listing.none"), Text: s.t("listing.none.text")}
	if a.text != "" {
		n.Title = s.t("listing.none.q", "text", a.text)
		n.Tips = []string{s.t("listing.tip.short"), s.t("listing.tip.marks"), s.t("listing.tip.other")}
	}
	if a.narrow() > 1 && a.text != "" {
		n.Ways = append(n.Ways, ui.NavItem{Label: s.t("listing.everywhere", "text", a.text), Href: a.only("q")})
	}
	fewer, err := p.Search.Fewer(c.Request.Context(), a.query())
	if err != nil {
		return n, err
	}
	for _, w := range fewer {
		n.Ways = append(n.Ways, ui.NavItem{Label: counted(w.Text, w.Total), Href: address(url.Values{"q": {w.Text}})})
	}
	f, err := p.front.get(c.Request.Context())
	if err != nil {
		return n, err
	}
	for _, craft := range f.crafts {
		n.Ways = append(n.Ways, ui.NavItem{Label: s.craft(craft.set), Href: setPath(craft.set)})
	}
	n.Shelf = p.cards(s, f.fresh[:min(len(f.fresh), 4)])
	return n, nil
}
