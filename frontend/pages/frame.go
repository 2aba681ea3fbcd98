package pages

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/frontend/locale"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
)

// speaker writes for whoever asks.
func (p *Pages) speaker(c *gin.Context) speaker {
	lang := web.Lang(c)
	return speaker{lang: lang, t: p.texts.Say(lang), areas: p.Areas, sets: p.Sets, now: p.Env.Now()}
}

// page is the frame of a shop page: who is looking, the sections, the cart,
// and what was left to say from the page before.
func (p *Pages) page(c *gin.Context, title string) ui.Page {
	s, by := p.speaker(c), web.Actor(c)
	return ui.Page{
		Lang: s.lang, Title: title, Path: c.Request.URL.RequestURI(), Frame: ui.FrameShop, Person: person(s, by),
		CartCount: p.cartCount(c, by, web.Value(c, keyCart)), Unread: fewer(p.unread(c, by)), Nav: sections(s.t, c.Request.URL.Path),
		Flash: p.flashes(c, s), Demo: p.cfg.Demo, Links: p.links(), Assets: p.assets, T: s.t,
	}
}

func (p *Pages) links() ui.Links {
	links := ui.DefaultLinks()
	links.Source = p.cfg.Source
	links.Complaints = "/quy-che#khieu-nai"
	return links
}

func person(s speaker, by market.Actor) ui.Person {
	out := ui.Person{
		Name: by.Name, Farmer: by.Is(market.RoleFarmer) || len(by.Sellers) > 0, Cooperative: len(by.Sellers) > 0,
		Official: by.Is(market.RoleOfficial), Admin: by.Is(market.RoleModerator, market.RoleOperator),
	}
	if by.Person != "" && out.Name == "" {
		out.Name = s.t("nav.account")
	}
	return out
}

// sections are the ways into the shop that every page offers.
func sections(t ui.T, path string) []ui.NavItem {
	return []ui.NavItem{
		{Label: t("section.all"), Href: "/tim", Current: path == "/tim"},
		{Label: t("live.title"), Href: "/phien", Current: strings.HasPrefix(path, "/phien")},
		{Label: t("section.season"), Href: "/#mua"},
		{Label: t("section.crafts"), Href: "/#nghe"},
		{Label: t("section.wards"), Href: "/#noi-lam"},
		{Label: t("section.proven"), Href: "/#chung-nhan"},
		{Label: t("section.track"), Href: "/theo-doi", Current: path == "/theo-doi"},
	}
}

// flashes are what the page before left to say. That they cannot be forgotten
// is no reason to show no page; then they are said twice.
func (p *Pages) flashes(c *gin.Context, s speaker) []ui.Notice {
	found, err := web.Flashes(c)
	if err != nil {
		web.Note(c, "flash not forgotten", err)
	}
	out := make([]ui.Notice, len(found))
	for i, f := range found {
		out[i] = ui.Notice{Tone: ui.Tone(f.Tone), Text: p.texts.Sentence(s.lang, f.Key, f.Args)}
	}
	return out
}

// see sends the browser on after a form (POST, redirect, GET).
func see(c *gin.Context, to string) error {
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// tell is see with something to say there.
func tell(c *gin.Context, to, key string) error {
	if err := web.AddFlash(c, web.Flash{Tone: string(ui.Success), Key: key}); err != nil {
		return err
	}
	return see(c, to)
}

// mendable reports whether the person who sent a form can put it right.
func mendable(err error) bool {
	kind := market.KindOf(err)
	return err != nil && (kind == market.KindInvalid || kind == market.KindConflict)
}

// sentence says an error of ours to whoever asks.
func (p *Pages) sentence(c *gin.Context, err error) string {
	for _, e := range each(err) {
		return p.texts.Sentence(web.Lang(c), e.Key, e.Args)
	}
	return ""
}

// wrongs are the errors for the summary above a form; fields named in slots
// get theirs too.
func (p *Pages) wrongs(s speaker, err error, slots map[string]*string) []ui.Wrong {
	var out []ui.Wrong
	for _, e := range each(err) {
		wrong := ui.Wrong{Text: p.texts.Sentence(s.lang, e.Key, e.Args)}
		if slot := slots[e.Field]; slot != nil {
			*slot, wrong.ID = wrong.Text, e.Field
		}
		out = append(out, wrong)
	}
	return out
}

// languages are the choices of a language field.
func languages(t ui.T, chosen string) []ui.Option {
	out := make([]ui.Option, 0, 2)
	for _, lang := range locale.Languages() {
		out = append(out, ui.Option{Value: lang, Label: t("lang." + lang), Selected: lang == chosen})
	}
	return out
}
