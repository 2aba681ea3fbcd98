package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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
	Made        market.ID           `bson:"made"`        // what the request makes gets this id, however often it is begun
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

// Need says whether a request must have a key.
type Need bool

// The needs.
const (
	KeyWanted Need = false
	KeyNeeded Need = true // for orders and money
)

// KeyHeader names the header that a program's key comes in.
const KeyHeader = "Idempotency-Key"

// ReplayedHeader names the header that says that an answer was given before.
const ReplayedHeader = "Idempotent-Replayed"

// KeysKept is how long keys are remembered.
func (h *Hall) KeysKept() time.Duration { return h.cfg.IdempotencyLife }

// Idempotent lets a request with an Idempotency-Key happen once: repeated, it
// gets the first answer again. While the first is under way it gets 409, with
// another body 422. A request that was refused or failed did nothing and may be
// tried again under its key. Requests without a key pass, unless it is needed.
//
// The key is claimed before anything is done. When the process dies between
// what the request did and its answer, the next try under the key does it again
// once the claim has run out: [OnceID] is the same then, so that what it makes
// is the same too, and what it moves is there already.
//
// A guest is told from another by the path alone. That is enough where the path
// or the body holds a capability such as a cart's id or an order's key: an
// answer is repeated only to the very same request.
func (h *Hall) Idempotent(need Need) gin.HandlerFunc {
	return func(c *gin.Context) {
		key := strings.Trim(c.GetHeader(KeyHeader), `"`)
		if key == "" && c.Request.Header[KeyHeader] == nil {
			if need {
				h.failKey(c, "idempotency.missing")
			}
			return
		}
		if !goodKey(key) {
			h.failKey(c, "idempotency.key")
			return
		}
		body, err := io.ReadAll(c.Request.Body)
		if err != nil {
			h.Fail(c, err)
			return
		}
		c.Request.Body = io.NopCloser(bytes.NewReader(body))
		mine := h.newAttempt(c, key, canonical(body))
		held, err := h.claim(c, mine)
		h.answerOnce(c, mine, held, err)
	}
}

func (h *Hall) failKey(c *gin.Context, key string) {
	p := h.problem(c, http.StatusBadRequest, key, nil)
	p.Errors = []FieldError{NewFieldError(KeyHeader, p.Detail)}
	h.fail(c, p)
}

// canonical is the body as two clients with the same wish would both write it:
// JSON without spaces, its names in order. What is no JSON stays as it is.
func canonical(body []byte) string {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil || d.More() {
		return string(body)
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return string(body)
	}
	return string(plain)
}

// OnceID is the id for what the request makes: the same whenever the request is
// repeated under its key. It is empty for a request without one.
func OnceID(ctx context.Context) market.ID { return of(ctx).made }

func goodKey(key string) bool {
	if key == "" || len(key) > maxKey {
		return false
	}
	return !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
}

func (h *Hall) newAttempt(c *gin.Context, key, body string) *attempt {
	now := h.deps.Env.Now()
	principal := "person " + string(Actor(c).Person)
	if Actor(c).Person == "" {
		principal = "guest " + c.Request.URL.Path
	}
	return &attempt{
		Doc:         store.Doc{ID: market.ID(hash(principal, key))},
		Fingerprint: hash(c.Request.Method, c.Request.URL.RequestURI(), body),
		Made:        h.deps.Env.NewID(),
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

// answerOnce does the request when it is ours to do, else answers from what is
// known.
func (h *Hall) answerOnce(c *gin.Context, mine, held *attempt, err error) {
	switch {
	case err != nil:
		h.Fail(c, err)
	case held.Holder == mine.Holder:
		of(c).made = held.Made
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
// its holder is dead. What the same request has begun to make before keeps its
// id.
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
			made := mine.Made
			if a.Made != "" && a.Fingerprint == mine.Fingerprint {
				made = a.Made
			}
			*a = *mine
			a.Made = made
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
	c.Writer.Header().Set(ReplayedHeader, "true")
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
