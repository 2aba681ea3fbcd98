package notices

import (
	"context"
	"errors"
	"time"

	"chohue/market"
	"chohue/store"
)

// Way is how a message goes out by one channel to one address.
type Way struct {
	Channel string    `bson:"channel"`
	To      string    `bson:"to"` // address, number, or id of the browser
	State   WayState  `bson:"state"`
	Tries   int       `bson:"tries"`
	Why     string    `bson:"why,omitempty"` // the last error's key; no addresses, no secrets
	At      time.Time `bson:"at"`            // of the last change
}

// WayState is where a way stands.
type WayState string

// The states of a way. One that is "sending" was cut off when its time is over.
const (
	WayWaiting WayState = "waiting"
	WaySending WayState = "sending"
	WaySent    WayState = "sent"
	WayDropped WayState = "dropped" // the address does not work, or is not wanted any more
	WayUnsure  WayState = "unsure"  // cut off on a channel that must not say things twice
	WayGivenUp WayState = "given_up"
)

// lease is how long one try may take before it counts as cut off.
const lease = 2 * time.Minute

// pauses are the waits after failed tries; after the last the way is given up.
var pauses = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 8 * time.Hour, 24 * time.Hour}

// ways are the channels by which a reader is told, as their settings are now.
// Guests have a phone alone. People who can be reached by email or push are
// not sent text messages.
func (s *Service) ways(ctx context.Context, r Reader, rule rule) ([]Way, error) {
	var out []Way
	if r.Person != "" {
		settings, err := s.settingsOf(ctx, r.Person)
		if err != nil {
			return nil, err
		}
		out = s.chosen(settings, rule.topic)
		if !settings.Wants(ChannelSMS, rule.topic) {
			return out, nil
		}
	}
	if len(out) == 0 && rule.urgent && r.Phone != "" {
		out = s.byPhone(r.Phone)
	}
	return out, nil
}

func (s *Service) chosen(t *Settings, topic Topic) []Way {
	var out []Way
	if t.Email != "" && s.channel(ChannelEmail) != nil && t.Wants(ChannelEmail, topic) {
		out = append(out, Way{Channel: ChannelEmail, To: t.Email, State: WayWaiting, At: s.env.Now()})
	}
	if s.channel(ChannelPush) != nil && t.Wants(ChannelPush, topic) {
		for _, b := range t.Browsers {
			out = append(out, Way{Channel: ChannelPush, To: string(b.ID), State: WayWaiting, At: s.env.Now()})
		}
	}
	return out
}

// byPhone is the first phone channel that the market has: Zalo costs less than
// a text message.
func (s *Service) byPhone(phone string) []Way {
	for _, name := range []string{ChannelZalo, ChannelSMS} {
		if s.channel(name) != nil {
			return []Way{{Channel: name, To: phone, State: WayWaiting, At: s.env.Now()}}
		}
	}
	return nil
}

// Deliver tries every message whose time has come and returns how many it
// tried. A worker calls it; fresh messages go out without waiting for it.
func (s *Service) Deliver(ctx context.Context) (int, error) {
	tried, failed := 0, error(nil)
	due := store.Query{Index: "due", To: s.env.Now().Add(time.Millisecond)}
	err := s.messages.Each(ctx, due, func(m *Message) error {
		tried++
		failed = errors.Join(failed, s.deliver(ctx, m.ID))
		return ctx.Err()
	})
	return tried, errors.Join(failed, err)
}

