package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"
)

func page(text string, err error) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, _ = io.WriteString(w, text)
		return err
	})
}

func TestNoHalfPages(t *testing.T) {
	h := open(t, nil)
	h.Router().GET("/half", h.Handle(func(c *gin.Context) error {
		return Render(c, http.StatusOK, page("<h1>half", errors.New("the rest is missing")))
	}))
	w := h.browser().do("GET", "/half", "")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "half") {
		t.Errorf("answer = %d %s", w.Code, w.Body)
	}
}

func TestAFormIsShownAgain(t *testing.T) {
	h := open(t, nil)
	h.Router().POST("/form", h.Handle(func(c *gin.Context) error {
		return Render(c, http.StatusUnprocessableEntity, page("<form>", nil))
	}))
	w := h.browser().do("POST", "/form", "")
	if w.Code != 422 || w.Body.String() != "<form>" || w.Header().Get("Content-Type") != "text/html; charset=utf-8" ||
		w.Header().Get("Content-Length") != "6" || w.Header().Get("Content-Language") != "vi" {
		t.Errorf("answer = %d %s %v", w.Code, w.Body, w.Header())
	}
}

func TestPublicPagesAreSentOnce(t *testing.T) {
	h := open(t, nil)
	text := "<h1>Mè xửng</h1>"
	Get(h.Router(), "/page", h.Handle(func(c *gin.Context) error { return RenderPublic(c, page(text, nil)) }))
	b := h.browser()
	w := b.do("GET", "/page", "")
	tag := w.Header().Get("ETag")
	if w.Code != http.StatusOK || tag == "" || w.Body.String() != text || w.Header().Get("Vary") == "" {
		t.Fatalf("answer = %d %s %v", w.Code, w.Body, w.Header())
	}
	for _, header := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		b.header.Set("If-None-Match", header)
		if w := b.do("GET", "/page", ""); w.Code != http.StatusNotModified || w.Body.Len() != 0 || w.Header().Get("ETag") != tag {
			t.Errorf("%s: %d %s", header, w.Code, w.Body)
		}
	}
	text = "<h1>Mè xửng giòn</h1>"
	b.header.Set("If-None-Match", tag)
	if w := b.do("GET", "/page", ""); w.Code != http.StatusOK || w.Header().Get("ETag") == tag {
		t.Errorf("changed page: %d %s", w.Code, w.Header().Get("ETag"))
	}
}
