package api

import (
	"errors"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"chohue/frontend/web"
	"chohue/market"
	"chohue/payments"
)

func (d *Door) addNotices() error {
	provider := []*huma.Param{{
		Name: "provider", In: "path", Required: true, Description: "Name of the payment provider",
		Schema: &huma.Schema{Type: huma.TypeString},
	}}
	anything := &huma.RequestBody{Content: map[string]*huma.MediaType{
		"*/*": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}
	d.addPlain(noticeOperation(http.MethodPost, "notice"), provider, anything, d.notice)
	d.addPlain(noticeOperation(http.MethodGet, "noticeByGet"), provider, nil, d.notice)
	return nil
}

func noticeOperation(method, id string) operation {
	return operation{
		method: method, path: "/payments/{provider}/notices", id: id, tag: "payments",
		vi: "Thông báo của nơi thanh toán", en: "Hear a notice of a payment provider",
		about: "Kept as it came, verified by the provider's signature, recorded once. " +
			"The answer is what that provider wants to hear, in its own form.",
		returns: "", media: "*/*",
		errors: []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}
}

// notice hands the callback to the payments room byte for byte and the room's
// answer back the same way.
func (d *Door) notice(c *gin.Context) error {
	// One byte more than the room takes, so that it sees that there was more.
	body, err := io.ReadAll(io.LimitReader(c.Request.Body, payments.MaxNotice+1))
	var large *http.MaxBytesError
	if err != nil && !errors.As(err, &large) {
		return d.hall.StatusProblem(c, http.StatusBadRequest, "api.body_cut")
	}
	reply, err := d.Payments.Notice(c.Request.Context(), c.Param("provider"), payments.Raw{
		Body: body, Header: c.Request.Header, Query: c.Request.URL.RawQuery,
	})
	if err != nil {
		if len(reply.Body) == 0 && reply.Status == http.StatusNotFound {
			return market.NotFound("payments.provider")
		}
		d.cfg.Log.WarnContext(c, "payment notice", "request", web.RequestID(c), "provider", c.Param("provider"), "error", err)
	}
	c.Data(reply.Status, reply.ContentType, reply.Body)
	return nil
}
