package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/market"
	"chohue/store"
)

// till is a route that counts how often it is really done.
func (h *house) till(answer func(c *gin.Context, n int64)) *atomic.Int64 {
	done := &atomic.Int64{}
	h.Router().POST("/api/carts/:id/checkout", h.Idempotent(KeyWanted), func(c *gin.Context) {
		if _, err := io.ReadAll(c.Request.Body); err != nil {
			h.Fail(c, err)
			return
		}
		answer(c, done.Add(1))
	})
	return done
}

func created(c *gin.Context, n int64) {
	c.Header("Location", "/api/orders/1")
	c.JSON(http.StatusCreated, gin.H{"order": n})
}

func (b *browser) checkout(key, body string) (int, string, http.Header) {
	b.header.Del("Idempotency-Key")
	if key != "" {
		b.header.Set("Idempotency-Key", key)
	}
	w := b.do("POST", "/api/carts/C1/checkout", body)
	return w.Code, w.Body.String(), w.Header()
}

func TestARepeatedRequestGetsTheFirstAnswer(t *testing.T) {
	h := open(t, nil)
	done := h.till(created)
	b := h.browser()
	status, first, header := b.checkout("k-1", "a=1")
	if status != http.StatusCreated || header.Get("Idempotent-Replayed") != "" {
		t.Fatalf("first = %d %s", status, first)
	}
	status, second, header := b.checkout(`"k-1"`, "a=1")
	if status != http.StatusCreated || second != first || header.Get("Idempotent-Replayed") != "true" ||
		header.Get("Location") != "/api/orders/1" || !strings.HasPrefix(header.Get("Content-Type"), "application/json") {
		t.Errorf("second = %d %s %v, want %s again", status, second, header, first)
	}
	if status, _, _ = b.checkout("k-1", "a=2"); status != http.StatusUnprocessableEntity {
		t.Errorf("another body: %d", status)
	}
	if status, _, _ = b.checkout("k-2", "a=1"); status != http.StatusCreated {
		t.Errorf("another key: %d", status)
	}
	for range 2 {
		if status, _, _ = b.checkout("", "a=1"); status != http.StatusCreated {
			t.Errorf("no key: %d", status)
		}
	}
	if n := done.Load(); n != 4 {
		t.Errorf("done %d times, want 4", n)
	}
}

func TestThirtyTwoAtOnceAreDoneOnce(t *testing.T) {
	h := open(t, nil)
	release := make(chan struct{})
	done := h.till(func(c *gin.Context, n int64) {
		<-release
		created(c, n)
	})
	var (
		wait     sync.WaitGroup
		mu       sync.Mutex
		statuses = map[int]int{}
	)
	for range 32 {
		wait.Go(func() {
			status, _, header := h.browser().checkout("same", "a=1")
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
			if status == http.StatusConflict && header.Get("Retry-After") != "1" {
				t.Errorf("Retry-After = %q", header.Get("Retry-After"))
			}
			if len(statuses) == 1 && statuses[http.StatusConflict] == 31 {
				close(release)
			}
		})
	}
	wait.Wait()
	if n := done.Load(); n != 1 || statuses[http.StatusCreated] != 1 || statuses[http.StatusConflict] != 31 {
		t.Errorf("done %d times, statuses %v; want once, the others in conflict", n, statuses)
	}
	if status, body, _ := h.browser().checkout("same", "a=1"); status != http.StatusCreated || !strings.Contains(body, `"order":1`) {
		t.Errorf("afterwards: %d %s", status, body)
	}
}

func TestWhatWasRefusedOrFailedMayBeTriedAgain(t *testing.T) {
	h := open(t, nil)
	done := h.till(func(c *gin.Context, n int64) {
		switch n {
		case 1:
			c.Status(http.StatusServiceUnavailable)
		case 2:
			c.JSON(http.StatusUnprocessableEntity, gin.H{})
		case 3:
			panic("in the middle")
		default:
			created(c, n)
		}
	})
	b := h.browser()
	for i, want := range []int{503, 422, 500, 201, 201} {
		if status, _, _ := b.checkout("k", "a=1"); status != want {
			t.Errorf("try %d: %d, want %d", i, status, want)
		}
	}
	if n := done.Load(); n != 4 {
		t.Errorf("done %d times, want 4", n)
	}
}

// A form that was refused is mended and sent under the same key.
func TestARefusedRequestMayBeMended(t *testing.T) {
	h := open(t, nil)
	h.till(func(c *gin.Context, n int64) {
		if n == 1 {
			c.Status(http.StatusUnprocessableEntity)
			return
		}
		created(c, n)
	})
	b := h.browser()
	b.checkout("k", "ward=")
	if status, _, _ := b.checkout("k", "ward=19777"); status != http.StatusCreated {
		t.Errorf("mended: %d", status)
	}
}

func TestADeadHolderIsSucceeded(t *testing.T) {
	h := open(t, nil)
	done := h.till(created)
	dead := &attempt{
		Fingerprint: hash("POST", "/api/carts/C1/checkout", "a=1"), Holder: "crashed",
		Until: h.clock().Add(time.Minute), ExpiresAt: h.clock().Add(time.Hour),
	}
	dead.ID = market.ID(hash("guest /api/carts/C1/checkout", "k"))
	must(t, h.attempts.Insert(t.Context(), dead))
	b := h.browser()
	if status, _, _ := b.checkout("k", "a=1"); status != http.StatusConflict {
		t.Errorf("while it may live: %d", status)
	}
	h.pass(time.Minute)
	if status, _, _ := b.checkout("k", "a=2"); status != http.StatusUnprocessableEntity {
		t.Errorf("another body: %d", status)
	}
	if status, _, _ := b.checkout("k", "a=1"); status != http.StatusCreated {
		t.Errorf("after its time: %d", status)
	}
	if n := done.Load(); n != 1 {
		t.Errorf("done %d times, want 1", n)
	}
}

