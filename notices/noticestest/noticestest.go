// Package noticestest is the suite that every channel passes.
package noticestest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"chohue/market"
	"chohue/notices"
)

// World is one channel with the other side that a test plays.
type World struct {
	Channel notices.Channel
	To      string // an address that works
	Bad     string // an address that never will; "" when the channel cannot know
	// Took returns what the other side took, oldest first, as text in which
	// subject and body can be found.
	Took func() []string
	// Down makes the other side fail until the returned function is called; nil
	// when there is none.
	Down func() (up func())
}

func letter(to string) notices.Letter {
	return notices.Letter{
		ID: "01JD0000000000000000000000:01JD0000000000000000000001", To: to, Lang: "vi",
		Subject: "Đơn HUE-7K3F9Q2M đang trên đường", Text: "Nhà vườn Thủy Biều đã giao hàng.\nMã vận đơn: 123",
		HTML: "<p>Nhà vườn Thủy Biều đã giao hàng.</p>", Link: "https://market.test/don-hang/1",
	}
}

// Run puts a channel through the suite.
func Run(t *testing.T, open func(t *testing.T) World) {
	t.Run("carries words whole", func(t *testing.T) { carries(t, open(t)) })
	t.Run("a bad address is invalid", func(t *testing.T) { refuses(t, open(t)) })
	t.Run("a side that is down is tried again", func(t *testing.T) { retries(t, open(t)) })
	t.Run("ends with its context", func(t *testing.T) { ends(t, open(t)) })
}

func carries(t *testing.T, w World) {
	l := letter(w.To)
	if err := w.Channel.Send(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	took := w.Took()
	if len(took) != 1 {
		t.Fatalf("the other side took %d letters", len(took))
	}
	for _, want := range []string{l.Subject, "Nhà vườn Thủy Biều đã giao hàng."} {
		if w.Channel.Repeatable() && !strings.Contains(took[0], want) {
			t.Errorf("no %q in\n%s", want, took[0])
		}
	}
}

func refuses(t *testing.T, w World) {
	if w.Bad == "" {
		t.Skip("the channel cannot know")
	}
	err := w.Channel.Send(t.Context(), letter(w.Bad))
	if market.KindOf(err) != market.KindInvalid {
		t.Errorf("to %q: %v, want an invalid error", w.Bad, err)
	}
	if err != nil && strings.Contains(err.Error(), w.Bad) {
		t.Errorf("the error repeats the address: %v", err)
	}
}

func retries(t *testing.T, w World) {
	if w.Down == nil {
		t.Skip("there is no other side")
	}
	up := w.Down()
	err := w.Channel.Send(t.Context(), letter(w.To))
	if market.KindOf(err) != market.KindUnavailable {
		t.Errorf("while down: %v, want an unavailable error", err)
	}
	up()
	if err := w.Channel.Send(t.Context(), letter(w.To)); err != nil {
		t.Errorf("up again: %v", err)
	}
}

func ends(t *testing.T, w World) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Channel.Send(ctx, letter(w.To)); err != nil && market.KindOf(err) == market.KindInvalid && !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled try takes the address for bad: %v", err)
	}
}
