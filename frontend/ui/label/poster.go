package label

import (
	"bytes"
	"fmt"
	"time"

	"github.com/go-pdf/fpdf"
	"github.com/skip2/go-qrcode"
)

// Poster is what hangs at a stall or lies on a counter, in words.
type Poster struct {
	Brand string // "Chợ Huế"
	Title string // what it is
	Price string // may be empty
	Stars string // "OCOP 4 sao"; may be empty
	By    string // who sells it, or when a show begins
	Call  string // "Quét mã để xem và đặt hàng"
	Link  string // what the code holds
	Typed string // the same for people without a reader
	Photo []byte // JPEG; may be empty
}

// A poster is A4; a printer makes A5 or A3 of it.
var posterPaper = format{fpdf.SizeType{Wd: 210, Ht: 297}, 1, 1, 210, 297, 0}

// Where things stand on a poster, in millimetres.
const (
	posterEdge  = 18.0
	posterWide  = 210 - 2*posterEdge
	posterPhoto = 92.0 // how high the photo is
	posterCode  = 78.0
)

// PosterPDF draws the poster, stamped with the time at. The code is drawn as
// vectors and with a quarter of it to spare: posters get dirty and torn.
func PosterPDF(p Poster, at time.Time) ([]byte, error) {
	code, err := qrcode.New(p.Link, qrcode.High)
	if err != nil {
		return nil, fmt.Errorf("code of %q: %w", p.Link, err)
	}
	code.DisableBorder = true
	d := &drawing{Fpdf: open(posterPaper, at), format: posterPaper, code: code.Bitmap()}
	d.place(0)
	d.poster(p)
	var out bytes.Buffer
	err = d.Output(&out)
	return out.Bytes(), err
}

func (d *drawing) poster(p Poster) {
	d.SetFillColor(0x5b, 0x2a, 0x86)
	d.Rect(0, 0, 210, 20, "F")
	d.SetTextColor(255, 255, 255)
	d.SetXY(posterEdge, 6)
	d.text(p.Brand, "B", 20, 8, posterWide, 1)
	d.SetTextColor(0x1f, 0x1a, 0x24)
	y := 30.0
	if d.photo(p.Photo, y) {
		y += posterPhoto + 8
	}
	d.SetXY(posterEdge, y)
	d.text(p.Title, "B", 30, 12.5, posterWide, 2)
	d.SetXY(posterEdge, d.GetY()+2)
	d.SetTextColor(0x5b, 0x2a, 0x86)
	d.text(p.Price, "B", 28, 13, posterWide, 1)
	d.SetTextColor(0x6a, 0x47, 0)
	d.SetX(posterEdge)
	d.text(p.Stars, "B", 15, 8, posterWide, 1)
	d.SetTextColor(0x62, 0x58, 0x6b)
	d.SetX(posterEdge)
	d.text(p.By, "", 14, 7, posterWide, 2)
	d.scan(p)
}

// scan is the lower part: the code on the left, what to do with it beside it.
func (d *drawing) scan(p Poster) {
	const top = 297 - posterEdge - posterCode
	d.SetDrawColor(0xe6, 0xdd, 0xd0)
	d.Line(posterEdge, top-8, 210-posterEdge, top-8)
	d.qr(posterEdge, top, posterCode)
	beside := posterEdge + posterCode + 12
	wide := 210 - posterEdge - beside
	d.SetTextColor(0x1f, 0x1a, 0x24)
	d.SetXY(beside, top+14)
	d.text(p.Call, "B", 22, 10, wide, 4)
	d.SetTextColor(0x5b, 0x2a, 0x86)
	d.SetXY(beside, top+posterCode-16)
	d.text(p.Typed, "B", 12, 6, wide, 2)
}

// photo fills the width, cut above and below; false when there is none.
func (d *drawing) photo(data []byte, y float64) bool {
	if len(data) == 0 {
		return false
	}
	info := d.RegisterImageOptionsReader("photo", fpdf.ImageOptions{ImageType: "JPG"}, bytes.NewReader(data))
	if d.Err() || info == nil || info.Width() <= 0 {
		return false
	}
	high := posterWide * info.Height() / info.Width()
	d.ClipRect(posterEdge, y, posterWide, posterPhoto, false)
	d.ImageOptions("photo", posterEdge, y-max(0, high-posterPhoto)/2, posterWide, high, false, fpdf.ImageOptions{ImageType: "JPG"}, 0, "")
	d.ClipEnd()
	return true
}
