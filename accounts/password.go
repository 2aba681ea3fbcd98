package accounts

import (
	"context"
	_ "embed" // common_passwords.txt
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"chohue/market"
)

//go:embed common_passwords.txt
var commonPasswords string

// SetPassword sets or changes the actor's password. Whoever has one must give
// it as old. Sessions go on; doors end the others by EndAllSessions.
func (s *Service) SetPassword(ctx context.Context, by market.Actor, old, new string) error {
	p, err := s.self(ctx, by)
	if err != nil {
		return err
	}
	if err := s.checkPassword(new, p); err != nil {
		return err
	}
	if p.PasswordHash != "" {
		if err := s.checkOld(ctx, p, old); err != nil {
			return err
		}
	}
	hash, err := s.hash(ctx, new)
	if err != nil {
		return err
	}
	return s.replaceHash(ctx, p, hash)
}

func (s *Service) checkOld(ctx context.Context, p *Person, old string) error {
	if err := s.allow(ctx, s.rules.TriesPerPhone, "try phone", p.Phone); err != nil {
		return err
	}
	if err := s.verify(ctx, p, old); err != nil {
		var e *market.Error
		if errors.As(err, &e) && e.Kind == market.KindInvalid {
			return market.Invalid("password.old_wrong", "old")
		}
		return err
	}
	return nil
}

// replaceHash writes the new hash unless another change came first.
func (s *Service) replaceHash(ctx context.Context, seen *Person, hash string) error {
	_, err := s.people.Update(ctx, seen.ID, func(p *Person) ([]market.Event, error) {
		if p.PasswordHash != seen.PasswordHash {
			return nil, market.Conflict("password.changed")
		}
		p.PasswordHash = hash
		return nil, nil
	})
	return err
}

// checkPassword asks for length and against the passwords everybody tries
// first; there are no rules of composition (ASVS 6.2.5).
func (s *Service) checkPassword(password string, p *Person) error {
	letters := utf8.RuneCountInString(norm.NFC.String(password))
	switch {
	case !utf8.ValidString(password) || letters > s.rules.PasswordMax:
		return market.Invalid("password.long", "password").With("n", s.rules.PasswordMax)
	case letters < s.rules.PasswordMin:
		return market.Invalid("password.short", "password").With("n", s.rules.PasswordMin)
	case common(password, p):
		return market.Invalid("password.common", "password")
	default:
		return nil
	}
}

// common reports whether the password is on the list, is one letter repeated,
// or is the person's own number or name.
func common(password string, p *Person) bool {
	plain := strings.ReplaceAll(market.Fold(password), " ", "")
	local := strings.TrimPrefix(p.Phone, "+84")
	name := strings.ReplaceAll(market.Fold(p.Name), " ", "")
	if plain == "" || strings.Count(plain, plain[:1]) == len(plain) || plain == name {
		return true
	}
	if local != "" && strings.HasSuffix(plain, local) && len(plain) <= len(local)+3 {
		return true
	}
	for word := range strings.Lines(commonPasswords) {
		if strings.TrimSpace(word) == plain {
			return true
		}
	}
	return false
}

// verify compares the password with the person's, or with a decoy when there
// is nobody or no password. A hash made under older rules is made anew.
func (s *Service) verify(ctx context.Context, p *Person, password string) error {
	hash := s.decoy
	if p != nil && p.PasswordHash != "" {
		hash = p.PasswordHash
	}
	match, params, err := s.check(ctx, password, hash)
	if err != nil {
		return err
	}
	if !match || hash == s.decoy {
		return market.Invalid("signin.wrong", "password")
	}
	if *params == s.rules.Argon {
		return nil
	}
	fresh, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	if err := s.replaceHash(ctx, p, fresh); err != nil && market.KindOf(err) != market.KindConflict {
		return err
	}
	return nil
}

// check and hash take a place at the gate: each needs 19 MiB and tens of
// milliseconds of a core, and strangers may ask for it.
func (s *Service) check(ctx context.Context, password, hash string) (bool, *argon2id.Params, error) {
	if len(password) > 4*s.rules.PasswordMax {
		return false, nil, market.Invalid("signin.wrong", "password")
	}
	if err := s.enter(ctx); err != nil {
		return false, nil, err
	}
	defer s.leave()
	return argon2id.CheckHash(norm.NFC.String(password), hash)
}

func (s *Service) hash(ctx context.Context, password string) (string, error) {
	if err := s.enter(ctx); err != nil {
		return "", err
	}
	defer s.leave()
	return argon2id.CreateHash(norm.NFC.String(password), &s.rules.Argon)
}

func (s *Service) enter(ctx context.Context) error {
	select {
	case s.gate <- struct{}{}:
		return nil
	case <-ctx.Done():
		return market.Unavailable("signin.busy")
	}
}

func (s *Service) leave() { <-s.gate }
