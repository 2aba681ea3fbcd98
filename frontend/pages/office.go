package pages

import (
	"bytes"
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/frontend/locale"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/indicators"
	"chohue/market"
)

// officePage is the frame of the statistics office.
func (p *Pages) officePage(c *gin.Context, title string) ui.Page {
	page := p.page(c, title)
	path := c.Request.URL.Path
	page.Frame, page.NoIndex = ui.FrameDesk, true
	if web.Actor(c).Is(market.RoleOfficial, market.RoleOperator) {
		page.Nav = append(page.Nav[:0:0], ui.NavItem{Label: page.T("office.nav.figures"), Href: "/thong-ke", Icon: ui.IconChart, Current: path == "/thong-ke"})
	} else {
		page.Nav = []ui.NavItem{{Label: page.T("admin.nav.queue"), Href: "/quan-tri", Icon: ui.IconInbox}}
	}
	page.Nav = append(page.Nav, ui.NavItem{
		Label: page.T("office.nav.register"), Href: "/thong-ke/chung-nhan", Icon: ui.IconCertificate, Current: strings.HasPrefix(path, "/thong-ke/chung-nhan") && path != importDoor,
	})
	if web.Actor(c).Is(market.RoleOfficial, market.RoleOperator) {
		page.Nav = append(page.Nav,
			ui.NavItem{Label: page.T("register.import"), Href: importDoor, Icon: ui.IconInbox, Current: path == importDoor},
			ui.NavItem{Label: page.T("register.ptnt"), Href: "/thong-ke/ptnt-ocop.xlsx", Icon: ui.IconChart})
	}
	page.Nav = append(page.Nav, ui.NavItem{Label: page.T("rights.title"), Href: "/thong-ke/quyen-ten", Icon: ui.IconTag, Current: path == "/thong-ke/quyen-ten"})
	return page
}

const (
	tableShown = 60 // rows of the table on the page; the download has all
	wardsShown = 10 // in the ranking
	monthsBack = 36 // to choose from
	monthForm  = "2006-01"
)

// readQuery reads the period and the division that are asked for. Without
// any, it is the last twelve months.
func (p *Pages) readQuery(c *gin.Context) indicators.TableQuery {
	q := indicators.TableQuery{From: c.Query("from"), To: c.Query("to"), By: c.QueryArray("by")}
	now := p.thisMonth()
	if q.To == "" {
		q.To = now.Format(monthForm)
	}
	if q.From == "" {
		q.From = now.AddDate(0, -11, 0).Format(monthForm)
	}
	return q
}

func (p *Pages) thisMonth() time.Time {
	now := p.Env.Now().In(market.HueZone)
	return time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, market.HueZone)
}

// office shows the trade of a period to officials.
func (p *Pages) office(c *gin.Context) error {
	ctx, by, s, q := c.Request.Context(), web.Actor(c), p.speaker(c), p.readQuery(c)
	v := officeView{Page: p.officePage(c, s.t("office.title"))}
	whole, err := p.Indicators.Table(ctx, by, indicators.TableQuery{From: q.From, To: q.To})
	if mendable(err) {
		v.Period = p.periodFields(s, q)
		v.Wrongs = p.wrongs(s, err, map[string]*string{"from": &v.Period[0].Error, "to": &v.Period[1].Error})
		return web.Render(c, web.Status(err), officePage(v))
	}
	if err != nil {
		return err
	}
	table, err := p.Indicators.Table(ctx, by, q)
	if err != nil {
		return err
	}
	before, err := p.Indicators.Table(ctx, by, earlier(whole))
	if err != nil {
		return err
	}
	v.Shown, v.Period = true, p.periodFields(s, q)
	v.By = byField(s, table.By)
	v.Lead = s.t("office.lead", "from", monthWords(whole.From), "to", monthWords(whole.To))
	v.Stats = s.officeStats(whole, before)
	v.Trend, v.Ranking, v.Map = s.trend(whole), p.ranking(s, whole), p.wardMap(s, whole)
	v.Table = p.officeTable(s, table)
	v.Download = "/thong-ke/bang.csv?" + url.Values{"from": {table.From}, "to": {table.To}, "by": table.By}.Encode()
	v.Measures = s.measures()
	return web.Render(c, http.StatusOK, officePage(v))
}

