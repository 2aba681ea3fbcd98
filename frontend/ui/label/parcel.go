package label

import (
	"bytes"
	"fmt"
	"time"

	"github.com/boombuler/barcode/code128"
	"github.com/go-pdf/fpdf"
	"github.com/skip2/go-qrcode"

	"chohue/market"
)

// Parcel is what the label of a parcel says, in words. It holds no prices but
// the cash to collect, so that it does for gifts too.
type Parcel struct {
	Carrier  string   // who carries it
	Sort     string   // the carrier's sorting code, printed large; may be empty
	Tracking string   // in the barcode, and below it for people
	Link     string   // in the square code: where the parcel's way is followed
	Order    string   // "Đơn HUE-7K3F9Q2M"
	From, To Address  //
	Collect  string   // cash to collect: "Thu hộ 235.000 ₫"; empty when paid
	Paid     string   // said instead
	Marks    []string // "HÀNG TƯƠI", "DỄ VỠ"
	Goods    []string // what is inside, a line each
	Note     string
}

// Address is one end of a parcel's way, in words.
type Address struct {
	Head  string // "Người nhận"
	Lines []string
}

// MaxParcels is how many labels one file may hold.
const MaxParcels = 200

// A parcel's label is for the roll of a thermal printer: the paper is 80 mm
// wide, of which printers reach about 76.
var parcelPaper = format{fpdf.SizeType{Wd: 78, Ht: 120}, 1, 1, 78, 120, 0}

// Parcels draws the labels of parcels in one file, a page each, stamped with
// the time at.
func Parcels(all []Parcel, at time.Time) ([]byte, error) {
	if len(all) == 0 || len(all) > MaxParcels {
		return nil, market.Invalid("label.parcels", "parcels")
	}
	d := &drawing{Fpdf: open(parcelPaper, at), format: parcelPaper}
	for i, p := range all {
		d.place(i)
		if err := d.parcel(p); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	err := d.Output(&out)
	return out.Bytes(), err
}

// Bars have modules of a quarter of a millimetre: two dots of the usual 203 dpi
// printers, which hand scanners read; a longer number has finer ones.
const (
	barModule = 0.25
	barHeight = 13.0
	quiet     = 2.5 // at least, on both sides
	wide      = 72.0
)

func (d *drawing) parcel(p Parcel) error {
	d.SetXY(margin, margin)
	d.text(p.Carrier, "B", 11, 4.6, 40, 1)
	d.SetXY(43, margin)
	d.right(p.Sort, "B", 11, 4.6, 32)
	if err := d.bars(p.Tracking, 9); err != nil {
		return err
	}
	d.SetXY(margin, 22.6)
	d.middle(p.Tracking, "B", 9, 3.8, wide)
	d.rule(27.4)
	if err := d.ends(p); err != nil {
		return err
	}
	d.cash(p)
	d.marks(p.Marks)
	d.inside(p)
	return nil
}

// bars draws the tracking number as Code 128.
func (d *drawing) bars(text string, y float64) error {
	code, err := code128.Encode(text)
	if err != nil {
		return market.Invalid("label.barcode", "tracking").With("tracking", text)
	}
	n := code.Bounds().Dx()
	module := min(barModule, (d.width-2*quiet)/float64(n))
	x := (d.width - float64(n)*module) / 2
	d.SetFillColor(0, 0, 0)
	for from := 0; from < n; from++ {
		to := from
		for to < n && dark(code, to) {
			to++
		}
		if to > from {
			d.Rect(x+float64(from)*module, y, float64(to-from)*module, barHeight, "F")
			from = to
		}
	}
	return nil
}

// ends writes who sends and who gets it, with the square code beside.
func (d *drawing) ends(p Parcel) error {
	code, err := qrcode.New(p.Link, qrcode.Medium)
	if err != nil {
		return fmt.Errorf("code of %q: %w", p.Link, err)
	}
	code.DisableBorder = true
	d.code = code.Bitmap()
	const side = 19.0
	d.qr(d.width-margin-side, 29, side)
	d.SetXY(margin, 28.6)
	d.text(p.From.Head, "", 6.5, 2.8, 48, 1)
	for i, line := range p.From.Lines {
		d.text(line, styleOf(i), 7.5, 3.2, 48, 2)
	}
	d.rule(49.5)
	d.SetXY(margin, 50.6)
	d.text(p.To.Head, "", 6.5, 2.8, wide, 1)
	for i, line := range p.To.Lines {
		size, height := 9.0, 4.0
		if i < 2 {
			size, height = 11, 4.8
		}
		d.text(line, styleOf(i), size, height, wide, 3)
	}
	return nil
}

func styleOf(line int) string {
	if line < 2 {
		return "B"
	}
	return ""
}

// cash stands in a frame, so that nobody at the door overlooks it.
func (d *drawing) cash(p Parcel) {
	d.SetLineWidth(0.5)
	d.Rect(margin, 76, wide, 9.5, "D")
	d.SetXY(margin, 77.6)
	if p.Collect != "" {
		d.middle(p.Collect, "B", 15, 6.4, wide)
		return
	}
	d.middle(p.Paid, "", 10, 6.4, wide)
}

// marks are white on black.
func (d *drawing) marks(marks []string) {
	x := margin
	d.SetFont(family, "B", 10)
	for _, m := range marks {
		long := d.GetStringWidth(m) + 4
		if x+long > d.width-margin {
			return
		}
		d.SetFillColor(0, 0, 0)
		d.Rect(x, 87, long, 6.2, "F")
		d.SetTextColor(255, 255, 255)
		d.SetXY(x, 87.6)
		d.middle(m, "B", 10, 5, long)
		d.SetTextColor(0, 0, 0)
		x += long + 2
	}
}

func (d *drawing) inside(p Parcel) {
	y := 87.0
	if len(p.Marks) > 0 {
		y = 95
	}
	d.SetXY(margin, y)
	d.text(p.Order, "B", 8, 3.4, wide, 1)
	const low = 113.0
	for i, line := range p.Goods {
		if d.GetY() > low-4 && i < len(p.Goods)-1 {
			d.text("…", "", 7.5, 3.2, wide, 1)
			break
		}
		d.text(line, "", 7.5, 3.2, wide, 1)
	}
	if p.Note != "" && d.GetY() <= low {
		d.text(p.Note, "", 7, 3, wide, 1)
	}
}

func (d *drawing) rule(y float64) {
	d.SetLineWidth(0.2)
	d.Line(margin, y, d.width-margin, y)
}

// middle and right write one line, as much of it as fits.
func (d *drawing) middle(s, style string, points, height, wide float64) {
	d.one(s, style, "C", points, height, wide)
}

func (d *drawing) right(s, style string, points, height, wide float64) {
	d.one(s, style, "R", points, height, wide)
}

func (d *drawing) one(s, style, align string, points, height, wide float64) {
	d.SetFont(family, style, points)
	for d.GetStringWidth(s) > wide && points > 6 {
		points--
		d.SetFontSize(points)
	}
	d.CellFormat(wide, height, s, "", 0, align, false, 0, "")
}
