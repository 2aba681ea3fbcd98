package label

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/multi/qrcode"

	"chohue/market"
)

var when = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

const link = "https://id.gs1.org/01/09521234543213/10/ABC123?11=261102&15=261231"

func pomelo() Label {
	return Label{
		Title: "Thanh trà Thủy Biều, trái từ 0,9 kg, hái tại vườn Nguyệt Biều", By: "HTX Nông nghiệp Thủy Biều",
		Lines: []Line{{"Lô", "ABC123"}, {"Thu hoạch", "02/11/2026"}, {"Hạn dùng", "31/12/2026"}, {"GTIN", "09521234543213"}},
		Link:  link, Foot: "chohue.vn/lo/ABC123",
	}
}

var (
	flate = regexp.MustCompile(`(?s)/FlateDecode[^>]*>>\s*stream\r?\n(.*?)\r?\nendstream`)
	boxes = regexp.MustCompile(`(?m)^(-?[\d.]+) (-?[\d.]+) (-?[\d.]+) (-?[\d.]+) re f$`)
)

// pages reads the filled boxes off each page of the file, as a printer would,
// and inks them at eight dots a millimetre.
func pages(t *testing.T, pdf []byte, f format) []image.Image {
	t.Helper()
	const dots = 8 / 2.834645669 // per point
	var out []image.Image
	for _, stream := range flate.FindAllSubmatch(pdf, -1) {
		z, err := zlib.NewReader(bytes.NewReader(stream[1]))
		if err != nil {
			continue
		}
		raw, err := io.ReadAll(z)
		found := boxes.FindAllSubmatch(raw, -1)
		if err != nil || len(found) == 0 {
			continue // a font
		}
		page := image.NewGray(image.Rect(0, 0, int(f.page.Wd*8), int(f.page.Ht*8)))
		draw.Draw(page, page.Bounds(), image.White, image.Point{}, draw.Src)
		for _, box := range found {
			var x, y, w, h float64
			if _, err := fmt.Sscan(string(bytes.Join(box[1:], []byte(" "))), &x, &y, &w, &h); err != nil {
				t.Fatal(err)
			}
			top := f.page.Ht*8 - y*dots
			ink := image.Rect(int(x*dots+0.5), int(top+0.5), int((x+w)*dots+0.5), int(top-h*dots+0.5)).Canon()
			draw.Draw(page, ink, image.NewUniform(color.Black), image.Point{}, draw.Src)
		}
		out = append(out, page)
	}
	return out
}

// read decodes every QR code of a picture with a reader that is not ours.
func read(t *testing.T, page image.Image) []string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(page)
	if err != nil {
		t.Fatal(err)
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	results, err := qrcode.NewQRCodeMultiReader().DecodeMultiple(bitmap, hints)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range results {
		out = append(out, r.GetText())
	}
	return out
}

func TestLabelsReadBack(t *testing.T) {
	for _, test := range []struct {
		paper  Paper
		copies int
		pages  int
	}{{Roll, 3, 3}, {Sheet, 24, 1}, {Sheet, 25, 2}} {
		pdf, err := PDF(pomelo(), test.paper, test.copies, when)
		if err != nil {
			t.Fatal(err)
		}
		found := pages(t, pdf, formats[test.paper])
		if len(found) != test.pages {
			t.Errorf("%s: %d pages, want %d", test.paper, len(found), test.pages)
		}
		seen := 0
		for _, page := range found {
			for _, sticker := range cut(page, formats[test.paper]) {
				if blank(sticker) {
					continue
				}
				for _, got := range read(t, sticker) {
					if got != link {
						t.Errorf("%s: read %q", test.paper, got)
					}
					seen++
				}
			}
		}
		if seen != test.copies {
			t.Errorf("%s: read %d codes, want %d", test.paper, seen, test.copies)
		}
	}
}

// cut takes a page apart along its stickers.
func cut(page image.Image, f format) []image.Image {
	var out []image.Image
	for i := range f.columns * f.rows {
		x, y := float64(i%f.columns)*f.width, f.top+float64(i/f.columns)*f.height
		at := image.Rect(int(x*8), int(y*8), int((x+f.width)*8), int((y+f.height)*8))
		out = append(out, page.(*image.Gray).SubImage(at))
	}
	return out
}

func blank(m image.Image) bool {
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if r, _, _, _ := m.At(x, y).RGBA(); r == 0 {
				return false
			}
		}
	}
	return true
}

// TestPrintedLabelsReadBack lets poppler print the file and a reader read the
// print, text and all.
func TestPrintedLabelsReadBack(t *testing.T) {
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		t.Skip("no pdftoppm (poppler-utils)")
	}
	pdf, err := PDF(pomelo(), Roll, 1, when)
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(t.TempDir(), "label")
	if err := os.WriteFile(at+".pdf", pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("pdftoppm", "-png", "-r", "203", "-singlefile", at+".pdf", at).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	raw, err := os.ReadFile(at + ".png")
	if err != nil {
		t.Fatal(err)
	}
	page, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, page); len(got) != 1 || got[0] != link {
		t.Errorf("read %q", got)
	}
	text, err := exec.Command("pdftotext", "-layout", at+".pdf", "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Thanh trà Thủy Biều", "HTX Nông nghiệp", "Lô: ABC123", "Hạn dùng: 31/12/2026"} {
		if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), want) {
			t.Errorf("%q is not in the label's text: %s", want, text)
		}
	}
}

func TestLabelRefusesWhatItCannotPrint(t *testing.T) {
	for _, test := range []struct {
		paper  Paper
		copies int
		field  string
	}{{"a3", 1, "paper"}, {Roll, 0, "copies"}, {Roll, MaxCopies + 1, "copies"}} {
		_, err := PDF(pomelo(), test.paper, test.copies, when)
		if e, ok := err.(*market.Error); !ok || e.Field != test.field {
			t.Errorf("%s × %d: %v", test.paper, test.copies, err)
		}
	}
}

func TestLabelIsTheSameForTheSameLot(t *testing.T) {
	a, err := PDF(pomelo(), Sheet, 2, when)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := PDF(pomelo(), Sheet, 2, when)
	if !bytes.Equal(a, b) {
		t.Error("two prints differ")
	}
}
