package api

import (
	"errors"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/market"
)

// formMemory is how much of an upload is kept in memory; the rest goes to disk
// while it is read.
const formMemory = 1 << 20

func (d *Door) addPhotos() {
	image := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	picture := &huma.MediaType{Schema: image}
	form := &huma.MediaType{Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{"photo"},
		Properties: map[string]*huma.Schema{
			"photo":  image,
			"alt":    {Type: huma.TypeString, Description: "What the photo shows, in Vietnamese"},
			"alt_en": {Type: huma.TypeString, Description: "The same in English"},
			"place":  {Type: huma.TypeString, Description: "Present when its seller agrees that the place of the photo is kept as proof of origin: latitude,longitude, or empty when the file says it"},
		},
	}}
	d.addPlain(operation{
		method: http.MethodPost, path: "/products/{product}/photos", id: "addPhoto", tag: "selling",
		vi: "Thêm ảnh cho sản phẩm", en: "Add a photo to a product",
		about:  "A JPEG, PNG, WebP or HEIC of at most 15 MB, as the body itself or as the field photo of a form. The same file again changes nothing.",
		status: http.StatusCreated, returns: Product{}, headers: []string{"ETag"}, signedIn: true,
		errors: []int{
			http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge,
			http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity,
		},
	}, []*huma.Param{productParam(), altParam()}, &huma.RequestBody{
		Required: true,
		Content: map[string]*huma.MediaType{
			"image/jpeg": picture, "image/png": picture, "image/webp": picture, "image/heic": picture, "image/heif": picture, "multipart/form-data": form,
		},
	}, d.addPhoto)
}

func productParam() *huma.Param {
	return &huma.Param{
		Name: "product", In: "path", Required: true, Description: "Id of the product",
		Schema: &huma.Schema{Type: huma.TypeString, Pattern: "^[0-9A-Za-z_-]{1,120}$"},
	}
}

func altParam() *huma.Param {
	return &huma.Param{
		Name: "alt", In: "query", Description: "What the photo shows, when the body is the photo itself",
		Schema: &huma.Schema{Type: huma.TypeString, MaxLength: new(300)},
	}
}

func (d *Door) addPhoto(c *gin.Context) error {
	by, err := signedIn(c)
	if err != nil {
		return err
	}
	draft, err := d.photoDraft(c)
	if err != nil {
		return err
	}
	p, err := d.Catalog.PutPhoto(c.Request.Context(), by, market.ID(c.Param("product")), draft)
	if err != nil {
		return err
	}
	out, err := d.changed(c.Request.Context(), p, http.StatusCreated)
	if err != nil {
		return err
	}
	c.Header("ETag", out.ETag)
	c.Data(out.Status, out.ContentType, out.Body)
	return nil
}

// photoDraft reads the photo from the body, or from a form.
func (d *Door) photoDraft(c *gin.Context) (catalog.PhotoDraft, error) {
	switch c.ContentType() {
	case "image/jpeg", "image/png", "image/webp", "image/heic", "image/heif":
		data, err := d.readPhoto(c, c.Request.Body)
		return catalog.PhotoDraft{Data: data, Alt: market.Text{VI: valid(c.Query("alt"))}}, err
	case "multipart/form-data":
		return d.formPhoto(c)
	}
	return catalog.PhotoDraft{}, d.hall.StatusProblem(c, http.StatusUnsupportedMediaType, "api.media")
}

func (d *Door) formPhoto(c *gin.Context) (catalog.PhotoDraft, error) {
	if err := c.Request.ParseMultipartForm(formMemory); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return catalog.PhotoDraft{}, market.Invalid("photo.large", "photo")
		}
		return catalog.PhotoDraft{}, d.hall.StatusProblem(c, http.StatusBadRequest, "api.multipart")
	}
	defer func() { _ = c.Request.MultipartForm.RemoveAll() }()
	file, _, err := c.Request.FormFile("photo")
	if err != nil {
		return catalog.PhotoDraft{}, market.Invalid("api.missing", "photo")
	}
	defer func() { _ = file.Close() }()
	data, err := d.readPhoto(c, file)
	draft := catalog.PhotoDraft{Data: data, Alt: market.Text{VI: valid(c.PostForm("alt")), EN: valid(c.PostForm("alt_en"))}}
	if at, given := c.GetPostForm("place"); given {
		draft.Place = consent(at)
	}
	return draft, err
}

func (d *Door) readPhoto(c *gin.Context, from io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, catalog.MaxPhotoBytes+1))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, market.Invalid("photo.large", "photo")
	}
	if err != nil {
		return nil, d.hall.StatusProblem(c, http.StatusBadRequest, "api.body_cut")
	}
	if len(data) == 0 {
		return nil, market.Invalid("api.missing", "photo")
	}
	return data, nil
}

// valid leaves text alone that is UTF-8 and takes any other for none at all,
// which the room then speaks about.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return "\u0000"
}
