package logged

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"chohue/notices"
	"chohue/notices/noticestest"
)

func TestChannel(t *testing.T) {
	noticestest.Run(t, func(*testing.T) noticestest.World {
		var log bytes.Buffer
		return noticestest.World{
			Channel: New(notices.ChannelSMS, slog.New(slog.NewTextHandler(&log, nil))), To: "+84905123456", Bad: "không phải số",
			Took: func() []string { return strings.Split(strings.TrimSpace(log.String()), "\n") },
		}
	})
}

// TestLogKeepsNumbersAndWordsToItself: a log is read by many.
func TestLogKeepsNumbersAndWordsToItself(t *testing.T) {
	var log bytes.Buffer
	c := New(notices.ChannelZalo, slog.New(slog.NewTextHandler(&log, nil)))
	if err := c.Send(t.Context(), notices.Letter{ID: "E:P", To: "0905123456", Text: "Mã của bạn là 424242"}); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"905123456", "424242"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log tells %s: %s", secret, log.String())
		}
	}
	if !strings.Contains(log.String(), "channel=zalo") {
		t.Errorf("the log does not say that something went out: %s", log.String())
	}
}