// deliver sends a message by each way that is due: takes the way, sends, notes
// what came of it. Nobody else takes it meanwhile.
func (s *Service) deliver(ctx context.Context, id market.ID) error {
	for {
		m, i, err := s.take(ctx, id)
		if store.Missing(err) || err == nil && i < 0 {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.note(ctx, id, i, s.send(ctx, m, m.Ways[i])); err != nil {
			return err
		}
	}
}

// take claims the next way that is due, or returns -1.
func (s *Service) take(ctx context.Context, id market.ID) (m *Message, i int, err error) {
	m, err = s.messages.Update(ctx, id, func(m *Message) ([]market.Event, error) {
		now := s.env.Now()
		i = m.next(now, s.mayRepeat)
		if i >= 0 {
			m.Ways[i].State, m.Ways[i].At = WaySending, now
			m.Ways[i].Tries++
		}
		m.plan()
		return nil, nil
	})
	return m, i, err
}

func (s *Service) mayRepeat(channel string) bool {
	c := s.channel(channel)
	return c != nil && c.Repeatable()
}

// next finds the way to try now. A try that was cut off is repeated only where
// that is harmless.
func (m *Message) next(now time.Time, repeatable func(string) bool) int {
	for i := range m.Ways {
		w := &m.Ways[i]
		if !w.open() || now.Before(w.again()) {
			continue
		}
		if w.State == WaySending && !repeatable(w.Channel) {
			w.State, w.At = WayUnsure, now
			continue
		}
		return i
	}
	return -1
}

func (w Way) open() bool { return w.State == WayWaiting || w.State == WaySending }

// again is when a way may be tried.
func (w Way) again() time.Time {
	switch {
	case w.State == WaySending:
		return w.At.Add(lease)
	case w.Tries == 0:
		return w.At
	}
	return w.At.Add(pauses[min(w.Tries, len(pauses))-1])
}

// plan sets when the message is looked at next.
func (m *Message) plan() {
	m.Due = nil
	for _, w := range m.Ways {
		if at := w.again(); w.open() && (m.Due == nil || at.Before(*m.Due)) {
			m.Due = &at
		}
	}
}

// errGone says that the address is no longer the reader's.
var errGone = market.Invalid("notices.gone", "to")

func (s *Service) send(ctx context.Context, m *Message, w Way) error {
	c := s.channel(w.Channel)
	if c == nil {
		return market.Unavailable("notices.no_channel")
	}
	lang, to, err := s.address(ctx, m, w)
	if err != nil {
		return err
	}
	letter, err := s.rooms.Writer.Write(lang, m)
	if err != nil {
		return err
	}
	letter.ID, letter.To = m.ID, to
	ctx, cancel := context.WithTimeout(ctx, lease/2)
	defer cancel()
	return c.Send(ctx, letter)
}

// address is where the way leads now, and in which language: people change
// both.
func (s *Service) address(ctx context.Context, m *Message, w Way) (lang, to string, err error) {
	if m.Person == "" {
		return "vi", w.To, nil
	}
	r, err := s.rooms.People.Reader(ctx, m.Person)
	if err != nil {
		return "", "", err
	}
	settings, err := s.settingsOf(ctx, m.Person)
	if err != nil {
		return "", "", err
	}
	switch w.Channel {
	case ChannelEmail:
		if settings.Email != w.To {
			return "", "", errGone
		}
	case ChannelPush:
		b, ok := settings.browser(market.ID(w.To))
		if !ok {
			return "", "", errGone
		}
		return r.Lang, b.Subscription, nil
	}
	return r.Lang, w.To, nil
}

// note keeps what came of a try. A browser whose subscription has ended is
// forgotten.
func (s *Service) note(ctx context.Context, id market.ID, i int, failed error) error {
	m, err := s.messages.Update(ctx, id, func(m *Message) ([]market.Event, error) {
		m.Ways[i].outcome(failed, s.env.Now())
		m.plan()
		return nil, nil
	})
	if err != nil {
		return err
	}
	if w := m.Ways[i]; w.State == WayDropped && w.Channel == ChannelPush {
		_, err = s.dropBrowser(ctx, m.Person, market.ID(w.To))
	}
	return err
}

func (w *Way) outcome(failed error, now time.Time) {
	w.At, w.Why = now, ""
	var e *market.Error
	if errors.As(failed, &e) {
		w.Why = e.Key
	}
	switch {
	case failed == nil:
		w.State = WaySent
	case market.KindOf(failed) == market.KindInvalid, market.KindOf(failed) == market.KindNotFound:
		w.State = WayDropped
	case w.Tries > len(pauses):
		w.State = WayGivenUp
	default:
		w.State = WayWaiting
	}
}
