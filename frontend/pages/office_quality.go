package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/indicators"
	"chohue/market"
)

// quality says how good the figures are: what came late, what was corrected,
// what could not be placed, and how much of the city trade covers.
func (p *Pages) quality(c *gin.Context) error {
	s := p.speaker(c)
	v := qualityView{Page: p.statsPage(c, s.t("quality.title"))}
	spans := indicators.SpanAt(indicators.SpanMonth, p.Env.Now()).Series(13)
	all, err := p.Indicators.Overviews(c.Request.Context(), web.Actor(c), indicators.TableQuery{}, spans...)
	if err != nil {
		return err
	}
	made, err := p.Indicators.Corrections(c.Request.Context(), web.Actor(c))
	if err != nil {
		return err
	}
	v.Stats = s.qualityStats(all)
	v.Table, v.Coverage = s.qualityTable(spans, all), p.coverageTable(s, spans, all)
	v.Corrections = p.correctionTable(c, s, made)
	return web.Render(c, http.StatusOK, qualityPage(v))
}

// qualityStats sum up the year.
func (s speaker) qualityStats(all []*indicators.Overview) []ui.Stat {
	var q indicators.Quality
	for _, o := range all {
		q.Facts, q.Late, q.Corrections = q.Facts+o.Quality.Facts, q.Late+o.Quality.Late, q.Corrections+o.Quality.Corrections
		q.Unplaced, q.Unsorted = q.Unplaced+o.Quality.Unplaced, q.Unsorted+o.Quality.Unsorted
	}
	stats := s.quality(q)
	stats[0].Href, stats[0].Note = "", s.t("quality.facts.note")
	if q.Facts > 0 {
		stats[1].Note = s.t("quality.late.share", "share", s.share(market.VND(q.Late), market.VND(q.Facts)))
	}
	return stats
}

func (s speaker) qualityTable(spans []indicators.Span, all []*indicators.Overview) ui.Table {
	tb := ui.Table{Caption: s.t("quality.table"), Note: s.t("quality.table.note"), Columns: []ui.Column{{Label: s.t("stats.span")}}}
	for _, key := range []string{"facts", "late", "corrections", "unplaced.short", "unsorted.short"} {
		tb.Columns = append(tb.Columns, ui.Column{Label: s.t("quality." + key), Number: true})
	}
	for i := len(all) - 1; i >= 0; i-- {
		q := all[i].Quality
		tb.Rows = append(tb.Rows, []ui.Cell{
			{Text: s.spanWords(spans[i])},
			{Text: s.number(q.Facts)},
			{Text: s.number(q.Late)},
			{Text: s.number(q.Corrections)},
			{Text: s.vnd(market.VND(q.Unplaced))},
			{Text: s.vnd(market.VND(q.Unsorted))},
		})
	}
	return tb
}

// coverageTable is how much of the city's wards, sets and sellers trade covers.
func (p *Pages) coverageTable(s speaker, spans []indicators.Span, all []*indicators.Overview) ui.Table {
	tb := ui.Table{Caption: s.t("quality.coverage"), Note: s.t("quality.coverage.note"), Columns: []ui.Column{{Label: s.t("stats.span")}}}
	for _, key := range []string{"wards", "sets", "sellers", "listed", "small"} {
		tb.Columns = append(tb.Columns, ui.Column{Label: s.t("quality.coverage." + key), Number: true})
	}
	wards, sets := int64(len(p.Areas.Wards(market.HueProvince))), int64(len(p.Sets.All()))
	for i := len(all) - 1; i >= 0; i-- {
		o := all[i]
		listed := s.t("stats.unknown")
		if o.Census.ID != "" {
			listed = s.number(o.Census.Sellers)
		}
		tb.Rows = append(tb.Rows, []ui.Cell{
			{Text: s.spanWords(spans[i])},
			{Text: s.ofAll(withTrade(o.Margins[indicators.ByWard]), wards)},
			{Text: s.ofAll(withTrade(o.Margins[indicators.BySet]), sets)},
			{Text: s.number(int64(o.Total.Sellers))},
			{Text: listed},
			{Text: s.number(smallOnes(o.Margins[indicators.ByWard]))},
		})
	}
	return tb
}

func (s speaker) ofAll(n, all int64) string { return s.number(n) + "/" + s.number(all) }

func withTrade(cells []indicators.Cell) int64 {
	n := int64(0)
	for _, c := range cells {
		if c.Lines > 0 {
			n++
		}
	}
	return n
}

func smallOnes(cells []indicators.Cell) int64 {
	n := int64(0)
	for _, c := range cells {
		if c.Small {
			n++
		}
	}
	return n
}

func (p *Pages) correctionTable(c *gin.Context, s speaker, made []*indicators.Correction) ui.Table {
	tb := ui.Table{Caption: s.t("quality.made"), Columns: []ui.Column{
		{Label: s.t("quality.made.at")}, {Label: s.t("quality.made.by")}, {Label: s.t("quality.made.to")}, {Label: s.t("quality.made.reason")},
	}}
	for _, one := range made {
		to := wardName(p.Areas, one.Ward) + " · " + p.setName(s, one.Set) + " · " + s.text(indicators.ChannelName(one.Channel))
		tb.Rows = append(tb.Rows, []ui.Cell{{Text: s.moment(one.At)}, {Text: p.officialName(c, s, one.By)}, {Text: to}, {Text: one.Reason}})
	}
	return tb
}

// officialName is who did something in the office; somebody who is not there
// any more is still somebody.
func (p *Pages) officialName(c *gin.Context, s speaker, id market.ID) string {
	if id == "" {
		return s.t("release.system")
	}
	person, err := p.Accounts.Person(c.Request.Context(), id)
	if err != nil || person.Name == "" {
		return s.t("release.somebody")
	}
	return person.Name
}
