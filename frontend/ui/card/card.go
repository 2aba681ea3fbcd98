// Package card draws the picture that chats and social networks show of a
// shared link: a photo, what it is, the price, the stars. It is 1200 by 630
// pixels, as they want it, and small enough for a weak network.
package card

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif" // photos that sellers made
	"image/jpeg"
	_ "image/png"
	"strings"
	"sync"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"

	"chohue/frontend/ui/label"
)

// The size that Facebook, Zalo and others crop nothing from, and what a card
// may weigh at most (design of sale links: 300 KB).
const (
	Width    = 1200
	Height   = 630
	MaxBytes = 300_000
)

// Card is what one card says, in words.
type Card struct {
	Brand  string // "Chợ Huế"
	Flag   string // on the photo: "Phiên trực tiếp"; may be empty
	Title  string
	Price  string // "45.000 ₫/kg"; may be empty
	Was    string // struck through beside it; may be empty
	Stars  int    // 0 for none
	Note   string // below the price: who sells, when it begins
	Photo  []byte // JPEG or PNG; none leaves its place to the brand
	Domain string // where it leads, for people
}

// The colours of the market, as in tokens.css.
var (
	paper  = color.RGBA{0xfb, 0xf8, 0xf3, 0xff}
	ink    = color.RGBA{0x1f, 0x1a, 0x24, 0xff}
	soft   = color.RGBA{0x62, 0x58, 0x6b, 0xff}
	action = color.RGBA{0x5b, 0x2a, 0x86, 0xff}
	tint   = color.RGBA{0xf1, 0xe9, 0xf7, 0xff}
	gold   = color.RGBA{0xe3, 0xa0, 0x08, 0xff}
)

// Where things stand, in pixels.
const (
	photoWide = Height // square, at the left edge
	textLeft  = photoWide + 52
	textRight = Width - 52
)

