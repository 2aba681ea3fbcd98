package pages

import (
	"strconv"
	"strings"

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

// photoAt is where a photo of that very width is served.
func photoAt(photo catalog.Photo, width int, format catalog.PhotoFormat) string {
	return "/anh/" + photo.ID + "-" + strconv.Itoa(width) + "." + string(format)
}

// photoSources are the widths of a photo up to most, in the formats there are.
// Photos of earlier years are kept as JPEG only.
func photoSources(photo catalog.Photo, most int, sizes string) ui.Sources {
	out := ui.Sources{JPEG: srcset(photo, most, catalog.PhotoJPEG), Sizes: sizes}
	if photo.WebP {
		out.WebP = srcset(photo, most, catalog.PhotoWebP)
	}
	return out
}

// coverSources are those of a product's first photo, for a card.
func coverSources(product *catalog.Product) ui.Sources {
	if len(product.Photos) == 0 {
		return ui.Sources{}
	}
	return photoSources(product.Photos[0], middlePhoto, ui.CardSizes)
}

func srcset(photo catalog.Photo, most int, format catalog.PhotoFormat) string {
	var all []string
	for _, w := range photo.Widths {
		if w <= most {
			all = append(all, photoAt(photo, w, format)+" "+strconv.Itoa(w)+"w")
		}
	}
	return strings.Join(all, ", ")
}

// photoURL is where a photo of about that width is served.
func photoURL(photo catalog.Photo, width int) string {
	best := 0
	for _, w := range photo.Widths {
		if best == 0 || best < width {
			best = w
		}
	}
	return photoAt(photo, best, catalog.PhotoJPEG)
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
	c.Sources = coverSources(product)
	if v, ok := cheapest(product); ok {
		c.Price = s.price(v)
		c.Price.From, c.Price.Per = len(product.Variants) > 1, ""
	}
	if badge, ok := product.Badge(s.now); ok {
		c.Stars = badge.Stars
	}
	if r := product.Rating; r.Count > 0 {
		c.Rating, c.Rated = s.average(r.Tenths()), s.number(r.Count)
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
