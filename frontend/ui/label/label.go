// Package label draws the labels of lots as PDF: on a sheet of stickers, or on
// the roll of a small label printer. The code is drawn as vectors, so that it
// reads at any resolution.
package label

import (
	"bytes"
	_ "embed"
	"fmt"
	"time"

	"github.com/go-pdf/fpdf"
	"github.com/skip2/go-qrcode"

	"chohue/market"
)

// The font is Be Vietnam Pro (OFL, see font/OFL.txt), cut down to Vietnamese
// and English letters.
//
//go:embed font/be-vietnam-pro-400.ttf
var regular []byte

//go:embed font/be-vietnam-pro-600.ttf
var bold []byte

// Weights are the two fonts, regular and bold, for others that draw.
func Weights() (regularTTF, boldTTF []byte) { return regular, bold }

// Label is what one sticker says, in words.
type Label struct {
	Title string // what it is
	By    string // who sells it
	Lines []Line
	Link  string // what the code holds
	Foot  string // the same for people without a reader
}

// Line is one fact.
type Line struct{ Name, Value string }

// Paper is what the labels are printed on.
type Paper string

// The papers that are known.
const (
	Sheet Paper = "a4"   // A4 with 24 stickers of 70 × 37 mm
	Roll  Paper = "roll" // a roll 78 mm wide, one sticker of 50 mm after the other
)

// MaxCopies is how many labels one file may hold.
const MaxCopies = 480

// format is a paper in millimetres.
type format struct {
	page          fpdf.SizeType
	columns, rows int
	width, height float64 // of one sticker
	top           float64
}

var formats = map[Paper]format{
	Sheet: {fpdf.SizeType{Wd: 210, Ht: 297}, 3, 8, 70, 37, 0.5},
	Roll:  {fpdf.SizeType{Wd: 78, Ht: 50}, 1, 1, 78, 50, 0},
}

const (
	family = "be"
	margin = 3.0
	widest = 28.0 // of a code: read at arm's length, and leaves room for words
)

// PDF draws so many copies of the label, stamped with the time at.
func PDF(l Label, paper Paper, copies int, at time.Time) ([]byte, error) {
	f, ok := formats[paper]
	var c market.Checks
	c.That(ok, "paper", "label.paper")
	c.That(copies > 0 && copies <= MaxCopies, "copies", "label.copies")
	if err := c.Err(); err != nil {
		return nil, err
	}
	code, err := qrcode.New(l.Link, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("code of %q: %w", l.Link, err)
	}
	code.DisableBorder = true
	d := &drawing{Fpdf: open(f, at), format: f, code: code.Bitmap()}
	for i := range copies {
		d.place(i)
		d.draw(l)
	}
	var out bytes.Buffer
	err = d.Output(&out)
	return out.Bytes(), err
}

func open(f format, at time.Time) *fpdf.Fpdf {
	pdf := fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", Size: f.page})
	pdf.SetCreationDate(at)
	pdf.SetModificationDate(at)
	pdf.SetCatalogSort(true)
	pdf.SetMargins(0, 0, 0)
	pdf.SetAutoPageBreak(false, 0)
	Fonts(pdf)
	return pdf
}

// Fonts gives a document the market's letters, by the name "be", regular and
// bold.
func Fonts(pdf *fpdf.Fpdf) {
	pdf.AddUTF8FontFromBytes(family, "", regular)
	pdf.AddUTF8FontFromBytes(family, "B", bold)
}

// drawing draws one sticker after the other.
type drawing struct {
	*fpdf.Fpdf
	format
	code [][]bool
	x, y float64 // of the sticker under way
}

// place goes to the sticker of that number, on a new page where one begins.
func (d *drawing) place(i int) {
	on := i % (d.columns * d.rows)
	if on == 0 {
		d.AddPage()
	}
	d.x = float64(on%d.columns) * d.width
	d.y = d.top + float64(on/d.columns)*d.height
}

func (d *drawing) draw(l Label) {
	side := min(d.height-2*margin-6, widest)
	d.qr(d.x+d.width-margin-side, d.y+margin, side)
	wide := d.width - 3*margin - side - 1
	d.SetXY(d.x+margin, d.y+margin)
	d.text(l.Title, "B", 9, 3.8, wide, 2)
	d.text(l.By, "", 7, 3.1, wide, 2)
	for _, line := range l.Lines {
		d.text(line.Name+": "+line.Value, "", 6.5, 2.9, wide, 1)
	}
	d.SetXY(d.x+margin, d.y+d.height-margin-3)
	d.text(l.Foot, "", 6, 3, d.width-2*margin, 1)
}

// text writes up to so many lines below each other and cuts off the rest.
func (d *drawing) text(s, style string, points, height, wide float64, most int) {
	d.SetFont(family, style, points)
	lines := d.SplitText(s, wide)
	for i, line := range lines[:min(len(lines), most)] {
		if i == most-1 && len(lines) > most {
			line += "…"
		}
		x := d.GetX()
		d.CellFormat(wide, height, line, "", 2, "L", false, 0, "")
		d.SetX(x)
	}
}

// qr draws the code row by row. Rows overlap by a hair, so that no printer
// leaves white lines between them.
func (d *drawing) qr(x, y, side float64) {
	const hair = 0.02
	module := side / float64(len(d.code))
	d.SetFillColor(0, 0, 0)
	for r, row := range d.code {
		for from := 0; from < len(row); from++ {
			to := from
			for to < len(row) && row[to] {
				to++
			}
			if to > from {
				d.Rect(x+float64(from)*module, y+float64(r)*module, float64(to-from)*module, module+hair, "F")
				from = to
			}
		}
	}
}
