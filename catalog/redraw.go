package catalog

import (
	"bytes"
	"image"
	"slices"

	"golang.org/x/image/draw"

	"chohue/market"
)

// Limits of what is decoded, checked on the header before any pixel is.
const (
	minSide   = 100
	maxSide   = 16_384
	maxPixels = 50_000_000
	maxMemory = 256 << 20 // bytes that decoding one picture may take
)

// sizes are the widths that pages ask for, each with the most bytes it should
// take as JPEG and as WebP: the first picture of a page must open on a
// village's connection. The smallest is for lists on phones, where a dozen come
// at once; details of one product never take more than 640 there.
var sizes = []size{{240, 12_000, 2_100}, {320, 20_000, 6_000}, {640, 45_000, 20_000}, {1080, 110_000, 60_000}}

type size struct{ width, jpeg, webp int }

type copies struct {
	width, height int // of the picture, upright
	files         []copyFile
}

type copyFile struct {
	width int
	jpeg  []byte
	webp  []byte
}

// negative is a file whose header has been read and found good.
type negative struct {
	data        []byte
	format      format
	size        image.Point // as stored
	orientation int         // EXIF, 1 to 8
	memory      int64       // bytes that decoding takes at most
}

// inspect reads the header of a photo file. What the file is, is read from its
// content alone.
func inspect(data []byte) (negative, error) {
	format, ok := formatOf(data)
	if !ok {
		return negative{}, market.Invalid("photo.format", "photo")
	}
	head, err := format.head(data)
	if err != nil {
		return negative{}, errBroken
	}
	n := negative{data, format, head.size, head.orientation, int64(float64(head.size.X*head.size.Y) * head.bytesPerPixel)}
	return n, n.check()
}

var errBroken = market.Invalid("photo.broken", "photo")

func (n negative) check() error {
	w, h := n.size.X, n.size.Y
	if min(w, h) < minSide {
		return market.Invalid("photo.small", "photo").With("min", minSide)
	}
	if max(w, h) > maxSide || w*h > maxPixels || n.memory > maxMemory {
		return market.Invalid("photo.pixels", "photo")
	}
	return nil
}

// redraw makes the copies of the photo. Nothing of the file itself gets into
// them but its pixels.
func (n negative) redraw() (copies, error) {
	picture, err := n.format.decode(bytes.NewReader(n.data))
	if err != nil {
		return copies{}, errBroken
	}
	if picture.Bounds().Dx()*picture.Bounds().Dy() > maxPixels {
		return copies{}, market.Invalid("photo.pixels", "photo")
	}
	return drawCopies(picture, n.orientation)
}

// drawCopies draws the largest copy from the picture and each smaller one from
// the one before, turned upright.
func drawCopies(picture image.Image, orientation int) (copies, error) {
	full := picture.Bounds().Size()
	sideways := orientation >= 5
	if sideways {
		full.X, full.Y = full.Y, full.X
	}
	out := copies{width: full.X, height: full.Y}
	upright := image.Image(nil)
	for _, s := range slices.Backward(fitting(full.X)) {
		if upright == nil {
			near := halve(picture, full.X/(s.width+s.width/2))
			upright = turn(shrink(near, s.width, full, sideways), orientation)
		} else {
			upright = shrink(upright, s.width, full, false)
		}
		file, err := encode(upright, s)
		if err != nil {
			return out, err
		}
		out.files = append([]copyFile{file}, out.files...)
	}
	return out, nil
}

// fitting are the sizes that need no enlarging; for a very small picture its
// own width.
func fitting(width int) []size {
	fit := sizes
	for len(fit) > 0 && fit[len(fit)-1].width > width {
		fit = fit[:len(fit)-1]
	}
	if len(fit) == 0 {
		return []size{{width, sizes[0].jpeg, sizes[0].webp}}
	}
	return fit
}

// halve makes a picture n times smaller by averaging squares of n by n pixels,
// strip by strip: the good scaler behind it needs 32 bytes for each pixel of a
// column, too much for what phones take today.
func halve(src image.Image, n int) image.Image {
	if n < 2 {
		return src
	}
	from := src.Bounds()
	dst := image.NewRGBA(image.Rect(0, 0, from.Dx()/n, from.Dy()/n))
	strip := image.NewRGBA(image.Rect(0, 0, from.Dx(), n))
	for y := range dst.Rect.Dy() {
		draw.Draw(strip, strip.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(strip, strip.Rect, src, from.Min.Add(image.Pt(0, y*n)), draw.Over)
		average(dst.Pix[y*dst.Stride:(y+1)*dst.Stride], strip, n)
	}
	return dst
}

// average writes one row of means of a strip that is n rows high.
func average(row []uint8, strip *image.RGBA, n int) {
	for x := range len(row) / 4 {
		var r, g, b int
		for dy := range n {
			at := strip.Pix[dy*strip.Stride+x*n*4:]
			for dx := range n {
				r, g, b = r+int(at[dx*4]), g+int(at[dx*4+1]), b+int(at[dx*4+2])
			}
		}
		area := n * n
		row[x*4], row[x*4+1], row[x*4+2], row[x*4+3] = uint8(r/area), uint8(g/area), uint8(b/area), 255
	}
}

// shrink draws src on white so that it is width wide once upright. full is the
// size of the whole picture upright.
func shrink(src image.Image, width int, full image.Point, sideways bool) *image.RGBA {
	w, h := width, max(1, (width*full.Y+full.X/2)/full.X)
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
