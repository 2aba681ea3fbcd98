package catalog

import (
	"context"
	"fmt"

	"chohue/market"
	"chohue/store"
)

// Draft is what a seller says about a product.
type Draft struct {
	ID            market.ID // made by the client, optional: the same id again is the same product
	Seller        market.ID
	Set           int
	Name          market.Text
	Description   market.Text
	Story         market.Text
	Variants      []VariantDraft
	ShelfLifeDays int
	Keeping       Keeping
	Revision      int64 // of the product that the seller looked at, for Edit; 0 accepts any
}

// VariantDraft is one variant of a draft. Without an id it is the variant that
// the product already has under the same name, unit and size, or a new one.
type VariantDraft struct {
	ID    market.ID
	Name  market.Text
	Unit  string
	Size  market.Size
	Price market.VND
	Stock int64 // what there is of a new variant; later changes go through Receive and Adjust
	SKU   string
	Terms Terms
}

// CreateDraft lists a new product for a seller that by may act for. A draft
// sent again under the same id by the same person gives the product that is
// already there, unchanged.
func (s *Service) CreateDraft(ctx context.Context, by market.Actor, d Draft) (*Product, error) {
	if !by.For(d.Seller) {
		return nil, errMissing
	}
	if d.ID != "" {
		p, err := s.existing(ctx, by, d)
		if !store.Missing(err) {
			return p, err
		}
	}
	d, err := s.clean(d)
	if err != nil {
		return nil, err
	}
	p, err := s.compose(ctx, by, d)
	if err != nil {
		return nil, err
	}
	return s.insert(ctx, by, d, p)
}

func (s *Service) existing(ctx context.Context, by market.Actor, d Draft) (*Product, error) {
	p, err := s.products.Get(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	if !by.For(p.Seller) {
		return nil, errMissing
	}
	if p.Producer != by.Person || p.Seller != d.Seller {
		return nil, market.Conflict("catalog.draft_taken")
	}
	return p, nil
}

func (s *Service) compose(ctx context.Context, by market.Actor, d Draft) (*Product, error) {
	card, err := s.sellers.SellerCard(ctx, d.Seller)
	if err != nil {
		return nil, err
	}
	id := d.ID
	if id == "" {
		id = s.env.NewID()
	}
	p := &Product{
		Doc: store.Doc{ID: id}, Seller: d.Seller, Producer: by.Person, ProducerName: by.Name,
		Status: StatusDraft, CreatedAt: s.env.Now(),
	}
	p.describe(card)
	s.fill(p, d)
	return p, nil
}

// insert claims what must be unique, then writes the product. Cut off in
// between it leaves claims that point at nothing and harm nobody.
func (s *Service) insert(ctx context.Context, by market.Actor, d Draft, p *Product) (*Product, error) {
	if err := s.claimSlug(ctx, p); err != nil {
		return nil, err
	}
	stocked, err := s.claimVariants(ctx, p, d.Variants)
	if err != nil {
		return nil, err
	}
	p.InStock = stocked
	err = s.products.Insert(ctx, p)
	if store.Exists(err) {
		return s.existing(ctx, by, Draft{ID: p.ID, Seller: p.Seller})
	}
	return p, err
}

// describe copies what buyers want to know of the seller beside each product.
func (p *Product) describe(card SellerCard) {
	p.SellerName, p.SellerSlug, p.SellerKind, p.Ward = card.Name, card.Slug, card.Kind, card.Ward
}

// fill writes the draft into the product.
func (s *Service) fill(p *Product, d Draft) {
	set, _ := s.sets.Find(d.Set)
	p.Set, p.Alcohol = set.Number, set.Alcohol
	p.Name, p.Description, p.Story, p.ShelfLifeDays = d.Name, d.Description, d.Story, d.ShelfLifeDays
	p.Keeping = d.Keeping
	p.Variants = s.variants(p.Variants, d.Variants)
	p.priceFrom()
}

// variants gives every draft its id: its own, that of its likeness among the
// old ones, or a new one.
func (s *Service) variants(old []Variant, drafts []VariantDraft) []Variant {
	taken := map[market.ID]bool{}
	for _, d := range drafts {
		taken[d.ID] = true
	}
	var out []Variant
	for _, d := range drafts {
		id := d.ID
		for i := 0; id == "" && i < len(old); i++ {
			if o := old[i]; !taken[o.ID] && o.Name == d.Name && o.Unit == d.Unit && o.Size == d.Size {
				id = o.ID
			}
		}
		if id == "" {
			id = s.env.NewID()
		}
		taken[id] = true
		out = append(out, Variant{ID: id, Name: d.Name, Unit: d.Unit, Size: d.Size, Price: d.Price, SKU: d.SKU, Terms: d.Terms})
		out[len(out)-1].GTIN = gtinOf(old, id)
	}
	return out
}

// claimVariants makes the stock of each new variant and reports whether any
// variant is on the shelf. The stock's id is the claim: a variant belongs to
// one product for ever.
func (s *Service) claimVariants(ctx context.Context, p *Product, drafts []VariantDraft) (bool, error) {
	have, err := s.stocks.GetMany(ctx, p.variantIDs()...)
	if err != nil {
		return false, err
	}
	stocked := false
	for i, v := range p.Variants {
		k := have[v.ID]
		if k == nil {
			if k, err = s.newStock(ctx, p, v.ID, drafts[i].Stock); err != nil {
				return false, err
			}
		}
		if k.Product != p.ID {
			return false, market.Conflict("catalog.variant_taken").At(fmt.Sprintf("variants/%d/id", i))
		}
		stocked = stocked || k.Offered() > 0
	}
	return stocked, nil
}

func (s *Service) newStock(ctx context.Context, p *Product, variant market.ID, qty int64) (*Stock, error) {
	k := &Stock{Doc: store.Doc{ID: variant}, Product: p.ID, Seller: p.Seller, Received: qty, Available: qty}
	var events []market.Event
	if qty > 0 {
		events = append(events, s.stockNews(k, 1))
	}
	err := s.stocks.Insert(ctx, k, events...)
	if store.Exists(err) {
		return s.stocks.Get(ctx, variant)
	}
	return k, err
}

// Draft is the product as its seller last said it, to be said again with a
// change.
func (p *Product) Draft() Draft {
	c := p.AsEdited().Content()
	d := Draft{
		ID: p.ID, Seller: p.Seller, Set: c.Set, Name: c.Name, Description: c.Description, Story: c.Story,
		ShelfLifeDays: c.ShelfLifeDays, Keeping: c.Keeping, Revision: p.Rev,
	}
	for _, v := range c.Variants {
		d.Variants = append(d.Variants, VariantDraft{
			ID: v.ID, Name: v.Name, Unit: v.Unit, Size: v.Size, Price: v.Price, SKU: v.SKU, Terms: v.Terms,
		})
	}
	return d
}
