package catalog

import (
	"context"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// slugClaim says which product an address belongs to. Its id is the slug.
type slugClaim struct {
	store.Doc `bson:",inline"`
	Product   market.ID `bson:"product"`
	At        time.Time `bson:"at"`
}

// claimSlug gives the product the first free address: its name, or its name
// with ever more of its id. What is tried depends on name and id alone, so a
// repeated request finds its own claim again.
func (s *Service) claimSlug(ctx context.Context, p *Product) error {
	for _, slug := range slugs(p.Name.VI, p.ID) {
		claim := &slugClaim{Doc: store.Doc{ID: market.ID(slug)}, Product: p.ID, At: s.env.Now()}
		err := s.slugs.Insert(ctx, claim)
		if store.Exists(err) {
			claim, err = s.slugs.Get(ctx, market.ID(slug))
		}
		if err != nil {
			return err
		}
		if claim.Product == p.ID {
			p.Slug = slug
			return nil
		}
	}
	return market.Conflict("catalog.slug_taken")
}

// slugs are the addresses to try. A suffix comes from the random end of the id.
func slugs(name string, id market.ID) []string {
	base, tail := market.Slug(name), strings.ReplaceAll(market.Slug(string(id)), "-", "")
	var tries []string
	if base != "" {
		tries = append(tries, base)
	} else {
		base = "san-pham"
	}
	for _, n := range []int{4, 8, len(tail)} {
		tries = append(tries, base+"-"+tail[max(0, len(tail)-n):])
	}
	return tries
}