// earlier is the period of the same length that ends where this begins.
func earlier(t *indicators.Table) indicators.TableQuery {
	from, err := time.Parse(monthForm, t.From)
	to, err2 := time.Parse(monthForm, t.To)
	if err != nil || err2 != nil {
		return indicators.TableQuery{}
	}
	months := (to.Year()-from.Year())*12 + int(to.Month()-from.Month()) + 1
	return indicators.TableQuery{From: from.AddDate(0, -months, 0).Format(monthForm), To: from.AddDate(0, -1, 0).Format(monthForm)}
}

func (p *Pages) periodFields(s speaker, q indicators.TableQuery) []ui.Field {
	month := func(name, chosen string) ui.Field {
		f := ui.Field{Kind: ui.Select, Name: name, Label: s.t("office." + name)}
		known := false
		for i := range monthsBack {
			value := p.thisMonth().AddDate(0, -i, 0).Format(monthForm)
			known = known || value == chosen
			f.Options = append(f.Options, ui.Option{Value: value, Label: monthWords(value), Selected: value == chosen})
		}
		if !known {
			f.Options = append(f.Options, ui.Option{Value: chosen, Label: monthWords(chosen), Selected: true})
		}
		return f
	}
	return []ui.Field{month("from", q.From), month("to", q.To)}
}

// monthWords writes a month as people do: 11/2026.
func monthWords(month string) string {
	year, rest, ok := strings.Cut(month, "-")
	if !ok {
		return month
	}
	return rest + "/" + year
}

// monthShort is a month where there is little room: 11/26.
func monthShort(month string) string {
	at, err := time.Parse(monthForm, month)
	if err != nil {
		return month
	}
	return at.Format("01/06")
}

func byField(s speaker, by []string) ui.Field {
	f := ui.Field{Kind: ui.Check, Name: "by", Label: s.t("office.by"), Optional: true, Unmarked: true}
	for _, d := range indicators.Dimensions() {
		f.Options = append(f.Options, ui.Option{Value: d, Label: s.t("office.by." + d), Selected: slices.Contains(by, d)})
	}
	return f
}

func (s speaker) officeStats(t, before *indicators.Table) []ui.Stat {
	stats := []ui.Stat{
		s.valueStat(t.Total.Value, before.Total.Value),
		s.compared("office.orders", s.number(t.Total.Orders), t.Total.Orders, before.Total.Orders),
		s.compared("office.sellers", s.number(int64(t.Total.Sellers)), int64(t.Total.Sellers), int64(before.Total.Sellers)),
		{Label: s.t("office.wards"), Value: s.number(int64(len(t.Margins[indicators.ByWard]))), Note: s.t("office.wards.note")},
	}
	return append(stats, s.shares(t)...)
}

// valueStat is the value, short enough to be read at a glance, and in full.
func (s speaker) valueStat(now, before market.VND) ui.Stat {
	stat := s.compared("office.value", s.roughly(float64(now)), int64(now), int64(before))
	stat.Note = s.vnd(now)
	return stat
}

// compared is a figure beside that of the period before; without one there is
// nothing to compare with.
func (s speaker) compared(key, text string, now, before int64) ui.Stat {
	stat := ui.Stat{Label: s.t(key), Value: text}
	if before <= 0 {
		return stat
	}
	points := (now - before) * 10_000 / before
	switch {
	case points > 0:
		stat.Trend = ui.Up
	case points < 0:
		stat.Trend, points = ui.Down, -points
	default:
		stat.Trend = ui.Same
	}
	stat.Change = s.t("office.change", "share", locale.Decimal(s.lang, float64(points)/100, 1)+"%")
	return stat
}

