package cooperatives

import (
	"context"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// The acts that a member can let managers do for them.
const (
	ActDeliver = "deliver" // record what they brought, its grade and price
	ActList    = "list"    // offer their goods
)

// Acts lists them.
func Acts() []string { return []string{ActDeliver, ActList} }

// Consent is what a member allowed, when, and how that can be proven (Law
// 91/2025/QH15: consent must be provable). It ends, and is never changed.
type Consent struct {
	Acts     []string   `bson:"acts"`
	Evidence string     `bson:"evidence"` // "signed form 12/2026", a witness
	At       time.Time  `bson:"at"`
	By       market.ID  `bson:"by"` // the manager who wrote it down
	EndedAt  *time.Time `bson:"ended_at,omitempty"`
}

// Mandate is all that one member of a seller has ever allowed.
type Mandate struct {
	store.Doc `bson:",inline" json:"-"`
	Seller    market.ID `bson:"seller"`
	Member    market.ID `bson:"member"`
	Consents  []Consent `bson:"consents"`
}

func mandateID(seller, member market.ID) market.ID { return seller + ":" + member }

// Allows reports whether the member allows the act now.
func (m *Mandate) Allows(act string) bool {
	return slices.ContainsFunc(m.Consents, func(c Consent) bool { return c.EndedAt == nil && slices.Contains(c.Acts, act) })
}

// Member returns the member of that person, false when there is none.
func (s *Seller) Member(person market.ID) (Member, bool) {
	i := slices.IndexFunc(s.Members, func(m Member) bool { return m.Person == person && person != "" })
	if i < 0 {
		return Member{}, false
	}
	return s.Members[i], true
}

// AddWithoutPhone makes a member of somebody who has no phone: no account, no
// say by themselves, so managers act for them with consent. The id is made by
// the client or here; the same again is the same member.
func (s *Service) AddWithoutPhone(ctx context.Context, by market.Actor, seller, id market.ID, name string) (market.ID, error) {
	if id == "" {
		id = s.env.NewID()
	}
	if !idForm.MatchString(string(id)) {
		return "", market.Invalid("cooperatives.id", "id")
	}
	found, err := s.managed(ctx, by, seller)
	if err != nil {
		return "", err
	}
	if old, ok := found.Member(id); ok && !old.NoPhone {
		return "", market.Conflict("cooperatives.id_taken")
	}
	_, err = s.AddMember(ctx, by, seller, Member{Person: id, Name: name, Role: MemberFarmer, NoPhone: true})
	return id, err
}

// Allow writes down what a member consented to.
func (s *Service) Allow(ctx context.Context, by market.Actor, seller, member market.ID, acts []string, evidence string) error {
	m, err := s.asked(ctx, by, seller, member)
	if err != nil {
		return err
	}
	evidence, acts = tidy(evidence), slices.Compact(slices.Sorted(slices.Values(acts)))
	var c market.Checks
	c.That(len(acts) > 0 && !slices.ContainsFunc(acts, func(a string) bool { return !slices.Contains(Acts(), a) }), "acts", "mandate.acts")
	c.That(within(evidence, 3, 300), "evidence", "mandate.evidence")
	if err := c.Err(); err != nil {
		return err
	}
	return s.amendMandate(ctx, by, seller, m, "mandate.given", evidence, func(d *Mandate) bool {
		d.Consents = append(d.Consents, Consent{Acts: acts, Evidence: evidence, At: s.env.Now(), By: by.Person})
		return true
	})
}

// Disallow ends all that the member allows.
func (s *Service) Disallow(ctx context.Context, by market.Actor, seller, member market.ID, reason string) error {
	m, err := s.asked(ctx, by, seller, member)
	if err != nil {
		return err
	}
	now := s.env.Now()
	return s.amendMandate(ctx, by, seller, m, "mandate.ended", cut(tidy(reason), 300), func(d *Mandate) bool {
		ended := false
		for i := range d.Consents {
			if c := &d.Consents[i]; c.EndedAt == nil {
				c.EndedAt, ended = &now, true
			}
		}
		return ended
	})
}

// asked returns the member about whom a manager, or the member, speaks.
func (s *Service) asked(ctx context.Context, by market.Actor, seller, member market.ID) (Member, error) {
	found, err := s.Seller(ctx, seller)
	if err != nil {
		return Member{}, err
	}
	m, ok := found.Member(member)
	if self := ok && by.Person == member; !self {
		if err := found.mayManage(by); err != nil {
			return Member{}, err
		}
	}
	if !ok {
		return Member{}, market.NotFound("cooperatives.no_member")
	}
	return m, nil
}

func (s *Service) amendMandate(ctx context.Context, by market.Actor, seller market.ID, m Member, what, words string, change func(*Mandate) bool) error {
	_, err := s.consent.Upsert(ctx, mandateID(seller, m.Person), func(d *Mandate) ([]market.Event, error) {
		before := digest(d.Consents)
		d.Seller, d.Member = seller, m.Person
		if !change(d) {
			return nil, nil
		}
		n := Note{Seller: seller, What: what, Object: m.Person, For: m.Person, ForName: m.Name, Words: words, Before: before, After: digest(d.Consents)}
		return []market.Event{s.noted(by, n)}, nil
	})
	return err
}

// Mandates returns what each member of the seller allows, to its managers.
func (s *Service) Mandates(ctx context.Context, by market.Actor, seller market.ID) (map[market.ID]*Mandate, error) {
	found, err := s.managed(ctx, by, seller)
	if err != nil {
		return nil, err
	}
	ids := make([]market.ID, len(found.Members))
	for i, m := range found.Members {
		ids[i] = mandateID(seller, m.Person)
	}
	kept, err := s.consent.GetMany(ctx, ids...)
	all := make(map[market.ID]*Mandate, len(kept))
	for _, m := range kept {
		all[m.Member] = m
	}
	return all, err
}

// mayActFor lets a manager do the act for the member: for people without a
// phone only while they allow it. Others see on their own phone what managers
// write down about them.
func (s *Service) mayActFor(ctx context.Context, seller market.ID, m Member, act string) error {
	if !m.NoPhone {
		return nil
	}
	mandate, err := s.consent.Get(ctx, mandateID(seller, m.Person))
	if store.Missing(err) || (err == nil && !mandate.Allows(act)) {
		return market.Conflict("mandate.none").With("name", m.Name)
	}
	return err
}
