package api

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"chohue/frontend/web"
)

// adapter puts huma's operations on gin, each behind what its kind needs: a
// pace of its own, its body read whole, and once-only for an Idempotency-Key.
type adapter struct {
	http.Handler
	door  *Door
	group *gin.RouterGroup
}

func (d *Door) adapter() huma.Adapter {
	router := d.hall.Router()
	return &adapter{Handler: router, door: d, group: router.Group(Prefix)}
}

// Handle implements huma.Adapter. Whoever may GET may HEAD.
func (a *adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	a.handle(op, func(c *gin.Context) { handler(humagin.NewContext(op, c)) })
}

func (a *adapter) handle(op *huma.Operation, last gin.HandlerFunc) {
	chain := append(a.door.before(op), last)
	path := strings.NewReplacer("{", ":", "}", "").Replace(op.Path)
	a.group.Handle(op.Method, path, chain...)
	if op.Method == http.MethodGet {
		a.group.Handle(http.MethodHead, path, chain...)
	}
}

func (d *Door) before(op *huma.Operation) []gin.HandlerFunc {
	about := settingsOf(op)
	var chain []gin.HandlerFunc
	if about.pace != "" {
		chain = append(chain, d.hall.Limit(about.pace))
	}
	if about.limit > 0 {
		chain = append(chain, d.readBody(about.limit))
	}
	switch about.once {
	case onceNeeded:
		chain = append(chain, d.hall.Idempotent(web.KeyNeeded))
	case onceForAll:
		chain = append(chain, d.hall.Idempotent(web.KeyWanted))
	case onceForPeople:
		chain = append(chain, people(d.hall.Idempotent(web.KeyWanted)))
	}
	return chain
}

// people lets guests pass: nothing tells one guest's key from another's where
// the path names nothing secret.
func people(then gin.HandlerFunc) gin.HandlerFunc {
	return func(c *gin.Context) {
		if web.Actor(c).Person != "" {
			then(c)
		}
	}
}

// readBody reads the body before anybody interprets it, so that one too long
// or cut off is an answer and not an accident.
func (d *Door) readBody(limit int64) gin.HandlerFunc {
	return func(c *gin.Context) {
		if c.Request.Body == nil {
			return
		}
		body, err := io.ReadAll(io.LimitReader(c.Request.Body, limit+1))
		var large *http.MaxBytesError
		switch {
		case errors.As(err, &large) || int64(len(body)) > limit:
			d.refuse(c, http.StatusRequestEntityTooLarge, "api.too_large")
		case err != nil:
			d.refuse(c, http.StatusBadRequest, "api.body_cut")
		default:
			c.Request.Body = io.NopCloser(bytes.NewReader(body))
		}
	}
}

func (d *Door) refuse(c *gin.Context, status int, key string) {
	d.hall.Fail(c, d.hall.StatusProblem(c, status, key))
}
