package catalog

import (
	"time"

	"chohue/market"
)

// Certificate is one decision that ranked the product. It has its own life:
// what it is worth is computed when it is read, so a badge drops in the second
// in which the certificate ends.
type Certificate struct {
	ID           market.ID   `bson:"id"`
	LegalVersion string      `bson:"legal_version"` // the criteria it was ranked by, see Version
	DecisionNo   string      `bson:"decision_no"`   // as printed: 1810/QĐ-UBND
	DecisionDate time.Time   `bson:"decision_date"`
	Issuer       string      `bson:"issuer"`
	IssuerLevel  string      `bson:"issuer_level"` // central, province or district
	Stars        int         `bson:"stars"`        // 1 to 5
	Score        float64     `bson:"score"`        // mean of the council, 0 to 100; 0 when not published
	ValidFrom    time.Time   `bson:"valid_from"`
	ValidTo      time.Time   `bson:"valid_to"` // the first moment at which it is no longer valid
	RevokedAt    *time.Time  `bson:"revoked_at,omitempty"`
	Revocation   *Revocation `bson:"revocation,omitempty"` // why and by whom; nil unless revoked
	Verification string      `bson:"verification"`         // how it is proven, see the Proof constants
	CheckedBy    string      `bson:"checked_by"`
	CheckedAt    time.Time   `bson:"checked_at,omitempty"` // when CheckedBy looked at the proof
	Evidence     *Evidence   `bson:"evidence,omitempty"`   // the decision itself; nil when nobody has handed it in
	Version      string      `bson:"version,omitempty"`    // names this content, see CertificateVersion
	Demo         bool        `bson:"demo,omitempty"`       // made up for a demonstration
	Note         market.Text `bson:"note"`
}

// How a certificate is proven.
const (
	ProofDecision = "A"  // the signed decision was seen
	ProofState    = "B1" // a state portal or newspaper names it
	ProofPending  = "B2" // not yet checked
	ProofVendor   = "C"  // only the seller says so
)

// MinBadgeStars is the least rank that is certified at all: one and two stars
// get neither a decision nor a certificate (QĐ 26/2026/QĐ-TTg, Art. 3.3, 4.3).
const MinBadgeStars = 3

// Proven reports whether the certificate may be shown to the public.
func (c Certificate) Proven() bool {
	return c.Verification == ProofDecision || c.Verification == ProofState
}
