package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"chohue/market"
	"chohue/notices"
	"chohue/notices/noticestest"
)

// browser plays a browser and its push service: it opens what it gets by RFC
// 8291 and 8188, written from those texts, and looks at who sent it.
type browser struct {
	t      *testing.T
	key    *ecdh.PrivateKey
	secret []byte
	known  string // the market's public key
	server *httptest.Server

	mu     sync.Mutex
	status int
	opened []string
}

var b64 = base64.RawURLEncoding

func newBrowser(t *testing.T, known string) *browser {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, key: key, secret: make([]byte, 16), known: known, status: http.StatusCreated}
	_, _ = rand.Read(b.secret)
	b.server = httptest.NewTLSServer(http.HandlerFunc(b.take))
	t.Cleanup(b.server.Close)
	return b
}

// subscription is what the browser gave to the market.
func (b *browser) subscription(path string) string {
	raw, _ := json.Marshal(map[string]any{
		"endpoint": b.server.URL + path, "expirationTime": nil,
		"keys": map[string]string{"p256dh": b64.EncodeToString(b.key.PublicKey().Bytes()), "auth": b64.EncodeToString(b.secret)},
	})
	return string(raw)
}

func (b *browser) take(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err == nil && r.URL.Path == "/gone" {
		w.WriteHeader(http.StatusGone)
		return
	}
	if b.status/100 != 2 {
		w.WriteHeader(b.status)
		return
	}
	if err == nil {
		err = b.signed(r)
	}
	var text []byte
	if err == nil {
		text, err = b.open(body)
	}
	if err != nil || r.Header.Get("TTL") != "259200" || r.Header.Get("Urgency") != "normal" || r.Header.Get("Content-Encoding") != "aes128gcm" {
		b.t.Errorf("%v; TTL %q, encoding %q", err, r.Header.Get("TTL"), r.Header.Get("Content-Encoding"))
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	b.opened = append(b.opened, string(text))
	w.WriteHeader(b.status)
}

// signed checks the VAPID token (RFC 8292 §2): ES256 by the key that the
// browser subscribed with, for this push service, not for long.
func (b *browser) signed(r *http.Request) error {
	rest, ok := strings.CutPrefix(r.Header.Get("Authorization"), "vapid t=")
	token, key, ok2 := strings.Cut(rest, ", k=")
	if !ok || !ok2 || key != b.known {
		return errors.New("no token of the known key: " + r.Header.Get("Authorization"))
	}
	parts := strings.Split(token, ".")
	point, _ := b64.DecodeString(key)
	sign, _ := b64.DecodeString(parts[2])
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return err
	}
	if len(sign) != 64 || !ecdsa.Verify(public, digest[:], new(big.Int).SetBytes(sign[:32]), new(big.Int).SetBytes(sign[32:])) {
		return errors.New("the token's signature is wrong")
	}
	var claims struct {
		Aud string `json:"aud"`
		Sub string `json:"sub"`
		Exp int64  `json:"exp"`
	}
	raw, _ := b64.DecodeString(parts[1])
	if err := json.Unmarshal(raw, &claims); err != nil {
		return err
	}
	at, _ := url.Parse(b.server.URL)
	left := time.Until(time.Unix(claims.Exp, 0))
	if claims.Aud != "https://"+at.Host || claims.Sub != "mailto:admin@market.test" || left <= 0 || left > 24*time.Hour {
		return errors.New("claims " + string(raw))
	}
	return nil
}

// open decrypts one record (RFC 8188 §2, keys by RFC 8291 §3.4).
func (b *browser) open(body []byte) ([]byte, error) {
	salt, size, n := body[:16], binary.BigEndian.Uint32(body[16:20]), int(body[20])
	sender, err := ecdh.P256().NewPublicKey(body[21 : 21+n])
	if err != nil || size < 18 {
		return nil, err
	}
	shared, err := b.key.ECDH(sender)
	if err != nil {
		return nil, err
	}
	info := "WebPush: info\x00" + string(b.key.PublicKey().Bytes()) + string(sender.Bytes())
	seed, err := hkdf.Key(sha256.New, shared, b.secret, info, 32)
	if err != nil {
		return nil, err
	}
	key, _ := hkdf.Key(sha256.New, seed, salt, "Content-Encoding: aes128gcm\x00", 16)
	nonce, _ := hkdf.Key(sha256.New, seed, salt, "Content-Encoding: nonce\x00", 12)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, nonce, body[21+n:], nil)
	if err != nil {
		return nil, err
	}
	plain = plain[:len(plain)-len(plain[strings.LastIndexByte(string(plain), 2):])]
	return plain, nil
}

func (b *browser) took() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, raw := range b.opened {
		var s shown
		if err := json.Unmarshal([]byte(raw), &s); err != nil {
			b.t.Fatalf("%v: %s", err, raw)
		}
		out = append(out, s.Title+"\n"+s.Body+"\n"+s.Link)
	}
	return out
}

func (b *browser) answer(status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status = status
}

func TestChannel(t *testing.T) {
	noticestest.Run(t, func(t *testing.T) noticestest.World {
		keys, err := NewKeys()
		if err != nil {
			t.Fatal(err)
		}
		b := newBrowser(t, keys.Public)
		return noticestest.World{
			Channel: New(Config{Keys: keys, Contact: "mailto:admin@market.test", Client: b.server.Client()}),
			To:      b.subscription("/push"), Bad: b.subscription("/gone"), Took: b.took,
			Down: func() func() { b.answer(503); return func() { b.answer(201) } },
		}
	})
}

// TestAddressesOfOurOwnNetworkAreRefused: whoever subscribes names the address,
// so it must not lead to what only we can reach, whatever name it hides behind.
func TestAddressesOfOurOwnNetworkAreRefused(t *testing.T) {
	keys, err := NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, keys.Public)
	c := New(Config{Keys: keys, Contact: "mailto:admin@market.test", Client: PublicClient()})
	err = c.Send(t.Context(), notices.Letter{ID: "E:P", To: b.subscription("/push"), Subject: "x"})
	if market.KindOf(err) != market.KindInvalid || len(b.took()) != 0 {
		t.Errorf("a loopback address: %v, took %d", err, len(b.took()))
	}
	for address, public := range map[string]bool{
		"127.0.0.1:443": false, "10.1.2.3:443": false, "192.168.1.1:443": false, "169.254.169.254:80": false, "100.64.1.1:443": false,
		"[::1]:443": false, "[fe80::1]:443": false, "[fd00::1]:443": false, "[::ffff:10.0.0.1]:443": false, "0.0.0.0:443": false,
		"203.0.113.7:443": true, "[2001:db8::1]:443": true,
	} {
		if got := publicOnly("tcp", address, nil) == nil; got != public {
			t.Errorf("%s: let through %v, want %v", address, got, public)
		}
	}
}

// TestLongLettersFit: a push service takes 4,096 bytes.
func TestLongLettersFit(t *testing.T) {
	keys, err := NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, keys.Public)
	c := New(Config{Keys: keys, Contact: "mailto:admin@market.test", Client: b.server.Client()})
	err = c.Send(t.Context(), notices.Letter{ID: "E:P", To: b.subscription("/push"), Subject: "Tin", Text: strings.Repeat("Thủy Biều ", 1000)})
	if took := b.took(); err != nil || len(took) != 1 || !strings.HasSuffix(strings.TrimSpace(took[0]), "…") {
		t.Errorf("%v: took %d", err, len(took))
	}
}
