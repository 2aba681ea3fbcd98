package accounts

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"maps"
	"time"

	"chohue/market"
	"chohue/store"
)

// Device is what a session was started from, for the list in which people
// recognise their devices.
type Device struct {
	UserAgent string `bson:"user_agent"`
	IP        string `bson:"ip"`
}

// Session is one signed-in device, or a guest's visit when Person is empty.
// Its id is the base-32 SHA-256 of the token that the device holds.
type Session struct {
	store.Doc `bson:",inline"`
	Person    market.ID         `bson:"person"`
	Values    map[string]string `bson:"values,omitempty"` // what doors keep for the visit, such as the cart
	Device    Device            `bson:"device"`
	CreatedAt time.Time         `bson:"created_at"`
	SeenAt    time.Time         `bson:"seen_at"`
	ExpiresAt time.Time         `bson:"expires_at"` // moves on with use, up to the absolute end
}

var errSession = market.NotFound("session.missing")

// touch notes a use and moves the end, never beyond the absolute one.
func (s *Session) touch(now time.Time, r Rules) {
	s.SeenAt = now
	s.ExpiresAt = now.Add(r.SessionIdle)
	if end := s.CreatedAt.Add(r.SessionAbsolute); end.Before(s.ExpiresAt) {
		s.ExpiresAt = end
	}
}

// StartSession starts a session for the person, or for a guest when person is
// empty, and returns its token. Doors call it at every change of who somebody
// is, so that a token known before means nothing after.
func (s *Service) StartSession(ctx context.Context, person market.ID, values map[string]string, d Device) (*Session, string, error) {
	if err := s.checkValues(values); err != nil {
		return nil, "", err
	}
	token := newToken()
	now := s.env.Now()
	session := &Session{
		Doc: store.Doc{ID: sessionID(token)}, Person: person, Values: maps.Clone(values),
		Device: Device{UserAgent: cut(d.UserAgent, 300), IP: cut(d.IP, 64)}, CreatedAt: now,
	}
	session.touch(now, s.rules)
	if err := s.sessions.Insert(ctx, session); err != nil {
		return nil, "", err
	}
	return session, token, nil
}

// checkValues bounds what a stranger can make us keep.
func (s *Service) checkValues(values map[string]string) error {
	size := 0
	for name, value := range values {
		size += len(name) + len(value)
	}
	if size > s.rules.SessionValues {
		return market.Invalid("session.full", "")
	}
	return nil
}

// newToken makes 256 random bits; crypto/rand never returns an error.
func newToken() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}

func sessionID(token string) market.ID { return market.ID(digest("session:" + token)) }

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// Session returns the session that the token names, and notes now and then
// that it was used. Not found "session.missing" when it was ended or has run
// out.
func (s *Service) Session(ctx context.Context, token string) (*Session, error) {
	session, err := s.sessions.Get(ctx, sessionID(token))
	if store.Missing(err) {
		return nil, errSession
	}
	if err != nil {
		return nil, err
	}
	now := s.env.Now()
	if !now.Before(session.ExpiresAt) {
		return nil, errSession
	}
	if now.Sub(session.SeenAt) < s.rules.SessionTouch {
		return session, nil
	}
	return s.changeSession(ctx, session.ID, func(*Session) {})
}

func (s *Service) changeSession(ctx context.Context, id market.ID, change func(*Session)) (*Session, error) {
	now := s.env.Now()
	session, err := s.sessions.Update(ctx, id, func(session *Session) ([]market.Event, error) {
		if !now.Before(session.ExpiresAt) {
			return nil, errSession
		}
		change(session)
		session.touch(now, s.rules)
		return nil, nil
	})
	if store.Missing(err) {
		return nil, errSession
	}
	return session, err
}

// SaveSession replaces the session's values. An ended session stays ended.
func (s *Service) SaveSession(ctx context.Context, token string, values map[string]string) error {
	if err := s.checkValues(values); err != nil {
		return err
	}
	_, err := s.changeSession(ctx, sessionID(token), func(session *Session) {
		session.Values = maps.Clone(values)
	})
	return err
}

// EndSession ends the session at once, on the server. Ending an ended session
// is no error.
func (s *Service) EndSession(ctx context.Context, token string) error {
	return s.sessions.Delete(ctx, sessionID(token))
}

// EndAllSessions signs the actor out on every device.
func (s *Service) EndAllSessions(ctx context.Context, by market.Actor) error {
	if by.Person == "" {
		return errSignIn
	}
	return s.sessions.Each(ctx, store.Query{Index: "person", Eq: []any{by.Person}}, func(session *Session) error {
		return s.sessions.Delete(ctx, session.ID)
	})
}

// Sessions lists the actor's devices, the last used first.
func (s *Service) Sessions(ctx context.Context, by market.Actor) ([]*Session, error) {
	if by.Person == "" {
		return nil, errSignIn
	}
	page, err := s.sessions.Find(ctx, store.Query{Index: "person", Eq: []any{by.Person}, Desc: true, Limit: 200})
	if err != nil {
		return nil, err
	}
	var alive []*Session
	for _, session := range page.Items {
		if s.env.Now().Before(session.ExpiresAt) {
			alive = append(alive, session)
		}
	}
	return alive, nil
}
