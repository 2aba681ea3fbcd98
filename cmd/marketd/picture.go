package main

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"

	"github.com/srwiley/oksvg"
	"github.com/srwiley/rasterx"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// illustration draws one of our SVG pictures as the JPEG that a phone would
// have sent.
func illustration(name string) ([]byte, error) {
	raw, err := demoFiles.ReadFile("demo/svg/" + name)
	if err != nil {
		return nil, err
	}
	icon, err := oksvg.ReadIconStream(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	const width = 1080
	height := int(width * icon.ViewBox.H / icon.ViewBox.W)
	icon.SetTarget(0, 0, width, float64(height))
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	pen := &nib{ScannerGV: rasterx.NewScannerGV(width, height, picture, picture.Bounds())}
	icon.Draw(rasterx.NewDasher(width, height, pen), 1)
	var out bytes.Buffer
	err = jpeg.Encode(&out, picture, &jpeg.Options{Quality: 90})
	return out.Bytes(), err
}

// nib paints only the rectangle that a path lies in. The scanner beneath
// paints the whole picture for every leaf and bubble, most of it with nothing.
type nib struct {
	*rasterx.ScannerGV
	path []step
	area vector.Rasterizer
}

// step is a line to a point, or a jump there.
type step struct {
	to   fixed.Point26_6
	jump bool
}

// Start begins a path.
func (n *nib) Start(at fixed.Point26_6) { n.add(step{at, true}) }

// Line goes on to a point.
func (n *nib) Line(to fixed.Point26_6) { n.add(step{to, false}) }

func (n *nib) add(s step) { n.path = append(n.path, s) }

// Clear forgets the path.
func (n *nib) Clear() { n.path = n.path[:0] }

// GetPathExtent returns the rectangle that the path lies in.
func (n *nib) GetPathExtent() fixed.Rectangle26_6 {
	var extent fixed.Rectangle26_6
	for i, s := range n.path {
		if i == 0 {
			extent = fixed.Rectangle26_6{Min: s.to, Max: s.to}
		}
		extent.Min.X, extent.Min.Y = min(extent.Min.X, s.to.X), min(extent.Min.Y, s.to.Y)
		extent.Max.X, extent.Max.Y = max(extent.Max.X, s.to.X), max(extent.Max.Y, s.to.Y)
	}
	return extent
}

// Draw paints the path with the colour chosen.
func (n *nib) Draw() {
	extent := n.GetPathExtent()
	box := image.Rect(extent.Min.X.Floor(), extent.Min.Y.Floor(), extent.Max.X.Ceil(), extent.Max.Y.Ceil()).Intersect(n.Dest.Bounds())
	if box.Empty() {
		return
	}
	n.area.Reset(box.Dx(), box.Dy())
	for _, s := range n.path {
		x, y := float32(s.to.X)/64-float32(box.Min.X), float32(s.to.Y)/64-float32(box.Min.Y)
		if s.jump {
			n.area.MoveTo(x, y)
		} else {
			n.area.LineTo(x, y)
		}
	}
	n.area.Draw(n.Dest, box, n.Source, n.Offset.Add(box.Min))
}
