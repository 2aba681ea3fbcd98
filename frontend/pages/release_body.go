package pages

import (
	"math"
	"slices"
	"strconv"

	"chohue/frontend/locale"
	"chohue/frontend/ui"
	"chohue/indicators"
	"chohue/market"
)

// releasedBody is what a release says, as it is shown to officials before and to
// everybody after.
type releasedBody struct {
	KPIs    []ui.KPI
	Figures ui.Table
	Map     ui.Map
	Ranking ui.Chart
	Sets    ui.Chart
	Parts   []ui.Parts
	Cross   ui.Table
	Wards   ui.Table
	Hidden  string // how many cells are withheld
}

// releaseOf is the newest published release of a span among those.
func releaseOf(all []*indicators.Release, span indicators.Span) *indicators.Release {
	var found *indicators.Release
	for _, r := range all {
		if r.Period == string(span) && r.State == indicators.ReleaseApproved && (found == nil || r.Revision > found.Revision) {
			found = r
		}
	}
	return found
}

func (p *Pages) released(s speaker, r *indicators.Release, all []*indicators.Release) releasedBody {
	span := indicators.Span(r.Period)
	b := releasedBody{
		KPIs:    s.releasedKPIs(r, span, releaseOf(all, span.Back(1)), releaseOf(all, span.YearBefore())),
		Figures: s.releasedFigures(r), Map: p.releasedMap(s, r), Cross: p.crossTable(s, r), Wards: p.wardTable(s, r),
		Ranking: p.releasedRank(s, r, indicators.TableDistrict, "stats.ranking", "stats.area"),
		Sets:    p.releasedRank(s, r, indicators.TableSet, "stats.sets", "office.by.set"),
	}
	b.Ranking.Note, b.Sets.Note = s.t("release.rank.note"), ""
	for _, table := range []string{indicators.TableChannel, indicators.TableDestination, indicators.TablePay, indicators.TableStars, indicators.TableKind} {
		b.Parts = append(b.Parts, p.releasedParts(s, r, table))
	}
	hidden := 0
	for _, cell := range r.Cells {
		hidden += btoi(cell.Hidden)
	}
	b.Hidden = s.t("release.hidden", "n", hidden, "all", len(r.Cells))
	return b
}

// releasedValue is the value of a release as a figure like any other.
func releasedValue(r *indicators.Release) fact {
	i, _ := indicatorOf("value_vnd")
	f := fact{Indicator: i, Figure: indicators.Figure{Unknown: true}}
	if r == nil {
		return f
	}
	if total, ok := r.Cell(indicators.TableTotal + "/_T"); ok {
		f.Figure, f.hidden = indicators.Figure{Value: total.Value}, total.Hidden
	}
	return f
}

func figureOf(r *indicators.Release, code string) fact {
	if code == "value_vnd" {
		return releasedValue(r)
	}
	i, _ := indicatorOf(code)
	missing := fact{Indicator: i, Figure: indicators.Figure{Unknown: true}}
	if r == nil {
		return missing
	}
	n := slices.IndexFunc(r.Figures, func(f indicators.ReleasedFigure) bool { return f.Code == code })
	if n < 0 {
		return missing
	}
	return releasedFact(r.Figures[n])
}

// releasedHeadline are the figures at the top of a release.
var releasedHeadline = []string{"value_vnd", "orders", "sellers", "buyers", "average_order_vnd", "out_of_province_share", "cashless_share", "certified_share"}

func (s speaker) releasedKPIs(r *indicators.Release, span indicators.Span, before, year *indicators.Release) []ui.KPI {
	var out []ui.KPI
	for _, code := range releasedHeadline {
		now := figureOf(r, code)
		k := ui.KPI{Label: s.text(now.Name), Value: s.glance(now), Href: openWordsDoor + "#" + code, Hidden: now.blank(), Moves: []ui.Move{s.move(now, figureOf(before, code), span.Back(1))}}
		if span.Length() != indicators.SpanYear && year != nil {
			k.Moves = append(k.Moves, s.move(now, figureOf(year, code), span.YearBefore()))
		}
		if now.money() && !now.blank() {
			k.Full = s.figure(now)
		}
		out = append(out, k)
	}
	return out
}

func (s speaker) releasedFigures(r *indicators.Release) ui.Table {
	tb := ui.Table{Caption: s.t("release.figures"), Columns: []ui.Column{{Label: s.t("stats.indicator")}, {Label: s.spanWords(indicators.Span(r.Period)), Number: true}, {Label: s.t("office.measure.unit")}}}
	for _, f := range append([]fact{releasedValue(r)}, s.allFigures(r)...) {
		tb.Rows = append(tb.Rows, []ui.Cell{{Text: s.text(f.Name), Href: openWordsDoor + "#" + f.Code}, {Text: s.figure(f)}, {Text: s.text(f.Unit)}})
	}
	return tb
}

func (s speaker) allFigures(r *indicators.Release) []fact {
	out := make([]fact, len(r.Figures))
	for i, f := range r.Figures {
		out[i] = releasedFact(f)
	}
	return out
}

// cellsOf are the cells of one table of a release.
func cellsOf(r *indicators.Release, table string) []indicators.ReleasedCell {
	var out []indicators.ReleasedCell
	for _, cell := range r.Cells {
		if cell.Table() == table {
			out = append(out, cell)
		}
	}
	return out
}

