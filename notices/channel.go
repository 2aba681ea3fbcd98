package notices

import (
	"context"

	"chohue/market"
)

// The channels that a market may have. The inbox is none of them: it is always
// there.
const (
	ChannelEmail = "email"
	ChannelPush  = "push"
	ChannelSMS   = "sms"
	ChannelZalo  = "zalo"
)

// Channel carries letters to people. Every channel passes noticestest.
//
// An error of kind invalid means that the address will never work; any other
// that the channel should be tried again.
type Channel interface {
	// Name is one of the names above.
	Name() string
	// Repeatable reports whether a letter sent twice is seen once, because the
	// channel tells letters apart by their id. What is not is never sent again
	// after a crash in the middle.
	Repeatable() bool
	// Send carries the letter and returns when the other side has taken it.
	Send(ctx context.Context, l Letter) error
}

// Letter is a message in words, on its way to one address.
type Letter struct {
	ID      market.ID // the same for every try
	To      string    // an email address, a phone number, or a push subscription as JSON
	Lang    string
	Subject string
	Text    string // plain, complete in itself
	HTML    string // the same, for channels that show it
	Link    string // absolute
}

// Writer puts a message into words.
type Writer interface {
	// Write fills all of a letter but its id and address.
	Write(lang string, m *Message) (Letter, error)
	// WriteProof is the letter that asks whether an email address is the
	// person's own. link is a path on the market.
	WriteProof(lang, link string) (Letter, error)
}
