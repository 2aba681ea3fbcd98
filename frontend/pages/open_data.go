package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/indicators"
	"chohue/market"
)

// The places of open data, for everybody.
const (
	openDoor      = "/du-lieu-mo"
	openWordsDoor = openDoor + "/chi-tieu"
	openAPI       = "/api/v1/open-data/"
)

// openPage is a page of open data in the frame of the shop.
func (p *Pages) openPage(c *gin.Context, title string) ui.Page {
	page := p.page(c, title)
	page.Sheets = append(page.Sheets, statsSheet)
	page.Canonical, page.Description = p.cfg.BaseURL+c.Request.URL.Path, page.T("open.description")
	return page
}

// openData lists what is published, the newest figures first.
func (p *Pages) openData(c *gin.Context) error {
	s := p.speaker(c)
	all, err := p.Indicators.Releases(c.Request.Context(), market.Actor{})
	if err != nil {
		return err
	}
	v := openView{Page: p.openPage(c, s.t("open.title"))}
	for _, r := range newest(all) {
		v.All = append(v.All, p.edition(s, r, openDoor+"/"+string(r.ID)))
	}
	if r := latestMonth(all); r != nil {
		v.Latest, v.LatestHref = s.t("open.latest", "span", s.spanWords(indicators.Span(r.Period))), openDoor+"/"+string(r.ID)
		v.KPIs = s.releasedKPIs(r, indicators.Span(r.Period), releaseOf(all, indicators.Span(r.Period).Back(1)), releaseOf(all, indicators.Span(r.Period).YearBefore()))
		v.Trend = s.releasedTrend(all, indicators.Span(r.Period))
		v.Files = p.files(s, r)
	}
	return web.Render(c, http.StatusOK, openPage(v))
}

// newest leaves out releases that a revision has taken the place of.
func newest(all []*indicators.Release) []*indicators.Release {
	var out []*indicators.Release
	for _, r := range all {
		if r == releaseOf(all, indicators.Span(r.Period)) {
			out = append(out, r)
		}
	}
	return out
}

func latestMonth(all []*indicators.Release) *indicators.Release {
	var found *indicators.Release
	for _, r := range newest(all) {
		if indicators.Span(r.Period).Length() == indicators.SpanMonth && (found == nil || r.Period > found.Period) {
			found = r
		}
	}
	return found
}

// releasedTrend is the published value over time.
func (s speaker) releasedTrend(all []*indicators.Release, span indicators.Span) ui.Chart {
	chart := s.chart("trend", s.t("stats.trend"), s.t("stats.trend.note"), ui.Bars, s.t("stats.span"))
	var values []float64
	for _, one := range span.Series(trendLength(span)) {
		r := releaseOf(all, one)
		if r == nil && len(values) == 0 {
			continue
		}
		chart.Labels, values = append(chart.Labels, s.spanShort(one)), append(values, releasedValue(r).number())
	}
	chart.Series, chart.Strong = []ui.Series{{Name: s.t("office.value"), Values: values}}, len(values)
	chart.Desc = s.summary(chart.Labels, values, chart.Write)
	return chart
}

// openRelease shows a published release with its files.
func (p *Pages) openRelease(c *gin.Context) error {
	s, by := p.speaker(c), web.Actor(c)
	r, err := p.Indicators.Release(c.Request.Context(), by, market.ID(c.Param("release")))
	if err != nil {
		return err
	}
	all, err := p.Indicators.Releases(c.Request.Context(), market.Actor{})
	if err != nil {
		return err
	}
	v := openReleaseView{Page: p.openPage(c, s.t("release.title", "span", s.spanWords(indicators.Span(r.Period)))), Edition: p.edition(s, r, "")}
	v.NoIndex = !r.Published(p.Env.Now())
	v.Body, v.Files = p.released(s, r, all), p.files(s, r)
	v.Changes, v.Held = p.changes(s, r, all), p.held(s, r)
	if now := releaseOf(all, indicators.Span(r.Period)); now != nil && now.Revision > r.Revision {
		v.Newer = openDoor + "/" + string(now.ID)
	}
	return web.Render(c, http.StatusOK, openReleasePage(v))
}

// files are the formats of a release, those that people open first.
func (p *Pages) files(s speaker, r *indicators.Release) []fileView {
	out := []fileView{{Name: s.t("open.pdf"), Note: s.t("open.pdf.note"), Href: openDoor + "/" + string(r.ID) + "/bao-cao.pdf", Icon: ui.IconPrinter}}
	var rest []fileView
	for _, f := range indicators.Formats() {
		one := fileView{Name: s.text(f.Name), Note: f.File, Href: openAPI + "releases/" + string(r.ID) + "/" + f.File, Icon: ui.IconDownload}
		if f.File == "data.xlsx" || f.File == "data.csv" {
			out = append(out, one)
		} else {
			rest = append(rest, one)
		}
	}
	return append(out, rest...)
}

func (p *Pages) openDefinitions(c *gin.Context) error {
	s := p.speaker(c)
	v := definedView{Page: p.openPage(c, s.t("stats.words"))}
	for _, i := range indicators.Indicators() {
		v.All = append(v.All, defined{Name: s.text(i.Name), Code: i.Code, Unit: s.text(i.Unit), Rows: s.measureRows(i.Measure)})
	}
	v.Rules = p.disclosureWords(s)
	return web.Render(c, http.StatusOK, definedPage(v))
}
