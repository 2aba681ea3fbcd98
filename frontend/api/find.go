package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"chohue/catalog"
	"chohue/market"
	"chohue/search"
)

// SearchResult is what was found.
type SearchResult struct {
	Items     []ProductCard      `json:"items"`
	Total     int                `json:"total"`
	Facets    map[string][]Facet `json:"facets" doc:"Counts by set, ward and stars: what the total would be with that value in place of the one chosen"`
	Corrected string             `json:"corrected,omitempty" doc:"What was searched for instead, when the text as typed finds nothing"`
	Degraded  bool               `json:"degraded,omitempty" doc:"The first engine did not answer, another one did"`
}

// Facet is how many products have one value.
type Facet struct {
	Value string `json:"value"`
	N     int    `json:"n"`
}

// Suggestions are what goes on from what was typed.
type Suggestions struct {
	Items  []string         `json:"items" doc:"Names of products"`
	Places []SuggestedPlace `json:"places" doc:"Sellers and wards"`
}

// SuggestedPlace is a seller or a ward that somebody who types may mean.
type SuggestedPlace struct {
	Kind string `json:"kind" enum:"seller,ward"`
	Name string `json:"name"`
	Code string `json:"code" doc:"The seller's slug, or the ward's code"`
	// Begun ones come behind the products.
	Begun bool `json:"begun,omitempty" doc:"The last word is only the beginning of one of the name's words"`
}

type searchInput struct {
	Q         string `query:"q" doc:"What is looked for, with or without marks" maxLength:"500"`
	Set       int    `query:"set" minimum:"1" maximum:"26"`
	Ward      string `query:"ward" pattern:"^[0-9]{5}$"`
	Stars     int    `query:"stars" minimum:"1" maximum:"5"`
	Seller    string `query:"seller" pattern:"^[0-9A-Za-z_-]{1,64}$"`
	PriceFrom int64  `query:"price_from" doc:"Least price in đồng" minimum:"0" maximum:"1000000000000"`
	PriceTo   int64  `query:"price_to" doc:"Greatest price in đồng" minimum:"0" maximum:"1000000000000"`
	InStock   bool   `query:"in_stock" doc:"Only what can be bought now"`
	Near      string `query:"near" doc:"For sort=near: the code of the ward that is asked from" pattern:"^[0-9]{5}$"`
	Sort      string `query:"sort" enum:"relevance,price,-price,newest,near" default:"relevance"`
	Limit     int    `query:"limit" minimum:"1" maximum:"100" default:"24"`
	Offset    int    `query:"offset" minimum:"0" maximum:"10000"`
	Facets    bool   `query:"facets" doc:"Count by set, ward and stars too" default:"true"`
	Conditional
}

type suggestInput struct {
	Q     string `query:"q" maxLength:"500"`
	Limit int    `query:"limit" minimum:"1" maximum:"10" default:"8"`
	Conditional
}

func (d *Door) addSearch() error {
	add(d, operation{
		method: http.MethodGet, path: "/search", id: "search", tag: "shop",
		vi: "Tìm sản phẩm", en: "Search products",
		returns: SearchResult{}, headers: []string{"ETag"}, errors: []int{http.StatusUnprocessableEntity},
	}, d.search)
	add(d, operation{
		method: http.MethodGet, path: "/suggest", id: "suggest", tag: "shop",
		vi: "Gợi ý khi gõ", en: "Suggest names while somebody types",
		returns: Suggestions{}, headers: []string{"ETag"}, errors: []int{http.StatusUnprocessableEntity},
	}, d.suggest)
	return nil
}

func (d *Door) search(ctx context.Context, in *searchInput) (*answer, error) {
	found, err := d.Search.Search(ctx, search.Query{
		Text: in.Q, Set: in.Set, Ward: in.Ward, Stars: in.Stars, Seller: market.ID(in.Seller),
		PriceFrom: market.VND(in.PriceFrom), PriceTo: market.VND(in.PriceTo), InStock: in.InStock,
		Sort: in.Sort, NearWard: in.Near, Limit: in.Limit, Offset: in.Offset, Facets: in.Facets,
	})
	if err != nil {
		return nil, err
	}
	cards, err := d.hits(ctx, found.IDs)
	if err != nil {
		return nil, err
	}
	body, err := encode(foundIn(found))
	if err != nil {
		return nil, err
	}
	// foundIn has no items: the cards, encoded already, take their place.
	return shown(bytes.Replace(body, []byte(`"items":[]`), append([]byte(`"items":`), cards...), 1)), nil
}

// hits are the products found, read at once and in their order. What has left
// the shop since the index was written is not among them.
func (d *Door) hits(ctx context.Context, ids []market.ID) (json.RawMessage, error) {
	if len(ids) == 0 {
		return json.RawMessage("[]"), nil
	}
	products, err := d.Catalog.Products(ctx, ids...)
	if err != nil {
		return nil, err
	}
	ordered := make([]*catalog.Product, 0, len(ids))
	for _, id := range ids {
		if p := products[id]; p != nil {
			ordered = append(ordered, p)
		}
	}
	return d.cardList(ordered)
}

func foundIn(r search.Result) SearchResult {
	out := SearchResult{
		Items: []ProductCard{}, Total: r.Total, Facets: map[string][]Facet{},
		Corrected: r.Corrected, Degraded: r.Degraded,
	}
	for name, counts := range r.Facets {
		out.Facets[name] = []Facet{}
		for _, c := range counts {
			out.Facets[name] = append(out.Facets[name], Facet(c))
		}
	}
	return out
}

func (d *Door) suggest(ctx context.Context, in *suggestInput) (*answer, error) {
	found, err := d.Search.Suggest(ctx, in.Q, in.Limit)
	if err != nil {
		return nil, err
	}
	out := Suggestions{Items: []string{}, Places: []SuggestedPlace{}}
	for _, f := range found {
		if f.Kind == search.SuggestProduct {
			out.Items = append(out.Items, f.Text)
			continue
		}
		out.Places = append(out.Places, SuggestedPlace{Kind: f.Kind, Name: f.Text, Code: f.Value, Begun: f.Begun})
	}
	return show(out)
}
