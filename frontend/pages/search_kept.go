package pages

import (
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/search"
)

// searchRoutes are the pages of kept searches and of what people did not find.
func (p *Pages) searchRoutes() []Route {
	return slices.Concat([]Route{
		get("/tai-khoan/tim-da-luu", p.keptSearches),
		post("/tai-khoan/tim-da-luu", p.dropSearch),
		post("/tim/luu", p.keepSearch),
	}, within([]market.Role{market.RoleOfficial, market.RoleModerator, market.RoleOperator},
		get("/quan-tri/tim-khong-thay", p.notFound),
	))
}

// order is how the list is asked for: by the way when a ward is named and
// nothing else is wanted.
func (a asked) order() string {
	if a.sort == "" && a.near != "" {
		return search.SortNear
	}
	return a.sort
}

// nearOptions are the wards of Huế, whose places are known.
func (p *Pages) nearOptions(a asked) []ui.Option {
	var out []ui.Option
	for _, ward := range p.Areas.Wards(market.HueProvince) {
		out = append(out, ui.Option{Value: ward.Code, Label: ward.Full(), Selected: ward.Code == a.near})
	}
	return out
}

// mark shows in every name what was searched for.
func (v *searchView) mark(text string) {
	if text == "" {
		return
	}
	for i := range v.Products {
		for _, piece := range search.Highlight(v.Products[i].Name, text) {
			v.Products[i].Marked = append(v.Products[i].Marked, ui.Marked(piece))
		}
	}
}

// remember counts what was asked, without saying by whom, and offers to keep
// the search to who is signed in. Its failing must not cost anybody the list.
func (p *Pages) remember(c *gin.Context, s speaker, a asked, r search.Result, v *searchView) {
	if a.offset == 0 && !r.Degraded {
		p.Notebook.Note(a.text, r.Total)
	}
	by, address := web.Actor(c), address(a.values())
	if by.Person == "" || a.narrow() == 0 {
		return
	}
	kept, err := p.Notebook.Kept(c.Request.Context(), by)
	if err != nil {
		slog.ErrorContext(c.Request.Context(), "kept searches", "err", err)
		return
	}
	v.Keep = keeping{Action: "/tim/luu", Address: address, Title: a.summary(s, p.Areas)}
	if slices.ContainsFunc(kept, func(k search.Kept) bool { return k.Address == address }) {
		v.Keep.Kept = true
		if err := p.Notebook.Seen(c.Request.Context(), by, address); err != nil {
			slog.ErrorContext(c.Request.Context(), "kept searches", "err", err)
		}
	}
}

// summary names a search among others: "mắm nêm · Phong Điền · 4 sao".
func (a asked) summary(s speaker, areas *market.Areas) string {
	rest := a
	rest.text = ""
	if a.text == "" {
		return rest.title(s, areas)
	}
	if rest.set == 0 && rest.ward == "" && rest.stars == 0 {
		return a.text
	}
	return a.text + " · " + rest.title(s, areas)
}

// keptAddress reads the address of a list that a form brings: whatever it says,
// only what this shop's lists say is kept of it.
func keptAddress(c *gin.Context) (asked, string) {
	_, query, _ := strings.Cut(c.PostForm("address"), "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	a := readAsked(values)
	a.offset = 0
	return a, address(a.values())
}

func (p *Pages) keepSearch(c *gin.Context) error {
	a, address := keptAddress(c)
	if err := p.Notebook.Keep(c.Request.Context(), web.Actor(c), address, a.summary(p.speaker(c), p.Areas)); err != nil {
		return err
	}
	return tell(c, address, "kept.saved")
}

func (p *Pages) dropSearch(c *gin.Context) error {
	_, address := keptAddress(c)
	if err := p.Notebook.Drop(c.Request.Context(), web.Actor(c), address); err != nil {
		return err
	}
	return tell(c, "/tai-khoan/tim-da-luu", "kept.dropped")
}

// keptSearches lists them with how much is new in each.
func (p *Pages) keptSearches(c *gin.Context) error {
	s := p.speaker(c)
	kept, err := p.Notebook.Kept(c.Request.Context(), web.Actor(c))
	if err != nil {
		return err
	}
	v := keptView{Page: p.page(c, s.t("kept.title"))}
	v.NoIndex = true
	for _, k := range kept {
		n, err := p.news(c, k)
		if err != nil {
			return err
		}
		item := keptItem{Title: k.Title, Href: k.Address, Address: k.Address, News: s.t("kept.nonews")}
		if n > 0 {
			item.News = s.t("kept.news", "n", n)
		}
		v.Items = append(v.Items, item)
	}
	return web.Render(c, http.StatusOK, keptPage(v))
}

// newsMost is how many products are looked at for what is new.
const newsMost = 100

// news counts what a kept search would find that was not there when its keeper
// last looked.
func (p *Pages) news(c *gin.Context, k search.Kept) (int, error) {
	_, query, _ := strings.Cut(k.Address, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return 0, nil
	}
	q := readAsked(values).query()
	q.Sort, q.Limit, q.Offset, q.Facets = search.SortNewest, newsMost, 0, false
	_, found, err := p.find(c.Request.Context(), q)
	n := 0
	for n < len(found) && found[n].PublishedAt.After(k.SeenAt) {
		n++
	}
	return n, err
}

// notFound shows what people searched for in vain.
func (p *Pages) notFound(c *gin.Context) error {
	s := p.speaker(c)
	month, err := time.Parse("2006-01", c.Query("thang"))
	if err != nil {
		month = s.now
	}
	found, err := p.Notebook.NotFound(c.Request.Context(), web.Actor(c), month.Format("2006-01"))
	if err != nil {
		return err
	}
	v := sheetView{Page: p.adminPage(c, s.t("unfound.title")), Lead: s.t("unfound.lead")}
	words := ui.Table{Caption: s.t("unfound.month", "month", month.Format("01/2006")), Columns: []ui.Column{{Label: s.t("unfound.words")}, {Label: s.t("unfound.nothing"), Number: true}, {Label: s.t("unfound.times"), Number: true}}}
	for _, a := range found {
		words.Rows = append(words.Rows, []ui.Cell{{Text: a.Text, Href: address(url.Values{"q": {a.Text}})}, {Text: s.number(int64(a.Nothing))}, {Text: s.number(int64(a.Times))}})
	}
	v.Parts = []sheetPart{{Table: words}}
	if len(found) == 0 {
		v.Parts = []sheetPart{{Title: words.Caption, Text: s.t("unfound.none")}}
	}
	return web.Render(c, http.StatusOK, sheetPage(v))
}
