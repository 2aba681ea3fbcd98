package pages

import (
	"net/http"
	"regexp"
	"strconv"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/market"
)

// photoName is the only form of file name that is looked up: a content hash,
// a width and a format.
var photoName = regexp.MustCompile(`^([0-9a-f]{16,64})-([0-9]{2,4})\.(jpg|webp)$`)

// photo serves a product's photo. The name holds a hash of the content, so
// whoever has it may keep it for good.
func (p *Pages) photo(c *gin.Context) error {
	part := photoName.FindStringSubmatch(c.Param("key"))
	if part == nil {
		return market.NotFound("photo.missing")
	}
	format := catalog.PhotoFormat(part[3])
	tag := `"` + part[0] + `"`
	if c.GetHeader("If-None-Match") == tag {
		c.Status(http.StatusNotModified)
		return nil
	}
	width, err := strconv.Atoi(part[2])
	if err != nil {
		return market.NotFound("photo.missing")
	}
	data, err := p.Files.Get(c.Request.Context(), catalog.PhotoKey(part[1], width, format))
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	c.Header("ETag", tag)
	c.Data(http.StatusOK, format.MediaType(), data)
	return nil
}
