package api

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/market"
)

// tusVersion is the version of the protocol for uploads in parts that is
// spoken here (https://tus.io/protocols/resumable-upload).
const tusVersion = "1.0.0"

const mediaPart = "application/offset+octet-stream"

// Upload is a photo on its way.
type Upload struct {
	ID        string    `json:"id" doc:"Made by the client"`
	Product   string    `json:"product,omitempty" doc:"Where the photo goes, or has gone"`
	Length    int64     `json:"length" doc:"Bytes of the whole file"`
	Offset    int64     `json:"offset" doc:"Bytes that have arrived: where to go on"`
	Done      bool      `json:"done" doc:"The photo is with its product."`
	ExpiresAt time.Time `json:"expires_at"`
}

func (d *Door) addUploads() error {
	headers := []string{"Upload-Offset", "Upload-Length", "Upload-Expires", "Tus-Resumable"}
	op := func(method, path, id, vi, en, about string, status int, returns any) operation {
		return operation{
			method: method, path: path, id: id, tag: "selling", vi: vi, en: en, about: about, status: status, returns: returns,
			headers: headers, signedIn: true, errors: []int{http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity},
		}
	}
	begin := op(http.MethodPost, "/uploads", "beginUpload", "Bắt đầu gửi ảnh theo từng phần", "Begin to send a photo in parts",
		"tus 1.0. Upload-Metadata holds id (made by the client: the same id again is the same upload) and, if wanted, product (where the photo goes by itself; without it a form takes it), alt, alt_en and place (present when its seller agrees that the place is kept as proof of origin; its value is latitude,longitude, or empty when the file says it).",
		http.StatusCreated, Upload{})
	begin.headers = append([]string{"Location"}, headers...)
	begin.errors = append(begin.errors, http.StatusNotFound)
	d.addPlain(begin, []*huma.Param{headerParam("Upload-Length", "Bytes of the whole file", true), headerParam("Upload-Metadata", "Names and base64 values, by comma", true)}, nil, d.tus(d.beginUpload))
	d.addPlain(op(http.MethodGet, "/uploads/{upload}", "upload", "Ảnh đã gửi tới đâu", "How far an upload has got", "HEAD gives the headers alone, as tus asks for.", http.StatusOK, Upload{}),
		[]*huma.Param{uploadParam()}, nil, d.tus(d.upload))
	part := op(http.MethodPatch, "/uploads/{upload}", "appendUpload", "Gửi phần tiếp theo của ảnh", "Send the next part of a photo",
		"At most 1 MiB. A part that does not begin at the offset is a conflict, and the answer's Upload-Offset says where to go on. Of a part cut off, what arrived counts. The last part of an upload with a product puts the photo to it, or says why the file is no photo.",
		http.StatusNoContent, nil)
	part.errors = append(part.errors, http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusRequestEntityTooLarge)
	d.addPlain(part, []*huma.Param{uploadParam(), headerParam("Upload-Offset", "Where this part begins", true)},
		&huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{mediaPart: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}, d.tus(d.appendUpload))
	d.addPlain(op(http.MethodDelete, "/uploads/{upload}", "cancelUpload", "Thôi gửi ảnh", "Forget an upload", "", http.StatusNoContent, nil),
		[]*huma.Param{uploadParam()}, nil, d.tus(d.cancelUpload))
	return nil
}

func uploadParam() *huma.Param {
	return &huma.Param{
		Name: "upload", In: "path", Required: true, Description: "Id of the upload, as its client made it",
		Schema: &huma.Schema{Type: huma.TypeString, Pattern: "^[0-9A-Za-z_-]{1,64}$"},
	}
}

func headerParam(name, about string, required bool) *huma.Param {
	return &huma.Param{Name: name, In: "header", Description: about, Required: required, Schema: &huma.Schema{Type: huma.TypeString, MaxLength: new(4096)}}
}

// tus checks the version that a client speaks and says ours.
func (d *Door) tus(do func(*gin.Context, market.Actor) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		c.Header("Tus-Resumable", tusVersion)
		c.Header("Cache-Control", "no-store")
		if asked := c.GetHeader("Tus-Resumable"); asked != "" && asked != tusVersion {
			c.Header("Tus-Version", tusVersion)
			return d.hall.StatusProblem(c, http.StatusPreconditionFailed, "upload.version")
		}
		by, err := signedIn(c)
		if err != nil {
			return err
		}
		return do(c, by)
	}
}

