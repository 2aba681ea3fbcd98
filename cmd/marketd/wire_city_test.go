package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chohue/market"
)

// cityPlatform takes files over HTTPS and fails at first.
type cityPlatform struct {
	sync.Mutex
	*httptest.Server
	files map[string][]byte
	down  bool
}

func newCityPlatform(t *testing.T) *cityPlatform {
	p := &cityPlatform{files: map[string][]byte{}, down: true}
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.Lock()
		defer p.Unlock()
		body, err := io.ReadAll(r.Body)
		if p.down || err != nil || r.Header.Get("Authorization") != "Bearer token" {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		p.files[strings.TrimPrefix(r.URL.Path, "/ocop/")] = body
		_, _ = io.WriteString(w, "BN-77")
	}))
	t.Cleanup(p.Close)
	return p
}

// TestCityHearsOfReleases: by settings alone a published release goes to the
// city's platform, is tried again after it was down, and can be checked there
// with the key that the keeper prints; receipts are told, and it can be sent
// again.
func TestCityHearsOfReleases(t *testing.T) {
	there, c := newCityPlatform(t), testConfig(t)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: there.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	c.City, c.CityCA, c.CityToken = there.URL+"/ocop", ca, "token"
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	out := outdoors()
	out.env = market.NewEnv(func() time.Time { return now })
	h, err := open(t.Context(), c, out)
	if err != nil {
		t.Fatal(err)
	}
	official := func(name string) market.Actor {
		return market.Actor{Person: market.ID(name), Roles: []market.Role{market.RoleOfficial}}
	}
	r, err := h.indicators.Draft(t.Context(), official("a"), "2026-10", "", now)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.indicators.Check(t.Context(), official("a"), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.indicators.Approve(t.Context(), official("b"), r.ID); err != nil {
		t.Fatal(err)
	}
	chores := h.cityChores()
	if len(chores) != 1 {
		t.Fatalf("%d chores", len(chores))
	}
	round := func(what string, want int) {
		t.Helper()
		if got, err := chores[0].do(t.Context()); err != nil || got != want {
			t.Errorf("%s: sent %d, %v; want %d", what, got, err, want)
		}
	}
	round("the platform is down", 0)
	there.down = false
	round("its time has not come", 0)
	now = now.Add(3 * time.Minute)
	round("up again", 1)
	round("acknowledged", 0)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	tell := func(args ...string) string {
		t.Helper()
		var said bytes.Buffer
		if err := tellFigures(t.Context(), c, &said, args); err != nil {
			t.Errorf("%v: %v", args, err)
		}
		return said.String()
	}
	if said := tell("receipts"); !strings.Contains(said, "2026-10.r1 to "+there.URL+"/ocop, 2 tries, BN-77 manifest ") {
		t.Errorf("receipts %q", said)
	}
	public, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(strings.TrimSpace(tell("key")), "ed25519 "))
	if err != nil {
		t.Fatal(err)
	}
	signature, err := base64.StdEncoding.DecodeString(string(there.files["2026-10.r1/manifest.json.sig"]))
	if err != nil || !ed25519.Verify(public, there.files["2026-10.r1/manifest.json"], signature) {
		t.Errorf("the signature does not fit the printed key, %v", err)
	}
	clear(there.files)
	if said := tell("again", "2026-10.r1"); !strings.Contains(said, "1 releases were acknowledged") || len(there.files) != 10 {
		t.Errorf("again: %q, %d files", said, len(there.files))
	}
	if said := tell("prove", "2026-10.r1"); !strings.Contains(said, "all the same") {
		t.Errorf("prove: %q", said)
	}
	c.City = "sftp://chohue@127.0.0.1/in"
	if err := tellFigures(t.Context(), c, io.Discard, []string{"receipts"}); err == nil || !strings.Contains(err.Error(), "MARKET_CITY") {
		t.Errorf("SFTP without keys: %v", err)
	}
	if err := tellFigures(t.Context(), c, io.Discard, []string{"nothing"}); err == nil {
		t.Error("an unknown chore")
	}
}
