package pages

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/frontend/web"
	"chohue/orders"
	"chohue/search"
)

// wordsChanged is the day on which the pages to read were last changed.
var wordsChanged = time.Date(2026, time.November, 23, 0, 0, 0, 0, time.UTC)

// reading serves a page of sections: "help" has help.<section>.title and
// help.<section>.text in the words of each language.
func (p *Pages) reading(name string, fill func(s speaker, section string) ([][2]string, error), sections ...string) web.Handler {
	return func(c *gin.Context) error {
		s := p.speaker(c)
		v := wordsView{Page: p.page(c, s.t(name+".title")), Lead: s.t(name + ".lead"), Dated: s.t("words.dated", "at", wordsChanged)}
		v.Description, v.Canonical = v.Lead, p.cfg.BaseURL+c.Request.URL.Path
		for _, section := range sections {
			rows, err := fill(s, section)
			if err != nil {
				return err
			}
			v.Sections = append(v.Sections, words{
				ID: section, Title: s.t(name + "." + section + ".title"), Texts: paragraphs(s.t(name + "." + section + ".text")), Rows: rows,
			})
		}
		return web.Render(c, http.StatusOK, wordsPage(v))
	}
}

func plain(speaker, string) ([][2]string, error) { return nil, nil }

// figures are the numbers that a section is about, from where they are used:
// what is published is what is done (Decree 248/2026/NĐ-CP Art. 11 and 13).
func (p *Pages) figures(s speaker, section string) ([][2]string, error) {
	switch section {
	case "xep-hang":
		return rankRows(s), nil
	case "giao-hang":
		return p.rateRows(s)
	}
	return nil, nil
}

func rankRows(s speaker) [][2]string {
	var rows [][2]string
	for i, criterion := range search.Criteria() {
		rows = append(rows, [2]string{strconv.Itoa(i + 1), s.t("ranking." + criterion)})
	}
	return rows
}

func (p *Pages) rateRows(s speaker) ([][2]string, error) {
	var rows [][2]string
	for _, zone := range []orders.Zone{orders.ZoneSameProvince, orders.ZoneCountry} {
		r, err := p.Rates.At(s.now, zone)
		if err != nil {
			return nil, err
		}
		rows = append(rows, [2]string{s.t("item.delivery." + string(zone)), s.t("rules.rate",
			"first", r.First, "weight", s.weight(r.FirstGrams), "step", r.Step, "each", s.weight(r.StepGrams), "free", r.FreeFrom)})
	}
	return rows, nil
}

// robots tells crawlers what is not for them.
func (p *Pages) robots(c *gin.Context) error {
	c.String(http.StatusOK, "User-agent: *\nDisallow: /gio-hang\nDisallow: /thanh-toan\nDisallow: /don-hang\nDisallow: /tai-khoan\nDisallow: /dang-nhap\nDisallow: /sandbox\nDisallow: /api/\n\nSitemap: %s/sitemap.xml\n", p.cfg.BaseURL)
	return nil
}
