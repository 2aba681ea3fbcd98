package pages

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/indicators"
	"chohue/market"
)

const (
	tableShown = 60 // rows of the table on the page; the download has all
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

// tableBuilder shows the trade of months as a table divided as one wants.
func (p *Pages) tableBuilder(c *gin.Context) error {
	ctx, by, s, q := c.Request.Context(), web.Actor(c), p.speaker(c), p.readQuery(c)
	v := tableView{Page: p.statsPage(c, s.t("office.nav.table")), Period: p.periodFields(s, q)}
	table, err := p.Indicators.Table(ctx, by, q)
	if mendable(err) {
		v.Wrongs = p.wrongs(s, err, map[string]*string{"from": &v.Period[0].Error, "to": &v.Period[1].Error})
		return web.Render(c, web.Status(err), tablePage(v))
	}
	if err != nil {
		return err
	}
	v.Shown, v.By = true, byField(s, table.By)
	v.Lead = s.t("office.lead", "from", monthWords(table.From), "to", monthWords(table.To))
	v.Table = p.officeTable(s, table)
	v.Download = tableDoor + ".csv?" + url.Values{"from": {table.From}, "to": {table.To}, "by": table.By}.Encode()
	return web.Render(c, http.StatusOK, tablePage(v))
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