// Draw draws the card as JPEG of at most MaxBytes.
func Draw(c Card) ([]byte, error) {
	faces, err := fonts()
	if err != nil {
		return nil, err
	}
	d := &drawing{RGBA: image.NewRGBA(image.Rect(0, 0, Width, Height)), fonts: faces}
	draw.Draw(d, d.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	if err := d.photo(c.Photo); err != nil {
		return nil, err
	}
	d.words(c)
	return d.pack()
}

// pack writes the picture as well as it may weigh.
func (d *drawing) pack() ([]byte, error) {
	var out bytes.Buffer
	for _, quality := range []int{88, 80, 70, 55, 40} {
		out.Reset()
		if err := jpeg.Encode(&out, d, &jpeg.Options{Quality: quality}); err != nil {
			return nil, err
		}
		if out.Len() <= MaxBytes {
			break
		}
	}
	return out.Bytes(), nil
}

type drawing struct {
	*image.RGBA

	fonts *typefaces
}

func (d *drawing) words(c Card) {
	d.box(image.Rect(photoWide, 0, photoWide+8, Height), action)
	y := 84
	d.box(image.Rect(textLeft, y-30, textLeft+10, y+2), gold)
	d.text(d.fonts.brand, action, textLeft+24, y, c.Brand)
	if c.Flag != "" {
		d.flag(c.Flag)
	}
	y += 84
	for _, line := range wrap(d.fonts.title, c.Title, textRight-textLeft, 3) {
		d.text(d.fonts.title, ink, textLeft, y, line)
		y += 62
	}
	if c.Stars > 0 {
		d.stars(textLeft, y-26, c.Stars)
		y += 56
	}
	if c.Price != "" {
		y += 22
		x := d.text(d.fonts.price, action, textLeft, y, c.Price)
		if c.Was != "" && x+20+width(d.fonts.note, c.Was) <= textRight {
			end := d.text(d.fonts.note, soft, x+20, y, c.Was)
			d.box(image.Rect(x+20, y-10, end, y-7), soft)
		}
		y += 52
	}
	for _, line := range wrap(d.fonts.note, c.Note, textRight-textLeft, 2) {
		d.text(d.fonts.note, soft, textLeft, min(y, Height-96), line)
		y += 38
	}
	d.box(image.Rect(textLeft, Height-76, textRight, Height-75), tint)
	d.text(d.fonts.note, action, textLeft, Height-36, c.Domain)
}

// flag stands on the photo, so that it is read first.
func (d *drawing) flag(text string) {
	wide := width(d.fonts.brand, text)
	d.box(image.Rect(28, 28, 28+wide+40, 28+56), gold)
	d.text(d.fonts.brand, ink, 48, 68, text)
}

func (d *drawing) box(r image.Rectangle, c color.Color) {
	draw.Draw(d, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// photo fills its square, cut at the longer sides.
func (d *drawing) photo(data []byte) error {
	place := image.Rect(0, 0, photoWide, Height)
	if len(data) == 0 {
		d.box(place, tint)
		d.stars(photoWide/2-90, Height/2-18, 5)
		return nil
	}
	photo, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("photo of a card: %w", err)
	}
	from := photo.Bounds()
	side := min(from.Dx(), from.Dy())
	at := image.Pt(from.Min.X+(from.Dx()-side)/2, from.Min.Y+(from.Dy()-side)/2)
	xdraw.CatmullRom.Scale(d, place, photo, image.Rectangle{Min: at, Max: at.Add(image.Pt(side, side))}, draw.Src, nil)
	return nil
}

// text writes one line on its base line and returns where it ends.
func (d *drawing) text(face font.Face, c color.Color, x, y int, text string) int {
	w := font.Drawer{Dst: d, Src: image.NewUniform(c), Face: face, Dot: fixed.P(x, y)}
	w.DrawString(norm.NFC.String(text))
	return w.Dot.X.Ceil()
}

func width(face font.Face, text string) int {
	return font.MeasureString(face, norm.NFC.String(text)).Ceil()
}

// wrap breaks the text into at most so many lines; what does not fit is cut off
// with an ellipsis.
func wrap(face font.Face, text string, wide, most int) []string {
	var lines []string
	line := ""
	words := strings.Fields(text)
	for i, word := range words {
		next := strings.TrimSpace(line + " " + word)
		if line == "" || width(face, next) <= wide {
			line = next
			continue
		}
		if len(lines) == most-1 {
			return append(lines, cut(face, line+" "+strings.Join(words[i:], " "), wide))
		}
		lines, line = append(lines, line), word
	}
	if line == "" {
		return lines
	}
	return append(lines, cut(face, line, wide))
}

func cut(face font.Face, text string, wide int) string {
	if width(face, text) <= wide {
		return text
	}
	letters := []rune(norm.NFC.String(text))
	for len(letters) > 1 && width(face, string(letters)+"…") > wide {
		letters = letters[:len(letters)-1]
	}
	return strings.TrimSpace(string(letters)) + "…"
}

// typefaces are Be Vietnam Pro in the sizes of a card.
type typefaces struct{ title, price, brand, note font.Face }

// fonts reads them once; a face may be used by one at a time, so that each
// drawing gets its own.
func fonts() (*typefaces, error) {
	parsed, err := readFonts()
	if err != nil {
		return nil, err
	}
	var out typefaces
	for _, f := range []struct {
		face *font.Face
		of   *opentype.Font
		size float64
	}{{&out.title, parsed[1], 50}, {&out.price, parsed[1], 58}, {&out.brand, parsed[1], 32}, {&out.note, parsed[0], 28}} {
		if *f.face, err = opentype.NewFace(f.of, &opentype.FaceOptions{Size: f.size, DPI: 72, Hinting: font.HintingNone}); err != nil {
			return nil, err
		}
	}
	return &out, nil
}

var readFonts = sync.OnceValues(func() ([2]*opentype.Font, error) {
	var out [2]*opentype.Font
	regular, bold := label.Weights()
	for i, data := range [][]byte{regular, bold} {
		parsed, err := opentype.Parse(data)
		if err != nil {
			return out, fmt.Errorf("font of cards: %w", err)
		}
		out[i] = parsed
	}
	return out, nil
})
