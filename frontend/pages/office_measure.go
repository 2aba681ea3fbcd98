package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/indicators"
	"chohue/market"
)

var errNoMeasure = market.NotFound("stats.no_measure")

// measure shows one indicator over time, with its definition and its file.
func (p *Pages) measure(c *gin.Context) error {
	i, ok := indicatorOf(c.Param("measure"))
	if !ok {
		return errNoMeasure
	}
	s := p.speaker(c)
	l, err := p.readLens(c, "")
	v := measureView{Page: p.statsPage(c, s.text(i.Name)), Path: measurePath(i.Code), Fields: p.lensFields(s, l), Back: l.href(officeDoor)}
	if mendable(err) {
		v.Wrongs = p.wrongs(s, err, nil)
		return web.Render(c, web.Status(err), measurePage(v))
	}
	facts, spans, err := p.measureFacts(c, i, l)
	if err != nil {
		return err
	}
	v.Shown, v.Lens = true, p.lensWords(s, l)
	v.Chart = s.measureChart(i, l, facts, spans)
	v.Table = s.measureTable(i, l, facts, spans)
	v.Download = l.href(measurePath(i.Code) + "/bang.csv")
	v.Rows = s.measureRows(i.Measure)
	v.CityOnly = !l.whole() && facts[len(facts)-1].Unknown
	return web.Render(c, http.StatusOK, measurePage(v))
}

// measureFacts are the figures of the spans that end with the lens's.
func (p *Pages) measureFacts(c *gin.Context, i indicators.Indicator, l lens) ([]fact, []indicators.Span, error) {
	spans := l.span.Series(trendLength(l.span))
	all, err := p.Indicators.Overviews(c.Request.Context(), web.Actor(c), l.query(), spans...)
	if err != nil {
		return nil, nil, err
	}
	for len(all) > fewestColumns && all[0].Total.Lines == 0 {
		all, spans = all[1:], spans[1:] // before there was trade
	}
	facts := make([]fact, len(all))
	for n, o := range all {
		facts[n] = factOf(i, o, l.open)
	}
	return facts, spans, nil
}

func (s speaker) measureChart(i indicators.Indicator, l lens, facts []fact, spans []indicators.Span) ui.Chart {
	kind := ui.Bars
	if i.Share {
		kind = ui.Line
	}
	chart := s.chart("series", s.t("stats.series", "name", s.text(i.Name)), s.text(i.Unit), kind, s.t("stats.span"))
	chart.Write, chart.Strong = s.plainly(i), len(facts)
	values := make([]float64, len(facts))
	for n, f := range facts {
		values[n] = f.number()
		chart.Labels, chart.Hrefs = append(chart.Labels, s.spanShort(spans[n])), append(chart.Hrefs, l.href(measurePath(i.Code), inSpan(spans[n])))
	}
	chart.Series = []ui.Series{{Name: s.text(i.Name), Values: values}}
	chart.Desc = s.summary(chart.Labels, values, chart.Write)
	return chart
}

// measureTable is the same in full, the latest first, with what shares are made of.
func (s speaker) measureTable(i indicators.Indicator, l lens, facts []fact, spans []indicators.Span) ui.Table {
	tb := ui.Table{Caption: s.t("stats.series", "name", s.text(i.Name)), Columns: []ui.Column{{Label: s.t("stats.span")}, {Label: s.text(i.Name), Number: true}}}
	if i.Share {
		tb.Columns = append(tb.Columns, ui.Column{Label: s.t("stats.part"), Number: true}, ui.Column{Label: s.t("stats.whole"), Number: true})
	}
	tb.Columns = append(tb.Columns, ui.Column{Label: s.t("stats.change"), Number: true})
	for n := len(facts) - 1; n >= 0; n-- {
		row := []ui.Cell{{Text: s.spanWords(spans[n]), Href: l.href(measurePath(i.Code), inSpan(spans[n]))}, {Text: s.figure(facts[n])}}
		if i.Share {
			row = append(row, ui.Cell{Text: s.partWords(facts[n], facts[n].Value)}, ui.Cell{Text: s.partWords(facts[n], facts[n].Of)})
		}
		change := "–"
		if n > 0 {
			change = moveWords(s.move(facts[n], facts[n-1], spans[n-1]))
		}
		tb.Rows = append(tb.Rows, append(row, ui.Cell{Text: change}))
	}
	return tb
}

func (s speaker) partWords(f fact, n int64) string {
	if f.blank() {
		return "–"
	}
	return s.number(n)
}

// measureCSV gives the series as a file.
func (p *Pages) measureCSV(c *gin.Context) error {
	i, ok := indicatorOf(c.Param("measure"))
	if !ok {
		return errNoMeasure
	}
	l, err := p.readLens(c, "")
	if err != nil {
		return err
	}
	facts, spans, err := p.measureFacts(c, i, l)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	rows := [][]string{{"indicator", "name", "unit", "period", "value", "status"}}
	for n, f := range facts {
		value, status := csvFigure(f)
		rows = append(rows, []string{i.Code, s.text(i.Name), s.text(i.Unit), string(spans[n]), value, status})
	}
	return sendCSV(c, "cho-hue-"+i.Code+"-"+string(l.span), rows)
}

func (s speaker) measureRows(m indicators.Measure) [][2]string {
	return [][2]string{
		{s.t("office.measure.unit"), s.text(m.Unit)},
		{s.t("office.measure.formula"), s.text(m.Formula)},
		{s.t("office.measure.source"), s.text(m.Source)},
		{s.t("office.measure.legal"), s.text(m.Legal)},
		{s.t("stats.measure.code"), m.Code},
	}
}

// definitions explain every indicator in plain words: to officials within their
// office, to everybody beside the open data.
func (p *Pages) definitions(c *gin.Context) error {
	s := p.speaker(c)
	v := definedView{Page: p.statsPage(c, s.t("stats.words"))}
	for _, i := range indicators.Indicators() {
		one := defined{Name: s.text(i.Name), Code: i.Code, Unit: s.text(i.Unit), Rows: s.measureRows(i.Measure), Href: measurePath(i.Code)}
		v.All = append(v.All, one)
	}
	v.Rules = p.disclosureWords(s)
	return web.Render(c, http.StatusOK, definedPage(v))
}

// disclosureWords say which figures are withheld, with the numbers in force.
func (p *Pages) disclosureWords(s speaker) []string {
	r := p.Indicators.DisclosureRule(p.Env.Now())
	return []string{
		s.t("stats.rule.few", "n", r.Sellers),
		s.t("stats.rule.dominated", "n", r.Largest, "k", r.LargestPart),
		s.t("stats.rule.known", "p", r.P),
		s.t("stats.rule.second"),
	}
}
