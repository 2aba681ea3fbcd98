package catalog

import (
	"context"
	"time"

	"chohue/market"
	"chohue/store"
)

// CertificateState says what a certificate is worth at a moment. It is never
// stored: it follows from the certificate, the clock and the product's other
// certificates, so no job has to run for it to be right.
type CertificateState string

// The states.
const (
	CertificateComing     CertificateState = "coming" // decided, not yet in force
	CertificateActive     CertificateState = "active"
	CertificateExpired    CertificateState = "expired"
	CertificateRevoked    CertificateState = "revoked"
	CertificateSuperseded CertificateState = "superseded"
)

// Standing is the state of a certificate at a moment.
type Standing struct {
	State        CertificateState
	Until        time.Time // when an active certificate ends, or when it ended
	SupersededBy market.ID // the decision that took its place, once it has
}

// StandingAt returns the state of c at now among the certificates of its
// product. What ends a certificate first is what it ended by: its own term,
// its revocation, or a later proven decision that comes into force. What has
// been replaced stays replaced when its successor ends: the council ranked the
// product anew. Only a successor that was entered by mistake replaces nothing.
func (c Certificate) StandingAt(now time.Time, others []Certificate) Standing {
	end := c.end(others)
	switch {
	case !now.Before(end.Until):
		return end
	case now.Before(c.ValidFrom):
		return Standing{State: CertificateComing, Until: c.ValidFrom}
	default:
		return Standing{State: CertificateActive, Until: end.Until}
	}
}

// end is how the certificate ends, as far as is known.
func (c Certificate) end(others []Certificate) Standing {
	end := Standing{State: CertificateExpired, Until: c.ValidTo}
	for _, o := range others {
		if o.follows(c) && o.ValidFrom.Before(end.Until) {
			end = Standing{CertificateSuperseded, o.ValidFrom, o.ID}
		}
	}
	if c.RevokedAt != nil && !c.RevokedAt.After(end.Until) {
		end = Standing{State: CertificateRevoked, Until: *c.RevokedAt}
	}
	return end
}

// follows reports whether the decision takes the place of an earlier one when
// it comes into force. Decisions of one day stand beside each other: the
// province's four stars and the centre's five are one re-ranking.
func (c Certificate) follows(earlier Certificate) bool {
	if c.ID == earlier.ID || !c.public() || !c.DecisionDate.After(earlier.DecisionDate) {
		return false
	}
	return c.RevokedAt == nil || (c.RevokedAt.After(c.ValidFrom) && !c.mistaken())
}

func (c Certificate) mistaken() bool { return c.Revocation != nil && c.Revocation.Mistake }

// public reports whether the certificate may ever be a badge.
func (c Certificate) public() bool { return c.Stars >= MinBadgeStars && c.Proven() }

// Standing returns the state of one of the product's certificates at now.
func (p *Product) Standing(c Certificate, now time.Time) Standing {
	return c.StandingAt(now, p.Certificates)
}

// Badge returns the certificate that the product may show at now: the one of
// most stars among those that are active, proven and of at least three stars;
// of equal ones the one that lasts longest.
func (p *Product) Badge(now time.Time) (Certificate, bool) {
	var best Certificate
	for _, c := range p.Certificates {
		if !c.public() || p.Standing(c, now).State != CertificateActive {
			continue
		}
		if c.Stars > best.Stars || (c.Stars == best.Stars && c.ValidTo.After(best.ValidTo)) {
			best = c
		}
	}
	return best, best.Stars > 0
}

// BadgeSpan is a time in which one certificate may be shown.
type BadgeSpan struct {
	Stars       int
	From, Until time.Time // Until is the first moment at which it no longer counts
}

// BadgeSpans returns when each of the product's certificates may be shown, for
// an index that compares them with the time of each query.
func (p *Product) BadgeSpans() []BadgeSpan {
	var out []BadgeSpan
	for _, c := range p.Certificates {
		until := c.end(p.Certificates).Until
		if c.public() && c.ValidFrom.Before(until) {
			out = append(out, BadgeSpan{c.Stars, c.ValidFrom, until})
		}
	}
	return out
}

// turnedLately is how far back EachTurned looks when it is not told: longer
// than any news is under way.
const turnedLately = 7 * 24 * time.Hour

// EachTurned calls do with the products in the shop whose certificates somebody
// changed since then, oldest change first. A search index asks it before it
// answers, because news of a revocation reaches it a moment late. The zero time
// asks for the last week. It returns when it looked: what is changed later has
// that time or a later one, as far as clocks agree.
func (s *Service) EachTurned(ctx context.Context, since time.Time, do func(*Product) error) (time.Time, error) {
	now := s.env.Now()
	if since.IsZero() {
		since = now.Add(-turnedLately)
	}
	return now, s.products.Each(ctx, store.Query{Index: "turned", Eq: []any{StatusPublished}, From: since}, do)
}
