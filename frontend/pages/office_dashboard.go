package pages

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/indicators"
	"chohue/market"
)

// headline are the indicators that stand at the top of the dashboard.
var headline = []string{
	"value_vnd", "orders", "sellers", "buyers", "average_order_vnd", "livestream_share", "out_of_province_share", "cashless_share",
	"certified_share", "on_time_share", "refund_rate", "complaint_rate",
}

// shownRanks is how many names a ranking shows; its table and the download have
// all.
const shownRanks = 10

// sight is a lens with what is seen through it, beside the span before and the
// same of the year before.
type sight struct {
	lens
	now, before, year *indicators.Overview
}

func (p *Pages) look(c *gin.Context, l lens) (sight, error) {
	all, err := p.Indicators.Overviews(c.Request.Context(), web.Actor(c), l.query(), l.span, l.span.Back(1), l.span.YearBefore())
	if err != nil {
		return sight{}, err
	}
	return sight{l, all[0], all[1], all[2]}, nil
}

func (v sight) fact(i indicators.Indicator, o *indicators.Overview) fact { return factOf(i, o, v.open) }

// moves are how an indicator moved since the span before and, where that is
// another, the year before.
func (v sight) moves(s speaker, i indicators.Indicator) []ui.Move {
	now := v.fact(i, v.now)
	out := []ui.Move{s.move(now, v.fact(i, v.before), v.span.Back(1))}
	if v.twoYears() {
		out = append(out, s.move(now, v.fact(i, v.year), v.span.YearBefore()))
	}
	return out
}

// twoYears reports whether there was trade a year before to compare with.
func (v sight) twoYears() bool {
	return v.span.Length() != indicators.SpanYear && v.year.Total.Lines > 0
}

// office is the dashboard.
func (p *Pages) office(c *gin.Context) error {
	s := p.speaker(c)
	v := dashboardView{Page: p.statsPage(c, s.t("office.title")), Path: officeDoor}
	l, err := p.readLens(c, "")
	v.Fields = p.lensFields(s, l)
	if mendable(err) {
		v.Wrongs = p.wrongs(s, err, nil)
		return web.Render(c, web.Status(err), dashboardPage(v))
	}
	seen, err := p.look(c, l)
	if err != nil {
		return err
	}
	trend, err := p.trend(c, s, l)
	if err != nil {
		return err
	}
	v.Shown, v.Trend = true, trend
	p.fillDashboard(s, seen, &v)
	return web.Render(c, http.StatusOK, dashboardPage(v))
}

func (p *Pages) fillDashboard(s speaker, v sight, view *dashboardView) {
	view.Lens, view.Crumbs = p.lensWords(s, v.lens), p.crumbs(s, v.lens)
	view.KPIs = p.kpis(s, v, view.Trend)
	view.Map, view.Ranking, view.Sets = p.wardMap(s, v), p.areaRanking(s, v), p.setRanking(s, v)
	view.Parts = p.parts(s, v)
	view.Table = p.indicatorTable(s, v)
	view.Empty = v.now.Total.Lines == 0
	view.Running = !v.span.Over(p.Env.Now())
	view.Veil = veil{
		Some: v.open || p.anySmall(v), Open: v.open, Show: v.href(officeDoor, opened(true)), Hide: v.href(officeDoor, opened(false)),
	}
	view.Quality = s.quality(v.now.Quality)
	view.Links = []ui.NavItem{
		{Label: s.t("stats.compare.this"), Href: v.href(compareDoor), Icon: ui.IconScales},
		{Label: s.t("stats.csv"), Href: v.href(wordsDoor + ".csv"), Icon: ui.IconDownload},
		{Label: s.t("stats.print"), Href: v.href(officeDoor + "/bao-cao.pdf"), Icon: ui.IconPrinter},
	}
}

// anySmall reports whether anything on the page is of few sellers.
func (p *Pages) anySmall(v sight) bool {
	small := func(c indicators.Cell) bool { return c.Small }
	if small(v.now.Total) || slices.ContainsFunc(v.now.Districts, small) {
		return true
	}
	for _, margin := range v.now.Margins {
		if slices.ContainsFunc(margin, small) {
			return true
		}
	}
	return false
}