// shares are the parts of the value that came by livestreams and by links.
func (s speaker) shares(t *indicators.Table) []ui.Stat {
	var out []ui.Stat
	for _, channel := range []string{"livestream", "social"} {
		var value market.VND
		for _, cell := range t.Margins[indicators.ByChannel] {
			if cell.Channel == channel {
				value = cell.Value
			}
		}
		out = append(out, ui.Stat{Label: s.t("office.share." + channel), Value: s.share(value, t.Total.Value), Note: s.vnd(value)})
	}
	return out
}

func (s speaker) share(part, whole market.VND) string {
	if whole <= 0 {
		return "–"
	}
	return locale.Decimal(s.lang, float64(part)*100/float64(whole), 1) + "%"
}

// trend is the value month by month, months without trade included.
func (s speaker) trend(t *indicators.Table) ui.Chart {
	values := map[string]float64{}
	for _, cell := range t.Margins[indicators.ByMonth] {
		values[cell.Month] = float64(cell.Value)
	}
	c := s.chart("trend", s.t("office.trend"), s.t("office.trend.note"), ui.Bars, s.t("office.by.month"))
	var series []float64
	for month := t.From; month <= t.To && len(series) < indicators.MaxMonths; month = nextMonth(month) {
		c.Labels = append(c.Labels, monthShort(month))
		series = append(series, values[month])
	}
	c.Series = []ui.Series{{Name: s.t("office.value"), Values: series}}
	c.Totals = []string{s.t("table.total"), s.vnd(t.Total.Value)}
	return c
}

func nextMonth(month string) string {
	at, err := time.Parse(monthForm, month)
	if err != nil {
		return "9999-12"
	}
	return at.AddDate(0, 1, 0).Format(monthForm)
}

func (s speaker) chart(id, title, note string, kind ui.ChartKind, corner string) ui.Chart {
	return ui.Chart{
		ID: id, Title: title, Note: note, Kind: kind, Corner: corner, Missing: "–",
		Write: func(v float64) string { return s.roughly(v) },
	}
}

// roughly writes an amount for a chart: "12,5 triệu".
func (s speaker) roughly(v float64) string {
	switch {
	case v >= 1e9:
		return s.t("amount.billion", "v", locale.Decimal(s.lang, v/1e9, 2))
	case v >= 1e6:
		return s.t("amount.million", "v", locale.Decimal(s.lang, v/1e6, 1))
	default:
		return s.vnd(market.VND(v))
	}
}

// byValue is a margin with the largest first.
func byValue(cells []indicators.Cell) []indicators.Cell {
	out := slices.Clone(cells)
	slices.SortStableFunc(out, func(a, b indicators.Cell) int { return cmp.Compare(b.Value, a.Value) })
	return out
}

func (p *Pages) ranking(s speaker, t *indicators.Table) ui.Chart {
	c := s.chart("ranking", s.t("office.ranking"), s.t("office.ranking.note"), ui.Rank, s.t("office.by.ward"))
	wards := byValue(t.Margins[indicators.ByWard])
	var values []float64
	for _, cell := range wards[:min(len(wards), wardsShown)] {
		c.Labels = append(c.Labels, s.wardLabel(cell))
		values = append(values, float64(cell.Value))
	}
	c.Series = []ui.Series{{Name: s.t("office.value"), Values: values}}
	return c
}

// wardLabel is a ward's name, with a star where few sellers make up the figure.
func (s speaker) wardLabel(cell indicators.Cell) string {
	name := wardName(s.areas, cell.Ward)
	if cell.Small {
		name += " *"
	}
	return name
}