func (d *Door) beginUpload(c *gin.Context, by market.Actor) error {
	length, err := strconv.ParseInt(c.GetHeader("Upload-Length"), 10, 64)
	if err != nil {
		return market.Invalid("upload.length", "length")
	}
	said, err := metadata(c.GetHeader("Upload-Metadata"))
	if err != nil {
		return err
	}
	draft := catalog.UploadDraft{
		ID: market.ID(said["id"]), Product: market.ID(said["product"]), Length: length,
		Alt: market.Text{VI: valid(said["alt"]), EN: valid(said["alt_en"])},
	}
	if at, given := said["place"]; given {
		draft.Place = consent(at)
	}
	u, err := d.Catalog.BeginUpload(c.Request.Context(), by, draft)
	if err != nil {
		return err
	}
	c.Header("Location", Prefix+"/uploads/"+string(u.Key))
	return d.progress(c, http.StatusCreated, u)
}

// metadata reads names with values in base64.
func metadata(header string) (map[string]string, error) {
	out := map[string]string{}
	for pair := range strings.SplitSeq(header, ",") {
		name, coded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		value, err := base64.StdEncoding.DecodeString(strings.TrimSpace(coded))
		if err != nil {
			return nil, market.Invalid("upload.metadata", "metadata")
		}
		out[name] = string(value)
	}
	return out, nil
}

// consent reads "latitude,longitude"; anything else leaves it to the file.
func consent(at string) catalog.PlaceConsent {
	lat, lng, _ := strings.Cut(at, ",")
	north, errLat := strconv.ParseFloat(lat, 64)
	east, errLng := strconv.ParseFloat(lng, 64)
	if errLat != nil || errLng != nil {
		return catalog.PlaceConsent{Given: true}
	}
	return catalog.PlaceConsent{Given: true, At: catalog.Position{Lat: north, Lng: east}}
}

func (d *Door) upload(c *gin.Context, by market.Actor) error {
	u, err := d.Catalog.Upload(c.Request.Context(), by, market.ID(c.Param("upload")))
	if err != nil {
		return err
	}
	return d.progress(c, http.StatusOK, u)
}

func (d *Door) appendUpload(c *gin.Context, by market.Actor) error {
	if c.ContentType() != mediaPart {
		return d.hall.StatusProblem(c, http.StatusUnsupportedMediaType, "api.media")
	}
	offset, err := strconv.ParseInt(c.GetHeader("Upload-Offset"), 10, 64)
	if err != nil {
		return market.Invalid("upload.offset_missing", "offset")
	}
	data, torn := io.ReadAll(io.LimitReader(c.Request.Body, catalog.MaxUploadPart+1))
	var large *http.MaxBytesError
	if errors.As(torn, &large) {
		return torn
	}
	key := market.ID(c.Param("upload"))
	u, err := d.Catalog.AppendUpload(c.Request.Context(), by, key, offset, data)
	if err != nil {
		if e, ok := errors.AsType[*market.Error](err); ok && e.Key == "upload.offset" {
			c.Header("Upload-Offset", strconv.FormatInt(e.Args["at"].(int64), 10))
		}
		return err
	}
	if torn != nil {
		return d.hall.StatusProblem(c, http.StatusBadRequest, "api.body_cut")
	}
	return d.progress(c, http.StatusNoContent, u)
}

func (d *Door) cancelUpload(c *gin.Context, by market.Actor) error {
	if err := d.Catalog.CancelUpload(c.Request.Context(), by, market.ID(c.Param("upload"))); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// progress says how far the upload is, in headers for tus and as JSON.
func (d *Door) progress(c *gin.Context, status int, u *catalog.Upload) error {
	c.Header("Upload-Offset", strconv.FormatInt(u.Offset, 10))
	c.Header("Upload-Length", strconv.FormatInt(u.Length, 10))
	c.Header("Upload-Expires", u.ExpiresAt.UTC().Format(http.TimeFormat))
	if status == http.StatusNoContent {
		c.Status(status)
		return nil
	}
	body, err := encode(Upload{
		ID: string(u.Key), Product: string(u.Product), Length: u.Length, Offset: u.Offset, Done: u.Done, ExpiresAt: u.ExpiresAt,
	})
	if err != nil {
		return err
	}
	c.Data(status, mediaJSON, body)
	return nil
}
