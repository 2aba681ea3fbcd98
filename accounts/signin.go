package accounts

import (
	"context"
	"strings"

	"chohue/market"
	"chohue/store"
)

// SignIn starts a session for the owner of the phone, who proves it by the
// code. The first sign-in makes the person, a buyer. It returns the token that
// names the session to its holder; the store keeps only its hash.
func (s *Service) SignIn(ctx context.Context, phone, code string, d Device) (Session, string, error) {
	number, err := mobile(phone)
	if err != nil {
		return Session{}, "", err
	}
	if err := s.allow(ctx, s.rules.TriesPerIP, "try ip", d.IP); err != nil {
		return Session{}, "", err
	}
	if err := s.useCode(ctx, number, onlyDigits(code)); err != nil {
		return Session{}, "", err
	}
	p, err := s.claim(ctx, number, "")
	if err != nil {
		return Session{}, "", err
	}
	return s.start(ctx, p.ID, d)
}

// onlyDigits forgives the spaces that people and keyboards put into codes.
func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// SignInPassword is SignIn by password, for people who have set one. A wrong
// password, a person without one and an unknown number answer the same, after
// the same work.
func (s *Service) SignInPassword(ctx context.Context, phone, password string, d Device) (Session, string, error) {
	number, err := ParsePhone(phone)
	if err != nil {
		return Session{}, "", err
	}
	if err := s.allow(ctx, s.rules.TriesPerIP, "try ip", d.IP); err != nil {
		return Session{}, "", err
	}
	if err := s.allow(ctx, s.rules.TriesPerPhone, "try phone", number); err != nil {
		return Session{}, "", err
	}
	p, err := s.lookup(ctx, number)
	if err != nil && market.KindOf(err) != market.KindNotFound {
		return Session{}, "", err
	}
	if err := s.verify(ctx, p, password); err != nil {
		return Session{}, "", err
	}
	return s.start(ctx, p.ID, d)
}

func (s *Service) start(ctx context.Context, person market.ID, d Device) (Session, string, error) {
	session, token, err := s.StartSession(ctx, person, nil, d)
	if err != nil {
		return Session{}, "", err
	}
	return *session, token, nil
}

// lookup returns whose the number is, or not found.
func (s *Service) lookup(ctx context.Context, phone string) (*Person, error) {
	l, err := s.logins.Get(ctx, market.ID(phone))
	if store.Missing(err) {
		return nil, market.NotFound("accounts.missing")
	}
	if err != nil {
		return nil, err
	}
	return s.Person(ctx, l.Person)
}

// claim returns whose the number is and makes the person when it is nobody's.
// The login is written first: of two that claim at once the second finds the
// first one's person, and a person lost by a crash in between is made again
// under the same id.
func (s *Service) claim(ctx context.Context, phone, name string) (*Person, error) {
	now := s.env.Now()
	l := &login{Doc: store.Doc{ID: market.ID(phone)}, Person: s.env.NewID(), At: now}
	err := s.logins.Insert(ctx, l)
	if store.Exists(err) {
		l, err = s.logins.Get(ctx, market.ID(phone))
	}
	if err != nil {
		return nil, err
	}
	p, err := s.people.Get(ctx, l.Person)
	if !store.Missing(err) {
		return p, err
	}
	p = &Person{
		Doc: store.Doc{ID: l.Person}, Phone: phone, Name: name,
		Roles: []market.Role{market.RoleBuyer}, Lang: "vi", CreatedAt: now,
	}
	if err := s.people.Insert(ctx, p); err != nil && !store.Exists(err) {
		return nil, err
	}
	return s.people.Get(ctx, l.Person)
}
