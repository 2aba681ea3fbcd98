package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"time"

	"chohue/market"
	"chohue/store"
)

// pace counts how fast something is done. One moment says it all: when the
// allowance will be whole again (the generic cell rate algorithm). The id is a
// hash, so that no number or address is kept.
type pace struct {
	store.Doc `bson:",inline"`
	ExpiresAt time.Time `bson:"expires_at"` // the allowance is whole again
}

// take uses one of the limit. It returns how long to wait when none is left.
func (p *pace) take(now time.Time, l Limit) time.Duration {
	whole := p.ExpiresAt
	if whole.Before(now) {
		whole = now
	}
	whole = whole.Add(l.Per / time.Duration(l.Count))
	if wait := whole.Sub(now) - l.Per; wait > 0 {
		return wait
	}
	p.ExpiresAt = whole
	return 0
}

// allow uses one of the limit for what is named, or says when to come back:
// an unavailable error whose argument "wait" is a time.Duration and "n" the
// same in whole minutes. An empty name is not limited.
func (s *Service) allow(ctx context.Context, l Limit, kind, name string) error {
	if name == "" || l.Count == 0 {
		return nil
	}
	id := market.ID(digest(kind + ":" + name))
	_, err := s.limits.Upsert(ctx, id, func(p *pace) ([]market.Event, error) {
		if wait := p.take(s.env.Now(), l); wait > 0 {
			return nil, tooMany(wait)
		}
		return nil, nil
	})
	return err
}

func tooMany(wait time.Duration) error {
	minutes := int((wait + time.Minute - 1) / time.Minute)
	return market.Unavailable("signin.too_many").With("wait", wait).With("n", minutes)
}

// digest names something by its SHA-256, in base 32.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])
}
