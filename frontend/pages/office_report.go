package pages

import (
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui/report"
	"chohue/frontend/web"
	"chohue/indicators"
	"chohue/market"
)

// reportFrame is what every report says of itself.
func (p *Pages) reportFrame(s speaker) report.Report {
	return report.Report{
		Office: s.t("site.name") + " · " + s.t("report.office"), More: s.t("report.continued"),
		Page:  func(n int) string { return s.t("report.page", "n", n) },
		Notes: []string{s.t("report.source"), s.t("report.veil"), s.t("report.licence", "url", p.cfg.BaseURL+openDoor)},
	}
}

// releasePDF is a release on paper. It holds no time but its own, so that
// whoever prints it again holds the same.
func (p *Pages) releasePDF(c *gin.Context) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	r, err := p.Indicators.Release(ctx, web.Actor(c), market.ID(c.Param("release")))
	if err != nil {
		return err
	}
	all, err := p.Indicators.Releases(ctx, market.Actor{})
	if err != nil {
		return err
	}
	span, b := indicators.Span(r.Period), p.released(s, r, all)
	out := p.reportFrame(s)
	out.Title, out.Sub = s.t("release.title", "span", s.spanWords(span)), p.edition(s, r, "").When+" · "+b.Hidden
	if !r.Published(p.Env.Now()) {
		out.Stamp = s.t("report.draft")
	}
	out.KPIs, out.Map, out.Parts = b.KPIs, b.Map, b.Parts
	out.Trend = s.releasedTrend(all, span)
	out.Ranks, out.Tables = append(out.Ranks, b.Ranking, b.Sets), append(out.Tables, b.Figures, b.Cross, b.Wards)
	pdf, err := report.PDF(out, r.Embargo)
	if err != nil {
		return err
	}
	return sendPDF(c, "cho-hue-"+string(r.ID), pdf)
}

// workingPDF is what the lens shows, on paper, for work.
func (p *Pages) workingPDF(c *gin.Context) error {
	s := p.speaker(c)
	l, err := p.readLens(c, "")
	if err != nil {
		return err
	}
	v, err := p.look(c, l)
	if err != nil {
		return err
	}
	trend, err := p.trend(c, s, l)
	if err != nil {
		return err
	}
	out := p.reportFrame(s)
	words := p.lensWords(s, l)
	out.Title, out.Sub, out.Stamp = s.t("release.title", "span", words[0]), strings.Join(words[1:], " · "), s.t("report.working")
	out.KPIs, out.Trend, out.Map, out.Parts = p.kpis(s, v, trend), trend, p.wardMap(s, v), p.parts(s, v)
	out.Ranks, out.Tables = append(out.Ranks, p.areaRanking(s, v), p.setRanking(s, v)), append(out.Tables, p.indicatorTable(s, v))
	out.Notes = append(out.Notes[:2], s.t("report.made", "at", s.moment(p.Env.Now())))
	pdf, err := report.PDF(out, p.Env.Now())
	if err != nil {
		return err
	}
	return sendPDF(c, "cho-hue-lam-viec-"+string(l.span), pdf)
}
