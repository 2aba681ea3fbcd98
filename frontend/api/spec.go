package api

import (
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

// document is the OpenAPI description, written once.
type document struct{ json, yaml []byte }

// publish serves the description of all that was added before.
func (d *Door) publish() error {
	spec := d.api.OpenAPI()
	dropEmptyAnswers(spec)
	var err error
	if d.spec.json, err = json.Marshal(spec); err != nil {
		return err
	}
	if d.spec.yaml, err = spec.YAML(); err != nil {
		return err
	}
	d.serve("/openapi.json", "application/openapi+json", d.spec.json)
	d.serve("/openapi.yaml", "application/openapi+yaml", d.spec.yaml)
	return nil
}

func (d *Door) serve(path, media string, body []byte) {
	full := &answer{Status: http.StatusOK, ContentType: media, ETag: etag("", body), Body: body}
	do := func(c *gin.Context) {
		a := full.unlessKnown(c.GetHeader("If-None-Match"))
		c.Header("ETag", a.ETag)
		c.Data(a.Status, a.ContentType, a.Body)
	}
	router := d.hall.Router().Group(Prefix)
	router.GET(path, do)
	router.HEAD(path, do)
}

// dropEmptyAnswers takes the body that huma supposes from answers without one.
func dropEmptyAnswers(spec *huma.OpenAPI) {
	for _, item := range spec.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Delete} {
			if op != nil && op.Responses["204"] != nil {
				op.Responses["204"].Content = nil
			}
		}
	}
}
