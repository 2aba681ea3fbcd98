package api

import (
	"context"
	"net/http"
	"time"

	"chohue/cooperatives"
	"chohue/frontend/web"
	"chohue/market"
)

// Seller is who sells: what the law wants every buyer to know (name, legal
// form, address, tax code), and their story.
type Seller struct {
	ID      market.ID  `json:"id"`
	Slug    string     `json:"slug"`
	Name    Text       `json:"name"`
	Kind    string     `json:"kind" enum:"htx,to_hop_tac,ho_kinh_doanh,company"`
	Status  string     `json:"status" enum:"pending,verified,suspended"`
	Ward    string     `json:"ward"`
	Street  string     `json:"street,omitempty"`
	TaxCode string     `json:"tax_code,omitempty"`
	Story   Text       `json:"story"`
	Since   *time.Time `json:"since"`
}

type sellerInput struct {
	Seller string `path:"seller" doc:"Slug or id" pattern:"^[0-9A-Za-z_-]{1,120}$"`
	Conditional
}

func (d *Door) addSellers() error {
	add(d, operation{
		method: http.MethodGet, path: "/sellers/{seller}", id: "getSeller", tag: "shop",
		vi: "Xem người bán", en: "Show a seller",
		about:   "Sellers who are not verified are shown to their members and to those who check.",
		returns: Seller{}, headers: []string{"ETag"},
	}, d.showSeller)
	return nil
}

func (d *Door) showSeller(ctx context.Context, in *sellerInput) (*answer, error) {
	s, err := d.Sellers.BySlug(ctx, in.Seller)
	if market.KindOf(err) == market.KindNotFound {
		s, err = d.Sellers.Seller(ctx, market.ID(in.Seller))
	}
	if err != nil {
		return nil, err
	}
	by := web.Actor(ctx)
	if s.Status != cooperatives.StatusVerified && !by.For(s.ID) && !by.Is(market.RoleModerator, market.RoleOperator) {
		return nil, market.NotFound("cooperatives.missing")
	}
	return show(Seller{
		ID: s.ID, Slug: s.Slug, Name: text(s.Name), Kind: string(s.Kind), Status: s.Status, Ward: s.Ward,
		Street: s.Street, TaxCode: s.TaxCode, Story: text(s.Story), Since: utc(s.CreatedAt),
	})
}
