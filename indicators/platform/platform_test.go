package platform_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"chohue/indicators"
	"chohue/indicators/platform"
	"chohue/market"
	"chohue/store/memory"
)

// server is an SSH server with SFTP on a real port of this machine.
type server struct {
	addr string
	host ssh.Signer
	dir  string
}

func signer(t *testing.T) ssh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func serve(t *testing.T, allowed ssh.PublicKey) server {
	t.Helper()
	s := server{host: signer(t), dir: t.TempDir()}
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(allowed.Marshal()) {
			return nil, errors.New("unknown key")
		}
		return nil, nil
	}}
	config.AddHostKey(s.host)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s.addr = l.Addr().String()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.talk(conn, config)
		}
	}()
	return s
}

func (s server) talk(conn net.Conn, config *ssh.ServerConfig) {
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		channel, asked, err := offered.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range asked {
				_ = r.Reply(r.Type == "subsystem" && string(r.Payload[4:]) == "sftp", nil)
			}
		}()
		fs, err := sftp.NewServer(channel, sftp.WithServerWorkingDirectory(s.dir))
		if err != nil {
			return
		}
		go func() { _ = fs.Serve(); _ = channel.Close() }()
	}
}

var files = []indicators.Sent{{Name: "data.csv", Body: []byte("a,b\r\n")}, {Name: "manifest.json", Body: []byte("{}")}}

func TestSFTP(t *testing.T) {
	key := signer(t)
	s := serve(t, key.PublicKey())
	to := platform.SFTP{Addr: s.addr, User: "chohue", Key: key, Host: s.host.PublicKey(), Folder: "in"}
	for range 2 { // again does no harm
		receipt, err := to.Send(t.Context(), "2026-10.r1", files)
		if err != nil || !strings.Contains(receipt, "2 files 7 bytes") {
			t.Fatalf("receipt %q, %v", receipt, err)
		}
	}
	got, err := os.ReadDir(filepath.Join(s.dir, "in", "2026-10.r1"))
	if err != nil || len(got) != 2 {
		t.Errorf("there are %v, %v", got, err)
	}
	stranger := to
	stranger.Key = signer(t)
	if _, err := stranger.Send(t.Context(), "x", files); err == nil {
		t.Error("a key that the server does not know")
	}
	elsewhere := to
	elsewhere.Host = signer(t).PublicKey()
	if _, err := elsewhere.Send(t.Context(), "x", files); err == nil {
		t.Error("a server that is not the platform")
	}
}

func TestHTTPS(t *testing.T) {
	got, failing := map[string]string{}, true
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t" || failing {
			http.Error(w, "no", http.StatusServiceUnavailable)
			return
		}
		body, _ := io.ReadAll(r.Body)
		got[r.URL.Path] = string(body)
		_, _ = io.WriteString(w, "receipt 7\n")
	}))
	defer s.Close()
	to := platform.HTTPS{URL: s.URL, Token: "t", Client: s.Client()}
	if _, err := to.Send(t.Context(), "2026-10.r1", files); err == nil {
		t.Error("a platform that is down")
	}
	failing = false
	receipt, err := to.Send(t.Context(), "2026-10.r1", files)
	if err != nil || receipt != "receipt 7" || got["/2026-10.r1/manifest.json"] != "{}" || len(got) != 2 {
		t.Errorf("receipt %q, %v, got %v", receipt, err, got)
	}
}

// flaky fails some times before it sends.
type flaky struct {
	indicators.Sender
	fails int
}

func (f *flaky) Send(ctx context.Context, folder string, files []indicators.Sent) (string, error) {
	if f.fails > 0 {
		f.fails--
		return "", errors.New("the platform is down")
	}
	return f.Sender.Send(ctx, folder, files)
}

// TestPushTriesAgainAndIsSigned sends an empty month's release to a real SFTP
// server that is down twice, and checks what arrived as the platform would.
func TestPushTriesAgainAndIsSigned(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	env := market.NewEnv(func() time.Time { return now })
	e := memory.New()
	s, err := indicators.New(t.Context(), e, env)
	if err != nil {
		t.Fatal(err)
	}
	official := func(id string) market.Actor {
		return market.Actor{Person: market.ID(id), Roles: []market.Role{market.RoleOfficial}}
	}
	r, err := s.Draft(t.Context(), official("a"), "2026-10", "", now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Check(t.Context(), official("a"), r.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Approve(t.Context(), official("b"), r.ID); err != nil {
		t.Fatal(err)
	}
	key := signer(t)
	there := serve(t, key.PublicKey())
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	to := &flaky{platform.SFTP{Addr: there.addr, User: "chohue", Key: key, Host: there.host.PublicKey(), Folder: "in"}, 2}
	p := indicators.NewPusher(s, to, "sftp://here/in", private)
	for i, want := range []int{0, 0, 1, 0} {
		if got, err := p.Push(t.Context()); err != nil || got != want {
			t.Errorf("round %d: %d, %v", i, got, err)
		}
		if got, err := p.Push(t.Context()); err != nil || got != 0 {
			t.Errorf("round %d again at once: %d, %v", i, got, err)
		}
		now = now.Add(10 * time.Minute)
	}
	d := delivery(t, s)
	if d.ID != r.ID || d.Tries != 3 || d.SentAt == nil || d.Receipt == "" || d.Error != "" || len(d.Log) != 3 || d.Log[0].Error == "" || d.Log[2].Receipt != d.Receipt {
		t.Errorf("delivery %+v", d)
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(there.dir, "in", string(r.ID), name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	signature, err := base64.StdEncoding.DecodeString(string(read("manifest.json.sig")))
	if err != nil || !ed25519.Verify(public, read("manifest.json"), signature) {
		t.Errorf("signature: %v", err)
	}
	if sum := sha256.Sum256(read("manifest.json")); d.Manifest != hex.EncodeToString(sum[:]) {
		t.Errorf("the receipt is for manifest %s", d.Manifest)
	}
	if _, err := s.SendAgain(t.Context(), official("a"), r.ID); err != nil {
		t.Fatal(err)
	}
	if got, err := p.Push(t.Context()); err != nil || got != 1 {
		t.Errorf("asked to send again: %d, %v", got, err)
	}
	if d := delivery(t, s); d.Tries != 4 || d.AskedBy != "a" || d.SentAt == nil {
		t.Errorf("sent again: %+v", d)
	}
	if _, err := s.SendAgain(t.Context(), official("a"), "2020-01.r1"); market.KindOf(err) != market.KindNotFound {
		t.Errorf("a release that was never sent: %v", err)
	}
	if _, err := s.SendAgain(t.Context(), market.Actor{Person: "b", Roles: []market.Role{market.RoleBuyer}}, r.ID); market.KindOf(err) != market.KindForbidden {
		t.Errorf("a buyer: %v", err)
	}
}

func delivery(t *testing.T, s *indicators.Service) *indicators.Delivery {
	t.Helper()
	all, err := s.Deliveries(t.Context(), market.Actor{Person: "a", Roles: []market.Role{market.RoleOfficial}})
	if err != nil || len(all) != 1 {
		t.Fatalf("%d deliveries, %v", len(all), err)
	}
	return all[0]
}