// crumbs are the way back from a ward to its former district to the city, and
// from one set or channel to all.
func (p *Pages) crumbs(s speaker, l lens) []ui.NavItem {
	out := []ui.NavItem{{Label: s.t("stats.all.areas"), Href: l.href(officeDoor, inArea("")), Current: l.area == ""}}
	if d, ok := p.Indicators.DistrictOf(l.area); ok {
		out = append(out, ui.NavItem{Label: p.areaWords(s, d), Href: l.href(officeDoor, inArea(d))})
	}
	if l.area != "" {
		out = append(out, ui.NavItem{Label: p.areaWords(s, l.area), Current: true})
	}
	return out
}

func (p *Pages) kpis(s speaker, v sight, trend ui.Chart) []ui.KPI {
	var out []ui.KPI
	for _, code := range headline {
		i, _ := indicatorOf(code)
		f := v.fact(i, v.now)
		k := ui.KPI{Label: s.text(i.Name), Value: s.glance(f), Href: v.href(measurePath(code)), Hidden: f.blank(), Moves: v.moves(s, i)}
		if f.money() && !f.blank() {
			k.Full = s.figure(f)
		}
		if code == "value_vnd" {
			k.Spark = trend.Series[0].Values
		}
		out = append(out, k)
	}
	return out
}

func measurePath(code string) string { return officeDoor + "/chi-so/" + code }

// trendLength is how many spans a trend shows.
func trendLength(span indicators.Span) int {
	switch span.Length() {
	case indicators.SpanYear:
		return 4
	case indicators.SpanQuarter:
		return 9
	default:
		return 13
	}
}

// trend is the value over time, with the same span of the year before as marks.
func (p *Pages) trend(c *gin.Context, s speaker, l lens) (ui.Chart, error) {
	spans := l.span.Series(trendLength(l.span))
	q := l.query()
	q.From, q.To, q.By = spans[0].YearBefore().Months()[0], last(l.span.Months()), []string{indicators.ByMonth}
	table, err := p.Indicators.Table(c.Request.Context(), web.Actor(c), q)
	if err != nil {
		return ui.Chart{}, err
	}
	i, _ := indicatorOf("value_vnd")
	chart := s.chart("trend", s.t("stats.trend"), s.t("stats.trend.note"), ui.Bars, s.t("stats.span"))
	for len(spans) > fewestColumns && valueIn(table, spans[0], true) == 0 {
		spans = spans[1:] // before there was trade
	}
	values, marks, marked := make([]float64, len(spans)), make([]float64, len(spans)), false
	for n, span := range spans {
		values[n], marks[n] = valueIn(table, span, l.open), valueIn(table, span.YearBefore(), l.open)
		marked = marked || marks[n] != 0
		chart.Labels = append(chart.Labels, s.spanShort(span))
		chart.Hrefs = append(chart.Hrefs, l.href(officeDoor, inSpan(span)))
	}
	chart.Series, chart.Strong = []ui.Series{{Name: s.text(i.Name), Values: values}}, len(spans)
	if l.span.Length() != indicators.SpanYear && marked {
		chart.Marks = &ui.Series{Name: s.t("stats.year.before"), Values: marks}
	}
	chart.Desc = s.summary(chart.Labels, values, chart.Write)
	return chart, nil
}

// fewestColumns is how many a trend has at least.
const fewestColumns = 4

func last[T any](all []T) T { return all[len(all)-1] }

// valueIn sums the months of a span; one of few sellers withholds it.
func valueIn(t *indicators.Table, span indicators.Span, open bool) float64 {
	sum := 0.0
	for _, cell := range t.Cells {
		if slices.Contains(span.Months(), cell.Month) {
			if cell.Small && !open {
				return math.NaN()
			}
			sum += float64(cell.Value)
		}
	}
	return sum
}

// place is a part of the city with its value, NaN when withheld.
type place struct {
	code, name  string
	value       float64
	text        string
	now, before market.VND
}

// write fills in what a place says of itself.
func (s speaker) write(pl place, small, hidden bool) place {
	pl.value, pl.text = float64(pl.now), s.vnd(pl.now)
	if hidden {
		pl.value, pl.text = math.NaN(), s.t("stats.withheld")
	} else if small {
		pl.text += " *"
	}
	return pl
}