func TestKeysAreForgottenAfterADay(t *testing.T) {
	h := open(t, nil)
	done := h.till(created)
	b := h.browser()
	b.checkout("k", "a=1")
	if n, err := h.Sweep(t.Context()); err != nil || n != 0 {
		t.Errorf("swept %d, %v", n, err)
	}
	h.pass(24 * time.Hour)
	b.checkout("k", "a=2")
	h.pass(24*time.Hour + time.Millisecond)
	if n, err := h.Sweep(t.Context()); err != nil || n != 1 {
		t.Errorf("swept %d, %v; want 1", n, err)
	}
	if n := done.Load(); n != 2 {
		t.Errorf("done %d times, want 2", n)
	}
}

func TestOneKeyOfTwoPeopleIsTwoKeys(t *testing.T) {
	h := open(t, nil)
	done := h.till(created)
	for _, number := range []string{phone, "0905000002"} {
		b := h.browser()
		b.signIn(t, number)
		for range 2 {
			if status, _, _ := b.checkout("k", "a=1"); status != http.StatusCreated {
				t.Errorf("%s: %d", number, status)
			}
		}
	}
	if n := done.Load(); n != 2 {
		t.Errorf("done %d times, want 2", n)
	}
}

func TestBadKeys(t *testing.T) {
	h := open(t, nil)
	done := h.till(created)
	for _, key := range []string{`""`, strings.Repeat("k", 256), "a b", "khoá", "a\tb"} {
		if status, body, _ := h.browser().checkout(key, "a=1"); status != http.StatusBadRequest || !strings.Contains(body, "idempotency.key") {
			t.Errorf("%.20q: %d %s", key, status, body)
		}
	}
	if status, _, _ := h.browser().checkout(strings.Repeat("k", 255), "a=1"); status != http.StatusCreated {
		t.Errorf("the longest key: %d", status)
	}
	if n := done.Load(); n != 1 {
		t.Errorf("done %d times, want 1", n)
	}
}

func TestANeededKeyIsNamedWhenItIsMissing(t *testing.T) {
	h := open(t, nil)
	done := 0
	h.Router().POST("/api/payouts", h.Idempotent(KeyNeeded), func(c *gin.Context) { done++ })
	b := h.browser()
	w := b.do("POST", "/api/payouts", "a=1")
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `"field":"Idempotency-Key"`) || done != 0 {
		t.Errorf("without a key: %d %s, done %d times", w.Code, w.Body, done)
	}
	b.header.Set(KeyHeader, "k")
	if w = b.do("POST", "/api/payouts", "a=1"); w.Code != http.StatusOK || done != 1 {
		t.Errorf("with a key: %d, done %d times", w.Code, done)
	}
}

// One wish written in two ways is one wish.
func TestJSONIsComparedByWhatItSays(t *testing.T) {
	h := open(t, nil)
	done := h.till(created)
	b := h.browser()
	for body, want := range map[string]int{`{"a":1,"b":"x"}`: 201, `{ "b": "x", "a": 1 }`: 201, `{"a":1.0,"b":"x"}`: 422, `{"a":1,"b":"x"}{}`: 422} {
		if body != `{"a":1,"b":"x"}` {
			b.checkout("k", `{"a":1,"b":"x"}`)
		}
		if status, _, _ := b.checkout("k", body); status != want {
			t.Errorf("%s: %d, want %d", body, status, want)
		}
	}
	if n := done.Load(); n != 1 {
		t.Errorf("done %d times, want 1", n)
	}
}

// dying is a database that a process stops writing to when it is killed.
type dying struct {
	store.Engine
	dead atomic.Bool
}

var errKilled = errors.New("killed")

func (d *dying) Update(ctx context.Context, collection string, id market.ID, create bool, change store.Change) error {
	if d.dead.Load() {
		return errKilled
	}
	return d.Engine.Update(ctx, collection, id, create, change)
}

// TestKilledBetweenTheEffectAndItsAnswer: what was made is made under an id
// that is kept before anything is done, so the next try makes the same.
func TestKilledBetweenTheEffectAndItsAnswer(t *testing.T) {
	engine := &dying{}
	h := open(t, func(_ *Config, d *Deps) { engine.Engine, d.Engine = d.Engine, engine })
	made := map[market.ID]int{}
	h.Router().POST("/api/carts/:id/checkout", h.Idempotent(KeyNeeded), func(c *gin.Context) {
		made[OnceID(c)]++
		c.JSON(http.StatusCreated, gin.H{"order": OnceID(c)})
		engine.dead.Store(len(made) == 1 && made[OnceID(c)] == 1)
	})
	b := h.browser()
	_, first, _ := b.checkout("k", "a=1")
	engine.dead.Store(false)
	if status, body, _ := b.checkout("k", "a=1"); status != http.StatusConflict {
		t.Errorf("while it may still be under way: %d %s", status, body)
	}
	h.pass(time.Minute)
	status, second, _ := b.checkout("k", "a=1")
	if status != http.StatusCreated || second != first || len(made) != 1 {
		t.Errorf("afterwards: %d %s, want %s; made %v", status, second, first, made)
	}
	if _, third, header := b.checkout("k", "a=1"); third != first || header.Get(ReplayedHeader) != "true" {
		t.Errorf("and then: %s %v", third, header)
	}
	if b.checkout("other", "a=1"); len(made) != 2 {
		t.Errorf("another key made %v", made)
	}
}
