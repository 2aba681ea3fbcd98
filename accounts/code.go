package accounts

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"time"

	"chohue/market"
	"chohue/store"
)

// code is the one code that a phone number waits for; its id is the number.
// The code itself is not kept: Hash is an HMAC of number and code under Salt.
type code struct {
	store.Doc `bson:",inline"`
	Salt      string    `bson:"salt"`
	Hash      []byte    `bson:"hash"`
	Tries     int       `bson:"tries"` // wrong guesses so far
	Used      bool      `bson:"used"`
	ExpiresAt time.Time `bson:"expires_at"`
}

// verdict is what became of a guess.
type verdict int

const (
	codeDead  verdict = iota // none, used, run out, or guessed at too often
	codeWrong                // may be tried again
	codeRight
)

// guess judges one guess and notes it: a right one uses the code up.
func (c *code) guess(phone, digits string, now time.Time, tries int) verdict {
	if c.Hash == nil || c.Used || c.Tries >= tries || !now.Before(c.ExpiresAt) {
		return codeDead
	}
	if !hmac.Equal(c.Hash, codeHash(c.Salt, phone, digits)) {
		c.Tries++
		return codeWrong
	}
	c.Used = true
	return codeRight
}

func codeHash(salt, phone, digits string) []byte {
	mac := hmac.New(sha256.New, []byte(salt))
	mac.Write([]byte(phone + ":" + digits))
	return mac.Sum(nil)
}

// RequestCode sends a fresh code of six digits to the phone and makes any
// earlier code void. It does and answers the same for numbers that are known
// and numbers that are not. ip may be empty when there is none to count.
func (s *Service) RequestCode(ctx context.Context, phone, lang, ip string) error {
	number, err := mobile(phone)
	if err != nil {
		return err
	}
	if err := s.allow(ctx, s.rules.CodesPerIP, "code ip", ip); err != nil {
		return err
	}
	if err := s.allow(ctx, s.rules.CodesPerPhone, "code phone", number); err != nil {
		return err
	}
	digits, err := s.newCode(ctx, number)
	if err != nil {
		return err
	}
	if err := s.sender.Send(ctx, number, digits, lang); err != nil {
		return errors.Join(market.Unavailable("code.not_sent"), err)
	}
	return nil
}

func (s *Service) newCode(ctx context.Context, phone string) (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	digits := fmt.Sprintf("%06d", n)
	salt := market.NewSecret()
	_, err = s.codes.Upsert(ctx, market.ID(phone), func(c *code) ([]market.Event, error) {
		*c = code{
			Doc: c.Doc, Salt: salt, Hash: codeHash(salt, phone, digits),
			ExpiresAt: s.env.Now().Add(s.rules.CodeLife),
		}
		return nil, nil
	})
	return digits, err
}

// useCode uses the code up, or says whether another guess makes sense. A wrong
// guess is written before it is answered, so guesses made side by side count.
func (s *Service) useCode(ctx context.Context, phone, digits string) error {
	found := codeDead
	_, err := s.codes.Update(ctx, market.ID(phone), func(c *code) ([]market.Event, error) {
		found = c.guess(phone, digits, s.env.Now(), s.rules.CodeTries)
		return nil, nil
	})
	switch {
	case err != nil && !store.Missing(err):
		return err
	case found == codeRight:
		return nil
	case found == codeWrong:
		return market.Invalid("code.wrong", "code")
	default:
		return market.Invalid("code.expired", "code")
	}
}
