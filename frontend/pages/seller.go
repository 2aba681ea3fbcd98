package pages

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/store"
)

func verified(s *cooperatives.Seller) bool { return s.Status == cooperatives.StatusVerified }

// seller shows who sells and what. Only verified sellers have a page.
func (p *Pages) seller(c *gin.Context) error {
	seller, err := p.Sellers.BySlug(c.Request.Context(), c.Param("slug"))
	if err != nil {
		return err
	}
	if !verified(seller) && !web.Actor(c).For(seller.ID) {
		return market.NotFound("cooperatives.missing")
	}
	list, err := p.Catalog.List(c.Request.Context(), catalog.Filter{
		Seller: seller.ID, Limit: pageSize, After: store.Cursor(c.Query("after")),
	})
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := sellerView{
		Page: p.page(c, s.text(seller.Name)), Name: s.text(seller.Name), Kind: s.kind(string(seller.Kind)), Place: s.fullPlace(seller.Ward),
		Verified: verified(seller), Story: paragraphs(s.text(seller.Story)), Facts: sellerFacts(s, seller), Products: p.cards(s, list.Items),
	}
	v.Canonical = p.cfg.BaseURL + sellerPath(seller.Slug)
	v.Description = short(s.text(seller.Story), 160)
	v.JSONLD = p.sellerLD(s, seller)
	if p.Studio != nil {
		v.Calls = sellerPath(seller.Slug) + callsPath
	}
	v.Cursor = cursor(c, string(list.Next))
	return web.Render(c, http.StatusOK, sellerPage(v))
}

// sellerFacts are what a buyer must be able to know of who sells (Decree
// 248/2026/NĐ-CP Art. 17). The phone number is not among them: orders are
// followed here, and scraped numbers are used to send fake parcels.
func sellerFacts(s speaker, seller *cooperatives.Seller) [][2]string {
	rows := [][2]string{{s.t("shop.address"), joined(seller.Street, s.fullPlace(seller.Ward))}}
	if seller.TaxCode != "" {
		rows = append(rows, [2]string{s.t("shop.tax"), seller.TaxCode})
	}
	return append(rows, [2]string{s.t("shop.since"), s.date(seller.CreatedAt)})
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}

func (p *Pages) sellerLD(s speaker, seller *cooperatives.Seller) any {
	return map[string]any{
		"@context": "https://schema.org", "@type": "Store", "name": s.text(seller.Name), "url": p.cfg.BaseURL + sellerPath(seller.Slug),
		"address": map[string]any{
			"@type": "PostalAddress", "streetAddress": seller.Street, "addressLocality": s.place(seller.Ward),
			"addressRegion": p.Areas.Name(market.HueProvince), "addressCountry": "VN",
		},
	}
}

// cursor leads on through a list that is read by cursor.
func cursor(c *gin.Context, next string) ui.Cursor {
	var out ui.Cursor
	if next != "" {
		out.Next = c.Request.URL.Path + "?after=" + url.QueryEscape(next)
	}
	if c.Query("after") != "" {
		out.First = c.Request.URL.Path
	}
	return out
}
