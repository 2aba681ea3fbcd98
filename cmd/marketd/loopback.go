package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"chohue/market"
	"chohue/payments"
	"chohue/payments/sandbox"
)

// loopback carries what the market and the sandbox wallet say to each other
// while no server listens: the same signed messages, without a socket.
type loopback struct{ house *house }

// RoundTrip implements http.RoundTripper.
func (l *loopback) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	raw := payments.Raw{Body: body, Header: r.Header, Query: r.URL.RawQuery}
	reply := payments.Reply{Status: http.StatusNotFound}
	switch {
	case strings.HasSuffix(r.URL.Path, "/notices"):
		reply, _ = l.house.payments.Notice(r.Context(), sandbox.Name, raw) // the reply tells the wallet
	case strings.HasSuffix(r.URL.Path, "/api/query"):
		reply = l.house.wallet.Query(r.Context(), raw)
	case strings.HasSuffix(r.URL.Path, "/api/refund"):
		reply = l.house.wallet.Refund(r.Context(), raw)
	}
	return &http.Response{
		StatusCode: reply.Status, Request: r, ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {reply.ContentType}}, Body: io.NopCloser(bytes.NewReader(reply.Body)),
	}, nil
}

// payInWallet plays the payer of an order at the sandbox wallet.
func (h *house) payInWallet(ctx context.Context, payment market.ID) error {
	intent, err := h.payments.Intent(ctx, payment)
	if err != nil {
		return err
	}
	page, err := url.Parse(intent.Step.URL)
	if err != nil {
		return err
	}
	view, err := h.wallet.Open(ctx, page.RawQuery)
	if err != nil {
		return err
	}
	_, err = h.wallet.Decide(ctx, view.ID, true)
	return err
}
