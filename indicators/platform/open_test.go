package platform_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"chohue/indicators/platform"
)

// keyFile writes a private key as ssh-keygen does and returns its public half.
func keyFile(t *testing.T) (path string, public ssh.PublicKey) {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "market")
	if err != nil {
		t.Fatal(err)
	}
	if public, err = ssh.NewPublicKey(pub); err != nil {
		t.Fatal(err)
	}
	return kept(t, "key", pem.EncodeToMemory(block)), public
}

func kept(t *testing.T, name string, body []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOpenSFTP sends by settings alone, as the environment says them.
func TestOpenSFTP(t *testing.T) {
	path, public := keyFile(t)
	there := serve(t, public)
	pinned := string(ssh.MarshalAuthorizedKey(there.host.PublicKey()))
	s := platform.Settings{URL: "sftp://chohue@" + there.addr + "/in/ocop", Host: pinned, Key: path}
	to, where, err := platform.Open(s)
	if err != nil || where != "sftp://"+there.addr+"/in/ocop" {
		t.Fatalf("%q, %v", where, err)
	}
	if _, err := to.Send(t.Context(), "2026-10.r1", files); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(there.dir, "in", "ocop", "2026-10.r1", "data.csv")); err != nil || string(got) != "a,b\r\n" {
		t.Errorf("%q, %v", got, err)
	}
	for what, bad := range map[string]platform.Settings{
		"no host key":  {URL: s.URL, Key: path},
		"no key":       {URL: s.URL, Host: pinned},
		"no user":      {URL: "sftp://" + there.addr + "/in", Host: pinned, Key: path},
		"a password":   {URL: "sftp://chohue:secret@" + there.addr + "/in", Host: pinned, Key: path},
		"no address":   {URL: "://", Host: pinned, Key: path},
		"plain HTTP":   {URL: "http://city.example/in", Token: "t"},
		"no identity":  {URL: "https://city.example/in"},
		"no such cert": {URL: "https://city.example/in", Cert: "none", Key: path},
		"no CA":        {URL: "https://city.example/in", Token: "t", CA: path},
	} {
		if _, _, err := platform.Open(bad); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestOpenHTTPS: the platform asks for our certificate, we for its; a token
// may go along; nobody is sent elsewhere.
func TestOpenHTTPS(t *testing.T) {
	cert, key, ours := certificate(t)
	var asked []string
	there := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("Authorization"))
		if r.URL.Path == "/moved/x/data.csv" {
			http.Redirect(w, r, "/in/x/data.csv", http.StatusTemporaryRedirect)
			return
		}
		_, _ = io.WriteString(w, "receipt "+r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	pool := x509.NewCertPool()
	pool.AddCert(ours)
	there.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS12}
	there.StartTLS()
	defer there.Close()
	ca := kept(t, "ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: there.Certificate().Raw}))
	s := platform.Settings{URL: there.URL + "/in/", Cert: cert, Key: key, CA: ca, Token: "t"}
	send := func(s platform.Settings) (string, error) {
		to, _, err := platform.Open(s)
		if err != nil {
			t.Fatal(err)
		}
		return to.Send(t.Context(), "x", files)
	}
	if receipt, err := send(s); err != nil || receipt != "receipt chohue" || asked[0] != "Bearer t" {
		t.Errorf("%q, %v, asked with %q", receipt, err, asked)
	}
	s.Token, asked = "", nil
	if _, err := send(s); err != nil || asked[0] != "" {
		t.Errorf("by certificate alone: %v, asked with %q", err, asked)
	}
	moved := s
	moved.URL = there.URL + "/moved"
	if _, err := send(moved); err == nil {
		t.Error("it followed to another place")
	}
	s.CA = ""
	if _, err := send(s); err == nil {
		t.Error("a platform that nobody vouches for")
	}
}

// certificate makes one that signs itself, for a client.
func certificate(t *testing.T) (cert, key string, parsed *x509.Certificate) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "chohue"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, BasicConstraintsValid: true, IsCA: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, about, about, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	if parsed, err = x509.ParseCertificate(raw); err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert = kept(t, "cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
	return cert, kept(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text})), parsed
}
