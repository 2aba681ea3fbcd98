package pages

import (
	"strconv"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/market"
)

// Widths of photos by use, in pixels; the nearest that exists is taken.
const (
	smallPhoto  = 320
	middlePhoto = 640
	largePhoto  = 1080
)

// photoURL is where a photo of about that width is served.
func photoURL(photo catalog.Photo, width int) string {
	best := 0
	for _, w := range photo.Widths {
		if best == 0 || best < width {
			best = w
		}
	}
	return "/anh/" + photo.ID + "-" + strconv.Itoa(best) + ".jpg"
}

// picture is the first photo of a product, or the drawing that stands in for
// a product without one.
func (p *Pages) picture(product *catalog.Product, width int) string {
	if len(product.Photos) == 0 {
		return p.assets.URL("sen.svg")
	}
	return photoURL(product.Photos[0], width)
}

func productPath(slug string) string { return "/san-pham/" + slug }
func sellerPath(slug string) string  { return "/gian-hang/" + slug }

// cheapest is the variant that a card shows the price of.
func cheapest(p *catalog.Product) (catalog.Variant, bool) {
	var best catalog.Variant
	for i, v := range p.Variants {
		if i == 0 || v.Price < best.Price {
			best = v
		}
	}
	return best, len(p.Variants) > 0
}

func (p *Pages) card(s speaker, product *catalog.Product) ui.ProductCard {
	c := ui.ProductCard{
		Href: productPath(product.Slug), Name: s.text(product.Name), Image: p.picture(product, smallPhoto),
		Seller: s.text(product.SellerName), Place: s.place(product.Ward), SoldOut: !product.InStock,
	}
	if v, ok := cheapest(product); ok {
		c.Price = s.price(v)
		c.Price.From, c.Price.Per = len(product.Variants) > 1, ""
	}
	if badge, ok := product.Badge(s.now); ok {
		c.Stars = badge.Stars
	}
	return c
}

func (p *Pages) cards(s speaker, products []*catalog.Product) []ui.ProductCard {
	out := make([]ui.ProductCard, len(products))
	for i, product := range products {
		out[i] = p.card(s, product)
	}
	return out
}

// inOrder arranges found products as their ids came; those that have left the
// shop meanwhile are left out.
func inOrder(ids []market.ID, found map[market.ID]*catalog.Product) []*catalog.Product {
	out := make([]*catalog.Product, 0, len(ids))
	for _, id := range ids {
		if product, ok := found[id]; ok {
			out = append(out, product)
		}
	}
	return out
}
