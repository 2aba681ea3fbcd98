package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/market"
	"chohue/store"
)

// attempt is one request that must not be done twice. Its id is made of who
// asks and the key they chose; inserting it is what lets only one do the work.
type attempt struct {
	store.Doc   `bson:",inline"`
	Fingerprint string              `bson:"fingerprint"` // of method, path and body
	Holder      string              `bson:"holder"`      // who does it now
	Until       time.Time           `bson:"until"`       // the holder is taken for dead after
	Free        bool                `bson:"free"`        // nothing came of it; the key may be used again
	Done        bool                `bson:"done"`
	Status      int                 `bson:"status"`
	Header      map[string][]string `bson:"header,omitempty"`
	Body        []byte              `bson:"body,omitempty"`
	ExpiresAt   time.Time           `bson:"expires_at"`
}

func openAttempts(ctx context.Context, e store.Engine) (*store.Collection[attempt], error) {
	return store.Open[attempt](ctx, e, store.Spec{
		Name:    "idempotency",
		Indexes: []store.Index{{Name: "expires", Fields: []string{"expires_at"}}},
	})
}

// maxKey is the longest Idempotency-Key.
const maxKey = 255

// keptHeaders are repeated with a stored answer.
var keptHeaders = []string{"Content-Type", "Location", "Etag", "Link", "Content-Language"}

// Idempotent lets a request with an Idempotency-Key happen once: repeated, it
// gets the first answer again. While the first is under way it gets 409, with
// another body 422. A request that was refused or failed did nothing and may be
// tried again under its key. Requests without a key pass.
//
// A guest is told from another by the path alone, so for guests put it only
// where the path holds a capability such as a cart's id.
func (h *Hall) Idempotent() gin.HandlerFunc {
	return func(c *gin.Context) {
		key := strings.Trim(c.GetHeader("Idempotency-Key"), `"`)
		if key == "" && c.Request.Header["Idempotency-Key"] == nil {
			return
		}
		if !goodKey(key) {
			h.fail(c, h.problem(c, http.StatusBadRequest, "idempotency.key", nil))
			return
		}
		body, err := io.ReadAll(c.Request.Body)
		if err != nil {
			h.Fail(c, err)
			return
		}
		c.Request.Body = io.NopCloser(bytes.NewReader(body))
		h.once(c, h.newAttempt(c, key, body))
	}
}

func goodKey(key string) bool {
	if key == "" || len(key) > maxKey {
		return false
	}
	return !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
}

func (h *Hall) newAttempt(c *gin.Context, key string, body []byte) *attempt {
	now := h.deps.Env.Now()
	principal := "person " + string(Actor(c).Person)
	if Actor(c).Person == "" {
		principal = "guest " + c.Request.URL.Path
	}
	return &attempt{
		Doc:         store.Doc{ID: market.ID(hash(principal, key))},
		Fingerprint: hash(c.Request.Method, c.Request.URL.RequestURI(), string(body)),
		Holder:      RequestID(c), Until: now.Add(h.cfg.IdempotencyHold), ExpiresAt: now.Add(h.cfg.IdempotencyLife),
	}
}

