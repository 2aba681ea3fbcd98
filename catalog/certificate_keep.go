package catalog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// CertificateVersion is a certificate as it stood for a time, with what it was
// about. A sold line names the version that it was sold under; versions are
// written once and never changed.
type CertificateVersion struct {
	store.Doc   `bson:",inline"` // the id is product:certificate:version
	Product     market.ID        `bson:"product"`
	Slug        string           `bson:"slug"`
	ProductName market.Text      `bson:"product_name"`
	SellerName  market.Text      `bson:"seller_name"`
	Certificate Certificate      `bson:"certificate"`
	At          time.Time        `bson:"at"` // when the certificate came to stand so
}

func versionID(product market.ID, c Certificate) market.ID {
	return product + ":" + c.ID + ":" + market.ID(c.Version)
}

const versionLength = 20

// contentHash names what the certificate says and what proves it; not whether
// it still counts. The list's order and form are part of stored names: add at
// the end, and only what is not empty.
func (c Certificate) contentHash() string {
	content := []any{
		c.ID, c.LegalVersion, c.DecisionNo, c.DecisionDate.UnixMilli(), c.Issuer, c.IssuerLevel, c.Stars, c.Score,
		c.ValidFrom.UnixMilli(), c.ValidTo.UnixMilli(), c.Verification, c.CheckedBy, c.CheckedAt.UnixMilli(), c.Demo, c.Note,
	}
	if c.Evidence != nil {
		content = append(content, c.Evidence.SHA256)
	}
	raw, err := json.Marshal(content)
	if err != nil {
		return "" // strings and numbers can always be written; a NaN score is refused before
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])[:versionLength]
}

// keepVersion writes the version down before the product takes it on. Cut off
// in between it leaves a version that nothing was sold under.
func (s *Service) keepVersion(ctx context.Context, product market.ID, c Certificate) error {
	p, err := s.products.Get(ctx, product)
	if err != nil {
		return missing(err)
	}
	v := &CertificateVersion{
		Doc: store.Doc{ID: versionID(product, c)}, Product: product, Slug: p.Slug,
		ProductName: p.Name, SellerName: p.SellerName, Certificate: c, At: s.env.Now(),
	}
	if err := s.versions.Insert(ctx, v); !store.Exists(err) {
		return err
	}
	return nil
}

// Certified is a certificate as it was and as it is.
type Certified struct {
	Then     CertificateVersion // the version that was asked for
	Now      Certificate        // as it is today
	Standing Standing           // what it is worth today
}

// CertificateByID shows the certificate to anybody: it is a public decision.
// version names how it once stood, as a sold line does; empty for today's.
// Certificates that are not proven, or of products that the visitor may not
// see and that never were in the shop, are not found.
func (s *Service) CertificateByID(ctx context.Context, by market.Actor, id market.ID, version string) (Certified, error) {
	p, err := s.first(ctx, "certificate", id, func(p *Product) bool { return mayRead(by, p) || !p.PublishedAt.IsZero() })
	if market.KindOf(err) == market.KindNotFound {
		return Certified{}, errNoCertificate
	}
	if err != nil {
		return Certified{}, err
	}
	c := p.certificate(id)
	if !c.public() && !by.For(p.Seller) && !by.Is(market.RoleModerator, market.RoleOperator, market.RoleOfficial) {
		return Certified{}, errNoCertificate
	}
	out := Certified{Now: *c, Standing: p.Standing(*c, s.env.Now())}
	out.Then, err = s.versionOf(ctx, p, *c, version)
	return out, err
}

func (s *Service) versionOf(ctx context.Context, p *Product, c Certificate, version string) (CertificateVersion, error) {
	today := CertificateVersion{Product: p.ID, Slug: p.Slug, ProductName: p.Name, SellerName: p.SellerName, Certificate: c}
	if version == "" || (version == c.Version && c.Version == "") {
		return today, nil
	}
	c.Version = version
	then, err := s.versions.Get(ctx, versionID(p.ID, c))
	if store.Missing(err) {
		return today, errNoCertificate
	}
	if err != nil {
		return today, err
	}
	return *then, nil
}

// VerifyCertificate records that somebody looked at the proof again, and what
// they found: one of the Proof constants. Nobody checks their own goods.
func (s *Service) VerifyCertificate(ctx context.Context, by market.Actor, product, certificate market.ID, proof string) (*Product, error) {
	if !slices.Contains(proofs, proof) {
		return nil, market.Invalid("certificate.verification", "verification")
	}
	if _, err := s.judged(ctx, by, product, market.RoleOfficial, market.RoleModerator, market.RoleOperator); err != nil {
		return nil, err
	}
	now := s.env.Now()
	return s.rewriteCertificate(ctx, product, certificate, func(c *Certificate) {
		c.Verification, c.CheckedBy, c.CheckedAt = proof, checker(by), now
	})
}

var proofs = []string{ProofDecision, ProofState, ProofPending, ProofVendor}

// rewriteCertificate changes what a certificate says: the new version is
// written down first, and then taken on unless the certificate has changed
// meanwhile.
func (s *Service) rewriteCertificate(ctx context.Context, product, id market.ID, change func(*Certificate)) (*Product, error) {
	p, err := s.products.Get(ctx, product)
	if err != nil {
		return nil, missing(err)
	}
	old := p.certificate(id)
	if old == nil {
		return nil, errNoCertificate
	}
	next := *old
	change(&next)
	if next.Version = next.contentHash(); next.Version == old.Version {
		return p, nil
	}
	if err := s.keepVersion(ctx, product, next); err != nil {
		return nil, err
	}
	return s.update(ctx, product, func(p *Product) ([]market.Event, error) {
		c := p.certificate(id)
		if c == nil || c.Version != old.Version || c.RevokedAt != nil && old.RevokedAt == nil {
			return nil, market.Conflict("certificate.changed")
		}
		*c, p.BadgeTurnedAt = next, s.env.Now()
		return s.news(p, EventCertified), nil
	})
}
