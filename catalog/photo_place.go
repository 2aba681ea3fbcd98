package catalog

import "math"

// Position is a place on the globe in WGS 84 degrees.
type Position struct {
	Lat float64 `bson:"lat"`
	Lng float64 `bson:"lng"`
}

// possible leaves out what is off the globe, and the point that broken
// receivers write: exactly zero.
func (p Position) possible() bool {
	return p.Lat >= -90 && p.Lat <= 90 && p.Lng >= -180 && p.Lng <= 180 && p != (Position{})
}

const earthRadius = 6_371_000 // metres, IUGG mean

// distance is how far it is to q in metres, along the surface.
func (p Position) distance(q Position) int {
	rad := math.Pi / 180
	dLat, dLng := (q.Lat-p.Lat)*rad, (q.Lng-p.Lng)*rad
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(p.Lat*rad)*math.Cos(q.Lat*rad)*math.Pow(math.Sin(dLng/2), 2)
	return int(math.Round(2 * earthRadius * math.Asin(min(1, math.Sqrt(h)))))
}
