package web

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"chohue/accounts"
	"chohue/frontend/locale"
	"chohue/market"
)

// visitor is what the hall knows of one request. It lives in the request's
// context, so pages (which hold a *gin.Context) and operations (which hold the
// request's context) read it by the same functions.
type visitor struct {
	hall    *Hall
	id      string
	lang    string
	ip      string
	actor   market.Actor
	session *sessions.Session // nil until there is a cookie or a value
	request *http.Request
	writer  http.ResponseWriter
	made    market.ID // see OnceID
}

type visitorKey struct{}

func of(ctx context.Context) *visitor {
	if v, ok := ctx.Value(visitorKey{}).(*visitor); ok {
		return v
	}
	return &visitor{lang: locale.VI}
}

// enter starts the visit.
func (h *Hall) enter(c *gin.Context) *visitor {
	v := &visitor{hall: h, id: string(h.deps.Env.NewID()), lang: locale.VI, ip: c.ClientIP(), writer: c.Writer}
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), visitorKey{}, v))
	v.request = c.Request
	return v
}

// Actor returns who is asking; the zero Actor for guests.
func Actor(ctx context.Context) market.Actor { return of(ctx).actor }

// Lang returns the language to answer in: "vi" or "en".
func Lang(ctx context.Context) string { return of(ctx).lang }

// RequestID returns the name of this request in logs.
func RequestID(ctx context.Context) string { return of(ctx).id }

// Device returns what the request comes from.
func Device(ctx context.Context) accounts.Device {
	v := of(ctx)
	if v.request == nil {
		return accounts.Device{}
	}
	return accounts.Device{UserAgent: v.request.UserAgent(), IP: v.ip}
}

// T returns the function that says things in the visitor's language.
func T(ctx context.Context) func(key string, pairs ...any) string {
	v := of(ctx)
	if v.hall == nil {
		return func(key string, _ ...any) string { return key }
	}
	return v.hall.deps.Words.Say(v.lang)
}
