package pages

import (
	"mime/multipart"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/market"
)

// uploadsPath is where script sends photos in parts.
const uploadsPath = "/api/v1/uploads"

// typedPhotos is what a form says about photos.
type typedPhotos struct {
	files  []*multipart.FileHeader
	places []string // of the files, as the device read them; may be shorter
	sent   []string // uploads that arrived before the form: an id, and "@" with a place
	remove []string
	agreed bool // the places may be kept
	forget bool
}

func readPhotos(c *gin.Context, form *multipart.Form) typedPhotos {
	typed := typedPhotos{
		places: c.PostFormArray("photo_place"), sent: c.PostFormArray("upload"), remove: c.PostFormArray("remove"),
		agreed: c.PostForm("place") == "yes", forget: c.PostForm("forget_places") == "yes",
	}
	if form != nil {
		typed.files = form.File["photo"]
	}
	return typed
}

// consent is the seller's word about one photo.
func (t typedPhotos) consent(place string) catalog.PlaceConsent {
	if !t.agreed {
		return catalog.PlaceConsent{}
	}
	out := catalog.PlaceConsent{Given: true}
	lat, lng, _ := strings.Cut(place, ",")
	north, errLat := strconv.ParseFloat(lat, 64)
	east, errLng := strconv.ParseFloat(lng, 64)
	if errLat == nil && errLng == nil {
		out.At = catalog.Position{Lat: north, Lng: east}
	}
	return out
}

func (t typedPhotos) placeOf(file int) string {
	if file < len(t.places) {
		return t.places[file]
	}
	return ""
}

// keepPhotos adds the new photos before it takes old ones out, so that a
// product in the shop is never without.
func (p *Pages) keepPhotos(c *gin.Context, w *workplace, product *catalog.Product, typed typedPhotos) error {
	ctx := c.Request.Context()
	for _, one := range typed.sent {
		key, place, _ := strings.Cut(one, "@")
		if _, err := p.Catalog.TakeUpload(ctx, w.by, product.ID, market.ID(key), typed.consent(place)); err != nil {
			return unsent(err)
		}
	}
	for i, file := range typed.files {
		data, err := readFile(file)
		if err != nil {
			return err
		}
		draft := catalog.PhotoDraft{Data: data, Place: typed.consent(typed.placeOf(i))}
		if _, err := p.Catalog.PutPhoto(ctx, w.by, product.ID, draft); err != nil {
			return err
		}
	}
	return p.dropPhotos(c, w, product, typed)
}

// unsent speaks of an upload that is gone as of a photo to choose again.
func unsent(err error) error {
	if market.KindOf(err) == market.KindNotFound {
		return market.Invalid("upload.missing", "photo")
	}
	return err
}

func (p *Pages) dropPhotos(c *gin.Context, w *workplace, product *catalog.Product, typed typedPhotos) error {
	for _, id := range typed.remove {
		_, err := p.Catalog.RemovePhoto(c.Request.Context(), w.by, product.ID, id)
		if err != nil && market.KindOf(err) != market.KindNotFound {
			return err
		}
	}
	if typed.forget {
		return p.Catalog.ForgetPlaces(c.Request.Context(), w.by, product.ID)
	}
	return nil
}

// photoField asks for photos. product is nil for one that is not there yet;
// what was sent with a form that has to be mended is not asked for again.
func (p *Pages) photoField(c *gin.Context, w *workplace, s speaker, product *catalog.Product, typed typedPhotos) ui.Photos {
	out := ui.Photos{Name: "photo", Label: s.t("farm.goods.photo"), Upload: uploadsPath, Place: true}
	if product == nil {
		out.Sent = typed.sent
		return out
	}
	out.Photos = p.taken(c, w, s, product.ID)
	kept, err := p.Catalog.PhotoOrigins(c.Request.Context(), w.by, product.ID)
	out.Placed = err == nil && len(kept) > 0
	return out
}

// taken are the photos that are kept by now, also those of this very form.
func (p *Pages) taken(c *gin.Context, w *workplace, s speaker, id market.ID) []ui.Photo {
	product, err := p.Catalog.Product(c.Request.Context(), w.by, id)
	if err != nil {
		return nil
	}
	out := make([]ui.Photo, len(product.Photos))
	for i, photo := range product.Photos {
		out[i] = ui.Photo{ID: photo.ID, URL: photoURL(photo, smallPhoto), Alt: s.text(product.Name), Sources: photoSources(photo, smallPhoto, ui.CardSizes)}
	}
	return out
}

// originFacts tells those who check where the photos were taken, as far as the
// seller agreed to it.
func (p *Pages) originFacts(c *gin.Context, s speaker, product *catalog.Product, by market.Actor) [][2]string {
	kept, err := p.Catalog.PhotoOrigins(c.Request.Context(), by, product.ID)
	if err != nil {
		return nil
	}
	var rows [][2]string
	for i, o := range kept {
		key := "admin.origin.far"
		switch {
		case !o.Known:
			key = "admin.origin.unknown"
		case o.Near():
			key = "admin.origin.near"
		}
		rows = append(rows, [2]string{
			s.t("admin.origin", "n", i+1),
			s.t(key, "km", (o.Metres+500)/1000, "ward", s.place(o.Ward), "most", o.Most/1000) + " " + s.t("admin.origin."+o.Source),
		})
	}
	return rows
}
