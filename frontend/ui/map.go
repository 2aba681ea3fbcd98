package ui

import (
	"math"
	"slices"
)

// Place is a ward on the map: where its middle is and how much there is of
// something. NaN is a value withheld; the place is drawn hollow.
type Place struct {
	Name  string
	Lng   float64 // degrees
	Lat   float64 // degrees
	Value float64
	Text  string // the value, written out
	Href  string
	KM2   float64 // area of the ward; 0 when not known
}

// Map is wards drawn as circles whose area is in proportion to a value, with
// the table that says the same.
type Map struct {
	ID     string // unique on the page
	Title  string
	Note   string
	Column string // head of the values' column
	Corner string // head of the names' column
	Places []Place
	Desc   string               // what the picture shows, for who cannot see it; may be empty
	Write  func(float64) string // writes a value of the scale; nil for no scale
	Hidden string               // what hollow circles are, in the legend; empty without any
}

// disc is a circle without a value.
type disc struct {
	X, Y, R float64
	Text    string
}

// grounds are pale discs as large as each ward's area: no borders, which the
// market does not have, but where the city lies and how far it reaches.
func (m Map) grounds() []disc {
	const kmPerDegree = 110.6
	_, lat := m.scale()
	var out []disc
	for _, s := range m.spots() {
		if s.KM2 > 0 {
			out = append(out, disc{X: s.X, Y: s.Y, R: math.Sqrt(s.KM2/math.Pi) / kmPerDegree * lat * 1.1})
		}
	}
	return out
}

// Circle is a place on the drawing, for those that draw it elsewhere than on a
// page. LabelY is the line on which its name stands when it is named.
type Circle struct {
	Name          string
	X, Y, R       float64
	LabelY        float64
	Named         bool
	Hidden, Empty bool // withheld; without value
}

// Size is the drawing's, in its own units.
func (m Map) Size() (width, height float64) { return mapWidth, m.height() }

// Circles are the places, the largest first.
func (m Map) Circles() []Circle {
	var out []Circle
	for _, s := range m.spots() {
		out = append(out, Circle{s.Name, s.X, s.Y, s.R, s.Label.Y, s.Label.Anchor != "", math.IsNaN(s.Value), s.Value <= 0})
	}
	return out
}

// Grounds are the pale discs beneath.
func (m Map) Grounds() []Circle {
	var out []Circle
	for _, g := range m.grounds() {
		out = append(out, Circle{X: g.X, Y: g.Y, R: g.R})
	}
	return out
}

// sizes are circles of round values in the upper corner, where the sea is, one in
// the other.
func (m Map) sizes() []disc {
	top := m.top()
	if m.Write == nil || !(top > 0) {
		return nil
	}
	var out []disc
	high := roundUp(top)
	if high > top {
		high = roundUp(top / 2)
	}
	for _, part := range []float64{1, 0.25} {
		r := radius(high*part, top)
		out = append(out, disc{X: mapWidth - 110, Y: 16 + 2*radius(high, top) - r, R: r, Text: m.Write(high * part)})
	}
	return out
}

func (m Map) top() float64 {
	top := 0.0
	for _, p := range m.Places {
		if p.Value > top {
			top = p.Value
		}
	}
	return top
}

const (
	mapWidth   = 400.0
	mapMargin  = 36.0
	mapBiggest = 26.0 // radius of the largest circle
	mapNamed   = 6    // the largest places carry their name
)

// spot is a place on the drawing.
type spot struct {
	Place
	X, Y, R float64
	Label   label
}

// label is where the name of a spot is written. Without Anchor it is not.
type label struct {
	X, Y   float64
	Anchor string // start, middle, end
	width  float64
}

// bounds are the degrees that the places lie in.
func (m Map) bounds() (west, east, south, north float64) {
	west, south, east, north = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range m.Places {
		west, east = min(west, p.Lng), max(east, p.Lng)
		south, north = min(south, p.Lat), max(north, p.Lat)
	}
	return west, east, south, north
}

// scale is the pixels of a degree of longitude and of latitude. A degree of
// longitude is shorter by the cosine of the latitude.
func (m Map) scale() (lng, lat float64) {
	west, east, south, north := m.bounds()
	wide := max((east-west)*math.Cos((south+north)/2*math.Pi/180), 1e-6)
	lat = (mapWidth - 2*mapMargin) / wide
	return lat * math.Cos((south+north)/2*math.Pi/180), lat
}

func (m Map) height() float64 {
	_, _, south, north := m.bounds()
	_, lat := m.scale()
	return min((north-south)*lat, 2*mapWidth) + 2*mapMargin
}

func (m Map) viewBox() string {
	return "0 0 " + decimal(mapWidth) + " " + decimal(m.height())
}

// spots are the places to draw, the largest first so that small ones lie on top.
func (m Map) spots() []spot {
	west, _, _, north := m.bounds()
	lng, lat := m.scale()
	top := m.top()
	spots := make([]spot, 0, len(m.Places))
	for _, p := range m.Places {
		spots = append(spots, spot{Place: p, X: mapMargin + (p.Lng-west)*lng, Y: mapMargin + (north-p.Lat)*lat, R: radius(p.Value, top)})
	}
	slices.SortStableFunc(spots, func(a, b spot) int { return int(math.Copysign(1, b.R-a.R)) })
	nameSpots(spots)
	return spots
}

// nameSpots writes the names of the largest places below or above their circle,
// where they touch no other name; a name with no room is left out.
func nameSpots(spots []spot) {
	var taken []label
	for i := range min(mapNamed, len(spots)) {
		s := &spots[i]
		if !(s.Value > 0) {
			return
		}
		for _, y := range []float64{s.Y + s.R + 13, s.Y - s.R - 5} {
			l := labelAt(s.Name, s.X, y)
			if !slices.ContainsFunc(taken, l.touches) {
				s.Label = l
				taken = append(taken, l)
				break
			}
		}
	}
}

// labelAt centres a name on x, or keeps it inside the drawing.
func labelAt(name string, x, y float64) label {
	l := label{X: x, Y: y, Anchor: "middle", width: 7 * float64(len([]rune(name)))}
	switch {
	case x < l.width/2:
		l.X, l.Anchor = 4, "start"
	case x > mapWidth-l.width/2:
		l.X, l.Anchor = mapWidth-4, "end"
	}
	return l
}

func (l label) left() float64 {
	switch l.Anchor {
	case "start":
		return l.X
	case "end":
		return l.X - l.width
	default:
		return l.X - l.width/2
	}
}

func (l label) touches(other label) bool {
	return math.Abs(l.Y-other.Y) < 14 &&
		l.left() < other.left()+other.width && other.left() < l.left()+l.width
}

func radius(v, top float64) float64 {
	if !(v > 0) {
		return 3
	}
	return max(mapBiggest*math.Sqrt(v/top), 3)
}

func (s spot) class() string {
	switch {
	case math.IsNaN(s.Value):
		return "map__spot map__spot--hidden"
	case s.Value <= 0:
		return "map__spot map__spot--none"
	default:
		return "map__spot"
	}
}

func (m Map) table() Table {
	tb := Table{Caption: m.Title, Quiet: true, Columns: []Column{{Label: m.Corner}, {Label: m.Column, Number: true}}}
	for _, p := range m.Places {
		tb.Rows = append(tb.Rows, []Cell{{Text: p.Name, Href: p.Href}, {Text: p.Text}})
	}
	return tb
}
