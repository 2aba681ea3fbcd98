// Package report draws a statistical report as PDF, from the same figures,
// charts and tables as the pages, so that paper and screen cannot differ.
package report

import (
	"bytes"
	"math"
	"strings"
	"time"

	"github.com/go-pdf/fpdf"

	"chohue/frontend/ui"
	"chohue/frontend/ui/label"
)

// Report is what is printed, in words. What is empty is left out.
type Report struct {
	Office string // who reports: "Chợ Huế · Báo cáo thống kê"
	Title  string
	Sub    string
	Stamp  string // that it is not for publication
	KPIs   []ui.KPI
	Trend  ui.Chart
	Map    ui.Map
	Ranks  []ui.Chart
	Parts  []ui.Parts
	Tables []ui.Table
	Notes  []string
	Page   func(n int) string // writes the number of a page
	More   string             // stands after the caption of a table that goes on
}

// A4 in millimetres.
const (
	paperWide = 210.0
	paperHigh = 297.0
	edge      = 16.0
	wide      = paperWide - 2*edge
	bottom    = paperHigh - 20.0
	family    = "be"
)

// ink is a colour of the market's tokens.
type ink [3]int

var (
	purple = ink{91, 42, 134}
	ochre  = ink{173, 127, 20}
	leaf   = ink{46, 125, 50}
	brick  = ink{155, 44, 31}
	black  = ink{31, 26, 36}
	grey   = ink{98, 88, 107}
	line   = ink{210, 201, 190}
	pale   = ink{243, 238, 230}
	tint   = ink{196, 176, 214}

	partInks = []ink{purple, ochre, leaf, brick, grey, {148, 137, 152}}
)

