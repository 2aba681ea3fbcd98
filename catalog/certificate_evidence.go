package catalog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"chohue/market"
)

// Evidence is a document that proves something, kept for those who check.
type Evidence struct {
	SHA256 string    `bson:"sha256"` // of the file, in hex; also names it
	Type   string    `bson:"type"`   // application/pdf or image/jpeg
	Size   int64     `bson:"size"`   // bytes
	Name   string    `bson:"name"`   // as the sender called it
	By     string    `bson:"by"`     // who handed it in
	At     time.Time `bson:"at"`
}

// MaxEvidenceBytes is the largest document that is accepted.
const MaxEvidenceBytes = 10 << 20

const maxFileName = 120

// EvidenceFile is a document with its bytes.
type EvidenceFile struct {
	Evidence
	Data []byte
}

func evidenceKey(sum string) string { return "evidence/" + sum }

// keepEvidence keeps the file under its hash. What it is, is read from its
// content alone; it is never opened, only handed on.
func (s *Service) keepEvidence(ctx context.Context, by market.Actor, name string, data []byte) (*Evidence, error) {
	var c market.Checks
	name = line(&c, "evidence", name, maxFileName)
	kind := http.DetectContentType(data)
	c.That(len(data) > 0 && len(data) <= MaxEvidenceBytes, "evidence", "evidence.large")
	c.That(kind == "application/pdf" || kind == "image/jpeg", "evidence", "evidence.format")
	if err := c.Err(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	e := &Evidence{SHA256: hex.EncodeToString(sum[:]), Type: kind, Size: int64(len(data)), Name: name, By: checker(by), At: s.env.Now()}
	return e, s.files.Put(ctx, evidenceKey(e.SHA256), kind, data)
}

// evidence reads a document back and proves that it is the one handed in.
func (s *Service) evidence(ctx context.Context, e *Evidence) (EvidenceFile, error) {
	if e == nil {
		return EvidenceFile{}, errNoEvidence
	}
	data, err := s.files.Get(ctx, evidenceKey(e.SHA256))
	if market.KindOf(err) == market.KindNotFound {
		return EvidenceFile{}, errNoEvidence
	}
	if err != nil {
		return EvidenceFile{}, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != e.SHA256 {
		return EvidenceFile{}, market.Conflict("evidence.altered")
	}
	return EvidenceFile{*e, data}, nil
}

var errNoEvidence = market.NotFound("evidence.missing")

// AttachEvidence hands in the signed decision of a certificate: by those who
// check, or by the seller while nobody has checked it. The same file again
// changes nothing.
func (s *Service) AttachEvidence(ctx context.Context, by market.Actor, product, certificate market.ID, name string, data []byte) (*Product, error) {
	c, err := s.provable(ctx, by, product, certificate)
	if err != nil {
		return nil, err
	}
	if c.Proven() && !by.Is(market.RoleOfficial, market.RoleModerator, market.RoleOperator) {
		return nil, market.Conflict("evidence.checked")
	}
	e, err := s.keepEvidence(ctx, by, name, data)
	if err != nil {
		return nil, err
	}
	return s.rewriteCertificate(ctx, product, certificate, func(c *Certificate) {
		if c.Evidence == nil || c.Evidence.SHA256 != e.SHA256 {
			c.Evidence = e
		}
	})
}

// CertificateEvidence returns the document behind a certificate to its seller
// and to those who check. For everybody else there is no such certificate.
func (s *Service) CertificateEvidence(ctx context.Context, by market.Actor, product, certificate market.ID) (EvidenceFile, error) {
	c, err := s.provable(ctx, by, product, certificate)
	if err != nil {
		return EvidenceFile{}, err
	}
	return s.evidence(ctx, c.Evidence)
}

// provable returns a certificate to those who may see what proves it.
func (s *Service) provable(ctx context.Context, by market.Actor, product, certificate market.ID) (Certificate, error) {
	p, err := s.products.Get(ctx, product)
	if err != nil && market.KindOf(err) != market.KindNotFound {
		return Certificate{}, err
	}
	if err != nil || !(by.For(p.Seller) || by.Is(market.RoleOfficial, market.RoleModerator, market.RoleOperator)) {
		return Certificate{}, errNoCertificate
	}
	c := p.certificate(certificate)
	if c == nil {
		return Certificate{}, errNoCertificate
	}
	return *c, nil
}
