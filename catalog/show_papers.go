package catalog

import (
	"context"
	"time"

	"chohue/market"
)

// ShowPapers is what the catalogue knows of a product's documents, for those
// who are about to advertise it: a streamer must refuse goods without them
// (Law 122/2025/QH15, Art. 24).
type ShowPapers struct {
	Product     market.ID
	Certificate market.ID // of the badge; empty without one
	Version     string
	Stars       int
	ValidTo     time.Time // of the badge
	Licence     string    // that goods of its set need; empty when none
}

// PapersFor checks a product before it is advertised: it is in the shop, its
// seller is verified and holds the licence that its set needs, its texts name
// no protected name without right, and its badge is what it is now. An error
// says what is missing.
func (s *Service) PapersFor(ctx context.Context, id market.ID) (ShowPapers, error) {
	p, err := s.PublishedProduct(ctx, id)
	if err != nil {
		return ShowPapers{}, err
	}
	card, err := s.sellers.SellerCard(ctx, p.Seller)
	if err != nil {
		return ShowPapers{}, err
	}
	if !card.Verified {
		return ShowPapers{}, market.Conflict("catalog.seller_unverified")
	}
	if err := s.licensed(card, p.Set); err != nil {
		return ShowPapers{}, err
	}
	names, err := s.namesFor(ctx, p.Seller)
	if err != nil {
		return ShowPapers{}, err
	}
	if err := names.check(s, p); err != nil {
		return ShowPapers{}, err
	}
	now := s.env.Now()
	papers := ShowPapers{Product: id, Licence: s.sets.Licence(p.Set, now)}
	if badge, ok := p.Badge(now); ok {
		papers.Certificate, papers.Version, papers.Stars, papers.ValidTo = badge.ID, badge.Version, badge.Stars, badge.ValidTo
	}
	return papers, nil
}
