// Package carrierwire is what the carriers' adapters share: asking over HTTP,
// with errors that say what may be done next; tables of codes; secrets;
// Vietnamese phones, amounts and times; statements as CSV.
package carrierwire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"chohue/market"
	"chohue/payments"
)

const (
	largestAnswer = 1 << 20
	largestLabel  = 8 << 20
)

// Desk is a carrier's address and how to show that it is us.
type Desk struct {
	Base   string
	Client *http.Client
}

// NewDesk makes a desk whose client follows no redirect: a carrier's API has no
// reason to send us elsewhere.
func NewDesk(base string, client *http.Client) Desk {
	c := *client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return Desk{Base: strings.TrimSuffix(base, "/"), Client: &c}
}

// Call is one question.
type Call struct {
	Method, Path string
	Query        url.Values
	Header       http.Header
	Body         any // sent as JSON; nil for none
}

// Unreachable means that nobody knows what the carrier did.
func Unreachable() *market.Error { return market.Unavailable("carrier.unreachable") }

// Refused is a carrier's no, with its own words.
func Refused(words string) *market.Error {
	return market.Conflict("carrier.refused").With("words", Cut(words))
}

// Missing means that the carrier knows no such parcel.
func Missing() *market.Error { return market.NotFound("carrier.parcel_missing") }

// Forged is the answer to a notice that is not the carrier's.
func Forged() *market.Error { return market.Forbidden("carrier.notice_forged") }

// Damaged is the answer to a notice that cannot be read.
func Damaged() *market.Error { return market.Invalid("carrier.notice_form", "") }

// JSON asks and reads the answer, whatever its status, into out; the status is
// returned. Silence, a server's failure and an answer that cannot be read are
// unreachable: the outcome is not known.
func (d Desk) JSON(ctx context.Context, call Call, out any) (int, error) {
	status, _, body, err := d.ask(ctx, call, largestAnswer)
	if err != nil {
		return status, err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return status, errors.Join(Unreachable(), err)
	}
	return status, nil
}

// PDF asks for a document.
func (d Desk) PDF(ctx context.Context, call Call) ([]byte, error) {
	status, kind, body, err := d.ask(ctx, call, largestLabel)
	if err != nil {
		return nil, err
	}
	if status == http.StatusNotFound {
		return nil, Missing()
	}
	if status != http.StatusOK || !strings.HasPrefix(kind, "application/pdf") || !bytes.HasPrefix(body, []byte("%PDF")) {
		return nil, Unreachable()
	}
	return body, nil
}

func (d Desk) ask(ctx context.Context, call Call, most int64) (status int, kind string, body []byte, err error) {
	req, err := d.request(ctx, call)
	if err != nil {
		return 0, "", nil, err
	}
	answer, err := d.Client.Do(req)
	if err != nil {
		return 0, "", nil, Unreachable() // the cause may hold the address, and that a secret
	}
	defer func() { _ = answer.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(answer.Body, most+1))
	switch s := answer.StatusCode; {
	case err != nil, int64(len(body)) > most, s >= 500, s == http.StatusTooManyRequests, s >= 300 && s < 400:
		return s, "", nil, Unreachable()
	case s == http.StatusUnauthorized, s == http.StatusForbidden:
		return s, "", nil, market.Unavailable("carrier.not_us")
	}
	return answer.StatusCode, answer.Header.Get("Content-Type"), body, nil
}

func (d Desk) request(ctx context.Context, call Call) (*http.Request, error) {
	var body io.Reader
	if call.Body != nil {
		raw, err := json.Marshal(call.Body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(raw)
	}
	address := d.Base + call.Path
	if len(call.Query) > 0 {
		address += "?" + call.Query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, call.Method, address, body)
	if err != nil {
		return nil, err
	}
	for name, values := range call.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	req.Header.Set("Accept", "application/json, application/pdf")
	if call.Body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// SecretParam is where an address that a carrier calls holds its secret.
const SecretParam = "key"

// FromUs reports whether the address that was called holds the secret that we
// gave the carrier. No secret set means that nobody may call.
func FromUs(raw payments.Raw, secret string) bool {
	q, err := url.ParseQuery(raw.Query)
	return err == nil && Same(q.Get(SecretParam), secret)
}

// Same compares in a time that tells neither what nor how long the secret is.
func Same(got, secret string) bool {
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(secret))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && secret != ""
}

// Plain answers a notice by its status alone, which is all that most carriers
// look at: what we may hear again is not fine, what we know or refuse for good
// is.
func Plain(err error) payments.Reply {
	status := http.StatusOK
	switch market.KindOf(err) {
	case market.KindForbidden:
		status = http.StatusForbidden
	case market.KindInvalid:
		status = http.StatusBadRequest
	case market.KindUnavailable, market.KindInternal:
		status = http.StatusServiceUnavailable
	}
	if err == nil {
		status = http.StatusOK
	}
	return payments.Reply{Status: status, ContentType: "application/json", Body: []byte(`{"success":` + yes(status == http.StatusOK) + `}`)}
}

func yes(ok bool) string {
	if ok {
		return "true"
	}
	return "false"
}

// Cut shortens what a carrier says to what is kept of it.
func Cut(s string) string {
	const most = 300
	r := []rune(strings.TrimSpace(s))
	return string(r[:min(len(r), most)])
}
