package catalog

import (
	"context"
	"regexp"
	"slices"
	"time"

	"chohue/market"
)

const maxCertificates = 20

// Certify records a decision that ranks the product. What the decision leaves
// open follows from the law in force on its day: version, stars by score, and
// how long it is good for. The same certificate id, or the same decision,
// again changes nothing.
func (s *Service) Certify(ctx context.Context, by market.Actor, product market.ID, c Certificate) (*Product, error) {
	if _, err := s.judged(ctx, by, product, market.RoleOfficial, market.RoleModerator, market.RoleOperator); err != nil {
		return nil, err
	}
	c, err := s.cleanCertificate(c)
	if err != nil {
		return nil, err
	}
	c.RevokedAt, c.Revocation, c.Evidence, c.CheckedAt = nil, nil, nil, s.env.Now()
	if !by.Is(market.RoleSystem) || c.CheckedBy == "" {
		c.CheckedBy = checker(by)
	}
	c.Version = c.contentHash()
	if err := s.keepVersion(ctx, product, c); err != nil {
		return nil, err
	}
	return s.update(ctx, product, func(p *Product) ([]market.Event, error) { return s.addCertificate(p, c) })
}

func checker(by market.Actor) string {
	if by.Name != "" {
		return by.Name
	}
	return string(by.Person)
}

func (s *Service) addCertificate(p *Product, c Certificate) ([]market.Event, error) {
	if p.decided(c) {
		return nil, nil
	}
	if len(p.Certificates) >= maxCertificates {
		return nil, market.Conflict("certificate.many")
	}
	p.Certificates, p.BadgeTurnedAt = append(p.Certificates, c), s.env.Now()
	return s.news(p, EventCertified), nil
}

// decided reports whether the certificate, or its decision, is entered
// already. A revoked one is not brought back by entering it again; one that
// was entered by mistake may be entered as it should have been.
func (p *Product) decided(c Certificate) bool {
	return slices.ContainsFunc(p.Certificates, func(old Certificate) bool {
		return old.ID == c.ID || (old.DecisionNo == c.DecisionNo && old.DecisionDate.Equal(c.DecisionDate) && !old.mistaken())
	})
}

// decisionForm is as strict as the decisions seen allow: 1810/QĐ-UBND.
var decisionForm = regexp.MustCompile(`^\d+/QĐ-[A-ZĐ]+`)

// cleanCertificate completes the certificate from its legal version, or says
// what is wrong with it.
func (s *Service) cleanCertificate(c Certificate) (Certificate, error) {
	var checks market.Checks
	if c.ID == "" {
		c.ID = s.env.NewID()
	}
	checkID(&checks, "id", c.ID)
	c.DecisionNo = line(&checks, "decision_no", c.DecisionNo, maxSKU)
	c.Issuer = line(&checks, "issuer", c.Issuer, maxName)
	c.CheckedBy = line(&checks, "checked_by", c.CheckedBy, maxName)
	c.Note = proseIn(&checks, "note", c.Note)
	checks.That(decisionForm.MatchString(c.DecisionNo), "decision_no", "certificate.decision_no")
	checks.That(slices.Contains([]string{ProofDecision, ProofState, ProofPending, ProofVendor}, c.Verification),
		"verification", "certificate.verification")
	law, ok := s.sets.VersionAt(c.DecisionDate)
	checks.That(ok && !c.DecisionDate.After(s.env.Now()), "decision_date", "certificate.decision_date")
	checks.That(c.LegalVersion == "" || c.LegalVersion == law.ID, "legal_version", "certificate.legal_version")
	if ok {
		c = law.complete(&checks, c)
	}
	return c, checks.Err()
}

// complete fills in rank and validity by this version of the law.
func (v Version) complete(checks *market.Checks, c Certificate) Certificate {
	c.LegalVersion = v.ID
	most := v.Most[c.IssuerLevel]
	checks.That(most > 0, "issuer_level", "certificate.issuer_level")
	checks.That(c.Score >= 0 && c.Score <= 100, "score", "certificate.score")
	if c.Score > 0 {
		most = min(most, v.Stars(c.Score))
		if c.Stars == 0 {
			c.Stars = most
		}
	}
	if c.Stars < MinBadgeStars || c.Stars > most {
		checks.Add("stars", market.Invalid("certificate.stars", "stars").With("least", MinBadgeStars).With("most", most))
	}
	if c.ValidFrom.IsZero() {
		c.ValidFrom = c.DecisionDate
	}
	latest := v.expiry(c.ValidFrom)
	if c.ValidTo.IsZero() {
		c.ValidTo = latest
	}
	checks.That(!c.ValidFrom.Before(c.DecisionDate), "valid_from", "certificate.valid_from")
	checks.That(c.ValidTo.After(c.ValidFrom) && !c.ValidTo.After(latest), "valid_to", "certificate.valid_to")
	return c
}

// expiry counts the months in Huế's calendar.
func (v Version) expiry(from time.Time) time.Time {
	return from.In(market.HueZone).AddDate(0, v.Months, 0).UTC()
}
