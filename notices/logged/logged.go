// Package logged stands where a text-message or Zalo gateway has not been
// contracted: it writes to the log that a message would have gone out. The log
// names no number whole and no words.
package logged

import (
	"context"
	"log/slog"

	"chohue/accounts"
	"chohue/market"
	"chohue/notices"
)

// Channel is a gateway that only says so.
type Channel struct {
	name string
	log  *slog.Logger
}

// New returns the channel under one of the names of phone channels.
func New(name string, log *slog.Logger) *Channel { return &Channel{name, log} }

// Name implements notices.Channel.
func (c *Channel) Name() string { return c.name }

// Repeatable implements notices.Channel: a phone shows every message it gets.
func (c *Channel) Repeatable() bool { return false }

// Send implements notices.Channel.
func (c *Channel) Send(ctx context.Context, l notices.Letter) error {
	number, err := accounts.ParsePhone(l.To)
	if err != nil {
		return market.Invalid("notices.phone", "to")
	}
	c.log.InfoContext(ctx, "message to a phone", "channel", c.name, "id", string(l.ID), "to", accounts.MaskPhone(number), "letters", len([]rune(l.Text)))
	return nil
}
