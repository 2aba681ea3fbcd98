package platform

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"chohue/indicators"
)

// HTTPS puts files below an address. Each is put under its own name, so sending
// again replaces it by the same.
type HTTPS struct {
	URL    string // without a slash at the end
	Token  string // of the bearer
	Client *http.Client
}

var _ indicators.Sender = HTTPS{}

// longestReceipt is how much of the platform's answer is kept.
const longestReceipt = 2000

// Send implements indicators.Sender. The receipt is what the platform answers
// to the manifest, which goes last.
func (h HTTPS) Send(ctx context.Context, folder string, files []indicators.Sent) (string, error) {
	receipt := ""
	for _, f := range files {
		var err error
		if receipt, err = h.put(ctx, folder, f); err != nil {
			return "", fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return receipt, nil
}

func (h HTTPS) put(ctx context.Context, folder string, f indicators.Sent) (string, error) {
	to := h.URL + "/" + url.PathEscape(folder) + "/" + url.PathEscape(f.Name)
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, to, bytes.NewReader(f.Body))
	if err != nil {
		return "", err
	}
	if h.Token != "" {
		r.Header.Set("Authorization", "Bearer "+h.Token)
	}
	answer, err := h.Client.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(answer.Body, longestReceipt))
	if err != nil {
		return "", err
	}
	if answer.StatusCode/100 != 2 {
		return "", fmt.Errorf("the platform answered %s", answer.Status)
	}
	return strings.TrimSpace(string(said)), nil
}
