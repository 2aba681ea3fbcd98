package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/market"
)

// FormKey names the hidden field that a form's one-time key comes in.
const FormKey = "once"

// NewFormKey makes the key of a form that is being drawn.
func NewFormKey() string { return market.NewSecret() }

// How a form that is sent twice waits for its first sending, which a browser
// has given up hearing from.
const (
	formPatience = 10 * time.Second
	formLook     = 40 * time.Millisecond
)

// OnceForm is Idempotent for forms: a form that was drawn with a one-time key
// happens once. Sent again by an impatient finger or by reloading, it leads
// where the first sending led, after waiting for it. With other values the key
// is spent, and the page says so. Forms without a key pass.
func (h *Hall) OnceForm(c *gin.Context) {
	if c.Request.Method != http.MethodPost {
		return
	}
	key := c.PostForm(FormKey)
	if key == "" {
		return
	}
	if !goodKey(key) {
		h.fail(c, h.problem(c, http.StatusBadRequest, "form.key", nil))
		return
	}
	mine := h.newAttempt(c, "form "+key, formValues(c.Request))
	held, err := h.claimPatiently(c, mine)
	if err == nil && held.Holder != mine.Holder && held.Fingerprint != mine.Fingerprint {
		h.fail(c, h.problem(c, http.StatusConflict, "form.spent", nil))
		return
	}
	h.answerOnce(c, mine, held, err)
}

// claimPatiently waits for a first sending that is still under way.
func (h *Hall) claimPatiently(ctx context.Context, mine *attempt) (*attempt, error) {
	look := time.NewTicker(formLook)
	defer look.Stop()
	until := time.After(formPatience)
	for {
		held, err := h.claim(ctx, mine)
		if err != nil || held.Done || held.Holder == mine.Holder || held.Fingerprint != mine.Fingerprint {
			return held, err
		}
		select {
		case <-look.C:
		case <-until:
			return held, nil
		case <-ctx.Done():
			return held, ctx.Err()
		}
	}
}

// formValues is what a form says, files by their names and sizes, but for its
// key.
func formValues(r *http.Request) string {
	all := []string{}
	for name, values := range r.PostForm {
		if name != FormKey {
			all = append(all, name+"="+strings.Join(values, "\x00"))
		}
	}
	if r.MultipartForm != nil {
		for name, files := range r.MultipartForm.File {
			for _, f := range files {
				all = append(all, name+"@"+f.Filename+" "+strconv.FormatInt(f.Size, 10))
			}
		}
	}
	slices.SortFunc(all, cmp.Compare[string])
	return strings.Join(all, "\x01")
}
