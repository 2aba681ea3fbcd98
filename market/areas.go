package market

import (
	"embed"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"sync"
)

// HueProvince is the NSO code of Huế city.
const HueProvince = "46"

//go:embed areas/*.csv
var areaFiles embed.FS

// Area is a province or, below it, a ward (phường, xã, đặc khu) of the
// two-level division in force since 1 July 2025 (Decision 19/2025/QĐ-TTg).
type Area struct {
	Code     string // NSO code: two digits for provinces, five for wards
	Name     string
	Kind     string  // thành phố, tỉnh, phường, xã, đặc khu
	Province string  // code of the province that a ward belongs to
	Lng, Lat float64 // centroid in WGS 84; zero when not known (outside Huế)
	KM2      float64 // area; zero when not known (outside Huế)
}

// Full is the name with its kind in front: "phường Thuỷ Xuân".
func (a Area) Full() string { return a.Kind + " " + a.Name }

// Areas is the country's division: 34 provinces and 3,321 wards, Huế's 40 with
// centroids. It is read once and not changed, so it may be shared.
type Areas struct {
	provinces []Area
	wards     map[string][]Area
	byCode    map[string]Area
}

// LoadAreas returns what the embedded lists say. They are read once; nothing
// changes what was read.
func LoadAreas() (*Areas, error) { return areasOnce() }

var areasOnce = sync.OnceValues(readAreas)

func readAreas() (*Areas, error) {
	a := &Areas{wards: map[string][]Area{}, byCode: map[string]Area{}}
	centroids := map[string][3]float64{}
	err := eachRow("areas/hue_wards.csv", func(row []string) error {
		lng, errLng := strconv.ParseFloat(row[3], 64)
		lat, errLat := strconv.ParseFloat(row[4], 64)
		km2, errKM2 := strconv.ParseFloat(row[5], 64)
		if errLng != nil || errLat != nil || errKM2 != nil {
			return fmt.Errorf("ward %s: centroid %q %q, area %q", row[0], row[3], row[4], row[5])
		}
		centroids[row[0]] = [3]float64{lng, lat, km2}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := eachRow("areas/provinces.csv", func(row []string) error {
		a.addProvince(Area{Code: row[0], Name: row[1], Kind: row[2]})
		return nil
	}); err != nil {
		return nil, err
	}
	return a, eachRow("areas/vn_wards.csv", func(row []string) error {
		at := centroids[row[0]]
		a.addWard(Area{Code: row[0], Name: row[1], Kind: row[2], Province: row[3], Lng: at[0], Lat: at[1], KM2: at[2]})
		return nil
	})
}

func (a *Areas) addProvince(p Area) {
	a.provinces = append(a.provinces, p)
	a.byCode[p.Code] = p
}

func (a *Areas) addWard(w Area) {
	a.wards[w.Province] = append(a.wards[w.Province], w)
	a.byCode[w.Code] = w
}

func eachRow(file string, do func([]string) error) error {
	f, err := areaFiles.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	if _, err := r.Read(); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for {
		row, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := do(row); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
}

// Provinces lists the provinces by code.
func (a *Areas) Provinces() []Area { return a.provinces }

// Wards lists the wards of a province by code; nil for an unknown province.
func (a *Areas) Wards(province string) []Area { return a.wards[province] }

// Find returns the province or ward of that code.
func (a *Areas) Find(code string) (Area, bool) {
	area, ok := a.byCode[code]
	return area, ok
}

// Name returns the full name of the area, or the code itself when unknown.
func (a *Areas) Name(code string) string {
	if area, ok := a.byCode[code]; ok {
		return area.Full()
	}
	return code
}

// Address is where a parcel goes.
type Address struct {
	Name     string `bson:"name" json:"name"`
	Phone    string `bson:"phone" json:"phone"` // E.164
	Province string `bson:"province" json:"province"`
	Ward     string `bson:"ward" json:"ward"`
	Street   string `bson:"street" json:"street"` // house, street, hamlet
}

// Check tells what is wrong with the address, field by field under prefix.
func (a *Areas) Check(c *Checks, prefix string, addr Address) {
	c.That(len(addr.Name) >= 2 && len(addr.Name) <= 120, prefix+"name", "address.name")
	c.That(len(addr.Street) >= 3 && len(addr.Street) <= 300, prefix+"street", "address.street")
	province, ok := a.Find(addr.Province)
	c.That(ok && province.Province == "", prefix+"province", "address.province")
	ward, ok := a.Find(addr.Ward)
	c.That(ok && ward.Province == addr.Province && addr.Province != "", prefix+"ward", "address.ward")
}
