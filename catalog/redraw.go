package catalog

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"slices"

	"golang.org/x/image/draw"

	"chohue/market"
)

// Limits of what is decoded, checked on the header before any pixel is.
const (
	minSide   = 100
	maxSide   = 16_384
	maxPixels = 50_000_000
	maxMemory = 200 << 20 // bytes of one decoded picture
)

// sizes are the widths that pages ask for, each with the most bytes it should
// take: a page of 24 small photos must open on a village's connection.
var sizes = []struct{ width, bytes int }{{320, 20_000}, {640, 45_000}, {1080, 110_000}}

const (
	bestQuality  = 80
	worstQuality = 48
	qualityStep  = 8
)

type copies struct {
	width, height int // of the picture, upright
	files         []copyFile
}

type copyFile struct {
	width int
	data  []byte
}

// redraw makes the copies of a photo file. What the file is, is read from its
// content alone.
func redraw(data []byte) (copies, error) {
	format, ok := formats[http.DetectContentType(data)]
	if !ok {
		return copies{}, market.Invalid("photo.format", "photo")
	}
	head, err := format.config(bytes.NewReader(data))
	if err != nil {
		return copies{}, errBroken
	}
	meta := readMeta(data)
	if err := checkSize(head, meta); err != nil {
		return copies{}, err
	}
	picture, err := format.decode(bytes.NewReader(data))
	if err != nil {
		return copies{}, errBroken
	}
	return drawCopies(picture, meta.orientation)
}

var errBroken = market.Invalid("photo.broken", "photo")

func checkSize(head image.Config, meta photoMeta) error {
	w, h := head.Width, head.Height
	if min(w, h) < minSide {
		return market.Invalid("photo.small", "photo").With("min", minSide)
	}
	if max(w, h) > maxSide || w*h > maxPixels || w*h*pixelBytes(head.ColorModel, meta) > maxMemory {
		return market.Invalid("photo.pixels", "photo")
	}
	return nil
}

// pixelBytes is what the decoder takes for one pixel. A progressive JPEG keeps
// its coefficients beside the pixels.
func pixelBytes(m color.Model, meta photoMeta) int {
	switch {
	case meta.progressive:
		return 15
	case m == color.YCbCrModel:
		return 3
	case m == color.RGBA64Model, m == color.NRGBA64Model:
		return 8
	default:
		return 4
	}
}

// drawCopies draws the largest copy from the picture and each smaller one from
// the one before, turned upright.
func drawCopies(picture image.Image, orientation int) (copies, error) {
	size := picture.Bounds().Size()
	sideways := orientation >= 5
	if sideways {
		size.X, size.Y = size.Y, size.X
	}
	out := copies{width: size.X, height: size.Y}
	upright := image.Image(nil)
	for _, s := range slices.Backward(fitting(size.X)) {
		if upright == nil {
			upright = turn(shrink(picture, s.width, size, sideways), orientation)
		} else {
			upright = shrink(upright, s.width, size, false)
		}
		data, err := encode(upright, s.bytes)
		if err != nil {
			return out, err
		}
		out.files = append([]copyFile{{s.width, data}}, out.files...)
	}
	return out, nil
}

// fitting are the sizes that need no enlarging; for a very small picture its
// own width.
func fitting(width int) []struct{ width, bytes int } {
	fit := sizes
	for len(fit) > 0 && fit[len(fit)-1].width > width {
		fit = fit[:len(fit)-1]
	}
	if len(fit) == 0 {
		return []struct{ width, bytes int }{{width, sizes[0].bytes}}
	}
	return fit
}

// shrink draws src on white so that it is width wide once upright. size is
// that of the whole picture upright.
func shrink(src image.Image, width int, size image.Point, sideways bool) *image.RGBA {
	w, h := width, max(1, (width*size.Y+size.X/2)/size.X)
	if sideways {
		w, h = h, w
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(dst, dst.Bounds(), image.White, image.Point{}, draw.Src)
	draw.CatmullRom.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Over, nil)
	return dst
}

// turn applies an EXIF orientation, 1 to 8.
func turn(src *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		dst = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			at := place(orientation, x, y, w-1, h-1)
			dst.SetRGBA(at.X, at.Y, src.RGBAAt(x, y))
		}
	}
	return dst
}

// place says where the pixel at x, y belongs; right and bottom are the largest
// coordinates as stored.
func place(orientation, x, y, right, bottom int) image.Point {
	switch orientation {
	case 2:
		return image.Pt(right-x, y)
	case 3:
		return image.Pt(right-x, bottom-y)
	case 4:
		return image.Pt(x, bottom-y)
	case 5:
		return image.Pt(y, x)
	case 6:
		return image.Pt(bottom-y, x)
	case 7:
		return image.Pt(bottom-y, right-x)
	default:
		return image.Pt(y, right-x)
	}
}

// encode writes a JPEG, as good as fits into the wanted bytes.
func encode(picture image.Image, wanted int) ([]byte, error) {
	var out bytes.Buffer
	for quality := bestQuality; ; quality -= qualityStep {
		out.Reset()
		if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: quality}); err != nil {
			return nil, err
		}
		if out.Len() <= wanted || quality <= worstQuality {
			return out.Bytes(), nil
		}
	}
}
