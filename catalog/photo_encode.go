package catalog

import (
	"bytes"
	"image"
	"image/jpeg"

	"github.com/gen2brain/webp"
)

// qualities are tried best first until the copy is light enough; the last is
// taken whatever it weighs.
var qualities = []int{80, 70, 60, 50, 42, 34}

// encode writes the picture as JPEG, which every browser shows, and as WebP,
// which is lighter by a third and more.
func encode(picture image.Image, s size) (copyFile, error) {
	file := copyFile{width: s.width}
	var err error
	file.jpeg, err = lightest(s.jpeg, func(out *bytes.Buffer, quality int) error {
		return jpeg.Encode(out, picture, &jpeg.Options{Quality: quality})
	})
	if err != nil {
		return file, err
	}
	file.webp, err = lightest(s.webp, func(out *bytes.Buffer, quality int) error {
		return webp.Encode(out, picture, webp.Options{Quality: quality, Method: webp.DefaultMethod})
	})
	return file, err
}

// lightest encodes as well as fits into the wanted bytes. Twice too heavy
// leaves out a step: each takes about a fifth off.
func lightest(wanted int, write func(*bytes.Buffer, int) error) ([]byte, error) {
	var out bytes.Buffer
	for i := 0; ; i++ {
		out.Reset()
		if err := write(&out, qualities[i]); err != nil {
			return nil, err
		}
		last := len(qualities) - 1
		if out.Len() <= wanted || i == last {
			return out.Bytes(), nil
		}
		if out.Len() > 2*wanted {
			i = min(i+1, last-1)
		}
	}
}
