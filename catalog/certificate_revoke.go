package catalog

import (
	"context"
	"fmt"
	"slices"
	"time"

	"chohue/market"
)

// Revocation is why a certificate was ended before its time, and by whom.
type Revocation struct {
	Reason     string    `bson:"reason"`                // an id of RevocationReason
	Words      string    `bson:"words"`                 // as the decision says it
	DecisionNo string    `bson:"decision_no,omitempty"` // of the withdrawal; empty for a mistake
	Mistake    bool      `bson:"mistake,omitempty"`     // the certificate never was: it replaced nothing
	By         market.ID `bson:"by"`
	ByName     string    `bson:"by_name"`
	At         time.Time `bson:"at"` // when it was entered
}

// RevocationReason is one ground on which a certificate may be withdrawn, for
// as long as the law knows it. The grounds are those of Art. 8 of QĐ
// 26/2026/QĐ-TTg by their number: who revokes writes down the ground in the
// words of the decision.
type RevocationReason struct {
	ID        string
	Name      market.Text
	Basis     string
	Mistake   bool // not a withdrawal: the entry was wrong
	ValidFrom time.Time
	ValidTo   time.Time // zero while in force
}

// RevocationReasons lists the grounds that may be given at a moment.
func (s Sets) RevocationReasons(at time.Time) []RevocationReason {
	var out []RevocationReason
	for _, r := range s.reasons {
		if inForce(r.ValidFrom, r.ValidTo, at) {
			out = append(out, r)
		}
	}
	return out
}

// RevocationReason returns the ground of that id, also one that the law has
// dropped since.
func (s Sets) RevocationReason(id string) (RevocationReason, bool) {
	i := slices.IndexFunc(s.reasons, func(r RevocationReason) bool { return r.ID == id })
	if i < 0 {
		return RevocationReason{}, false
	}
	return s.reasons[i], true
}

// inForce reports whether at lies in a span; a zero end is open.
func inForce(from, to, at time.Time) bool {
	return !at.Before(from) && (to.IsZero() || at.Before(to))
}

func loadReasons() ([]RevocationReason, error) {
	rows, err := readTable("taxonomy/revocations.csv")
	if err != nil {
		return nil, err
	}
	var out []RevocationReason
	for _, row := range rows {
		r := RevocationReason{
			ID: row["reason"], Name: market.Text{VI: row["name"], EN: row["name_en"]},
			Basis: row["basis"], Mistake: row["mistake"] == "yes",
		}
		if r.ValidFrom, r.ValidTo, err = parseSpan(row); err != nil {
			return nil, fmt.Errorf("revocation reason %q: %w", r.ID, err)
		}
		out = append(out, r)
	}
	return out, nil
}

// parseSpan reads from when and until when a row of a table counts; an empty
// end is open.
func parseSpan(row map[string]string) (from, to time.Time, err error) {
	for column, at := range map[string]*time.Time{"valid_from": &from, "valid_to": &to} {
		if row[column] == "" {
			continue
		}
		if *at, err = parseDay(row[column]); err != nil {
			return from, to, err
		}
	}
	return from, to, nil
}

// Revoke ends a certificate now (QĐ 26/2026/QĐ-TTg, Art. 8). Reason, Words and
// DecisionNo are read from r, the rest is filled in. One that is revoked
// already stays as it was revoked.
func (s *Service) Revoke(ctx context.Context, by market.Actor, product, certificate market.ID, r Revocation) (*Product, error) {
	if _, err := s.judged(ctx, by, product, market.RoleOfficial, market.RoleModerator, market.RoleOperator); err != nil {
		return nil, err
	}
	now := s.env.Now()
	r, err := s.cleanRevocation(by, r, now)
	if err != nil {
		return nil, err
	}
	return s.update(ctx, product, func(p *Product) ([]market.Event, error) {
		c := p.certificate(certificate)
		if c == nil {
			return nil, errNoCertificate
		}
		if c.RevokedAt != nil {
			return nil, nil
		}
		c.RevokedAt, c.Revocation, p.BadgeTurnedAt = &now, &r, now
		return s.news(p, EventRevoked), nil
	})
}

var errNoCertificate = market.NotFound("certificate.missing")

func (s *Service) cleanRevocation(by market.Actor, r Revocation, now time.Time) (Revocation, error) {
	var c market.Checks
	reason, ok := s.sets.RevocationReason(r.Reason)
	c.That(ok && inForce(reason.ValidFrom, reason.ValidTo, now), "reason", "certificate.reason")
	r.Words = line(&c, "words", r.Words, maxReason)
	c.That(r.Words != "", "words", "certificate.reason_words")
	r.DecisionNo = line(&c, "decision_no", r.DecisionNo, maxSKU)
	c.That(reason.Mistake || decisionForm.MatchString(r.DecisionNo), "decision_no", "certificate.decision_no")
	r.Mistake, r.By, r.ByName, r.At = reason.Mistake, by.Person, checker(by), now
	return r, c.Err()
}

// certificate returns the product's own certificate of that id, or nil.
func (p *Product) certificate(id market.ID) *Certificate {
	for i := range p.Certificates {
		if p.Certificates[i].ID == id {
			return &p.Certificates[i]
		}
	}
	return nil
}
