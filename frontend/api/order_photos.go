package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
)

// KeptPhoto names a photo that was kept as evidence.
type KeptPhoto struct {
	Photo string `json:"photo" doc:"What a return, or a word of a complaint, names it by"`
}

var photoBody = []string{"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"}

// addOrderPhotos mounts the photos of returns, complaints and handovers. They
// are redrawn without what the camera wrote into them, and seen by those alone
// whom the matter concerns.
func (d *Door) addOrderPhotos() error {
	order, complaint, parcel := pathParam("order", 64, "Id of the order"), pathParam("complaint", 64, "Id of the complaint"), pathParam("parcel", 64, "Id of the parcel")
	photo, key := pathParam("photo", 32, "Name of the photo"), queryParam("key", "The order's key, for guests", false)
	d.addPlain(takesPhoto("aftercare", "/orders/{order}/evidence", "addOrderPhoto", "Gửi ảnh làm bằng chứng cho đơn", "Keep a photo for the returns of an order", KeptPhoto{}), []*huma.Param{order, key}, photoContent(), d.addOrderPhoto)
	d.addPlain(takesPhoto("aftercare", "/complaints/{complaint}/evidence", "addComplaintPhoto", "Gửi ảnh làm bằng chứng cho khiếu nại", "Keep a photo for a word of a complaint", KeptPhoto{}), []*huma.Param{complaint, key}, photoContent(), d.addComplaintPhoto)
	proof := takesPhoto("selling", "/orders/{order}/parcels/{parcel}/proofs", "proveParcel", "Gửi ảnh bàn giao kiện hàng", "Show the handover of a parcel; its buyer and whoever decides a dispute see it", Order{})
	proof.signedIn, proof.about = true, proof.about+" From packing until the order is closed; at most six for a parcel."
	d.addPlain(proof, []*huma.Param{order, parcel}, photoContent(), d.proveParcel)
	d.addPlain(givesPhoto("/orders/{order}/evidence/{photo}", "getOrderPhoto", "Xem ảnh bằng chứng của đơn", "A photo of a return or of a parcel's handover"), []*huma.Param{order, photo, key}, nil, d.orderPhoto)
	d.addPlain(givesPhoto("/complaints/{complaint}/evidence/{photo}", "getComplaintPhoto", "Xem ảnh bằng chứng của khiếu nại", "A photo of a complaint"), []*huma.Param{complaint, photo, key}, nil, d.complaintPhoto)
	return nil
}

func photoContent() *huma.RequestBody {
	content := map[string]*huma.MediaType{}
	for _, media := range photoBody {
		content[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	return &huma.RequestBody{Required: true, Content: content}
}

func takesPhoto(tag, path, id, vi, en string, returns any) operation {
	return operation{
		method: http.MethodPost, path: path, id: id, tag: tag, vi: vi, en: en, status: http.StatusCreated, returns: returns,
		about: "A JPEG, PNG, WebP or HEIC of at most 15 MB as the body. The same file again is the same photo.",
		errors: []int{
			http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity,
		},
	}
}

func givesPhoto(path, id, vi, en string) operation {
	return operation{
		method: http.MethodGet, path: path, id: id, tag: "aftercare", vi: vi, en: en, returns: []byte(nil), media: "image/jpeg", errors: []int{http.StatusNotFound},
	}
}

// photoOf is the photo that a request is made of.
func (d *Door) photoOf(c *gin.Context) ([]byte, error) {
	for _, media := range photoBody {
		if c.ContentType() == media {
			return d.readPhoto(c, c.Request.Body)
		}
	}
	return nil, d.hall.StatusProblem(c, http.StatusUnsupportedMediaType, "api.media")
}

func (d *Door) addOrderPhoto(c *gin.Context) error {
	data, err := d.photoOf(c)
	if err != nil {
		return err
	}
	kept, err := d.Orders.AddEvidence(c.Request.Context(), web.Actor(c), market.ID(c.Param("order")), c.Query("key"), data)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, KeptPhoto{kept})
}

func (d *Door) addComplaintPhoto(c *gin.Context) error {
	data, err := d.photoOf(c)
	if err != nil {
		return err
	}
	kept, err := d.Orders.AddComplaintEvidence(c.Request.Context(), web.Actor(c), market.ID(c.Param("complaint")), c.Query("key"), data)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, KeptPhoto{kept})
}

func (d *Door) proveParcel(c *gin.Context) error {
	by, err := signedIn(c)
	if err != nil {
		return err
	}
	data, err := d.photoOf(c)
	if err != nil {
		return err
	}
	var o *orders.Order
	if o, err = d.Orders.ProveHandover(c.Request.Context(), by, market.ID(c.Param("order")), market.ID(c.Param("parcel")), data); err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, order(by, o))
}

func (d *Door) orderPhoto(c *gin.Context) error {
	data, err := d.Orders.Evidence(c.Request.Context(), web.Actor(c), market.ID(c.Param("order")), c.Query("key"), c.Param("photo"))
	return sendPhoto(c, data, err)
}

func (d *Door) complaintPhoto(c *gin.Context) error {
	data, err := d.Orders.ComplaintEvidence(c.Request.Context(), web.Actor(c), market.ID(c.Param("complaint")), c.Query("key"), c.Param("photo"))
	return sendPhoto(c, data, err)
}

func sendPhoto(c *gin.Context, data []byte, err error) error {
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.Data(http.StatusOK, "image/jpeg", data)
	return nil
}
