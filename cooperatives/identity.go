package cooperatives

import (
	"context"
	"slices"
	"time"

	"chohue/market"
)

// Identity is how it was made sure who stands behind a seller (Law
// 122/2025/QH15, Art. 17.1.c). Only a reference to the evidence is kept.
type Identity struct {
	Method     string    `bson:"method"`
	Level      int       `bson:"level"`  // of rules/identity.csv
	Person     string    `bson:"person"` // name of the representative
	Evidence   string    `bson:"evidence"`
	VerifiedAt time.Time `bson:"verified_at"`
	By         market.ID `bson:"by,omitempty"` // who checked by hand
}

// IdentityClaim is what is to be checked.
type IdentityClaim struct {
	Seller   market.ID
	Person   string // name of the representative
	Evidence string // file number, or what the other service gave
}

// IdentityChecker makes sure of an identity: a person who looks at papers now,
// VNeID when it opens to platforms. It returns the reference of the evidence,
// or an error when the claim does not hold.
type IdentityChecker interface {
	Method() string
	Check(ctx context.Context, by market.Actor, claim IdentityClaim) (evidence string, err error)
}

// manual is a moderator who has compared the card with the person.
type manual struct{}

// Method implements IdentityChecker.
func (manual) Method() string { return "manual" }

// Check implements IdentityChecker: the moderator must say where the evidence is.
func (manual) Check(_ context.Context, by market.Actor, claim IdentityClaim) (string, error) {
	if !by.Is(market.RoleModerator, market.RoleOperator) {
		return "", market.Forbidden("cooperatives.moderator_only")
	}
	if !within(claim.Evidence, 3, 200) {
		return "", market.Invalid("identity.evidence", "evidence")
	}
	return claim.Evidence, nil
}

// Methods are the ways of checking that count today.
func (p *Papers) Methods() []string {
	var all []string
	for _, rule := range p.rules.methods {
		if _, ok := p.checkers[rule.method]; ok && rule.holds(p.env.Now()) {
			all = append(all, rule.method)
		}
	}
	return all
}

// Identify checks who stands behind the seller and keeps the result. Moderators
// and operators start it, never for a seller of their own.
func (p *Papers) Identify(ctx context.Context, by market.Actor, method string, claim IdentityClaim) error {
	if _, err := p.judging(ctx, by, claim.Seller); err != nil {
		return err
	}
	claim.Person, claim.Evidence = tidy(claim.Person), tidy(claim.Evidence)
	var c market.Checks
	c.That(slices.Contains(p.Methods(), method), "method", "identity.method")
	c.That(within(claim.Person, 2, 120), "person", "identity.person")
	if err := c.Err(); err != nil {
		return err
	}
	evidence, err := p.checkers[method].Check(ctx, by, claim)
	if err != nil {
		return err
	}
	level := p.rules.methods[slices.IndexFunc(p.rules.methods, func(r methodRule) bool { return r.method == method })].level
	return p.identified(ctx, by, claim.Seller, Identity{
		Method: method, Level: level, Person: claim.Person, Evidence: evidence, VerifiedAt: p.env.Now(), By: by.Person,
	})
}

func (p *Papers) identified(ctx context.Context, by market.Actor, seller market.ID, id Identity) error {
	_, err := p.files.Upsert(ctx, seller, func(d *Dossier) ([]market.Event, error) {
		before := ""
		if d.Identity != nil {
			before = digest(*d.Identity)
		}
		d.Identity = &id
		d.arrange(p.env.Now())
		n := Note{Seller: seller, What: "identity.checked", Object: seller, Words: joinWords(id.Method, id.Evidence), Before: before, After: digest(id)}
		return []market.Event{p.noted(by, n)}, nil
	})
	return err
}

// IdentityOf returns how it was made sure who stands behind the seller, nil
// when it was not.
func (s *Service) IdentityOf(ctx context.Context, seller market.ID) (*Identity, error) {
	d, err := s.dossier(ctx, seller)
	if err != nil {
		return nil, err
	}
	return d.Identity, nil
}
