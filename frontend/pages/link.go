package pages

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/livestream"
	"chohue/market"
	"chohue/orders"
)

// Values a visit keeps because of a sale link.
const (
	keyTouch   = "touch"
	keyVisitor = "visitor"
)

// keptTouch is the last sale link that was followed, and what it was for.
type keptTouch struct {
	Product market.ID    `json:"product,omitempty"`
	Seller  market.ID    `json:"seller"`
	Touch   orders.Touch `json:"touch"`
}

// link follows a sale link: it remembers who shared it and leads to what was
// shared. Programs that only draw a preview get the preview.
func (p *Pages) link(c *gin.Context) error {
	preview := previewing(c)
	link, touch, err := p.Livestream.Follow(c.Request.Context(), c.Param("code"), livestream.Visitor{
		ID: visitor(c), UserAgent: c.Request.UserAgent(), Method: c.Request.Method,
		Purpose: c.GetHeader("Sec-Purpose") + c.GetHeader("Purpose"),
	})
	if err != nil {
		return err
	}
	to, product, err := p.target(c, link)
	if err != nil {
		return err
	}
	if preview {
		return p.showLink(c, link, to, product)
	}
	kept, err := json.Marshal(keptTouch{link.Product, link.Seller, touch})
	if err != nil {
		return err
	}
	if err := web.SetValue(c, keyTouch, string(kept)); err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	return see(c, to)
}

// visitor is a name for this browser, made at its first link and kept in its
// session; what does not keep it is counted as nobody.
func visitor(c *gin.Context) string {
	if id := web.Value(c, keyVisitor); id != "" || previewing(c) {
		return id
	}
	id := market.NewSecret()
	if err := web.SetValue(c, keyVisitor, id); err != nil {
		return ""
	}
	return id
}

// previewers are parts of the User-Agent of programs that fetch a link to draw
// it in a chat or to index it.
var previewers = []string{"bot", "crawler", "spider", "facebookexternalhit", "facebookcatalog", "whatsapp", "telegram", "zalo-preview", "skypeuripreview", "embedly", "slack"}

func previewing(c *gin.Context) bool {
	agent := strings.ToLower(c.Request.UserAgent())
	if c.Request.Method == http.MethodHead || strings.Contains(c.GetHeader("Sec-Purpose"), "prefetch") {
		return true
	}
	for _, name := range previewers {
		if strings.Contains(agent, name) {
			return true
		}
	}
	return false
}

// target is where a link leads: its product while that is in the shop, else
// its seller.
func (p *Pages) target(c *gin.Context, link *livestream.Link) (string, *catalog.Product, error) {
	if link.Product != "" {
		product, err := p.Catalog.PublishedProduct(c.Request.Context(), link.Product)
		if err == nil {
			return productPath(product.Slug), product, nil
		}
		if market.KindOf(err) != market.KindNotFound {
			return "", nil, err
		}
	}
	seller, err := p.Sellers.Seller(c.Request.Context(), link.Seller)
	if err != nil {
		return "", nil, err
	}
	return sellerPath(seller.Slug), nil, nil
}

func (p *Pages) showLink(c *gin.Context, link *livestream.Link, to string, product *catalog.Product) error {
	s := p.speaker(c)
	v := linkView{Page: p.page(c, s.t("site.name")), Name: s.t("site.name"), Href: to}
	if product != nil {
		v.Title, v.Name = s.text(product.Name), s.text(product.Name)
		if variant, ok := cheapest(product); ok {
			v.Description = s.t("link.description", "price", s.price(variant).Amount+"/"+variant.Unit, "text", short(s.text(product.Description), 120))
		}
		if len(product.Photos) > 0 {
			v.OG = ui.OG{Type: "product", Image: p.cfg.BaseURL + photoURL(product.Photos[0], largePhoto), Alt: s.text(product.Name)}
		}
	}
	v.Canonical, v.NoIndex = p.cfg.BaseURL+to, true
	return web.Render(c, http.StatusOK, linkPage(v))
}

// touchFor is the link that led to this product, or to its seller, while the
// policy lets it count.
func (p *Pages) touchFor(c *gin.Context, product *catalog.Product) *orders.Touch {
	var kept keptTouch
	raw := web.Value(c, keyTouch)
	if raw == "" || json.Unmarshal([]byte(raw), &kept) != nil {
		return nil
	}
	now := p.Env.Now()
	late := now.Sub(kept.Touch.At) > p.policies.At(now).Window
	if late || kept.Product != product.ID && kept.Seller != product.Seller {
		return nil
	}
	return &kept.Touch
}
