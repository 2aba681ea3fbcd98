package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxKept is the largest buffer that goes back to the pool.
const maxKept = 1 << 20

// Render answers with a page. It is drawn whole before anything is sent, so an
// error while drawing is an error page and never half a page. Use status 422
// to show a form again with what is wrong in it.
func Render(c *gin.Context, status int, page templ.Component) error {
	return draw(c, page, func(body []byte) { send(c, status, body) })
}

// RenderPublic is Render for pages that can be kept by browsers: it names the
// page by an ETag and answers 304 to those who have it.
func RenderPublic(c *gin.Context, page templ.Component) error {
	return draw(c, page, func(body []byte) {
		tag := etag(body)
		c.Header("ETag", tag)
		c.Writer.Header()["Vary"] = []string{"Cookie, Accept-Language"}
		if matches(c.GetHeader("If-None-Match"), tag) {
			c.Status(http.StatusNotModified)
			c.Writer.WriteHeaderNow()
			return
		}
		send(c, http.StatusOK, body)
	})
}

func draw(c *gin.Context, page templ.Component, answer func([]byte)) error {
	b, _ := buffers.Get().(*bytes.Buffer)
	b.Reset()
	defer func() {
		if b.Cap() <= maxKept {
			buffers.Put(b)
		}
	}()
	if err := page.Render(c.Request.Context(), b); err != nil {
		return err
	}
	answer(b.Bytes())
	return nil
}

func send(c *gin.Context, status int, body []byte) {
	header := c.Writer.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", Lang(c))
	header.Set("Content-Length", strconv.Itoa(len(body)))
	c.Writer.WriteHeader(status)
	_, _ = c.Writer.Write(body)
}

func etag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// matches reads If-None-Match, which compares weakly (RFC 9110, 13.1.2).
func matches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == tag || one == "*" {
			return true
		}
	}
	return false
}
