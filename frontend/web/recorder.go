package web

import (
	"bytes"

	"github.com/gin-gonic/gin"
)

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
