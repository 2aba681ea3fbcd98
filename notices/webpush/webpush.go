// Package webpush sends notices to browsers: encrypted for the browser alone
// (RFC 8291), signed so that the push service knows us (VAPID, RFC 8292).
package webpush

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"

	push "github.com/SherClockHolmes/webpush-go"

	"chohue/market"
	"chohue/notices"
)

// Keys are the market's VAPID keys, base64url without padding. The public one
// is what browsers subscribe with.
type Keys struct {
	Public  string `json:"public"`
	Private string `json:"private"`
}

// NewKeys makes a pair. Changing keys ends every subscription.
func NewKeys() (Keys, error) {
	private, public, err := push.GenerateVAPIDKeys()
	return Keys{public, private}, err
}

// Config is what the channel needs.
type Config struct {
	Keys    Keys
	Contact string // mailto: or https: address, for the push service's operators
	// Client sends; PublicClient() unless a test has its own.
	Client *http.Client
}

// Channel pushes to browsers.
type Channel struct{ c Config }

// New returns the channel.
func New(c Config) *Channel { return &Channel{c} }

// keptFor is how long a push service keeps a letter for a browser that is off.
const keptFor = 3 * 24 * time.Hour

// PublicClient connects to public addresses only and follows no redirects. The
// address comes from browsers, that is, from anybody: it must not lead into
// our own network, whatever a name resolves to at the moment of connecting.
func PublicClient() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: publicOnly}
	return &http.Client{
		Timeout:       20 * time.Second,
		Transport:     &http.Transport{DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

var errPrivate = errors.New("not a public address")

func publicOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := at.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || shared.Contains(ip) {
		return fmt.Errorf("%s: %w", ip, errPrivate)
	}
	return nil
}

// shared is the address space between carriers and homes (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// Name implements notices.Channel.
func (*Channel) Name() string { return notices.ChannelPush }

// Repeatable implements notices.Channel: the browser shows one notification of
// a tag.
func (*Channel) Repeatable() bool { return true }

// shown is what the service worker gets.
type shown struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	Link  string `json:"link"`
	Tag   string `json:"tag"`
	Lang  string `json:"lang"`
}

// mostBody keeps the payload within the 4,096 bytes that every push service
// takes (RFC 8030 §7.2), encryption included.
const mostBody = 2000

// Send implements notices.Channel.
func (ch *Channel) Send(ctx context.Context, l notices.Letter) error {
	var to push.Subscription
	if err := json.Unmarshal([]byte(l.To), &to); err != nil {
		return market.Invalid("notices.subscription", "to")
	}
	payload, err := json.Marshal(shown{l.Subject, clip(l.Text, mostBody), l.Link, string(l.ID), l.Lang})
	if err != nil {
		return err
	}
	answer, err := push.SendNotificationWithContext(ctx, payload, &to, &push.Options{
		HTTPClient: ch.c.Client, TTL: int(keptFor.Seconds()), Urgency: push.UrgencyNormal,
		Subscriber:     strings.TrimPrefix(ch.c.Contact, "mailto:"), // the library puts it back
		VAPIDPublicKey: ch.c.Keys.Public, VAPIDPrivateKey: ch.c.Keys.Private,
	})
	if errors.Is(err, errPrivate) {
		return market.Invalid("notices.subscription", "to")
	}
	if err != nil {
		return market.Unavailable("notices.push_service")
	}
	defer func() { _ = answer.Body.Close() }()
	return judged(answer.StatusCode)
}

// judged reads a push service's answer (RFC 8030 §5, §7.3): 404 and 410 end a
// subscription, and so does a key or form that it does not take.
func judged(status int) error {
	switch {
	case status/100 == 2:
		return nil
	case status == http.StatusNotFound, status == http.StatusGone, status == http.StatusBadRequest:
		return market.Invalid("notices.subscription_ended", "to")
	}
	return market.Unavailable("notices.push_service")
}

// clip cuts text at a letter's edge.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return string(bytes.ToValidUTF8([]byte(text[:most]), nil)) + "…"
}
