package pages

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
)

// home is the front of the shop.
func (p *Pages) home(c *gin.Context) error {
	kept, err := p.front.get(c.Request.Context())
	if err != nil {
		return err
	}
	f, err := p.asOfNow(c.Request.Context(), kept)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := homeView{
		Page: p.page(c, ""), Season: p.cards(s, f.season), New: p.cards(s, f.fresh), Proven: p.cards(s, f.proven),
		Months: p.months(s), Crafts: p.craftTiles(s, f.crafts), Wards: p.wardTiles(s, f), Trust: trusts(s.t),
	}
	v.Description = s.t("home.description")
	v.Canonical = p.cfg.BaseURL + "/"
	v.JSONLD = p.siteLD(s)
	v.Hero = ui.Hero{
		Title: s.t("home.hero.title"), Text: s.t("home.hero.text"), Image: p.assets.URL("song-huong.svg"), Alt: s.t("home.hero.alt"),
		Action: ui.NavItem{Label: s.t("home.hero.go", "n", f.total), Href: v.Links.Search},
		Other:  ui.NavItem{Label: s.t("home.hero.proven"), Href: listPath("stars", "3"), Icon: ui.IconCertificate},
	}
	return web.Render(c, http.StatusOK, homePage(v))
}

// months is the calendar of the harvest, with a mark on what is on now.
func (p *Pages) months(s speaker) [][2]string {
	rows := make([][2]string, len(p.seasons))
	for i, season := range p.seasons {
		key := "home.month"
		if season.on(s.now) {
			key = "home.month.now"
		}
		rows[i] = [2]string{s.text(season.name), s.t(key, "first", int(season.first), "last", int(season.last))}
	}
	return rows
}

func (p *Pages) craftTiles(s speaker, crafts []craft) []ui.Tile {
	tiles := make([]ui.Tile, len(crafts))
	for i, c := range crafts {
		tiles[i] = ui.Tile{
			Href: setPath(c.set), Label: s.craft(c.set), Note: s.t("listing.count", "n", c.n), Image: p.picture(c.shown, smallPhoto), Sources: coverSources(c.shown),
		}
	}
	return tiles
}

func (p *Pages) wardTiles(s speaker, f *front) []ui.Tile {
	tiles := make([]ui.Tile, len(f.wards))
	for i, w := range f.wards {
		tiles[i] = ui.Tile{Href: wardPath(w.Value), Label: wardName(p.Areas, w.Value), Note: s.number(int64(w.N))}
	}
	return tiles
}

// trusts are the reasons to buy here; each leads to its proof.
func trusts(t ui.T) []trust {
	return []trust{
		{ui.IconCertificate, t("home.trust.proof"), t("home.trust.proof.text"), ui.NavItem{Label: t("home.trust.proof.link"), Href: "/quy-che#chung-nhan"}},
		{ui.IconReceipt, t("home.trust.price"), t("home.trust.price.text"), ui.NavItem{Label: t("home.trust.price.link"), Href: "/tro-giup#giao-hang"}},
		{ui.IconWallet, t("home.trust.pay"), t("home.trust.pay.text"), ui.NavItem{Label: t("home.trust.pay.link"), Href: "/tro-giup#tra-tien"}},
	}
}

// craft is the short name of a product set; the decree's names are long.
func (s speaker) craft(set int) string { return s.t("craft." + strconv.Itoa(set)) }

// siteLD tells search engines what this is and how to search it.
func (p *Pages) siteLD(s speaker) any {
	return map[string]any{
		"@context": "https://schema.org", "@type": "WebSite", "name": s.t("site.name"), "url": p.cfg.BaseURL + "/", "inLanguage": s.lang,
		"potentialAction": map[string]any{
			"@type": "SearchAction", "target": p.cfg.BaseURL + "/tim?q={q}", "query-input": "required name=q",
		},
	}
}
