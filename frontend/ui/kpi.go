package ui

import (
	"math"
	"strings"
)

// KPI is a headline figure with how it moved.
type KPI struct {
	Label  string
	Value  string
	Full   string // the value to the last digit, where Value is rounded
	Href   string
	Hidden bool // Value says that it is withheld
	Moves  []Move
	Spark  []float64 // NaN leaves a gap
}

// Move is a change against another time.
type Move struct {
	Text  string // "12,4%"
	Since string // "so với 09/2026"
	Trend Trend  // empty when there is nothing to compare with
}

const (
	sparkWide = 120.0
	sparkHigh = 28.0
	sparkEdge = 3.0
)

// spark is the path of the small line, a new stroke after every gap, and where
// it ends.
func (k KPI) spark() (path string, x, y float64) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range k.Spark {
		if !math.IsNaN(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	if math.IsInf(low, 1) || len(k.Spark) < 2 {
		return "", 0, 0
	}
	low = min(low, high*0.9)
	var b strings.Builder
	pen := "M"
	for i, v := range k.Spark {
		if math.IsNaN(v) {
			pen = "M"
			continue
		}
		x = sparkEdge + float64(i)*(sparkWide-2*sparkEdge)/float64(len(k.Spark)-1)
		y = sparkHigh - sparkEdge - (v-low)/max(high-low, 1e-9)*(sparkHigh-2*sparkEdge)
		b.WriteString(pen + decimal(x) + " " + decimal(y))
		pen = "L"
	}
	return b.String(), x, y
}

// Parts is a whole divided into a few, as one bar with the table that says the
// same.
type Parts struct {
	ID     string // unique on the page
	Title  string
	Note   string
	Corner string // head of the names' column
	Column string // head of the values' column
	Share  string // head of the shares' column
	Rest   string // what the withheld part is called
	Parts  []Part
}

// Part is one of them. NaN is a value withheld.
type Part struct {
	Name  string
	Text  string
	Share string // written out
	Value float64
	Of    float64 // the whole, at least the sum of what is shown
	Href  string
}

// segment is a stretch of the bar, in percent.
type segment struct{ X, W, class, text string }

const partKeys = 6

func partKey(i int) string { return "part-" + string(rune('1'+min(i, partKeys-1))) }

// segments lays the parts end to end; what is withheld comes last, hatched.
func (p Parts) segments() []segment {
	var out []segment
	at := 0.0
	for i, one := range p.Parts {
		if share := one.Value / max(one.Of, 1e-9) * 100; share > 0 {
			out = append(out, segment{percent(at), percent(min(share, 100-at)), partKey(i), one.Name + ": " + one.Text})
			at = min(at+share, 100)
		}
	}
	if p.withheld() && at < 100 {
		out = append(out, segment{percent(at), percent(100 - at), "part-hidden", p.Rest})
	}
	return out
}

func (p Parts) withheld() bool {
	for _, one := range p.Parts {
		if math.IsNaN(one.Value) {
			return true
		}
	}
	return false
}

func (p Parts) table() Table {
	tb := Table{Caption: p.Title, Quiet: true, Columns: []Column{{Label: p.Corner}, {Label: p.Column, Number: true}, {Label: p.Share, Number: true}}}
	for _, one := range p.Parts {
		tb.Rows = append(tb.Rows, []Cell{{Text: one.Name, Href: one.Href}, {Text: one.Text}, {Text: one.Share}})
	}
	return tb
}
