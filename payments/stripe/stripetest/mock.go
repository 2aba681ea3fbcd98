// Package stripetest plays Stripe for tests. Every request first goes to the
// official stripe-mock, which knows what a legal request is but remembers
// nothing; Stripe's memory (sessions, intents, refunds, idempotency keys) is
// kept here, and its signatures are made here, independently of the library.
package stripetest

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// build makes stripe-mock once for all tests of a process.
var build = sync.OnceValues(func() (string, error) {
	cmd := exec.Command("go", "tool", "-n", "stripe-mock")
	cmd.Dir = filepath.Join("stripetest", "mock") // tests run in the folder of their package
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
})

var listening = regexp.MustCompile(`Listening for HTTP at address: (\S+)`)

// Mock starts stripe-mock on a free port of this machine and returns a way to
// it.
func Mock(t testing.TB) http.Handler {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatalf("stripe-mock: %v", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, "-http-addr", "127.0.0.1:", "-https-addr", "127.0.0.1:")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = cmd.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at := listening.FindStringSubmatch(lines.Text()); at != nil {
			go func() {
				for lines.Scan() { // keep the pipe empty
				}
			}()
			return httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: at[1]})
		}
	}
	t.Fatal("stripe-mock has not said where it listens")
	return nil
}

// peek reads a form and leaves the request as it was.
func peek(r *http.Request) map[string]string {
	if r.Body == nil {
		return nil
	}
	raw, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(raw))
	values, _ := url.ParseQuery(string(raw))
	form := map[string]string{}
	for name := range values {
		form[name] = values.Get(name)
	}
	return form
}
