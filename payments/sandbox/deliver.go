package sandbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// Resend sends every notice that is due, also those that a crash has left, and
// returns how many payments it tried. A worker calls it every few seconds.
func (w *Wallet) Resend(ctx context.Context) (int, error) {
	due := store.Query{Index: "due", To: w.env.Now().Add(time.Millisecond)}
	page, err := w.sessions.Find(ctx, due)
	if err != nil {
		return 0, err
	}
	for _, s := range page.Items {
		w.deliver(ctx, s.ID)
	}
	return len(page.Items), ctx.Err()
}

// deliver sends the notices of one payment in order and stops at the first
// that is not acknowledged; Resend goes on from there.
func (w *Wallet) deliver(ctx context.Context, id market.ID) {
	s, err := w.sessions.Get(ctx, id)
	if err != nil {
		return
	}
	for _, n := range s.Outbox {
		err := w.post(ctx, s.NoticeURL, n)
		_, failed := w.sessions.Update(ctx, id, func(s *session) ([]market.Event, error) {
			if err != nil {
				s.unsent(w.env.Now())
			} else {
				s.sent(n)
			}
			return nil, nil
		})
		if err != nil || failed != nil {
			return
		}
	}
}

func (w *Wallet) post(ctx context.Context, address string, n notice) error {
	f := w.broken()
	if f.Drop {
		return nil
	}
	err := w.postOnce(ctx, address, n)
	if f.Duplicate {
		err = errors.Join(err, w.postOnce(ctx, address, n))
	}
	return err
}

var errUnheard = errors.New("the merchant did not acknowledge the notice")

func (w *Wallet) postOnce(ctx context.Context, address string, n notice) error {
	body := mustJSON(n)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(SignatureHeader, signBody(w.c.Secret, forNotice, body, w.env.Now()))
	res, err := w.c.Client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, payments.MaxNotice))
	if res.StatusCode/100 != 2 {
		return errUnheard
	}
	return nil
}
