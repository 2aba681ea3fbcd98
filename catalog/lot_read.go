package catalog

import (
	"context"

	"chohue/market"
	"chohue/store"
)

// TracedLot returns a lot: whoever holds a label may ask what it is. Prices,
// buyers and exact places are not part of the answer that doors give.
func (s *Service) TracedLot(ctx context.Context, id market.ID) (*Lot, error) {
	l, err := s.lots.Get(ctx, id)
	return l, missingLot(err)
}

// LotByCode returns the lot that a GS1 Digital Link names.
func (s *Service) LotByCode(ctx context.Context, gtin, code string) (*Lot, error) {
	full, err := ParseGTIN(gtin)
	if err != nil {
		return nil, errLotMissing
	}
	claim, err := s.gtins.Get(ctx, market.ID(full))
	if err != nil {
		return nil, missingLot(err)
	}
	named, err := s.lotCodes.Get(ctx, lotCodeID(claim.Variant, code))
	if err != nil {
		return nil, missingLot(err)
	}
	return s.TracedLot(ctx, named.Lot)
}

// LotsOf lists the lots of a seller, newest first, for the seller's people and
// those who check.
func (s *Service) LotsOf(ctx context.Context, by market.Actor, seller market.ID, after store.Cursor, limit int) (store.Page[Lot], error) {
	if !by.For(seller) && !by.Is(market.RoleModerator, market.RoleOperator, market.RoleOfficial) {
		return store.Page[Lot]{}, errMissing
	}
	return s.lots.Find(ctx, store.Query{Index: "of_seller", Eq: []any{seller}, Desc: true, After: after, Limit: limit})
}

// SetGTIN gives a variant its trade item number. A number is of one variant
// for ever; the lots that were made before keep what was printed on them.
func (s *Service) SetGTIN(ctx context.Context, by market.Actor, product, variant market.ID, gtin string) (*Product, error) {
	p, err := s.owned(ctx, by, product)
	if err != nil {
		return nil, err
	}
	full, err := ParseGTIN(gtin)
	if err != nil {
		return nil, err
	}
	if _, ok := p.Variant(variant); !ok {
		return nil, errMissing
	}
	if err := s.claimGTIN(ctx, p.ID, variant, full); err != nil {
		return nil, err
	}
	return s.update(ctx, product, func(p *Product) ([]market.Event, error) {
		for i := range p.Variants {
			if p.Variants[i].ID == variant {
				p.Variants[i].GTIN = full
			}
		}
		return nil, nil
	})
}

func (s *Service) claimGTIN(ctx context.Context, product, variant market.ID, gtin string) error {
	err := s.gtins.Insert(ctx, &gtinClaim{Doc: store.Doc{ID: market.ID(gtin)}, Product: product, Variant: variant})
	if !store.Exists(err) {
		return err
	}
	have, err := s.gtins.Get(ctx, market.ID(gtin))
	if err != nil {
		return err
	}
	if have.Variant != variant {
		return errGTINTaken
	}
	return nil
}

// gtinOf is the number that a variant has had so far: editing a product does
// not change it.
func gtinOf(variants []Variant, id market.ID) string {
	for _, v := range variants {
		if v.ID == id {
			return v.GTIN
		}
	}
	return ""
}
