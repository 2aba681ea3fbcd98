package api

import (
	"context"
	"net/http"
	"time"

	"chohue/catalog"
	"chohue/market"
)

// PhotoPlace is where a photo was taken, as its seller agreed to tell.
type PhotoPlace struct {
	Photo    string    `json:"photo" doc:"Id of the photo"`
	Lat      float64   `json:"lat" doc:"WGS 84 degrees, to a thousandth"`
	Lng      float64   `json:"lng"`
	Source   string    `json:"source" enum:"file,device" doc:"Whether the file said it, or the device that made the photo smaller"`
	Ward     string    `json:"ward" doc:"NSO code of the seller's ward"`
	Metres   *int      `json:"metres,omitempty" doc:"To the middle of the ward, when that is known"`
	Near     bool      `json:"near" doc:"Within near_metres of it"`
	Most     int       `json:"near_metres"`
	AgreedAt time.Time `json:"agreed_at"`
	Wording  string    `json:"wording" doc:"Version of the sentence that was agreed to"`
}

// PhotoPlaceList is the places of a product's photos.
type PhotoPlaceList struct {
	Items []PhotoPlace `json:"items" nullable:"false"`
}

func (d *Door) addPhotoPlaces() error {
	add(d, operation{
		method: http.MethodGet, path: "/products/{product}/photo-places", id: "photoPlaces", tag: "selling",
		vi: "Nơi chụp các ảnh của sản phẩm", en: "Where a product's photos were taken",
		about:   "For the seller and those who check; never for buyers. Only of photos whose seller agreed.",
		returns: PhotoPlaceList{}, headers: []string{"ETag"}, signedIn: true,
	}, d.photoPlaces)
	add(d, operation{
		method: http.MethodDelete, path: "/products/{product}/photo-places", id: "forgetPhotoPlaces", tag: "selling",
		vi: "Xóa nơi chụp đã lưu", en: "Withdraw the consent and delete the places",
		status: http.StatusNoContent, signedIn: true,
	}, d.forgetPlaces)
	return nil
}

func (d *Door) photoPlaces(ctx context.Context, in *ProductPath) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	kept, err := d.Catalog.PhotoOrigins(ctx, by, market.ID(in.Product))
	if err != nil {
		return nil, err
	}
	out := PhotoPlaceList{Items: []PhotoPlace{}}
	for _, o := range kept {
		out.Items = append(out.Items, photoPlace(o))
	}
	return show(out)
}

func photoPlace(o *catalog.PhotoOrigin) PhotoPlace {
	out := PhotoPlace{
		Photo: o.Photo, Lat: o.At.Lat, Lng: o.At.Lng, Source: o.Source, Ward: o.Ward, Near: o.Near(), Most: o.Most,
		AgreedAt: o.AgreedAt, Wording: o.Wording,
	}
	if o.Known {
		out.Metres = &o.Metres
	}
	return out
}

func (d *Door) forgetPlaces(ctx context.Context, in *ProductPath) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.Catalog.ForgetPlaces(ctx, by, market.ID(in.Product)); err != nil {
		return nil, err
	}
	return nothing(), nil
}
