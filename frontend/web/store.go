package web

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/sessions"

	"chohue/accounts"
	"chohue/market"
)

// Store is a gorilla sessions.Store whose sessions live on the server: the
// cookie holds nothing but a random token, and a session that was ended is
// ended for whoever still has the cookie.
type Store struct {
	keeper  Sessions
	options sessions.Options
	name    string
}

var _ sessions.Store = (*Store)(nil)

// cookieLife is how long browsers keep the token. The session itself ends by
// the rules of accounts.
const cookieLife = 180 * 24 * time.Hour

// NewStore returns a store over keeper. A secure one gives its cookie the
// __Host- prefix: only this host can set it, over HTTPS, for every path.
func NewStore(keeper Sessions, secure bool) *Store {
	s := &Store{keeper: keeper, name: "chohue", options: sessions.Options{
		Path: "/", MaxAge: int(cookieLife / time.Second), HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	}}
	if secure {
		s.name = "__Host-chohue"
	}
	return s
}

// Name is the name of the cookie.
func (s *Store) Name() string { return s.name }

// personKey is where a session's Values keep whose it is; doors cannot set it.
type personKey struct{}

// Get returns the request's session, read at most once per request.
func (s *Store) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the session that the request's cookie names, or returns an empty
// one. Nothing is written before something is saved.
func (s *Store) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	options := s.options
	session.Options = &options
	session.IsNew = true
	cookie, err := r.Cookie(name)
	if err != nil || cookie.Value == "" {
		return session, nil
	}
	found, err := s.keeper.Session(r.Context(), cookie.Value)
	if market.KindOf(err) == market.KindNotFound && err != nil {
		return session, nil
	}
	if err != nil {
		return session, err
	}
	fill(session, found, cookie.Value)
	return session, nil
}

func fill(session *sessions.Session, from *accounts.Session, token string) {
	session.ID, session.IsNew = token, false
	session.Values = map[any]any{}
	for name, value := range from.Values {
		session.Values[name] = value
	}
	if from.Person != "" {
		session.Values[personKey{}] = from.Person
	}
}

// Save writes the session's values; the first value makes the session. A
// negative MaxAge ends it, on the server too.
func (s *Store) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	if session.Options.MaxAge < 0 {
		return s.end(r, w, session)
	}
	values, err := plainValues(session.Values)
	if err != nil {
		return err
	}
	if session.ID != "" {
		return s.keeper.SaveSession(r.Context(), session.ID, values)
	}
	if len(values) == 0 {
		return nil
	}
	_, token, err := s.keeper.StartSession(r.Context(), "", values, Device(r.Context()))
	if err != nil {
		return err
	}
	session.ID, session.IsNew = token, false
	s.give(w, session)
	return nil
}

func (s *Store) end(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	if session.ID != "" {
		if err := s.keeper.EndSession(r.Context(), session.ID); err != nil {
			return err
		}
	}
	session.ID, session.IsNew, session.Values = "", true, map[any]any{}
	s.give(w, session)
	return nil
}

// give sets the cookie, in place of one set earlier in the same answer.
func (s *Store) give(w http.ResponseWriter, session *sessions.Session) {
	cookie := sessions.NewCookie(session.Name(), session.ID, session.Options)
	header := w.Header()
	kept := header["Set-Cookie"][:0:0]
	for _, line := range header["Set-Cookie"] {
		if len(line) <= len(cookie.Name) || line[:len(cookie.Name)+1] != cookie.Name+"=" {
			kept = append(kept, line)
		}
	}
	header["Set-Cookie"] = append(kept, cookie.String())
}

var errValue = errors.New("session values are strings by string names")

func plainValues(values map[any]any) (map[string]string, error) {
	out := make(map[string]string, len(values))
	for name, value := range values {
		if name == (personKey{}) {
			continue
		}
		n, okName := name.(string)
		v, okValue := value.(string)
		if !okName || !okValue {
			return nil, fmt.Errorf("%w: %v", errValue, name)
		}
		out[n] = v
	}
	return out, nil
}
