package api

import (
	"context"
	"net/http"

	"chohue/market"
)

// Sets are the OCOP product sets.
type Sets struct {
	Items []Set `json:"items"`
}

// Set is one of the 26 OCOP product sets (QĐ 26/2026/QĐ-TTg, Annex I).
type Set struct {
	Number   int    `json:"number"`
	Name     Text   `json:"name"`
	Industry string `json:"industry"`
	Group    string `json:"group,omitempty"`
	Alcohol  bool   `json:"alcohol,omitempty" doc:"Sold to adults only"`
}

// Areas are provinces, or the wards of one.
type Areas struct {
	Items []Area `json:"items"`
}

// Area is a province or a ward of the division in force since 1 July 2025.
type Area struct {
	Code     string   `json:"code"`
	Name     string   `json:"name"`
	Kind     string   `json:"kind" example:"phường"`
	Province string   `json:"province,omitempty"`
	Lng      *float64 `json:"lng,omitempty" doc:"Of the centroid, WGS 84; known for Huế"`
	Lat      *float64 `json:"lat,omitempty"`
}

type wardsInput struct {
	Province string `path:"province" pattern:"^[0-9]{2}$" doc:"Code of the province"`
	Conditional
}

// forDays lets caches keep what changes by law alone.
const forDays = "public, max-age=86400, stale-while-revalidate=604800"

func (d *Door) addPlaces() error {
	sets, err := lasting(d.allSets())
	if err != nil {
		return err
	}
	provinces, err := lasting(areas(d.Areas.Provinces()))
	if err != nil {
		return err
	}
	wards := map[string]*answer{}
	for _, p := range d.Areas.Provinces() {
		if wards[p.Code], err = lasting(areas(d.Areas.Wards(p.Code))); err != nil {
			return err
		}
	}
	headers := []string{"ETag", "Cache-Control"}
	add(d, operation{
		method: http.MethodGet, path: "/sets", id: "listSets", tag: "shop",
		vi: "26 bộ sản phẩm OCOP", en: "The 26 OCOP product sets", returns: Sets{}, headers: headers,
	}, func(context.Context, *Conditional) (*answer, error) { return sets, nil })
	add(d, operation{
		method: http.MethodGet, path: "/areas/provinces", id: "listProvinces", tag: "places",
		vi: "34 tỉnh, thành phố", en: "The 34 provinces", returns: Areas{}, headers: headers,
	}, func(context.Context, *Conditional) (*answer, error) { return provinces, nil })
	add(d, operation{
		method: http.MethodGet, path: "/areas/provinces/{province}/wards", id: "listWards", tag: "places",
		vi: "Phường, xã của một tỉnh", en: "The wards of a province", returns: Areas{}, headers: headers,
	}, func(_ context.Context, in *wardsInput) (*answer, error) {
		if found := wards[in.Province]; found != nil {
			return found, nil
		}
		return nil, market.NotFound("api.province")
	})
	return nil
}

func lasting(v any) (*answer, error) {
	a, err := show(v)
	if err == nil {
		a.CacheControl = forDays
	}
	return a, err
}

func (d *Door) allSets() Sets {
	out := Sets{Items: []Set{}}
	for _, s := range d.Sets.All() {
		out.Items = append(out.Items, Set{Number: s.Number, Name: text(s.Name), Industry: s.Industry, Group: s.Group, Alcohol: s.Alcohol})
	}
	return out
}

func areas(all []market.Area) Areas {
	out := Areas{Items: []Area{}}
	for _, a := range all {
		view := Area{Code: a.Code, Name: a.Name, Kind: a.Kind, Province: a.Province}
		if a.Lng != 0 || a.Lat != 0 {
			view.Lng, view.Lat = &a.Lng, &a.Lat
		}
		out.Items = append(out.Items, view)
	}
	return out
}
