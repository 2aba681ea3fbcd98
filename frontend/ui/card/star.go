package card

import (
	"image"
	"math"

	"golang.org/x/image/vector"
)

const starWide = 36

// stars draws n five-pointed stars beside each other; the font has none.
func (d *drawing) stars(x, y, n int) {
	for i := range n {
		d.star(x+i*(starWide+4), y)
	}
}

func (d *drawing) star(x, y int) {
	r := vector.NewRasterizer(starWide, starWide)
	const middle = starWide / 2.0
	for i := range 10 {
		far := middle
		if i%2 == 1 {
			far = middle * 0.45
		}
		angle := float64(i)*math.Pi/5 - math.Pi/2
		px, py := float32(middle+far*math.Cos(angle)), float32(middle+far*math.Sin(angle))
		if i == 0 {
			r.MoveTo(px, py)
		} else {
			r.LineTo(px, py)
		}
	}
	r.ClosePath()
	r.Draw(d, image.Rect(x, y, x+starWide, y+starWide), image.NewUniform(gold), image.Point{})
}
