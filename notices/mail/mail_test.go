package mail

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"chohue/notices"
	"chohue/notices/noticestest"
)

// office is a mail server that keeps what it takes.
type office struct {
	mu      sync.Mutex
	letters [][]byte
	secured []bool // whether the letter came encrypted
	closed  bool   // says that it cannot work now
}

func (o *office) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, secure := c.TLSConnectionState()
	return &session{o: o, secure: secure}, nil
}

type session struct {
	o      *office
	secure bool
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, name, password string) error {
		if name != "chohue" || password != "mật khẩu" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.o.mu.Lock()
	defer s.o.mu.Unlock()
	if s.o.closed {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later"}
	}
	if strings.HasPrefix(to, "nobody@") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox " + to}
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	s.o.mu.Lock()
	defer s.o.mu.Unlock()
	s.o.letters, s.o.secured = append(s.o.letters, raw), append(s.o.secured, s.secure)
	return err
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// serve starts the server on a free port of this machine.
func (o *office) serve(t *testing.T, secure *tls.Config) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(o)
	server.Domain, server.TLSConfig, server.AllowInsecureAuth = "localhost", secure, secure == nil
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// took opens the letters as a mail reader does.
func (o *office) took(t *testing.T) []string {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []string
	for _, raw := range o.letters {
		out = append(out, open(t, raw))
	}
	return out
}

func open(t *testing.T, raw []byte) string {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	text := subject + "\n" + m.Header.Get("Message-Id") + "\n"
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return text
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		text += part.Header.Get("Content-Type") + "\n" + strings.ReplaceAll(string(body), "\r\n", "\n") + "\n"
	}
}

func channel(t *testing.T, server string) *Channel {
	t.Helper()
	c, err := New(Config{Server: server, From: "Chợ Huế <no-reply@market.test>"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestChannel(t *testing.T) {
	noticestest.Run(t, func(t *testing.T) noticestest.World {
		o := &office{}
		return noticestest.World{
			Channel: channel(t, "smtp+plain://"+o.serve(t, nil)), To: "hoa@vidu.vn", Bad: "nobody@vidu.vn",
			Took: func() []string { return o.took(t) },
			Down: func() func() { o.close(true); return func() { o.close(false) } },
		}
	})
}

func (o *office) close(closed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = closed
}

// TestLetterOfTwoTriesIsOne: mail readers show one letter of one Message-ID.
func TestLetterOfTwoTriesIsOne(t *testing.T) {
	o := &office{}
	c := channel(t, "smtp+plain://"+o.serve(t, nil))
	l := notices.Letter{ID: "E:P", To: "hoa@vidu.vn", Lang: "vi", Subject: "Một\r\nBcc: ke-xau@vidu.vn", Text: "x", HTML: "<p>x</p>"}
	for range 2 {
		if err := c.Send(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	for _, raw := range o.letters {
		m, err := netmail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Header.Get("Message-Id"); got != "<E.P@market.test>" {
			t.Errorf("Message-ID %s", got)
		}
		if got := m.Header.Get("Bcc"); got != "" {
			t.Errorf("a subject has added a header: Bcc %s", got)
		}
		if got := m.Header.Get("Auto-Submitted"); got != "auto-generated" {
			t.Errorf("Auto-Submitted %q", got)
		}
	}
}

// TestPasswordGoesEncryptedOnly: with smtp:// a server without STARTTLS is
// refused before anything secret is said; with it, letters come encrypted.
func TestPasswordGoesEncryptedOnly(t *testing.T) {
	plain := &office{}
	err := channel(t, "smtp://chohue:m%E1%BA%ADt%20kh%E1%BA%A9u@"+plain.serve(t, nil)).Send(t.Context(), notices.Letter{ID: "E:P", To: "hoa@vidu.vn", Subject: "x", Text: "x"})
	if err == nil || len(plain.letters) != 0 {
		t.Errorf("a server without encryption took %d letters: %v", len(plain.letters), err)
	}
	if err != nil && strings.Contains(err.Error(), "mật khẩu") {
		t.Errorf("the error tells the password: %v", err)
	}
	certificate, trusted := selfSigned(t)
	secure := &office{}
	c := channel(t, "smtp://chohue:m%E1%BA%ADt%20kh%E1%BA%A9u@"+secure.serve(t, &tls.Config{Certificates: []tls.Certificate{certificate}}))
	if err := c.client.SetTLSConfig(&tls.Config{RootCAs: trusted, ServerName: "127.0.0.1"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Send(t.Context(), notices.Letter{ID: "E:P", To: "hoa@vidu.vn", Subject: "x", Text: "x"}); err != nil {
		t.Fatal(err)
	}
	if len(secure.secured) != 1 || !secure.secured[0] {
		t.Errorf("letters encrypted: %v", secure.secured)
	}
}

func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "office"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestConfigErrorsKeepSecrets(t *testing.T) {
	for _, server := range []string{"", "chohue:matkhau@host", "ftp://chohue:matkhau@host", "smtp://chohue:matkhau@host:nan", "smtp://"} {
		_, err := New(Config{Server: server, From: "a@b.vn"})
		if err == nil {
			t.Errorf("%q was taken", server)
			continue
		}
		if strings.Contains(err.Error(), "matkhau") {
			t.Errorf("%q: the error tells the password: %v", server, err)
		}
	}
	if _, err := New(Config{Server: "smtp://host", From: "không phải email"}); err == nil {
		t.Error("a sender that is no address was taken")
	}
}