func (p *Pages) wardMap(s speaker, t *indicators.Table) ui.Map {
	values := map[string]indicators.Cell{}
	for _, cell := range t.Margins[indicators.ByWard] {
		values[cell.Ward] = cell
	}
	m := ui.Map{ID: "wards", Title: s.t("office.map"), Note: s.t("office.map.note"), Column: s.t("office.value"), Corner: s.t("office.by.ward")}
	for _, area := range p.Areas.Wards(market.HueProvince) {
		m.Places = append(m.Places, ui.Place{
			Name: area.Name, Lng: area.Lng, Lat: area.Lat, Value: float64(values[area.Code].Value), Text: s.vnd(values[area.Code].Value),
		})
	}
	return m
}

// officeTable is the table as it was asked for, cut where a page would end; its
// totals are those of all rows.
func (p *Pages) officeTable(s speaker, t *indicators.Table) ui.Table {
	tb := ui.Table{Caption: s.t("office.table", "from", monthWords(t.From), "to", monthWords(t.To)), Note: s.t("office.table.note")}
	for _, d := range t.By {
		tb.Columns = append(tb.Columns, ui.Column{Label: s.t("office.by." + d)})
	}
	for _, key := range []string{"value", "orders", "lines", "sellers"} {
		tb.Columns = append(tb.Columns, ui.Column{Label: s.t("office.col." + key), Number: true})
	}
	for _, cell := range t.Cells[:min(len(t.Cells), tableShown)] {
		tb.Rows = append(tb.Rows, append(p.cellNames(s, t.By, cell), s.cellFigures(cell)...))
	}
	if len(t.Cells) > tableShown {
		tb.Note = s.t("office.table.cut", "n", tableShown, "all", len(t.Cells)) + " " + tb.Note
	}
	tb.Totals = append(make([]string, len(t.By)), s.vnd(t.Total.Value), s.number(t.Total.Orders), s.number(t.Total.Lines), s.number(int64(t.Total.Sellers)))
	tb.Totals[0] = s.t("table.total")
	return tb
}

func (p *Pages) cellNames(s speaker, by []string, cell indicators.Cell) []ui.Cell {
	var out []ui.Cell
	for _, d := range by {
		switch d {
		case indicators.ByMonth:
			out = append(out, ui.Cell{Text: monthWords(cell.Month)})
		case indicators.ByWard:
			out = append(out, ui.Cell{Text: wardName(p.Areas, cell.Ward)})
		case indicators.BySet:
			out = append(out, ui.Cell{Text: p.setName(s, cell.Set)})
		case indicators.ByChannel:
			out = append(out, ui.Cell{Text: s.text(indicators.ChannelName(cell.Channel))})
		}
	}
	return out
}

func (p *Pages) setName(s speaker, number int) string {
	set, ok := p.Sets.Find(number)
	if !ok {
		return strconv.Itoa(number)
	}
	return strconv.Itoa(number) + ". " + s.text(set.Name)
}

func (s speaker) cellFigures(cell indicators.Cell) []ui.Cell {
	sellers := s.number(int64(cell.Sellers))
	if cell.Small {
		sellers += " *"
	}
	return []ui.Cell{{Text: s.vnd(cell.Value)}, {Text: s.number(cell.Orders)}, {Text: s.number(cell.Lines)}, {Text: sellers}}
}

func (s speaker) measures() []measure {
	var out []measure
	for _, m := range indicators.Measures() {
		out = append(out, measure{
			Name: s.text(m.Name), Code: m.Code,
			Rows: [][2]string{
				{s.t("office.measure.unit"), s.text(m.Unit)},
				{s.t("office.measure.formula"), s.text(m.Formula)},
				{s.t("office.measure.source"), s.text(m.Source)},
				{s.t("office.measure.legal"), s.text(m.Legal)},
			},
		})
	}
	return out
}

// officeCSV gives the whole table as a file.
func (p *Pages) officeCSV(c *gin.Context) error {
	var file bytes.Buffer
	q := p.readQuery(c)
	if err := p.Indicators.WriteCSV(c.Request.Context(), web.Actor(c), &file, q, web.Lang(c)); err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="cho-hue-`+q.From+"-"+q.To+`.csv"`)
	c.Data(http.StatusOK, "text/csv; charset=utf-8", file.Bytes())
	return nil
}
