package pages

import (
	"cmp"
	"errors"
	"math"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/indicators"
	"chohue/market"
)

// compare lays two lenses side by side. Without a second one it is the same
// trade a year before.
func (p *Pages) compare(c *gin.Context) error {
	s := p.speaker(c)
	v := compareView{Page: p.statsPage(c, s.t("stats.compare"))}
	a, errA := p.readLens(c, "")
	b, errB := p.readLens(c, "-2")
	if c.Query(spanParam+"-2") == "" {
		b = a
		b.suffix, b.span = "-2", a.span.YearBefore()
	}
	v.A, v.B = p.lensFields(s, a), p.lensFields(s, b)
	if err := errors.Join(errA, errB); mendable(err) {
		v.Wrongs = p.wrongs(s, err, nil)
		return web.Render(c, web.Status(err), comparePage(v))
	}
	ctx, by := c.Request.Context(), web.Actor(c)
	spansA, spansB := a.span.Series(trendLength(a.span)), b.span.Series(trendLength(a.span))
	left, err := p.Indicators.Overviews(ctx, by, a.query(), spansA...)
	if err != nil {
		return err
	}
	right, err := p.Indicators.Overviews(ctx, by, b.query(), spansB...)
	if err != nil {
		return err
	}
	for len(left) > fewestColumns && left[0].Total.Lines == 0 && right[0].Total.Lines == 0 {
		left, right = left[1:], right[1:] // before there was trade
	}
	v.Shown, v.NameA, v.NameB = true, p.lensWords(s, a), p.lensWords(s, b)
	v.Chart = s.compareTrend(a, b, left, right)
	v.Table = s.compareTable(a, b, last(left), last(right))
	v.Sets = p.compareSets(s, a, b, last(left), last(right))
	return web.Render(c, http.StatusOK, comparePage(v))
}

// compareTrend lets both run to their own span, step by step.
func (s speaker) compareTrend(a, b lens, left, right []*indicators.Overview) ui.Chart {
	i, _ := indicatorOf("value_vnd")
	chart := s.chart("compared", s.text(i.Name), s.t("stats.compare.note"), ui.Line, s.t("stats.step"))
	one, other := ui.Series{Name: s.t("stats.first")}, ui.Series{Name: s.t("stats.second")}
	for n := range left {
		label := s.spanShort(a.span.Back(len(left) - 1 - n))
		if at := s.spanShort(b.span.Back(len(left) - 1 - n)); at != label {
			label += " · " + at
		}
		chart.Labels = append(chart.Labels, label)
		one.Values = append(one.Values, factOf(i, left[n], a.open).number())
		other.Values = append(other.Values, factOf(i, right[n], a.open).number())
	}
	chart.Series = []ui.Series{one, other}
	chart.Desc = s.summary(chart.Labels, one.Values, chart.Write) + " " + s.summary(chart.Labels, other.Values, chart.Write)
	return chart
}

func (s speaker) compareTable(a, b lens, left, right *indicators.Overview) ui.Table {
	tb := ui.Table{Caption: s.t("stats.compare.table"), Columns: []ui.Column{
		{Label: s.t("stats.indicator")}, {Label: s.t("stats.first"), Number: true}, {Label: s.t("stats.second"), Number: true}, {Label: s.t("stats.difference"), Number: true},
	}}
	for _, i := range indicators.Indicators() {
		one, other := factOf(i, left, a.open), factOf(i, right, a.open)
		tb.Rows = append(tb.Rows, []ui.Cell{
			{Text: s.text(i.Name), Sub: s.unitWords(i), Href: a.href(measurePath(i.Code))},
			{Text: s.figure(one)},
			{Text: s.figure(other)},
			{Text: moveWords(s.move(one, other, b.span))},
		})
	}
	return tb
}

// compareSets is the value of each product set in both.
func (p *Pages) compareSets(s speaker, a, b lens, left, right *indicators.Overview) ui.Table {
	tb := ui.Table{Caption: s.t("stats.compare.sets"), Columns: []ui.Column{
		{Label: s.t("office.by.set")}, {Label: s.t("stats.first"), Number: true}, {Label: s.t("stats.share"), Number: true}, {Label: s.t("stats.second"), Number: true}, {Label: s.t("stats.share"), Number: true},
	}}
	one, other := setValues(left, a.open), setValues(right, a.open)
	var sets []int
	for _, set := range p.Sets.All() {
		if _, in := one[set.Number]; in || other[set.Number] != nil {
			sets = append(sets, set.Number)
		}
	}
	slices.SortStableFunc(sets, func(x, y int) int { return cmp.Compare(orZero(one[y]), orZero(one[x])) })
	for _, set := range sets {
		tb.Rows = append(tb.Rows, slices.Concat([]ui.Cell{{Text: p.setName(s, set), Href: a.href(officeDoor, inSet(set))}}, s.valueCells(one[set], left), s.valueCells(other[set], right)))
	}
	return tb
}

// setValues are the values by set, NaN where withheld, nil where nothing was.
func setValues(o *indicators.Overview, open bool) map[int]*float64 {
	cells, out := o.Margins[indicators.BySet], map[int]*float64{}
	for i, hidden := range indicators.Kept(cells) {
		v := float64(cells[i].Value)
		if hidden && !open {
			v = math.NaN()
		}
		out[cells[i].Set] = &v
	}
	return out
}

func orZero(v *float64) float64 {
	if v == nil || math.IsNaN(*v) {
		return 0
	}
	return *v
}

func (s speaker) valueCells(v *float64, o *indicators.Overview) []ui.Cell {
	switch {
	case v == nil:
		return []ui.Cell{{Text: s.vnd(0)}, {Text: s.share(0, o.Total.Value)}}
	case math.IsNaN(*v):
		return []ui.Cell{{Text: s.t("stats.withheld")}, {Text: s.t("stats.withheld")}}
	default:
		value := market.VND(*v)
		return []ui.Cell{{Text: s.vnd(value)}, {Text: s.share(value, o.Total.Value)}}
	}
}
