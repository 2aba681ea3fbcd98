package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/cespare/xxhash/v2"
)

// answer is what every operation gives: a body that is encoded already, so
// that what was encoded before can be given again.
type answer struct {
	Status       int
	ContentType  string `header:"Content-Type" hidden:"true"`
	ETag         string `header:"ETag" hidden:"true"`
	CacheControl string `header:"Cache-Control" hidden:"true"`
	Link         string `header:"Link" hidden:"true"`
	Location     string `header:"Location" hidden:"true"`
	Disposition  string `header:"Content-Disposition" hidden:"true"`
	Body         []byte
}

const mediaJSON = "application/json"

// encode writes v as JSON. It keeps <, > and & as they are: nothing here is
// ever read as HTML.
func encode(v any) ([]byte, error) {
	b, _ := buffers.Get().(*bytes.Buffer)
	b.Reset()
	defer buffers.Put(b)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.Clone(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// show answers with v under an ETag of its content.
func show(v any) (*answer, error) {
	body, err := encode(v)
	if err != nil {
		return nil, err
	}
	return shown(body), nil
}

func shown(body []byte) *answer {
	return &answer{Status: http.StatusOK, ContentType: mediaJSON, ETag: etag("", body), Body: body}
}

// etag names a content by its hash, behind what the caller wants to read back.
func etag(prefix string, body []byte) string {
	return `"` + prefix + strconv.FormatUint(xxhash.Sum64(body), 36) + `"`
}

// did answers to a change with what there is now.
func did(status int, v any) (*answer, error) {
	body, err := encode(v)
	if err != nil {
		return nil, err
	}
	return &answer{Status: status, ContentType: mediaJSON, Body: body}, nil
}

func nothing() *answer { return &answer{Status: http.StatusNoContent} }

// conditional is an input that says which content its sender has.
type conditional interface{ known() string }

// Conditional is the part of an input that makes it conditional.
type Conditional struct {
	IfNoneMatch string `header:"If-None-Match" doc:"ETags that the client has; one that is still good is answered by 304 without a body." maxLength:"4096"`
}

func (i *Conditional) known() string { return i.IfNoneMatch }

// unlessKnown leaves the body out when the client has it. If-None-Match
// compares weakly (RFC 9110, 13.1.2).
func (a *answer) unlessKnown(tags string) *answer {
	if tags == "" || a.ETag == "" || a.Status != http.StatusOK {
		return a
	}
	for one := range strings.SplitSeq(tags, ",") {
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == a.ETag || one == "*" {
			return &answer{Status: http.StatusNotModified, ETag: a.ETag, CacheControl: a.CacheControl, Link: a.Link}
		}
	}
	return a
}
