package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gin-gonic/gin"
)

// counter is a page that a form is sent to, which counts and leads on.
func (h *house) counter(before func()) *atomic.Int64 {
	done := &atomic.Int64{}
	h.Router().POST("/gui", h.OnceForm, func(c *gin.Context) {
		before()
		if c.PostForm("amount") == "" {
			c.String(http.StatusUnprocessableEntity, "amount?")
			return
		}
		done.Add(1)
		c.Redirect(http.StatusSeeOther, "/xong?"+c.PostForm("amount"))
	})
	return done
}

func (b *browser) form(values url.Values) *httptest.ResponseRecorder {
	b.header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do("POST", "/gui", values.Encode())
}

func TestAFormSentTwiceHappensOnce(t *testing.T) {
	h := open(t, nil)
	done := h.counter(func() {})
	b := h.browser()
	filled := url.Values{FormKey: {NewFormKey()}, "amount": {"5"}}
	for range 3 {
		if w := b.form(filled); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/xong?5" {
			t.Errorf("sent: %d %v", w.Code, w.Header())
		}
	}
	filled.Set("amount", "6")
	if w := b.form(filled); w.Code != http.StatusConflict {
		t.Errorf("the spent key with another amount: %d", w.Code)
	}
	if n := done.Load(); n != 1 {
		t.Errorf("done %d times, want 1", n)
	}
	filled.Set(FormKey, NewFormKey())
	if w := b.form(filled); w.Code != http.StatusSeeOther || done.Load() != 2 {
		t.Errorf("drawn anew: %d, done %d times", w.Code, done.Load())
	}
	filled.Set(FormKey, "not a key")
	if w := b.form(filled); w.Code != http.StatusBadRequest || done.Load() != 2 {
		t.Errorf("damaged: %d, done %d times", w.Code, done.Load())
	}
	filled.Del(FormKey)
	if w := b.form(filled); w.Code != http.StatusSeeOther || done.Load() != 3 {
		t.Errorf("a form without a key: %d, done %d times", w.Code, done.Load())
	}
}

// A form that was refused is mended and sent with the key it has.
func TestARefusedFormMayBeMended(t *testing.T) {
	h := open(t, nil)
	done := h.counter(func() {})
	b := h.browser()
	filled := url.Values{FormKey: {NewFormKey()}}
	if w := b.form(filled); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without an amount: %d", w.Code)
	}
	filled.Set("amount", "5")
	if w := b.form(filled); w.Code != http.StatusSeeOther || done.Load() != 1 {
		t.Errorf("mended: %d, done %d times", w.Code, done.Load())
	}
}

// TestAnImpatientFinger: the second sending waits for the first and leads where
// that led.
func TestAnImpatientFinger(t *testing.T) {
	h := open(t, nil)
	release, begun := make(chan struct{}), make(chan struct{})
	done := h.counter(func() { close(begun); <-release })
	filled := url.Values{FormKey: {NewFormKey()}, "amount": {"5"}}
	var wait sync.WaitGroup
	send := func() {
		wait.Go(func() {
			if w := h.browser().form(filled); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/xong?5" {
				t.Errorf("sent: %d %v", w.Code, w.Header())
			}
		})
	}
	send()
	<-begun
	for range 7 {
		send()
	}
	close(release)
	wait.Wait()
	if n := done.Load(); n != 1 {
		t.Errorf("done %d times, want 1", n)
	}
}
