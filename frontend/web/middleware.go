package web

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/cooperatives"
	"chohue/frontend/locale"
	"chohue/market"
)

var memberRoles = map[cooperatives.MemberRole]market.Role{
	cooperatives.MemberManager: market.RoleManager,
	cooperatives.MemberFarmer:  market.RoleFarmer,
}

// recover turns a panic into a 500. When the answer has begun the connection
// is cut, so that nobody takes half an answer for a whole one.
func (h *Hall) recover(c *gin.Context) {
	defer func() {
		found := recover()
		if found == nil {
			return
		}
		if found == http.ErrAbortHandler {
			panic(found)
		}
		h.deps.Log.ErrorContext(c, "panic", "request", RequestID(c), "route", c.FullPath(),
			"panic", fmt.Sprint(found), "stack", string(debug.Stack()))
		if c.Writer.Written() {
			panic(http.ErrAbortHandler)
		}
		h.fail(c, h.problem(c, http.StatusInternalServerError, "web.internal", market.Args{"id": RequestID(c)}))
	}()
	c.Next()
}

// securityHeaders are the same for every answer. Scripts, styles and fonts
// come from here alone and never stand in the page; nobody may frame us.
func securityHeaders(cfg Config) http.Header {
	h := http.Header{}
	h.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'self'", "img-src 'self' data: blob:", "media-src 'self' blob:",
		"frame-src " + sources(cfg.FrameSources), "form-action " + sources(cfg.FormTargets),
		"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'",
	}, "; "))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()")
	h.Set("Cache-Control", "private, no-cache")
	if cfg.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	return h
}

func sources(origins []string) string {
	return strings.Join(append([]string{"'self'"}, origins...), " ")
}

func (h *Hall) secure(c *gin.Context) {
	header := c.Writer.Header()
	for name, values := range h.headers {
		header[name] = values[:1:1]
	}
}

const (
	langCookie = "lang"
	langLife   = 365 * 24 * time.Hour
)

// language chooses what to speak: what the address asks for, then what was
// asked for before, then what the browser prefers, then Vietnamese.
func (h *Hall) language(c *gin.Context) {
	v := of(c)
	kept, _ := c.Request.Cookie(langCookie)
	if wish := c.Request.URL.RawQuery; strings.Contains(wish, "lang=") {
		if wish = c.Query("lang"); wish == locale.VI || wish == locale.EN {
			v.lang = wish
			h.keepLanguage(c, kept, wish)
			return
		}
	}
	if kept != nil && (kept.Value == locale.VI || kept.Value == locale.EN) {
		v.lang = kept.Value
		return
	}
	v.lang = preferred(c.GetHeader("Accept-Language"))
}

func (h *Hall) keepLanguage(c *gin.Context, kept *http.Cookie, lang string) {
	if h.quiet(c) || (kept != nil && kept.Value == lang) {
		return
	}
	http.SetCookie(c.Writer, &http.Cookie{
		Name: langCookie, Value: lang, Path: "/", MaxAge: int(langLife / time.Second),
		HttpOnly: true, Secure: h.cfg.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// sameOrigin refuses unsafe requests that another site made a browser send.
func (h *Hall) sameOrigin(c *gin.Context) {
	if err := h.origin.Check(c.Request); err != nil {
		h.fail(c, h.problem(c, http.StatusForbidden, "web.cross_origin", nil))
	}
}

// limitBody refuses a body that says it is too long and cuts one that is.
func (h *Hall) limitBody(c *gin.Context) {
	if c.Request.Body == nil || c.Request.Body == http.NoBody {
		return
	}
	limit := h.cfg.MaxBody
	if strings.HasPrefix(c.ContentType(), "multipart/") {
		limit = h.cfg.MaxUpload
	}
	if c.Request.ContentLength > limit {
		h.Fail(c, &http.MaxBytesError{Limit: limit})
		return
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, limit)
}
