package market_test

import (
	"slices"
	"testing"

	"chohue/market"
)

func loadAreas(t *testing.T) *market.Areas {
	t.Helper()
	a, err := market.LoadAreas()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestAreasAreWhole compares with Decision 19/2025/QĐ-TTg: 34 provinces, 3,321
// wards, 40 of them in Huế.
func TestAreasAreWhole(t *testing.T) {
	a := loadAreas(t)
	codes, wards := map[string]bool{}, 0
	for _, p := range a.Provinces() {
		if len(p.Code) != 2 || p.Province != "" || !slices.Contains([]string{"thành phố", "tỉnh"}, p.Kind) || len(a.Wards(p.Code)) == 0 {
			t.Errorf("province %+v with %d wards", p, len(a.Wards(p.Code)))
		}
		codes[p.Code] = true
		for _, w := range a.Wards(p.Code) {
			wards++
			codes[w.Code] = true
			if len(w.Code) != 5 || w.Province != p.Code || w.Name == "" || !slices.Contains([]string{"phường", "xã", "đặc khu"}, w.Kind) {
				t.Errorf("ward %+v", w)
			}
		}
	}
	if len(a.Provinces()) != 34 || wards != 3321 || len(codes) != 34+3321 || len(a.Wards(market.HueProvince)) != 40 {
		t.Errorf("%d provinces, %d wards, %d codes, %d in Huế", len(a.Provinces()), wards, len(codes), len(a.Wards(market.HueProvince)))
	}
}

func TestCentroidsOfHue(t *testing.T) {
	a := loadAreas(t)
	seen := map[[2]float64]bool{}
	for _, w := range a.Wards(market.HueProvince) {
		if w.Lng < 107 || w.Lng > 108.3 || w.Lat < 15.9 || w.Lat > 16.8 {
			t.Errorf("%s lies at %f, %f", w.Full(), w.Lng, w.Lat)
		}
		seen[[2]float64{w.Lng, w.Lat}] = true
	}
	if len(seen) != 40 {
		t.Errorf("%d different centroids, want 40", len(seen))
	}
}

func TestFindArea(t *testing.T) {
	a := loadAreas(t)
	ward, ok := a.Find("19753")
	if !ok || ward.Full() != "phường Phú Xuân" || ward.Province != market.HueProvince {
		t.Errorf("19753 is %+v", ward)
	}
	if got := a.Name(market.HueProvince); got != "thành phố Huế" {
		t.Errorf("46 is %s", got)
	}
	if _, ok := a.Find("99999"); ok || a.Name("99999") != "99999" || a.Wards("99") != nil {
		t.Error("an unknown code was found")
	}
}

func TestCheckAddress(t *testing.T) {
	a := loadAreas(t)
	good := market.Address{Name: "Lê Thị Hoa", Province: "46", Ward: "19753", Street: "12 Đoàn Thị Điểm"}
	for _, c := range []struct {
		name   string
		change func(*market.Address)
		fields []string
	}{
		{"good", func(*market.Address) {}, nil},
		{"no name", func(x *market.Address) { x.Name = "" }, []string{"to/name"}},
		{"no street", func(x *market.Address) { x.Street = "" }, []string{"to/street"}},
		{"ward of another province", func(x *market.Address) { x.Ward = "00004" }, []string{"to/ward"}},
		{"province for a ward", func(x *market.Address) { x.Ward = "46" }, []string{"to/ward"}},
		{"ward for a province", func(x *market.Address) { x.Province = "19753" }, []string{"to/province", "to/ward"}},
		{"empty", func(x *market.Address) { *x = market.Address{} }, []string{"to/name", "to/street", "to/province", "to/ward"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			address := good
			c.change(&address)
			var checks market.Checks
			a.Check(&checks, "to/", address)
			if got := fieldsOf(checks.Err()); !slices.Equal(got, c.fields) {
				t.Errorf("wrong are %v, want %v", got, c.fields)
			}
		})
	}
}
