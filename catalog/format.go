package catalog

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"

	"github.com/gen2brain/heic"
	"golang.org/x/image/webp"
)

// format reads one kind of picture.
type format struct {
	head   func([]byte) (header, error)
	decode func(io.Reader) (image.Image, error)
}

// header is what is known of a picture before a pixel is decoded.
type header struct {
	size          image.Point // as stored
	orientation   int         // EXIF, 1 to 8: how to turn what decode returns
	bytesPerPixel float64     // that decoding takes
}

// formatOf tells what kind of picture a file is by how it begins; false for
// any that is not accepted.
func formatOf(data []byte) (format, bool) {
	if isHEIC(data) {
		return format{heicHeader, heic.Decode}, true
	}
	switch http.DetectContentType(data) {
	case "image/jpeg":
		return format{jpegHeader, jpeg.Decode}, true
	case "image/png":
		return format{plainHeader(png.DecodeConfig), png.Decode}, true
	case "image/webp":
		return format{plainHeader(webp.DecodeConfig), webp.Decode}, true
	}
	return format{}, false
}

func jpegHeader(data []byte) (header, error) {
	config, err := jpeg.DecodeConfig(bytes.NewReader(data))
	meta := readMeta(data)
	return header{image.Pt(config.Width, config.Height), meta.orientation, meta.bytesPerPixel()}, err
}

// plainHeader is for formats whose EXIF cameras do not write.
func plainHeader(config func(io.Reader) (image.Config, error)) func([]byte) (header, error) {
	return func(data []byte) (header, error) {
		c, err := config(bytes.NewReader(data))
		perPixel := 4.0
		if c.ColorModel == color.RGBA64Model || c.ColorModel == color.NRGBA64Model {
			perPixel = 8
		}
		return header{image.Pt(c.Width, c.Height), upright, perPixel}, err
	}
}
