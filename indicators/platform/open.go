package platform

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"chohue/indicators"
)

// Settings say where the platform is and by what the two know each other.
type Settings struct {
	URL   string // sftp://USER@HOST:PORT/FOLDER or https://HOST/PATH
	Host  string // SFTP: the server's public key, "ssh-ed25519 AAAA…"
	Key   string // file: SFTP the private key; HTTPS that of the certificate
	Cert  string // file, HTTPS: our certificate
	CA    string // file, HTTPS: who signed the platform's certificate; the system's when empty
	Token string // HTTPS: of the bearer
}

// Open returns the sender, and the address without secrets. It reads the files
// but does not call the platform.
func Open(s Settings) (indicators.Sender, string, error) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return nil, "", errors.New("not an address") // which may hold a password
	}
	if _, secret := u.User.Password(); secret || u.Host == "" {
		return nil, "", errors.New("want sftp://USER@HOST:PORT/FOLDER or https://HOST/PATH, without a password")
	}
	where := u.Scheme + "://" + u.Host + strings.TrimSuffix(u.Path, "/")
	switch u.Scheme {
	case "sftp":
		to, err := openSFTP(s, u)
		return to, where, err
	case "https":
		to, err := openHTTPS(s, where)
		return to, where, err
	}
	return nil, "", fmt.Errorf("%s is neither sftp nor https", u.Scheme)
}

func openSFTP(s Settings, u *url.URL) (to SFTP, err error) {
	if u.User.Username() == "" {
		return to, errors.New("sftp: no user")
	}
	to = SFTP{Addr: u.Host, User: u.User.Username(), Folder: strings.TrimPrefix(u.Path, "/")}
	if u.Port() == "" {
		to.Addr = net.JoinHostPort(u.Hostname(), "22")
	}
	if to.Host, _, _, _, err = ssh.ParseAuthorizedKey([]byte(s.Host)); err != nil {
		return to, fmt.Errorf("the server's key: %w", err)
	}
	text, err := os.ReadFile(s.Key)
	if err != nil {
		return to, fmt.Errorf("our key: %w", err)
	}
	if to.Key, err = ssh.ParsePrivateKey(text); err != nil {
		return to, fmt.Errorf("our key %s: %w", s.Key, err)
	}
	return to, nil
}

// httpsTime is how long one file may take.
const httpsTime = time.Minute

func openHTTPS(s Settings, where string) (HTTPS, error) {
	if s.Token == "" && s.Cert == "" {
		return HTTPS{}, errors.New("https: neither a token nor a certificate says who we are")
	}
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.Cert != "" {
		pair, err := tls.LoadX509KeyPair(s.Cert, s.Key)
		if err != nil {
			return HTTPS{}, fmt.Errorf("our certificate: %w", err)
		}
		trust.Certificates = []tls.Certificate{pair}
	}
	if s.CA != "" {
		text, err := os.ReadFile(s.CA)
		if err != nil {
			return HTTPS{}, fmt.Errorf("the platform's CA: %w", err)
		}
		if trust.RootCAs = x509.NewCertPool(); !trust.RootCAs.AppendCertsFromPEM(text) {
			return HTTPS{}, fmt.Errorf("the platform's CA: no certificate in %s", s.CA)
		}
	}
	// No redirects: what is signed for one place is not carried to another.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client := &http.Client{Timeout: httpsTime, CheckRedirect: stay, Transport: &http.Transport{TLSClientConfig: trust, ForceAttemptHTTP2: true, Proxy: http.ProxyFromEnvironment}}
	return HTTPS{URL: where, Token: s.Token, Client: client}, nil
}