func hash(parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		_, _ = io.WriteString(sum, part+"\x00")
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// once does the request when it is ours to do, else answers from what is known.
func (h *Hall) once(c *gin.Context, mine *attempt) {
	held, err := h.claim(c, mine)
	switch {
	case err != nil:
		h.Fail(c, err)
	case held.Holder == mine.Holder:
		h.perform(c, mine)
	case held.Fingerprint != mine.Fingerprint:
		h.fail(c, h.problem(c, http.StatusUnprocessableEntity, "idempotency.reused", nil))
	case held.Done:
		held.replay(c)
	default:
		p := h.problem(c, http.StatusConflict, "idempotency.running", nil)
		p.Retry = time.Second
		h.fail(c, p)
	}
}

// claim returns the attempt as it stands: ours when it is new, has run out, or
// its holder is dead.
func (h *Hall) claim(ctx context.Context, mine *attempt) (*attempt, error) {
	err := h.attempts.Insert(ctx, mine)
	if err == nil {
		return mine, nil
	}
	if !store.Exists(err) {
		return nil, err
	}
	now := h.deps.Env.Now()
	return h.attempts.Upsert(ctx, mine.ID, func(a *attempt) ([]market.Event, error) {
		dead := !a.Done && !now.Before(a.Until) && a.Fingerprint == mine.Fingerprint
		if a.Rev == 0 || a.Free || dead || !now.Before(a.ExpiresAt) {
			*a = *mine
		}
		return nil, nil
	})
}

// perform runs the handler and keeps its answer before giving it, so that an
// answer that somebody has seen is the one that is repeated.
func (h *Hall) perform(c *gin.Context, mine *attempt) {
	real := c.Writer
	kept := &recorder{ResponseWriter: real, status: http.StatusOK}
	c.Writer = kept
	ended := false
	defer func() {
		c.Writer = real
		if !ended {
			h.release(c, mine)
		}
	}()
	c.Next()
	ended = true
	h.settle(c, mine, kept)
	real.WriteHeader(kept.status)
	_, _ = real.Write(kept.body.Bytes())
}

func (h *Hall) settle(c *gin.Context, mine *attempt, kept *recorder) {
	if kept.status >= http.StatusBadRequest {
		h.release(c, mine)
		return
	}
	ctx := context.WithoutCancel(c.Request.Context())
	_, err := h.attempts.Update(ctx, mine.ID, func(a *attempt) ([]market.Event, error) {
		if a.Holder == mine.Holder {
			a.Done, a.Status, a.Header, a.Body = true, kept.status, kept.headers(), kept.body.Bytes()
		}
		return nil, nil
	})
	if err != nil {
		h.deps.Log.ErrorContext(c, "answer not kept", "request", RequestID(c), "error", err)
	}
}

// release lets the key be used again.
func (h *Hall) release(c *gin.Context, mine *attempt) {
	ctx := context.WithoutCancel(c.Request.Context())
	_, err := h.attempts.Update(ctx, mine.ID, func(a *attempt) ([]market.Event, error) {
		if a.Holder == mine.Holder {
			a.Free = true
		}
		return nil, nil
	})
	if err != nil {
		h.deps.Log.ErrorContext(c, "key not released", "request", RequestID(c), "error", err)
	}
}

func (a *attempt) replay(c *gin.Context) {
	maps.Copy(c.Writer.Header(), a.Header)
	c.Writer.Header().Set("Idempotent-Replayed", "true")
	c.Writer.WriteHeader(a.Status)
	_, _ = c.Writer.Write(a.Body)
	c.Abort()
}

// Sweep forgets attempts that have run out and returns how many.
func (h *Hall) Sweep(ctx context.Context) (int, error) {
	n := 0
	q := store.Query{Index: "expires", To: h.deps.Env.Now()}
	err := h.attempts.Each(ctx, q, func(a *attempt) error {
		n++
		return h.attempts.Delete(ctx, a.ID)
	})
	return n, err
}

// recorder takes an answer without giving it.
type recorder struct {
	gin.ResponseWriter
	status int
	begun  bool
	body   bytes.Buffer
}

func (r *recorder) headers() map[string][]string {
	kept := map[string][]string{}
	for _, name := range keptHeaders {
		if values := r.Header()[name]; len(values) > 0 {
			kept[name] = values
		}
	}
	return kept
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if !r.begun && status > 0 { // gin says -1 for "as it is"
		r.status = status
	}
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	r.begun = true
	return r.body.Write(b)
}

// WriteString implements io.StringWriter.
func (r *recorder) WriteString(s string) (int, error) {
	r.begun = true
	return r.body.WriteString(s)
}

// WriteHeaderNow implements gin.ResponseWriter.
func (r *recorder) WriteHeaderNow() { r.begun = true }

// Status implements gin.ResponseWriter.
func (r *recorder) Status() int { return r.status }

// Size implements gin.ResponseWriter.
func (r *recorder) Size() int { return r.body.Len() }

// Written implements gin.ResponseWriter.
func (r *recorder) Written() bool { return r.begun }

// Flush implements http.Flusher; the answer goes out whole.
func (r *recorder) Flush() {}
