package search

import "math"

// Point is a place on earth, in degrees of WGS 84. The zero Point is none.
type Point struct {
	Lat float64 `json:"lat,omitempty"`
	Lng float64 `json:"lng,omitempty"`
}

// IsZero reports whether there is no place.
func (p Point) IsZero() bool { return p == Point{} }

// To returns the way to another place in kilometres as the crow flies; without
// end when one of them is not known.
func (p Point) To(q Point) float64 {
	if p.IsZero() || q.IsZero() {
		return math.Inf(1)
	}
	const earth, degree = 6371.0, math.Pi / 180
	lat, lng := (q.Lat-p.Lat)*degree/2, (q.Lng-p.Lng)*degree/2
	h := math.Sin(lat)*math.Sin(lat) + math.Cos(p.Lat*degree)*math.Cos(q.Lat*degree)*math.Sin(lng)*math.Sin(lng)
	return 2 * earth * math.Asin(math.Min(1, math.Sqrt(h)))
}
