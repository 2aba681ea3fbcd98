package ui

import (
	"math"
	"testing"
)

func TestCirclesAreInProportionByArea(t *testing.T) {
	spots := Map{Places: []Place{{Name: "a", Lng: 107, Lat: 16, Value: 25}, {Name: "b", Lng: 108, Lat: 16.5, Value: 100}}}.spots()
	if spots[0].Name != "b" {
		t.Fatalf("%q is drawn first, want the largest", spots[0].Name)
	}
	if got := spots[0].R / spots[1].R; math.Abs(got-2) > 1e-9 {
		t.Errorf("four times the value has %v times the radius, want 2", got)
	}
}

func TestNorthIsUpAndEastIsRight(t *testing.T) {
	m := Map{Places: []Place{{Name: "southwest", Lng: 107, Lat: 16, Value: 2}, {Name: "northeast", Lng: 108, Lat: 16.5, Value: 1}}}
	s := m.spots()
	if !(s[1].X > s[0].X && s[1].Y < s[0].Y) {
		t.Errorf("northeast is at %v,%v and southwest at %v,%v", s[1].X, s[1].Y, s[0].X, s[0].Y)
	}
	if s[0].Y > m.height() || s[1].X > mapWidth {
		t.Error("a place lies outside the drawing")
	}
}

func TestNamesDoNotTouch(t *testing.T) {
	var m Map
	for i := range 6 {
		m.Places = append(m.Places, Place{Name: "Chân Mây – Lăng Cô", Lng: 107 + float64(i)*0.001, Lat: 16, Value: float64(6 - i)})
	}
	m.Places = append(m.Places, Place{Name: "xa", Lng: 108, Lat: 16.5})
	var named []label
	for _, s := range m.spots() {
		if s.Label.Anchor == "" {
			continue
		}
		for _, other := range named {
			if s.Label.touches(other) {
				t.Errorf("two names touch at %v,%v", s.Label.X, s.Label.Y)
			}
		}
		named = append(named, s.Label)
	}
	if len(named) < 2 || len(named) > 4 {
		t.Errorf("%d of 6 names written around one spot, want a few", len(named))
	}
}

func TestWithheldPlaceIsHollow(t *testing.T) {
	s := spot{Place: Place{Value: math.NaN()}}
	if got := s.class(); got != "map__spot map__spot--hidden" {
		t.Errorf("class = %q", got)
	}
}

func TestOnePlaceIsDrawn(t *testing.T) {
	m := Map{Places: []Place{{Name: "a", Lng: 107, Lat: 16, Value: 1}}}
	s := m.spots()[0]
	if math.IsNaN(s.X) || math.IsInf(s.Y, 0) || math.IsNaN(m.height()) {
		t.Errorf("a single place is at %v,%v in a drawing %v high", s.X, s.Y, m.height())
	}
}
