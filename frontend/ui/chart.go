package ui

import (
	"math"
	"strconv"
)

// ChartKind is how values are drawn.
type ChartKind string

// The kinds of chart.
const (
	Bars ChartKind = "bars" // one series over time or a few groups
	Line ChartKind = "line" // one or more series over time
	Rank ChartKind = "rank" // one series over many names, the largest first
)

// Series is a row of values, one for each label. NaN is a value withheld or
// missing: nothing is drawn, and the table says Missing.
type Series struct {
	Name   string
	Values []float64
}

// Chart is a figure with the table that says the same.
type Chart struct {
	ID      string // unique on the page
	Title   string // what the figure shows, as a sentence
	Note    string // source, period, unit
	Kind    ChartKind
	Corner  string // head of the labels' column: "Tháng"
	Labels  []string
	Series  []Series
	Write   func(float64) string // writes a value in the table and on the axis
	Missing string               // in place of NaN
	Totals  []string             // of the table; may be empty

	Desc   string   // what the picture shows, for who cannot see it; may be empty
	Strong int      // of Bars: number of the label that the page is about, from 1; 0 for none
	Marks  *Series  // of Bars: what each bar is compared with, as a mark across it
	Hrefs  []string // where labels lead; empty or one for each
	Subs   []string // of a Rank: a softer word under each value
}

// at is the i-th of texts that may be left out.
func at(texts []string, i int) string {
	if i < len(texts) {
		return texts[i]
	}
	return ""
}

// describedBy names the description only where there is one.
func (c Chart) describedBy() string {
	if c.Desc == "" {
		return c.ID + "-title"
	}
	return c.ID + "-title " + c.ID + "-desc"
}

// all are the series and what they are compared with.
func (c Chart) all() []Series {
	if c.Marks == nil {
		return c.Series
	}
	return append(c.Series[:len(c.Series):len(c.Series)], *c.Marks)
}

// gridline is a value of the axis and how far down it is drawn, in percent.
type gridline struct {
	Y    string
	Text string
}

// shape is a rectangle, line or point of a chart, in percent of the plot.
type shape struct {
	X1, Y1, X2, Y2, W, H string
	class                string
	text                 string // what it says when it is pointed at
}

const (
	chartTop    = 8.0  // percent left free above the highest value
	chartLeft   = 8.0  // percent left free for the axis
	chartBottom = 90.0 // the base line; labels stand below it
)

func (c Chart) write(v float64) string {
	if math.IsNaN(v) {
		return c.Missing
	}
	return c.Write(v)
}

// highest is the largest value of all series, at least 0.
func (c Chart) highest() float64 {
	top := 0.0
	for _, s := range c.all() {
		for _, v := range s.Values {
			if v > top {
				top = v
			}
		}
	}
	return top
}

// Ceiling is the top of the axis: a round number not below any value.
func (c Chart) Ceiling() float64 { return roundUp(c.highest()) }

// roundUp returns the next number of the form 1, 2, 4, 5 or 8 times a power of
// ten, which two or four gridlines divide into numbers one can read.
func roundUp(v float64) float64 {
	if v <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 2, 4, 5, 8} {
		if v <= step*power {
			return step * power
		}
	}
	return 10 * power
}

func (c Chart) height(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return max(v, 0) / c.Ceiling() * (chartBottom - chartTop)
}

func (c Chart) gridlines() []gridline {
	top := c.Ceiling()
	lines := make([]gridline, 0, 2)
	for _, part := range []float64{0.5, 1} {
		lines = append(lines, gridline{Y: percent(chartBottom - part*(chartBottom-chartTop)), Text: c.Write(top * part)})
	}
	return lines
}

// middle is where the value of a label stands, from the left.
func (c Chart) middle(i int) float64 {
	return chartLeft + (float64(i)+0.5)*(100-chartLeft)/float64(len(c.Labels))
}

func (c Chart) barWidth() float64 { return min(62/float64(len(c.Labels)), 12) }

func (c Chart) bars() []shape {
	if len(c.Series) == 0 {
		return nil
	}
	width := c.barWidth()
	var bars []shape
	for i, v := range c.Series[0].Values {
		h, class := c.height(v), "chart__bar"
		switch {
		case math.IsNaN(v):
			h, class = 4, "chart__bar chart__bar--hidden"
		case c.Strong == i+1:
			class = "chart__bar chart__bar--strong"
		case c.Strong > 0:
			class = "chart__bar chart__bar--other"
		}
		if h > 0 {
			bars = append(bars, shape{
				X1: percent(c.middle(i) - width/2), Y1: percent(chartBottom - h),
				W: percent(width), H: percent(h), class: class, text: c.Labels[i] + ": " + c.write(v),
			})
		}
	}
	return bars
}

// marks are short lines across the bars, at what they are compared with.
func (c Chart) marks() []shape {
	if c.Marks == nil {
		return nil
	}
	width := c.barWidth() * 1.5
	var marks []shape
	for i, v := range c.Marks.Values {
		if h := c.height(v); h > 0 {
			y := percent(chartBottom - h)
			marks = append(marks, shape{X1: percent(c.middle(i) - width/2), X2: percent(c.middle(i) + width/2), Y1: y, Y2: y, text: c.Marks.Name + ", " + c.Labels[i] + ": " + c.write(v)})
		}
	}
	return marks
}

// segments joins neighbouring values; a missing value leaves a gap.
func (c Chart) segments(s Series) []shape {
	var lines []shape
	for i := 1; i < len(s.Values); i++ {
		from, to := s.Values[i-1], s.Values[i]
		if math.IsNaN(from) || math.IsNaN(to) {
			continue
		}
		lines = append(lines, shape{
			X1: percent(c.middle(i - 1)), Y1: percent(chartBottom - c.height(from)),
			X2: percent(c.middle(i)), Y2: percent(chartBottom - c.height(to)),
		})
	}
	return lines
}

func (c Chart) points(s Series) []shape {
	var points []shape
	for i, v := range s.Values {
		if !math.IsNaN(v) {
			points = append(points, shape{X1: percent(c.middle(i)), Y1: percent(chartBottom - c.height(v))})
		}
	}
	return points
}

// share is the length of a bar of a Rank.
func (c Chart) share(v float64) string {
	if math.IsNaN(v) {
		return "0"
	}
	return percent(max(v, 0) / max(c.highest(), 1e-9) * 100)
}

// labelClass hides labels that would touch each other on a phone.
func (c Chart) labelClass(i int) string {
	every := (len(c.Labels) + 5) / 6
	if every > 1 && i%every != 0 {
		return "chart__label chart__label--extra"
	}
	return "chart__label"
}

func (c Chart) table() Table {
	tb := Table{Caption: c.Title, Quiet: true, Totals: c.Totals, Columns: []Column{{Label: c.Corner}}}
	for _, s := range c.all() {
		tb.Columns = append(tb.Columns, Column{Label: s.Name, Number: true})
	}
	for i, label := range c.Labels {
		row := []Cell{{Text: label, Href: at(c.Hrefs, i)}}
		for _, s := range c.all() {
			row = append(row, Cell{Text: c.write(s.Values[i])})
		}
		tb.Rows = append(tb.Rows, row)
	}
	return tb
}

func percent(v float64) string { return decimal(v) + "%" }

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
