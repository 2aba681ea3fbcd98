// Package accounts knows people: how they sign in (phone number and one-time
// code, or a password), what they may be, and on which devices they are
// signed in.
//
// What must be unique is an id: a phone number is the id of a login, the hash
// of a token is the id of a session.
package accounts

import (
	"context"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// Person is somebody with a phone number. PasswordHash never leaves the room
// by any door.
type Person struct {
	store.Doc    `bson:",inline"`
	Phone        string          `bson:"phone"` // E.164
	Name         string          `bson:"name"`
	Roles        []market.Role   `bson:"roles"`
	PasswordHash string          `bson:"password_hash,omitempty"` // argon2id, PHC form; empty when only codes are used
	Lang         string          `bson:"lang"`
	Address      *market.Address `bson:"address,omitempty"` // where parcels usually go
	CreatedAt    time.Time       `bson:"created_at"`
}

// Is reports whether the person has one of the roles.
func (p *Person) Is(roles ...market.Role) bool {
	return slices.ContainsFunc(roles, func(r market.Role) bool { return slices.Contains(p.Roles, r) })
}

// login says which person a phone number belongs to; its id is the number.
type login struct {
	store.Doc `bson:",inline"`
	Person    market.ID `bson:"person"`
	At        time.Time `bson:"at"`
}

// Sender carries a one-time code to a phone. lang is the language of the
// message.
type Sender interface {
	Send(ctx context.Context, phone, code, lang string) error
}

// Service is the room's door.
type Service struct {
	env      market.Env
	rules    Rules
	sender   Sender
	people   *store.Collection[Person]
	logins   *store.Collection[login]
	codes    *store.Collection[code]
	sessions *store.Collection[Session]
	limits   *store.Collection[pace]
	gate     chan struct{} // one place for each password computed at a time
	decoy    string        // hash compared for people who do not exist
}

// New opens the room with DefaultRules.
func New(ctx context.Context, e store.Engine, env market.Env, sender Sender) (*Service, error) {
	return NewWithRules(ctx, e, env, sender, DefaultRules())
}

// NewWithRules opens the room with other rules.
func NewWithRules(ctx context.Context, e store.Engine, env market.Env, sender Sender, rules Rules) (*Service, error) {
	s := &Service{env: env, rules: rules, sender: sender, gate: make(chan struct{}, rules.PasswordsAtOnce)}
	if err := s.open(ctx, e); err != nil {
		return nil, err
	}
	var err error
	s.decoy, err = s.hash(ctx, market.NewSecret())
	return s, err
}

func (s *Service) open(ctx context.Context, e store.Engine) (err error) {
	if s.people, err = store.Open[Person](ctx, e, store.Spec{Name: "people", Cache: 4096, Indexes: []store.Index{{Name: "roles", Fields: []string{"roles"}}}}); err != nil {
		return err
	}
	if s.logins, err = store.Open[login](ctx, e, store.Spec{Name: "logins"}); err != nil {
		return err
	}
	if s.codes, err = store.Open[code](ctx, e, expiring("codes")); err != nil {
		return err
	}
	if s.limits, err = store.Open[pace](ctx, e, expiring("sign-in-limits")); err != nil {
		return err
	}
	sessions := expiring("sessions", store.Index{Name: "person", Fields: []string{"person", "seen_at"}})
	sessions.Cache = 4096
	s.sessions, err = store.Open[Session](ctx, e, sessions)
	return err
}

func expiring(name string, more ...store.Index) store.Spec {
	ends := store.Index{Name: "expires", Fields: []string{"expires_at"}}
	return store.Spec{Name: name, Indexes: append(more, ends)}
}

// Sweep removes codes, limits and sessions that have run out and returns how
// many. They are already without effect; a worker calls Sweep to save space.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	total := 0
	for _, sweep := range []func(context.Context, time.Time) (int, error){
		sweeper(s.codes), sweeper(s.limits), sweeper(s.sessions),
	} {
		n, err := sweep(ctx, s.env.Now())
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

type stored interface{ id() market.ID }

func (c *code) id() market.ID    { return c.ID }
func (p *pace) id() market.ID    { return p.ID }
func (s *Session) id() market.ID { return s.ID }

func sweeper[T any, P interface {
	*T
	stored
}](c *store.Collection[T],
) func(context.Context, time.Time) (int, error) {
	return func(ctx context.Context, now time.Time) (int, error) {
		n := 0
		err := c.Each(ctx, store.Query{Index: "expires", To: now}, func(t *T) error {
			n++
			return c.Delete(ctx, P(t).id())
		})
		return n, err
	}
}