// PDF draws the report, stamped with the time at.
func PDF(r Report, at time.Time) ([]byte, error) {
	d := &paper{Fpdf: fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", Size: fpdf.SizeType{Wd: paperWide, Ht: paperHigh}}), r: r}
	d.SetCreationDate(at)
	d.SetModificationDate(at)
	d.SetCatalogSort(true)
	d.SetTitle(r.Title, true)
	d.SetAuthor(r.Office, true)
	d.SetMargins(edge, edge, edge)
	d.SetAutoPageBreak(false, 0)
	d.SetCellMargin(0)
	label.Fonts(d.Fpdf)
	d.SetHeaderFunc(d.head)
	d.SetFooterFunc(d.foot)
	d.AddPage()
	d.title()
	d.kpis()
	d.trend()
	d.places()
	d.parts()
	for _, c := range r.Ranks[min(1, len(r.Ranks)):] {
		d.rank(c, edge, wide, len(c.Labels))
	}
	for _, tb := range r.Tables {
		d.table(tb)
	}
	d.notes()
	var out bytes.Buffer
	err := d.Output(&out)
	return out.Bytes(), err
}

// paper is the report under way.
type paper struct {
	*fpdf.Fpdf
	r Report
	y float64 // where the next thing stands
}

// plain puts signs that the letters lack into ones that they have.
var plain = strings.NewReplacer("−", "–", "\u202f", " ", "\u2009", " ")

func (d *paper) ink(c ink)  { d.SetTextColor(c[0], c[1], c[2]) }
func (d *paper) fill(c ink) { d.SetFillColor(c[0], c[1], c[2]) }
func (d *paper) pen(c ink, width float64) {
	d.SetDrawColor(c[0], c[1], c[2])
	d.SetLineWidth(width)
}

// say writes one line that ends before it is too wide.
func (d *paper) say(x, y, w float64, text, style string, points float64, align string, c ink) {
	d.SetFont(family, style, points)
	d.ink(c)
	text = plain.Replace(text)
	if d.GetStringWidth(text) > w {
		for text != "" && d.GetStringWidth(text+"…") > w {
			letters := []rune(text)
			text = string(letters[:len(letters)-1])
		}
		text += "…"
	}
	d.SetXY(x, y)
	d.CellFormat(w, points*0.42, text, "", 0, align, false, 0, "")
}

// lines writes a text over several lines and returns how high it is.
func (d *paper) lines(x, y, w float64, text, style string, points float64, align string, c ink) float64 {
	d.SetFont(family, style, points)
	d.ink(c)
	high := points * 0.46
	all := d.SplitText(plain.Replace(text), w)
	for i, one := range all {
		d.SetXY(x, y+float64(i)*high)
		d.CellFormat(w, high, one, "", 0, align, false, 0, "")
	}
	return float64(len(all)) * high
}

// room begins a new page when so much does not fit on this one.
func (d *paper) room(high float64) {
	if d.y+high > bottom {
		d.AddPage()
	}
}

func (d *paper) head() {
	d.fill(purple)
	d.Rect(0, 0, paperWide, 3, "F")
	d.say(edge, 9, wide/2, d.r.Office, "B", 8.5, "L", purple)
	right := d.r.Sub
	if d.r.Stamp != "" {
		right = d.r.Stamp
	}
	d.say(edge+wide/2, 9, wide/2, right, "", 8.5, "R", grey)
	d.y = 18
}

func (d *paper) foot() {
	d.pen(line, 0.2)
	d.Line(edge, paperHigh-14, paperWide-edge, paperHigh-14)
	d.say(edge, paperHigh-11.5, wide*0.8, d.r.Title, "", 7, "L", grey)
	d.say(edge, paperHigh-11.5, wide, d.r.Page(d.PageNo()), "", 7, "R", grey)
}

func (d *paper) title() {
	d.y += d.lines(edge, d.y, wide, d.r.Title, "B", 20, "L", black) + 1.5
	d.y += d.lines(edge, d.y, wide, d.r.Sub, "", 10.5, "L", grey) + 2
	if d.r.Stamp != "" {
		d.fill(ink{251, 240, 210})
		d.Rect(edge, d.y, wide, 7, "F")
		d.say(edge+3, d.y+1.6, wide-6, d.r.Stamp, "B", 9, "L", ink{106, 71, 0})
		d.y += 9
	}
	d.y += 3
}

// kpis are boxes, four in a row.
func (d *paper) kpis() {
	const columns, high = 4, 22.0
	w := wide / columns
	for i, k := range d.r.KPIs {
		x := edge + float64(i%columns)*w
		if i%columns == 0 {
			d.room(high)
			d.pen(line, 0.2)
			d.Line(edge, d.y, edge+wide, d.y)
		}
		d.kpi(k, x, w)
		if i%columns == columns-1 || i == len(d.r.KPIs)-1 {
			d.y += high
		}
	}
	d.y += 4
}

func (d *paper) kpi(k ui.KPI, x, w float64) {
	d.say(x, d.y+2.2, w-3, k.Label, "", 7.5, "L", grey)
	style, points, c := "B", 14.0, black
	if k.Hidden {
		style, points, c = "", 10, grey
	}
	d.say(x, d.y+6.2, w-3, k.Value, style, points, "L", c)
	for i, m := range k.Moves {
		y := d.y + 13 + float64(i)*3.4
		d.arrow(m.Trend, x, y)
		d.say(x+3, y, w-5, m.Text+" "+m.Since, "", 7, "L", grey)
	}
}

func (d *paper) arrow(trend ui.Trend, x, y float64) {
	d.fill(black)
	switch trend {
	case ui.Up:
		d.Polygon([]fpdf.PointType{{X: x, Y: y + 2.4}, {X: x + 1.9, Y: y + 2.4}, {X: x + 0.95, Y: y + 0.7}}, "F")
	case ui.Down:
		d.Polygon([]fpdf.PointType{{X: x, Y: y + 0.7}, {X: x + 1.9, Y: y + 0.7}, {X: x + 0.95, Y: y + 2.4}}, "F")
	case ui.Same:
		d.Rect(x, y+1.3, 1.9, 0.5, "F")
	}
}

// caption heads a chart and returns where the chart begins.
func (d *paper) caption(x, w float64, title, note string) float64 {
	y := d.y + d.lines(x, d.y, w, title, "B", 10, "L", black)
	if note != "" {
		y += d.lines(x, y+0.4, w, note, "", 7, "L", grey) + 0.4
	}
	return y + 2
}

// trend draws columns, the last one dark, with marks of the year before.
func (d *paper) trend() {
	c, n := d.r.Trend, len(d.r.Trend.Labels)
	if n == 0 {
		return
	}
	const high = 40.0
	d.room(high + 18)
	top := d.caption(edge, wide, c.Title, c.Note)
	if c.Marks != nil {
		d.fill(ochre)
		d.Rect(edge, top+0.8, 5, 0.9, "F")
		d.say(edge+7, top, 60, c.Marks.Name, "", 7, "L", grey)
		top += 5
	}
	base, scale := top+high, (high-3)/c.Ceiling()
	d.grid(c, base, scale)
	step := (wide - 18) / float64(n)
	for i, v := range c.Series[0].Values {
		x := edge + 18 + (float64(i)+0.5)*step
		d.column(v, x, base, scale, min(step*0.62, 12), i+1 == c.Strong)
		if c.Marks != nil && c.Marks.Values[i] > 0 {
			d.pen(ochre, 0.8)
			y := base - c.Marks.Values[i]*scale
			d.Line(x-step*0.42, y, x+step*0.42, y)
		}
		d.say(x-step/2, base+1, step, c.Labels[i], "", 7, "C", grey)
	}
	d.y = base + 9
}

func (d *paper) grid(c ui.Chart, base, scale float64) {
	for _, part := range []float64{0, 0.5, 1} {
		y := base - c.Ceiling()*part*scale
		d.pen(line, 0.15)
		d.Line(edge, y, edge+wide, y)
		if part > 0 {
			d.say(edge, y-3.2, 30, c.Write(c.Ceiling()*part), "", 6.5, "L", grey)
		}
	}
}

func (d *paper) column(v, x, base, scale, w float64, strong bool) {
	if math.IsNaN(v) {
		d.pen(grey, 0.2)
		d.SetDashPattern([]float64{0.6, 0.6}, 0)
		d.Rect(x-w/2, base-3, w, 3, "D")
		d.SetDashPattern(nil, 0)
		return
	}
	d.fill(tint)
	if strong {
		d.fill(purple)
	}
	d.Rect(x-w/2, base-v*scale, w, v*scale, "F")
}

// places are the map and, beside it, the ranking of areas.
func (d *paper) places() {
	if len(d.r.Map.Places) == 0 {
		return
	}
	w, h := d.r.Map.Size()
	side := 104.0
	d.room(side*h/w + 18)
	start := d.y
	top := d.caption(edge, side, d.r.Map.Title, d.r.Map.Note)
	d.circles(edge, top, side/w)
	end := top + side*h/w
	if d.r.Map.Hidden != "" {
		d.say(edge, end+1, side, d.r.Map.Hidden, "", 7, "L", grey)
		end += 5
	}
	if len(d.r.Ranks) > 0 && len(d.r.Ranks[0].Labels) > 0 {
		d.y = start
		d.rank(d.r.Ranks[0], edge+side+8, wide-side-8, 14)
	}
	d.y = max(end, d.y) + 5
}

func (d *paper) circles(x, y, scale float64) {
	d.fill(pale)
	for _, g := range d.r.Map.Grounds() {
		d.Circle(x+g.X*scale, y+g.Y*scale, g.R*scale, "F")
	}
	for _, s := range d.r.Map.Circles() {
		at, up, r := x+s.X*scale, y+s.Y*scale, s.R*scale
		switch {
		case s.Hidden:
			d.pen(grey, 0.25)
			d.SetDashPattern([]float64{0.5, 0.5}, 0)
			d.Circle(at, up, max(r, 1), "D")
			d.SetDashPattern(nil, 0)
		case s.Empty:
			d.fill(line)
			d.Circle(at, up, 0.5, "F")
		default:
			d.SetAlpha(0.75, "Normal")
			d.fill(purple)
			d.pen(ink{255, 255, 255}, 0.2)
			d.Circle(at, up, r, "FD")
			d.SetAlpha(1, "Normal")
		}
	}
	for _, s := range d.r.Map.Circles() {
		if s.Named {
			d.say(x+s.X*scale-20, y+s.LabelY*scale-2.6, 40, s.Name, "B", 6.5, "C", black)
		}
	}
}

// rank draws bars over so many names.
func (d *paper) rank(c ui.Chart, x, w float64, most int) {
	if len(c.Labels) == 0 {
		return
	}
	const step = 7.6
	most = min(most, len(c.Labels))
	d.room(18 + float64(min(most, 6))*step)
	d.y = d.caption(x, w, c.Title, c.Note)
	top := 1e-9
	for _, v := range c.Series[0].Values {
		if v > top {
			top = v
		}
	}
	for i := range most {
		d.room(step)
		v := c.Series[0].Values[i]
		d.say(x, d.y, w*0.66, c.Labels[i], "", 8, "L", black)
		text, tone := c.Missing, grey
		if !math.IsNaN(v) {
			text, tone = c.Write(v), black
		}
		d.say(x, d.y, w, text, "B", 8, "R", tone)
		d.fill(pale)
		d.Rect(x, d.y+4.2, w, 1.5, "F")
		if v > 0 {
			d.fill(purple)
			d.Rect(x, d.y+4.2, w*v/top, 1.5, "F")
		}
		d.y += step
	}
	d.y += 4
}

// parts are bars of shares, three in a row.
func (d *paper) parts() {
	const columns, gap = 3, 7.0
	w := (wide - gap*(columns-1)) / columns
	for from := 0; from < len(d.r.Parts); from += columns {
		row := d.r.Parts[from:min(from+columns, len(d.r.Parts))]
		high := 0.0
		for _, p := range row {
			high = max(high, 16+4.6*float64(len(p.Parts)))
		}
		d.room(high)
		for i, p := range row {
			d.part(p, edge+float64(i)*(w+gap), w)
		}
		d.y += high
	}
	d.y += 2
}

func (d *paper) part(p ui.Parts, x, w float64) {
	d.say(x, d.y, w, p.Title, "B", 9, "L", black)
	d.fill(pale)
	d.Rect(x, d.y+5.2, w, 4.2, "F")
	at := x
	for i, one := range p.Parts {
		c := partInks[min(i, len(partInks)-1)]
		y := d.y + 11.4 + float64(i)*4.6
		d.fill(c)
		if share := one.Value / max(one.Of, 1e-9); share > 0 {
			long := min(share*w, x+w-at)
			d.Rect(at, d.y+5.2, long, 4.2, "F")
			at += long
		}
		d.Rect(x, y+0.5, 2.2, 2.2, "F")
		d.say(x+4, y, w*0.62, one.Name, "", 7.5, "L", black)
		d.say(x, y, w, one.Share, "B", 7.5, "R", black)
	}
}

// columns shares the width: the first column takes what the figures leave.
func columns(tb ui.Table) []float64 {
	n := len(tb.Columns)
	out := make([]float64, n)
	first := max(0.26, 0.62-0.1*float64(n-1)) * wide
	for i := range out {
		out[i] = (wide - first) / float64(n-1)
	}
	out[0] = first
	return out
}

func (d *paper) table(tb ui.Table) {
	if len(tb.Rows) == 0 || len(tb.Columns) < 2 {
		return
	}
	d.room(40)
	widths := columns(tb)
	d.tableHead(tb, widths, tb.Caption)
	for _, row := range tb.Rows {
		if d.y+5.4 > bottom {
			d.AddPage()
			d.tableHead(tb, widths, tb.Caption+" "+d.r.More)
		}
		x := edge
		for i, cell := range row {
			align, tone := "L", black
			if tb.Columns[i].Number {
				align = "R"
			}
			d.say(x, d.y+1.2, widths[i]-1.5, cell.Text, "", 7.5, align, tone)
			x += widths[i]
		}
		d.y += 5.2
		d.pen(line, 0.1)
		d.Line(edge, d.y, edge+wide, d.y)
	}
	if tb.Note != "" {
		d.y += d.lines(edge, d.y+1.2, wide, tb.Note, "", 7, "L", grey) + 1.2
	}
	d.y += 6
}

func (d *paper) tableHead(tb ui.Table, widths []float64, caption string) {
	d.y = d.caption(edge, wide, caption, "")
	x, high := edge, 0.0
	for i, c := range tb.Columns {
		align := "L"
		if c.Number {
			align = "R"
		}
		high = max(high, d.lines(x, d.y, widths[i]-1.5, c.Label, "", 7, align, grey))
		x += widths[i]
	}
	d.y += high + 1
	d.pen(grey, 0.3)
	d.Line(edge, d.y, edge+wide, d.y)
}

func (d *paper) notes() {
	d.room(8 * float64(len(d.r.Notes)))
	for _, note := range d.r.Notes {
		d.y += d.lines(edge, d.y, wide, note, "", 7.5, "L", grey) + 1.5
	}
}
