// Package mail sends notices by email over SMTP (RFC 5321), encrypted whenever
// the server can (RFC 3207) and by default only then.
package mail

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"chohue/market"
	"chohue/notices"
)

// Config says where letters are handed in and who they are from.
type Config struct {
	// Server is smtp://USER:PASSWORD@HOST:PORT (STARTTLS demanded),
	// smtps://… (TLS from the first byte), or smtp+plain://HOST:PORT for a
	// relay on this machine.
	Server string
	From   string // "Chợ Huế <no-reply@…>"
}

// Channel is the mail server.
type Channel struct {
	client *gomail.Client
	from   string
	domain string
}

// patience is how long the server may take to accept a letter.
const patience = 30 * time.Second

// New reads the configuration; it does not connect.
func New(c Config) (*Channel, error) {
	at, err := url.Parse(c.Server)
	if err != nil || at.Hostname() == "" {
		return nil, errors.New("mail: the server must read smtp://USER:PASSWORD@HOST:PORT") // the error must not repeat a password
	}
	options, err := options(at)
	if err != nil {
		return nil, err
	}
	client, err := gomail.NewClient(at.Hostname(), options...)
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	probe := gomail.NewMsg()
	if err := probe.From(c.From); err != nil {
		return nil, fmt.Errorf("mail: sender: %w", err)
	}
	_, domain, _ := strings.Cut(strings.TrimSuffix(c.From, ">"), "@")
	return &Channel{client: client, from: c.From, domain: domain}, nil
}

func options(at *url.URL) ([]gomail.Option, error) {
	all := []gomail.Option{gomail.WithTimeout(patience)}
	switch at.Scheme {
	case "smtp":
		all = append(all, gomail.WithTLSPortPolicy(gomail.TLSMandatory))
	case "smtps":
		all = append(all, gomail.WithSSLPort(false))
	case "smtp+plain":
		all = append(all, gomail.WithTLSPortPolicy(gomail.NoTLS))
	default:
		return nil, fmt.Errorf("mail: unknown scheme %q", at.Scheme)
	}
	if at.Port() != "" {
		port, err := strconv.Atoi(at.Port())
		if err != nil {
			return nil, fmt.Errorf("mail: port: %w", err)
		}
		all = append(all, gomail.WithPort(port))
	}
	if name := at.User.Username(); name != "" {
		password, _ := at.User.Password()
		all = append(all, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(name), gomail.WithPassword(password))
	}
	return all, nil
}

// Name implements notices.Channel.
func (c *Channel) Name() string { return notices.ChannelEmail }

// Repeatable implements notices.Channel: the Message-ID is the letter's, and
// mail readers show one letter of an id.
func (c *Channel) Repeatable() bool { return true }

// Send implements notices.Channel.
func (c *Channel) Send(ctx context.Context, l notices.Letter) error {
	m, err := c.message(l)
	if err != nil {
		return market.Invalid("notices.email", "to")
	}
	if err := c.client.DialAndSendWithContext(ctx, m); err != nil {
		return judged(err)
	}
	return nil
}

func (c *Channel) message(l notices.Letter) (*gomail.Msg, error) {
	m := gomail.NewMsg()
	if err := errors.Join(m.From(c.from), m.To(l.To)); err != nil {
		return nil, err
	}
	m.Subject(l.Subject)
	m.SetMessageIDWithValue(strings.ReplaceAll(string(l.ID), ":", ".") + "@" + c.domain)
	m.SetDate()
	m.SetGenHeader(gomail.HeaderContentLang, l.Lang)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	if l.HTML != "" {
		m.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	}
	return m, nil
}

// judged tells an address that will never work (5yz about the mailbox, RFC 5321
// §4.2.1) from a server that may work later. What the server says is not passed
// on: it may repeat the address.
func judged(err error) error {
	var reply *textproto.Error
	var sending *gomail.SendError
	switch {
	case errors.As(err, &sending) && sending.Reason == gomail.ErrSMTPRcptTo && !sending.IsTemp():
		return market.Invalid("notices.email_refused", "to")
	case errors.As(err, &reply) && (reply.Code == 550 || reply.Code == 553):
		return market.Invalid("notices.email_refused", "to")
	}
	return market.Unavailable("notices.email_server")
}
