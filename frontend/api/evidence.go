package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/web"
	"chohue/market"
)

// CertificateThen is a recognition as it stood and what it is worth now.
type CertificateThen struct {
	Product     market.ID   `json:"product"`
	ProductName Text        `json:"product_name"`
	SellerName  Text        `json:"seller_name"`
	Then        Certificate `json:"then" doc:"As it stood in the version that was asked for"`
	Standing    string      `json:"standing" enum:"coming,active,expired,revoked,superseded" doc:"What it is worth now"`
	Until       *time.Time  `json:"until,omitempty" doc:"When it ends, or ended"`
}

// Evidence is the signed decision behind a recognition.
type Evidence struct {
	SHA256 string     `json:"sha256"`
	Type   string     `json:"type" enum:"application/pdf,image/jpeg"`
	Size   int64      `json:"size"`
	Name   string     `json:"name"`
	By     string     `json:"by"`
	At     *time.Time `json:"at"`
}

const evidencePath = "/products/{product}/certificates/{certificate}/evidence"

func (d *Door) addEvidence() {
	file := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	path := []*huma.Param{pathParam("product", 120, "Id of the product"), pathParam("certificate", 80, "Id of the recognition")}
	d.addPlain(operation{
		method: http.MethodPut, path: evidencePath, id: "putEvidence", tag: "certificates",
		vi: "Nộp bản quét quyết định", en: "Hand in the signed decision behind a recognition",
		about:   "A PDF or JPEG of at most 10 MB as the body; by those who check, or by the seller while nobody has checked it. The same file again changes nothing.",
		returns: Evidence{}, signedIn: true,
		errors: []int{http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
	}, append(path, queryParam("name", "What the file is called", false)),
		&huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/pdf": file, "image/jpeg": file}}, d.putEvidence)
	d.addPlain(operation{
		method: http.MethodGet, path: evidencePath, id: "getEvidence", tag: "certificates",
		vi: "Mở bản quét quyết định", en: "The signed decision, for the seller and those who check",
		returns: []byte(nil), media: "application/pdf", signedIn: true, errors: []int{http.StatusConflict},
	}, path, nil, d.getEvidence)
	add(d, operation{
		method: http.MethodGet, path: "/certificates/{certificate}", id: "getCertificate", tag: "certificates",
		vi: "Giấy công nhận như khi bán và hiện nay", en: "A recognition as it once stood and what it is worth now",
		about:   "A public decision. version is what a sold line names; left out, today's.",
		returns: CertificateThen{}, headers: []string{"ETag"},
	}, d.certificateThen)
}

func (d *Door) putEvidence(c *gin.Context) error {
	by, err := signedIn(c)
	if err != nil {
		return err
	}
	if m := c.ContentType(); m != "application/pdf" && m != "image/jpeg" {
		return d.hall.StatusProblem(c, http.StatusUnsupportedMediaType, "api.media")
	}
	data, err := d.readFile(c, catalog.MaxEvidenceBytes)
	if err != nil {
		return err
	}
	certificate := market.ID(c.Param("certificate"))
	p, err := d.Catalog.AttachEvidence(c.Request.Context(), by, market.ID(c.Param("product")), certificate, valid(c.Query("name")), data)
	if err != nil {
		return err
	}
	for _, one := range p.Certificates {
		if e := one.Evidence; one.ID == certificate && e != nil {
			return sendJSON(c, http.StatusOK, Evidence{SHA256: e.SHA256, Type: e.Type, Size: e.Size, Name: e.Name, By: e.By, At: utc(e.At)})
		}
	}
	return market.NotFound("evidence.missing")
}

func (d *Door) getEvidence(c *gin.Context) error {
	by, err := signedIn(c)
	if err != nil {
		return err
	}
	f, err := d.Catalog.CertificateEvidence(c.Request.Context(), by, market.ID(c.Param("product")), market.ID(c.Param("certificate")))
	if err != nil {
		return err
	}
	sendFile(c, f.SHA256[:16], f.Type, f.Data)
	return nil
}

func (d *Door) certificateThen(ctx context.Context, in *struct {
	Certificate string `path:"certificate" pattern:"^[0-9A-Za-z_-]{1,80}$" doc:"Id of the recognition"`
	Version     string `query:"version" maxLength:"64" pattern:"^[0-9a-f]*$" doc:"As a sold line names it"`
	Conditional
},
) (*answer, error) {
	found, err := d.Catalog.CertificateByID(ctx, web.Actor(ctx), market.ID(in.Certificate), in.Version)
	if err != nil {
		return nil, err
	}
	return show(CertificateThen{
		Product: found.Then.Product, ProductName: text(found.Then.ProductName), SellerName: text(found.Then.SellerName),
		Then: certificate(found.Then.Certificate), Standing: string(found.Standing.State), Until: utc(found.Standing.Until),
	})
}