func (s speaker) cellWords(cell indicators.ReleasedCell) string {
	if cell.Hidden {
		return s.t("stats.withheld")
	}
	return s.vnd(market.VND(cell.Value))
}

func cellNumber(cell indicators.ReleasedCell) float64 {
	if cell.Hidden {
		return math.NaN()
	}
	return float64(cell.Value)
}

func (p *Pages) releasedMap(s speaker, r *indicators.Release) ui.Map {
	m := ui.Map{
		ID: "wards", Title: s.t("stats.map"), Note: s.t("stats.map.note"), Column: s.t("office.value"), Corner: s.t("office.by.ward"),
		Write: s.roughly, Hidden: s.t("release.map.hidden"),
	}
	var names []string
	var values []float64
	for _, area := range p.Areas.Wards(market.HueProvince) {
		cell, _ := r.Cell(indicators.TableWard + "/" + area.Code)
		m.Places = append(m.Places, ui.Place{Name: area.Name, Lng: area.Lng, Lat: area.Lat, KM2: area.KM2, Value: cellNumber(cell), Text: s.cellWords(cell)})
		names, values = append(names, area.Name), append(values, cellNumber(cell))
	}
	m.Desc = s.summary(names, values, s.roughly)
	return m
}

// releasedRank are the codes of a table by value; empty ones are left out, what
// is withheld stands at the end.
func (p *Pages) releasedRank(s speaker, r *indicators.Release, table, title, corner string) ui.Chart {
	c := s.chart("rank-"+table, s.t(title), "", ui.Rank, s.t(corner))
	var all []place
	for _, cell := range cellsOf(r, table) {
		if cell.Hidden || cell.Lines != 0 || cell.Value != 0 {
			all = append(all, place{name: p.codeName(s, table, cell.Code()), value: cellNumber(cell)})
		}
	}
	sortPlaces(all)
	var values []float64
	for _, pl := range all {
		c.Labels, values = append(c.Labels, pl.name), append(values, pl.value)
	}
	c.Series = []ui.Series{{Name: s.t("office.value"), Values: values}}
	return c
}

func (p *Pages) releasedParts(s speaker, r *indicators.Release, table string) ui.Parts {
	total, _ := r.Cell(indicators.TableTotal + "/_T")
	out := ui.Parts{
		ID: "parts-" + table, Title: s.t("stats.parts." + table), Corner: s.t("stats.by." + table), Column: s.t("office.value"), Share: s.t("stats.share"), Rest: s.t("stats.withheld"),
	}
	for _, cell := range cellsOf(r, table) {
		if !cell.Hidden && cell.Lines == 0 && cell.Value == 0 {
			continue
		}
		part := ui.Part{Name: p.codeName(s, table, cell.Code()), Value: cellNumber(cell), Of: float64(total.Value), Text: s.cellWords(cell), Share: s.t("stats.withheld")}
		if !cell.Hidden && !total.Hidden {
			part.Share = s.share(market.VND(cell.Value), market.VND(total.Value))
		}
		out.Parts = append(out.Parts, part)
	}
	return out
}

// crossTable is former districts by industries.
func (p *Pages) crossTable(s speaker, r *indicators.Release) ui.Table {
	tb := ui.Table{Caption: s.t("release.cross"), Note: s.t("release.cross.note"), Columns: []ui.Column{{Label: s.t("stats.area")}}}
	industries := p.Indicators.Industries()
	for _, name := range industries {
		tb.Columns = append(tb.Columns, ui.Column{Label: name, Number: true})
	}
	tb.Columns = append(tb.Columns, ui.Column{Label: s.t("table.total"), Number: true})
	for _, d := range p.Indicators.Districts() {
		row := []ui.Cell{{Text: p.areaWords(s, d.Code)}}
		for i := range industries {
			cell, _ := r.Cell(indicators.TableCross + "/" + d.Code + "/" + strconv.Itoa(i+1))
			row = append(row, ui.Cell{Text: s.millionWords(cell)})
		}
		whole, _ := r.Cell(indicators.TableDistrict + "/" + d.Code)
		tb.Rows = append(tb.Rows, append(row, ui.Cell{Text: s.millionWords(whole)}))
	}
	return tb
}

// millionWords writes a cell in millions, for tables with many columns.
func (s speaker) millionWords(cell indicators.ReleasedCell) string {
	if cell.Hidden {
		return s.t("stats.withheld")
	}
	return locale.Decimal(s.lang, float64(cell.Value)/1e6, 1)
}

func (p *Pages) wardTable(s speaker, r *indicators.Release) ui.Table {
	tb := ui.Table{Caption: s.t("release.wards"), Columns: []ui.Column{{Label: s.t("office.by.ward")}, {Label: s.t("stats.former.head")}, {Label: s.t("office.value"), Number: true}, {Label: s.t("office.col.lines"), Number: true}}}
	for _, d := range p.Indicators.Districts() {
		for _, w := range d.Wards {
			cell, _ := r.Cell(indicators.TableWard + "/" + w)
			lines := s.number(cell.Lines)
			if cell.Hidden {
				lines = s.t("stats.withheld")
			}
			tb.Rows = append(tb.Rows, []ui.Cell{{Text: p.areaWords(s, w)}, {Text: d.Name}, {Text: s.cellWords(cell)}, {Text: lines}})
		}
	}
	return tb
}