// places are the parts of what the lens shows: former districts of the city,
// wards of a district; a ward has none.
func (p *Pages) places(s speaker, v sight) []place {
	cells, before := v.now.Districts, v.before.Districts
	if v.area != "" {
		cells, before = v.now.Margins[indicators.ByWard], v.before.Margins[indicators.ByWard]
	}
	was := map[string]indicators.Cell{}
	for _, cell := range before {
		was[cell.Ward] = cell
	}
	hidden := indicators.Kept(cells)
	var out []place
	for i, cell := range cells {
		pl := place{code: cell.Ward, name: p.areaWords(s, cell.Ward), now: cell.Value}
		if old := was[cell.Ward]; v.open || !old.Small {
			pl.before = old.Value
		}
		out = append(out, s.write(pl, cell.Small, hidden[i] && !v.open))
	}
	sortPlaces(out)
	return out
}

// sortPlaces puts the largest first and what is withheld last, by name, so that
// the order does not tell it.
func sortPlaces(all []place) {
	slices.SortStableFunc(all, func(a, b place) int {
		if x, y := math.IsNaN(a.value), math.IsNaN(b.value); x || y {
			return cmp.Or(cmp.Compare(btoi(x), btoi(y)), cmp.Compare(a.name, b.name))
		}
		return cmp.Compare(b.value, a.value)
	})
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (p *Pages) areaRanking(s speaker, v sight) ui.Chart {
	c := s.chart("ranking", s.t("stats.ranking"), s.t("stats.ranking.note"), ui.Rank, s.t("stats.area"))
	if d := p.Indicators.IsDistrict(v.area); d {
		c.Title = s.t("stats.ranking.wards")
	} else if v.area != "" {
		return ui.Chart{}
	}
	var values []float64
	for _, pl := range p.places(s, v) {
		c.Labels, c.Subs = append(c.Labels, pl.name), append(c.Subs, s.sub(pl, v))
		href := ""
		if p.hueArea(pl.code) {
			href = v.href(officeDoor, inArea(pl.code))
		}
		c.Hrefs, values = append(c.Hrefs, href), append(values, pl.value)
	}
	c.Series = []ui.Series{{Name: s.t("office.value"), Values: values}}
	return c
}

// sub is how a place moved since the span before.
func (s speaker) sub(pl place, v sight) string {
	if math.IsNaN(pl.value) || pl.before <= 0 {
		return ""
	}
	i, _ := indicatorOf("value_vnd")
	now, before := fact{Indicator: i, Figure: indicators.Figure{Value: int64(pl.now)}}, fact{Indicator: i, Figure: indicators.Figure{Value: int64(pl.before)}}
	return moveWords(s.move(now, before, v.span.Back(1)))
}

// wardMap draws all 40 wards; those that the lens does not show are empty.
func (p *Pages) wardMap(s speaker, v sight) ui.Map {
	cells := map[string]indicators.Cell{}
	for _, cell := range v.now.Margins[indicators.ByWard] {
		cells[cell.Ward] = cell
	}
	hidden := p.Indicators.KeptWards(v.now.Margins[indicators.ByWard], v.now.Districts)
	m := ui.Map{
		ID: "wards", Title: s.t("stats.map"), Note: s.t("stats.map.note"), Column: s.t("office.value"), Corner: s.t("office.by.ward"),
		Write: s.roughly, Hidden: s.t("stats.map.hidden"),
	}
	var names []string
	var values []float64
	for _, area := range p.Areas.Wards(market.HueProvince) {
		cell := cells[area.Code]
		pl := s.write(place{now: cell.Value}, cell.Small, hidden[area.Code] && !v.open)
		m.Places = append(m.Places, ui.Place{
			Name: area.Name, Lng: area.Lng, Lat: area.Lat, KM2: area.KM2, Value: pl.value, Text: pl.text, Href: v.href(officeDoor, inArea(area.Code)),
		})
		names, values = append(names, area.Name), append(values, pl.value)
	}
	m.Desc = s.summary(names, values, s.roughly)
	return m
}

// setRanking are the product sets by value.
func (p *Pages) setRanking(s speaker, v sight) ui.Chart {
	c := s.chart("sets", s.t("stats.sets"), s.t("stats.sets.note"), ui.Rank, s.t("office.by.set"))
	if v.set != 0 {
		return ui.Chart{}
	}
	cells, was := v.now.Margins[indicators.BySet], map[int]indicators.Cell{}
	for _, cell := range v.before.Margins[indicators.BySet] {
		was[cell.Set] = cell
	}
	hidden := indicators.Kept(cells)
	var all []place
	for i, cell := range cells {
		pl := place{code: strconv.Itoa(cell.Set), name: p.setName(s, cell.Set), now: cell.Value}
		if old := was[cell.Set]; v.open || !old.Small {
			pl.before = old.Value
		}
		all = append(all, s.write(pl, cell.Small, hidden[i] && !v.open))
	}
	sortPlaces(all)
	var values []float64
	for _, pl := range all[:min(len(all), shownRanks)] {
		n, _ := strconv.Atoi(pl.code)
		c.Labels, c.Subs, c.Hrefs = append(c.Labels, pl.name), append(c.Subs, s.sub(pl, v)), append(c.Hrefs, v.href(officeDoor, inSet(n)))
		values = append(values, pl.value)
	}
	c.Series = []ui.Series{{Name: s.t("office.value"), Values: values}}
	return c
}

// indicatorTable is every indicator beside the span before and the year before.
func (p *Pages) indicatorTable(s speaker, v sight) ui.Table {
	tb := ui.Table{
		Caption: s.t("stats.all"), Note: s.t("stats.all.note"),
		Columns: []ui.Column{
			{Label: s.t("stats.indicator")},
			{Label: s.spanWords(v.span), Number: true},
			{Label: s.spanWords(v.span.Back(1)), Number: true},
			{Label: s.t("stats.change"), Number: true},
			{Label: s.spanWords(v.span.YearBefore()), Number: true},
			{Label: s.t("stats.change"), Number: true},
		},
	}
	if !v.twoYears() {
		tb.Columns = tb.Columns[:4]
	}
	for _, i := range indicators.Indicators() {
		now, before, year := v.fact(i, v.now), v.fact(i, v.before), v.fact(i, v.year)
		row := []ui.Cell{
			{Text: s.text(i.Name), Sub: s.unitWords(i), Href: v.href(measurePath(i.Code))},
			{Text: s.figure(now)},
			{Text: s.figure(before)},
			{Text: moveWords(s.move(now, before, v.span.Back(1)))},
			{Text: s.figure(year)},
			{Text: moveWords(s.move(now, year, v.span.YearBefore()))},
		}
		tb.Rows = append(tb.Rows, row[:len(tb.Columns)])
	}
	return tb
}

// unitWords is the unit where the figure does not say it.
func (s speaker) unitWords(i indicators.Indicator) string {
	if i.Share || i.Unit.VI == "đồng" {
		return ""
	}
	return s.text(i.Unit)
}

// indicatorsCSV gives every indicator under a lens as a file.
func (p *Pages) indicatorsCSV(c *gin.Context) error {
	l, err := p.readLens(c, "")
	if err != nil {
		return err
	}
	v, err := p.look(c, l)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	rows := [][]string{{"indicator", "name", "unit", "period", "area", "set", "channel", "value", "status"}}
	for _, i := range indicators.Indicators() {
		for _, one := range []struct {
			span indicators.Span
			o    *indicators.Overview
		}{{v.span, v.now}, {v.span.Back(1), v.before}, {v.span.YearBefore(), v.year}} {
			value, status := csvFigure(v.fact(i, one.o))
			rows = append(rows, []string{i.Code, s.text(i.Name), s.text(i.Unit), string(one.span), cmp.Or(l.area, market.HueProvince), setCode(l.set), cmp.Or(l.channel, "_T"), value, status})
		}
	}
	return sendCSV(c, "cho-hue-chi-tieu-"+string(l.span), rows)
}

func setCode(set int) string {
	if set == 0 {
		return "_T"
	}
	return strconv.Itoa(set)
}

// csvFigure writes a figure for machines, with its OBS_STATUS: A, Q withheld, M
// missing.
func csvFigure(f fact) (value, status string) {
	switch {
	case f.hidden:
		return "", "Q"
	case f.Unknown:
		return "", "M"
	case f.Share:
		return indicators.Percent(f.Value, f.Of), "A"
	default:
		return strconv.FormatInt(f.Value, 10), "A"
	}
}
