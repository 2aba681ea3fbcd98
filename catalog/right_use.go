package catalog

import (
	"context"
	"time"

	"chohue/market"
	"chohue/store"
)

// RightOfUse is a document by which a seller may use a protected name. There
// is one for a seller and a right: a new document takes the place of the old
// one and is checked anew.
type RightOfUse struct {
	store.Doc  `bson:",inline"` // the id is right:seller
	Right      market.ID        `bson:"right"`
	Seller     market.ID        `bson:"seller"`
	DocumentNo string           `bson:"document_no"`
	Issuer     string           `bson:"issuer"` // who grants the use: the manager of the indication
	ValidFrom  time.Time        `bson:"valid_from"`
	ValidTo    time.Time        `bson:"valid_to,omitempty"` // the first moment at which it is no longer good; zero without end
	Evidence   *Evidence        `bson:"evidence,omitempty"`
	ClaimedAt  time.Time        `bson:"claimed_at"`
	VerifiedBy string           `bson:"verified_by,omitempty"`
	VerifiedAt *time.Time       `bson:"verified_at,omitempty"` // nil until somebody has checked it
	Refused    string           `bson:"refused,omitempty"`     // why it was not accepted
	Demo       bool             `bson:"demo,omitempty"`        // made up for a demonstration
}

// Good reports whether the seller may use the name by it at a moment.
func (u *RightOfUse) Good(at time.Time) bool {
	return u.VerifiedAt != nil && inForce(u.ValidFrom, u.ValidTo, at)
}

func useID(right, seller market.ID) market.ID { return right + ":" + seller }

// UseClaim is what a seller says of their document. ValidTo is the first
// moment at which it is no longer good; zero without end.
type UseClaim struct {
	Right              market.ID
	Seller             market.ID
	DocumentNo, Issuer string
	ValidFrom, ValidTo time.Time
	FileName           string
	File               []byte
	Demo               bool
}

// ClaimUse hands in a document of use for those who check. by must act for the
// seller. Until it is checked nothing rests on it.
func (s *Service) ClaimUse(ctx context.Context, by market.Actor, claim UseClaim) (*RightOfUse, error) {
	if !by.For(claim.Seller) {
		return nil, errNoRight
	}
	if _, err := s.right(ctx, claim.Right); err != nil {
		return nil, err
	}
	u, err := s.cleanClaim(claim)
	if err != nil {
		return nil, err
	}
	if u.Evidence, err = s.keepEvidence(ctx, by, claim.FileName, claim.File); err != nil {
		return nil, err
	}
	return s.uses.Upsert(ctx, u.ID, func(old *RightOfUse) ([]market.Event, error) {
		if old.sameDocument(&u) {
			return nil, nil
		}
		*old = u
		return nil, nil
	})
}

func (s *Service) cleanClaim(claim UseClaim) (RightOfUse, error) {
	var c market.Checks
	u := RightOfUse{
		Doc: store.Doc{ID: useID(claim.Right, claim.Seller)}, Right: claim.Right, Seller: claim.Seller,
		DocumentNo: line(&c, "document_no", claim.DocumentNo, maxSKU), Issuer: line(&c, "issuer", claim.Issuer, maxName),
		ValidFrom: claim.ValidFrom, ValidTo: claim.ValidTo, ClaimedAt: s.env.Now(), Demo: claim.Demo,
	}
	c.That(u.DocumentNo != "", "document_no", "right.document_no")
	c.That(u.Issuer != "", "issuer", "right.issuer")
	c.That(!u.ValidFrom.IsZero(), "valid_from", "right.valid_from")
	c.That(u.ValidTo.IsZero() || u.ValidTo.After(u.ValidFrom), "valid_to", "right.valid_to")
	c.That(len(claim.File) > 0, "evidence", "right.evidence")
	return u, c.Err()
}

// sameDocument reports whether the claim repeats what is kept: it then stays
// as it is, checked or not.
func (u *RightOfUse) sameDocument(o *RightOfUse) bool {
	return u.Evidence != nil && u.Evidence.SHA256 == o.Evidence.SHA256 && u.DocumentNo == o.DocumentNo && u.Issuer == o.Issuer &&
		u.ValidFrom.Equal(o.ValidFrom) && u.ValidTo.Equal(o.ValidTo) && u.Refused == ""
}

// JudgeUse accepts a document of use, or refuses it with the reason. Nobody
// judges the document of a seller that they belong to.
func (s *Service) JudgeUse(ctx context.Context, by market.Actor, right, seller market.ID, refused string) (*RightOfUse, error) {
	if !by.Is(market.RoleOfficial, market.RoleModerator, market.RoleOperator) {
		return nil, errNoRight
	}
	if by.For(seller) && !by.Is(market.RoleSystem) {
		return nil, market.Forbidden("catalog.own_goods")
	}
	var c market.Checks
	refused = line(&c, "reason", refused, maxReason)
	if err := c.Err(); err != nil {
		return nil, err
	}
	now := s.env.Now()
	u, err := s.uses.Update(ctx, useID(right, seller), func(u *RightOfUse) ([]market.Event, error) {
		if refused == "" && u.VerifiedAt != nil {
			return nil, nil
		}
		u.VerifiedBy, u.VerifiedAt, u.Refused = checker(by), &now, refused
		if refused != "" {
			u.VerifiedAt = nil
		}
		return nil, nil
	})
	if store.Missing(err) {
		return nil, errNoRight
	}
	return u, err
}

// UsesOf lists a seller's documents of use, for its people and for those who
// check.
func (s *Service) UsesOf(ctx context.Context, by market.Actor, seller market.ID) ([]*RightOfUse, error) {
	if !by.For(seller) && !by.Is(market.RoleOfficial, market.RoleModerator, market.RoleOperator) {
		return nil, errNoRight
	}
	return s.usesOf(ctx, seller)
}

func (s *Service) usesOf(ctx context.Context, seller market.ID) ([]*RightOfUse, error) {
	page, err := s.uses.Find(ctx, store.Query{Index: "of_seller", Eq: []any{seller}})
	return page.Items, err
}

// EachUse walks all documents of use for those who check.
func (s *Service) EachUse(ctx context.Context, by market.Actor, do func(*RightOfUse) error) error {
	if !by.Is(market.RoleOfficial, market.RoleModerator, market.RoleOperator) {
		return market.Forbidden("right.forbidden")
	}
	return s.uses.Each(ctx, store.Query{}, do)
}

// UseEvidence returns the document to its seller and to those who check.
func (s *Service) UseEvidence(ctx context.Context, by market.Actor, right, seller market.ID) (EvidenceFile, error) {
	if !by.For(seller) && !by.Is(market.RoleOfficial, market.RoleModerator, market.RoleOperator) {
		return EvidenceFile{}, errNoRight
	}
	u, err := s.uses.Get(ctx, useID(right, seller))
	if store.Missing(err) {
		return EvidenceFile{}, errNoRight
	}
	if err != nil {
		return EvidenceFile{}, err
	}
	return s.evidence(ctx, u.Evidence)
}
